"""The judge: which claim and which sample give which verdict."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

from theory import InvalidArgument
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
    Mode,
)
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict, judge, judge_initialisations, judge_one

LEVEL = 1e-6
HOLDS, REFUTED, VACUOUS, UNDERPOWERED, OUT = Verdict

b, v, q, delta = sp.symbols("b v q delta", real=True)
low, high, a, top = sp.symbols("low high a top", real=True)


def claim(kind, **statement):
    """bound: b where a = 1, -inf where a = 0, NaN where a = -1."""
    return Claim.of(str(kind), b + sp.log(a), kind=kind, source="-", **statement)


def bounded(bound):
    """Symbols that give this bound: a symbol's value is never NaN or -inf."""
    bound = np.asarray(bound, dtype=float)
    strange = np.isnan(bound) | (bound == -math.inf)
    a = np.where(np.isnan(bound), -1.0, np.where(strange, 0.0, 1.0))
    return {"b": np.where(strange, 0.0, bound), "a": a, "q": 1.0}


UPPER = claim(UPPER_EXPECTATION, premises=[q > 0])
EXACT = claim(EXACT_EXPECTATION, variance=v)
BAND = claim(EXACT_EXPECTATION, variance=v, band=(low, high))
LOWER = claim(LOWER_EXPECTATION, variance=v)
PATH_UPPER = claim(UPPER_PATHWISE, premises=[q > 0])
PATH_LOWER = claim(LOWER_PATHWISE)
PATH_EXACT = claim(EXACT_PATHWISE, premises=[q > 0])
OFTEN = claim(LOWER_PROBABILITY)
SELDOM = claim(UPPER_PROBABILITY)
EQUALLY = claim(EXACT_PROBABILITY)
CAPPED = claim(LOWER_EXPECTATION, ceiling=top)
CAPPED_EXACT = claim(EXACT_EXPECTATION, ceiling=top)

UNIT = np.random.default_rng(0).permutation(-np.log(1 - (np.arange(400) + 0.5) / 400))
UNIT = UNIT / UNIT.mean()
"""400 values of mean 1 and variance 1 in random order: the quantiles of an exponential law."""


def mean_of(means, bound, *, seeds=400, values=None, **sample):
    """A sample whose checkpoints have these means, for the claims in expectation."""
    means = np.atleast_1d(means)
    rows = means[:, None] * UNIT[:seeds] if values is None else values
    symbols = bounded(bound) | {"v": means**2} | sample.pop("symbols", {})
    return Sample(rows, symbols, **sample)


def path_of(values, bound, *, symbols=(), **sample):
    return Sample(values, bounded(bound) | dict(symbols), **sample)


def trials_of(happened, trials, bound):
    return Sample(np.arange(trials) < happened, bounded(bound))


def capped(mean, bound, *, ceiling=1.0, seeds=400, **sample):
    """Values 0 and 1 below a ceiling, whatever the mean."""
    rows = np.random.default_rng(1).permutation(np.arange(400) < 400 * mean)[None, :seeds] * 1.0
    return Sample(rows, bounded(bound) | {"top": ceiling}, **sample)


def known(value, bound, **sample):
    """One seed that stands for all."""
    return mean_of(value, bound, values=np.array([[value]]), deterministic=True, **sample)


