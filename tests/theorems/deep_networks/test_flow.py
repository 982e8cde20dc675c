"""Gradient flow under the certificate: it holds at all times; false twins are refuted."""

from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given, settings

from tests.targets import has_targets
from tests.theorems.deep_networks.test_theorem import BENCH, changed, everywhere, first
from theory import claim
from theory.theorems.deep_networks import DESCENT
from verify.experiments.deep_networks import flow
from verify.experiments.deep_networks.cases import CONVOLUTION, FLOW
from verify.experiments.deep_networks.setting import prepare
from verify.experiments.deep_networks.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.training.deep import Flow, descend

NAMES = tuple(f"flow-{x}" for x in (
    "path", "budget", "kernel", "kernel-change", "majorant", "rate", "half-rate", "parabola",
    "law", "distance", "least-distance", "linear-model",
))  # fmt: skip
FAST = replace(FLOW, width=16, looks=5, steps=40)
LARGE_GAIN = replace(FAST, gain=20.0)
DATA = {
    "digits, ResNet": FAST,
    "diabetes, fully connected": replace(FAST, data="diabetes", architecture="fc",
                                         activation="softplus"),
    "convolution": replace(CONVOLUTION, gain=3.0, width=8, steps=60, looks=6, seeds=2, pixels=8,
                           patch=3),
}  # fmt: skip


@pytest.mark.parametrize("data", DATA)
def test_certificates_are_kept(gate, data):
    BENCH.hold(gate, DATA[data], NAMES, repr(DATA[data]))


@pytest.mark.claims(share=0.5)
@settings(max_examples=6)
@given(configuration=configurations())
@example(configuration=FAST)  # the regime of the half rate, which few others reach
def test_every_flow(gate, configuration):
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name, (sample,) in everywhere(configuration, NAMES, salt).items():
        gate.check(claim(f"deep/{name}"), sample, detail=repr(configuration))


def test_the_bounds_are_sharp_where_they_should_be():
    """On one input at a large gain; the parabola attains its bound."""
    sharp = replace(FAST, data="sphere", samples=1, dimension=3, targets="noise", depth=1,
                    architecture="fc", gain=300.0, steps=20)  # fmt: skip
    names = ("path", "budget", "majorant", "rate", "distance", "least-distance", "kernel")
    for name, (sample,) in everywhere(sharp, [f"flow-{x}" for x in names]).items():
        assert judge(claim(f"deep/{name}"), sample, 0.0).tightness < 1.02, name
    sample = at_home()["flow-parabola"]
    assert judge(claim("deep/flow-majorant"), sample, 0.0).tightness < 1 + 1e-6


@cache
def at_home():
    """Every sample of the quick flow, integrated once."""
    return {name: sample for name, (sample,) in everywhere(FAST, NAMES).items()}


FALSE = {
    "two percent less curvature": ("majorant", {DESCENT.L: sp.Rational(98, 100) * DESCENT.L}),
    "a rate without its correction": ("rate", {DESCENT.A: DESCENT.lam}),
    "half of the correction": ("rate", {DESCENT.A: DESCENT.lam - DESCENT.L * DESCENT.E_0}),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted_on_the_parabola(what):
    name, put = FALSE[what]
    sample = at_home()["flow-parabola"]
    assert judge(claim(f"deep/flow-{name}"), sample, 0.0).verdict is Verdict.HOLDS
    assert judge(changed(f"flow-{name}", put), sample, 0.0).verdict is Verdict.REFUTED


run = flow.flow


def frozen(network, *rest):
    return run(replace(network, trained=(True,) * network.design.depth + (False,)), *rest)


def hurried(network, y, unit, times):
    return run(network, y, 2 * unit, times)


def slowed(network, y, unit, times):
    return run(network, y, unit / 2, times)


def by_steps(network, y, unit, times):
    """Descent by the largest certified steps, in place of the flow."""
    looks = times.astype(int).tolist()
    path = descend(network, y, unit, looks[-1], looks)
    rho = np.pad(path.lengths.cumsum(1), ((0, 0), (1, 0)))[:, looks]
    return Flow(path.e[:, looks], rho, path.kernel, path.distance, path.linear)


@cache
def by_the_flow():
    return first(LARGE_GAIN, "flow-law", "law")


@pytest.mark.parametrize("broken", [frozen, hurried, by_steps])
def test_what_is_not_the_flow_leaves_the_linear_law(broken):
    kernels = prepare(LARGE_GAIN, "law").certificate.network.initial.kernel().numpy()
    law = flow.exponential_law

    def true_law(G_0, y, times):
        return law(kernels, y, times)

    assert judge(claim("deep/flow-law"), by_the_flow(), 0.0).passed
    with patch.object(flow, "flow", broken), patch.object(flow, "exponential_law", true_law):
        sample = first(LARGE_GAIN, "flow-law", "law")
    assert judge(claim("deep/flow-law"), sample, 0.0).verdict is Verdict.REFUTED


def test_a_flow_that_is_too_slow_breaks_the_rate():
    configuration = replace(FAST, data="sphere", samples=1, dimension=3, targets="noise",
                            gain=30.0)  # fmt: skip
    with patch.object(flow, "flow", slowed):
        samples = everywhere(configuration, ("flow-rate", "flow-majorant"))
    for name, (sample,) in samples.items():
        assert judge(claim(f"deep/{name}"), sample, 0.0).verdict is Verdict.REFUTED


def test_a_step_size_is_no_premise_of_the_flow():
    sample = at_home()["flow-rate"]
    larger = replace(sample, symbols={**sample.symbols, "eta": 100 * sample.symbols["eta"]})
    assert judge(claim("deep/flow-rate"), larger, 0.0).verdict is Verdict.HOLDS
    small = first(replace(FAST, gain=0.99), "flow-rate")
    assert judge(claim("deep/flow-rate"), small, 0.0).verdict is Verdict.OUT_OF_REGIME
