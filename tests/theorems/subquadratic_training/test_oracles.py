"""Every symbol and field that subquadratic training hands to its claims, against oracles."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.subquadratic_training import curves
from tests.theorems.subquadratic_training.oracles import ORACLES, costs
from theory import registry

NAME = "subquadratic-training"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    samples=3, dimension=4, width=40, layers=3, sparsity=0.15, threshold=0.3, target_scale=0.03,
    step=0.2, steps=3, restart=2, trials=5, networks=3, epsilon=0.4, delta=0.3, residual=0.2,
    rows=33, far=0.7, stretch=0.5, sweeps=2, smallest=8, largest=64, tolerance=0.3,
    published_fired=0.7, published_chance=0.1, published_width=10.0, published_cost=5.0,
    published_gain=0.3,
)  # fmt: skip
SLOPES = {"slope_fired", "slope_sparse", "slope_dense", "slope_lazy", "slope_width",
          "slope_order"}  # fmt: skip
ENUMERATED = {"sketch_variance", "matrix_variance"}
REST = EXPERIMENT.quantities - SLOPES - ENUMERATED
QUICK = REST - {"sketch_moment", "sketch_far"}
"""Their sums take loops over pairs of weights."""
CASES = {
    "all": (FEW, None),
    "one layer": (replace(FEW, layers=1, threshold=None, sparsity=0.1), REST),
    "diabetes, independent signs": (
        replace(FEW, layers=2, data="diabetes", independent=True, sketch="gaussian", width=60),
        QUICK,
    ),
    "digits": (replace(FEW, layers=2, data="digits", restart=1, width=30), QUICK),
}
NARROW = replace(
    FEW, samples=4, width=2, layers=1, sparsity=0.5, threshold=0.0, trials=60, steps=2,
    target_scale=0.5, delta=0.95,
)  # fmt: skip
EVENTS = {"fired_many", "third"}
CASES |= {
    "events of every kind": (NARROW, EVENTS),
    "costs": (replace(FEW, sweeps=3, largest=16), {"slope_sparse"}),
    "certificates": (FEW, {"certified_error"}),
    "no certificate": (replace(FEW, target_scale=1.0), {"certified_error"}),
    "sketched": (FEW, {"energy"}),
}
CURVES = {
    "all": curves.of_descent(3) | curves.of_costs(1),
    "one layer": curves.of_descent(1),
    **dict.fromkeys(("diabetes, independent signs", "digits"), curves.of_descent(2)),
    "costs": curves.of_costs(0),
    "certificates": curves.OF_NEWTON,
    "no certificate": curves.UNCERTIFIED,
    "sketched": curves.OF_SKETCH,
}
"""Of cases whose picture is not empty."""


def rates(it):
    """The largest factor per step in which each trial of the width theorem ends."""
    _, paths = it.newton("third 0", 20, it.configuration.width)
    norm = it.geometry["norm_y"]
    return [max((sqrt(e @ e) / norm) ** (1 / t) for t, (e, _, _) in enumerate(path) if t)
            for path in paths]  # fmt: skip


SHOWS = {
    "events of every kind": {
        "many fire, but not on the first sample": lambda it: any(
            k[0].max() > 2**0.5 >= k[0][0] for k, _ in it.starts
        ),
        "a rate between": lambda it: any(1 / 3 < rate < 0.5 for rate in rates(it)),
        "a rate below": lambda it: any(rate < 1 / 3 for rate in rates(it)),
    },
    "all": {
        "layers that fire unequally": lambda it: len(set(it.starts[0][0].sum(1))) == 3,
        "a certificate": lambda it: any(row[4] <= row[3] * 40 for row in it.certificates),
        "flips": lambda it: it.steps_of(it.followed)[0]["nu_t"].max() > 0,
        "slopes that differ": lambda it: len(set(costs(it)["sparse"][:, -1])) == 2,
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES.get(case, {}))
    walk(NAME, oracles, configuration, quantities=quantities)


MISTAKES = {
    "costs": {
        "the mean": ("sweep/lazy", lambda it: costs(it)["lazy"].mean(0)),
        "another step": ("sweep/details/sparse", curves.slope("dense")),
        "without the threshold": ("sweep/law", lambda it: [
            len(it.X) * m * (it.X.shape[1] + m) for m in curves.widths(it)]),
    },
    "certificates": {
        "another network": ("network", lambda it: curves.network(it, curves.shown(it)[0] - 1)),
        "the median": ("descent", lambda it: np.median(curves.descents(it), axis=0)),
        "the second step": ("bound", lambda it: np.roll(curves.bound(it).value, 1)),
    },
    "sketched": {
        "the second network": ("energy", lambda it: curves.error(it, 1)),
        "without 2": ("bound", lambda it: np.array(curves.at_most(it).value) / 2),
    },
    "digits": {
        "the layer above": ("panels/0/layer_1", curves.share(1)),
        "the square": ("residual", lambda it: np.array(curves.residual(it).value) ** 2),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    quantities = {"sparse"} if case == "digits" else quantities
    assert unnoticed(NAME, ORACLES, configuration, MISTAKES[case], quantities=quantities) == []


def test_a_slip_in_any_of_them_is_seen():
    """But in residuals that are rounding after a few steps, and in what no loop enumerates."""
    found = unseen(NAME, ORACLES, FEW)
    assert found == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)
