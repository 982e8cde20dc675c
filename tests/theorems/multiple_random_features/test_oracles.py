"""Every symbol and field that random features hand to their claims, against oracles."""

from dataclasses import replace

import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.multiple_random_features.oracles import ORACLES
from theory import registry

NAME = "multiple-random-features"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

DRAWN = Configuration(
    data="sphere", samples=14, dimension=3, types="1.5*relu,0.2*absolute", features="0.75,0.5",
    rows=5, ridge=0.01, noise=0.7, signal=1.5, offset=0.4, draws=3, tolerance=0.3,
)  # fmt: skip
CASES = {
    "drawn": DRAWN,
    "real rows of unlike norms": replace(
        DRAWN, data="diabetes", samples=12, rescale=False, types="relu,0.03*relu,0.001*relu",
        features="0.5,0.5,0.5", replacement=True, rows=6, ridge=1e-9, dimension=2,
    ),
    "linear and square": replace(DRAWN, types="2*linear,square,0.5*quadratic", features="1,1,1"),
}  # fmt: skip
SOME = {
    "real rows of unlike norms": {"near", "descents", "maxima"},
    "linear and square": {"risk", "bias", "variance", "bias_given", "variance_given", "ridgeless",
                          "maxima"},
}  # fmt: skip
"""Quantities of cases that are for these alone."""

SHOWS = {
    "drawn": {
        "draws that are near and others": lambda it: (
            0 < ORACLES.samples["near"](it)["values"].mean() < 1
        ),
        "more features than rows": lambda it: sum(it.counts) > it.configuration.rows,
        "types of unlike numbers": lambda it: it.counts[0] != it.counts[1],
    },
    "real rows of unlike norms": {
        "rows of unlike norms": lambda it: ORACLES.symbols["spread"](it).value > 0.1,
        "several falls": lambda it: len(it.falls) >= 4,
    },
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    walk(NAME, replace(ORACLES, shows=SHOWS.get(case, {})), CASES[case], quantities=SOME.get(case))


def test_a_slip_in_any_of_them_is_seen():
    assert unseen(NAME, ORACLES, DRAWN) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, DRAWN)