BENT = np.where(np.arange(400)[None] == 7, math.nan, UNIT)
TABLE = [
    # upper bounds in expectation
    ("upper", UPPER, mean_of(1.0, 1.5), HOLDS),
    ("upper, tight", UPPER, mean_of(1.0, 1.0), HOLDS),
    ("upper, false", UPPER, mean_of(1.0, 0.4), REFUTED),
    ("upper, false by little", UPPER, mean_of(1.0, 0.95), HOLDS),  # no sample of 400 can tell
    ("upper, false once", UPPER, mean_of([1.0, 1.0, 1.0], [2.0, 0.4, 2.0]), REFUTED),
    ("upper, few seeds", UPPER, mean_of(1.0, 1.5, seeds=12), UNDERPOWERED),
    ("upper, one seed", UPPER, mean_of(1.0, 0.4, seeds=1), UNDERPOWERED),
    ("upper, bound 0", UPPER, mean_of(1.0, 0.0), REFUTED),
    ("upper, 0 <= 0", UPPER, mean_of(0.0, 0.0), UNDERPOWERED),
    ("upper, negative bound", UPPER, mean_of(0.0, -1.0), REFUTED),
    ("upper, bound inf", UPPER, mean_of(1.0, math.inf), VACUOUS),
    ("upper, bound inf once", UPPER, mean_of([1.0, 1.0], [math.inf, 1.5]), HOLDS),
    ("upper, bound -inf", UPPER, mean_of(1.0, -math.inf), REFUTED),
    ("upper, bound NaN", UPPER, mean_of(1.0, math.nan), VACUOUS),
    ("upper, bound NaN once", UPPER, mean_of([1.0, 1.0], [math.nan, 1.5]), VACUOUS),
    ("upper, bound NaN, false", UPPER, mean_of([1.0, 1.0], [math.nan, 0.4]), REFUTED),
    ("upper, a value NaN", UPPER, mean_of(1.0, 1.5, values=BENT), REFUTED),
    ("upper, a value inf", UPPER, mean_of(1.0, math.inf, values=BENT * math.inf), REFUTED),
    ("upper, trivial", UPPER, mean_of(1.0, 1.5, trivial=1.5), VACUOUS),
    ("upper, trivial but for rounding", UPPER, mean_of(1.0, 1.5, trivial=1.5 + 1e-15), VACUOUS),
    ("upper, trivial but for that of its scale", UPPER,
     mean_of(1.0, 1.5, trivial=1.5 + 1e-7, scale=1e3), VACUOUS),
    ("upper, nearly trivial", UPPER, mean_of(1.0, 1.5, trivial=1.6), HOLDS),
    ("upper, trivial but for one", UPPER, mean_of([1, 1], 1.5, trivial=[1.0, 2.0]), HOLDS),
    ("upper, all given", UPPER, mean_of([1.0, 1.0], 1.5, given=2), VACUOUS),
    ("upper, power only where given", UPPER, mean_of([1.0, 0.0], 1.5, given=1), UNDERPOWERED),
    ("upper, false where given", UPPER, mean_of([1.0, 1.0], [0.4, 1.5], given=1), REFUTED),
    ("upper, rare event", UPPER, mean_of(1.0, 1.5, share=0.49), VACUOUS),
    ("upper, frequent event", UPPER, mean_of(1.0, 1.5, share=0.5), HOLDS),
    ("upper, regime", UPPER, mean_of(1.0, 1.5, symbols={"q": 0.0}), OUT),
    ("upper, regime once", UPPER, mean_of([1, 1], 1.5, symbols={"q": np.array([1.0, 0.0])}), OUT),
    ("upper, below rounding", UPPER, mean_of(1.0, 0.1, scale=1e10), UNDERPOWERED),
    ("upper, known", UPPER, known(1.0, 1.0), HOLDS),
    ("upper, known, false", UPPER, known(1.0, 1 - 1e-8), REFUTED),
    ("upper, known, in rounding", UPPER, known(1.0, 1 - 1e-10), HOLDS),
    ("upper, known, float32", UPPER, known(1.0, 1 - 5e-4, dtype="float32"), HOLDS),
    ("upper, known, not float32", UPPER, known(1.0, 1 - 5e-3, dtype="float32"), REFUTED),
    ("upper, known, scale", UPPER, known(1.0, 1 - 1e-7, scale=1e3), HOLDS),
    ("upper, known, bound 0", UPPER, known(0.0, 0.0), UNDERPOWERED),
    # precedence
    ("false and trivial", UPPER, mean_of(1.0, 0.4, trivial=0.1), REFUTED),
    ("false and rare", UPPER, mean_of(1.0, 0.4, share=0.1), REFUTED),
    ("false and given", UPPER, mean_of(1.0, 0.4, given=1), REFUTED),
    ("false and out of regime", UPPER, mean_of(1.0, 0.4, symbols={"q": 0.0}), OUT),
    ("rare and few seeds", UPPER, mean_of(1.0, 1.5, seeds=12, share=0.1), VACUOUS),
    ("trivial and few seeds", UPPER, mean_of(1.0, 1.5, seeds=12, trivial=1.0), VACUOUS),
    # equalities and lower bounds in expectation
    ("exact", EXACT, mean_of(1.0, 1.0), HOLDS),
    ("exact, too low", EXACT, mean_of(1.0, 0.4), REFUTED),
    ("exact, too high", EXACT, mean_of(1.0, 2.5), REFUTED),
    ("exact, few seeds", EXACT, mean_of(1.0, 1.0, seeds=12), UNDERPOWERED),
    ("exact, no variance", EXACT, mean_of(1.0, 1.0, symbols={"v": math.inf}), UNDERPOWERED),
    ("exact, inf", EXACT, mean_of(1.0, math.inf), VACUOUS),
    ("exact, needs no trivial", EXACT, mean_of(1.0, 1.0, trivial=0.1), HOLDS),
    ("exact, known", EXACT, known(1.0, 1.0, symbols={"v": 0.0}), HOLDS),
    ("exact, known, above", EXACT, known(1.0, 1 + 1e-8, symbols={"v": 0.0}), REFUTED),
    ("exact, known, below", EXACT, known(1.0, 1 - 1e-8, symbols={"v": 0.0}), REFUTED),
    ("band", BAND, mean_of(1.0, 1.0, symbols={"low": 0.9, "high": 1.1}), HOLDS),
    ("band, above", BAND, mean_of(1.0, 0.3, symbols={"low": 0.2, "high": 0.4}), REFUTED),
    ("band, below", BAND, mean_of(1.0, 3.0, symbols={"low": 2.5, "high": 3.5}), REFUTED),
    ("band, 0 below", BAND, mean_of(1.0, 1.0, symbols={"low": 0.0, "high": 1.2}), UNDERPOWERED),
    ("band, wide", BAND, mean_of(1.0, 1.0, symbols={"low": 0.9, "high": 9.0}), UNDERPOWERED),
    ("lower", LOWER, mean_of(1.0, 0.9), HOLDS),
    ("lower, false", LOWER, mean_of(1.0, 2.5), REFUTED),
    ("lower, nothing", LOWER, mean_of(1.0, 0.0), VACUOUS),
    ("lower, -inf", LOWER, mean_of(1.0, -math.inf), VACUOUS),
    ("lower, known", LOWER, known(1.0, 1 + 1e-8, symbols={"v": 0.0}), REFUTED),
    # lower bounds and equalities of means below a ceiling
    ("capped", CAPPED, capped(0.4, 0.38), HOLDS),
    ("capped, with slack", CAPPED, capped(0.4, 0.1), HOLDS),
    ("capped, false", CAPPED, capped(0.4, 0.7), REFUTED),
    ("capped, close to the ceiling", CAPPED, capped(0.8, 0.78), HOLDS),
    ("capped, false close to it", CAPPED, capped(0.9, 0.98), REFUTED),
    ("capped, far too high", CAPPED, capped(0.4, 1.1), REFUTED),
    ("capped, few seeds", CAPPED, capped(0.4, 0.38, seeds=8), UNDERPOWERED),
    ("capped, one seed near the ceiling", CAPPED, capped(0.9, 0.88, seeds=1), UNDERPOWERED),
    ("capped, high ceiling", CAPPED, capped(0.4, 0.38, ceiling=1e4), UNDERPOWERED),
    ("capped, no ceiling", CAPPED, capped(0.4, 0.38, ceiling=math.inf), UNDERPOWERED),
    ("capped, over the ceiling", CAPPED, capped(0.9, 0.5, ceiling=0.95), REFUTED),
    ("capped, always at the ceiling", CAPPED, capped(1.0, 0.9), UNDERPOWERED),
    ("capped, over it by rounding", CAPPED, capped(0.8, 0.78, ceiling=1 - 1e-10), HOLDS),
    ("capped, over it beyond rounding", CAPPED, capped(0.8, 0.78, ceiling=1 - 1e-8), REFUTED),
    ("capped, nothing", CAPPED, capped(0.4, 0.0), VACUOUS),
    ("capped, less than nothing", CAPPED, capped(0.4, -0.1), VACUOUS),
    ("capped, NaN", CAPPED, capped(0.4, math.nan), VACUOUS),
    ("capped, -inf", CAPPED, capped(0.4, -math.inf), VACUOUS),
    ("capped, inf", CAPPED, capped(0.4, math.inf), VACUOUS),
    ("capped, rare event", CAPPED, capped(0.4, 0.38, share=0.4), VACUOUS),
    ("capped, known", CAPPED, known(0.4, 0.4, symbols={"top": 1.0}), HOLDS),
    ("capped, known, false", CAPPED, known(0.4, 0.4 + 1e-8, symbols={"top": 1.0}), REFUTED),
    ("capped exact", CAPPED_EXACT, capped(0.4, 0.4), HOLDS),
    ("capped exact, too low", CAPPED_EXACT, capped(0.4, 0.1), REFUTED),
    ("capped exact, too high", CAPPED_EXACT, capped(0.4, 0.7), REFUTED),
    ("capped exact, few seeds", CAPPED_EXACT, capped(0.4, 0.4, seeds=8), UNDERPOWERED),
    # pathwise
    ("path", PATH_UPPER, path_of([1.0, 2.0], [1.0, 2.5]), HOLDS),
    ("path, false once", PATH_UPPER, path_of([1.0, 2.0], [1.0, 2 - 1e-8]), REFUTED),
    ("path, in rounding", PATH_UPPER, path_of([1.0, 2.0], [1.0, 2 - 1e-9]), HOLDS),
    ("path, scale", PATH_UPPER, path_of([1.0], [1 - 1e-7], scale=1e3), HOLDS),
    ("path, float32", PATH_UPPER, path_of([1.0], [1 - 9e-4], dtype="float32"), HOLDS),
    ("path, NaN", PATH_UPPER, path_of([1.0, math.nan], 9.0), REFUTED),
    ("path, inf <= inf", PATH_UPPER, path_of([math.inf], math.inf), REFUTED),
    ("path, bound inf", PATH_UPPER, path_of([1.0], math.inf), VACUOUS),
    ("path, bound inf once", PATH_UPPER, path_of([1.0, 1.0], [2.0, math.inf]), HOLDS),
    ("path, bound NaN once", PATH_UPPER, path_of([1.0, 1.0], [2.0, math.nan]), VACUOUS),
    ("path, bound 0", PATH_UPPER, path_of([1e-9], 0.0), REFUTED),
    ("path, 0 <= 0", PATH_UPPER, path_of([0.0], 0.0), UNDERPOWERED),
    ("path, trivial", PATH_UPPER, path_of([1.0], 2.0, trivial=2.0), VACUOUS),
    ("path, trivial but for rounding", PATH_UPPER, path_of([1.0], 2.0, trivial=2 + 1e-15), VACUOUS),
    ("path, all given", PATH_UPPER, path_of([1.0, 1.0], 2.0, given=2), VACUOUS),
    ("path, given but for one", PATH_UPPER, path_of([[1.0], [1.0]], 2.0, given=1), HOLDS),
    ("path, says something only where given", PATH_UPPER,
     path_of([1.0, 1.0], [2.0, math.inf], given=1), VACUOUS),
    ("path, false where given", PATH_UPPER, path_of([1.0, 1.0], [0.5, 2.0], given=1), REFUTED),
    ("path, rare event", PATH_UPPER, path_of([1.0], 2.0, share=0.49), VACUOUS),
    ("path, frequent event", PATH_UPPER, path_of([1.0], 2.0, share=0.5), HOLDS),
    ("path, false and rare", PATH_UPPER, path_of([1.0], 0.5, share=0.1), REFUTED),
    ("path, false and trivial", PATH_UPPER, path_of([1.0], 0.5, trivial=0.1), REFUTED),
    ("path, all rounding", PATH_UPPER, path_of([1e-12], 0.0, scale=1.0), UNDERPOWERED),
    ("path, out once", PATH_UPPER, path_of([1.0, 9.0], 2.0, symbols={"q": [1.0, 0.0]}), HOLDS),
    ("path, NaN bound out", PATH_UPPER,
     path_of([1.0, 1.0], [2.0, math.nan], symbols={"q": [1.0, 0.0]}), HOLDS),
    ("path, out", PATH_UPPER, path_of([1.0, 9.0], 2.0, symbols={"q": 0.0}), OUT),
    ("path lower, all given", PATH_LOWER, path_of([1.0], 1.0, given=1), VACUOUS),
    ("path lower", PATH_LOWER, path_of([1.0, 2.0], 1.0), HOLDS),
    ("path lower, false", PATH_LOWER, path_of([1.0, 2.0], 1 + 1e-8), REFUTED),
    ("path exact", PATH_EXACT, path_of([[1.0], [2.0]], [[1.0], [2.0]]), HOLDS),
    ("path exact, all given", PATH_EXACT, path_of([[1.0]], [[1.0]], given=1), VACUOUS),
    ("path exact, below rounding but where given", PATH_EXACT,
     path_of([1.0, 0.0], [1.0, 0.0], given=1), UNDERPOWERED),
    ("path exact, above", PATH_EXACT, path_of([1.0], 1 - 1e-8), REFUTED),
    ("path exact, below", PATH_EXACT, path_of([1.0], 1 + 1e-8), REFUTED),
    ("path exact, inf", PATH_EXACT, path_of([1.0], math.inf), REFUTED),
    ("path exact, out once", PATH_EXACT, path_of([1.0, 9.0], 1.0, symbols={"q": [1, 0]}), HOLDS),
    ("path exact, NaN", PATH_EXACT, path_of([1.0], math.nan), REFUTED),
    # with probability
    ("often", OFTEN, trials_of(960, 1000, 0.95), HOLDS),
    ("often, rare event", OFTEN, replace(trials_of(960, 1000, 0.95), share=0.1), VACUOUS),
    ("often, false and rare", OFTEN, replace(trials_of(880, 1000, 0.95), share=0.1), REFUTED),
    ("often, in noise", OFTEN, trials_of(940, 1000, 0.95), HOLDS),
    ("often, false", OFTEN, trials_of(880, 1000, 0.95), REFUTED),
    ("often, few trials", OFTEN, trials_of(20, 20, 0.95), UNDERPOWERED),
    ("often, at least 0", OFTEN, trials_of(960, 1000, 0.0), VACUOUS),
    ("often, at least -1", OFTEN, trials_of(960, 1000, -1.0), VACUOUS),
    ("always", OFTEN, trials_of(1000, 1000, 1.0), VACUOUS),
    ("always, false", OFTEN, trials_of(999, 1000, 1.0), REFUTED),
    ("more than always", OFTEN, trials_of(999, 1000, 1.1), REFUTED),
    ("more than always, seen always", OFTEN, trials_of(1000, 1000, 1.1), REFUTED),
    ("always, by rounding", OFTEN, trials_of(1000, 1000, 1 + 1e-15), VACUOUS),
    ("often, NaN", OFTEN, trials_of(960, 1000, math.nan), VACUOUS),
    ("seldom", SELDOM, trials_of(40, 1000, 0.05), HOLDS),
    ("seldom, false", SELDOM, trials_of(120, 1000, 0.05), REFUTED),
    ("less than never", SELDOM, trials_of(0, 1000, -0.1), REFUTED),
    ("seldom, few trials", SELDOM, trials_of(0, 20, 0.05), UNDERPOWERED),
    ("equally", EQUALLY, trials_of(300, 1000, 0.3), HOLDS),
    ("equally, rare event", EQUALLY, replace(trials_of(300, 1000, 0.3), share=0.1), VACUOUS),
    ("equally, in noise", EQUALLY, trials_of(330, 1000, 0.3), HOLDS),
    ("equally, too often", EQUALLY, trials_of(400, 1000, 0.3), REFUTED),
    ("equally, too seldom", EQUALLY, trials_of(200, 1000, 0.3), REFUTED),
    ("equally, a half", EQUALLY, trials_of(500, 1000, 0.5), HOLDS),
    ("equally, nearly always", EQUALLY, trials_of(4850, 5000, 0.97), HOLDS),
    ("equally, nearly always, false", EQUALLY, trials_of(930, 1000, 0.97), REFUTED),
    ("equally, rarely", EQUALLY, trials_of(3, 1000, 0.003), UNDERPOWERED),
    ("equally, nearly always, few", EQUALLY, trials_of(100, 100, 0.97), UNDERPOWERED),
    ("equally, few trials", EQUALLY, trials_of(6, 20, 0.3), UNDERPOWERED),
    ("never", EQUALLY, trials_of(0, 1000, 0.0), VACUOUS),
    ("never, false", EQUALLY, trials_of(1, 1000, 0.0), REFUTED),
    ("equally always", EQUALLY, trials_of(1000, 1000, 1.0), VACUOUS),
    ("equally always, by rounding", EQUALLY, trials_of(1000, 1000, 1 + 1e-15), VACUOUS),
    ("equally always, false", EQUALLY, trials_of(999, 1000, 1.0), REFUTED),
    ("equally, no probability", EQUALLY, trials_of(1000, 1000, 1.1), REFUTED),
    ("equally, less than never", EQUALLY, trials_of(0, 1000, -0.1), REFUTED),
    ("equally, NaN", EQUALLY, trials_of(300, 1000, math.nan), VACUOUS),
]  # fmt: skip
CASES = [pytest.param(*row[1:], id=row[0]) for row in TABLE]


