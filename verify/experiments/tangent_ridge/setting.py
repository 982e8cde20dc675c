"""A configuration made concrete: rows, their kernel, the law of new inputs, the target."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from theory.mathematics.gegenbauer import coefficients, multiplicities, polynomials, series
from theory.mathematics.kernels import arc_cosine
from theory.mathematics.orthants import angles, seen_through, two
from theory.mathematics.tangent import overlap, squared_norm, step_kernel
from verify.experiments.kit.options import AtMost
from verify.experiments.tangent_ridge.configuration import Configuration
from verify.judging.seeds import numpy_generator
from verify.problems.data import SOURCES, Drawn

Array = np.ndarray

POPULATION = 400
"""Rows of real data that stand for new inputs, at most."""

CHUNK = 2**16
"""Numbers of an array that is worked on at once: some such arrays stay in the cache."""

LOST = 1e-16
"""Ridges below this share of n are 0: rounding of K is of this order."""


@lru_cache
def spectrum(d: int) -> tuple[Array, Array]:
    """gamma_k and B_k of the kernel from degree 0 on: to rounding, but for small d."""
    top = 300 if d < 5 else 60 if d < 12 else 30
    return coefficients(step_kernel, d, top).clip(min=0.0), multiplicities(d, top)


@dataclass(frozen=True, eq=False)
class Rows:
    """Unit rows X (n, d), and what is known of their kernel."""

    X: Array

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def d(self) -> int:
        return self.X.shape[1]

    @cached_property
    def T(self) -> Array:
        T = self.X @ self.X.T
        np.fill_diagonal(T, 1.0)
        return np.asarray(T)

    @cached_property
    def angles(self) -> Array:
        return angles(self.X)

    @cached_property
    def p(self) -> Array:
        return two(self.angles)

    @cached_property
    def K(self) -> Array:
        return np.asarray(self.T * self.p)

    @cached_property
    def eigenvalues(self) -> Array:
        """Of K, ascending; rounding below 0 is 0."""
        return np.linalg.eigvalsh(self.K).clip(min=0.0)

    @cached_property
    def E2(self) -> Array:
        return seen_through(self.T, self.angles)

    @cached_property
    def norm_T(self) -> float:
        return float(np.linalg.norm(self.T, 2))

    def active(self, W: Array) -> Array:
        """The 0/1 patterns (..., n, N) of neurons W (..., N, d)."""
        return np.asarray(self.X @ np.swapaxes(W, -1, -2) > 0, dtype=np.float64)

    def of_neurons(self, S: Array) -> Array:
        """K_N (..., n, n) for patterns S (..., n, N)."""
        return np.asarray(self.T * (S @ np.swapaxes(S, -1, -2)) / S.shape[-1])

    def weights(self, S: Array, a: Array) -> Array:
        """b (..., N, d) with k_N(x)^T a = sum_l 1{<w_l, x> > 0} <b_l, x>, |x| = sqrt d."""
        b = (np.swapaxes(S, -1, -2) * a[..., None, :]) @ self.X
        return np.asarray(b / (S.shape[-1] * math.sqrt(self.d)))

    def features(self, S: Array) -> Array:
        """Phi (..., n, N d) with Phi Phi^T = K_N."""
        full = S[..., None] * self.X[:, None, :] / math.sqrt(S.shape[-1])
        return np.asarray(full.reshape(*full.shape[:-2], -1))


class Sphere:
    """New inputs uniform on the sphere: all in closed form."""

    half = 0.5

    def gram(self, rows: Rows) -> Array:
        """M (n, n), E k(x) k(x)^T."""
        gamma, B = spectrum(rows.d)
        return series(rows.d, gamma**2 / B, rows.T)

    def through(self, rows: Rows, a: Array) -> float:
        """E_{w,x} (k_w(x)^T a)^2."""
        return float(a @ rows.K @ a) / (2 * rows.d)

    def distances(self, rows: Rows, W: Array, b: Array, a: Array) -> Array:
        """||f - k^T a||^2 for f of the neurons W with weights b (..., N, d), and a (..., n)."""
        gamma, _ = spectrum(rows.d)
        crossed = (overlap(W, b, rows.X, gamma) * a).sum(-1)
        return np.asarray(squared_norm(W, b) - 2 * crossed + ((a @ self.gram(rows)) * a).sum(-1))


@dataclass(frozen=True, eq=False)
class Population:
    """New inputs uniform over the unit rows Z (p, d), times sqrt d."""

    Z: Array

    @cached_property
    def half(self) -> float:
        """Not symmetric: all of the second moment."""
        d = self.Z.shape[1]
        return float(np.linalg.norm(d * self.Z.T @ self.Z / len(self.Z), 2))

    @cached_property
    def _features(self) -> dict[Rows, Array]:
        return {}

    def features(self, rows: Rows) -> Array:
        """k(x) for all inputs, (p, n)."""
        if rows not in self._features:
            self._features[rows] = (self.Z @ rows.X.T) * arc_cosine(self.Z, rows.X, degree=0)
        return self._features[rows]

    def gram(self, rows: Rows) -> Array:
        k = self.features(rows)
        return np.asarray(k.T @ k / len(k))

    def through(self, rows: Rows, a: Array) -> float:
        psi, along = angles(self.Z, rows.X), (self.Z @ rows.X.T) * a
        bent = 2 * along.sum(1) * (along * psi).sum(1) + ((along @ rows.angles) * along).sum(1)
        return float((along.sum(1) ** 2 / 2 - bent / (4 * np.pi)).mean())

    def distances(self, rows: Rows, W: Array, b: Array, a: Array) -> Array:
        seen = self.Z @ np.swapaxes(W, -1, -2) > 0
        found = (seen * (self.Z @ np.swapaxes(b, -1, -2))).sum(-1) * math.sqrt(rows.d)
        return np.asarray(((found - a @ self.features(rows).T) ** 2).mean(-1))


@dataclass(frozen=True, eq=False)
class Setting:
    """Rows, labels y (n,), the law of new inputs; u (d,) is the axis of the target."""

    configuration: Configuration
    rows: Rows
    y: Array
    law: Sphere | Population
    u: Array
    salt: str
    problem: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.problem}

    @property
    def lam(self) -> float:
        return self.configuration.ridge

    @cached_property
    def alpha(self) -> Array:
        """(K + lambda)^{-1} y, (n,)."""
        return solved(self.rows.K, self.lam, self.y)

    def rng(self, *purpose: Any) -> np.random.Generator:
        return numpy_generator("tangent ridge", *purpose, self.salt)

    def drawn(self, purpose: str, count: int, N: int) -> Iterator[Array]:
        """Neurons (some, N, d), `count` in all, a part at a time."""
        rng, d = self.rng(purpose, N), self.rows.d
        some = max(1, CHUNK // (N * max(d, self.rows.n, N)))
        for first in range(0, count, some):
            yield rng.standard_normal((min(some, count - first), N, d))

    @property
    def energies(self) -> Array:
        """F_k, as many as the spectrum has degrees."""
        F = np.zeros(len(spectrum(self.rows.d)[0]))
        F[1:3] = self.configuration.linear, self.configuration.quadratic
        return F


def solved(K: Array, lam: float, y: Array) -> Array:
    """(K + lam)^{-1} y for kernels (..., n, n) and labels (n,) or (..., n).

    K^+ y for lam = 0, and where K may lose it: entries of K are at most 1/2.
    """
    y = np.broadcast_to(y, K.shape[:-1])
    if lam < LOST * K.shape[-1]:
        return np.asarray((np.linalg.pinv(K, hermitian=True) @ y[..., None])[..., 0])
    return np.asarray(np.linalg.solve(K + lam * np.eye(K.shape[-1]), y[..., None])[..., 0])


def target(X: Array, u: Array, F: Array) -> Array:
    """f*_k(x) by degree (degrees, ...) at unit rows X (..., d): sqrt(F_k B_k) Q_k(<u, x>)."""
    d, top = X.shape[-1], int(max(np.flatnonzero(F), default=0))
    Q = polynomials(d, top, X @ u)
    found = np.zeros((len(F), *Q.shape[1:]))
    sizes = np.sqrt(F[: top + 1] * multiplicities(d, top))
    found[: top + 1] = Q * sizes.reshape(-1, *[1] * (Q.ndim - 1))
    return found


def on_sphere(rng: np.random.Generator, *shape: int) -> Array:
    """Unit rows, uniform."""
    X = rng.standard_normal(shape)
    return np.asarray(X / np.linalg.norm(X, axis=-1, keepdims=True))


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the rows; nothing is trained."""
    c, problem = configuration, configuration.problem(salt)
    rows, rng = Rows(problem.X), numpy_generator("tangent ridge", "labels", salt)
    u = on_sphere(rng, rows.d)
    if c.uniform:
        F = np.array([0.0, c.linear, c.quadratic])
        y = target(rows.X, u, F).sum(0) + c.noise * rng.standard_normal(rows.n)
        words = problem.description.partition(", targets")[0]
        energies = f"energies {c.linear:g}, {c.quadratic:g} in degrees 1, 2, noise {c.noise:g}"
        return Setting(c, rows, y, Sphere(), u, salt, f"{words}, {energies}")
    return Setting(c, rows, problem.y, Population(population(c, salt)), u, salt,
                   problem.description)  # fmt: skip


def population(configuration: Configuration, salt: str) -> Array:
    """Unit rows that stand for new inputs: of the same source."""
    source = SOURCES.get(configuration.data)
    held = configuration.data != "orthogonal" if isinstance(source, Drawn) else True
    count = AtMost(POPULATION) if held else AtMost(configuration.dimension)
    return replace(configuration, samples=count).problem(f"{salt}/population").X
