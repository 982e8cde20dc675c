"""The judge: a claim and a sample give a verdict.

HOLDS          the premises hold, the claim was not refuted, and the check was informative
REFUTED        the e-value passed 1/level; pathwise and exact: the comparison failed beyond rounding
VACUOUS        the bound says no more than the trivial one (or is not finite), or the good event
               is too rare
UNDERPOWERED   a claim wrong by a factor 2 would not have been refuted by this sample
OUT_OF_REGIME  a premise fails
Only HOLDS is a pass.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from theory.claim import Claim, Evaluation, Mode, Relation
from theory.errors import InvalidArgument
from verify.evidence import binomial_p_value, log_e_value_below
from verify.sample import Sample

FACTOR = 2.0
"""The violation that an informative check must be able to see."""

MINIMAL_SHARE = 0.5
"""Below this share of the good event a claim on it says nothing."""


class Verdict(enum.Enum):
    HOLDS = "HOLDS"
    REFUTED = "REFUTED"
    VACUOUS = "VACUOUS"
    UNDERPOWERED = "UNDERPOWERED"
    OUT_OF_REGIME = "OUT_OF_REGIME"

    @property
    def informative(self) -> bool:
        return self in (Verdict.HOLDS, Verdict.REFUTED)


@dataclass(frozen=True)
class Judgement:
    """A verdict with its numbers (plain floats), taken where the claim is tightest.

    bound, measured    at that checkpoint; `measured` is the mean (pathwise: the value)
    lower_confidence   lower limit of the mean, error `level`/checkpoints
    standard_error     of the mean
    tightness          bound/measured; for an equality upper end/lower end of its band
    position           the checkpoint (flat index) the numbers belong to
    informative        checkpoints that could have refuted the claim, of `checkpoints`
    """

    claim: str
    verdict: Verdict
    reason: str = ""
    bound: float = float("nan")
    measured: float = float("nan")
    lower_confidence: float = float("nan")
    standard_error: float = float("nan")
    tightness: float = float("nan")
    tightness_confidence: float = float("nan")
    share: float = 1.0
    position: int = 0
    checkpoints: int = 0
    informative: int = 0
    level: float = 0.0

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.HOLDS

    def __str__(self) -> str:
        numbers = f"bound {self.bound:.6g}, measured {self.measured:.6g}"
        if np.isfinite(self.tightness):
            numbers += f", tightness {self.tightness:.3g}"
        return f"{self.claim}: {self.verdict.value} ({self.reason or numbers})"


def judge(claim: Claim, sample: Sample, level: float) -> Judgement:
    """The verdict on one claim with false-alarm probability `level` (0 for pathwise claims)."""
    base = Judgement(claim.name, Verdict.OUT_OF_REGIME, share=sample.share, level=level)
    if not np.isfinite(sample.values).all():
        bad = int((~np.isfinite(sample.values)).sum())
        reason = f"{bad} of {sample.values.size} measured values are not finite"
        return replace(base, verdict=Verdict.REFUTED, reason=reason)
    regime = claim.regime(sample.symbols)
    in_regime = float(np.mean(regime.holds))
    if in_regime == 0.0 or (claim.kind.mode is not Mode.PATHWISE and in_regime < 1.0):
        return replace(base, reason="; ".join(map(str, regime.failures)))
    evaluation = claim.evaluate(sample.symbols, where=regime.holds)
    if claim.kind.mode is Mode.PROBABILITY:
        return _probability(base, sample, float(evaluation.bound), claim.kind.relation, level)
    if claim.kind.mode is Mode.PATHWISE:
        return _pathwise(base, claim, sample, evaluation, regime.holds)
    return _expectation(base, claim, sample, evaluation, level)


def judge_initialisations(claim: Claim, samples: Sequence[Sample], level: float) -> Judgement:
    """The verdict over several independent initialisations.

    A claim with a `confidence` delta may fail in a share delta of them, so it is refuted by too
    many refutations (exact binomial test); any other claim must hold in each.
    """
    if len(samples) == 1 and not claim.confidence:
        return judge(claim, samples[0], level)
    each = level / (2 * len(samples))
    judged = [judge(claim, sample, each) for sample in samples]
    order = list(Verdict)
    worst = max(judged, key=lambda j: (j.verdict is Verdict.REFUTED, order.index(j.verdict)))
    if not claim.confidence:
        return worst
    delta = float(np.max(samples[0].symbols[claim.confidence]))
    failures = sum(j.verdict is Verdict.REFUTED for j in judged)
    trials = len(judged)
    if binomial_p_value(failures, trials, delta + each) <= level / 2:
        reason = f"fails in {failures} of {trials} initialisations, allowed: a share {delta:g}"
        return replace(worst, verdict=Verdict.REFUTED, reason=reason, level=level)
    silent = [j for j in judged if not j.verdict.informative]
    if silent:
        return max(silent, key=lambda j: order.index(j.verdict))
    doubled = int(np.ceil(min(1.0, FACTOR * delta) * trials))
    if binomial_p_value(doubled, trials, delta + each) > level / 2:
        reason = (
            f"the claim may fail in a share {delta:g} of the initialisations: {trials} are too "
        )
        reason += "few to see twice that share"
        return replace(worst, verdict=Verdict.UNDERPOWERED, reason=reason, level=level)
    return replace(worst, verdict=Verdict.HOLDS, reason="", level=level)


def _expectation(
    base: Judgement, claim: Claim, sample: Sample, evaluation: Evaluation, level: float
) -> Judgement:
    rows, count = sample.rows, len(sample.rows)
    each = level / count
    if claim.kind.relation is Relation.EXACT:
        each /= 2  # tested from both sides
    upper, lower = _band(claim, evaluation, count)
    mean = rows.mean(axis=1)
    scale = np.broadcast_to(np.asarray(sample.scale, dtype=np.float64), mean.shape)
    rounding = sample.tolerance * scale
    limit = sample.lower_confidence(each)
    powered = np.ones(count, dtype=bool)
    refuted = np.zeros(count, dtype=bool)
    if upper is not None:
        refuted |= limit > upper + _relative(sample, upper) + rounding
        wrong = (upper if lower is not None else mean) / FACTOR
        powered &= limit > wrong + _relative(sample, wrong) + rounding
    if lower is not None:
        assert evaluation.variance is not None
        variance = np.broadcast_to(evaluation.variance, mean.shape)
        finite = np.isfinite(lower) & np.isfinite(variance)
        variance = np.where(finite, variance, 0.0)
        floor = np.where(finite, lower - _relative(sample, lower) - rounding, -np.inf)
        if sample.deterministic:
            refuted |= mean < floor
            powered &= mean < FACTOR * floor
        else:
            threshold = np.log(1 / each)
            refuted |= log_e_value_below(rows, floor, variance) >= threshold
            seen = log_e_value_below(rows, FACTOR * floor, FACTOR**2 * variance) >= threshold
            powered &= seen
    shown = upper if upper is not None else lower
    assert shown is not None
    says = np.isfinite(shown) & (np.arange(count) >= sample.given)
    if claim.kind.relation is Relation.UPPER:
        says &= shown < np.broadcast_to(sample.trivial, mean.shape)
    error = rows.std(axis=1, ddof=1) / np.sqrt(rows.shape[1]) if rows.shape[1] > 1 else mean * 0
    with np.errstate(divide="ignore", invalid="ignore"):
        against = (mean, limit) if claim.kind.relation is Relation.UPPER else (lower, lower)
        ratio, ratio_limit = shown / against[0], shown / against[1]
        if claim.kind.relation is Relation.LOWER:
            ratio = ratio_limit = mean / shown
    at = _tightest(ratio, refuted, says & powered, says)
    judgement = replace(
        base,
        bound=float(np.broadcast_to(evaluation.bound, mean.shape)[at]),
        measured=float(mean[at]),
        lower_confidence=float(limit[at]),
        standard_error=float(error[at]),
        tightness=float(ratio[at]),
        tightness_confidence=float(ratio_limit[at]),
        position=at,
        checkpoints=count,
        informative=int((says & powered).sum()),
    )
    if refuted.any():
        return replace(judgement, verdict=Verdict.REFUTED)
    if not sample.share >= MINIMAL_SHARE:
        reason = f"the good event holds in a share {sample.share:.2f} of the seeds"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if np.isnan(shown).any():
        reason = f"the bound is not a number at {int(np.isnan(shown).sum())} of {count} checkpoints"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not says.any():
        reason = f"the bound {judgement.bound:.4g} is nowhere below the trivial one"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not (says & powered).any():
        reason = f"a claim wrong by a factor {FACTOR:g} would not have been refuted"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS)


def _band(
    claim: Claim, evaluation: Evaluation, count: int
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """(upper, lower) limits of the mean, each (checkpoints,) or None where there is none."""
    bound = np.broadcast_to(evaluation.bound, (count,))
    if claim.kind.relation is Relation.UPPER:
        return bound, None
    if claim.kind.relation is Relation.LOWER:
        return None, bound
    if evaluation.lower is None or evaluation.upper is None:
        return bound, bound
    ends = evaluation.upper, evaluation.lower
    return np.broadcast_to(ends[0], (count,)), np.broadcast_to(ends[1], (count,))


def _relative(sample: Sample, limit: np.ndarray) -> np.ndarray:
    """The relative rounding error at a limit of the mean; 0 where the limit is not finite."""
    return sample.tolerance * np.abs(np.where(np.isfinite(limit), limit, 0.0))


def _pathwise(
    base: Judgement, claim: Claim, sample: Sample, evaluation: Evaluation, holds: np.ndarray
) -> Judgement:
    values = sample.values
    holds = np.broadcast_to(holds, values.shape)
    bound = np.broadcast_to(evaluation.bound, values.shape)
    scale = np.broadcast_to(np.asarray(sample.scale, dtype=np.float64), values.shape)
    rounding = sample.tolerance * (scale + np.abs(bound))
    finite = np.isfinite(bound)
    with np.errstate(invalid="ignore", divide="ignore"):
        over = values > bound + rounding
        under = values < bound - rounding
        fails = {"upper": over, "lower": under, "exact": over | under | ~finite}
        failed = fails[claim.kind.relation.value] & holds
        ratio = np.where(values == bound, 1.0, bound / values)
        if claim.kind.relation is Relation.LOWER:
            ratio = 1 / ratio
        if claim.kind.relation is Relation.EXACT:
            ratio = np.where(over | under, ratio, 1.0)
    says = finite & holds
    if claim.kind.relation is Relation.UPPER:
        says &= bound < np.broadcast_to(sample.trivial, values.shape)
    visible = says & (np.maximum(np.abs(values), np.abs(bound)) > FACTOR * rounding)
    at = _tightest(ratio.ravel(), failed.ravel(), visible.ravel(), (holds & finite).ravel())
    judgement = replace(
        base,
        bound=float(bound.flat[at]),
        measured=float(values.flat[at]),
        lower_confidence=float(values.flat[at]),
        standard_error=0.0,
        tightness=float(ratio.flat[at]),
        tightness_confidence=float(ratio.flat[at]),
        share=float(holds.mean()),
        position=at,
        checkpoints=values.size,
        informative=int(visible.sum()),
        level=0.0,
    )
    if failed.any():
        reason = f"{int(failed.sum())} of {int(holds.sum())} points, bound {judgement.bound:.6g}, "
        reason += f"measured {judgement.measured:.6g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason)
    unknown = int((np.isnan(bound) & holds).sum())
    if unknown:
        reason = f"the bound is not a number at {unknown} of {int(holds.sum())} points"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not says.any():
        reason = "the bound is nowhere below the trivial one"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not visible.any():
        reason = "both sides are within rounding error of 0"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS)


def _probability(
    base: Judgement, sample: Sample, bound: float, relation: Relation, level: float
) -> Judgement:
    """P(event) >= bound (or <=) by an exact binomial test on the trials of the sample."""
    if relation is Relation.EXACT:
        raise ValueError("an equality of probabilities is not tested, only bounds of them")
    values = sample.values.ravel()
    trials = values.size
    lower = relation is Relation.LOWER
    allowed = 1 - bound if lower else bound
    if not np.isin(values, (0, 1)).all():
        raise InvalidArgument("values", sorted(set(values))[:5], "0 or 1 per trial")
    happened = int(values.sum())
    failures = trials - happened if lower else happened
    judgement = replace(
        base,
        bound=bound,
        measured=happened / trials,
        tightness=happened / trials / bound if lower and bound > 0 else float("nan"),
        standard_error=float(values.std() / np.sqrt(trials)),
        checkpoints=trials,
        level=level,
    )
    if binomial_p_value(failures, trials, max(allowed, 0.0)) <= level:
        reason = f"{failures} failures in {trials} trials, allowed: a share {allowed:g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason)
    if not 0 < allowed < 1:
        reason = f"a probability bound of {bound:g} says nothing or everything"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    doubled = int(np.ceil(min(1.0, FACTOR * allowed) * trials))
    if binomial_p_value(doubled, trials, allowed) > level:
        reason = f"{trials} trials would not show twice the allowed share {allowed:g} of failures"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS, informative=trials)


def _tightest(
    ratio: np.ndarray, failed: np.ndarray, informative: np.ndarray, shown: np.ndarray
) -> int:
    """Where to take the numbers from: a failure, else the tightest informative point."""
    for group in (failed, informative, shown, np.ones_like(failed)):
        if group.any():
            finite = np.where(group & ~np.isnan(ratio), ratio, np.inf)
            best = int(np.argmin(finite))
            return best if group[best] else int(np.argmax(group))
    return 0
