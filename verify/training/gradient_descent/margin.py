"""The largest margin of a kernel: the smallest length of a convex combination of features."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

from theory.language.errors import InvalidArgument

MOST = 100
"""Iterations of the solver per row; its own limit of 3 is too few for small margins."""


class Margin(NamedTuple):
    """Certified limits of the margin, and the convex weights (n,) that give them."""

    low: float
    high: float
    weights: np.ndarray


def margin(H: np.ndarray, labels: np.ndarray) -> Margin:
    """min over q >= 0, sum q = 1 of sqrt((q o y)^T H (q o y)), for H (n, n) and labels +-1 (n,).

    The least of ||F q||^2 + (sum q - 1)^2 over q >= 0 has the direction of the minimiser, so the
    solver is scipy's for nonnegative least squares. For any q the length is an upper limit, and the
    least margin of the combined feature a lower one (weak duality); both are moved outwards by the
    rounding error of sums of n products, twice.
    """
    H, labels = np.asarray(H, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if not np.isin(labels, (-1, 1)).all():
        raise InvalidArgument("labels", labels.tolist(), "-1 or 1 in every entry")
    signed = H * np.outer(labels, labels)
    if not np.trace(signed) > 0:  # no feature is there
        return Margin(0.0, 0.0, np.full(len(H), 1 / len(H)))
    values, vectors = np.linalg.eigh(signed)
    features = np.sqrt(values.clip(min=0.0)) * vectors
    scale = np.sqrt(np.trace(signed) / len(H))
    system = np.vstack([features.T / scale, np.ones(len(H))])
    q, _ = nnls(system, np.r_[np.zeros(len(H)), 1.0], maxiter=MOST * len(H))
    q = q / q.sum()
    gradient, size = signed @ q, np.abs(signed) @ q
    rounding = 8 * len(H) * np.finfo(np.float64).eps
    high = float(np.sqrt(max(q @ gradient + rounding * (q @ size), 0.0)))
    low = float(max((gradient - rounding * size).min(), 0.0) / high) if high > 0 else 0.0
    return Margin(min(low, high), high, q)
