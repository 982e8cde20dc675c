"""False statements, broken premises and broken trainers are caught, each by name."""

from dataclasses import replace
from functools import lru_cache
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests.bench import Bench, verdict
from theory import claim
from theory.theorems.feedback_alignment import convergence, decay, identities
from theory.theorems.feedback_alignment.symbols import B2, a, lam, m, mu, norm_X, theta
from verify.experiments.feedback_alignment import widths
from verify.experiments.feedback_alignment.cases import RELU
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.judging.verdict import Verdict
from verify.training.feedback import ACTIVATIONS, network

BENCH = Bench("feedback-alignment", "feedback", "must fail")
first, changed = lru_cache(maxsize=8)(BENCH.first), BENCH.changed
BASE = Configuration(trials=3, width=400, steps=100)
DECAYING = replace(BASE, decay=0.3, width=40, steps=30)
LEAKY = replace(DECAYING, activation="leaky-relu")
ONE_TRIAL = replace(RELU, trials=1, steps=60)
SATURATED = Configuration(activation="relu", samples=1, dimension=3, decay=2.0, width=20, step=0.02,
                          steps=5000, trials=16)  # fmt: skip


# --- false statements ----------------------------------------------------------------------------

FALSE = {
    "source of the decay forgotten": (
        "residual", DECAYING, {identities.y_i: 0}
    ),
    "<b, beta> forgotten": ("residual", DECAYING, {identities.direct: 0}),
    "alignment grows by |dw|^2, too": ("neuron", DECAYING, {identities.dw_sq: -identities.dw_sq}),
    "decay forgotten": ("neuron", DECAYING, {lam: 0}),
    "the whole growth": ("growth", BASE, {identities.dW_sq: 0}),
    "a rate of 2 a": ("rate", BASE, {a: 2 * a}),
    "||X||^2 for mu": ("rate", BASE, {mu: norm_X**2}),
    "||X||^2 for mu in the flow": ("flow-rate", BASE, {mu: norm_X**2}),
    "1.3 times the rate, ReLU": ("relu-rate", ONE_TRIAL, {a: 1.3 * a}),
    "no source in the level": (
        "decayed-rate", replace(BASE, decay=0.3, width=3200, steps=60), {decay.F: 0}
    ),
    "no source in a step": ("decayed-step", replace(DECAYING, steps=100), {decay.norm_y: 0}),
    "the rate of a step without decay": (
        "decayed-step", replace(DECAYING, data="orthogonal", width=2000, steps=3),
        {decay.low_A: 1.3 * decay.low_A},
    ),
    "m^(1/2) for m^(1/6)": ("angle/lower", DECAYING, {m: 1}),
    "lam^-1 for lam^(-1/3)": ("angle/lower", replace(DECAYING, decay=0.1), {lam: lam**3}),
    "t^(-1/2)": ("angle/lower", DECAYING, {decay.t: decay.t ** sp.Rational(1, 2)}),
    "|theta*|^(2/3) for |theta*|^(1/3)": ("pull/lower", DECAYING, {theta: theta**2}),
    "|b|^2 for its part": ("relu-alignment", SATURATED, {decay.B2_A: B2}),
    "a saturation below a half": ("relu-alignment/upper", SATURATED, {decay.B2_A: decay.B2_A / 2}),
}  # fmt: skip


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, put = FALSE[what]
    sample = first(configuration, name)
    assert verdict(claim(f"feedback/{name}"), sample) is Verdict.HOLDS
    false = changed(name, bound=lambda b: b.subs(put, simultaneous=True))
    assert verdict(false, sample) is Verdict.REFUTED


def test_the_residual_needs_beta_after_the_step():
    sample = first(DECAYING, "residual")
    after = sample.symbols["next_overlap"]
    before = np.concatenate([after[:, :1], after[:, :-1]], axis=1)
    late = replace(sample, symbols={**sample.symbols, "next_overlap": before})
    assert verdict(claim("feedback/residual"), late) is Verdict.REFUTED


def test_laws_of_distributions():
    many = replace(BASE, samples=2, draws=1000, largest=1024)
    sample = first(many, "mean-alignment")
    assert verdict(claim("feedback/mean-alignment"), sample) is Verdict.HOLDS
    for false in (theta**2 + 3 * convergence.rank, convergence.rank / 4):
        assert verdict(changed("mean-alignment", bound=false), sample) is Verdict.REFUTED
    sweep = replace(BASE, draws=240, smallest=32, largest=256)
    sample = first(sweep, "infinite-width")
    assert verdict(claim("feedback/infinite-width"), sample) is Verdict.HOLDS
    with patch.object(widths, "output_kernel", lambda X, activation: 4 * X @ X.T):
        other = BENCH.first(sweep, "infinite-width")
    assert verdict(claim("feedback/infinite-width"), other) is Verdict.REFUTED


# --- premises ------------------------------------------------------------------------------------

