"""Every symbol and field that network identification hands to its claims."""

from dataclasses import replace

import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.network_identification.oracles import ORACLES
from theory import registry

EXPERIMENT = registry.theorem("network-identification").load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    dimension=3, neurons=4, networks=2, hessians=6, eps=0.1, starts=6, iterations=60, turn=0.02,
    gamma=0.7, radius=0.9, fitted=9, fit_scale=1.5, step=0.8, steps=30, reach=0.4, tilt=0.003,
    largest=3, sweep_dimension=2, trials=3, constant=1.7, delta=0.3, tolerance=0.2, widest=0.2,
    narrowest=0.02, accuracy=0.1,
)  # fmt: skip
SPAN = {"rank", "joint_rank", "difference", "sine", "everywhere", "flat"}
DIRECTIONS = {"climb", "dichotomy", "tangent", "found"}
ALGEBRA = {"coefficient", "telling", "off", "agreement"}
DESCENT = {"bias", "path", "slowest", "floor"}
PIPELINE = {"queries", "weights_slope", "biases_slope"}
CASES = {
    "span": (FEW, SPAN),
    "noise": (replace(FEW, noise=0.003, activation="sigmoid"), {"difference", "sine", *ALGEBRA}),
    "directions": (FEW, DIRECTIONS),
    "algebra": (replace(FEW, bias=0.8), ALGEBRA),
    "descent": (FEW, DESCENT),
    "slowest": (replace(FEW, start="slowest", activation="sigmoid", neurons=3), DESCENT),
    "pipeline": (replace(FEW, starts=12, iterations=200, steps=400), PIPELINE),
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    walk("network-identification", ORACLES, configuration, quantities=quantities)


@pytest.mark.parametrize("case", CASES)
def test_a_slip_would_be_seen(case):
    configuration, quantities = CASES[case]
    found = unseen("network-identification", ORACLES, configuration, quantities=quantities)
    assert found == []


def test_a_quantity_alone_is_that_among_all():
    alone("network-identification", FEW)


def test_all_quantities_have_a_case():
    assert set().union(*(wanted for _, wanted in CASES.values())) == EXPERIMENT.quantities
