"""Every symbol, field and event that the criterion hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.descent_criterion.curves import (
    OF_BOTH,
    OF_LINEAR_SWEEPS,
    OF_PATHS,
    OF_RACES,
    OF_SWEEPS,
    OF_THE_INTEGRAL,
    lower_bound,
    radii,
    radius,
    smallest_scales,
)
from tests.theorems.descent_criterion.oracles import ORACLES
from theory import registry
from verify.experiments.kit.slopes import median_interval

EXPERIMENT = registry.theorem("descent-criterion").load_experiment()
Configuration = EXPERIMENT.configuration

DEEP = Configuration(
    data="sphere", samples=2, dimension=3, targets="noise", target_scale=0.6, widths="3,2",
    hidden_weight=0.8, output_norm=90.0, epsilon=0.3, step=0.8, steps=6, trials=2, sweeps=1,
    smallest=1.0, largest=4.0, floors=1, floor_steps=2, races=1, race_steps=2, tolerance=0.3,
)  # fmt: skip
PATHS = {"loss", "path", "remaining", "residual", "singular_value", "initial_gram", "defect",
         "fresh", "published_loss", "published_distance"}  # fmt: skip
CASES = {
    "two layers": DEEP,
    "the ball": replace(DEEP, criterion="ball", widths="2,3,2", activation="asinh"),
    "one layer": replace(DEEP, widths="3", activation="leaky-tanh", output_norm=40.0),
    "the integral alone": replace(DEEP, trials=1, output_norm=16.0),
    "neither": replace(DEEP, trials=1, output_norm=1.0),
    "scales that meet a criterion": replace(
        DEEP, activation="tanh", output_norm=None, scale=30.0, trials=1
    ),
    "a sweep": replace(
        DEEP, activation="asinh", sweeps=6, widths="2,3", smallest=2.0, largest=8.0, tolerance=0.17,
        steps=12,
    ),
    "a linear sweep": replace(
        DEEP, activation="identity", widths="2", sweeps=2, smallest=1.0, largest=4.0, steps=12,
        tolerance=0.17,
    ),
    "a shifted sweep": replace(
        DEEP, sweeps=6, smallest=3.0, largest=12.0, steps=12, tolerance=0.163,
    ),
    "dependent rows": replace(
        DEEP, samples=4, dimension=3, widths="2,2", output_norm=3.0, floors=8, floor_steps=40,
        share=0.6, trials=1,
    ),
    "a race": replace(
        DEEP, races=8, race_steps=25, output_norm=20.0, trials=1, widths="3,4", activation="tanh",
    ),
}  # fmt: skip
SLOPES = {f"slope_of_{name}" for name in ("displacement", "defect", "odd_defect", "linear_defect",
                                          "fresh", "odd_fresh")}  # fmt: skip
SOME = {
    "two layers": PATHS,
    "the ball": PATHS,
    "one layer": {"one_layer_loss", "loss"},
    "the integral alone": {"loss"},
    "neither": {"loss"},
    "scales that meet a criterion": {"loss", "defect"},
    "a sweep": SLOPES,
    "a linear sweep": {"slope_of_linear_defect", "slope_of_displacement"},
    "a shifted sweep": {"slope_of_defect", "slope_of_fresh", "slope_of_displacement"},
    "dependent rows": {"floor"},
    "a race": {"race"},
}


CURVES = {
    "two layers": OF_PATHS | OF_BOTH,
    "the ball": OF_PATHS | OF_BOTH,
    "one layer": OF_PATHS | OF_BOTH,
    "the integral alone": OF_PATHS | OF_THE_INTEGRAL,
    "neither": OF_PATHS,
    "scales that meet a criterion": OF_PATHS | OF_BOTH,
    "a sweep": OF_SWEEPS,
    "a linear sweep": OF_LINEAR_SWEEPS,
    "a shifted sweep": OF_SWEEPS,
    "dependent rows": {},
    "a race": OF_RACES,
}


def mixed(values):
    return 0 < values.mean() < 1


SHOWS = {
    "a sweep": {"slopes near and not": lambda it: mixed(it.near("odd_defect"))},
    "a linear sweep": {
        "an exponent of its own": lambda it: (
            it.near("linear_defect").all() and not it.near("odd_defect").any()
        )
    },
    "a shifted sweep": {"slopes near and not": lambda it: mixed(it.near("fresh"))},
    "dependent rows": {"losses near the floor and below": lambda it: mixed(it.floors > 0.4)},
    "a race": {"won and lost": lambda it: mixed(it.races[:, 0] <= it.races[:, 1])},
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES[case])
    walk("descent-criterion", oracles, CASES[case], quantities=SOME.get(case))


MISTAKES = {
    "two layers": {
        "of the second network": ("loss", lambda it: it.runs[1].loss),
        "no square": ("law", lambda it: np.sqrt((it.runs[0].law ** 2).sum(1))),
        "the area of the other criterion": (
            "panels/0/ball",
            lambda it: np.where(np.array(radius(it)) <= radii(it)["ball"], lower_bound(it), 0),
        ),
    },
    "a race": {
        "the mean": ("panels/0/standard", lambda it: np.mean(
            [both[1][1] for both in it.raced_both], axis=0)),
        "the other start": ("panels/0/this_start", OF_RACES["panels/0/standard"]),
        "the other criterion": ("panels/1/ball", OF_RACES["panels/1/integral"]),
        "one layer": ("panels/2/integral", smallest_scales(
            lambda m: [(k,) for k in (1, 4, 16, 64)], "integral")),
    },
    "a sweep": {
        "the mean": ("sweep/defect", lambda it: it.swept["defect"].mean(0)),
        "other slopes": ("sweep/details/fresh", lambda it: median_interval(it.slopes["defect"])),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    of = CASES[case], MISTAKES[case]
    assert unnoticed("descent-criterion", ORACLES, *of, quantities=SOME[case]) == []


@pytest.mark.parametrize("case", ["one layer", "a sweep", "dependent rows", "a race"])
def test_every_slip_is_seen(case):
    assert unseen("descent-criterion", ORACLES, CASES[case], quantities=SOME.get(case)) == []


def test_a_quantity_alone_is_that_among_all():
    alone("descent-criterion", replace(DEEP, widths="2", steps=2))
