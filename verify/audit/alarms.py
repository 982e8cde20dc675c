"""How often a statistical helper raises a false alarm: simulations of true claims.

A simulation takes a generator, a number of repetitions and levels, and counts the false alarms at
each level. It calls the helpers through their modules, as everything else does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import hypothesis
import numpy as np
import sympy as sp
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st

from theory.language.claim import Claim
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_PATHWISE,
    EXACT_PROBABILITY,
    LOWER_EXPECTATION,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    UPPER_PROBABILITY,
    Kind,
    Mode,
)
from verify.audit.nulls import Law, two_points
from verify.judging import evidence, verdict
from verify.judging.budget import Budget
from verify.judging.sample import Sample

Simulation = Callable[[np.random.Generator, int, Sequence[float]], np.ndarray]

LONG, SEEDS = 1000, 256
"""Values per sample: of a helper alone, and in the verdicts."""

BOUNDS = np.array([1.0, 3.0, 0.2, 1.0, 7.0, 1e-3, 50.0, 1.0])
"""The means of the checkpoints."""

PROBABILITY, DELTA = 0.9, 0.3
"""Of the event in claims with a probability; the share of initialisations that may fail."""

TESTS, CHECKS, EXAMPLES, INITIALISATIONS = 6, 6, 25, 12
"""Of a simulated suite; of one search; initialisations of a claim."""

PHASES = (Phase.generate, Phase.target, Phase.shrink)
"""Of a search."""

KINDS = (
    UPPER_EXPECTATION,
    EXACT_EXPECTATION,
    LOWER_EXPECTATION,
    UPPER_PROBABILITY,
    LOWER_PROBABILITY,
    EXACT_PROBABILITY,
)
PATHWISE = (UPPER_PATHWISE, LOWER_PATHWISE, EXACT_PATHWISE)

_b, _v = sp.symbols("b v", nonnegative=True)
_claims: dict[Kind, Claim] = {}


def claim_of(kind: Kind) -> Claim:
    """The claim that a quantity is at most (at least, exactly) b, compiled once."""
    if kind not in _claims:
        extra = {"variance": _v} if kind.mode is Mode.EXPECTATION else {}
        _claims[kind] = Claim.of(f"{kind}", _b, kind=kind, source="simulation", **extra)
    return _claims[kind]


# helpers alone, in batches


def upper(law: Law) -> Simulation:
    def alarms(rng: np.random.Generator, count: int, levels: Sequence[float]) -> np.ndarray:
        values = law.draw(rng, (count, LONG))
        return _passed(evidence.log_e_value(values, np.ones(count)), levels)

    return alarms


def lower(law: Law) -> Simulation:
    def alarms(rng: np.random.Generator, count: int, levels: Sequence[float]) -> np.ndarray:
        values, variance = law.draw(rng, (count, LONG)), np.full(count, law.variance)
        return _passed(evidence.log_e_value_below(values, np.ones(count), variance), levels)

    return alarms


def limit(law: Law) -> Simulation:
    def alarms(rng: np.random.Generator, count: int, levels: Sequence[float]) -> np.ndarray:
        values = law.draw(rng, (count, SEEDS))
        limits = [evidence.lower_confidence(values, level) for level in levels]
        return np.array([(limit > 1).sum() for limit in limits])

    return alarms


def binomial(trials: int, share: float) -> Simulation:
    def alarms(rng: np.random.Generator, count: int, levels: Sequence[float]) -> np.ndarray:
        failures, times = np.unique(rng.binomial(trials, share, count), return_counts=True)
        p = np.array([evidence.binomial_p_value(int(f), trials, share) for f in failures])
        return np.array([times[p <= level].sum() for level in levels])

    return alarms


def _passed(log_e_values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    return np.array([(log_e_values >= np.log(1 / level)).sum() for level in levels])


# verdicts


def judge(kind: Kind, law: Law, *, alone: bool = False) -> Simulation:
    """At several checkpoints, or `alone` at one, with more seeds: there little is wasted."""

    def refuted(rng: np.random.Generator, level: float) -> bool:
        bounds, seeds = (np.ones(1), LONG) if alone else (BOUNDS, SEEDS)
        found = verdict.judge(claim_of(kind), _sample(kind, law, rng, bounds, seeds), level)
        return found.verdict is verdict.Verdict.REFUTED

    return one_by_one(refuted)


def initialisations(law: Law, *, confidence: bool) -> Simulation:
    """With `confidence`, as many as allowed fail, and visibly."""
    claim = claim_of(UPPER_EXPECTATION)
    claim = replace(claim, confidence="delta") if confidence else claim

    def refuted(rng: np.random.Generator, level: float) -> bool:
        fails = rng.random(INITIALISATIONS) < (DELTA if confidence else 0)
        samples = [
            Sample(law.draw(rng, (SEEDS,)) + 99.0 * bad, {"b": 1.0, "v": 0.0, "delta": DELTA})
            for bad in fails
        ]
        found = verdict.judge_initialisations(claim, samples, level)
        return found.verdict is verdict.Verdict.REFUTED

    return one_by_one(refuted)


def suite(law: Law) -> Simulation:
    """Whole suites of true claims, each check at its part of a budget of `level`: do any fail?"""

    def refuted(rng: np.random.Generator, level: float) -> bool:
        each = Budget(level, TESTS).per_check(CHECKS)
        kinds = [KINDS[number % len(KINDS)] for number in range(TESTS * CHECKS)]
        samples = (_sample(kind, law, rng, np.ones(1), SEEDS) for kind in kinds)
        judged = (
            verdict.judge(claim_of(kind), sample, each)
            for kind, sample in zip(kinds, samples, strict=True)
        )
        return any(found.verdict is verdict.Verdict.REFUTED for found in judged)

    return one_by_one(refuted)


def search(kind: Kind) -> Simulation:
    """Hypothesis hunts for parameters of a true claim that refute it; every example draws anew.

    Its examples share a budget of `level`; it counts if any of them is refuted.
    """

    def refuted(rng: np.random.Generator, level: float) -> bool:
        salt = int(rng.integers(2**62))
        each = Budget(level, 1).per_check(EXAMPLES)

        @hypothesis.seed(salt)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=False,
            verbosity=Verbosity.quiet, suppress_health_check=list(HealthCheck),
            print_blob=False, report_multiple_bugs=False, phases=PHASES,
        )  # fmt: skip
        @hypothesis.given(
            st.floats(0, 0.9), st.floats(1.1, 50), st.integers(2, SEEDS), st.floats(1e-3, 1e3)
        )
        def examine(low: float, high: float, seeds: int, bound: float) -> None:
            own = np.random.default_rng([salt, *_bits(low, high, bound), seeds])
            law = two_points(low, high)
            values = bound * law.draw(own, (seeds,))
            symbols = {"b": bound, "v": bound**2 * law.variance}
            with np.errstate(over="ignore"):  # bound/limit, for a limit next to 0
                found = verdict.judge(claim_of(kind), Sample(values, symbols), each)
            hypothesis.target(abs(float(values.mean()) / bound - 1) * seeds**0.5)
            if found.verdict is verdict.Verdict.REFUTED:
                raise _FalseAlarm

        try:
            examine()
        except _FalseAlarm:
            return True
        return False

    return one_by_one(refuted)


class _FalseAlarm(Exception):
    pass


def _bits(*numbers: float) -> list[int]:
    return [int(x) for x in np.array(numbers).view(np.uint64)]


def one_by_one(refuted: Callable[[np.random.Generator, float], bool]) -> Simulation:
    """A simulation whose repetitions are judged one after the other."""

    def alarms(rng: np.random.Generator, count: int, levels: Sequence[float]) -> np.ndarray:
        return np.array([sum(refuted(rng, level) for _ in range(count)) for level in levels])

    return alarms


def _sample(
    kind: Kind, law: Law, rng: np.random.Generator, bounds: np.ndarray, seeds: int
) -> Sample:
    """A sample of a claim that is true with nothing to spare."""
    if kind.mode is Mode.PROBABILITY:
        return Sample((rng.random(seeds) < PROBABILITY).astype(float), {"b": PROBABILITY})
    if kind.mode is Mode.PATHWISE:  # both sides are the same number but for rounding
        bound = law.draw(rng, (seeds,))
        return Sample(bound * (1 + 1e-12 * rng.standard_normal(seeds)), {"b": bound})
    values = bounds[:, None] * law.draw(rng, (len(bounds), seeds))
    return Sample(values, {"b": bounds, "v": bounds**2 * law.variance})
