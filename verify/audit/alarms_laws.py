"""False alarms of claims in law, in the limit, and of means below a ceiling, simulated.

Each simulation draws what the claim says, with nothing to spare where there is a boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from theory.language import laws
from theory.language.claim import Claim
from theory.language.kinds import EXACT_LAW, EXACT_LIMIT, Kind, Mode, Relation
from verify.audit.alarms import Simulation, one_by_one
from verify.audit.nulls import Law
from verify.judging import law, verdict
from verify.judging.sample import Sample

SEEDS = 256
"""Values per checkpoint."""

SIZES = np.array([20.0, 40.0, 80.0])

_a, _c, _n, _top = sp.symbols("a c n top", positive=True)

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]

LAWS: Mapping[str, tuple[sp.Expr, Mapping[str, Any], Draw]] = {
    "chi-squared(5)": (
        laws.ChiSquared(_a), {"a": 5}, lambda rng, shape: rng.chisquare(5, shape),
    ),
    "2 beta(1/2;3)": (
        2 * laws.Beta(_a, _c), {"a": 0.5, "c": 3}, lambda rng, shape: 2 * rng.beta(0.5, 3, shape),
    ),
    "poisson(0.7)": (laws.Poisson(_a), {"a": 0.7}, lambda rng, shape: rng.poisson(0.7, shape)),
    "3 binomial(40;0.2)": (
        3 * laws.Binomial(_a, _c), {"a": 40, "c": 0.2},
        lambda rng, shape: 3 * rng.binomial(40, 0.2, shape),
    ),
}  # fmt: skip
"""The law, the values of its parameters, and how it is drawn."""

ERRORS: Mapping[str, tuple[float, ...]] = {
    "no error": (0.0,),
    "largest remainder": (0.15, -0.06, 0.024, 0.0096, 0.00384, 0.0015, 0.0006, 0.00024),
    "one term": (-0.15,),
}
"""Relative errors at the smallest size: coefficients of 1/n, 1/n^2, ..., in units of that size."""

NOISES: Mapping[str, Draw] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape) - 1,
}


def _judged(claim: Claim, draw: Callable[[np.random.Generator], Sample]) -> Simulation:
    def refuted(rng: np.random.Generator, level: float) -> bool:
        return verdict.judge(claim, draw(rng), level).verdict is verdict.Verdict.REFUTED

    return one_by_one(refuted)


def part_of_law(name: str) -> Simulation:
    """One of the four tests alone, on uniform numbers."""
    number = law.TESTS.index(name)

    def alarms(rng: np.random.Generator, count: int, levels: Sequence[float]) -> np.ndarray:
        u = rng.random((count, SEEDS))
        p = law.p_values(u, u)[number]
        return np.array([(p <= level).sum() for level in levels])

    return alarms


def in_law(name: str, *, checkpoints: int = 1) -> Simulation:
    expression, symbols, draw = LAWS[name]
    claim = Claim.of(name, expression, kind=EXACT_LAW, source="simulation")
    return _judged(claim, lambda rng: Sample(draw(rng, (checkpoints, SEEDS)), symbols))


def in_limit(error: str, noise: str) -> Simulation:
    claim = Claim.of("limit", _a, kind=EXACT_LIMIT, source="simulation", size=_n)
    scaled = SIZES[0] / SIZES
    terms = sum(c * scaled ** (j + 1) for j, c in enumerate(ERRORS[error]))

    def draw(rng: np.random.Generator) -> Sample:
        chance = 0.02 * scaled[:, None] * NOISES[noise](rng, (len(SIZES), SEEDS))
        return Sample((1 + np.asarray(terms))[:, None] + chance, {"a": 1.0, "n": SIZES})

    return _judged(claim, draw)


def below_ceiling(relation: Relation, law_: Law, ceiling: float) -> Simulation:
    """E[X] >= b or == b, for values that never exceed the ceiling."""
    kind = Kind(relation, Mode.EXPECTATION)
    claim = Claim.of("capped", _a, kind=kind, source="simulation", ceiling=_top)
    symbols = {"a": 1.0, "top": ceiling}
    return _judged(claim, lambda rng: Sample(law_.draw(rng, (1, SEEDS)), symbols))
