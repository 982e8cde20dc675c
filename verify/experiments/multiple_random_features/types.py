"""Types of random features: activations whose second moments are known in closed form.

An activation is sigma(x) = r_+ relu(x) + r_- relu(-x) + h_0 + h_1 x + h_2 (x^2 - 1)/sqrt 2. For
u, v ~ N(0, 1) of covariance rho, E sigma(u) sigma'(v) is a sum of arc-cosine kernels of rho and of
-rho, and of powers of rho with products of Hermite coefficients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from theory.mathematics.kernels import arc_cosine

RELU = np.array([1 / math.sqrt(2 * math.pi), 1 / 2, 1 / (2 * math.sqrt(math.pi))])
"""Hermite coefficients of relu of the degrees 0, 1, 2: E relu(G), E G relu(G), ..."""

SIGNS = np.array([1.0, -1.0, 1.0])
"""Of the coefficients of relu(-x) over those of relu(x)."""

REST = math.sqrt(1 / 4 - 1 / (2 * math.pi))
"""Of relu(G), the standard deviation of what is not linear."""

ACTIVATIONS: dict[str, tuple[float, float, float, float, float]] = {
    "relu": (1, 0, 0, 0, 0),
    "absolute": (1, 1, 0, 0, 0),
    "linear": (0, 0, 0, 1, 0),
    "square": (0, 0, 0, 0, 1),
    "quadratic": (0, 0, RELU[0], RELU[1], REST),
}
"""(r_+, r_-, h_0, h_1, h_2); `quadratic` has the moments of relu, `square` is (x^2 - 1)/sqrt 2."""


@dataclass(frozen=True)
class Type:
    """One type of features: an activation times a scale > 0."""

    activation: str
    scale: float = 1.0

    @property
    def weights(self) -> np.ndarray:
        """(r_+, r_-, h_0, h_1, h_2)."""
        return self.scale * np.array(ACTIVATIONS[self.activation], dtype=np.float64)

    @property
    def hermite(self) -> np.ndarray:
        """E sigma, E G sigma, E sigma (G^2 - 1)/sqrt 2: (3,)."""
        up, down, *polynomial = self.weights
        return np.asarray(up * RELU + down * SIGNS * RELU + np.array(polynomial))

    @property
    def a(self) -> float:
        return float(self.hermite[1] ** 2)

    @property
    def b(self) -> float:
        up, down, *h = self.weights
        # E sigma^2, for relu(G)^2 has the mean 1/2 and relu(G) relu(-G) is 0
        own = np.array(h)
        cross = 2 * own @ (self.hermite - own) + own @ own
        rest = (up**2 + down**2) / 2 + cross - (self.hermite[:2] ** 2).sum()
        return max(float(rest), 0.0)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        up, down, *h = self.weights
        found = np.full(x.shape, h[0])
        if up or down:
            found = found + up * np.maximum(x, 0) + down * np.maximum(-x, 0)
        if h[1]:
            found = found + h[1] * x
        if h[2]:
            found = found + h[2] * (x**2 - 1) / math.sqrt(2)
        return found

    def times(self, scale: float) -> Type:
        return Type(self.activation, scale * self.scale)


def parsed(text: str) -> tuple[Type, ...]:
    """Types from words such as `relu, 0.1*relu`; InvalidArgument names the option `types`."""
    allowed = f"such as relu,0.1*relu: scales > 0, and activations of {', '.join(ACTIVATIONS)}"
    found = []
    for word in text.split(","):
        scale, _, name = word.rpartition("*")
        try:
            size = float(scale) if scale.strip() else 1.0
        except ValueError:
            size = math.nan
        if name.strip() not in ACTIVATIONS or not (1e-25 <= size <= 1e25):
            raise InvalidArgument("types", text, allowed)
        found.append(Type(name.strip(), size))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Features:
    """Random features: neurons Theta (N, d), rows of norm sqrt d, and the type of each.

    counts  features of each type, in this order; their sum is N
    """

    Theta: np.ndarray
    types: tuple[Type, ...]
    counts: tuple[int, ...]

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Z (..., n, N) of rows X (..., n, d)."""
        d, parts = X.shape[-1], []
        for kind, rows in self._blocks():
            parts.append(kind(X @ self.Theta[rows].T / math.sqrt(d)) / math.sqrt(d))
        return np.concatenate(parts, axis=-1)

    def _blocks(self) -> list[tuple[Type, slice]]:
        ends = np.cumsum(self.counts)
        return [
            (kind, slice(end - count, end))
            for kind, count, end in zip(self.types, self.counts, ends, strict=True)
        ]

    def _each(self, of: Any) -> np.ndarray:
        """A number or row of each type, for each of its features."""
        return np.repeat(np.array([of(kind) for kind in self.types]), self.counts, axis=0)

    @property
    def mean(self) -> np.ndarray:
        """E z over x ~ N(0, I): (N,)."""
        return np.asarray(self._each(lambda kind: kind.hermite[0]) / math.sqrt(self.Theta.shape[1]))

    @property
    def V(self) -> np.ndarray:
        """E z x^T over x ~ N(0, I): (N, d)."""
        linear = self._each(lambda kind: kind.hermite[1])
        return np.asarray(linear[:, None] * self.Theta / self.Theta.shape[1])

    @property
    def U(self) -> np.ndarray:
        """E z z^T over x ~ N(0, I): (N, N)."""
        d = self.Theta.shape[1]
        rows = self.Theta / math.sqrt(d)
        weights = self._each(lambda kind: kind.weights)
        ends, h = weights[:, :2], weights[:, 2:]
        whole = self._each(lambda kind: kind.hermite)
        powers = (rows @ rows.T)[None] ** np.arange(3)[:, None, None]
        relu = whole - h
        moments = np.einsum("ik,jk->kij", whole, whole) - np.einsum("ik,jk->kij", relu, relu)
        found = (moments * powers).sum(0)
        if ends.any():
            found = found + ends @ ends.T * arc_cosine(rows, degree=1)
        if ends.all(axis=1).any() or (ends[:, 0].any() and ends[:, 1].any()):
            found = found + ends @ ends[:, ::-1].T * arc_cosine(rows, -rows, degree=1)
        return np.asarray(found / d)


def sphere(count: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Rows uniform on the sphere of radius sqrt d: (count, d)."""
    rows = rng.standard_normal((count, d))
    return np.asarray(math.sqrt(d) * rows / np.linalg.norm(rows, axis=1, keepdims=True))
