"""Every symbol, field and event that feedback alignment hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.feedback_alignment import curves
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


BESIDE = {  # a linear network; another one
    True: curves.OF_LINEAR_ERRORS | curves.of_deviations("panels/1"),
    False: curves.OF_ERRORS | curves.of_deviations("sweep") | curves.of_late(0.8),
}
CURVES = {
    "linear with decay": BESIDE[True] | curves.of_widths(0.8) | curves.of_late(0.8),
    "linear without decay": BESIDE[True] | curves.of_widths(0.3) | curves.of_late(0),
    "certificates": curves.OF_LINEAR_ERRORS | curves.of_widths(0.3),
    "certificates with decay": curves.OF_STEPS,
    "ReLU with decay": BESIDE[False] | curves.OF_RELU_ERRORS,
    "ReLU, certificates": curves.OF_RELU_ERRORS,
    "tanh by backpropagation": BESIDE[False] | curves.OF_RELU_ERRORS,
    "leaky ReLU": curves.OF_ERRORS | curves.of_deviations("sweep"),
    "sigmoid": curves.OF_ERRORS | curves.of_deviations("sweep"),
    "saturation": curves.OF_SATURATED,
    "slopes": curves.of_deviations("sweep"),
}
"""By case; of others the errors of a linear network alone."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    shown = CURVES.get(case, curves.OF_LINEAR_ERRORS)
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=shown)
    walk("feedback-alignment", oracles, CASES[case], quantities=SOME.get(case))


DRAWN = CASES | {
    "a flow": replace(WIDE, width=40, trials=2),
    "wide ones": replace(WIDE, smallest=150, largest=600, trials=2, steps=3),
    "decay that stops": replace(CASES["certificates with decay"], stop=3.0, trials=2),
    "long decay": replace(SMALL, stop=60.0, trials=2),
    "ReLU, more samples than dimensions": replace(RELU, samples=3, trials=2),
    "long saturation": replace(CASES["saturation"], step=0.05, steps=205, trials=2),
}
PICTURES = {
    ("linear with decay", "alignment"): curves.of_widths(0.8)
    | curves.of_alignment(0.8, 0, 0.03, 0.1, 0.3),
    ("wide ones", "alignment"): curves.of_widths(0.3) | curves.of_alignment(0, 0.03, 0.1, 0.3),
    ("ReLU with decay", "alignment"): curves.of_alignment(0.8, 0, 0.03, 0.1, 0.3),
    ("ReLU, more samples than dimensions", "relu_error"): curves.OF_RELU_ERRORS,
    ("linear with decay", "pull"): curves.of_aligned(0.8),
    ("linear without decay", "tangent"): curves.of_aligned(0),
    ("a flow", "flow_error"): curves.OF_FLOW,
    ("linear with decay", "flow_error"): curves.OF_FLOW,
    ("ReLU with decay", "flow_error"): curves.OF_FLOW,
    ("ReLU with decay", "decayed_error"): curves.OF_STEPS,
    ("decay that stops", "stopped_error"): curves.OF_STOPPED,
    ("linear without decay", "stopped_error"): curves.OF_STOPPED,
    ("tanh by backpropagation", "stopped_error"): curves.OF_STOPPED,
    ("long decay", "stopped_error"): curves.OF_STOPPED,
    ("long saturation", "saturated"): curves.OF_SATURATED,
}  # fmt: skip
MISTAKES = {
    ("linear with decay", "alignment"): {
        "of another decay": ("decay 0.03", lambda it: curves.mean(curves.cosines(it, 0.0))),
        "of signed cosines": ("decay 0.3", lambda it: curves.mean([
            [net.cosine for net in net.train(it.eta, 0.3, 7)] for net in it.nets])),
        "at the end": ("sweep/decay 0", lambda it: [
            curves.cosines(curves.at_width(it, m), 0.0)[:, -1].mean() for m in curves.widths(it)]),
    },
    ("linear with decay", "pull"): {
        "over time": ("x", lambda it: np.log10(it.drawn_times)),
        "of the mean cosine": ("panels/0/tangent", lambda it: np.tan(np.arccos(
            curves.late_cosines(it).mean(0)))),
        "of twice the decay": ("panels/0/plateau", lambda it: curves.plateau(
            ORACLES.ingredients(replace(it.configuration, decay=1.6), it.salt))[0]
            * np.ones(len(it.drawn_times))),
    },
    ("long decay", "stopped_error"): {
        "a step too late": ("x", lambda it: [x + (x >= it.before)
                                             for x in curves.OF_STOPPED["x"](it)]),
    },
}  # fmt: skip


@pytest.mark.parametrize(("case", "quantity"), MISTAKES)
def test_mistakes_in_the_picture_are_seen(case, quantity):
    of = DRAWN[case], MISTAKES[case, quantity]
    assert unnoticed("feedback-alignment", ORACLES, *of, quantities={quantity}) == []


CERTIFIED = {("wide ones", "alignment"), ("a flow", "flow_error"),
             ("decay that stops", "stopped_error")}  # fmt: skip


def certified(shown):
    """In the end, and widths of which some are certified."""
    return {
        "certificates": lambda it: np.isfinite(shown["certified"](it).value[-1]),
        "widths": lambda it: "sweep/x" not in shown or min(shown["sweep/certified"](it).value) < 1,
    }


@pytest.mark.parametrize(("case", "quantity"), PICTURES)
def test_the_picture_of_one_quantity(case, quantity):
    shown = PICTURES[case, quantity]
    shows = certified(shown) if (case, quantity) in CERTIFIED else {}
    oracles = replace(ORACLES, shows=shows, curves=shown)
    walk("feedback-alignment", oracles, DRAWN[case], quantities={quantity})


def test_a_quantity_alone_is_that_among_all():
    alone("feedback-alignment", replace(SMALL, trials=1, draws=1))


def test_every_slip_is_seen():
    """But in flows and slopes, whose oracles are another integrator and events."""
    few = replace(NO_DECAY, decay=0.8, trials=2, step=0.1, smallest=8, largest=32)
    exact = ORACLES.samples.keys() - {"tangent", "pull", "flow_error", "gain"}
    assert unseen("feedback-alignment", ORACLES, few, quantities=exact) == []
