"""Networks that meet the criterion; false statements, broken premises and trainers are refuted."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import Phase, assume, find, given, settings

from tests.bench import Bench
from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from theory.mathematics import positive_networks
from theory.theorems.descent_criterion import CLAIMS
from verify.experiments.descent_criterion import comparisons, experiment, scaling, setting, training
from verify.experiments.descent_criterion.configuration import Configuration
from verify.experiments.descent_criterion.experiment import EXPERIMENT, prepare
from verify.experiments.descent_criterion.setting import Setting
from verify.experiments.descent_criterion.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing

BENCH = Bench("descent-criterion", "criterion")
everywhere, first = BENCH.everywhere, BENCH.first
LEVEL = 1e-8
ALWAYS = ("integral", "path", "remaining", "budget", "majorant", "singular-value", "gram")
BALL = ("ball", "ball-path", "ball-remaining")
DATA = {
    "digits": Configuration(trials=2, steps=60),
    "diabetes": Configuration(data="diabetes", trials=2, steps=60, widths="8,8,8"),
    "wine": Configuration(data="wine", samples=8, trials=1, steps=60, widths="4"),
    "cancer": Configuration(data="cancer", samples=12, trials=1, steps=60),
    "digits, 16 rows, the ball": Configuration(samples=16, trials=1, criterion="ball", steps=60),
    "one input": Configuration(data="sphere", samples=1, dimension=2, targets="noise", widths="1",
                               activation="tanh", trials=2, scale=1.01, steps=60),
}  # fmt: skip
SMALL = Configuration(data="sphere", samples=3, dimension=4, targets="noise", trials=1, steps=60)


def verdict(name, sample, level=0.0, **change):
    """Of a claim, or of one with another bound or other premises."""
    of = claim(f"criterion/{name}")
    if change:
        statement = replace(of.build(), **change)
        of = replace(of, build=lambda: statement)
    return judge(of, sample, level).verdict


def told(sample, **symbols):
    return replace(sample, symbols={**sample.symbols, **symbols})


@pytest.mark.parametrize("data", DATA)
def test_certified_paths(gate, data):
    names = (*ALWAYS, *(BALL if DATA[data].criterion == "ball" else ()))
    BENCH.hold(gate, DATA[data], names, repr(DATA[data]))


@pytest.mark.claims(share=0.1)
@settings(max_examples=25)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Whatever the data and the network: where the criterion fails the claims say nothing."""
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name, samples in everywhere(configuration, (*ALWAYS, *BALL, "linear-law"), salt).items():
        for sample in samples:
            gate.check(claim(f"criterion/{name}"), sample, detail=repr(configuration))


HOMES = [c.name.partition("/")[2] for c in CLAIMS if c.kind.mode.value == "with probability"]


@pytest.mark.parametrize("name", HOMES)
@pytest.mark.claims(checks=1)
def test_what_is_measured_over_draws(gate, name):
    home = EXPERIMENT.home(f"criterion/{name}").configuration
    gate.check(claim(f"criterion/{name}"), first(home, name, gate.seed()))


@pytest.mark.parametrize("name", ["one-layer", "linear-law", "fresh-identity", "published",
                                  "published-distance"])  # fmt: skip
def test_other_claims_on_paths(gate, name):
    home = replace(EXPERIMENT.home(f"criterion/{name}").configuration, trials=2)
    for sample in everywhere(home, [name], gate.seed())[name]:
        gate.check(claim(f"criterion/{name}"), sample)


# --- the profile and the criterion ----------------------------------------------------------------


ONE = replace(SMALL, samples=1, dimension=2, widths="3", output_norm=3.0, activation="identity")


def test_the_profile_is_attained_by_one_input():
    sample = first(ONE, "singular-value")
    found = judge(claim("criterion/singular-value"), sample, 0.0)
    assert found.verdict is Verdict.HOLDS
    assert found.tightness < 1.01
    assert verdict("singular-value", told(sample, s=1.1 * sample.symbols["s"])) is Verdict.REFUTED


