"""Pruning: what it costs is bounded at every input; twins that are a little stronger are false."""

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from tests.targets import has_targets
from tests.theorems.node_scaling.test_theorem import DATA, LEVEL, SMALL, SWEEP, changed, observed
from theory import claim
from theory.theorems import node_scaling as B
from verify.experiments.node_scaling import pruning, transfer
from verify.experiments.node_scaling.cases import PATHS
from verify.experiments.node_scaling.setting import prepare
from verify.experiments.node_scaling.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.training.gradient_descent import Network

PRUNING = ("pruning", "pruning-measured", "flow-pruning")
ONE = replace(PATHS[0], trials=6)
"""One input: no node near a kink, and the certificate is sharp."""


@contextmanager
def alone(scaling):
    """No other gamma for the picture."""
    with (
        patch.object(pruning, "GAMMAS", (scaling,)),
        patch.object(transfer, "GAMMAS", (scaling,)),
    ):
        yield


@pytest.mark.parametrize("data", DATA)
@pytest.mark.claims(checks=3)
def test_pruning(gate, data):
    configuration = replace(DATA[data], trials=8)
    for name, sample in observed(configuration, PRUNING, gate.seed()).items():
        gate.check(claim(f"node/{name}"), sample, detail=repr(configuration))


@pytest.mark.claims(share=0.1)
@settings(max_examples=10)
@given(configuration=configurations())
def test_every_network(gate, configuration):
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name, sample in observed(configuration, PRUNING, salt).items():
        gate.check(claim(f"node/{name}"), sample, detail=repr(configuration))


@pytest.mark.parametrize("scaling", [0.1, 0.5, 1.0])
@pytest.mark.claims(checks=2)
def test_few_pairs_do(gate, scaling):
    configuration = replace(SWEEP, gamma=scaling)
    names = ["pruning-power"] + ["transfer"] * (scaling == 1)
    with alone(scaling):
        found = observed(configuration, names, gate.seed())
    for name, sample in found.items():
        gate.check(claim(f"node/{name}"), sample, detail=repr(configuration))


@pytest.mark.parametrize(("steps", "scaling"), [(0, SWEEP.gamma), (4, 0.1)])
def test_networks_that_are_not_trained_to_the_end_are_out_of_the_regime(steps, scaling):
    """What training leaves is no cost of pruning: the slope is another one, or there is none."""
    with alone(scaling), patch.object(pruning, "STEPS", steps):
        sample = observed(replace(SWEEP, gamma=scaling), ["pruning-power"])["pruning-power"]
    power = claim("node/pruning-power")
    found = judge(power, sample, 1e-8)
    assert found.verdict is Verdict.OUT_OF_REGIME
    assert "left" in found.reason
    free = replace(power, build=lambda: replace(power.statement, premises=()))
    assert judge(free, sample, 1e-8).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("share", "inside"), [(0.0999, True), (0.1001, False)])
def test_how_much_training_may_leave(share, inside):
    """A tenth of the smallest share that is cut."""
    regime = claim("node/pruning-power").regime({"tolerance": 0.2, "cut": 0.3, "left": 0.3 * share})
    assert bool(regime.holds) is inside


@pytest.mark.parametrize("name", PRUNING)
def test_on_one_input_it_is_sharp(name):
    """Half of the bound, and a certificate of another gamma or half the travel, are refuted."""
    sample = observed(ONE, [name])[name]
    judged = judge(claim(f"node/{name}"), sample, 0.0)
    assert judged.passed
    assert judged.tightness < 1.1
    half = changed(name, {B.norm_x: B.norm_x / 2})
    assert judge(half, sample, 0.0).verdict is Verdict.REFUTED


def test_the_share_of_the_pairs_is_not_what_is_kept():
    """A quarter at random without the largest pairs: scalings count, not pairs."""
    unequal = replace(ONE, gamma=0.2, alpha=0.3, init_scale=1e7)
    sample = observed(unequal, ["pruning"])["pruning"]
    assert judge(claim("node/pruning"), sample, 0.0).verdict is Verdict.HOLDS
    pairs = pruning.kept(prepare(unequal, "x"), 100).mean(1)[:, None]
    counted = replace(sample, symbols={**sample.symbols, "kept": pairs})
    assert judge(claim("node/pruning"), counted, 0.0).verdict is Verdict.REFUTED


