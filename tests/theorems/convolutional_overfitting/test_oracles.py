"""Every symbol and field that the convolutional network hands to its claims, against oracles."""

from dataclasses import replace

import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.convolutional_overfitting.curves import all_curves
from tests.theorems.convolutional_overfitting.oracles import ORACLES, crossed
from tests.theorems.convolutional_overfitting.phases import chosen
from theory import registry

NAME = "convolutional-overfitting"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    samples=5, dimension=9, balance=0.4, snr=0.9, noise_norm=1.3, filters=2, power=2.7, init=0.5,
    growth=0.4, steps=14, points=4, seeds=4, tests=4, reach=3.0, learned=0.05, constant=1.5,
    smallest=10, largest=40, sweeps=2, problems=3, tolerance=0.3,
)  # fmt: skip
PATHS = EXPERIMENT.quantities - {"slope", "chi_learned", "chi_not_learned"}
CASES = {
    "all": (FEW, None),
    "harmful": (replace(FEW, snr=0.2, init=0.3, growth=0.05, seeds=4, power=3.5), PATHS),
    "benign": (replace(FEW, snr=4.0, init=0.05, growth=0.05, filters=4, power=4.0), PATHS),
    "plain patches, flipped labels": (replace(FEW, design="plain", flips=0.4), PATHS),
    "digits": (replace(FEW, data="digits", dimension=65), PATHS - {"flow_budget"}),
}
PANELS = ("panels/0/", "panels/1/")
"""Of the paths: of training, and of the budget."""
SHOWS = {
    "all": {
        "classes of different size": lambda it: it.labels(5).sum() != 0,
        "preactivations of both signs": lambda it: it.runs[0].u.min() < 0 < it.runs[0].u.max(),
        "classes on both sides of the threshold": lambda it: bool(crossed(it, True))
        and bool(crossed(it, False)),
        "a defined budget": lambda it: max(run.least(0) for run in it.runs) > 0,
    },
    "harmful": {"a finite limit": lambda it: any(run.s(0) + run.s(1) < 1 for run in it.runs)},
    "benign": {
        "a finite share of noise": lambda it: max(chosen(it).nu(j) for j in (0, 1)) < 1,
        "noise that is never memorised": lambda it: 0
        < max(chosen(it).limit(0, r, 3.0) for r in range(4))
        < 1,
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    curves = all_curves((2, 5, 8))
    if case != "all":
        curves = {place: of for place, of in curves.items() if place.startswith(PANELS)}
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=curves)
    walk(NAME, oracles, configuration, quantities=quantities)


@pytest.mark.parametrize("case", ["all", "harmful", "benign"])
def test_a_slip_in_any_of_them_is_seen(case):
    wanted = {"all": None, "harmful": {"patch_loss"}, "benign": {"test_loss"}}[case]
    found = unseen(NAME, ORACLES, CASES[case][0], quantities=wanted)
    assert {each for each in found if not each.endswith("cross")} == set()  # in a frame it is 0


def test_a_slip_in_the_cosines_is_seen():
    assert unseen(NAME, ORACLES, CASES["plain patches, flipped labels"][0],
                  quantities={"aligned"}) == []  # fmt: skip


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)
