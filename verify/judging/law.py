"""Claims in law: a sample against a distribution function, by exact tests of any sample size.

Where X has the distribution function F, u = F(X) is uniform and z = Phi^-1(u) standard normal. Of
a lattice law u is uniform between F(X-) and F(X): the draw is a function of the values. Four tests
share the level equally, each exact at every sample size:

    Kolmogorov-Smirnov  the largest distance of the shares from F (all alternatives)
    mean                sum of z, normal                          (a shift, a wrong parameter)
    spread              sum of z^2, chi-squared                   (a wrong scale)
    extremes            min(u, 1 - u) of the most extreme value   (outside the support, tails)

Rounding errors count for the claim: every test takes the value within rounding that refutes least.

A wrong law must be seen that has its values twice as large or half as large, or twice or half as
far from their median: so a law in which the values lie close together is tested in its spread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import gammainc, gammaincc, ndtr, ndtri

from theory.language.claim import Claim, Evaluation
from theory.language.errors import InvalidArgument
from verify.judging import fields
from verify.judging.judgement import (
    FACTOR,
    LARGEST_FACTOR,
    Judgement,
    Verdict,
    smallest_factor,
    too_rare,
)
from verify.judging.plural import number
from verify.judging.sample import Sample

TESTS = ("Kolmogorov-Smirnov", "mean", "spread", "extremes")

RESOLUTION = 2.0**-53
"""To which float64 knows 1 - F."""

Moved = Callable[[np.ndarray], np.ndarray]
"""Where a value lies in the law that is claimed, if it comes from another one."""


def judge_law(base: Judgement, claim: Claim, sample: Sample, level: float) -> Judgement:
    """The verdict on a claim in law: (checkpoints, trials), each checkpoint at an equal part."""
    rows = sample.rows
    if sample.deterministic:
        raise InvalidArgument("deterministic", True, f"False: {claim.name} speaks of chance")
    count, trials = rows.shape
    each = level / count
    if np.isnan(sample.scale).any():
        reason = "the rounding error is not a number"
        return replace(base, verdict=Verdict.VACUOUS, reason=reason, checkpoints=count)
    transform = Transform.of(claim, sample)
    if transform.impossible.any():
        first = int(np.argmax(transform.impossible))
        reason = f"{rows.flat[first]:.6g} is no value of a lattice law"
        return replace(base, verdict=Verdict.REFUTED, reason=reason, position=first, bound=0.0,
                       measured=float(transform.impossible.mean()), checkpoints=count, factor=1.0,
                       level=level)  # fmt: skip
    low, high = transform.uniform()
    at, bound, measured = furthest(low, high)
    unknown = ~((low >= 0) & (high <= 1))  # NaN too
    if unknown.any():
        first = int(np.argmax(unknown))
        reason = f"{int(unknown.sum())} of {low.size} probabilities are not in [0, 1], the first "
        reason += f"at checkpoint {first // trials}: there the law has no distribution function"
        return replace(base, verdict=Verdict.VACUOUS, reason=reason, position=first,
                       checkpoints=count)  # fmt: skip
    p = p_values(low, high)
    refuted = p.min(axis=0) <= each / len(TESTS)
    worst = int(np.argmin(p.min(axis=0)))
    says = np.arange(count) >= sample.given
    least_p = min(1.0, float(p.min()) * len(TESTS))
    nearness = np.log(least_p) / np.log(each) if least_p > 0 else np.inf
    judgement = replace(
        base,
        bound=float(bound[worst]),
        measured=float(measured[worst]),
        lower_confidence=float(measured[worst] - _critical(trials, each / len(TESTS))),
        standard_error=float(np.sqrt(bound[worst] * (1 - bound[worst]) / trials)),
        tightness=1.0,
        tightness_confidence=float(1 / nearness) if nearness > 0 else float("inf"),
        position=int(worst * trials + at[worst]),
        checkpoints=count,
        level=level,
    )
    if refuted.any():
        test = TESTS[int(np.argmin(p[:, worst]))]
        reason = f"{test} of {trials} values: p = {p[:, worst].min():.2g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason, factor=1.0)
    if reason := too_rare(sample.share):
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not says.any():
        return replace(judgement, verdict=Verdict.VACUOUS, reason="all its values are given")
    sides = [seen_at(transform, says, each, side) for side in transform.sides()]
    seen = np.logical_and.reduce([powered for powered, _ in sides])
    judgement = replace(
        judgement, factor=max(factor for _, factor in sides), informative=int(seen.sum())
    )
    if not seen.any():
        many = number(trials, "value")
        reason = f"a law wrong by a factor {FACTOR:g} would not have been refuted by {many}"
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS)


def p_values(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Of the four tests, (4, checkpoints): u is known to lie in [low, high], (checkpoints, n)."""
    from scipy.stats import kstwo  # takes a second to import

    return np.array([kstwo.sf(_distance(low, high), low.shape[1]), *_quick(low, high)])


def refutes(low: np.ndarray, high: np.ndarray, level: float) -> np.ndarray:
    """Per checkpoint whether any test refutes at `level`."""
    quick = np.array(_quick(low, high)).min(axis=0) <= level
    return np.asarray(quick | (_distance(low, high) >= _critical(low.shape[1], level)))


