"""The constant of how far gradient descent leaves its linearisation (`theory.algebra.descent`, K5).

    C(a) = max_{K <= k} sqrt(a) sum_{j<K} (1-a)^j c_{K-1-j},  c_i = (2i/(2i+1))^i/sqrt(2i+1)

c_i = max of sqrt(x) (1-x)^i on [0, 1]. Over all K: 0.4645 as a -> 0, 1 at a = 1, and it grows
with a, so C <= 1 for a <= 1.
"""

from __future__ import annotations

import numpy as np

from theory.language.errors import InvalidArgument


def peaks(count: int) -> np.ndarray:
    """c_0, .., c_{count-1}."""
    i = np.arange(count, dtype=np.float64)
    return np.exp(-i * np.log1p(1 / np.maximum(2 * i, 1))) / np.sqrt(2 * i + 1)


def defect_constant(a: np.ndarray, steps: int) -> np.ndarray:
    """C for a = eta A, any shape, and the steps K = 1..steps; 0 for no steps.

    1 where a is not in (0, 1]: there the premises of K5 fail. InvalidArgument unless steps >= 0.
    """
    if steps < 0:
        raise InvalidArgument("steps", steps, "an integer >= 0")
    a = np.asarray(a, dtype=np.float64)
    inside = (a > 0) & (a <= 1 + 1e-12)
    a = np.where(inside, a, 1.0)
    total, largest = np.zeros_like(a), np.zeros_like(a)
    for peak in peaks(steps):
        total = (1 - a) * total + peak
        largest = np.maximum(largest, total)
    return np.where(inside, np.sqrt(a) * largest, 1.0)
