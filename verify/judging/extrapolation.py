"""Claims in the limit: means at several sizes, extrapolated to infinite size.

The claim is E X_n -> R with an error of order n^-p. With the scaled sizes s = (n_0/n)^p (n_0 the
smallest size, so s <= 1) the error is taken to be a power series,

    E X_n - R_n = A_1 s + A_2 s^2 + A_3 s^3 + ...,     |A_j| <= DECAY^(j-1) |A_1|,

which is the premise: at the smallest size every term is at most DECAY of the one before. A least
squares fit of (constant, A_1, A_2) is linear in the means: constant = sum_n w_n (E X_n - R_n), with
weights w = (1, -6, 8)/3 for sizes n, 2n, 4n and p = 1. It removes A_1 and A_2. What is left of the
series is at most `remainder` |A_1|, remainder = sum_{j>=3} DECAY^(j-1) |sum_n w_n s_n^j|, 0.05 for
sizes n, 2n, 4n. So the claim is refuted if

    |constant| > remainder (|A_1| + ERRORS se(A_1)) + t se(constant),

t the quantile of Student's t at the level, se from the fit of each seed. That is exact for normal
values, and nearly so for the means of many others: at least FEWEST seeds. |A_2| <= DECAY |A_1| is
checked at ERRORS standard errors, and OUT_OF_REGIME where it fails; it fails before the constant
does, for A_3 moves the fit of A_2 far more than the constant. Two sizes could not check it: there
|2 X_2n - X_n - R| <= |X_n - X_2n| refutes true laws with -2.5 < A_1/A_2 < -0.5.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import t as student

from theory.language.claim import Claim, Evaluation
from theory.language.errors import InvalidArgument
from verify.judging.expectation import MINIMAL_SHARE
from verify.judging.judgement import FACTOR, Judgement, Verdict
from verify.judging.sample import Sample

DECAY = 0.4
"""A term of the series at the smallest size, over the one before it: at most."""

ERRORS = 3.0
"""Standard errors at which the premise is checked, and left to |A_1|."""

FEWEST = 20
"""Seeds from which Student's t is trusted."""

SPAN = 4.0
"""The largest size over the smallest: at least."""

TERMS = 60
"""Of the series, in the remainder."""


def judge_limit(
    base: Judgement, claim: Claim, sample: Sample, evaluation: Evaluation, level: float
) -> Judgement:
    """The verdict on a claim in the limit: values (sizes, seeds), any joint law over the sizes."""
    rows = sample.rows
    scaled = scaled_sizes(claim, sample)
    bound = np.broadcast_to(evaluation.bound, scaled.shape)
    fit = weights(scaled)
    with np.errstate(invalid="ignore"):
        limit, series = float(fit[0] @ bound), fit @ (rows - bound[:, None])
    mean, error = series.mean(axis=1), np.zeros(3)
    seeds = rows.shape[1]
    if not sample.deterministic:
        error = series.std(axis=1, ddof=1) / np.sqrt(seeds) if seeds > 1 else np.full(3, np.inf)
    quantile = float(student.isf(level / 2, max(seeds - 1, 1)))
    rounding = sample.tolerance * (np.max(sample.scale) + np.abs(rows).max()) * np.abs(fit[0]).sum()
    first = abs(mean[1]) + ERRORS * error[1]
    allowed = remainder(scaled, fit[0]) * first + rounding
    chance = 0.0 if sample.deterministic else quantile * error[0]
    width = allowed + chance
    largest = int(np.argmin(scaled))
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = limit + mean[0]
        up, down = (abs(measured) + width) / abs(limit), abs(limit) / (abs(measured) - width)
    factor = max(up, down) if abs(measured) > width and limit != 0 else np.inf
    judgement = replace(
        base,
        bound=limit,
        measured=float(measured),
        lower_confidence=float(measured - width),
        standard_error=float(error[0]),
        tightness=1.0,
        tightness_confidence=float(width / abs(mean[0])) if mean[0] else float("inf"),
        factor=max(1.0, float(factor)),
        position=largest,
        checkpoints=len(scaled),
        level=level,
    )
    if not np.isfinite(bound).all():
        reason = f"the bound is not a number at {int((~np.isfinite(bound)).sum())} sizes"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not sample.deterministic and seeds < FEWEST:
        reason = f"{seeds} seeds, at least {FEWEST} are needed"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    excess = max(abs(mean[2]) - DECAY * abs(mean[1]), 0.0) - rounding
    if excess > ERRORS * max(_spread(series, s, sample.deterministic) for s in (-DECAY, DECAY)):
        reason = (
            f"not yet in the limit: the second term of the error, {mean[2]:.3g}, is more than "
            f"{DECAY:g} of the first, {mean[1]:.3g}, at the smallest size"
        )
        return replace(judgement, verdict=Verdict.OUT_OF_REGIME, reason=reason)
    if abs(mean[0]) > width:
        reason = f"extrapolates to {measured:.6g} +- {width:.2g}, not to {limit:.6g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason, factor=1.0)
    if not sample.share >= MINIMAL_SHARE:
        reason = f"the good event holds in a share {sample.share:.2f} of the seeds"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not (factor < FACTOR and np.isfinite(width)):
        reason = f"a limit wrong by a factor {FACTOR:g} would not have been refuted"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS, informative=len(scaled))


def scaled_sizes(claim: Claim, sample: Sample) -> np.ndarray:
    """(n_0/n)^p, one per row of the sample; raises InvalidArgument unless they can be fitted."""
    name, count = str(claim.statement.size), len(sample.rows)
    sizes = np.asarray(sample.symbols[name], dtype=np.float64)
    distinct = np.unique(sizes)
    if sizes.shape != (count,) or len(distinct) != count or count < 3:
        allowed = "at least three different sizes, one per row of `values`"
        raise InvalidArgument(name, sizes.tolist(), allowed)
    if not distinct[-1] >= SPAN * distinct[0] > 0:
        raise InvalidArgument(name, sizes.tolist(), f"sizes that grow {SPAN:g} times")
    return (distinct[0] / sizes) ** float(claim.statement.rate)


def weights(scaled: np.ndarray) -> np.ndarray:
    """Of the means in the least squares fit of (constant, A_1, A_2): (3, sizes)."""
    return np.linalg.pinv(np.stack([np.ones_like(scaled), scaled, scaled**2], axis=1))


def remainder(scaled: np.ndarray, constant: np.ndarray) -> float:
    """What is left of the series in the fitted constant, at most, over |A_1|."""
    powers = np.arange(3, 3 + TERMS)
    left = np.abs((scaled[None] ** powers[:, None]) @ constant)
    tail = DECAY ** (2 + TERMS) / (1 - DECAY) * np.abs(constant).sum()
    return float(left @ DECAY ** (powers - 1.0) + tail)


def _spread(series: np.ndarray, times: float, deterministic: bool) -> float:
    """The standard error of A_2 + times A_1."""
    if deterministic:
        return 0.0
    combined = series[2] + times * series[1]
    return float(combined.std(ddof=1) / np.sqrt(len(combined)))
