"""The judge: a claim and a sample give a verdict.

HOLDS          the premises hold, the claim was not refuted, and the check was informative
REFUTED        the e-value passed 1/level (or the p-value fell below the level); pathwise: the
               comparison failed beyond rounding
VACUOUS        the bound says no more than the trivial one beyond rounding (or is not finite), or
               the good event is too rare
UNDERPOWERED   a claim wrong by a factor 2 would not have been refuted by this sample
OUT_OF_REGIME  a premise fails
Only HOLDS is a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from theory.language.claim import Claim, Evaluation
from theory.language.errors import InvalidArgument
from theory.language.kinds import Mode, Relation
from verify.judging import fields
from verify.judging.expectation import judge_expectation
from verify.judging.extrapolation import judge_limit
from verify.judging.fields import check_level, check_shapes, check_signs
from verify.judging.judgement import FACTOR, Judgement, Verdict, least, nowhere, tightest, too_rare
from verify.judging.law import judge_law
from verify.judging.plural import number
from verify.judging.probability import enough_trials, judge_probability, shows_twice, too_many
from verify.judging.sample import Sample

__all__ = ["Judgement", "Verdict", "judge", "judge_initialisations", "judge_one"]


def judge(claim: Claim, sample: Sample, level: float) -> Judgement:
    """The verdict on one claim with false-alarm probability `level` (0 for pathwise claims).

    Of a claim with a `confidence` one initialisation may fail: `judge_initialisations` takes many.
    """
    return judge_initialisations(claim, [sample], level)


def judge_one(claim: Claim, sample: Sample, level: float) -> Judgement:
    """The verdict on one initialisation, in which a claim with a `confidence` may fail."""
    check_level(claim, level)
    if not isinstance(sample, Sample):
        raise InvalidArgument("sample", sample, f"a Sample(values, symbols), for {claim.name}")
    check_shapes(claim, sample)
    base = Judgement(claim.name, Verdict.OUT_OF_REGIME, share=sample.share, level=level)
    if not np.isfinite(sample.values).all():
        bad = int((~np.isfinite(sample.values)).sum())
        reason = f"{bad} of {sample.values.size} measured values are not finite"
        return replace(base, verdict=Verdict.REFUTED, reason=reason)
    check_signs(claim, sample)
    symbols = sample.symbols_of(claim)
    regime = claim.regime(symbols)
    in_regime = float(np.mean(regime.holds))
    if in_regime == 0.0 or (claim.kind.mode is not Mode.PATHWISE and in_regime < 1.0):
        return replace(base, reason="; ".join(map(str, regime.failures)))
    if claim.kind.mode is Mode.LAW:
        return judge_law(base, claim, sample, level)
    evaluation = claim.evaluate(symbols, where=regime.holds)
    if claim.kind.mode is Mode.PROBABILITY:
        bound = float(evaluation.bound)
        return judge_probability(base, sample, bound, claim.kind.relation, level)
    if claim.kind.mode is Mode.PATHWISE:
        return _pathwise(base, claim, sample, evaluation, regime.holds)
    if claim.kind.mode is Mode.LIMIT:
        return judge_limit(base, claim, sample, evaluation, level)
    if claim.kind.mode is Mode.EXPECTATION:
        return judge_expectation(base, claim, sample, evaluation, level)
    raise NotImplementedError(f"claims {claim.kind.mode.value} are not judged")


def judge_initialisations(claim: Claim, samples: Sequence[Sample], level: float) -> Judgement:
    """The verdict over several independent initialisations.

    A claim with a `confidence` delta may fail in a share delta of them, so it is refuted by too
    many refutations (exact binomial test); any other claim must hold in each.
    """
    if not samples:
        raise InvalidArgument("samples", samples, f"at least one, for {claim.name}")
    if len(samples) == 1 and not claim.confidence:
        return judge_one(claim, samples[0], level)
    each = level / (2 * len(samples))
    judged = [judge_one(claim, sample, each) for sample in samples]
    order = list(Verdict)

    def badness(j: Judgement) -> tuple[bool, int, float]:
        return j.verdict is Verdict.REFUTED, order.index(j.verdict), -np.nan_to_num(j.tightness)

    if not claim.confidence:
        return max(judged, key=badness)
    delta = _allowed_share(claim, samples)
    if lost := sum(int(np.isnan(sample.values).sum()) for sample in samples):
        # what was not measured did not fail: the share that may fail is no excuse for it
        reason = f"{number(lost, 'measured value', 'are')} not finite"
        return replace(
            max(judged, key=badness), verdict=Verdict.REFUTED, reason=reason, level=level
        )
    trials, factors = len(judged), sorted(j.factor for j in judged)
    enough = (n for n in range(1, trials + 1) if too_many(n, trials, delta + each, level / 2))
    factor = next((factors[n - 1] for n in enough), float("inf"))
    failures = sum(j.verdict is Verdict.REFUTED for j in judged)
    heard = [j for j in judged if j.verdict.informative]
    silent = [j for j in judged if not j.verdict.informative]
    worst = replace(max(heard or silent, key=badness), factor=factor, level=level)
    if too_many(failures, trials, delta + each, level / 2):
        many = number(trials, "initialisation")
        reason = f"fails in {failures} of {many}, allowed: a share {delta:g}"
        return replace(worst, verdict=Verdict.REFUTED, reason=reason)
    # at worst those that fail are those that say nothing
    doubled = max(0, int(np.ceil(min(1.0, FACTOR * delta) * trials)) - len(silent))
    powered = too_many(doubled, trials, delta + each, level / 2)
    if any(j.verdict is Verdict.OUT_OF_REGIME for j in silent) or (silent and not powered):
        return replace(max(silent, key=badness), factor=factor)
    if not powered:
        reason = (
            f"the claim may fail in a share {delta:g} of the initialisations: {trials} are too "
            "few to see twice that share"
        )
        reason += enough_trials(trials, lambda n: shows_twice(n, delta, level / 2, each))
        return replace(worst, verdict=Verdict.UNDERPOWERED, reason=reason)
    # a share delta may be worse than the draw that is shown
    ranked = sorted(heard, key=badness, reverse=True)
    shown = ranked[min(int(delta * trials), len(ranked) - 1)]
    return replace(shown, verdict=Verdict.HOLDS, reason="", factor=factor, level=level)


def _allowed_share(claim: Claim, samples: Sequence[Sample]) -> float:
    """The share delta of initialisations in which the claim may fail, the same in all samples."""
    name = claim.confidence
    given = [np.ravel(s.symbols.get(name, np.nan)) for s in samples]
    found: list[float] = np.unique(np.concatenate(given)).tolist()
    if len(found) != 1 or not 0 <= found[0] <= 1:
        allowed = f"one number in [0, 1] for all initialisations of {claim.name}"
        raise InvalidArgument(name, found, allowed)
    return found[0]


def _pathwise(
    base: Judgement, claim: Claim, sample: Sample, evaluation: Evaluation, holds: np.ndarray
) -> Judgement:
    values, trivial = sample.values, fields.column(sample.trivial, sample.values.shape)
    holds = np.broadcast_to(holds, values.shape)
    bound = np.broadcast_to(evaluation.bound, values.shape)
    scale = np.broadcast_to(fields.column(sample.scale, values.shape), values.shape)
    rounding = sample.tolerance * (scale + np.abs(bound))
    finite = np.isfinite(bound)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        lowest, highest = bound - rounding, bound + rounding
        over, under = values > highest, values < lowest
        fails = {"upper": over, "lower": under, "exact": over | under | ~finite}
        failed = fails[claim.kind.relation.value] & holds
        ratio = np.where(values == bound, 1.0, bound / values)
        if claim.kind.relation is Relation.LOWER:
            ratio = 1 / ratio
        if claim.kind.relation is Relation.EXACT:
            ratio = np.where(over | under, ratio, 1.0)
        else:  # of two negative sides the nearer one to 0 is the larger; 0 parts two signs
            ratio = np.where((values < 0) & (bound < 0), 1 / ratio, ratio)
            apart = (values != bound) & (np.sign(values) * np.sign(bound) <= 0)
            ratio = np.where(apart & ~failed, np.inf, ratio)
        # a bound lost in rounding is 0: which failure is shown must not depend on it
        ratio = np.where(failed & (np.abs(bound) <= rounding), 0.0, ratio)
        error = sample.tolerance * scale
        divisor = bound * (1 + sample.tolerance) / np.where(values > error, values - error, 0.0)
        multiplier = (values + error) / (bound * (1 - sample.tolerance))
    known = np.arange(len(values)) < sample.given  # before training: they test nothing
    says = finite & holds & ~known.reshape(-1, *[1] * (values.ndim - 1))
    if claim.kind.relation is Relation.UPPER:
        says &= highest < np.broadcast_to(trivial, values.shape)
    if claim.kind.relation is Relation.LOWER:
        says &= lowest > claim.quantity.least
    visible = says & (np.maximum(np.abs(values), np.abs(bound)) > FACTOR * rounding)
    sides = {"upper": (divisor,), "lower": (multiplier,), "exact": (divisor, multiplier)}
    factors = [least(f, says & (bound > 0)) for f in sides[claim.kind.relation.value]]
    at = tightest(ratio.ravel(), failed.ravel(), visible.ravel(), (holds & finite).ravel())
    judgement = replace(
        base,
        bound=float(bound.flat[at]),
        measured=float(values.flat[at]),
        lower_confidence=float(values.flat[at]),
        standard_error=0.0,
        tightness=float(ratio.flat[at]),
        tightness_confidence=float(ratio.flat[at]),
        factor=1.0 if failed.any() else max(factors),
        share=float(holds.mean()),
        position=at,
        checkpoints=values.size,
        informative=int(visible.sum()),
        level=0.0,
    )
    if failed.any():
        many = number(int(holds.sum()), "point")
        reason = f"{int(failed.sum())} of {many}, bound {judgement.bound:.6g}, "
        reason += f"measured {judgement.measured:.6g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason)
    if reason := too_rare(sample.share):
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    unknown = int((np.isnan(bound) & holds).sum())
    if unknown:
        many = number(int(holds.sum()), "point")
        reason = f"the bound is not a number at {unknown} of {many}"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not says.any():
        lower = claim.kind.relation is Relation.LOWER
        obvious = claim.quantity.least if lower else np.broadcast_to(trivial, values.shape).flat[at]
        reason = nowhere(judgement.bound, obvious, lower=lower)
        reason = "all its values are given" if known.all() else reason
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not visible.any():
        reason = "both sides are within rounding error of 0"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS)
