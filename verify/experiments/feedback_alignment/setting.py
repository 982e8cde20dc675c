"""A configuration made concrete: the problem, what is known of it, and its networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory.mathematics.kernels import limiting_kernels
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.training.feedback import ACTIVATIONS, Network

KURTOSIS = {"gaussian": 3.0, "signs": 1.0, "initial": 3.0}


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d) and y (n,); `symbols`: values common to all claims."""

    configuration: Configuration
    X: np.ndarray
    y: np.ndarray
    symbols: Mapping[str, Any]
    salt: str

    def networks(self, purpose: str, width: int, count: int) -> Network:
        """Independent networks; every purpose draws its own."""
        c = self.configuration
        salts = [f"{self.salt}/{purpose} {i}" for i in range(count)]
        return Network.drawn(self.X, self.y, width, salts, activation=c.activation,
                             beta_scale=c.beta_scale, feedback=c.feedback)  # fmt: skip

    @cached_property
    def trials(self) -> Network:
        """The networks of all trials."""
        return self.networks("trial", self.configuration.width, self.configuration.trials)

    @cached_property
    def range(self) -> np.ndarray:
        """The projection on the range of X, (n, n)."""
        return self.X @ np.linalg.pinv(self.X)


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and evaluate what is known before a network is drawn."""
    problem = configuration.problem(salt, nonzero=True)
    X, y, c = problem.X, problem.y, configuration
    values = np.linalg.svd(X, compute_uv=False)[: np.linalg.matrix_rank(X)]
    psi = ACTIVATIONS[c.activation]
    G, K = kernels(X, c.activation)
    symbols = {
        "n": problem.n, "d": problem.d, "m": c.width, "delta": c.delta, "lambda": c.decay,
        "norm_X": float(values[0]), "mu": float(values[-1]) ** 2,
        "eta": c.step / float(values[0]) ** 2, "curvature": psi.curvature, "kink": psi.kink,
        "kurtosis": KURTOSIS[c.feedback], "correlation": 1.0 if c.feedback == "initial" else 0.0,
        "beta_scale": c.beta_scale, "C": c.constant,
        "theta": float(np.linalg.norm(np.linalg.pinv(X) @ y)),
        "norm_y": float(np.linalg.norm(X @ np.linalg.pinv(X) @ y)),
        "gamma": max(float(np.linalg.eigvalsh(G)[0]), 1e-300),
    }  # fmt: skip
    inverse = np.linalg.pinv(G)
    symbols["signal"] = float(y @ inverse @ K @ inverse @ y)
    symbols["noise"] = float(np.trace(inverse @ K))
    return Setting(configuration, X, y, symbols, salt)


def kernels(X: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """G_ij = E psi psi' and K_ij = <x_i, x_j> E psi' psi' at infinite width, w ~ N(0, I)."""
    if activation == "linear":
        return X @ X.T, X @ X.T
    if activation == "relu":
        H, Phi = limiting_kernels(X)
        return Phi, H
    return _by_quadrature(X, activation)


def _by_quadrature(X: np.ndarray, activation: str, points: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """By Gauss-Hermite quadrature in the plane of every two rows: for smooth activations."""
    psi = ACTIVATIONS[activation]
    x, w = np.polynomial.hermite_e.hermegauss(points)
    first, second = np.meshgrid(x, x, indexing="ij")
    weights = np.outer(w, w) / (2 * np.pi)
    G, K = np.zeros((2, len(X), len(X)))
    for i, a in enumerate(X):
        for j, b in enumerate(X):
            r, s = np.linalg.norm(a), np.linalg.norm(b)
            cos = np.clip(a @ b / (r * s), -1, 1)
            one, other = r * first, s * (cos * first + np.sqrt(1 - cos**2) * second)
            G[i, j] = (weights * psi.psi(one) * psi.psi(other)).sum()
            K[i, j] = a @ b * (weights * psi.slope(one) * psi.slope(other)).sum()
    return G, K