def _distance(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The statistic of Kolmogorov and Smirnov."""
    n = low.shape[1]
    steps = np.arange(1, n + 1) / n
    above = (steps - np.sort(high, axis=1)).max(axis=1)
    below = (np.sort(low, axis=1) - (steps - 1 / n)).max(axis=1)
    return np.clip(np.maximum(above, below), 0, 1)


@lru_cache(maxsize=256)
def _critical(n: int, level: float) -> float:
    from scipy.stats import kstwo  # takes a second to import

    return float(kstwo.isf(level, n))


def _quick(low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
    """The p-values of the tests but the first."""

    n = low.shape[1]
    down, up = (ndtri(np.clip(u, 1e-300, 1 - RESOLUTION)) for u in (low, high))
    shift = ndtr(-np.maximum(down.sum(axis=1), -up.sum(axis=1)) / np.sqrt(n))
    nearest = np.where((down < 0) & (up > 0), 0.0, np.minimum(down**2, up**2))
    wide = gammaincc(n / 2, nearest.sum(axis=1) / 2)
    narrow = gammainc(n / 2, np.maximum(down**2, up**2).sum(axis=1) / 2)
    least = np.minimum(high, np.maximum(1 - low, RESOLUTION))
    with np.errstate(divide="ignore"):
        extreme = -np.expm1(n * np.log1p(-2 * np.minimum(least.min(axis=1), 0.5)))
    return [np.minimum(p, 1.0) for p in (2 * shift, 2 * np.minimum(wide, narrow), extreme)]


def furthest(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per checkpoint where shares and F differ most: position, F there, share of the values."""
    n = low.shape[1]
    steps = np.arange(1, n + 1) / n
    by_high, by_low = np.argsort(high, axis=1), np.argsort(low, axis=1)
    up, down = np.take_along_axis(high, by_high, 1), np.take_along_axis(low, by_low, 1)
    above, below = steps - up, down - (steps - 1 / n)
    rows = np.arange(len(low))
    i, j = above.argmax(axis=1), below.argmax(axis=1)
    first = above[rows, i] >= below[rows, j]
    at = np.where(first, by_high[rows, i], by_low[rows, j])
    bound = np.where(first, up[rows, i], down[rows, j])
    return at, bound, np.where(first, steps[i], steps[j] - 1 / n)


@dataclass(frozen=True, eq=False)
class Transform:
    """The values of a sample on their way to uniform numbers.

    rows      (checkpoints, trials); of a lattice law the points of its lattice next to the values
    error     their rounding error; 0 for a lattice law
    below     the lattice point below each value, None for a continuous law
    draws     uniform numbers, a function of the values, for a lattice law
    """

    claim: Claim
    symbols: Mapping[str, Any]
    rows: np.ndarray
    error: np.ndarray
    below: np.ndarray | None
    draws: np.ndarray
    impossible: np.ndarray

    @classmethod
    def of(cls, claim: Claim, sample: Sample) -> Transform:
        rows = sample.rows
        known = sample.symbols_of(claim)
        symbols = {name: known[name] for name in claim.variables}
        error = sample.tolerance * (fields.column(sample.scale, rows.shape) + np.abs(rows))
        error = np.broadcast_to(error, rows.shape)
        parts = _evaluated(claim, symbols, rows).parts
        never = np.zeros(rows.shape, dtype=bool)
        if "step" not in parts:
            return cls(claim, symbols, rows, error, None, np.zeros(rows.shape), never)
        step, origin = parts["step"], parts["origin"]
        nearest = origin + step * np.rint((rows - origin) / step)
        seed = int.from_bytes(hashlib.sha256(rows.tobytes() + claim.name.encode()).digest()[:8])
        draws = np.random.default_rng(seed).random(rows.shape)
        impossible = np.abs(rows - nearest) > np.maximum(error, 1e-300)
        return cls(claim, symbols, nearest, never * 1.0, nearest - step, draws, impossible)

    def uniform(self, moved: Moved = lambda x: x) -> tuple[np.ndarray, np.ndarray]:
        """The least and the largest u that rounding allows, (checkpoints, trials) each."""
        if self.below is None:
            return self._at(moved(self.rows - self.error)), self._at(moved(self.rows + self.error))
        top, bottom = self._at(moved(self.rows)), self._at(moved(self.below))
        u = bottom + self.draws * (top - bottom)
        return u, u

    def sides(self) -> list[Callable[[float], Moved]]:
        """Laws wrong by a factor, each as a map of the values."""
        middle = np.median(self.rows, axis=1, keepdims=True)
        return [
            lambda f: lambda x: x / f,
            lambda f: lambda x: x * f,
            lambda f: lambda x: middle + (x - middle) / f,
            lambda f: lambda x: middle + (x - middle) * f,
        ]

    def _at(self, values: np.ndarray) -> np.ndarray:
        return np.broadcast_to(_evaluated(self.claim, self.symbols, values).bound, self.rows.shape)


def _evaluated(claim: Claim, symbols: Mapping[str, Any], values: np.ndarray) -> Evaluation:
    distribution, known = claim.at(symbols, values)
    return distribution.evaluate(known, where=np.array(True))


def seen_at(
    transform: Transform, says: np.ndarray, each: float, side: Callable[[float], Moved]
) -> tuple[np.ndarray, float]:
    """Per checkpoint whether a law wrong by FACTOR is refuted, and the smallest factor of any."""

    def refuted(factor: float) -> np.ndarray:
        return refutes(*transform.uniform(side(factor)), each / len(TESTS)) & says

    def seen(factor: float) -> bool:
        return bool(refuted(factor).any())

    powered = refuted(FACTOR)
    if powered.any():
        return powered, smallest_factor(seen, high=FACTOR)
    factor = smallest_factor(seen, low=FACTOR) if seen(LARGEST_FACTOR) else float("inf")
    return powered, factor
