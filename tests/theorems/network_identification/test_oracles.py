"""Every symbol and field that network identification hands to its claims."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.network_identification import curves
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
THREE = replace(FEW, networks=3)
"""Medians that are no means."""

SPAN = {"rank", "joint_rank", "difference", "sine", "everywhere", "flat"}
DIRECTIONS = {"climb", "dichotomy", "tangent", "found"}
ALGEBRA = {"coefficient", "telling", "off", "agreement"}
DESCENT = {"bias", "path", "slowest", "floor"}
PIPELINE = {"queries", "weights_slope", "biases_slope"}
CASES = {
    "span": (THREE, SPAN),
    "noise": (replace(FEW, noise=0.003, activation="sigmoid"), {"difference", "sine", *ALGEBRA}),
    "directions": (replace(FEW, sweep_dimension=3), DIRECTIONS),
    "algebra": (replace(FEW, bias=0.8), ALGEBRA),
    "descent": (THREE, DESCENT),
    "slowest": (replace(FEW, start="slowest", activation="sigmoid", neurons=3), DESCENT),
    "pipeline": (replace(THREE, starts=12, iterations=400, steps=400), PIPELINE),
}

CURVES = {
    "span": curves.panel(curves.OF_DIFFERENCES),
    "noise": curves.panel(curves.OF_DIFFERENCES),
    "directions": curves.panel(curves.OF_SHARES),
    "algebra": {},
    "descent": curves.panel(curves.OF_DESCENT),
    "slowest": curves.panel(curves.OF_DESCENT),
    "pipeline": curves.panel(curves.OF_PIPELINE),
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, curves=CURVES[case])
    walk("network-identification", oracles, configuration, quantities=quantities)


MISTAKES = {
    "span": {
        "the mean": ("error", lambda it: curves.by_step(it)[..., 0].mean(1)),
        "another constant": ("bound", lambda it: np.median(curves.by_step(it)[..., 1], 1) / 2),
        "of cosines": ("sine", lambda it: 1 - np.median(curves.by_step(it)[..., 2], 1)),
    },
    "directions": {
        "all high ends": ("spurious", lambda it: curves.shares(it).sum(1)),
        "a neuron too late": ("threshold", lambda it: [0.0, *curves.beyond(it)[:-1]]),
    },
    "descent": {
        "the mean": ("turned", lambda it: it.ways(it.turned_fits).mean(1)),
        "the other": ("exact", curves.OF_DESCENT["turned"]),
    },
    "pipeline": {"the mean": ("weights", lambda it: curves.pipeline(it)[0][:, :, 0].mean(1))},
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    mistakes = {words: (f"panels/0/{name}", wrong)
                for words, (name, wrong) in MISTAKES[case].items()}  # fmt: skip
    of = ORACLES, configuration, mistakes
    assert unnoticed("network-identification", *of, quantities=quantities) == []


@pytest.mark.parametrize("case", CASES)
def test_a_slip_would_be_seen(case):
    configuration, quantities = CASES[case]
    found = unseen("network-identification", ORACLES, configuration, quantities=quantities)
    assert found == []


def test_a_quantity_alone_is_that_among_all():
    alone("network-identification", FEW)


def test_all_quantities_have_a_case():
    assert set().union(*(wanted for _, wanted in CASES.values())) == EXPERIMENT.quantities
