"""Every symbol and field that data in a subspace hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.low_dimensional_data import curves
from tests.theorems.low_dimensional_data.oracles import ORACLES, signs, tilt
from theory import registry

NAME = "low-dimensional-data"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

DRAWN = Configuration(
    samples=9, dimension=5, subspace=2, depth=3, width=4, activation="tanh", weight_decay=0.3,
    batch=4, steps=9, networks=3, redraws=4, norm=1.5, layers=3, start=0.4, noise=0.4,
    label_noise=0.7, intercept=True, room=0.2, regressions=40, distance=2.0, variance=0.5,
    step=0.2, target_scale=2.0,
)  # fmt: skip
CASES = {
    "drawn": DRAWN,
    "principal directions": replace(
        DRAWN, data="diabetes", samples=16, subspace=4, depth=2, activation="relu", batch=None,
        optimiser="adam", weight_decay=0.0, initial="uniform", labels="square", intercept=False,
        layers=2, level=0.8, target_scale=0.5,
    ),
    "digits as they are": replace(DRAWN, data="digits", subspace=None, samples=12),
    "axes": replace(DRAWN, rotated=False, optimiser="adamw", depth=1),
    "rates that fall": replace(DRAWN, schedule="cosine", weight_decay=1.5),
    "rates that drop": replace(DRAWN, schedule="drop", rotated=False, optimiser="adamw",
                               weight_decay=1.5),
    "momentum": replace(DRAWN, momentum=0.7, weight_decay=0.0, activation="gelu", batch=None),
    "many regressions": replace(DRAWN, regressions=501),
    "off the subspace": DRAWN,
    "fewer regressions": replace(DRAWN, regressions=60, level=9.0),
    "noisy rows": DRAWN,
    "chains": replace(DRAWN, networks=1, step=0.3),
}  # fmt: skip
NETWORKS = {"untrained_part", "gradient", "sum_of_gradients"}
SOME = {
    "principal directions": EXPERIMENT.quantities - {"transversal_of_chain", "chain"},
    "digits as they are": NETWORKS, "axes": NETWORKS, "momentum": NETWORKS,
    "rates that fall": NETWORKS | {"part_off_subspace", "squared_deviation"},
    "rates that drop": NETWORKS,
    "many regressions": {"least_squares"},
    "off the subspace": {"part_off_subspace", "squared_deviation"},
    "fewer regressions": {"least_squares"},
    "noisy rows": {"moved"},
    "chains": {"transversal_of_chain"},
}  # fmt: skip
"""Quantities of cases that are for these alone."""


CURVES = {
    "off the subspace": curves.OF_DISTANCES,
    "many regressions": curves.OF_ROW_NUMBERS, "fewer regressions": curves.OF_NOISE,
    "noisy rows": curves.OF_SPEED,
    "chains": curves.OF_CHAINS,
}  # fmt: skip
"""Of cases without the curves of networks."""

SHOWS = {
    "drawn": {
        "outer weights of both signs": lambda it: len(signs(it)) == 2,
        "a subspace that is no axes": lambda it: tilt(it) > 0.05,
        "networks that were trained": lambda it: np.abs(
            it.networks[0][1]["J"][0] - it.networks[0][2]["J"][0]
        ).max() > 1e-3,
        "norms of noise above and below": lambda it: 0 < ORACLES.samples["size_of_noise"](it)[
            "values"
        ].mean() < 1,
    },
    "digits as they are": {"pixels that are never seen": lambda it: 3 <= it.q < 40},
    "principal directions": {"labels that are bent": lambda it: it.bent > 0.1},
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(
        ORACLES, shows=SHOWS.get(case, {}), curves=CURVES.get(case, curves.OF_NETWORKS)
    )
    walk(NAME, oracles, CASES[case], quantities=SOME.get(case))


MISTAKES = {
    "many regressions": {
        "rows that do not come again": ("measured", lambda it: curves.GAPS(
            [np.nan, *[it.least_squares[:25].mean()] * 5])),
        "without the intercept": ("law", lambda it: curves.GAPS([
            0.49 * it.q / (0.16 * (n - it.d - 1)) if n > it.d + 1 else np.nan
            for n in curves.rows(it)])),
        "the deviation": ("untrained", lambda it: [it.configuration.init_scale * it.q] * 6),
    },
    "fewer regressions": {
        "the rows' own noise": ("measured", lambda it: [it.least_squares[:3].mean()] * 7),
    },
    "noisy rows": {
        "the median": ("kept", lambda it: np.median(it.of_speed("share"), axis=1)),
        "what is lost": ("bound", lambda it: 1 - curves.kept(it).value),
    },
    "chains": {
        "the norm": ("law 2", lambda it: [2.0] * 4),
        "another norm": ("norm 2", lambda it: curves.at_rest(it, 0.5)),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    found = unnoticed(NAME, ORACLES, CASES[case], MISTAKES[case], quantities=SOME[case])
    assert found == []


def test_a_slip_in_any_of_them_is_seen():
    assert unseen(NAME, ORACLES, DRAWN) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, DRAWN)
