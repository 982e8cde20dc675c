"""Every symbol, field and event that the width requirement hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.width_requirement.oracles import LEMMAS, ORACLES, happened, values
from theory import registry
from verify.experiments.width_requirement import lemmas
from verify.experiments.width_requirement.setting import prepare

EXPERIMENT = registry.theorem("width-requirement").load_experiment()
Configuration = EXPERIMENT.configuration

MASKS = Configuration(
    data="sphere", samples=4, dimension=6, targets="noise", target_scale=0.7, xi=0.7, surrogates=2,
    local_steps=2, step=0.4, width=40, init_scale=0.6, rounds=4, trials=2, seeds=3, delta=0.4,
    epsilon=0.3,
)  # fmt: skip
LEAVING = replace(
    MASKS, data="orthogonal", samples=2, dimension=2, local_steps=1, width=15_000, xi=0.9,
    rounds=4, target_scale=0.5, trials=6, seeds=2,
)  # fmt: skip
CASES = {
    "masks": MASKS,
    "signs": replace(MASKS, dimension=4, delta=0.9),
    "subnets": replace(MASKS, law="categorical", xi=None, trials=2, delta=0.9),
    "leaving the good event": LEAVING,
    "gradient descent": replace(MASKS, xi=1.0, width=None, samples=1, target_scale=0.1, trials=2),
    "float32": replace(MASKS, xi=1.0, samples=2, dtype="float32", trials=2),
}
SOME = {
    "signs": {"kernel", "near", "trace", "residuals", "good_event"},
    "leaving the good event": {"good_event", "loss_on_good_event", "averaging"},
}
"""Quantities of cases that are for these alone."""


UNEQUAL = {
    "n > 2, p > 1, tau > 1, xi < 1, some trials and seeds": lambda it: (
        min(it.n - 1, it.configuration.surrogates, it.configuration.local_steps,
            it.configuration.trials, it.configuration.seeds) > 1 and it.xi < 1
    ),
    "neurons that flip": lambda it: it.runs[0][0].lazy["nu"][-1] > 0,
}  # fmt: skip
SHOWS = {
    "masks": UNEQUAL,
    "signs": {"g is not ||X||^2": lambda it: it.g > 1.1 * it.norm_X**2},
    "subnets": UNEQUAL,
    "leaving the good event": {
        "trials inside to the end and trials outside": lambda it: (
            0 < sum(it.good[:, 0, -1]) < len(it.good)
        ),
        "different rounds": lambda it: len(set(it.good.sum(2).ravel())) > 2,
        "mask sequences that differ": lambda it: any(
            0 < good[:, -1].mean() < 1 for good in it.good
        ),
    },
    "gradient descent": {"the width that is required": lambda it: it.width > 40},
    "float32": {"float32": lambda it: it.configuration.dtype == "float32"},
}


CURVES = {
    "x": lambda it: range(it.configuration.rounds + 1),
    "mean_loss": lambda it: np.mean([run.loss for runs in it.runs for run in runs], axis=0),
}
"""Of the picture."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    single = CASES[case].dtype == "float32"
    rounding = {"rtol": 1e-3, "atol": 1e-4} if single else {}
    oracles = replace(ORACLES, shows=SHOWS[case], curves=CURVES)
    walk("width-requirement", oracles, CASES[case], quantities=SOME.get(case), **rounding)


@pytest.mark.parametrize("case", ["masks", "leaving the good event"])
def test_no_oracle_is_blind(case):
    assert unseen("width-requirement", ORACLES, CASES[case], quantities=SOME.get(case)) == []


def test_a_quantity_alone_is_that_among_all():
    alone("width-requirement", replace(LEAVING, width=100, trials=3))


EVENTS = {name: {} for name in LEMMAS} | {
    "active, few active": {"xi": 0.4},
    "active, few inactive": {"xi": 0.95},
}
"""Cases of the test below: with other options than those of MASKS."""
WIDTHS = {"residuals": 60, "active": 6000}
"""So narrow that the good event ends early, and so wide that several are near; else 400."""


def test_the_good_event_matters_to_residuals():
    it = ORACLES.ingredients(replace(MASKS, trials=25), "close")
    starts = [it.start("residuals", trial, WIDTHS["residuals"]) for trial in range(25)]
    runs = [it.train(s, it.seeds(1, "residuals", trial)[0]) for trial, s in enumerate(starts)]
    alpha = it.configuration.rounds * [it.link_3["alpha"]]
    assert len({run.good(alpha, it.small_R)[:-1].sum() for run in runs}) > 1


@pytest.mark.parametrize("case", EVENTS)
def test_events_of_lemmas_where_they_happen_and_where_not(case):
    """At the threshold, multiplied so that it lies amid the trials; `near` has another."""
    name = case.split(",")[0]
    width = WIDTHS.get(name, 400)
    it = ORACLES.ingredients(replace(MASKS, trials=25, **EVENTS[case]), "close")
    factor = 1.0
    if name != "near":
        measured = values(it, name, width)
        different = np.unique(measured.round(12))
        between = (different[1:] + different[:-1]) / 2
        amid = min(between, key=lambda level: abs((measured <= level).mean() - 0.5))
        factor = amid / it.link_3["threshold"][name]
    expected = happened(it, name, width, factor)
    assert 0.2 < expected.mean() < 0.8
    found = lemmas.trials(
        prepare(it.configuration, it.salt), name, width=width, claim=scaled(name, factor)
    )
    np.testing.assert_array_equal(found.values, expected)


def scaled(name, factor):
    """The lemma with its threshold multiplied."""
    original = registry.claim(f"width/{name.replace('_', '-')}")
    statement = original.build()
    parts = {**statement.parts, "threshold": factor * statement.parts["threshold"]}
    return replace(original, build=lambda: replace(statement, parts=parts))
