"""Random feedback in matrix factorisation: the claims hold, on every kind of matrix and start."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
import torch
from hypothesis import Phase, assume, find, given, settings

from tests.theorems.factorisation_feedback import by_hand
from theory import InvalidArgument, Mode, claim, claims
from verify.experiments.factorisation_feedback import endings, matrices, modes
from verify.experiments.factorisation_feedback.configuration import Configuration
from verify.experiments.factorisation_feedback.draws import shares
from verify.experiments.factorisation_feedback.experiment import EXPERIMENT
from verify.experiments.factorisation_feedback.setting import prepare
from verify.experiments.factorisation_feedback.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing

ALL = claims("factorisation-feedback")
PATHWISE = [name for name, c in ALL.items() if c.kind.mode is Mode.PATHWISE]
DRAWN = {"excess", "excess_of_one", "mean_excess", "ratio", "overlap", "equal_error",
         "isotropic_overlap", "drawn_error", "one_unit_error", "slope_of_ratio"}  # fmt: skip
PATHS = [name for name in PATHWISE if ALL[name].quantity.name not in DRAWN]


def observed(configuration, names, salt):
    quantities = {ALL[name].quantity.name for name in names}
    return EXPERIMENT.observe(configuration, salt=salt, quantities=quantities).samples


def at(configuration, name, salt="factorisation"):
    short = f"factorisation/{name}"
    return observed(configuration, [short], salt)[ALL[short].quantity.name]


def verdict(name, sample):
    return judge(claim(f"factorisation/{name}"), sample, 0.0).verdict


@pytest.mark.claims(checks=len(ALL))
def test_every_claim_holds_at_home(gate):
    homes = {name: EXPERIMENT.home(name).configuration for name in ALL}
    for home in set(homes.values()):
        names = [name for name in ALL if homes[name] == home]
        samples = observed(home, names, gate.seed())
        for name in names:
            gate.check(ALL[name], samples[ALL[name].quantity.name], detail=repr(home))


@pytest.mark.claims(share=0.1)
@settings(max_examples=30)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Whatever the matrices, the start and the step: premises decide what is judged."""
    try:
        samples = observed(configuration, PATHS, gate.seed(configuration))
    except InvalidArgument as error:
        assume(error.name not in ("step", "horizon"))  # it diverges, or is stiff
        raise
    for name in PATHS:
        sample = samples.get(ALL[name].quantity.name)
        if sample is not None:
            gate.check(ALL[name], sample, detail=repr(configuration))


SHAPES = {
    "wide": Configuration(outputs=9, inputs=5, rank=4, hidden=2, largest_rank=5, spectrum="flat"),
    "tall": Configuration(outputs=4, inputs=12, rank=4, hidden=2, largest_rank=5, law="orthogonal"),
    "from a Gaussian start": Configuration(
        outputs=6, inputs=6, rank=3, largest_rank=6, start="gaussian", start_scale=0.3, step=0.1,
        spectrum="flat",
    ),
    "from the feedback": Configuration(rank=4, largest_rank=8, start="feedback", spectrum="flat"),
    "digits": Configuration(data="digits", inputs=20, largest_rank=11, step=0.5),
}  # fmt: skip
ENDS = ("fixed-point/error", "fixed-point/product", "fixed-point/representation", "full-rank")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.claims(checks=4)
def test_the_end_of_training(gate, shape):
    names = [f"factorisation/{name}" for name in ENDS]
    samples = observed(SHAPES[shape], names, gate.seed())
    for name in names:
        gate.check(ALL[name], samples[ALL[name].quantity.name], detail=shape)


@pytest.mark.parametrize("data", ["digits", "diabetes", "wine", "cancer"])
@pytest.mark.claims(checks=2)
def test_networks_on_real_data(gate, data):
    configuration = Configuration(data=data, inputs=20, hidden=5, steps=60)
    names = ["factorisation/network", "factorisation/curve"]
    samples = observed(configuration, names, gate.seed())
    for name in names:
        gate.check(ALL[name], samples[ALL[name].quantity.name], detail=data)


