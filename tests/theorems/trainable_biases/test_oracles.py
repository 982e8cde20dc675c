"""Every symbol and field that trainable biases hand to their claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.trainable_biases import curves
from tests.theorems.trainable_biases.oracles import ORACLES, followed
from theory import registry

NAME = "trainable-biases"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    samples=3, dimension=4, bias=0.4, width=60, target_scale=0.3, step=0.7, steps=12, points=5,
    seeds=2, reduction=0.6, terms=6, draws=5, epsilon=0.6, delta=0.3, enough=12, trials=3,
    sweeps=2, smallest=8, largest=64, tolerance=0.3, radius=0.8, evenness=1.5, ascents=4,
    population=12, constant=0.7,
)  # fmt: skip
PATHS = {"residual", "travel", "fired", "unchanged", "along", "steps"}
OF_WIDTH = {"least_eigenvalue", "theorem", "published_theorem"}
CASES = {
    "all": (FEW, None),
    "frozen, independent": (replace(FEW, biases="frozen", signs="independent"), None),
    "certified": (replace(FEW, width=2000, target_scale=0.003, samples=2), PATHS),
    "large scale": (replace(FEW, kappa=1e4), PATHS),
    "three sweeps": (replace(FEW, sweeps=3, largest=16), {"slope"}),
    "the least eigenvalue": (replace(FEW, samples=4), {"least_of_H"}),
    "width asked for": (replace(FEW, samples=2, target_scale=0.01, enough=None), OF_WIDTH),
    "one sample": (replace(FEW, samples=1, bias=-0.7), EXPERIMENT.quantities - {"slope"}),
    "diabetes": (replace(FEW, data="diabetes"), EXPERIMENT.quantities - {"slope"}),
}
ALL = curves.OF_KERNEL | curves.of_paths(1)
CURVES = {
    **dict.fromkeys(("all", "frozen, independent"), ALL | curves.OF_SWEEP),
    **dict.fromkeys(("certified", "large scale"), curves.of_paths(0)),
    **dict.fromkeys(("one sample", "diabetes"), ALL),
    "three sweeps": curves.OF_SWEEP,
    "the least eigenvalue": curves.OF_KERNEL,
}
"""Of cases whose picture is not empty."""
SHOWS = {
    "all": {
        "networks that differ": lambda it: abs(np.diff([net["gap"] for net in followed(it)])) > 0,
        "neurons that flip": lambda it: min(followed(it)[0]["same"]) < 1,
        "a reduction on the way": lambda it: 0 < followed(it)[0]["needed"] <= it.c.steps,
        "events of both kinds": lambda it: (
            len({*ORACLES.samples["least_eigenvalue"](it)["values"]}) == 2
        ),
    },
    "certified": {"a certificate": lambda it: max(followed(it)[0]["could"]) < it.c.width},
    "the least eigenvalue": {
        "circles that say nothing, and something": lambda it: 0 < np.isnan(
            curves.OF_KERNEL["panels/0/circles"](it).value).sum() < 9
    },
    "large scale": {"no flips": lambda it: min(followed(it)[0]["same"]) == 1},
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES.get(case, {}))
    walk(NAME, oracles, configuration, quantities=quantities)


MISTAKES = {
    "three sweeps": {
        "the mean": ("sweep/distance", lambda it: curves.distances(it)[1].mean(axis=1)),
        "the mean slope": ("sweep/details/distance", lambda it: [
            curves.slopes(it).mean(), -np.inf, np.inf]),
    },
    "large scale": {
        "the first network": ("residual", lambda it: curves.residuals(it)[0]),
        "not of a sample": ("errors/residual", lambda it: curves.residuals(it).std(axis=0)
                            / len(curves.residuals(it)) ** 0.5),
        "another bias": ("panels/0/B = 1", lambda it: curves.shares(it, 0.5).mean(axis=0)),
        "the first sample": ("panels/0/B = 0", lambda it: curves.shares(it, 0.0)[0]),
        "of many neurons": ("panels/1/law", lambda it: curves.of_paths(0)["panels/1/limit"](it)),
        "of the law": ("panels/1/steps", lambda it: curves.of_paths(0)["panels/1/law"](it)),
    },
    "the least eigenvalue": {
        "a looser bound": ("panels/0/rows", curves.OF_KERNEL["panels/0/separation"]),
        "at one bias": ("panels/0/least", lambda it: [it.lambda_B] * 9),
        "below 0": ("panels/0/circles", lambda it: [
            curves.lower_bound("circles", it.other(bias=B)) for B in curves.GRID]),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    assert unnoticed(NAME, ORACLES, configuration, MISTAKES[case], quantities=quantities) == []


def test_a_slip_in_any_of_them_is_seen():
    assert unseen(NAME, ORACLES, FEW) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)
