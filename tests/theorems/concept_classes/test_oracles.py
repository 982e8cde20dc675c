"""Every symbol and field that concept classes hand to their claims, against oracles."""

from dataclasses import replace

import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.concept_classes.oracles import CURVES, OF_REGRET, ORACLES
from theory import registry

NAME = "concept-classes"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    phi="0.3 1 0 0.4; 1 -0.5; 0 0 0 0 0 0.1", dimension=3, noise=0.4, rows=4, pairs=3, steps=8,
    step=0.4, delta=0.3, seeds=3, draws=30, points=3, constant=0.7, smallest=4, largest=16,
    sweeps=2, tolerance=0.3, hidden=3, change=0.02, nets=3, descents=2,
)  # fmt: skip
PATHS = {"output", "telescoped", "regret"}
TRAINED = {"squared", "frozen", "huber", "huber_all", "frozen_huber", *PATHS}
CASES = {
    "all": (FEW, None),
    "flips": (replace(FEW, init_scale=0.3, step=0.9, noise=3.0, comparator="end"), TRAINED),
    "squared loss": (replace(FEW, loss="squared", init_scale=2.0), PATHS),
    "real data": (replace(FEW, data="diabetes", pairs=4, init_scale=1.0), PATHS),
    "digits": (replace(FEW, data="digits", loss="squared", rows=3, init_scale=0.1), PATHS),
    "uncoupled": (replace(FEW, coupled=False), {*TRAINED, "at_start"}),
    "one parity": (replace(FEW, phi="0 1 0 0.4; 0 0 0 0.2 0 1", draws=10), {"half", "norm"}),
}
SHOWS = {
    "flips": {"flips": lambda it: 0.0 in it.guaranteed["huber"][3]},
    "all": {
        "patterns that stay": lambda it: 1.0 in it.guaranteed["squared"][3],
        "coefficients of every degree": lambda it: len(it.terms) == 3,
    },
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    of_squared = {place: of for place, of in CURVES.items() if not place.startswith("sweep")}
    curves = {"all": CURVES, "flips": of_squared, "uncoupled": of_squared, "one parity": {}}
    curves = curves.get(case, OF_REGRET)
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=curves)
    walk(NAME, oracles, configuration, quantities=quantities)


def test_a_slip_in_any_of_them_is_seen():
    assert unseen(NAME, ORACLES, replace(FEW, descents=1)) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)