PREMISES = {
    "backpropagation": ("neuron", replace(DECAYING, rule="backpropagation")),
    "backpropagation of a linear network": ("residual", replace(DECAYING, rule="backpropagation")),
    "tanh": ("neuron", replace(DECAYING, activation="tanh")),
    "sigmoid": ("neuron", replace(DECAYING, activation="sigmoid")),
    "sigmoid, growth": ("growth", replace(BASE, activation="sigmoid", steps=30)),
    "a kink": ("residual", replace(DECAYING, activation="relu")),
    "decay": ("growth", DECAYING),
    "decay left on": (
        "misaligned",
        replace(BASE, data="orthogonal", samples=3, width=800, step=0.3, steps=400, decay=0.3),
    ),
    "decay left on, rate": ("rate", replace(BASE, decay=1.0, steps=300)),
    "a step too long": ("rate", replace(BASE, step=2.5, steps=20)),
    "too narrow": ("width", replace(BASE, width=6, trials=60)),
    "a second layer too large": (
        "convergence", replace(BASE, beta_scale=40.0, delta=0.05, trials=40, points=10, horizon=0.3)
    ),
    "published at a tiny width": (
        "published-rate", replace(BASE, activation="relu", width=2, trials=60, delta=0.05)
    ),
    "a step too long with decay": ("decayed-step", replace(DECAYING, step=2.5)),
    "other targets of the second layer": ("mean-alignment", replace(
        BASE, samples=2, draws=2000, largest=1024, feedback="initial")),
}  # fmt: skip


@pytest.mark.parametrize("what", PREMISES)
def test_a_premise_is_what_makes_a_claim_true(what):
    name, configuration = PREMISES[what]
    sample = first(configuration, name)
    assert verdict(claim(f"feedback/{name}"), sample) is Verdict.OUT_OF_REGIME
    assert verdict(changed(name, premises=()), sample) is Verdict.REFUTED


def test_without_decay_alignment_does_not_come():
    """What decay brought, certified, is far above what no decay leaves, certified, too."""
    configuration = replace(BASE, samples=3, dimension=10, decay=0.03, width=200, trials=4)
    with_decay = first(configuration, "stopped-alignment")
    none = first(replace(configuration, decay=0.0), "stopped-alignment")
    swapped = replace(with_decay, values=none.values)
    assert verdict(claim("feedback/stopped-alignment"), with_decay) is Verdict.HOLDS
    assert verdict(claim("feedback/stopped-alignment"), swapped) is Verdict.REFUTED


# --- trainers ------------------------------------------------------------------------------------

STEP = network.step
LEAKLESS = ACTIVATIONS["relu"].slope


def decay_on_both(net, rate, decayed=0.0, back=None):
    new = STEP(net, rate, decayed, back)
    return replace(new, W=new.W - rate * decayed * net.W)


def sequential(net, rate, decayed=0.0, back=None):
    beta = STEP(net, rate, decayed, back).beta
    return replace(net, W=STEP(replace(net, beta=beta), rate, 0.0, back).W, beta=beta)


def backpropagation(net, rate, decayed=0.0, back=None):
    return STEP(net, rate, decayed, net.beta)


def frozen_second(net, rate, decayed=0.0, back=None):
    return replace(STEP(net, rate, decayed, back), beta=net.beta)


def not_leaking(net, rate, decayed=0.0, back=None):
    """The slope of a ReLU with the values of a leaky one."""
    return STEP(
        replace(net, activation=replace(net.activation, slope=LEAKLESS)), rate, decayed, back
    )


def backwards(net, rate, decayed=0.0, back=None):
    return STEP(net, rate, decayed, -net.b)


TRAINERS = {
    "decay on both layers": (decay_on_both, "neuron", DECAYING),
    "one layer after the other": (sequential, "neuron", DECAYING),
    "another slope below 0": (not_leaking, "neuron", LEAKY),
    "another slope below 0, growth": (not_leaking, "growth", replace(LEAKY, decay=0.0)),
    "one layer after the other, linear": (sequential, "residual", DECAYING),
    "backpropagation, neurons": (backpropagation, "neuron", DECAYING),
    "backpropagation, first layer": (backpropagation, "first-layer", DECAYING),
    "backpropagation, second layer": (backpropagation, "second-layer", DECAYING),
    "second layer frozen": (frozen_second, "relu-rate", ONE_TRIAL),
    "second layer frozen, linear": (frozen_second, "rate", BASE),
    "error carried back with the wrong sign": (backwards, "growth", BASE),
}


@pytest.mark.parametrize("what", TRAINERS)
def test_a_broken_trainer_is_caught(what):
    step, name, configuration = TRAINERS[what]
    with patch.object(network, "step", step):
        sample = BENCH.first(configuration, name)
    assert verdict(claim(f"feedback/{name}"), sample) is Verdict.REFUTED
