"""Every symbol and field that tangent ridge hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.tangent_ridge import curves
from tests.theorems.tangent_ridge.oracles import ORACLES, dead, ranks
from theory import registry
from verify.experiments.tangent_ridge import setting

NAME = "tangent-ridge"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

CIRCLE = Configuration(
    samples=6, dimension=2, neurons=3, networks=5, ridge=0.2, noise=0.7, linear=1.3, quadratic=0.6,
    labels=4, step=0.6, steps=24, kappa=30.0, epsilon=0.6, delta=0.2, pilots=7, smallest=2,
    sweeps=2, draws=4, tolerance=0.45, degree=1, designs=3, inputs=5, harmonic=2, constant=0.8,
)  # fmt: skip
WIDE = replace(CIRCLE, neurons=12)
ROWS = replace(CIRCLE, data="diabetes", samples=5, neurons=4, targets="auto", steps=16, ridge=0.3)
OF_ROWS = {"both_active", "fluctuation", "dead", "rank", "rank_by_parts", "memorised",
           "on_the_way", "least_eigenvalue", "lambda_min", "gap", "scaled_gap", "network",
           "slope_of_network"}  # fmt: skip
CASES = {
    "circle": (CIRCLE, EXPERIMENT.quantities - {"network", "lambda_min_by_size"}),
    "many neurons": (WIDE, {"network", "lambda_min_by_size"}),
    "diabetes": (ROWS, OF_ROWS),
    "no sweep of rows": (replace(ROWS, samples=3), {"slope_of_excess"}),
    "a width of one's own": (replace(CIRCLE, enough=9), {"least_eigenvalue", "lambda_min"}),
    "no ridge": (replace(CIRCLE, ridge=0.0, neurons=1, samples=7, degree=2),
                 {"gap", "harmonics", "effective_ridge"}),
    "distances": (CIRCLE, {"gap"}),
    "distances on rows": (ROWS, {"gap"}),
    "growth": (replace(CIRCLE, growth=2, designs=2, samples=3), {"mean_risk"}),
}  # fmt: skip
SHOWS = {
    "circle": {
        "dead samples": lambda it: 0 < dead(it)["values"].mean() < 6,
        "ranks that differ": lambda it: len(set(ranks(it)["values"])) > 1,
        "angles that differ": lambda it: np.diff(np.sort(it.psi[np.triu_indices(6, 1)])).min() > 0,
        "Tropp below Chernoff": lambda it: it.enough[0] < it.enough[1],
    },
}


CURVES = {
    **dict.fromkeys(("circle", "diabetes"), curves.OF_TRANSITION),
    "distances": curves.OF_CIRCLE,
    "distances on rows": curves.OF_ROWS,
    "growth": curves.OF_STAIRCASE,
}
"""Of cases whose picture is not empty."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES.get(case, {}))
    walk(NAME, oracles, configuration, quantities=quantities)


def test_neurons_that_are_drawn_one_by_one_are_all_looked_at(monkeypatch):
    monkeypatch.setattr(setting, "CHUNK", 1)
    oracles = replace(ORACLES, curves=curves.OF_TRANSITION)
    walk(NAME, oracles, ROWS, quantities={"dead", "rank", "network"})


MISTAKES = {
    "diabetes": {
        "the rank": ("left", lambda it: 1 - curves.transition(it)[1]),
        "the median": ("least", lambda it: np.median(curves.transition(it)[2], axis=1)
                       / np.linalg.eigvalsh(it.K)[0]),
        "those who live": ("dead", lambda it: 1 - curves.transition(it)[3]),
    },
    "distances": {
        "the median": ("gap", lambda it: [np.median(found) for found in curves.gaps(it)]),
        "the risk": ("excess", lambda it: curves.risks(it)[0]),
        "the limit": ("law", lambda it: [it.V_1] * len(curves.numbers(it))),
        "the first part": ("bound", lambda it: [it.v_1 / N for N in curves.numbers(it)]),
    },
    "growth": {
        "without the induced ridge": ("degree 1", curves.risk(1, induced=False)),
        "with it": ("plain", curves.risk(1)),
        "one degree less": ("degree 2", curves.risk(1)),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    quantities = {"rank"} if case == "diabetes" else quantities
    assert unnoticed(NAME, ORACLES, configuration, MISTAKES[case], quantities=quantities) == []


CONDITIONS = {
    "circle": [
        *(f"gap: {name}" for name in ("scale", "symbol V_1", "symbol v_1", "trivial", "values")),
        *(f"mean_risk: {name}" for name in ("symbol gammas", "symbol kap", "values")),
        "risk_of_width: symbol R_K",
        *(f"scaled_gap: {name}" for name in ("scale", "symbol V_1", "symbol v_1", "values")),
        "slope_of_excess: symbol blur",
    ]
}
"""To what the degrees above 300 leave."""


@pytest.mark.parametrize("case", ["circle", "many neurons", "diabetes"])
def test_a_slip_would_be_seen(case):
    configuration, quantities = CASES[case]
    found = unseen(NAME, ORACLES, configuration, quantities=quantities)
    assert found == CONDITIONS.get(case, [])


def test_all_quantities_have_a_case():
    assert set().union(*(wanted for _, wanted in CASES.values())) == EXPERIMENT.quantities


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, replace(CIRCLE, sweeps=1, steps=8))
