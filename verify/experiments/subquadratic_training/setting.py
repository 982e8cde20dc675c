"""A configuration made concrete: inputs, targets, thresholds, networks in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr, owens_t

from theory import registry
from theory.language.claim import Claim
from verify.experiments.subquadratic_training.configuration import Configuration
from verify.judging.seeds import numpy_generator
from verify.problems.data import Problem
from verify.training.gauss_newton import Networks
from verify.training.shifted import threshold

Array = np.ndarray


def claim(name: str) -> Claim:
    """The claim `subquadratic/<name>`."""
    return registry.claim(f"subquadratic/{name}")


def parts(name: str, symbols: dict[str, Any]) -> dict[str, Array]:
    """The parts of a claim, in its regime or not."""
    with np.errstate(all="ignore"):
        return dict(claim(name).evaluate(symbols, where=np.array(True)).parts)


def both_fire(G: Array, b: float) -> Array:
    """P(X > b, Y > b) for normal X, Y of correlations G, by Owen's function."""
    rho = np.clip(G, -1 + 1e-15, 1.0)
    return np.asarray(ndtr(-b) - 2 * owens_t(b, np.sqrt((1 - rho) / (1 + rho))))


@dataclass(frozen=True, eq=False)
class Setting:
    """Inputs X (n, d), targets y (n,)."""

    configuration: Configuration
    problem: Problem
    salt: str

    @property
    def X(self) -> Array:
        return self.problem.X

    @property
    def y(self) -> Array:
        return self.problem.y

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": f"{self.problem.name}: {self.problem.description}"}

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("subquadratic", purpose, self.salt)

    @cached_property
    def b(self) -> float:
        """The threshold of gradient descent."""
        return threshold(self.configuration.width, self.configuration.sparsity)

    @cached_property
    def b_newton(self) -> float:
        """The threshold of Gauss-Newton."""
        own = self.configuration.threshold
        return self.b if own is None else own

    @cached_property
    def symbols(self) -> dict[str, Any]:
        """What all claims on networks may ask for; b is that of gradient descent."""
        c, (n, d) = self.configuration, self.X.shape
        norms = np.linalg.norm(self.X, axis=1)
        return {
            "n": n, "d": d, "m": c.width, "L": c.layers, "c": c.sparsity, "b": self.b,
            "long": float(norms.max()), "short": float(norms.min()),
        }  # fmt: skip

    @cached_property
    def newton_symbols(self) -> dict[str, Any]:
        """The same for Gauss-Newton."""
        c, G = self.configuration, self.X @ self.X.T
        least = np.linalg.eigvalsh(G * both_fire(G, self.b_newton))[0]
        return {
            **self.symbols, "b": self.b_newton, "g": float(np.linalg.norm(np.abs(G), 2)),
            "norm_X": float(np.linalg.norm(self.X, 2)), "norm_G": float(np.linalg.norm(G, 2)),
            "norm_y": float(np.linalg.norm(self.y)), "lambda_b": max(float(least), 1e-300),
            "epsilon": c.epsilon, "delta": c.delta, "epsilon_0": c.residual,
            "C_m": c.published_width, "single": c.width if c.independent else 0,
        }  # fmt: skip

    def networks(self, purpose: str, runs: int, m: int) -> tuple[Networks, Array]:
        """Networks of Gauss-Newton and their weights (runs, m, d): pairs that cancel, or not."""
        rng, d = self.rng(purpose), self.X.shape[1]
        half = rng.standard_normal((runs, m // 2, d))
        signs = np.ones((runs, m // 2))
        W, a = np.concatenate([half, half], 1), np.concatenate([signs, -signs], 1)
        if self.configuration.independent:
            W, a = rng.standard_normal((runs, m, d)), rng.choice([-1.0, 1.0], (runs, m))
        return Networks(self.X, a, self.b_newton), W


def prepare(configuration: Configuration, salt: str) -> Setting:
    """The data; everything else is drawn by the measurements."""
    return Setting(configuration, configuration.problem(salt, nonzero=True), salt)