@pytest.mark.claims(checks=2)
@pytest.mark.parametrize("law", ["power", "geometric", "flat", "spiked", "gaussian"])
def test_the_mean_over_feedback(gate, law):
    configuration = Configuration(spectrum=law, size=24, draws=600)
    names = ["expected-error", "expected-error/one-unit"]
    for name in names[law == "flat" :]:  # of a flat spectrum the bound is the trivial one
        sample = at(configuration, name, gate.seed())
        gate.check(claim(f"factorisation/{name}"), sample, detail=law)


# --- a second implementation ----------------------------------------------------------------------


class WithFeedback(torch.autograd.Function):
    """h -> Z h, whose gradient in h comes back through C."""

    @staticmethod
    def forward(ctx, h, Z, C):
        ctx.save_for_backward(h, C)
        return h @ Z.T

    @staticmethod
    def backward(ctx, gradient):
        h, C = ctx.saved_tensors
        return gradient @ C.T, gradient.T @ h, None


def test_steps_are_those_of_autograd_through_the_feedback():
    setting = prepare(Configuration(outputs=5, inputs=4, rank=3, hidden=2, start="gaussian"), "sgd")
    problem, X, T = setting.problem, setting.regression.X, setting.regression.T
    X, T, C = (torch.tensor(M) for M in (X, T, problem.C))
    Z, W = (torch.tensor(M, requires_grad=True) for M in (problem.Z, problem.W))
    sgd = torch.optim.SGD([Z, W], lr=problem.eta)
    for _ in range(30):
        sgd.zero_grad()
        loss = (WithFeedback.apply(X @ W.T, Z, C) - T).square().sum() / 2 / len(X)
        loss.backward()
        sgd.step()
    Zs, Ws = matrices.descend(problem.Y, problem.C, problem.Z, problem.W, problem.eta, 30)
    np.testing.assert_allclose(Z.detach().numpy(), Zs[-1], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(W.detach().numpy(), Ws[-1], rtol=1e-10, atol=1e-12)


GRADIENT = Configuration(rule="gradient-descent", start="gaussian", spectrum="geometric",
                         rank=5, hidden=2, largest_rank=6)  # fmt: skip


def test_gradient_descent_is_that_of_autograd():
    problem = prepare(GRADIENT, "sgd").problem
    Y = torch.tensor(problem.Y)
    Z, W = (torch.tensor(M, requires_grad=True) for M in (problem.Z, problem.W))
    sgd = torch.optim.SGD([Z, W], lr=problem.eta)
    for _ in range(30):
        sgd.zero_grad()
        ((Y - Z @ W).square().sum() / 2).backward()
        sgd.step()
    Zs, Ws = matrices.descend(*problem.start, 30)
    np.testing.assert_allclose(Z.detach().numpy(), Zs[-1], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(W.detach().numpy(), Ws[-1], rtol=1e-10, atol=1e-12)


def test_gradient_descent_ends_at_the_best_of_its_rank():
    """Below what random feedback leaves; both at 0 from r = k on."""
    best = at(GRADIENT, "fixed-point/error").values
    left = at(replace(GRADIENT, rule="feedback"), "fixed-point/error").values
    sigma = np.linalg.svd(prepare(GRADIENT, "factorisation").Y, compute_uv=False)
    tail = [sqrt((sigma[r:] ** 2).sum()) for r in range(1, 5)]
    np.testing.assert_allclose(best[:4], tail, rtol=1e-9)
    assert (left[:4] > 1.01 * best[:4]).all()
    assert (np.concatenate([best[4:], left[4:]]) < 1e-9).all()


def test_gradient_descent_does_not_leave_0():
    with pytest.raises(InvalidArgument, match=r"start = 'zero'.*does not leave 0"):
        Configuration(rule="gradient-descent")


@pytest.mark.parametrize("tau", [0.0, 1e-4, 0.03, 0.049, 0.051, 0.4, 1.0, 3.0, 9.0])
def test_the_universal_curve(tau):
    (found,) = modes.universal(np.array([tau]))
    assert found == pytest.approx(by_hand.phi(tau, 4000), rel=1e-11)
    assert 1 - found <= np.exp(-tau) * (1 + 1e-12)


@pytest.mark.parametrize("sigma", [[1.0, 1.0, 1.0], [3.0, 0.2, 0.1, 0.1]])
def test_shares_of_a_random_direction(sigma):
    """sum_j sigma_j^2 E[g_j^2/sum sigma_i^2 g_i^2] = 1; by symmetry; by Monte Carlo."""
    sigma = np.array(sigma)
    found = shares(sigma)
    assert (sigma**2 * found).sum() == pytest.approx(1, rel=1e-12)
    g = np.random.default_rng(0).normal(size=(200_000, len(sigma))) ** 2
    drawn = g / (g @ sigma**2)[:, None]
    assert (abs(drawn.mean(0) - found) < 5 * drawn.std(0) / sqrt(len(g))).all()


# --- what is known in numbers ---------------------------------------------------------------------


def test_the_mean_error_of_one_unit():
    """1.0971 for sigma_i = 1/i, i = 1, ..., 30; sigma_1 sigma_2 for two, by hand."""
    for sigma, error in ((1 / np.arange(1, 31), 1.0971), (np.array([0.9, 0.4]), 0.36)):
        found = (sigma**2).sum() - (sigma**4 * shares(sigma)).sum()
        assert found == pytest.approx(error, rel=5e-5)


def test_one_target_is_learnt_by_one_unit():
    """Diabetes: k = 1, so nothing is ever left."""
    configuration = Configuration(data="diabetes", inputs=10, largest_rank=3)
    sample = at(configuration, "full-rank")
    assert set(np.ravel(sample.symbols["k"])) == {1}
    assert verdict("full-rank", sample) is Verdict.HOLDS


def test_errors_of_digits_fall_to_zero_at_their_rank():
    """Ten classes of mean 0: k = 9."""
    sample = at(SHAPES["digits"], "fixed-point/error")
    assert set(sample.symbols["k"]) == {9}
    assert (sample.values[8:] < 1e-9).all()
    sigma = np.linalg.svd(prepare(SHAPES["digits"], "any").Y, compute_uv=False)
    best = [(sigma[r:] ** 2).sum() for r in (1, 3, 5, 8, 9)]
    np.testing.assert_allclose(best, [0.4416, 0.2878, 0.1566, 0.0288, 0], atol=5e-5)
    assert (sample.values[:8] ** 2 > [(sigma[r:] ** 2).sum() for r in range(1, 9)]).all()
    assert (np.diff(sample.values[:9]) < 0).all()


def test_the_cosine_may_fall():
    """Alignment as an inner product grows from zero; as an angle it need not."""
    starts, ends = [], []
    for salt in range(30):
        configuration = Configuration(horizon=24.0, points=2, outputs=6, inputs=6, rank=4)
        samples = observed(
            configuration,
            ["factorisation/flow/cosine-start", "factorisation/flow/cosine-end"],
            f"cosine {salt}",
        )
        starts.append(samples["first_cosine"].values[0])
        ends.append(samples["last_cosine"].values[0])
    rising = np.mean(np.array(ends) > np.array(starts))
    assert 0 < rising < 0.6
    for salt in range(3):
        inner = at(Configuration(), "alignment/inner-product", f"cosine {salt}")
        assert (np.diff(inner.values) > -1e-12).all()


def test_small_random_starts_align():
    """From a random angle, near 0 for large matrices, to one that is not small."""
    configuration = Configuration(
        outputs=20, inputs=20, hidden=10, rank=4, start="gaussian", start_scale=0.01, steps=2000,
        largest_rank=1,
    )  # fmt: skip
    cosines = np.array([
        at(configuration, "alignment/cosine", f"align {salt}").values for salt in range(6)
    ])  # fmt: skip
    random = 4 / sqrt(200)  # four standard deviations of the cosine of two random matrices
    assert abs(cosines[:, 0]).max() < random < cosines[:, -1].min()


def test_the_update_of_FA_star_may_rise_before_alignment():
    """And falls at every step once the symmetric part of C Z is positive enough."""
    rose = 0
    for salt in range(12):
        sample = at(Configuration(hidden=3, steps=30), "star/aligned", f"star {salt}")
        rose += bool((sample.values > sample.symbols["D_F"] * (1 + 1e-9)).any())
    assert rose > 0


def test_the_ratio_of_errors_is_unbounded():
    """Medians 7, 15, 29, 60 at r = 2, 4, 8, 16, as it is derived, to a tenth or so."""
    observed_ = EXPERIMENT.observe(
        Configuration(sweeps=20), salt="ratio", quantities={"slope_of_ratio"}
    )
    found = observed_.notes["median ratios"]
    for r, median in zip((2, 4, 8, 16), (6.8, 14, 28, 59), strict=True):
        assert found[str(r)] == pytest.approx(median, rel=0.2)


def test_training_ends_where_the_rest_of_the_way_is_rounding():
    problem = prepare(Configuration(), "end").problem
    path = endings.trained(problem, 40_000, 0.2)
    assert endings.remaining(path)["low"][0] <= 1e-12 * problem.symbols["Y_F"]
    early = endings.trained(problem, 30, 0.2)
    assert endings.remaining(early)["low"][0] > 1e-6


# --- strategies, options --------------------------------------------------------------------------

REACHED = {
    "fewer units than the rank": lambda c: c.hidden < c.rank,
    "as many": lambda c: c.hidden == c.rank > 1,
    "more": lambda c: c.hidden > c.rank,
    "one of everything": lambda c: c.outputs == c.inputs == c.hidden == 1,
    "every start": lambda c: c.start == "feedback" and c.start_scale == 2.0,
    "from zero, largest steps": lambda c: c.start == "zero" and c.step == 0.6,
    "gradient descent": lambda c: c.rule == "gradient-descent" and c.start == "feedback",
    "large feedback": lambda c: c.feedback_scale == 10.0 and c.signal == 10.0,
    "ends that are reached": lambda c: c.most_steps == 3000 and c.start == "zero",
    "spikes that a law is for": lambda c: c.spikes == 1 < c.hidden,
    "isotropic": lambda c: c.excess == 0.0,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


def test_every_claim_is_measured():
    small = Configuration(draws=3, sweeps=1, steps=3, largest_rank=2, most_steps=3, size=12)
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in ALL.values())


@pytest.mark.parametrize(
    ("field", "value"),
    [("data", "iris"), ("rank", 13), ("hidden", 0), ("law", "cauchy"), ("start", "here"),
     ("step", 0.0), ("step", float("nan")), ("signal", 0.0), ("size", 7), ("spike", 0.5),
     ("excess", -0.1), ("tolerance", 1.0), ("draws", True), ("horizon", float("inf"))],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


def test_a_step_size_that_diverges_is_said_to():
    for name in ("gram", "fixed-point/error"):
        with pytest.raises(InvalidArgument, match=r"step = 30\.0: must be so small"):
            at(Configuration(step=30.0), name)


def test_a_flow_that_is_stiff_is_said_to_be():
    stiff = Configuration(start="feedback", start_scale=1e4, steps=2)
    with pytest.raises(InvalidArgument, match=r"horizon = 6\.0: must be at most .*stiff"):
        at(stiff, "flow/gram")
    assert verdict("gram", at(stiff, "gram")) is Verdict.HOLDS


def test_a_premise_that_fails_is_no_error():
    cases = {
        "a-posteriori": Configuration(hidden=9),
        "a-posteriori/full-rank": Configuration(hidden=7),
        "curve": Configuration(start="gaussian"),
        "rate": Configuration(start="gaussian"),
        "lyapunov/path": Configuration(step=1.0),
        "alignment/monotone": Configuration(step=0.65),
        "fixed-point/error": Configuration(most_steps=3),
        "separation/strong-signal": Configuration(hidden=3),
        "separation/exact": Configuration(hidden=1, spikes=2),
        "full-rank": Configuration(largest_rank=3),
    }
    for name, configuration in cases.items():
        small = replace(configuration, size=20, draws=5, steps=5)
        assert verdict(name, at(small, name)) is Verdict.OUT_OF_REGIME, name
