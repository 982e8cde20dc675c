"""Every symbol and field that single index models hand to their claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.single_index_models.curves import OF_ERRORS, OF_SWEEPS, of_paths
from tests.theorems.single_index_models.oracles import ORACLES, pairs
from theory import registry

NAME = "single-index-models"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    samples=7, dimension=6, support=3, ratio=2.5, link="cubic", noise=0.8, noise_law="heavy",
    tail=1.7, tau=3.0, alpha=0.05, growth=0.03, step=0.2, near=0.1, delta=0.3, draws=5, points=4,
    beyond=2.0, constant=2.0, constant_first=1.7, constant_last=0.6,
    size=3, rank=2, matrix_samples=9, smallest=10, largest=80, sweeps=3,
    tolerance=0.2,
)  # fmt: skip
PATHS = {"coordinate", "product", "flow", "flow_product", "first", "last", "window",
         "lasso_coordinate"}  # fmt: skip
DRAWN = EXPERIMENT.quantities - PATHS - {"slope_as_they_are", "slope_clipped"}
CASES = {
    "all": (FEW, None),
    "out of the regime": (replace(FEW, tied=True, inputs="laplace", tau=None, link="relu"), DRAWN),
    "Gaussian noise": (replace(FEW, noise_law="gaussian", link="tanh", ratio=1.0), DRAWN),
    "one signal": (replace(FEW, support=1, link="sign"), DRAWN - {"lasso_error"}),
    "diabetes": (replace(FEW, data="diabetes"), PATHS - {"flow"}),
    "digits": (replace(FEW, data="digits", step=0.3), PATHS - {"flow", "flow_product"}),
    "a formula, correlated inputs": (
        replace(FEW, link="tanh(x) + x/3", noise_law="student", correlation=-0.6),
        None,
    ),
    "an even link": (
        replace(FEW, link="abs(z) - 1", smallest=80, largest=640),
        {"stopped", "matrix_stopped", "slope_as_they_are"},
    ),
    "sine": (replace(FEW, link="sine"), {"slope_as_they_are", "slope_clipped"}),
}
CURVES = {
    "all": OF_ERRORS | OF_SWEEPS,
    "a formula, correlated inputs": OF_ERRORS | OF_SWEEPS,
    "an even link": OF_SWEEPS, "sine": OF_SWEEPS,
    "diabetes": of_paths((1, 3, 4)), "digits": of_paths((1, 3, 4)),
} | dict.fromkeys(("out of the regime", "Gaussian noise", "one signal"), OF_ERRORS)  # fmt: skip
"""Of the picture: none goes without an oracle."""

SHOWS = {
    "all": {
        "signals of different sizes": lambda it: len(set(abs(it.beta))) == 4,
        "windows that differ": lambda it: len(set(pairs(it)[3] - pairs(it)[2])) > 1,
        "a stop inside the path": lambda it: 0 < it.steps.index(it.stopped) < len(it.steps) - 1,
        "events of both kinds": lambda it: len(set(ORACLES.samples["largest"](it)["values"])) == 2,
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES[case])
    walk(NAME, oracles, configuration, quantities=quantities)


def test_the_paths_of_a_file_of_ones_own(tmp_path):
    rng, file = np.random.default_rng(5), tmp_path / "mine.csv"
    rows = rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4))
    np.savetxt(file, rows, delimiter=",", header="a,b,c,yield", comments="")
    oracles = replace(ORACLES, curves=of_paths((1, 2)))
    walk(NAME, oracles, replace(FEW, data=str(file)), quantities=PATHS)


def test_a_slip_in_any_of_them_is_seen():
    at_corners = "lasso_error: symbol on_var"  # where the two grids differ by more
    assert unseen(NAME, ORACLES, FEW) == [at_corners]


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)