@pytest.mark.parametrize("activation", ["tanh", "centred-softplus"])
def test_the_slope_at_0_is_no_lower_bound(activation):
    """sig(Z) is what keeps the profile true where sigma' falls."""
    far = replace(ONE, activation=activation, target_scale=30.0, output_norm=None, scale=1.001)
    salt = next(salt for salt in "abcdefgh" if prepare(far, salt).y[0] < 0)  # where softplus falls
    assert verdict("singular-value", first(far, "singular-value", salt)) is Verdict.HOLDS
    right = positive_networks.lowest_slope
    with patch.object(positive_networks, "lowest_slope", lambda of, Z: right(of, 0 * Z)):
        sample = first(far, "singular-value", salt)
    assert verdict("singular-value", sample) is Verdict.REFUTED


def test_without_a_criterion_it_says_nothing():
    low = replace(SMALL, scale=0.9)
    for name, samples in everywhere(
        low, ("integral", "path", "remaining", "budget", "majorant")
    ).items():
        assert verdict(name, samples[0]) is Verdict.OUT_OF_REGIME


def test_the_ball_at_the_scale_of_the_integral_says_nothing():
    for name, samples in everywhere(replace(SMALL, scale=1.05), BALL).items():
        assert verdict(name, samples[0]) is Verdict.OUT_OF_REGIME


# --- the initialisation ---------------------------------------------------------------------------


def alternating(right):
    """Output signs that alternate, and equal rows before them: the first layer has no gradient."""

    def network(self, starts):
        made = right(self, starts)
        W = [V.clone() for V in made.start.W]
        W[-1][:] = W[-1][:, :1]
        a = made.start.a.clone()
        a[:] = a[:, :1]
        a[:, 1::2] *= -1
        return replace(made, start=replace(made.start, W=tuple(W), a=a))

    return network


def no_hidden_weights(right):
    def network(self, starts):
        made = right(self, starts)
        W = (made.start.W[0], *(0 * V for V in made.start.W[1:]))
        return replace(made, start=replace(made.start, W=W))

    return network


@pytest.mark.parametrize("broken", [alternating, no_hidden_weights])
def test_weights_that_are_not_positive(broken):
    with patch.object(Setting, "network", broken(Setting.network)):
        found = everywhere(SMALL, ("integral", "gram"))
    loss = found["integral"][0]
    assert loss.values[-1] == pytest.approx(loss.values[0])  # nothing moves
    # with L and the step size of the networks as they should be
    right = first(SMALL, "integral")
    assert verdict("integral", replace(right, values=loss.values)) is Verdict.REFUTED
    assert verdict("gram", found["gram"][0]) is Verdict.REFUTED


def test_more_samples_than_dimensions():
    many = replace(SMALL, samples=5, dimension=4, output_norm=200.0)
    for name, samples in everywhere(many, ("integral", "budget", "linear-law")).items():
        assert verdict(name, samples[0]) is Verdict.OUT_OF_REGIME


def test_the_smallest_nonzero_eigenvalue_will_not_do():
    """With it in place of lambda_min the criterion holds for n = d + 1; the loss has a floor."""
    many = replace(SMALL, samples=5, dimension=4, output_norm=400.0, steps=300)
    right = setting.positive

    def nonzero(X, *rest):
        return replace(right(X, *rest), lowest=float(np.linalg.svd(X, compute_uv=False)[-1]))

    with patch.object(setting, "positive", nonzero):
        sample = first(many, "integral")
    assert verdict("integral", sample) is Verdict.REFUTED


def test_the_floor_is_no_law_at_a_small_scale():
    near = EXPERIMENT.home("criterion/floor").configuration
    low = first(replace(near, output_norm=16.0, floor_steps=1500, floors=30), "floor")
    assert verdict("floor", low, LEVEL) is Verdict.OUT_OF_REGIME
    assert verdict("floor", low, LEVEL, premises=()) is Verdict.REFUTED


# --- the trainer ----------------------------------------------------------------------------------


def with_steps(factor):
    right = experiment.train

    def train(setting, starts, eta, K, **rest):
        return right(setting, starts, factor * eta, K, **rest)

    return patch.object(experiment, "train", train)


LAW = replace(SMALL, widths="4", activation="asinh", scale=60.0, steps=40)


