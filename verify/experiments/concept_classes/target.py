"""A target of the concept class: its values, the function H that represents it, exact moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.polynomial.hermite_e import hermegauss, hermeval
from numpy.polynomial.legendre import leggauss

DEGREES = np.array([0, 1, 3, 5])
STEPS = np.array([2.0, 1.0, -1.0, 1 / 3]) * np.array([1.0, *[math.sqrt(2 * math.pi)] * 3])
"""1/(c_k sqrt(k!)): what phi_k is multiplied by, in h, before He_k."""

COSTS = np.array([4.0, 2 * math.pi, 12 * math.pi, 80 * math.pi / 3])
"""1/c_k^2."""

NODES, WEIGHTS = hermegauss(11)
WEIGHTS = WEIGHTS / math.sqrt(2 * math.pi)
"""Exact up to degree 21: fourth powers of h."""

EDGE = 12.0
HALF, _half = leggauss(80)
HALF = EDGE * (HALF + 1) / 2
HALF_WEIGHTS = _half * EDGE / 2 * np.exp(-(HALF**2) / 2) / math.sqrt(2 * math.pi)
"""Of positive numbers."""


def h(coefficients: np.ndarray, z: np.ndarray) -> np.ndarray:
    """h_phi(z), of the coefficients (4,) of phi by degree."""
    series = np.zeros(6)
    series[DEGREES] = STEPS * coefficients
    return np.asarray(hermeval(z, series))


@dataclass(frozen=True, eq=False)
class Target:
    """sum_i a_i phi_i(<w1_i, x>) <w2_i, x>: a (p,), phi (p, 4) by degree, w1 and w2 (p, d)."""

    a: np.ndarray
    phi: np.ndarray
    w1: np.ndarray
    w2: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """F*(x) of unit vectors (..., d)."""
        z = (x @ self.w1.T)[..., None] ** DEGREES
        return np.asarray(((z * self.phi).sum(-1) * (x @ self.w2.T)) @ self.a)

    def H(self, g: np.ndarray) -> np.ndarray:
        """H(g), of vectors (..., d)."""
        z = g @ self.w1.T
        each = np.stack([h(phi, z[..., i]) for i, phi in enumerate(self.phi)], axis=-1)
        return np.asarray((each * self.a) @ self.w2)

    def by_degree(self, second: np.ndarray) -> np.ndarray:
        """sum_{ii'} a_i a_i' phi_ik phi_i'k <w1_i,w1_i'>^k second_ii', (4,) by degree k."""
        first = (self.w1 @ self.w1.T)[..., None] ** DEGREES
        weighted = self.a[:, None] * self.phi
        found = np.einsum("ik,jk,ijk,ij->k", weighted, weighted, first, second)
        return np.maximum(found, 0.0)  # of positive semidefinite forms, but for rounding

    @property
    def q(self) -> np.ndarray:
        return self.by_degree(self.w2 @ self.w2.T)

    def r(self, x: np.ndarray) -> np.ndarray:
        """(4,) at one x."""
        seen = self.w2 @ x
        return self.by_degree(np.outer(seen, seen))

    @property
    def mixed(self) -> bool:
        """Whether some terms are even functions and others odd."""
        return bool(self.phi[:, 0].any() and self.phi[:, 1:].any())

    @property
    def by_terms(self) -> float:
        """sum_i |a_i| C(phi_i)."""
        return float(np.abs(self.a) @ np.sqrt(self.phi**2 @ COSTS))

    def norm_moments(self) -> tuple[float, float]:
        """E ||H||^2 and its variance, exact: g in the span of w1."""
        _, R = np.linalg.qr(self.w1.T)
        z, weights = nodes(len(R))
        square = ((self._of(z @ R) @ self.w2) ** 2).sum(-1)
        mean = weights @ square
        return float(mean), float(weights @ (square - mean) ** 2)

    def half_moments(self, x: np.ndarray) -> np.ndarray:
        """E 1{<g,x> > 0} <H, x>^k for k = 2, 3, 4, (3,)."""
        along = self.w1 @ x
        _, R = np.linalg.qr((self.w1 - np.outer(along, x)).T)
        z, weights = nodes(len(R))
        value = self._of((z @ R)[:, None] + np.outer(HALF, along)) @ (self.w2 @ x)
        return np.array([weights @ value**k @ HALF_WEIGHTS for k in (2, 3, 4)])

    def _of(self, z: np.ndarray) -> np.ndarray:
        """a_i h_i(z_i), (..., p)."""
        each = [h(phi, z[..., i]) for i, phi in enumerate(self.phi)]
        return np.asarray(np.stack(each, axis=-1) * self.a)


def nodes(dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (many, dimensions) of a Gaussian vector with their weights (many,)."""
    at = np.array(list(product(range(len(NODES)), repeat=dimensions)))
    return NODES[at], np.prod(WEIGHTS[at], axis=1)


def drawn(
    coefficients: tuple[tuple[float, ...], ...], dimension: int, rng: np.random.Generator
) -> Target:
    """Random directions; a_i of alternating signs, from 1 to 1/2."""
    p = len(coefficients)
    w1, w2 = rng.standard_normal((2, p, dimension))
    a = np.linspace(1.0, 0.5, p) * (-1.0) ** np.arange(p)
    return Target(a, np.array(coefficients), unit(w1), unit(w2))


def unit(x: np.ndarray) -> np.ndarray:
    """Rows of norm 1."""
    return np.asarray(x / np.linalg.norm(x, axis=-1, keepdims=True))
