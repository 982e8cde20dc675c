"""Evidence: e-values, confidence limits and exact binomial tests.

E[X] <= b for X >= 0 needs no other assumption: prod_i (1 + lambda (X_i/b - 1)) is a nonnegative
supermartingale for every bet lambda in [0, 1], and so is any mixture over bets. By Ville's
inequality it passes 1/level at any time with probability at most `level`, so it may be watched
while it grows. Sources: Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables
by betting; Shafer & Vovk (2019).
"""

from __future__ import annotations

import numpy as np

BETS = np.array([1.0, 0.9, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.025, 0.01, 0.003])
"""Bets of the mixture, equally weighted: it loses at most log 12 = 2.5 nats to the best one."""

FEW = 2000
"""Values of a row of which wealth may be a product: 0.9^-FEW is far below 1e308."""

LARGE = 1e300
"""Ratios of values to bounds are cut here, or they would overflow."""

TILTS = np.array([8.0, 5.0, 3.0, 2.0, 1.3, 0.8, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02])
"""Exponents of the mixture that tests a mean from below, in units of 1/bound."""


def log_e_value(values: np.ndarray, bound: np.ndarray) -> np.ndarray:
    """Log e-value against E[X] <= bound, per row: values (rows, seeds), bound (rows,).

    The largest value along the seeds. A bound of 0 is refuted by any positive value.
    """
    bound = np.asarray(bound, dtype=np.float64)
    _check(values, bound)
    positive = bound > 0
    ratio = _ratio(values, np.where(positive, bound, 1.0)[:, None])
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
    _check(values, bound)
    if not (variance >= 0).all():
        raise ValueError("variance must not be negative or NaN")
    positive = bound > 0
    safe = np.where(positive, bound, 1.0)
    spread = np.minimum(_ratio(np.sqrt(variance), safe), LARGE**0.5)
    w = (1 / (1 + spread**2))[:, None]
    tilt = TILTS[:, None, None]
    gains = -tilt * _ratio(values, safe[:, None]) - np.log1p(w * np.expm1(-tilt / w))
    return np.where(positive, _running_mixture(gains), 0.0)  # E[X] >= 0 is always true


def passes(values: np.ndarray, bound: np.ndarray, level: float) -> np.ndarray:
    """Whether the e-value against E[X] <= bound > 0 passes 1/level, per row, as `log_e_value` says.

    By products in place of logarithms, which is several times as fast: values (rows, seeds), few
    enough that wealth which falls out of float64 (1e-308) cannot come back within them.
    """
    if values.shape[1] > FEW or level < 1e-100:
        return log_e_value(values, bound) >= np.log(1 / level)
    with np.errstate(over="ignore", invalid="ignore"):  # wealth of inf has passed
        gains = np.expand_dims(_ratio(values.T, bound) - 1, 1)
        wealth = 1 + BETS[:, None] * gains  # (seeds, bets, rows)
        np.multiply.accumulate(wealth, axis=0, out=wealth)
        found = wealth.mean(axis=1) >= 1 / level
    return np.asarray(found.any(axis=0))


def lower_confidence(values: np.ndarray, level: float, *, steps: int = 45) -> np.ndarray:
    """The largest b per row such that E[X] <= b is refuted at `level`; 0 where none is.

    A lower confidence limit of the mean with error `level`: values (rows, seeds) -> (rows,).
    """
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    _check(values, np.zeros(len(values)))
    threshold = np.log(1 / level)
    top = values.max(axis=1)
    scaled = values / np.where(top > 0, top, 1.0)[:, None]
    # log b: never refuted at the largest value; refuted by it alone, at the smallest bet, at `low`
    high = np.zeros_like(top)
    smallest, others = BETS.min(), values.shape[1] - 1
    low = high + np.log(smallest / len(BETS)) - threshold + others * np.log1p(-smallest)
    low = np.maximum(low, np.log(1 / LARGE))
    refuted = passes(scaled, np.exp(low), level)
    for _ in range(steps):
        middle = (low + high) / 2
        over = passes(scaled, np.exp(middle), level)
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.where(refuted, np.exp(low) * top, 0.0)


def binomial_p_value(failures: int, trials: int, rate: float) -> float:
    """P(at least `failures` of `trials`) at failure probability `rate`: exact, one-sided."""
    from scipy.special import betainc  # slow to import

    if failures == 0:
        return 1.0
    return float(betainc(failures, trials - failures + 1, min(rate, 1.0)))


def _check(values: np.ndarray, bound: np.ndarray) -> None:
    if not (values >= 0).all():
        raise ValueError("values must not be negative or NaN: a mean is tested for X >= 0")
    if np.isnan(bound).any():
        raise ValueError("bound must not be NaN")


def _ratio(values: np.ndarray, bound: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.minimum(values / bound, LARGE)


def _running_mixture(gains: np.ndarray) -> np.ndarray:
    """Log of the largest mixture over time: gains (bets, rows, seeds) -> (rows,)."""
    wealth = np.cumsum(gains, axis=-1)
    top = wealth.max(axis=0)
    relative = np.exp(wealth - top)
    return np.maximum((top + np.log(relative.mean(axis=0))).max(axis=-1), 0.0)
