"""Slopes of width sweeps in log-log, the interval of their median, and their picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from verify.experiments.kit.observations import Trajectory


def doubled(smallest: int, largest: int) -> list[int]:
    """The widths of a sweep: the smallest, its double, ..., up to the largest."""
    found = [smallest]
    while 2 * found[-1] <= largest:
        found.append(2 * found[-1])
    return found


def sweep_symbols(widths: Sequence[int] | np.ndarray, tolerance: float) -> dict[str, Any]:
    """The symbols that every claim on a slope needs."""
    return {"smallest": int(widths[0]), "largest": int(widths[-1]), "widths": len(widths),
            "tolerance": tolerance}  # fmt: skip


def slopes_of(widths: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least squares slopes of log values on log widths: (sweeps, widths, ...) -> (sweeps, ...).

    What is 0 at some width has the slope -inf: it falls faster than any power. What is not finite
    at some width has the slope NaN, which is near no exponent and below none.
    """
    x = np.log(widths) - np.log(widths).mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.moveaxis(np.log(values), 1, -1)
        slopes = logs @ x / (x @ x) if len(widths) > 1 else np.zeros(logs.shape[:-1])
    slopes = np.where((values > 0).all(axis=1), slopes, -np.inf)
    return np.where(np.isfinite(values).all(axis=1), slopes, np.nan)


def sweep_curves(
    index: str,
    widths: np.ndarray,
    values: Mapping[str, np.ndarray],
    slopes: Mapping[str, np.ndarray],
    **drawn: Any,
) -> Trajectory:
    """Medians over the sweeps, (sweeps, widths) by name, with their slopes, (sweeps,).

    drawn  what the picture writes: labels, axis, quantity, title
    """
    curves = {name: np.median(found, axis=0) for name, found in values.items()}
    details = {name: np.array(median_interval(found)) for name, found in slopes.items()}
    return Trajectory(index, widths, curves, details, **drawn)


def median_interval(values: np.ndarray) -> tuple[float, float, float]:
    """The median, and order statistics that hold it with probability 0.95, whatever the law.

    Too few values for that give an infinite interval.
    """
    from scipy.stats import binom  # takes a second to import

    ordered, count = np.sort(values), len(values)
    rank = int(binom.ppf(0.025, count, 0.5)) - 1
    if rank < 0:
        return float(np.median(ordered)), -np.inf, np.inf
    return float(np.median(ordered)), float(ordered[rank]), float(ordered[count - 1 - rank])
