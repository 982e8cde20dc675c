"""A configuration made concrete: rows with their -1, the kernel, networks at their start."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from theory.mathematics.orthants import angles
from theory.mathematics.shifted_kernel import both_above
from verify.experiments.trainable_biases.configuration import Configuration
from verify.judging.seeds import numpy_generator
from verify.training.gradient_descent import Network

Array = np.ndarray

CHUNK = 2_000_000
"""Pre-activations that are held at a time."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Unit rows X (n, d); tau is 1 where biases are trained."""

    X: Array
    tau: int

    @property
    def n(self) -> int:
        return len(self.X)

    @cached_property
    def psi(self) -> Array:
        """Angles (n, n), 0 on the diagonal."""
        found = angles(self.X)
        np.fill_diagonal(found, 0.0)
        return found

    @cached_property
    def G(self) -> Array:
        """Cosines (n, n)."""
        return np.asarray(np.cos(self.psi))

    @cached_property
    def extended(self) -> Array:
        """X~ (n, d + tau)."""
        return np.hstack([self.X, -np.ones((self.n, self.tau))])

    @property
    def norm(self) -> float:
        """||X~||."""
        return float(np.linalg.norm(self.extended, 2))

    @property
    def g(self) -> float:
        """The spectral norm of |G~|."""
        return float(np.linalg.norm(np.abs(self.tau + self.G), 2))

    @property
    def length(self) -> float:
        """||x~||."""
        return math.sqrt(1 + self.tau)

    def kernel(self, B: float) -> Array:
        """H_inf (n, n)."""
        return np.asarray((self.tau + self.G) * both_above(B, self.psi))


@dataclass(frozen=True, eq=False)
class Setting:
    """`problem`: the data in words."""

    configuration: Configuration
    rows: Rows
    y: Array
    salt: str
    problem: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.problem}

    @property
    def shared(self) -> dict[str, Any]:
        """Symbols of many claims."""
        c = self.configuration
        return {"n": self.rows.n, "m": c.width, "B": c.bias, "tau": c.tau, "C": c.constant,
                "norm_X": self.rows.norm, "g": self.rows.g, "epsilon": c.epsilon,
                "delta": c.delta, "coupled": int(c.coupled), "e_0": self.size, "y": self.size,
                "lambda_B": self.lambda_B}  # fmt: skip

    @property
    def size(self) -> float:
        """||y||."""
        return float(np.linalg.norm(self.y))

    @cached_property
    def H(self) -> Array:
        """H_inf (n, n)."""
        return self.rows.kernel(self.configuration.bias)

    @property
    def lambda_B(self) -> float:
        """0 where rounding leaves nothing of it."""
        mu = np.linalg.eigvalsh(self.H)
        return float(mu[0]) if mu[0] > 1e-13 * mu[-1] else 0.0

    def rng(self, *purpose: Any) -> np.random.Generator:
        return numpy_generator("trainable biases", *purpose, self.salt)

    def drawn(self, purpose: str, count: int, m: int) -> Iterator[Array]:
        """Pre-activations (some, n, m) of independent neurons at kappa = 1, `count` in all."""
        rng, n, d = self.rng(purpose, m), self.rows.n, self.rows.X.shape[1]
        some = max(1, CHUNK // (m * max(n, d)))
        for first in range(0, count, some):
            W = rng.standard_normal((min(some, count - first), d, m))
            yield self.rows.X @ W - self.configuration.bias

    def networks(self, purpose: str, count: int, m: int, kappa: float = 1.0) -> Iterator[Network]:
        """Networks of m neurons at their start, a part of `count` at a time."""
        c, signs = self.configuration, self.rng(purpose, m, "signs")
        halves = 2 if c.coupled else 1
        X = torch.tensor(self.rows.extended)
        for z in self.drawn(purpose, count, m // halves):
            if c.coupled:
                a = np.tile([1.0, -1.0], (len(z), m // 2))
            else:
                a = signs.choice((-1.0, 1.0), (len(z), m))
            Z = torch.tensor(kappa * np.repeat(z, halves, axis=-1))
            yield Network(X, Z, torch.tensor(a / math.sqrt(m)))


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the rows; nothing is trained."""
    c, problem = configuration, configuration.problem(salt, nonzero=True)
    X = problem.X / np.linalg.norm(problem.X, axis=1, keepdims=True)
    return Setting(c, Rows(X, c.tau), problem.y, salt, problem.description)