@pytest.mark.parametrize("factor", [0.5, 0.9, 2.0])
def test_another_step_size_is_not_the_linear_law(factor):
    assert verdict("linear-law", first(LAW, "linear-law")) is Verdict.HOLDS
    with with_steps(factor):
        assert verdict("linear-law", first(LAW, "linear-law")) is Verdict.REFUTED


def test_the_linear_law_is_that_of_the_whole_slope():
    """Without sigma'(0)^H the kernel at the start is another one."""
    shifted = replace(SMALL, scale=60.0)
    sample, gram = first(shifted, "linear-law"), first(shifted, "gram")
    assert verdict("linear-law", sample) is Verdict.HOLDS
    assert verdict("gram", told(gram, q_sq=16 * gram.symbols["q_sq"])) is Verdict.REFUTED
    right = experiment.law

    def unsloped(setting, starts, eta, K):
        return right(setting, starts, eta / 4, K)

    with patch.object(experiment, "law", unsloped):
        assert verdict("linear-law", first(shifted, "linear-law")) is Verdict.REFUTED


def test_a_step_far_above_its_limit_climbs():
    """Beyond 2/||J_0||^2 the loss rises tenfold before anything else happens."""
    sample = first(SMALL, "integral")
    at = sample.symbols
    with with_steps(2.5 / (at["S_0"] ** 2 * at["eta"])):
        wild = first(SMALL, "integral")
    assert wild.values.max() > 10 * wild.values[0]
    assert verdict("integral", wild) is Verdict.REFUTED
    honest = told(wild, eta=2.5 / at["S_0"] ** 2)
    assert verdict("integral", honest) is Verdict.OUT_OF_REGIME


@pytest.mark.parametrize("epsilon", [0.02, 0.3, 0.6])
def test_the_rate_is_attained(epsilon):
    """One input, a large output layer: 1 - delta = (1 - 2 epsilon)^2 is what a step leaves."""
    sharp = replace(ONE, output_norm=3000.0, epsilon=epsilon, steps=2, criterion="ball")
    for name in ("ball", "majorant"):
        found = judge(claim(f"criterion/{name}"), first(sharp, name), 0.0)
        assert found.verdict is Verdict.HOLDS
    late = first(sharp, "ball")
    bound = claim("criterion/ball").evaluate(late.symbols).bound
    np.testing.assert_allclose(bound, late.values, rtol=0.03)


def test_a_step_of_half_the_size_is_too_slow():
    sharp = replace(ONE, output_norm=300.0, epsilon=0.02, steps=200)
    assert verdict("ball", first(replace(sharp, criterion="ball"), "ball")) is Verdict.HOLDS
    with with_steps(0.5):
        late = first(replace(sharp, criterion="ball"), "ball")
    assert verdict("ball", late) is Verdict.REFUTED


def test_a_published_rate_of_eight_times_the_size_is_refuted():
    home = EXPERIMENT.home("criterion/published").configuration
    sample = first(home, "published")
    bound = claim("criterion/published").build().bound
    symbols = {str(s): s for s in bound.free_symbols}
    faster = bound.subs(symbols["eta"], 8 * symbols["eta"])
    assert verdict("published", sample) is Verdict.HOLDS
    assert verdict("published", sample, bound=faster) is Verdict.REFUTED


# --- what is measured over draws ------------------------------------------------------------------


SWEEP = replace(SMALL, sweeps=40, steps=20, largest=128.0)


@pytest.mark.parametrize(
    ("name", "fields"),
    [("scaling-defect", {"activation": "tanh"}),
     ("scaling-defect-odd", {}),
     ("scaling-defect-odd", {"activation": "identity", "widths": "4"}),
     ("scaling-defect-linear", {"activation": "identity", "widths": "4,4"}),
     ("scaling-fresh", {"activation": "asinh"}),
     ("scaling-fresh-odd", {})],
)  # fmt: skip
def test_exponents_are_told_apart(name, fields):
    sample = first(replace(SWEEP, **fields), name)
    assert verdict(name, sample, LEVEL) is Verdict.OUT_OF_REGIME
    assert verdict(name, sample, LEVEL, premises=()) is Verdict.REFUTED