scaled = Network.scaled


def unequal_pairs(X, scalings, kappa, salts):
    """The second node of a pair has half of the scaling of the first."""
    made = scaled(X, scalings, kappa, salts)
    half = torch.tensor([1.0, 0.5**0.5], dtype=made.s.dtype).repeat(len(scalings))
    return Network(X, made.Z_0, made.s * half)


@pytest.mark.parametrize("name", PRUNING)
def test_unequal_scalings_inside_a_pair(name):
    """The output is not 0 at the start, nor what is cut off it."""
    with patch.object(Network, "scaled", unequal_pairs):
        sample = observed(replace(SMALL, trials=2), [name])[name]
    assert judge(claim(f"node/{name}"), sample, 0.0).verdict is Verdict.OUT_OF_REGIME
    ignored = replace(sample, symbols={**sample.symbols, "uneven": 0.0})
    if name != "flow-pruning":
        first = replace(
            ignored,
            values=ignored.values[:, :1],
            scale=0.0,
            symbols={k: v[:, :1] if k == "travel" else v for k, v in ignored.symbols.items()},
        )
        assert judge(claim(f"node/{name}"), first, 0.0).verdict is Verdict.REFUTED
    assert judge(claim(f"node/{name}"), ignored, 0.0).verdict is Verdict.REFUTED


def test_without_a_certificate_only_what_was_measured_is_judged():
    low = replace(SMALL, init_scale=0.05, width=64, target_scale=3.0, trials=4)
    for name, sample in observed(low, PRUNING).items():
        expected = Verdict.HOLDS if name == "pruning-measured" else Verdict.OUT_OF_REGIME
        assert judge(claim(f"node/{name}"), sample, 0.0).verdict is expected


def test_kept_nodes_that_are_rescaled_are_caught():
    """A pruned network whose other nodes are enlarged is another one."""
    plain = pruning.Pruned.output

    def rescaled(pruned, c):
        return plain(pruned, c) * 1.5

    with patch.object(pruning.Pruned, "output", rescaled):
        samples = observed(ONE, ("pruning", "pruning-measured"))
    for name, sample in samples.items():
        assert judge(claim(f"node/{name}"), sample, 0.0).verdict is Verdict.REFUTED


losses = pruning.losses


@cache
def once(configuration, salt, lambdas, counts):
    return losses(prepare(configuration, salt), np.array(lambdas), counts)


def kept(setting, lambdas, counts):
    """The losses of a setting, trained once for all powers."""
    return once(setting.configuration, setting.salt, tuple(lambdas), tuple(counts))


@pytest.mark.parametrize("exponent", [1.0, 3.0])
def test_another_power_is_refuted(exponent):
    between = {"lowest": exponent - 0.25, "highest": exponent + 0.25}
    with patch.multiple(pruning, losses=kept, parts=lambda *_: between), alone(SWEEP.gamma):
        sample = observed(SWEEP, ["pruning-power"])["pruning-power"]
    assert judge(claim("node/pruning-power"), sample, LEVEL).verdict is Verdict.REFUTED


def test_where_gamma_is_small_few_pairs_are_enough():
    found = {}
    for scaling in (1.0, 0.1):
        setting = prepare(replace(SWEEP, gamma=scaling, sweeps=10), "few")
        lambdas = pruning.scalings(256, scaling, 0.5)
        found[scaling] = np.median(pruning.losses(setting, lambdas, np.array([8, 32])), axis=0)
    assert (found[0.1] < found[1.0] / 5).all()


def test_features_of_other_rows_do_not_serve():
    plain = transfer.kernels

    def shuffled(X, y, lambdas, salt):
        before, after = plain(X, y, lambdas, salt)
        order = np.random.default_rng(0).permutation(len(X))
        return before, after[np.ix_(order, order)]

    with patch.object(transfer, "kernels", shuffled), alone(SWEEP.gamma):
        sample = observed(SWEEP, ["transfer"])["transfer"]
    assert judge(claim("node/transfer"), sample, LEVEL).verdict is Verdict.REFUTED
