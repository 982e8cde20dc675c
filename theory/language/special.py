"""Distribution functions in float64, by scipy; imported when a law is first evaluated.

Each takes the parameters of its law and the value, arrays or numbers, and is 0 below the support
and 1 above it. Lattice laws live on 0, 1, 2, ... and take the floor of the value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from theory.language.laws import SNAP


def lattice_floor(value: Any) -> Any:
    return np.floor(value + SNAP * (1 + np.abs(value)))


def gamma_cdf(shape: Any, value: Any) -> Any:
    return special.gammainc(shape, np.maximum(value, 0.0))


def normal_cdf(value: Any) -> Any:
    return special.ndtr(value)


def beta_cdf(a: Any, b: Any, value: Any) -> Any:
    return special.betainc(a, b, np.clip(value, 0.0, 1.0))


def f_cdf(above: Any, below: Any, value: Any) -> Any:
    return special.fdtr(above, below, np.maximum(value, 0.0))


def t_cdf(degrees: Any, value: Any) -> Any:
    """From the middle, or from the tail: each where the other one cancels."""
    value = np.asarray(value, dtype=np.float64)
    inner = value**2 / (degrees + value**2)
    middle = 0.5 + np.sign(value) * special.betainc(0.5, degrees / 2, inner) / 2
    tail = special.betainc(degrees / 2, 0.5, degrees / (degrees + value**2)) / 2
    outside = np.where(value < 0, tail, 1 - tail)
    return np.where(inner < 0.5, middle, outside)


def binomial_cdf(trials: Any, share: Any, value: Any) -> Any:
    k = lattice_floor(value)
    inside = np.clip(k, 0.0, np.maximum(np.asarray(trials) - 1.0, 0.0))
    found = special.betainc(np.maximum(trials - inside, 1.0), inside + 1, 1 - np.asarray(share))
    return np.where(k < 0, 0.0 * found, np.where(k >= trials, 0.0 * found + 1, found))


def poisson_cdf(mean: Any, value: Any) -> Any:
    k = lattice_floor(value)
    found = special.gammaincc(np.maximum(k, 0.0) + 1, mean)
    return np.where(k < 0, 0.0 * found, found)
