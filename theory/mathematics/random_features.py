"""Ridge regression on random features of several types: the limit of its risk, in real numbers.

For type j = 1, .., K of N_j features d^(-1/2) sigma_j(<theta, x>/sqrt d), psi_j = N_j/d, c = n/d
and G ~ N(0, 1) only two moments matter,

    a_j = (E G sigma_j(G))^2,   b_j = E sigma_j(G)^2 - (E sigma_j(G))^2 - a_j.

There are unique q > 0 and p_1, .., p_K with, for s = sum a_j p_j and D = 1 + q s,

    p_j (sqrt(lam) + b_j q + a_j q/D) = psi_j,     q (sqrt(lam) + sum b_j p_j + s/D) = c.

For fixed q the sum of a_j p_j over the first equations is an increasing concave function of s that
is positive at 0: one root. r = 1/q + s then falls in q, so every p_j falls, and the last equation

    sqrt(lam) (q - sum p_j) + sum psi_j - c = 0

grows in q: one root. So a bisection finds it for any lam > 0, with Newton's method for the concave
function inside, which is monotone from above. (This form of the last equation is accurate at the
threshold sum psi_j = c, too, where the other one hardly depends on q.) With w_j = b_j + a_j/D^2,
u_j = p_j^2/psi_j and <x, y> = sum x_j y_j u_j,

    A = <a, w>/(1 - q^2 <a, a>/D^2),     g = (q^2/c) ( s^2/D^2 + <w, w> + (q^2/D^2) <a, w> A ),
    bias = (1 + q^2 A)/(D^2 (1 - g)),    variance = g/(1 - g).

Source: Meng, Yao & Cao (arXiv 2208.09897), who state it for K types with p = -i nu and a Hessian
in place of the sums; the form above is derived, and equal to theirs. K = 1 is Mei & Montanari
(arXiv 1908.05355).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.language.errors import InvalidArgument

HALVINGS = 75
"""Of an interval in the logarithm: 2^-75 of it is below rounding."""

STEPS = 300
"""Of Newton's method at most; some ten suffice where the root is not nearly double."""

ROUNDING = 4e-16


@dataclass(frozen=True, eq=False)
class Limit:
    """The fixed point and the risk of the limit; the last axis of p (..., K) is that of types.

    bias      risk without noise, for targets of norm 1
    variance  risk of noise alone, of variance 1
    """

    p: np.ndarray
    q: np.ndarray
    s: np.ndarray
    bias: np.ndarray
    variance: np.ndarray

    def risk(self, norm: float, noise: float) -> np.ndarray:
        """norm^2 bias + noise^2 variance."""
        return np.asarray(norm**2 * self.bias + noise**2 * self.variance)


def limit(a: ArrayLike, b: ArrayLike, psi: ArrayLike, c: ArrayLike, lam: ArrayLike) -> Limit:
    """The limit for K feature types at many points.

    a, b, psi: (..., K), numbers >= 0; c, lam: (...), numbers > 0; all broadcast. A type with
    psi = 0 is as if it were left out. InvalidArgument for other numbers or shapes.
    """
    a, b, psi = (_numbers(*each) for each in (("a", a, 1), ("b", b, 1), ("psi", psi, 1)))
    c, lam = _numbers("c", c), _numbers("lam", lam)
    a, b, psi, c, root = _spread(a, b, psi, c, np.sqrt(lam))
    excess = psi.sum(-1) - c

    def p_of(q: np.ndarray, s: np.ndarray) -> np.ndarray:
        q, s = q[..., None], s[..., None]
        return np.asarray(psi / (root[..., None] + b * q + a * q / (1 + q * s)))

    at_low = np.full(c.shape, np.inf)  # s, which falls in q

    def s_of(q: np.ndarray) -> np.ndarray:
        rest = b * q[..., None] + root[..., None]
        most = (a * psi / rest).sum(-1)
        return _concave(lambda s: _linear(a, rest, psi, q, s), np.minimum(most, at_low))

    def below(q: np.ndarray) -> np.ndarray:
        s = s_of(q)
        less = root * (q - p_of(q, s).sum(-1)) + excess < 0
        np.copyto(at_low, s, where=less)
        return np.asarray(less)

    q = _bisected(below, c / (root + ((a + b) * psi).sum(-1) / root), c / root)
    s = s_of(q)
    p = p_of(q, s)
    D = 1 + q * s
    w = b + a / D[..., None] ** 2
    u = np.divide(p**2, psi, out=np.zeros(p.shape), where=psi > 0)
    A = (a * w * u).sum(-1) / (1 - q**2 * (a**2 * u).sum(-1) / D**2)
    g = q**2 / c * (s**2 / D**2 + (w**2 * u).sum(-1) + q**2 / D**2 * (a * w * u).sum(-1) * A)
    return Limit(p, q, s, (1 + q**2 * A) / (D**2 * (1 - g)), g / (1 - g))


