"""Every symbol, field and event that feedback alignment hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.feedback_alignment.oracles import ORACLES, a_0
from verify.experiments.feedback_alignment.configuration import Configuration

SMALL = Configuration(
    samples=3, dimension=2, width=5, decay=0.8, steps=7, trials=3, beta_scale=0.7, step=0.3,
    feedback="signs", horizon=2.0, points=3, stop=1.0, draws=4, smallest=2, largest=9, delta=0.4,
    constant=1.5, tolerance=0.15,
)  # fmt: skip
"""More samples than dimensions: the residual leaves the range of X."""

NO_DECAY = replace(SMALL, decay=0.0, feedback="gaussian", samples=2, dimension=3)
WIDE = replace(NO_DECAY, samples=1, dimension=2, width=400, steps=5, beta_scale=1.0)
RELU = replace(SMALL, activation="relu", samples=2, feedback="initial", draws=8)
CASES = {
    "linear with decay": SMALL,
    "linear without decay": NO_DECAY,
    "certificates": WIDE,
    "certificates with decay": replace(WIDE, decay=0.3, width=100, step=0.3),
    "ReLU with decay": RELU,
    "ReLU, certificates": replace(
        WIDE, activation="relu", beta_scale=0.0, width=1500, target_scale=0.05, trials=2, steps=3,
        step=0.9,
    ),
    "tanh by backpropagation": replace(RELU, activation="tanh", rule="backpropagation", trials=2),
    "leaky ReLU": replace(RELU, activation="leaky-relu", trials=2, draws=8),
    "sigmoid": replace(RELU, activation="sigmoid", trials=2, draws=8),
    "saturation": replace(
        RELU, samples=1, dimension=1, width=9, steps=40, feedback="gaussian", trials=8
    ),
    "principal components": replace(
        NO_DECAY, data="diabetes", samples=20, components=3, trials=2, width=30
    ),
    "whitened components": replace(
        NO_DECAY, data="diabetes", samples=20, components=3, whiten=True, trials=2, width=30
    ),
    "slopes": replace(SMALL, draws=48, largest=20, tolerance=0.1),
    "events": replace(NO_DECAY, width=6, trials=16, steps=20),
}  # fmt: skip
SOME = {
    "certificates": {"error", "alignment", "stopped_error", "decayed_error", "initial_rate"},
    "certificates with decay": {"decayed_error"},
    "ReLU, certificates": {"relu_error"},
    "saturation": {"saturated"},
    "leaky ReLU": {"neuron", "growth", "residual", "published_rate", "slope_of_deviation"},
    "sigmoid": {"neuron", "growth", "residual", "published_rate", "slope_of_deviation"},
    "principal components": {"error", "residual", "flow_error"},
    "whitened components": {"error", "residual", "flow_error"},
    "slopes": {"slope_of_deviation"},
    "events": {"initial_rate", "convergence", "published_rate"},
}


def mixed(event):
    return lambda it: 0 < ORACLES.samples[event](it)["values"].mean() < 1


def lasting(it, steps):
    """The best rate that certifies so many steps with decay."""
    return [it.best(at, True, lambda at, a: it.lasts(at, a, steps)) for at in it.starts]


SHOWS = {
    "linear with decay": {
        "the residual leaves the range of X": lambda it: (
            np.linalg.norm(it.y - it.inside(it.y)) > 1e-3
        ),
        "decay before it stops": lambda it: it.before > 3,
    },
    "certificates": {
        "rates that certify, and are not the smallest": lambda it: all(
            it.certifies(at, at["a"]) and at["a"] > 0.1 for at in it.starts
        ),
    },
    "certificates with decay": {
        "rates that certify all steps, and not one more": lambda it: (
            any(
                it.lasts(at, a, 5) and a > b > 0
                for at, a, b in zip(it.starts, lasting(it, 5), lasting(it, 6), strict=True)
            )
            and lasting(it, 4) != lasting(it, 5)
        ),
    },
    "ReLU, certificates": {
        "rates that certify, neurons that flip": lambda it: all(
            at["a"] > 0.06 and at["norm_F"] > 0 for at in map(it.relu_start, it.nets)
        ),
    },
    "saturation": {
        "neurons that leave, and others": lambda it: (
            len({*saturated(it, "leaving")}) > 1 and min(saturated(it, "B2_A")) > 0
        ),
    },
    "slopes": {"near and not": mixed("slope_of_deviation")},
    "events": {
        "rates above a quarter, and not": lambda it: min(a_0(it)) < 0.25 <= max(a_0(it)),
        "convergence and none": mixed("convergence"),
    },
}


def saturated(it, name):
    return ORACLES.samples["saturated"](it)["symbols"][name].value


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}))
    walk("feedback-alignment", oracles, CASES[case], quantities=SOME.get(case))


def test_a_quantity_alone_is_that_among_all():
    alone("feedback-alignment", replace(SMALL, trials=1, draws=1))


def test_every_slip_is_seen():
    """But in flows and slopes, whose oracles are another integrator and events."""
    few = replace(NO_DECAY, decay=0.8, trials=2, step=0.1, smallest=8, largest=32)
    exact = ORACLES.samples.keys() - {"tangent", "pull", "flow_error", "gain"}
    assert unseen("feedback-alignment", ORACLES, few, quantities=exact) == []
