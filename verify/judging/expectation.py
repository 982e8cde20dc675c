"""Claims in expectation: evidence against them from above and from below, per checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory.language.claim import Claim, Evaluation
from theory.language.errors import InvalidArgument
from theory.language.kinds import Relation
from verify.judging.evidence import log_e_value, log_e_value_below
from verify.judging.judgement import (
    FACTOR,
    LARGEST_FACTOR,
    Judgement,
    Verdict,
    least,
    nowhere,
    smallest_factor,
    tightest,
    too_rare,
)
from verify.judging.plural import number
from verify.judging.sample import Sample


@dataclass(frozen=True, eq=False)
class _Limits:
    """Upper and lower limits of the mean, (checkpoints,) or None where there is none."""

    upper: np.ndarray | None
    lower: np.ndarray | None


@dataclass(frozen=True, eq=False)
class _Evidence:
    """Against one side, per checkpoint: refuted now; if the side were wrong by FACTOR.

    factor  the smallest by which the side can be tightened before any of `counted` refutes it
    """

    refuted: np.ndarray
    seen: np.ndarray
    factor: Callable[[np.ndarray], float]


def judge_expectation(
    base: Judgement, claim: Claim, sample: Sample, evaluation: Evaluation, level: float
) -> Judgement:
    """The verdict on a claim in expectation, each checkpoint at an equal part of `level`."""
    relation, rows, count = claim.kind.relation, sample.rows, len(sample.rows)
    each = level / count
    if relation is Relation.EXACT:
        each /= 2  # tested from both sides
    limits = _limits(claim, evaluation, count)
    mean = rows.mean(axis=1)
    limit = sample.lower_confidence(each)
    if evaluation.variance is not None and (evaluation.variance < 0).any():
        allowed = f"not negative, for {claim.name}"
        raise InvalidArgument("variance", float(np.nanmin(evaluation.variance)), allowed)
    sides = list(_sides(sample, limits, evaluation, each))
    over = _over_ceiling(sample, evaluation.ceiling)
    refuted = np.logical_or.reduce([over, *(side.refuted for side in sides)])
    powered = np.logical_and.reduce([side.seen for side in sides])
    shown = limits.upper if limits.upper is not None else limits.lower
    assert shown is not None
    says = np.isfinite(shown) & (np.arange(count) >= sample.given)
    rounding = sample.tolerance * np.abs(np.where(says, shown, 0.0)) + _rounding(sample, mean.shape)
    if relation is Relation.UPPER:
        says &= shown + rounding < np.broadcast_to(sample.trivial, mean.shape)
    elif relation is Relation.LOWER:
        says &= shown - rounding > max(0.0, claim.quantity.least)  # that X >= 0 is known
    error = rows.std(axis=1, ddof=1) / np.sqrt(rows.shape[1]) if rows.shape[1] > 1 else mean * 0
    with np.errstate(divide="ignore", invalid="ignore"):
        against = (mean, limit) if relation is Relation.UPPER else (limits.lower, limits.lower)
        ratio, ratio_limit = shown / against[0], shown / against[1]
        if relation is Relation.LOWER:
            ratio = ratio_limit = mean / shown
    at = tightest(ratio, refuted, says & powered, says)
    judgement = replace(
        base,
        bound=float(np.broadcast_to(evaluation.bound, mean.shape)[at]),
        measured=float(mean[at]),
        lower_confidence=float(limit[at]),
        standard_error=float(error[at]),
        tightness=float(ratio[at]),
        tightness_confidence=float(ratio_limit[at]),
        factor=1.0 if refuted.any() else max(side.factor(says) for side in sides),
        position=at,
        checkpoints=count,
        informative=int((says & powered).sum()),
    )
    if refuted.any():
        reason = f"{rows[over].max():.6g} is above the ceiling of all values" if over.any() else ""
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason)
    if reason := too_rare(sample.share):
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    unknown = np.isnan(shown)
    if limits.lower is not None and evaluation.variance is not None:
        unknown = unknown | np.isnan(limits.lower) | np.isnan(evaluation.variance)
    if evaluation.ceiling is not None:
        unknown = unknown | np.isnan(evaluation.ceiling)
    if unknown.any():
        many = number(count, "checkpoint")
        reason = f"the bound is not a number at {int(unknown.sum())} of {many}"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not says.any():
        lower = relation is Relation.LOWER
        known = max(0.0, claim.quantity.least) if lower else _at(sample.trivial, mean.shape, at)
        reason = nowhere(judgement.bound, known, lower=lower)
        if sample.given == count:
            reason = "all its values are given"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not (says & powered).any():
        runs = number(rows.shape[1], "run")
        reason = f"a claim wrong by a factor {FACTOR:g} would not have been refuted by {runs}"
        reason += f" at each of {count} checkpoints" if count > 1 else ""
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS)


def _limits(claim: Claim, evaluation: Evaluation, count: int) -> _Limits:
    bound = np.broadcast_to(evaluation.bound, (count,))
    if claim.kind.relation is Relation.UPPER:
        return _Limits(bound, None)
    if claim.kind.relation is Relation.LOWER:
        return _Limits(None, bound)
    if evaluation.lower is None or evaluation.upper is None:
        return _Limits(bound, bound)
    lower, upper = (np.broadcast_to(x, (count,)) for x in (evaluation.lower, evaluation.upper))
    return _Limits(upper, lower)


def _sides(
    sample: Sample, limits: _Limits, evaluation: Evaluation, level: float
) -> Iterator[_Evidence]:
    """The evidence from above and from below, as far as there are limits, each at `level`."""
    mean, both = sample.rows.mean(axis=1), limits.upper is not None and limits.lower is not None
    # of a bound a factor 2 is seen that puts it beyond the mean, where there is no slack
    if limits.upper is not None:
        wrong = limits.upper if both else mean
        yield _from_above(sample, sample.lower_confidence(level), limits.upper, wrong)
    if limits.lower is not None and evaluation.ceiling is not None:
        ceiling = np.broadcast_to(evaluation.ceiling, mean.shape)
        wrong = limits.lower if both else mean
        yield _below_ceiling(sample, limits.lower, ceiling, wrong, level)
    elif limits.lower is not None:
        assert evaluation.variance is not None
        variance = np.broadcast_to(evaluation.variance, mean.shape)
        yield _from_below(sample, limits.lower, variance, level)


def _from_above(
    sample: Sample, limit: np.ndarray, upper: np.ndarray, wrong: np.ndarray
) -> _Evidence:
    """E[X] <= upper is refuted where the lower confidence limit lies above it, beyond rounding."""
    rounding = _rounding(sample, limit.shape)

    def divisor(bound: np.ndarray) -> np.ndarray:
        """What the bound can be divided by until it is refuted."""
        visible = limit > rounding
        raised = bound + _relative(sample, bound)
        with np.errstate(invalid="ignore"):
            return np.where(visible, raised / np.where(visible, limit - rounding, 1.0), np.inf)

    refuted = limit > upper + _relative(sample, upper) + rounding
    return _Evidence(
        refuted, divisor(wrong) < FACTOR, lambda counted: least(divisor(upper), counted)
    )


def _from_below(sample: Sample, lower: np.ndarray, variance: np.ndarray, level: float) -> _Evidence:
    """E[X] >= lower given a bound of the variance, which grows with the square of the mean."""
    rows, rounding = sample.rows, _rounding(sample, lower.shape)
    finite = np.isfinite(lower) & np.isfinite(variance)
    variance = np.where(finite, variance, 0.0)
    floor = np.where(finite, lower - _relative(sample, lower) - rounding, -np.inf)
    if sample.deterministic:
        mean = rows[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            multiplier = np.where(floor > 0, mean / floor, np.inf)
        return _Evidence(
            mean < floor, mean < FACTOR * floor, lambda counted: least(multiplier, counted)
        )
    threshold = np.log(1 / level)

    def evidence(s: float, at: slice | int = slice(None)) -> np.ndarray:
        values, low, var = rows[at], s * floor[at], s**2 * variance[at]
        return log_e_value_below(np.atleast_2d(values), np.atleast_1d(low), np.atleast_1d(var))

    seen = evidence(FACTOR)

    def factor(counted: np.ndarray) -> float:
        """At the checkpoint that sees a factor 2 best."""
        if not counted.any():
            return float("inf")
        at = int(np.argmax(np.where(counted, seen, -1.0)))
        if evidence(LARGEST_FACTOR, at)[0] < threshold:
            return float("inf")
        return smallest_factor(lambda s: bool(evidence(s, at)[0] >= threshold))

    return _Evidence(evidence(1.0) >= threshold, seen >= threshold, factor)


def _below_ceiling(
    sample: Sample, lower: np.ndarray, ceiling: np.ndarray, wrong: np.ndarray, level: float
) -> _Evidence:
    """E[X] >= lower given 0 <= X <= ceiling: a bet on what X lacks, E[ceiling - X] from above.

    Wrong by a factor s: the bound times s, or what it lacks of the ceiling divided by s, if that
    is less.
    """
    rows, rounding = sample.rows, _rounding(sample, lower.shape)
    usable = np.isfinite(lower) & np.isfinite(ceiling)
    top = np.where(usable, ceiling, 0.0)
    lacking = np.maximum(top[:, None] - rows, 0.0)
    mean = rows.mean(axis=1)

    def refuted(bound: np.ndarray) -> np.ndarray:
        floor = bound - _relative(sample, bound) - rounding
        if sample.deterministic:
            return usable & (mean < floor)
        room = np.where(np.isnan(floor), np.inf, top - floor)
        return usable & (log_e_value(lacking, room) >= np.log(1 / level))

    def factor(counted: np.ndarray) -> float:
        def seen(s: float) -> bool:
            return bool((refuted(raised(np.where(usable, lower, 0.0), top, s)) & counted).any())

        return smallest_factor(seen) if seen(LARGEST_FACTOR) else float("inf")

    seen = refuted(raised(np.where(usable, wrong, 0.0), top, FACTOR))
    return _Evidence(refuted(np.where(usable, lower, 0.0)), seen, factor)


def raised(bound: np.ndarray, ceiling: np.ndarray, factor: float) -> np.ndarray:
    """A lower bound wrong by a factor: times it, or that much nearer to the ceiling if it is less.

    A bound at the ceiling or above it stays what it is.
    """
    nearer = ceiling - (ceiling - bound) / factor
    return np.where(bound < ceiling, np.minimum(factor * bound, nearer), bound)


def _over_ceiling(sample: Sample, ceiling: np.ndarray | None) -> np.ndarray:
    """Per checkpoint whether a value lies above what the quantity never exceeds."""
    rows = sample.rows
    if ceiling is None:
        return np.zeros(len(rows), dtype=bool)
    top = np.broadcast_to(ceiling, (len(rows),))
    allowed = top + _relative(sample, top) + _rounding(sample, top.shape)
    return np.asarray((rows > allowed[:, None]).any(axis=1))


def _at(value: float | np.ndarray, shape: tuple[int, ...], at: int) -> float:
    return float(np.broadcast_to(value, shape)[at])


def _rounding(sample: Sample, shape: tuple[int, ...]) -> np.ndarray:
    """The absolute rounding error of a mean."""
    return sample.tolerance * np.broadcast_to(np.asarray(sample.scale, dtype=np.float64), shape)


def _relative(sample: Sample, limit: np.ndarray) -> np.ndarray:
    """The relative rounding error at a limit of the mean; 0 where the limit is not finite."""
    return sample.tolerance * np.abs(np.where(np.isfinite(limit), limit, 0.0))
