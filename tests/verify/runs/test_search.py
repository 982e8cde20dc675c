"""A search sees every refutation, whatever was nearest to its bound before."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from hypothesis import strategies as st

from theory import (
    EXACT_EXPECTATION,
    EXACT_PATHWISE,
    EXACT_PROBABILITY,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    UPPER_PROBABILITY,
    Claim,
)
from verify.experiments.kit import Experiment, Measurement, Options, option
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge
from verify.runs.search import Search, score

b, v = sp.Symbol("b", real=True), sp.Symbol("v", nonnegative=True)


@dataclass(frozen=True)
class Place(Options):
    number: int = option(0, "place", sp.Range(0, 10))


def always(value, bound=1.0):
    return Sample(np.array([value]), {"b": bound})


def mean(value):
    spread = np.linspace(-0.1, 0.1, 400)
    return Sample((value + spread)[None], {"b": 1.0, "v": 0.1})


def share(happened, trials, bound):
    return Sample(np.arange(trials) < happened, {"b": bound})


CASES = {
    "equality, too small": (EXACT_PATHWISE, always(1.0), always(0.5)),
    "equality, too large": (EXACT_PATHWISE, always(1.0), always(2.0)),
    "equality, of another sign": (EXACT_PATHWISE, always(1.0), always(-1.0)),
    "upper": (UPPER_PATHWISE, always(0.9), always(1.1)),
    "lower": (LOWER_PATHWISE, always(1.1), always(0.9)),
    "not a number": (UPPER_PATHWISE, always(0.9), always(math.nan)),
    "mean": (UPPER_EXPECTATION, mean(0.9), mean(2.0)),
    "equal mean, too small": (EXACT_EXPECTATION, mean(1.0), mean(0.3)),
    "equal mean, too large": (EXACT_EXPECTATION, mean(1.0), mean(2.0)),
    # more failures than allowed by chance, in few trials; less above the share, in many
    "share": (UPPER_PROBABILITY, share(120, 1000, 0.1), share(110_000, 10**6, 0.1)),
    "share, impossible": (UPPER_PROBABILITY, share(90, 1000, 0.1), share(9, 1000, 0.0)),
    "share, certain": (LOWER_PROBABILITY, share(910, 1000, 0.9), share(991, 1000, 1.0)),
    "equal share, certain": (EXACT_PROBABILITY, share(3640, 4000, 0.9), share(991, 1000, 1.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_refutation_is_found_after_a_configuration_that_holds(name):
    kind, good, bad = CASES[name]
    more = {"variance": v} if kind is EXACT_EXPECTATION else {}
    claim = Claim.of("place", b, kind=kind, source="here", quantity="q", **more)
    places = [good, bad, good]
    experiment = Experiment(
        Place, lambda c, salt: c, [Measurement.of("q", lambda c: places[c.number])]
    )
    hunt = Search(claim, experiment, "0", 1e-6, math.inf, most=100)
    assert judge(claim, good, hunt.level).verdict is Verdict.HOLDS
    for each in (0, 1):
        assert not hunt.over()
        hunt.attempt(Place(each))
    assert hunt.best is not None
    assert hunt.best.refuted
    assert hunt.best.configuration == Place(1)
    assert hunt.best.score > 1
    assert hunt.over()
    hunt.attempt(Place(2))
    assert hunt.best.refuted


def test_what_is_nearest_is_kept_where_nothing_is_refuted():
    """Of shares above 1 by chance the largest, in whatever order they come."""
    claim = Claim.of("place", b, kind=UPPER_PROBABILITY, source="here", quantity="q")
    happened = (90, 120, 110, 105)
    places = [share(count, 1000, 0.1) for count in happened]
    experiment = Experiment(
        Place, lambda c, salt: c, [Measurement.of("q", lambda c: places[c.number])]
    )
    hunt = Search(claim, experiment, "0", 1e-6, math.inf, most=100)
    hunt.run(st.sampled_from([Place(i) for i in range(4)]))
    assert hunt.best is not None
    assert (hunt.best.configuration, hunt.best.score) == (Place(1), pytest.approx(1.2))


def test_what_is_farther_off_scores_more():
    """Also of an equality, on both of its sides."""
    claim = Claim.of("place", b, kind=EXACT_PATHWISE, source="here")
    for side in ((1.0, 0.9, 0.5, 0.1), (1.0, 1.1, 2.0, 10.0)):
        scores = [score(claim, judge(claim, always(value), 0.0)) for value in side]
        assert all(low < high for low, high in pairwise(scores)), scores
