"""Every symbol and field that sparse deep regression hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.sparse_deep_regression import curves
from tests.theorems.sparse_deep_regression.curves import OF_PRODUCTS, of_rates, panels
from tests.theorems.sparse_deep_regression.oracles import ORACLES
from theory import registry

NAME = "sparse-deep-regression"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    samples=7, m=3, factors=5, points=12, variables=2, depth=2, width=3, nonzeros=4,
    radius=0.3, pairs=6, candidates=5, amplitude=0.7, ceiling=1.3, noise=0.4, draws=30, trials=5,
    temperature=0.6, failure=0.4, estimator="worst", tolerated=0.2, slack=0.6, networks=3, steps=4,
    step=0.1, alpha=0.7, smallest=16, largest=64, sweeps=2, tolerance=0.2, constant=1.7,
)  # fmt: skip
RATES = {"slope_of_sieve", "sieve_risk", "slope_of_haar", "haar_risk"}
SIEVES = {"sieve_error", "sieve_layers", "sieve_nonzeros", "slope_in_knots", "largest_parameter"}
CLASS = {"exponential", "all_at_once", "risk"}
LINE = replace(FEW, variables=1)
CASES = {
    "plane": (FEW, EXPERIMENT.quantities - RATES),
    "line": (LINE, EXPERIMENT.quantities),
    "rates in the plane": (replace(FEW, sweeps=10, largest=32), {"sieve_risk"}),
    "cubic sine": (replace(LINE, function="sine", beta=4.0, knots=3), SIEVES),
    "sine in the plane": (replace(FEW, function="sine", m=5), SIEVES),
    "rough": (replace(LINE, beta=0.7, knots=5), SIEVES),
    "kink": (replace(LINE, beta=1.6, knots=3), SIEVES),
    "bumps": (replace(FEW, family="bumps", truth="member", estimator="least"), CLASS),
    "digits": (replace(FEW, data="digits"), CLASS),
    "three inputs": (replace(FEW, variables=3, radius=50.0, nonzeros=99, draws=60),
                     EXPERIMENT.quantities - RATES - SIEVES),
}  # fmt: skip


CURVES = {
    **dict.fromkeys(("plane", "three inputs"), panels(OF_PRODUCTS)),
    "line": panels(OF_PRODUCTS, *map(of_rates, (1, 2, 3))),
    "rates in the plane": panels(*map(of_rates, (2, 1, 3))),
}
"""Of cases whose picture is not empty."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, curves=CURVES.get(case, {}))
    walk(NAME, oracles, configuration, quantities=quantities)


MISTAKES = {
    "rates in the plane": {
        "the mean": ("panels/0/network", lambda it: curves.sieve_risks(it, 2, 10).mean(0)),
        "all sweeps": (
            "panels/1/network", lambda it: np.median(curves.sieve_risks(it, 1, 10), axis=0)
        ),
        "one dimension for another": ("panels/2/haar", lambda it: curves.haar(it, 2)),
        "the slope of the other": (
            "panels/0/details/haar", of_rates(2)["details/network"]
        ),
    },
    "three inputs": {
        "another row": ("panels/0/y_3", OF_PRODUCTS["y_4"]),
        "not over the supremum": ("panels/0/y_3", lambda it: np.array(OF_PRODUCTS["y_3"](it)) / 64),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    assert unnoticed(NAME, ORACLES, configuration, MISTAKES[case], quantities=quantities) == []


@pytest.mark.parametrize("case", ["plane", "line", "bumps"])
def test_a_slip_would_be_seen(case):
    configuration, quantities = CASES[case]
    assert unseen(NAME, ORACLES, configuration, quantities=quantities) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, LINE)
