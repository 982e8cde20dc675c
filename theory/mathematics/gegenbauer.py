"""Gegenbauer polynomials of the sphere S^{d-1}, and kernels in them.

For x, y of norm 1, t = <x, y> and x uniform, t has the density c (1 - t^2)^((d-3)/2) on [-1, 1].
    Q_k     the polynomial of degree k orthogonal to all of lower degree, with Q_k(1) = 1
    B_k     the dimension of the spherical harmonics of degree k
            = (2k + d - 2)/k binom(k + d - 3, k - 1), B_0 = 1
    E Q_k(t)^2 = 1/B_k,   E_x Q_j(<x, y>) Q_k(<x, z>) = 1{j = k} Q_k(<y, z>)/B_k
    K(t) = sum_k gamma_k Q_k(t),   gamma_k = B_k E[K(t) Q_k(t)],   K(1) = sum_k gamma_k
    mu_k = gamma_k/B_k is the eigenvalue of K on the harmonics of degree k (Funk-Hecke).

Source: Mueller, Spherical Harmonics (Lecture Notes in Mathematics 17, 1966); the recurrence of
Gegenbauer polynomials, DLMF 18.9.1, divided by their value at 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from theory.language.errors import InvalidArgument

NODES = 300
"""Of the quadrature, in each half of the angles: kernels that are smooth there are integrated to
rounding, for degrees up to half as many."""


def multiplicities(d: int, degree: int) -> np.ndarray:
    """B_0, ..., B_degree of the sphere in d dimensions, float64 (degree + 1,).

    InvalidArgument for d < 2 or degree < 0.
    """
    _check(d, degree)
    B, binomial = [1.0], 1.0
    for k in range(1, degree + 1):
        B.append(binomial * (2 * k + d - 2) / k)
        binomial *= (k + d - 2) / k  # binom(k + d - 2, k)
    return np.array(B)


def polynomials(d: int, degree: int, t: np.ndarray) -> np.ndarray:
    """Q_0(t), ..., Q_degree(t), shape (degree + 1, *t.shape).

    InvalidArgument for d < 2 or degree < 0.
    """
    _check(d, degree)
    t = np.asarray(t, dtype=np.float64)
    Q = [np.ones_like(t), t]
    for k in range(1, degree):
        Q.append(((2 * k + d - 2) * t * Q[k] - k * Q[k - 1]) / (k + d - 2))
    return np.stack(Q[: degree + 1])


def series(d: int, gamma: np.ndarray, t: np.ndarray) -> np.ndarray:
    """sum_k gamma_k Q_k(t), of the shape of t; four arrays of that shape at a time.

    InvalidArgument for d < 2.
    """
    _check(d, len(gamma) - 1)
    t = np.asarray(t, dtype=np.float64)
    before, here, total = np.ones_like(t), t.copy(), np.full_like(t, gamma[0])
    product = np.empty_like(t)
    for k in range(1, max(np.flatnonzero(gamma), default=0) + 1):
        if gamma[k] != 0:
            total += np.multiply(gamma[k], here, out=product)
        np.multiply(t, here, out=product)
        product *= (2 * k + d - 2) / (k + d - 2)
        before *= k / (k + d - 2)
        before, here = here, np.subtract(product, before, out=before)
    return total


def derivative(d: int, gamma: np.ndarray) -> np.ndarray:
    """The derivative of sum_k gamma_k Q_k, as coefficients in the Q_k of d + 2 dimensions."""
    k = np.arange(1, len(gamma))
    return np.append(k * (k + d - 2) / (d - 1) * gamma[1:], 0.0)


def cosines(d: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes t and weights, each (2 NODES,): the sum of weights f(t) is E f(t).

    Gauss-Legendre in the angle, whose density is proportional to sin^{d-2}: kernels of step and
    ReLU networks are smooth there, though not in t. At t = 0 there may be a kink.
    """
    _check(d, 0)
    x, w = _nodes()
    psi = np.concatenate([np.pi * (x + 1) / 4, np.pi * (x + 3) / 4])
    weights = np.tile(w, 2) * np.sin(psi) ** (d - 2)
    return np.cos(psi), weights / weights.sum()


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)


def coefficients(kernel: Callable[[np.ndarray], np.ndarray], d: int, degree: int) -> np.ndarray:
    """gamma_0, ..., gamma_degree of a kernel of the cosine, shape (degree + 1,).

    Rounding is below 1e-13 sqrt(B_k E K^2); what is not above that is set to 0.
    InvalidArgument for d < 2 or degree < 0.
    """
    t, weights = cosines(d)
    B, values = multiplicities(d, degree), np.asarray(kernel(t), dtype=np.float64)
    gamma = B * (polynomials(d, degree, t) @ (weights * values))
    rounding = 1e-13 * np.sqrt(B * (weights @ values**2))
    return np.where(np.abs(gamma) > rounding, gamma, 0.0)


def _check(d: int, degree: int) -> None:
    if not d >= 2:
        raise InvalidArgument("d", d, "a dimension of at least 2")
    if not degree >= 0:
        raise InvalidArgument("degree", degree, "at least 0")