def threshold(a: ArrayLike, b: ArrayLike, psi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """q and s at the threshold c = sum psi as lam falls to 0: there sum p = q. Each (...).

    a: (..., K), numbers >= 0; b, psi: (..., K), numbers > 0; all broadcast. InvalidArgument else.
    """
    a, b, psi = _numbers("a", a, 1), _numbers("b", b, 1, zero=False), _numbers("psi", psi, 1)
    a, b, psi, *_ = _spread(a, b, psi, np.ones(()), np.ones(()))

    def s_of(q: np.ndarray) -> np.ndarray:
        most = (a * psi / b).sum(-1) / q
        return _concave(lambda s: _linear(a, b * q[..., None], psi, q, s), most)

    def total(q: np.ndarray) -> np.ndarray:
        D = 1 + q * s_of(q)
        return np.asarray((psi / (b + a / D[..., None])).sum(-1) / q)

    low, high = (np.sqrt((psi / each).sum(-1)) for each in (a + b, b))
    q = _bisected(lambda q: total(q) > q, low, high)
    return q, s_of(q)


def _numbers(name: str, given: ArrayLike, axes: int = 0, *, zero: bool = True) -> np.ndarray:
    """As float64, with so many axes at least; > 0, or >= 0 where there are axes and `zero`."""
    array = np.asarray(given, dtype=np.float64)
    least = ">= 0" if axes and zero else "> 0"
    inside = array >= 0 if axes and zero else array > 0
    if array.ndim < axes or not (np.isfinite(array) & inside).all():
        form = "a list of numbers" if axes else "a number"
        raise InvalidArgument(name, given, f"{form} {least}")
    return array


def _spread(
    a: np.ndarray, b: np.ndarray, psi: np.ndarray, c: np.ndarray, root: np.ndarray
) -> tuple[np.ndarray, ...]:
    """(..., K) thrice, and (...) twice."""
    c, root = c[..., None], root[..., None]
    try:
        *types, c, root = np.broadcast_arrays(a, b, psi, c, root)
    except ValueError:
        shapes = (a.shape, b.shape, psi.shape)
        raise InvalidArgument(
            "psi", shapes, "of one shape with a and b, and with c and lam"
        ) from None
    return *types, c[..., 0], root[..., 0]


def _linear(
    a: np.ndarray, rest: np.ndarray, psi: np.ndarray, q: np.ndarray, s: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """sum a_j psi_j/(rest_j + a_j q/(1 + q s)), and its derivative in s."""
    q, D = q[..., None], 1 + (q * s)[..., None]
    below = rest + a * q / D
    return (a * psi / below).sum(-1), (psi * (a * q / (below * D)) ** 2).sum(-1)


def _concave(
    of: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], above: np.ndarray
) -> np.ndarray:
    """The root of s = of(s), concave and positive at 0, by Newton's method from above it."""
    s = above
    for _ in range(STEPS):
        value, slope = of(s)
        lower = np.minimum(s + (value - s) / np.where(slope < 1, 1 - slope, 1.0), s)
        same, s = (s - lower <= ROUNDING * s).all(), lower
        if same:
            break
    return s


def _bisected(
    below: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Where `below` turns false between low and high, by halving the ratio; 0 where both are 0."""
    for _ in range(HALVINGS):
        if (high <= low * (1 + ROUNDING)).all():
            break
        middle = np.sqrt(low) * np.sqrt(high)
        less = below(middle)
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return low