def test_a_displacement_with_steps_that_shrink():
    """With steps that shrink too fast the displacement does, too."""
    right = scaling.train

    def shrinking(setting, starts, eta, K, **rest):
        norm = np.array([start.norm for start in starts])
        return right(setting, starts, eta * (32.0 / norm) ** 6, K, **rest)

    with patch.object(scaling, "train", shrinking):
        sample = first(SWEEP, "scaling-displacement")
    assert verdict("scaling-displacement", sample, LEVEL) is Verdict.REFUTED


def test_fresh_predictions_of_another_activation():
    sample = first(SMALL, "fresh-identity")
    assert verdict("fresh-identity", sample) is Verdict.OUT_OF_REGIME
    assert verdict("fresh-identity", sample, premises=()) is Verdict.REFUTED


def test_a_race_with_slow_steps_is_lost():
    home = replace(EXPERIMENT.home("criterion/race").configuration, races=40)
    right, norm = comparisons._steps, "slow"

    def slow(setting, network, f_0):
        if f_0.any():
            return right(setting, network, f_0)
        with patch.object(comparisons, "STEP_SIZES", (0.03, 0.05)):
            return right(setting, network, f_0)

    with patch.object(comparisons, "_steps", slow):
        sample = first(home, "race", norm)
    assert verdict("race", sample, LEVEL) is Verdict.REFUTED


# --- the whole ------------------------------------------------------------------------------------


def test_every_claim_is_measured():
    small = replace(SMALL, steps=3, sweeps=1, floors=1, floor_steps=2, races=1, race_steps=2)
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("descent-criterion").values())
    assert set(found.notes["smallest output scale"]) == {"integral", "ball"}


REACHED = {
    "one sample": lambda c: c.samples == 1,
    "one neuron": lambda c: c.widths == "1",
    "deep": lambda c: c.widths == "2,5,3",
    "the edge": lambda c: c.scale == 1.001,
    "too small a scale": lambda c: c.scale == 0.9,
    "real data, the ball": lambda c: c.data == "digits" and c.criterion == "ball",
    "linear": lambda c: c.activation == "identity",
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("widths", ""), ("widths", "4,"), ("widths", "0"), ("widths", "4,-1"), ("widths", "four"),
     ("widths", 4), ("activation", "relu"), ("criterion", "sphere"), ("scale", 0.0),
     ("scale", float("nan")), ("output_norm", -1.0), ("hidden_weight", 0.0), ("epsilon", 1.0),
     ("step", 1.5), ("steps", 0), ("trials", 0), ("largest", 1.0), ("share", 0.0),
     ("tolerance", 1.0), ("races", 0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


# --- where numbers end ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [{"target_scale": 1e-50}, {"hidden_weight": 1e-6}, {"output_norm": 1e12}, {"scale": 1e9}],
)
def test_small_signals_keep_their_digits(fields):
    """log((1 + e^z)/2) near 0 is no difference of logarithms."""
    for name, samples in everywhere(
        replace(SMALL, **fields), ("integral", "majorant", "path")
    ).items():
        assert verdict(name, samples[0]) is Verdict.HOLDS


def test_a_path_that_overflows_is_out_of_the_regime():
    wild = replace(ONE, widths="1,1", output_norm=1.0, target_scale=1e8, steps=40)
    found = everywhere(wild, (*ALWAYS, *BALL, "linear-law", "fresh-identity"))
    assert found["path"][0].values.max() > 1e100
    for name in ("integral", "path", "remaining", "budget", "majorant", "linear-law", *BALL):
        assert verdict(name, found[name][0]) is Verdict.OUT_OF_REGIME
    assert verdict("singular-value", found["singular-value"][0]) is Verdict.HOLDS  # while inside
    assert verdict("fresh-identity", found["fresh-identity"][0]) is Verdict.UNDERPOWERED


def test_without_spectra_the_path_is_the_same():
    """What is spared is not there: nothing can be read."""
    here = prepare(replace(SMALL, trials=2), "spared")
    eta = np.array([here.certificate(start)["eta"] for start in here.starts])
    full, spared = (
        training.train(here, here.starts, eta, 12, spectra=kept) for kept in (True, False)
    )
    for name in vars(full).keys() - {"singular", "gram"}:
        np.testing.assert_array_equal(getattr(spared, name), getattr(full, name), err_msg=name)
    assert full.singular.size == 2 * 13
    assert spared.singular.size == spared.gram.size == 0