@pytest.mark.parametrize(("claim", "sample", "verdict"), CASES)
def test_verdict(claim, sample, verdict):
    judgement = judge(claim, sample, LEVEL)
    assert judgement.verdict is verdict, judgement
    assert judgement.passed == (verdict is HOLDS)


def test_every_verdict_and_kind_is_in_the_table():
    assert {row[3] for row in TABLE} == set(Verdict)
    for mode in (Mode.EXPECTATION, Mode.PATHWISE, Mode.PROBABILITY):  # others: tests of their own
        assert {row[3] for row in TABLE if row[1].kind.mode is mode} >= {HOLDS, REFUTED, VACUOUS}
    names = [row[0] for row in TABLE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("verdict", Verdict)
def test_only_holds_passes(verdict):
    judgement = Judgement("x", verdict)
    assert judgement.passed == (verdict.name == "HOLDS")
    assert verdict.informative == (verdict.name in ("HOLDS", "REFUTED"))


def test_premises_are_told():
    judgement = judge(UPPER, mean_of(1.0, 0.4, symbols={"q": -3.0}), LEVEL)
    assert "q > 0" in judgement.reason
    assert "-3" in judgement.reason


def test_numbers_are_taken_where_the_claim_is_tightest():
    judgement = judge(UPPER, mean_of([1.0, 2.0, 3.0], [4.0, 2.5, 9.0]), LEVEL)
    assert (judgement.position, judgement.bound, judgement.checkpoints) == (1, 2.5, 3)
    assert judgement.measured == pytest.approx(2.0)
    assert judgement.tightness == pytest.approx(1.25)
    assert judgement.lower_confidence < 2 < judgement.bound
    assert judgement.tightness_confidence == pytest.approx(2.5 / judgement.lower_confidence)
    assert judgement.informative == 3
    failed = judge(UPPER, mean_of([1.0, 2.0, 3.0], [1.0, 2.0, 1.2]), LEVEL)
    assert (failed.verdict, failed.position) == (REFUTED, 2)


@pytest.mark.parametrize(("bound", "verdict"), [(-1e-6, VACUOUS), (0.0, VACUOUS), (0.45, HOLDS)])
def test_a_lower_bound_says_more_than_what_the_quantity_is(bound, verdict):
    """That a norm is at least -1e-6 is known without a theorem."""
    norm = replace(PATH_LOWER, quantity=replace(PATH_LOWER.quantity, least=0.0))
    assert judge(norm, path_of([0.5, 0.6], bound), LEVEL).verdict is verdict
    assert judge(PATH_LOWER, path_of([0.5, 0.6], -1e-6), LEVEL).verdict is HOLDS  # of any number
    assert judge(norm, path_of([0.5, 0.6], 0.7), LEVEL).verdict is REFUTED
    assert judge(LOWER, mean_of(0.5, bound), LEVEL).verdict is verdict


@pytest.mark.parametrize(("beyond", "verdict"), [(1e-15, VACUOUS), (1e-3, HOLDS)])
def test_a_lower_bound_says_more_than_rounding(beyond, verdict):
    path = replace(PATH_LOWER, quantity=replace(PATH_LOWER.quantity, least=1.0))
    assert judge(path, path_of([1.5, 1.6], 1 + beyond), LEVEL).verdict is verdict
    norm = replace(PATH_LOWER, quantity=replace(PATH_LOWER.quantity, least=0.0))
    assert judge(norm, path_of([0.5, 0.6], beyond, scale=1.0), LEVEL).verdict is verdict
    mean = replace(LOWER, quantity=replace(LOWER.quantity, least=1.0))
    assert judge(mean, mean_of(1.1, 1 + beyond), LEVEL).verdict is verdict


@pytest.mark.parametrize("kind", [UPPER, EXACT, LOWER])
def test_values_below_0_are_no_test(kind):
    with pytest.raises(ValueError, match="values"):
        judge(kind, mean_of(1.0, 1.5, values=UNIT[None] - 3), LEVEL)


def test_probabilities_are_frequencies_of_events():
    with pytest.raises(InvalidArgument, match=r"^values"):
        judge(OFTEN, Sample([0.5, 1.0], bounded(0.5)), LEVEL)


# false alarms: the level is split over checkpoints and sides


@pytest.mark.parametrize("claim", [UPPER, EXACT])
def test_the_level_is_that_of_all_checkpoints(claim):
    """A mean at the bound; some of 20 independent checkpoints of 100 trials would mislead."""
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(150):
        values = rng.exponential(size=(20, 30))
        sample = mean_of(np.ones(20), 1.0, values=values, symbols={"v": 1.0})
        alarms += judge(claim, sample, 0.05).verdict is REFUTED
    assert alarms <= 15  # 25 are as likely as 1e-6 at 7.5


@pytest.mark.parametrize(("claim", "parts"), [(UPPER, 3), (EXACT, 6), (LOWER, 3)])
def test_every_checkpoint_and_side_has_an_equal_part_of_the_level(claim, parts):
    sample = mean_of([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    limits = sample.lower_confidence(LEVEL / parts)
    judgement = judge(claim, sample, LEVEL)
    assert judgement.lower_confidence == pytest.approx(limits[judgement.position], rel=1e-9)


# several initialisations

FEW, MANY = mean_of(1.0, 1.5), mean_of(1.0, 0.4)
GOOD, BAD = (replace(s, symbols={**s.symbols, "delta": 0.1}) for s in (FEW, MANY))
DULL = replace(GOOD, trivial=1.0)
WEAK = replace(GOOD, values=GOOD.values[:, :12])
OUTSIDE = replace(GOOD, symbols={**GOOD.symbols, "q": 0.0})
MOSTLY = replace(UPPER, confidence="delta")


@pytest.mark.parametrize(
    ("claim", "samples", "verdict"),
    [
        (UPPER, [GOOD] * 3, HOLDS),
        (UPPER, [GOOD] * 19 + [BAD], REFUTED),
        (UPPER, [GOOD] * 19 + [DULL], VACUOUS),
        (UPPER, [DULL, WEAK], UNDERPOWERED),
        (UPPER, [DULL, WEAK, OUTSIDE], OUT),
        (UPPER, [DULL, WEAK, OUTSIDE, BAD], REFUTED),
        (MOSTLY, [GOOD] * 400, HOLDS),
        (MOSTLY, [GOOD] * 399 + [BAD], HOLDS),
        (MOSTLY, [GOOD] * 20, UNDERPOWERED),
        (MOSTLY, [GOOD] * 8 + [BAD] * 12, REFUTED),
        (MOSTLY, [DULL] * 8 + [BAD] * 12, REFUTED),
        (MOSTLY, [GOOD] * 3, UNDERPOWERED),
        (MOSTLY, [BAD], UNDERPOWERED),
        (MOSTLY, [GOOD], UNDERPOWERED),
        (MOSTLY, [GOOD] * 19 + [DULL], VACUOUS),
        (MOSTLY, [DULL] * 19 + [BAD], VACUOUS),
        (MOSTLY, [WEAK] * 18 + [DULL, BAD], UNDERPOWERED),
        (MOSTLY, [OUTSIDE] * 19 + [BAD], OUT),
        (MOSTLY, [GOOD] * 400 + [DULL] * 3 + [WEAK], HOLDS),
        (MOSTLY, [GOOD] * 200 + [DULL] * 200, VACUOUS),
        (MOSTLY, [GOOD] * 200 + [WEAK] * 200, UNDERPOWERED),
        (MOSTLY, [GOOD] * 400 + [OUTSIDE], OUT),
        (MOSTLY, [GOOD] * 800 + [replace(WEAK, values=5 * WEAK.values)] * 200, UNDERPOWERED),
        (MOSTLY, [GOOD] * 300 + [DULL] + [BAD] * 99, REFUTED),
    ],
)
def test_initialisations(claim, samples, verdict):
    assert judge_initialisations(claim, samples, LEVEL).verdict is verdict


# ---- in notebooks --------------------------------------------------------------------------------


def test_a_judgement_shows_itself_as_a_table():
    name = "a<b"
    shown = ElementTree.fromstring(
        Judgement(name, Verdict.HOLDS, bound=2.0, measured=1.0, tightness=2.0, checkpoints=1,
                  reason="1 < 2")._repr_html_()
    )  # fmt: skip
    heads = [cell.text for cell in shown.find("thead").iter("th")]
    cells = [cell.text or "" for cell in shown.find("tbody").iter() if cell.tag in ("th", "td")]
    assert dict(zip(heads, cells, strict=True)) == {
        "claim": name, "verdict": "HOLDS", "bound": "2", "measured": "1", "tightness": "2",
        "detectable factor": "inf", "reason": "1 < 2",
    }  # fmt: skip
    silent = ElementTree.fromstring(
        Judgement(name, Verdict.OUT_OF_REGIME, "n >= 2 fails")._repr_html_()
    )
    assert [cell.text or "" for cell in silent.find("tbody").iter("td")] == [
        "OUT_OF_REGIME", "", "", "", "", "n >= 2 fails"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sample", [UNIT, [UNIT], {"values": UNIT}, None], ids=lambda x: type(x).__name__
)
def test_measured_values_alone_are_no_sample(sample):
    with pytest.raises(InvalidArgument, match=r"^sample = .* must be a Sample\(values, symbols\)"):
        judge(UPPER, sample, 1e-6)


@pytest.mark.parametrize("case", ["often", "seldom", "equally", "initialisations"])
def test_enough_trials_are_named_where_there_are_too_few(case):
    """The number that is named is enough, and nine tenths of it are too few."""

    def judged(trials):
        if case == "initialisations":
            made = claim(UPPER_PATHWISE, confidence="delta")
            each = Sample([1.0], {**bounded(2.0), "delta": 0.1})
            return judge_initialisations(made, [each] * trials, LEVEL)
        made, share = {"often": (OFTEN, 0.9), "seldom": (SELDOM, 0.1), "equally": (EQUALLY, 0.7)}[
            case
        ]
        return judge(made, trials_of(round(trials * share), trials, share), LEVEL)

    few = judged(20)
    named = int(re.search(r"; (\d+) are enough$", few.reason)[1])
    assert (few.verdict, judged(named).verdict) == (UNDERPOWERED, HOLDS)
    assert judged(int(0.9 * named)).verdict is UNDERPOWERED


@pytest.mark.parametrize(("trials", "share"), [(3, 0.05), (5, 0.4), (15, 0.2), (35, 0.1)])
def test_enough_trials_are_more_than_were_too_few(trials, share):
    """Failures are whole numbers: here some fewer trials would have shown twice the share."""
    few = judge(SELDOM, trials_of(0, trials, share), 0.05)
    assert few.verdict is UNDERPOWERED
    named = int(re.search(r"; (\d+) are enough$", few.reason)[1])
    assert named > trials
    assert judge(SELDOM, trials_of(0, named, share), 0.05).verdict is HOLDS


def test_a_share_that_no_sample_gives_is_told_once():
    made = claim(UPPER_PATHWISE, confidence="delta")
    with pytest.raises(InvalidArgument, match=r"^delta = \[nan\]: must be one number in"):
        judge_initialisations(made, [Sample([1.0], bounded(2.0))] * 3, LEVEL)


def test_the_draw_at_the_quantile_is_shown():
    """A tenth may fail: of 400 draws the forty-first, of which the claim speaks."""
    made = claim(UPPER_PATHWISE, confidence="delta")
    draws = [Sample([x], {**bounded(1.0), "delta": 0.1}) for x in np.linspace(1.02, 0.02, 400)]
    found = judge_initialisations(made, draws, LEVEL)
    assert found.verdict is HOLDS
    assert found.measured == draws[40].values.item()
    assert found.tightness == pytest.approx(1 / found.measured)
    assert judge_initialisations(made, draws[:50], LEVEL).verdict is UNDERPOWERED


def test_one_draw_of_a_claim_that_may_fail_refutes_nothing():
    """Though there it fails: a true claim may, with the probability that it allows."""
    assert judge_one(MOSTLY, BAD, LEVEL).verdict is REFUTED
    assert judge(MOSTLY, BAD, LEVEL).verdict is UNDERPOWERED
    assert judge(UPPER, BAD, LEVEL).verdict is REFUTED


def test_no_number_of_trials_is_named_where_none_is_enough():
    made = claim(UPPER_PATHWISE, confidence="delta")
    each = Sample([1.0], {**bounded(2.0), "delta": 0.0})
    found = judge_initialisations(made, [each] * 20, LEVEL)
    assert found.verdict is UNDERPOWERED
    assert found.reason.endswith("20 are too few to see twice that share")


@pytest.mark.parametrize(
    ("made", "values", "bound", "tightness", "position"),
    [
        (PATH_UPPER, [-1.0, 1.0, -3.0], 4.0, 4.0, 1),  # a value below 0 is not near a bound above
        (PATH_UPPER, [-8.0, -5.0], -4.0, 1.25, 1),
        (PATH_LOWER, [3.0, -3.0], -4.0, 4 / 3, 1),
        (PATH_LOWER, [5.0, 8.0], 4.0, 1.25, 0),
        (PATH_LOWER, [0.0, -3.0], -4.0, 4 / 3, 1),  # nor is 0
        (PATH_UPPER, [-1.0, -2.0], 0.0, np.inf, 0),
        (PATH_UPPER, [-2.0, -5.0], -4.0, 0.5, 0),  # refuted
        (PATH_LOWER, [-8.0, -3.0], -4.0, 0.5, 0),
    ],
)
def test_tightness_of_negative_numbers(made, values, bound, tightness, position):
    """At least 1 where the claim holds, and 1 where it is sharp, whatever the signs."""
    found = judge(made, Sample(values, bounded(bound)), 0.0)
    assert (found.verdict is HOLDS) == (tightness >= 1)
    assert (found.tightness, found.position) == (pytest.approx(tightness), position)


@pytest.mark.parametrize(
    ("judged", "sample", "said"),
    [
        (UPPER, mean_of(1.0, 1.5, trivial=1.25), "1.5 is nowhere below the trivial one, 1.25"),
        (UPPER, mean_of([1.0, 1.0], 1.5, given=2), "all its values are given"),
        (
            Claim.of("c", b, kind=UPPER_PATHWISE, source="s"),
            Sample(np.ones((2, 3)), {"b": [2.0, 3.0]}, trivial=[1.5, 1.0]),
            "2 is nowhere below the trivial one, 1.5",
        ),
    ],
)
def test_a_bound_that_says_nothing_stands_beside_what_is_known(judged, sample, said):
    found = judge(judged, sample, LEVEL)
    assert (found.verdict, said in found.reason) == (VACUOUS, True), found


@pytest.mark.parametrize("bound", [0.4, 1.5])
def test_a_judgement_is_neither_true_nor_false(bound):
    """An assertion of the judgement itself would pass for a claim that is refuted."""
    found = judge(UPPER, mean_of(1.0, bound), LEVEL)
    with pytest.raises(TypeError, match=rf"is {found.verdict.value}: ask for `passed`"):
        assert found
    with pytest.raises(TypeError):
        bool(found)


def test_what_is_no_number_is_not_among_the_share_that_may_fail():
    """A half may fail, and one diverges or is lost: infinity is a failure, NaN no measurement."""
    made = claim(UPPER_PATHWISE, confidence="delta")
    good = [Sample([1.0], {**bounded(2.0), "delta": 0.5}) for _ in range(60)]
    assert judge_initialisations(made, good, LEVEL).verdict is HOLDS
    far, lost = (Sample([1.0, x], good[0].symbols) for x in (math.inf, math.nan))
    assert judge_initialisations(made, [*good, far], LEVEL).verdict is HOLDS
    found = judge_initialisations(made, [*good, lost], LEVEL)
    assert found.verdict is REFUTED
    assert found.reason == "1 measured value is not finite"
