"""Every symbol, field and event that the criterion hands to its claims, against oracles."""

from dataclasses import replace

import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.descent_criterion.oracles import ORACLES
from theory import registry

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
        DEEP, races=8, race_steps=25, output_norm=20.0, trials=1, widths="4", activation="tanh",
    ),
}  # fmt: skip
SLOPES = {f"slope_of_{name}" for name in ("displacement", "defect", "odd_defect", "linear_defect",
                                          "fresh", "odd_fresh")}  # fmt: skip
SOME = {
    "two layers": PATHS,
    "the ball": PATHS,
    "one layer": {"one_layer_loss", "loss"},
    "scales that meet a criterion": {"loss", "defect"},
    "a sweep": SLOPES,
    "a linear sweep": {"slope_of_linear_defect", "slope_of_displacement"},
    "a shifted sweep": {"slope_of_defect", "slope_of_fresh", "slope_of_displacement"},
    "dependent rows": {"floor"},
    "a race": {"race"},
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
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}))
    walk("descent-criterion", oracles, CASES[case], quantities=SOME.get(case))


@pytest.mark.parametrize("case", ["one layer", "a sweep", "dependent rows", "a race"])
def test_every_slip_is_seen(case):
    assert unseen("descent-criterion", ORACLES, CASES[case], quantities=SOME.get(case)) == []


def test_a_quantity_alone_is_that_among_all():
    alone("descent-criterion", replace(DEEP, widths="2", steps=2))
