"""A configuration made concrete: inputs, the comparator w*, labels, the certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.single_neuron.configuration import LAWS, Configuration
from verify.experiments.single_neuron.neuron import (
    at,
    descend,
    last,
    noise_of,
    relu,
    risk,
    warm,
    whiten,
)
from verify.judging.seeds import numpy_generator
from verify.problems.whitened import whitened

POLISH = 2000
"""Steps from the planted neuron to the best one."""

RADII = 400
"""Radii that are tried for the certificate."""


def drawn(law: str, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Independent entries of mean 0; all but exponential ones are symmetric."""
    if law == "gaussian":
        return rng.standard_normal(shape)
    if law == "laplace":
        return rng.laplace(size=shape)
    if law == "uniform":
        return rng.uniform(-1, 1, shape)
    return rng.exponential(size=shape) - 1


def direction(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Uniform on the sphere, (..., d)."""
    v = rng.standard_normal(shape)
    return np.asarray(v / np.linalg.norm(v, axis=-1, keepdims=True))


@dataclass(frozen=True)
class Certificate:
    """rho and c of (DK4); where no radius does, those of the start."""

    rho: float
    c: float


@dataclass(frozen=True, eq=False)
class Setting:
    """Inputs X (n, d), labels y (n,), the comparator star (d,)."""

    configuration: Configuration
    X: np.ndarray
    y: np.ndarray
    star: np.ndarray
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        c = self.configuration
        n, d = self.X.shape
        pairs = "not paired" if c.unpaired else "pairs x, -x"
        return {"problem": f"{c.data}, whitened: n = {n} ({pairs}), d = {d}, {c.adversary}"}

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("single neuron", purpose, self.salt)

    @cached_property
    def e(self) -> np.ndarray:
        return np.asarray(self.y - relu(self.X @ self.star))

    @property
    def opt(self) -> float:
        return float((self.e**2).mean())

    @property
    def b(self) -> float:
        return float(np.linalg.norm(self.star))

    @cached_property
    def law(self) -> dict[str, Any]:
        """What the premises of (DK3) to (DK6) ask for."""
        X, c = self.X, self.configuration
        moments = np.linalg.eigvalsh(X.T @ X / len(X) - np.eye(X.shape[1]))
        half = len(X) // 2
        paired = len(X) % 2 == 0 and bool((X[:half] == -X[half:]).all())
        return {"b": self.b, "opt": self.opt, "eta": c.step, "symmetric": int(paired),
                "skewed": float(np.abs(moments).max())}  # fmt: skip

    @cached_property
    def start(self) -> np.ndarray:
        """Of the certified path, (d,)."""
        c = self.configuration
        if c.start == "warm":
            return warm(self.X, self.y)
        if c.start == "behind":
            return -c.behind * self.star
        return self.star + c.away * self.b * direction(self.rng("start"), self.star.shape)

    @cached_property
    def starts(self) -> np.ndarray:
        """That start, the warm one, the one behind, others at random; (S, d)."""
        rng, c = self.rng("starts"), self.configuration
        far = 1.5 * self.b * rng.random((c.starts, 1)) * direction(rng, (c.starts, len(self.star)))
        behind = -c.behind * self.star
        return np.vstack([self.start, warm(self.X, self.y), behind, far])

    @cached_property
    def path(self) -> np.ndarray:
        """Descent from all starts, (K+1, S, d)."""
        c = self.configuration
        return descend(self.X, self.y, self.starts, c.step, c.steps)

    @cached_property
    def steps(self) -> np.ndarray:
        """Where the risk is looked at: early ones and the last."""
        c = self.configuration
        return np.unique(np.geomspace(1, c.steps + 1, c.points).astype(int) - 1)

    def spread(self, rho: float) -> float:
        """c of (DK4)."""
        inside = self.X @ self.star > rho * self.b * np.linalg.norm(self.X, axis=1)
        moments = self.X[inside].T @ self.X[inside] / len(self.X)
        return max(0.0, float(np.linalg.eigvalsh(moments)[0]))

    @cached_property
    def certificate(self) -> Certificate:
        """The smallest of RADII radii that keeps the path inside, from r_0/b up to 1."""
        c, opt = self.configuration, self.opt
        square = c.step * c.step  # inf where ** would raise
        least = float(np.linalg.norm(self.start - self.star)) / self.b
        least = max(least, 1e-12)
        for rho in np.linspace(least, max(1.0, least), RADII):
            r, spread = rho * self.b, self.spread(rho)
            f = r**2 * (1 - 4 * c.step * spread) + 4 * c.step * math.sqrt(opt / 2) * r
            f += square * (r + math.sqrt(2 * opt)) ** 2
            if f <= r**2 and 1 - 4 * c.step * spread + square >= 0:
                return Certificate(float(rho), spread)
        return Certificate(least, self.spread(least))


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Draw or load the inputs, plant a neuron, let the adversary label."""
    c, rng = configuration, numpy_generator("single neuron", "data", salt)
    if c.data in LAWS:
        X = drawn(c.data, rng, (c.samples, c.dimension))
    else:
        X = whitened(c.data, c.dimension).X
    X = whiten(X)
    X = X if c.unpaired else np.concatenate([X, -X])
    star, v = c.norm * direction(rng, X.shape[1:]), direction(rng, X.shape[1:])
    z = at(X, star)
    e = noise_of(c.adversary, X, z, v, rng, size=math.sqrt(c.omega) * c.norm, cut=c.cut)
    y = relu(z) + e
    if c.comparator == "best":
        ends = last(X, y, np.stack([star, warm(X, y)]), 0.5, POLISH)
        star = ends[int(risk(X, y, ends).argmin())]
        if not star.any():
            raise InvalidArgument("comparator", c.comparator, "planted: the best neuron is 0")
    return Setting(c, X, y, star, salt)
