"""Evidence: e-values, confidence limits and exact binomial tests.

E[X] <= b for X >= 0 needs no other assumption: prod_i (1 + lambda (X_i/b - 1)) is a nonnegative
supermartingale for every bet lambda in [0, 1], and so is any mixture over bets. By Ville's
inequality it passes 1/level at any time with probability at most `level`, so it may be watched
while it grows. Sources: Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables
by betting; Shafer & Vovk (2019).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

BETS = np.array([1.0, 0.9, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.025, 0.01, 0.003])
"""Bets of the mixture, equally weighted: it loses at most log 12 = 2.5 nats to the best one."""

TILTS = np.array([8.0, 5.0, 3.0, 2.0, 1.3, 0.8, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02])
"""Exponents of the mixture that tests a mean from below, in units of 1/bound."""


def log_e_value(values: np.ndarray, bound: np.ndarray) -> np.ndarray:
    """Log e-value against E[X] <= bound, per row: values (rows, seeds), bound (rows,).

    The largest value along the seeds. A bound of 0 is refuted by any positive value.
    """
    bound = np.asarray(bound, dtype=np.float64)
    positive = bound > 0
    ratio = values / np.where(positive, bound, 1.0)[:, None]
    with np.errstate(divide="ignore"):  # log 0: the full bet is lost at X = 0
        gains = np.log1p(BETS[:, None, None] * (ratio - 1))
    impossible = np.where((bound < 0) | (values > 0).any(axis=1), np.inf, 0.0)
    return np.where(positive, _running_mixture(gains), impossible)


def log_e_value_below(values: np.ndarray, bound: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Log e-value against E[X] >= bound for X >= 0 with Var X <= variance, per row.

    Of all X >= 0 with mean b and this variance, E exp(-t X/b) is largest for values 0 and
    b + variance/b (Bennett): E exp(-t X/b) <= 1 - w + w exp(-t/w), w = b^2/(b^2 + variance).
    A larger mean only lowers it: scale X down to mean b, and its variance falls.
    """
    bound = np.asarray(bound, dtype=np.float64)
    variance = np.asarray(variance, dtype=np.float64)
    if not (variance >= 0).all():
        raise ValueError("variance must not be negative or NaN")
    positive = bound > 0
    safe = np.where(positive, bound, 1.0)
    w = (safe**2 / (safe**2 + variance))[:, None]
    tilt = TILTS[:, None, None]
    gains = -tilt * (values / safe[:, None]) - np.log1p(w * np.expm1(-tilt / w))
    return np.where(positive, _running_mixture(gains), 0.0)  # E[X] >= 0 is always true


def lower_confidence(values: np.ndarray, level: float, *, steps: int = 40) -> np.ndarray:
    """The largest b per row such that E[X] <= b is refuted at `level`; 0 where none is.

    A lower confidence limit of the mean with error `level`: values (rows, seeds) -> (rows,).
    """
    threshold = np.log(1 / level)
    high = np.maximum(values.mean(axis=1), np.finfo(float).tiny)
    low = high * 1e-6
    refuted = log_e_value(values, low) >= threshold
    for _ in range(steps):
        middle = np.sqrt(low * high)
        over = log_e_value(values, middle) >= threshold
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.where(refuted, low, 0.0)


def binomial_p_value(failures: int, trials: int, rate: float) -> float:
    """P(at least `failures` of `trials`) at failure probability `rate`: exact, one-sided."""
    return float(binom.sf(failures - 1, trials, min(rate, 1.0)))


def _running_mixture(gains: np.ndarray) -> np.ndarray:
    """Log of the largest mixture over time: gains (bets, rows, seeds) -> (rows,)."""
    wealth = np.cumsum(gains, axis=-1)
    top = wealth.max(axis=0)
    relative = np.exp(wealth - top)
    return np.maximum((top + np.log(relative.mean(axis=0))).max(axis=-1), 0.0)
