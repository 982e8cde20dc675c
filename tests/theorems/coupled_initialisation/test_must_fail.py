"""False claims, broken premises and broken trainers are caught, each by name."""

import math
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests.bench import Bench, verdict
from theory import claim
from theory.theorems.coupled_initialisation.convergence import eta, gamma, kappa, n, xi
from verify.experiments.coupled_initialisation import lemmas
from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.coupled_initialisation.setting import parts, prepare
from verify.judging.verdict import Verdict
from verify.training.gradient_descent import LOGISTIC, SQUARED, Network, descend, losses

BENCH = Bench("coupled-initialisation", "coupled", "must fail")
every, changed = BENCH.every, BENCH.changed
SMALL = Configuration(samples=4, trials=40, steps=30, logistic_steps=60)


# --- broken premises: the regime says so, and what the claim says is false there ------------------

BROKEN = {
    "kappa too small": ("frozen", {"init_scale": 1.0}),
    "kappa too small for the logistic loss": ("logistic-frozen", {"init_scale": 1.0}),
    "eta above its limit": ("rate", {"step": 8.0, "init_scale": 1e9}),
    "eta above its limit, whole theorem": ("convergence", {"step": 8.0}),
    "one pair, whole theorem": (
        "convergence", {"pairs": 1, "epsilon": 0.1, "data": "orthogonal", "targets": "noise"}
    ),
    "one pair, logistic theorem": (
        "logistic", {"pairs": 1, "epsilon": 0.1, "data": "orthogonal", "targets": "noise",
                     "logistic_steps": 300, "trials": 80}
    ),
    "published step far too large": ("published-squared", {"step": 8.0}),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_premise_is_what_makes_a_claim_true(what):
    name, options = BROKEN[what]
    configuration = replace(SMALL, **options)
    samples = every(configuration, name)
    assert verdict(claim(f"coupled/{name}"), samples) is Verdict.OUT_OF_REGIME
    assert verdict(changed(name, premises=()), samples) is Verdict.REFUTED


@pytest.mark.parametrize("name", ["kernel", "logistic-margin"])
def test_too_few_pairs(name):
    setting = prepare(replace(SMALL, epsilon=0.1, delta=0.3, trials=80), "few")
    sample = getattr(lemmas, name.replace("-", "_"))(setting, pairs=6)
    assert verdict(claim(f"coupled/{name}"), sample) is Verdict.OUT_OF_REGIME
    assert verdict(changed(name, premises=()), sample) is Verdict.REFUTED


def test_log_n_dropped_from_the_width():
    """On orthogonal rows each needs a neuron of its own: a union over n, and log n is its price."""
    many = Configuration(data="orthogonal", samples=32, dimension=32, epsilon=0.9, trials=60)
    setting = prepare(many, "log n")
    required = parts("coupled/kernel", setting.shared)["N_star"]
    log = math.log(1 / setting.shared["delta"]) / math.log(32 / setting.shared["delta"])
    sample = lemmas.kernel(setting, pairs=math.ceil(required * log))
    assert verdict(changed("kernel", premises=()), sample) is Verdict.REFUTED
    assert verdict(claim("coupled/kernel"), lemmas.kernel(setting)) is Verdict.HOLDS


# --- false statements ----------------------------------------------------------------------------

EASY = {"data": "orthogonal", "samples": 2}
FALSE = {
    "step size off by a percent": ("exact-law", {eta: 1.01 * eta}, {}),
    "rate of twice the eigenvalue": ("rate", {eta: 3 * eta}, {"data": "orthogonal"}),
    "margin tripled": ("logistic-risk", {gamma: 3 * gamma}, {}),
    "log(T)^2 dropped": ("logistic-risk/displayed", {eta: 1e6 * eta}, EASY),
    "kappa, not its square": ("contrast", {kappa: sp.sqrt(kappa)}, {}),
    "half of the initial output": ("contrast", {n: n / 4}, {"outputs": 3000}),
    "masks that lose nothing": ("masked", {xi: sp.sqrt(sp.sqrt(xi))}, {"outputs": 3000}),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, put, options = FALSE[what]
    samples = every(replace(SMALL, **options), name)
    assert verdict(claim(f"coupled/{name}"), samples) is Verdict.HOLDS
    false = changed(name, bound=lambda b: b.subs(put, simultaneous=True))
    assert verdict(false, samples) is Verdict.REFUTED


def test_a_margin_four_times_as_large():
    """(A.2) is nearly tight: its union bound loses little."""
    setting = prepare(replace(SMALL, trials=60), "margin")
    values = setting.symbols()
    least = setting.network(values, "margin").Z_0.abs().amin((1, 2)).numpy()
    threshold = parts("coupled/margin", values)["threshold"]
    assert 0.2 < np.mean(least < threshold) <= 0.5 + 0.2
    assert np.mean(least < 4 * threshold) > 0.75


@pytest.mark.parametrize("exponent", [-1.0, -0.1])
def test_another_exponent_is_refuted(exponent):
    found = {"exponent": exponent, "lowest": exponent - 0.2, "highest": exponent + 0.2}
    with patch("verify.experiments.coupled_initialisation.experiment.parts", lambda *_: found):
        (sample,) = every(replace(SMALL, sweeps=32), "boundary")
    assert verdict(claim("coupled/boundary"), sample) is Verdict.REFUTED


# --- broken networks and trainers ----------------------------------------------------------------

coupled = Network.coupled


def equal_signs(X, pairs, scale, salts):
    made = coupled(X, pairs, scale, salts)
    return Network(X, made.Z_0, made.s.abs())


def separate_neurons(X, pairs, scale, salts):
    made = coupled(X, 2 * pairs, scale, salts)
    return Network(X, made.Z_0[..., ::2], made.s[:, : 2 * pairs])


@pytest.mark.parametrize("bug", [equal_signs, separate_neurons], ids=["signs", "neurons"])
def test_pairs_that_do_not_cancel_are_caught(bug):
    with patch.object(Network, "coupled", bug):
        samples = every(SMALL, "initial-residual")
    assert verdict(claim("coupled/initial-residual"), samples) is Verdict.REFUTED


def stale(network, y, size, steps, loss=SQUARED, **more):
    """Reports the iterate before."""
    path = descend(network, y, size, steps, loss, **more)
    return replace(path, loss=np.roll(path.loss, 1, axis=1))


def half_a_step(network, y, size, steps, loss=SQUARED, **more):
    return descend(network, y, size / 2, steps, loss, **more)


def relu_forgotten(network, y, size, steps, loss=SQUARED, **more):
    linear = Network(network.X, network.Z_0.abs() + 1, network.s)
    return descend(linear, y, size, steps, loss, **more)


TRAINERS = {"stale": stale, "half a step": half_a_step, "no relu": relu_forgotten}


@pytest.mark.parametrize("bug", TRAINERS)
def test_a_broken_trainer_is_caught(bug):
    with patch("verify.experiments.coupled_initialisation.training.descend", TRAINERS[bug]):
        samples = every(SMALL, "exact-law")
    assert verdict(claim("coupled/exact-law"), samples) is Verdict.REFUTED


def test_labels_of_the_wrong_sign_are_caught():
    wrong = losses.Loss(lambda f, y: -LOGISTIC.slope(f, y), LOGISTIC.reported)
    with patch("verify.experiments.coupled_initialisation.training.LOGISTIC", wrong):
        samples = every(SMALL, "logistic-risk")
    assert verdict(claim("coupled/logistic-risk"), samples) is Verdict.REFUTED


def test_a_flip_is_not_overlooked():
    """Where activations flip the exact law fails: with flips hidden, it would be refuted."""
    samples = every(replace(SMALL, init_scale=1.0, pairs=64), "exact-law")
    assert all(sample.symbols["flips"].max() > 0 for sample in samples)
    hidden = [replace(s, symbols={**s.symbols, "flips": 0}) for s in samples]
    assert verdict(claim("coupled/exact-law"), hidden) is Verdict.REFUTED
