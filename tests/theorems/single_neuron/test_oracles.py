"""Every symbol and field that one neuron hands to its claims, against oracles."""

from dataclasses import replace

import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.single_neuron.curves import OF_CONSTANTS, OF_PATHS, OF_SWEEPS
from tests.theorems.single_neuron.oracles import ORACLES, stationary
from theory import registry

NAME = "single-neuron"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    samples=60, dimension=3, norm=1.3, adversary="difference", omega=1e-3, away=0.2, behind=0.6,
    step=0.15, steps=6, starts=2, points=3, constant=3.0, excess=0.01, stationary=2, calm=0.05,
    loud=0.3, quietest=1e-3, smallest=5, largest=20, sweeps=2, tolerance=0.3,
)  # fmt: skip
SWEPT = {"slope_noise", "slope_independent", "slope_adversary"}
ROUND = {"mean_alignment", "mean_gap", "mean_apart", "mean_disagreement", "stationary_risk",
         "stationary_opt"}  # fmt: skip
PATHS = EXPERIMENT.quantities - SWEPT - ROUND
CASES = {
    "all": (FEW, None),
    "out of the regime": (
        replace(FEW, unpaired=True, data="exponential", omega=0.3, start="behind"),
        PATHS,
    ),
    "cut, from the warm start": (
        replace(FEW, cut=True, adversary="decoy", start="warm", data="laplace"),
        PATHS,
    ),
    "independent": (replace(FEW, adversary="independent", data="uniform"), PATHS | SWEPT),
    "the best comparator": (
        replace(FEW, comparator="best", adversary="negative", omega=0.05),
        PATHS,
    ),
    "diabetes": (replace(FEW, data="diabetes", adversary="cone"), PATHS),
    "wine": (replace(FEW, data="wine", adversary="linear"), PATHS),
    "heavy": (replace(FEW, data="cancer", adversary="heavy"), PATHS),
    "sign": (replace(FEW, adversary="sign", dimension=1), PATHS),
    "constant": (replace(FEW, adversary="constant", dimension=6), SWEPT),
    "uneven": (replace(FEW, uneven=0.4), ROUND - {"stationary_risk", "stationary_opt"}),
}
SHOWS = {
    "all": {
        "a certificate": lambda it: it.certificate[2],
        "both sides of the jump": lambda it: len({x > 2 for x in stationary(it)[1]}) == 2,
        "points that differ": lambda it: len(set(it.means["Q"])) > 10,
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    curves = {"all": OF_PATHS | OF_CONSTANTS | OF_SWEEPS, "independent": OF_PATHS | OF_SWEEPS,
              "constant": OF_SWEEPS, "uneven": {}}.get(case, OF_PATHS)  # fmt: skip
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=curves)
    walk(NAME, oracles, configuration, quantities=quantities)


def test_a_slip_in_any_of_them_is_seen():
    """But in what is rounding whatever its digits are."""
    rounding = {"skewed", "slope"}
    found = [each for each in unseen(NAME, ORACLES, FEW) if each.split()[-1] not in rounding]
    assert found == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)
