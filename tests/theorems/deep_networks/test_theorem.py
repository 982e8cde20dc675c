"""Certificates on every path, from the width alone, sweeps; false twins are refuted."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
from hypothesis import Phase, assume, find, given, settings

from tests.bench import Bench
from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from theory.theorems.deep_networks import DESCENT, limit
from verify.experiments.deep_networks import training, two_layers
from verify.experiments.deep_networks.cases import CONVOLUTION, DEPTH, SWEEPS, WIDTH
from verify.experiments.deep_networks.configuration import Configuration
from verify.experiments.deep_networks.experiment import EXPERIMENT
from verify.experiments.deep_networks.setting import prepare
from verify.experiments.deep_networks.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing

BENCH = Bench("deep-networks", "deep", "deep networks")
everywhere, first = BENCH.everywhere, BENCH.first
LEVEL = 1e-8
ON_PATHS = (
    "lipschitz", "lipschitz-jacobians", "path", "budget", "kernel", "kernel-change", "step",
    "closed-form", "rate", "law", "distance", "least-distance", "linear-model",
)  # fmt: skip
LISTS = ("majorant", "parabola")
SWEPT = replace(SWEEPS, depth=1)
SHALLOW = replace(DEPTH, deepest=4, smallest=16)
FAST = Configuration(width=32, steps=60, seeds=2, looks=8)
DATA = {
    "digits, ResNet": FAST,
    "diabetes, fully connected": replace(FAST, data="diabetes", architecture="fc", depth=2,
                                         activation="softplus"),
    "digits, one layer": replace(FAST, samples=16, architecture="fc", depth=1, width=256,
                                 activation="erf"),
    "wine": replace(FAST, data="wine", samples=8, seeds=1),
    "cancer, one layer": replace(FAST, data="cancer", samples=12, architecture="fc", depth=1,
                                 width=64, seeds=1),
    "clustered": replace(FAST, data="clustered", dimension=12, activation="asinh"),
    "convolution": replace(CONVOLUTION, width=8, steps=60, seeds=2, looks=8, pixels=8, patch=3),
}  # fmt: skip


def changed(name, put=None, premises=None, parts=None):
    original = claim(f"deep/{name}")
    statement = original.build()
    if premises is not None:
        statement = replace(statement, premises=premises)
    put = put or {}
    bound = statement.bound.subs(put, simultaneous=True)
    definitions = {s: e.subs(put, simultaneous=True) for s, e in statement.definitions.items()}
    content = replace(statement, bound=bound, definitions=definitions,
                      parts=parts or statement.parts)  # fmt: skip
    return replace(original, build=lambda: content)


@pytest.mark.parametrize("data", DATA)
def test_certificates_are_kept(gate, data):
    BENCH.hold(gate, DATA[data], (*ON_PATHS, *LISTS), repr(DATA[data]))


@pytest.mark.claims(share=0.5)
@settings(max_examples=15)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """From kappa* on, whatever the data, the width and the activation; near it K5 says little."""
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    names = (*ON_PATHS, *LISTS, "convolution")
    for name, samples in everywhere(configuration, names, salt).items():
        for sample in samples:
            gate.check(claim(f"deep/{name}"), sample, detail=repr(configuration))


@pytest.mark.claims(checks=2)
def test_the_width_alone(gate):
    for name, (sample,) in everywhere(WIDTH, ("width", "width-kernel"), gate.seed()).items():
        gate.check(claim(f"deep/{name}"), sample)


@pytest.mark.claims(checks=5)
def test_width_sweeps(gate):
    names = ("gain-width", "defect-width", "kernel-width", "start-width", "infinite-width")
    for name, (sample,) in everywhere(SWEPT, names, gate.seed()).items():
        gate.check(claim(f"deep/{name}"), sample)


@pytest.mark.claims(checks=5)
def test_depth_sweeps(gate):
    names = [f"depth-{x}" for x in ("resnet", "resnet-softplus", "norms", "jacobians", "softplus")]
    for name, (sample,) in everywhere(SHALLOW, names, gate.seed()).items():
        gate.check(claim(f"deep/{name}"), sample)


def test_the_bounds_are_sharp_where_they_should_be():
    """On one input at a large gain the budget, the path and the distance are nearly attained."""
    sharp = Configuration(data="sphere", samples=1, dimension=3, targets="noise", depth=1,
                          architecture="fc", gain=300.0, steps=40, seeds=1)  # fmt: skip
    for name, (sample,) in everywhere(
        sharp, ("path", "distance", "least-distance", "kernel")
    ).items():
        assert judge(claim(f"deep/{name}"), sample, 0.0).tightness < 1.02, name


# --- false twins ---------------------------------------------------------------------------------

LARGE_GAIN = Configuration(gain=20.0, width=64, depth=2, samples=4, seeds=2, steps=80)
descend = training.descend


def only(*which):
    """Training of some layers alone."""

    def sabotaged(network, *rest, **more):
        return descend(replace(network, trained=which), *rest, **more)

    return sabotaged


def doubled(network, y, eta, *rest, **more):
    return descend(network, y, 2 * eta, *rest, **more)


def not_centred(network, y, *rest, **more):
    """The output at the start stays in."""
    start = network.kappa[:, None] * network.initial.f
    found = [descend(network.part(slice(i, i + 1)), y - start[i], rest[0][i : i + 1], *rest[1:])
             for i in range(len(start))]  # fmt: skip
    parts = {name: np.concatenate([getattr(f, name) for f in found])
             for name in ("e", "lengths", "kernel", "change", "distance", "linear")}  # fmt: skip
    return replace(found[0], **parts)


SABOTAGE = {
    "output layer frozen": only(True, True, False),
    "output layer alone": only(False, False, True),
    "step doubled": doubled,
    "output not subtracted": not_centred,
}


def test_the_linear_law_holds_at_a_large_gain():
    assert judge(claim("deep/law"), first(LARGE_GAIN, "law", "law"), 0.0).verdict is Verdict.HOLDS


@pytest.mark.parametrize("what", SABOTAGE)
def test_a_broken_trainer_leaves_the_linear_law(what):
    law, start = claim("deep/law"), training.linear_law
    kernels = prepare(LARGE_GAIN, "law").certificate.network.initial.kernel().numpy()

    def true_law(G_0, y, eta, k):
        return start(kernels[: len(G_0)], y, eta, k)

    with patch.object(training, "descend", SABOTAGE[what]), \
            patch.object(training, "linear_law", true_law):  # fmt: skip
        sample = first(LARGE_GAIN, "law", "law")
    assert judge(law, sample, 0.0).verdict is Verdict.REFUTED


def test_two_percent_less_curvature_is_refuted_on_the_parabola():
    samples = everywhere(FAST, ["parabola"])["parabola"]
    false = changed("parabola", {DESCENT.L: sp.Rational(98, 100) * DESCENT.L})
    for sample in samples:
        assert judge(claim("deep/parabola"), sample, 0.0).verdict is Verdict.HOLDS
        assert judge(false, sample, 0.0).verdict is Verdict.REFUTED


FALSE = {
    "the defect of A forgotten": ("step", {DESCENT.lam: 2 * DESCENT.lam}),
    "a rate nine times as fast": ("rate", {DESCENT.lam: 9 * DESCENT.lam}),
    "a path half as long": ("path", {DESCENT.E_0: DESCENT.E_0 / 2}),
    "a least distance twice as long": ("least-distance", {DESCENT.M: 2 * DESCENT.M}),
    "a kernel that does not fall": ("kernel", {DESCENT.lam: sp.Rational(3, 2) * DESCENT.lam}),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, put = FALSE[what]
    configuration = Configuration(data="sphere", samples=1, dimension=3, targets="noise", depth=1,
                                  architecture="fc", gain=100.0, steps=40, seeds=1)  # fmt: skip
    sample = first(configuration, name)
    assert judge(claim(f"deep/{name}"), sample, 0.0).verdict is Verdict.HOLDS
    false = changed(name, put, premises=())
    assert judge(false, sample, 0.0).verdict is Verdict.REFUTED


def test_below_the_least_gain_it_says_nothing():
    low = replace(FAST, gain=0.99)
    for name, samples in everywhere(low, ("path", "rate", "law", "distance", "parabola")).items():
        for sample in samples:
            judged = judge(claim(f"deep/{name}"), sample, 0.0)
            assert judged.verdict is Verdict.OUT_OF_REGIME, name


def test_more_samples_than_parameters_say_nothing():
    few = replace(FAST, data="sphere", samples=8, dimension=2, architecture="fc", depth=1, width=1)
    for name, samples in everywhere(few, ON_PATHS[2:]).items():
        for sample in samples:
            assert judge(claim(f"deep/{name}"), sample, 0.0).verdict is Verdict.OUT_OF_REGIME


def test_a_step_above_its_limit():
    sample = first(FAST, "rate")
    larger = {**sample.symbols, "eta": 1.001 * sample.symbols["eta"]}
    judged = judge(claim("deep/rate"), replace(sample, symbols=larger), 0.0)
    assert judged.verdict is Verdict.OUT_OF_REGIME


def test_without_patches_convolution_is_out_of_its_regime():
    assert judge(claim("deep/convolution"), first(FAST, "convolution"), 0.0).verdict is (
        Verdict.OUT_OF_REGIME
    )


def test_a_narrow_kernel_is_refuted():
    """A fiftieth of the neurons that are asked for, on orthogonal rows with a small epsilon."""
    tight = replace(WIDTH, data="orthogonal", samples=4, dimension=4, epsilon=0.05, delta=0.5,
                    trials=200, target_scale=0.01, steps=1)  # fmt: skip
    assert judge(claim("deep/width-kernel"), first(tight, "width-kernel"), LEVEL).passed
    pairs = two_layers.pairs
    with patch.object(two_layers, "pairs", lambda s, m, trials: pairs(s, 2 * (m // 100), trials)):
        sample = first(tight, "width-kernel")
    assert judge(claim("deep/width-kernel"), sample, LEVEL).verdict is Verdict.REFUTED


def test_too_narrow_for_its_targets():
    """Large targets ask for a width that is not trained: out of the regime, with no verdict."""
    large = replace(WIDTH, samples=6, target_scale=5.0, trials=2, steps=2)
    judged = judge(claim("deep/width"), first(large, "width"), LEVEL)
    assert judged.verdict is Verdict.OUT_OF_REGIME


def test_the_defect_falls_faster_than_the_proof_says():
    """m^{-1/2} is what the bound gives; training shows m^{-1}: the exponents are told apart."""
    from verify.experiments.deep_networks import sweeps

    def half(name, slopes, symbols):
        near = abs(slopes + 0.5) <= symbols["tolerance"]
        return replace(within(name, slopes, symbols), values=near.astype(float))

    within = sweeps._within
    with patch.object(sweeps, "_within", half):
        sample = first(replace(SWEPT, sweeps=80, tolerance=0.2), "defect-width")
    assert judge(claim("deep/defect-width"), sample, LEVEL).verdict is Verdict.REFUTED


def test_products_of_norms_are_no_power_of_the_depth():
    """The limit of the ResNet is refuted of fully connected networks by norms, in log H, too."""
    from verify.experiments.deep_networks import sweeps

    of = {"slope_of_resnet": ("deep/depth-resnet", "fc", "tanh", "norms", True)}
    with patch.object(sweeps, "OF_DEPTH", of):
        sample = first(SHALLOW, "depth-resnet")
    assert judge(claim("deep/depth-resnet"), sample, LEVEL).verdict is Verdict.REFUTED


def test_another_kernel_at_infinite_width_is_refuted():
    sample = first(SWEPT, "infinite-width")
    assert judge(claim("deep/infinite-width"), sample, LEVEL).verdict is Verdict.HOLDS
    for factor in (2, sp.S.Half):
        false = changed("infinite-width", {limit: factor * limit})
        assert judge(false, sample, LEVEL).verdict is Verdict.REFUTED


def test_every_claim_is_measured():
    small = Configuration(samples=2, width=4, depth=1, steps=2, looks=2, seeds=1, trials=1,
                          sweeps=1, smallest=2, largest=8, deepest=2)  # fmt: skip
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("deep-networks").values())


@pytest.mark.parametrize("name", ["published-fully-connected", "published-residual"])
@pytest.mark.claims(checks=1)
def test_what_is_published(gate, name):
    """On very few inputs its width can be afforded, with 1 for its constants."""
    home = EXPERIMENT.home(f"deep/{name}").configuration
    gate.check(claim(f"deep/{name}"), first(home, name, gate.seed()))
    narrow = first(replace(home, data="digits", samples=6, trials=1, steps=2), name)
    judged = judge(claim(f"deep/{name}"), narrow, LEVEL)
    assert judged.verdict is Verdict.OUT_OF_REGIME
    found = claim(f"deep/{name}").evaluate(narrow.symbols, where=np.array(True))
    assert found.parts["width"] > 1e6


@pytest.mark.parametrize("name", ["published-fully-connected", "published-residual"])
def test_steps_that_are_too_short_break_the_published_rate(name):
    home, train = EXPERIMENT.home(f"deep/{name}").configuration, two_layers.descend

    def short(network, y, eta, *rest, **more):
        return train(network, y, eta / 1000, *rest, **more)

    with patch.object(two_layers, "descend", short):
        sample = first(home, name)
    assert judge(claim(f"deep/{name}"), sample, LEVEL).verdict is Verdict.REFUTED


REACHED = {
    "residual": lambda c: c.architecture == "resnet" and c.depth > 2,
    "convolution": lambda c: c.architecture == "conv" and c.patch == 2,
    "at the least gain": lambda c: c.gain == 1.0001,
    "one sample": lambda c: c.samples == 1,
    "not centred": lambda c: c.activation == "softplus",
    "by Jacobians": lambda c: c.lipschitz == "jacobians",
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("architecture", "rnn"), ("activation", "relu"), ("depth", 0), ("width", 0), ("c_res", 0.0),
     ("gain", 0.0), ("gain", float("nan")), ("step", 1.1), ("steps", 0), ("seeds", True),
     ("lipschitz", "guess"), ("delta", 1.0), ("epsilon", 0.0), ("trials", 0), ("sweeps", 0),
     ("deepest", 0), ("looks", 0), ("largest", 2)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


def test_bad_combinations():
    with pytest.raises(InvalidArgument, match="patch"):
        Configuration(architecture="conv", pixels=2, patch=3)
    with pytest.raises(InvalidArgument, match="lipschitz"):
        Configuration(architecture="conv", lipschitz="jacobians")
    with pytest.raises(InvalidArgument, match="pixels"):
        prepare(Configuration(architecture="conv", data="sphere", dimension=7), "bad")
