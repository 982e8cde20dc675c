"""What a formula may call, elementwise in float64, and how premises compare.

Comparisons of premises allow for rounding: two sides that agree up to rounding count as equal. So
`=`, `<=` and `>=` hold there; `<`, `>` and `!=` do not, for their regime is open at its boundary.
Two sides that are the same infinity are too large for float64, and tell nothing: no premise holds.
Rounding is relative to the summands of both sides: 1 - x <= 0 has those of size 1 and x.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument

EQUALITY_TOLERANCE = 1e-12
"""Sides of a premise that differ by less, relative to their size, are equal: =, <= and >= hold."""

STRICT_TOLERANCE = 4 * np.finfo(np.float64).eps
"""Sides of a strict premise must differ by more than the rounding of a few operations."""

LONGEST_RANGE = 10**8
"""Terms of a sum."""

KNOWN = {
    **{name: f"numpy.{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh")},
    **{name: f"numpy.{name}" for name in ("tanh", "sign", "floor", "expm1", "log1p", "log2")},
    **{name: f"numpy.{name}" for name in ("log10", "exp2", "hypot")},
    **{f"a{name}": f"numpy.arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "Abs": "numpy.abs",
    "atan2": "numpy.arctan2",
    "ceiling": "numpy.ceil",
    "Heaviside": "numpy.heaviside",
    "erf": "special.erf",
    "erfc": "special.erfc",
    "gamma": "special.gamma",
    "loggamma": "special.gammaln",
    "binomial": "special.binom",
    "beta": "special.beta",
    "factorial": "functions.factorial",
    "harmonic": "functions.harmonic",
}
"""Sympy functions by the name of their class, and what computes them."""


def factorial(n: Any) -> Any:
    """n! = Gamma(n + 1)."""
    from scipy.special import gamma

    return gamma(n + 1.0)


def harmonic(n: Any) -> Any:
    """1 + 1/2 + ... + 1/n."""
    from scipy.special import psi

    return np.where(np.equal(n, 0), 0.0, psi(n + 1.0) + np.euler_gamma)


def kronecker_delta(i: Any, j: Any) -> Any:
    """1 where the two are equal, 0 elsewhere."""
    return np.equal(i, j) * 1.0


def entry(name: str, array: Any, *places: Any) -> Any:
    """The entries at the places; NaN before the first (a recursion asks for it, and drops it).

    Raises InvalidArgument where a place is no integer, or beyond the end of the array.
    """
    wanted = [np.asarray(place) for place in places]
    at = tuple(place.astype(np.intp) for place in wanted)
    if not all((i == place).all() for i, place in zip(at, wanted, strict=True)):
        raise InvalidArgument(f"the index of {name}", places, "an integer")
    try:
        found = array[at]
    except IndexError:
        least = " x ".join(f"at least {int(np.max(i)) + 1}" for i in at)
        raise InvalidArgument(f"{name}.shape", array.shape, f"{least} entries") from None
    if not any((i < 0).any() for i in at):
        return found
    before = functools.reduce(np.logical_or, [i < 0 for i in at])
    return np.where(before, np.nan, found)[()]


def span(index: str, low: Any, high: Any) -> np.ndarray:
    """low, low + 1, ..., high in float64; empty where high < low."""
    if not (low == np.floor(low) and high == np.floor(high)):
        raise InvalidArgument(f"the range of {index}", (low, high), "from an integer to an integer")
    if high - low >= LONGEST_RANGE:
        raise InvalidArgument(f"the range of {index}", (low, high), f"below {LONGEST_RANGE} terms")
    return np.arange(low, high + 1, dtype=np.float64)


def scalar(value: Any) -> Any:
    """The one number of an array, as float64: Python's own float raises where numpy gives inf."""
    return np.float64(np.asarray(value).item())


Scale = Callable[[], Any]
"""Gives the sizes of the summands of both sides."""


def _within(left: Any, right: Any, tolerance: float, scale: Any) -> Any:
    """Whether two numbers agree up to rounding at this scale."""
    return (np.abs(left - right) <= tolerance * scale) & np.isfinite(scale)


def _told(left: Any, right: Any) -> Any:
    """Whether two sides can be compared: not if both are the same infinity."""
    return np.isfinite(left) | np.not_equal(left, right)


def at_most(left: Any, right: Any, scale: Scale) -> Any:
    holds = np.less_equal(left, right) & _told(left, right)
    return holds if np.all(holds) else holds | _within(left, right, EQUALITY_TOLERANCE, scale())


def at_least(left: Any, right: Any, scale: Scale) -> Any:
    return at_most(right, left, scale)


def below(left: Any, right: Any, scale: Scale) -> Any:
    return np.less(left, right) & ~_within(left, right, STRICT_TOLERANCE, scale())


def above(left: Any, right: Any, scale: Scale) -> Any:
    return below(right, left, scale)


def equal(left: Any, right: Any, scale: Scale) -> Any:
    """Also absolutely: a side is often a measured number whose true value is 0."""
    same = np.equal(left, right) & _told(left, right)
    return same | _within(left, right, EQUALITY_TOLERANCE, 1 + np.abs(right))


def unequal(left: Any, right: Any, scale: Scale) -> Any:
    different = np.not_equal(left, right) & ~np.isnan(left) & ~np.isnan(right)
    return different & ~_within(left, right, STRICT_TOLERANCE, scale())


RELATIONS: dict[str, Callable[[Any, Any, Scale], Any]] = {
    "<=": at_most,
    ">=": at_least,
    "<": below,
    ">": above,
    "==": equal,
    "!=": unequal,
}
