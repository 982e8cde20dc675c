"""Every symbol and field that random features hand to their claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.multiple_random_features.by_hand_limit import risk_of_limit
from tests.theorems.multiple_random_features.curves import (
    OF_PEAK,
    OF_SECOND_PEAK,
    OF_THE_LAW,
    OF_THE_LIMIT,
    beside,
    measured,
    of_descents,
    points,
)
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


CURVES = {
    "drawn": of_descents(2) | beside(OF_SECOND_PEAK),
    "real rows of unlike norms": of_descents(3),
    "linear and square": OF_THE_LIMIT,
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES[case])
    walk(NAME, oracles, CASES[case], quantities=SOME.get(case))


PICTURES = {
    "risk": OF_THE_LIMIT,
    "variance_given": OF_THE_LAW,
    "peak": beside(OF_PEAK),
}
AT_THE_THRESHOLD = replace(DRAWN, features="0.6,0.4")
LINEAR = replace(AT_THE_THRESHOLD, types="linear,square", features="0.6,0.4")


@pytest.mark.parametrize("quantity", PICTURES)
def test_the_picture_of_one_quantity(quantity):
    oracles = replace(ORACLES, curves=PICTURES[quantity])
    walk(NAME, oracles, AT_THE_THRESHOLD, quantities={quantity})


@pytest.mark.parametrize(
    ("configuration", "quantity"),
    [(DRAWN, "peak"), (LINEAR, "peak"), (LINEAR, "second_height")],
)
def test_no_picture_of_a_peak_that_is_not_there(configuration, quantity):
    observed = EXPERIMENT.observe(configuration, salt="oracles", quantities={quantity})
    assert observed.trajectory.panels == []


MISTAKES = {
    "of all types": ("types_1", lambda it: measured(it)[1].mean(1)),
    "the median": ("types_2", lambda it: np.median(measured(it)[1], axis=1)),
    "one ridge": ("limit_1", lambda it: [
        risk_of_limit(it.a[:1], it.b[:1], [N / 3], it.c, 0.01, 1.5, 0.7) for N in points(it)]),
    "the share upside down": ("panels/0/law", lambda it: 25 * 2.0 ** np.arange(4)
                              * (it.counts[1] / it.counts[0]) ** 0.5),
}  # fmt: skip


def test_mistakes_in_the_picture_are_seen():
    assert unnoticed(NAME, ORACLES, DRAWN, MISTAKES) == []


def test_a_slip_in_any_of_them_is_seen():
    assert unseen(NAME, ORACLES, DRAWN) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, DRAWN)
