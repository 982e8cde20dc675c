"""Claims in the limit: means at several sizes, extrapolated to infinite size.

The claim is E X_n -> R with an error of order n^-p. With the scaled sizes s = (n_0/n)^p (n_0 the
smallest size, so s <= 1) the error is taken to be a power series,

    E X_n - R_n = A_1 s + A_2 s^2 + A_3 s^3 + ...,     |A_j| <= DECAY^(j-1) |A_1|,

which is the premise: at the smallest size every term is at most DECAY of the one before. A least
squares fit of (C, A_1, A_2), C + A_1 s + A_2 s^2, is linear in the means. For sizes n, 2n, 4n and
p = 1 it is C = (X_n - 6 X_2n + 8 X_4n)/3 - R. What the fit leaves of a true limit is

    C = sum_{j>=3} c_j A_j,     and     (fitted A_1) = A_1 + sum_{j>=3} d_j A_j,

c_j = sum_n w_n s_n^j with w the weights of the means in C, d_j the same with those in A_1. So

    |C| <= LEFT |fitted A_1|,   LEFT = sum_{j>=3} DECAY^(j-1) |c_j| / (1 - sum DECAY^(j-1) |d_j|),

0.067 for sizes n, 2n, 4n. The claim is refuted if C > 0 and both C - LEFT A_1 and C + LEFT A_1 are
above 0, or C < 0 and both are below, each by Student's t at half the level: of a true claim one of
the two is on the other side, so the error is at most the level. The test is of one number per seed,
the fit of its values, and exact where that is normal; for other laws it is nearly so, and there
must be FEWEST seeds.

The premise is checked on the fit, |A_2| <= DECAY |A_1| at ERRORS standard errors, and where it
fails the verdict is OUT_OF_REGIME: larger sizes are needed. It fails before C goes astray, for A_3
moves the fit of A_2 fourteen times as far as C. (Two sizes could check nothing: with A_1 between
-2.5 A_2 and -0.5 A_2 the rule |2 X_2n - X_n - R| <= |X_n - X_2n| refutes true limits.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theory.language.claim import Claim, Evaluation
from theory.language.errors import InvalidArgument
from verify.judging.judgement import FACTOR, Judgement, Verdict, too_rare
from verify.judging.plural import number
from verify.judging.sample import Sample

DECAY = 0.4
"""A term of the series at the smallest size, over the one before it: at most."""

ERRORS = 3.0
"""Standard errors at which the premise is checked."""

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
    from scipy.special import stdtrit  # slow to import

    rows = sample.rows
    scaled = scaled_sizes(claim, sample)
    bound = np.broadcast_to(evaluation.bound, scaled.shape)
    fit = weights(scaled)
    with np.errstate(invalid="ignore"):
        limit, series = float(fit[0] @ bound), fit @ (rows - bound[:, None])
    mean, seeds = series.mean(axis=1), rows.shape[1]
    tail = 0.0 if sample.deterministic else float(-stdtrit(max(seeds - 1, 1), level / 2))
    rounding = sample.tolerance * (np.max(sample.scale) + np.abs(rows).max()) * np.abs(fit[0]).sum()
    left = remainder(scaled, fit)
    if not np.isfinite(left):
        reason = f"sizes that grow {1 / scaled.min():.3g} times in n^rate leave any limit open"
        return replace(base, verdict=Verdict.UNDERPOWERED, reason=reason, checkpoints=len(scaled))
    less, more = (
        tail * _error(series[0] + sign * left * series[1], sample) + rounding for sign in (-1, 1)
    )
    # how far C may lie above and below 0
    above = max(more - left * mean[1], less + left * mean[1])
    below = max(less - left * mean[1], more + left * mean[1])
    refuted = mean[0] > above or -mean[0] > below
    largest = int(np.argmin(scaled))
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = limit + mean[0]
        least, most = sorted(abs(x) for x in (measured - above, measured + below))
        factor = max(most / abs(limit), abs(limit) / least)
    if not (measured - above > 0 or measured + below < 0):  # 0 would not be refuted
        factor = np.inf
    judgement = replace(
        base,
        bound=limit,
        measured=float(measured),
        lower_confidence=float(measured - above),
        standard_error=_error(series[0], sample),
        tightness=1.0,
        tightness_confidence=float((above if mean[0] > 0 else below) / max(abs(mean[0]), 1e-300)),
        factor=max(1.0, float(factor)),
        position=largest,
        checkpoints=len(scaled),
        level=level,
    )
    if not np.isfinite(bound).all():
        reason = f"the bound is not a number at {int((~np.isfinite(bound)).sum())} sizes"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not sample.deterministic and seeds < FEWEST:
        reason = f"{number(seeds, 'run')}, at least {FEWEST} are needed"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    excess = max(abs(mean[2]) - DECAY * abs(mean[1]), 0.0) - rounding
    spread = max(_error(series[2] + sign * DECAY * series[1], sample) for sign in (-1, 1))
    if excess > ERRORS * spread:
        reason = (
            f"not yet in the limit: the second term of the error, {mean[2]:.3g}, is more than "
            f"{DECAY:g} of the first, {mean[1]:.3g}, at the smallest size"
        )
        return replace(judgement, verdict=Verdict.OUT_OF_REGIME, reason=reason)
    if refuted:
        reason = (
            f"extrapolates to {measured:.6g} (from {measured - above:.6g} to "
            f"{measured + below:.6g}), not to {limit:.6g}"
        )
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason, factor=1.0)
    if reason := too_rare(sample.share):
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not factor < FACTOR:
        many = f"{number(sample.rows.shape[1], 'run')} at each of {len(scaled)} sizes"
        reason = f"a limit wrong by a factor {FACTOR:g} would not have been refuted by {many}"
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


def remainder(scaled: np.ndarray, fit: np.ndarray) -> float:
    """LEFT: the fitted constant of a true limit, at most, over the fitted |A_1|; inf: no bound."""
    powers = np.arange(3, 3 + TERMS)
    sums = np.abs(fit[:2] @ scaled[:, None] ** powers) @ DECAY ** (powers - 1.0)
    tail = DECAY ** (2 + TERMS) / (1 - DECAY) * np.abs(fit[:2]).sum(axis=1)
    constant, first = sums + tail
    return float(constant / (1 - first)) if first < 1 else float("inf")


def _error(values: np.ndarray, sample: Sample) -> float:
    """The standard error of the mean of one number per seed."""
    if sample.deterministic:
        return 0.0
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("inf")
