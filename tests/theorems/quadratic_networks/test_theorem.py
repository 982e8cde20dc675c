"""Gaps, minima, the global rate and certificates: all hold, some are sharp; trainers have twins."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import Phase, assume, find, given, settings
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

from tests.bench import Bench
from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from verify.experiments.quadratic_networks import smooth
from verify.experiments.quadratic_networks.cases import (
    BASIN,
    DIABETES,
    MINIMA,
    NEAR,
    PLATEAUS,
    SADDLE,
    SHARP,
    SMOOTH,
    WIDE,
    WORST,
    homes,
)
from verify.experiments.quadratic_networks.configuration import Configuration
from verify.experiments.quadratic_networks.experiment import EXPERIMENT
from verify.experiments.quadratic_networks.networks import (
    Data,
    descend,
    flow,
    hessian,
    levenberg_marquardt,
    second_moment,
)
from verify.experiments.quadratic_networks.setting import prepare
from verify.experiments.quadratic_networks.strategies import configurations
from verify.judging.verdict import Verdict
from verify.runs.check import missing

PATHS = ("gap-identity", "recursion", "imbalance", "imbalance-bound", "global-rate", "global-size",
         "global-least", "global-drift")  # fmt: skip
LANDSCAPE = ("certified-gap", "strict-saddle")
NEARBY = ("smooth-rate", "smooth-path", "basin")
BENCH = Bench("quadratic-networks", "quadratic")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged


CASES = {
    "many neurons": (Configuration(), (*PATHS, "flow-rate")),
    "sharp": (SHARP, (*PATHS, "flow-rate")),
    "diabetes": (DIABETES, PATHS),
    "plateaus": (PLATEAUS, LANDSCAPE),
    "saddles": (SADDLE, LANDSCAPE),
    "uneven neurons": (replace(NEAR, uneven=2.0), LANDSCAPE),
    "as many neurons as needed": (replace(NEAR, positive=4, negative=4), ("certified-gap",)),
    "minima": (MINIMA, ("minimum-law", "threshold", "published-size")),
    "starts": (replace(NEAR, trials=60), ("local-minima",)),
    "near a planted network": (SMOOTH, NEARBY[:2]),
    "basin": (BASIN, ("basin",)),
    "ranks": (Configuration(dimension=5), ("rank", "rank-smooth")),
    "wide": (WIDE, ("wide-kernel", "wide-rate")),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=2)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


@pytest.mark.claims(share=0.1)
@settings(max_examples=40)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Any number of neurons, any start, any scale; where a premise fails nothing is said."""
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    names = (*PATHS, *LANDSCAPE, *NEARBY, "threshold", "local-minima")
    for name, sample in observed(configuration, names, salt).items():
        gate.check(claim(f"quadratic/{name}"), sample, detail=repr(configuration))


# --- how sharp -----------------------------------------------------------------------------------


def test_the_rate_is_sharp_along_the_bottom_eigenvector():
    """Log-rates of bound and descent differ by 6 %."""
    sample = first(SHARP, "global-rate")
    bound = claim("quadratic/global-rate").evaluate(sample.symbols).bound
    ratio = np.log(sample.values[-1] / sample.values[0]) / np.log(bound[-1] / bound[0])
    assert (ratio > 1).all()
    assert (ratio < 1.15).all()


def test_in_one_dimension_the_rate_is_attained():
    """d = 1: T is a number; below 1e-20 of what cancels, rounding is not taken for a violation."""
    one = Configuration(data="sphere", dimension=1, samples=1, positive=3, negative=3, steps=3000,
                        target_scale=0.5)  # fmt: skip
    sample = first(one, "global-rate")
    assert sample.values[-1].max() < 1e-18 * sample.values[0].min()
    assert judged("global-rate", sample).verdict is Verdict.HOLDS


def test_the_gap_is_certified_nearly_sharply_at_saddles():
    assert judged("certified-gap", first(SADDLE, "certified-gap")).tightness < 2


@pytest.mark.parametrize("activation", ["softplus", "square", "tanh"])
def test_in_the_worst_direction_a_certificate_is_nearly_sharp(activation):
    """Along the least singular vector: the length of the way, and the rate of the first steps."""
    samples = observed(replace(WORST, activation=activation), ["smooth-rate", "smooth-path"])
    for name, most in (("smooth-rate", 1.2), ("smooth-path", 1.15)):
        assert judged(name, samples[name]).verdict is Verdict.HOLDS
        values = samples[name].values
        bound = claim(f"quadratic/{name}").evaluate(samples[name].symbols).bound
        ratio = bound[-1] / values[-1]
        if name == "smooth-rate":
            ratio = np.log(values[3] / values[0]) / np.log(bound[3] / bound[0])
        assert (ratio > 1).all()
        assert (ratio < most).all()


def test_the_basin_ends_soon_in_the_top_direction():
    """At 1.5 radii there is one in random directions, and hardly any in the worst one."""
    far = replace(BASIN, direction="top", activation="square", dimension=12, positive=3, negative=3)
    for reach, direction, verdict in ((1.0, "top", Verdict.HOLDS), (1.5, "random", Verdict.HOLDS)):
        found = judged("basin", first(replace(far, reach=reach, direction=direction), "basin"))
        assert found.verdict is verdict
    beyond = first(replace(far, reach=1.5), "basin")
    few = beyond.symbols["n"] <= 12
    assert (beyond.values[few] < 0).mean() > 0.5


def certified_at(radii, direction, activation):
    """The verdicts on (Q.15), (Q.16) from W* + radii r u, with r the radius of the basin."""

    def moved(net, W, u, q, reach):
        kappa, b = smooth.ends(net.jacobian(W))
        r = smooth.radius_of(kappa, b, net.ell * np.ones(len(W)), q)
        return W + radii * r[:, None, None] * u

    at = replace(SMOOTH, activation=activation, direction=direction, seeds=6, steps=200, points=5)
    with patch.object(smooth, "started", moved):
        samples = observed(at, ["smooth-rate", "smooth-path"])
    regimes = claim("quadratic/smooth-rate").regime(samples["smooth-rate"].symbols).holds
    verdicts = {judged(name, sample).verdict
                for name, sample in samples.items()}  # fmt: skip
    return verdicts, regimes.mean()


@pytest.mark.parametrize("activation", ["softplus", "square", "tanh"])
def test_certificates_end_between_the_radius_and_half_as_much_again(activation):
    """In the top direction there is one at 1.1 radii, none at 1.5; in a random one at 3 still."""
    assert certified_at(1.1, "top", activation) == ({Verdict.HOLDS}, 1.0)
    assert certified_at(1.5, "top", activation) == ({Verdict.OUT_OF_REGIME}, 0.0)
    assert certified_at(3.0, "random", activation) == ({Verdict.HOLDS}, 1.0)


def test_plain_descent_finds_the_same_minima():
    """At one salt: how many steps it takes depends on the inputs."""
    plain = replace(MINIMA, dimension=2, optimiser="descent", steps=4000, trials=200)
    for name, sample in observed(plain, ("minimum-law", "threshold")).items():
        assert judged(name, sample).verdict is Verdict.HOLDS


# --- second implementations ----------------------------------------------------------------------


def problem(n=9, d=3, k=(4, 5)):
    rng = np.random.default_rng(7)
    data = Data(rng.standard_normal((n, d)), rng.standard_normal(n))
    v = np.concatenate([rng.uniform(0.5, 2, k[0]), -rng.uniform(0.5, 2, k[1])])
    return data, v, 0.4 * rng.standard_normal((2, sum(k), d))


def torch_loss(data, v):
    X, y, v = (torch.tensor(a) for a in (data.X, data.y, v))
    return lambda W: (((X @ W.T) ** 2 @ v - y) ** 2).sum() / (2 * len(X))


def test_descent_is_that_of_a_torch_optimiser():
    data, v, W = problem()
    eta = np.array([0.01, 0.02])
    path = descend(W, v, data, eta, [0, 3, 10])
    for seed in range(2):
        weights = torch.tensor(W[seed], requires_grad=True)
        optimiser = torch.optim.SGD([weights], lr=float(eta[seed]))
        for _ in range(10):
            optimiser.zero_grad()
            torch_loss(data, v)(weights).backward()
            optimiser.step()
        np.testing.assert_allclose(path.W[-1, seed], weights.detach().numpy(), rtol=1e-10)


def test_the_hessian_is_that_of_autograd():
    data, v, W = problem()
    found = hessian(W, v, data)
    for seed in range(2):
        weights = torch.tensor(W[seed])
        right = torch.autograd.functional.hessian(torch_loss(data, v), weights)
        np.testing.assert_allclose(found[seed], right.reshape(W[0].size, -1), atol=1e-12)


def test_the_flow_is_that_of_d_x_d_matrices():
    """A' = -2 c (S A + A S), B' = 2 c (S B + B S)."""
    data, _, W = problem()
    v = np.array([1.5] * 4 + [-1.5] * 5)
    times = np.linspace(0, 2.0, 5)
    M = second_moment(flow(W[0], v, data, times), v)

    def down(_, flat):
        A, B = flat.reshape(2, 3, 3)
        S = data.X.T @ ((np.einsum("ia,ab,ib->i", data.X, 1.5 * (A - B), data.X) - data.y)[:, None]
                        * data.X) / data.n  # fmt: skip
        return np.array([-3 * (S @ A + A @ S), 3 * (S @ B + B @ S)]).ravel()

    first = np.array([W[0, :4].T @ W[0, :4], W[0, 4:].T @ W[0, 4:]]).ravel()
    found = solve_ivp(down, (0, 2.0), first, "LSODA", times, rtol=1e-10, atol=1e-12).y.T
    A, B = np.moveaxis(found.reshape(-1, 2, 3, 3), 1, 0)
    np.testing.assert_allclose(M, 1.5 * (A - B), atol=1e-7)


@pytest.mark.parametrize("n", [4, 6, 8, 12])
def test_levenberg_marquardt_ends_where_scipy_does(n):
    """MINPACK asks for as many residuals as weights: zeros are added."""
    rng = np.random.default_rng(n)
    data = Data(rng.standard_normal((n, 3)), rng.standard_normal(n))
    v = np.array([1.0] * 4 + [-1.0] * 4)
    W = rng.standard_normal((2, 8, 3))
    found = levenberg_marquardt(W, v, data, 150)

    def residual(flat):
        e = (data.X @ flat.reshape(8, 3).T) ** 2 @ v - data.y
        return np.concatenate([e, np.zeros(max(0, 24 - n))])

    for start, end in zip(W, found, strict=True):
        other = least_squares(residual, start.ravel(), method="lm", xtol=1e-15, ftol=1e-15)
        e = data.outputs(second_moment(end, v)) - data.y
        assert (e**2).sum() / 2 == pytest.approx(other.cost, rel=1e-8, abs=1e-16)


def test_the_minimum_is_that_of_a_convex_problem():
    """M* by scipy, over all symmetric matrices."""
    data, _, _ = problem(n=12)
    rows = np.einsum("ia,ib->iab", data.X, data.X).reshape(12, -1)
    found = least_squares(lambda m: rows @ m - data.y, np.zeros(9), method="lm", xtol=1e-15)
    assert data.loss_of_zero - data.gap(np.zeros((3, 3))) == pytest.approx(found.cost / 12)


# --- experiment ----------------------------------------------------------------------------------


def test_the_share_that_is_stuck():
    """d = 4: one neuron of each sign never suffices, d of each always do."""
    notes = EXPERIMENT.observe(replace(NEAR, trials=100), salt="stuck", quantities={"gained"}).notes
    share = list(notes["share_stuck"].values())
    assert share == sorted(share, reverse=True)
    assert share[0] == 1.0
    assert share[3] == share[4] == 0.0


def test_the_kink():
    """The loss after training leaves 0 at n = d(d+1)/2, and follows the mean of the law."""
    curve = EXPERIMENT.observe(MINIMA, salt="kink", quantities={"minimum"}).trajectory
    loss, law = curve.series["mean_loss"], curve.series["law"]
    assert (loss[curve.x <= 6] <= 1e-12).all()
    np.testing.assert_allclose(loss[curve.x > 6], law[curve.x > 6], rtol=0.35)


def test_every_claim_has_a_sample_and_a_home():
    for name, one in claims("quadratic-networks").items():
        home = homes()[name].configuration
        few = EXPERIMENT.preview(home)
        samples = EXPERIMENT.observe(few, salt="all", quantities={one.quantity.name}).samples
        assert not missing(one, samples)


REACHED = {
    "fewer neurons than dimensions": lambda c: c.positive < c.dimension,
    "as many": lambda c: c.positive == c.negative == c.dimension,
    "saddles": lambda c: c.start == "saddle" and c.positive > c.dimension,
    "uneven neurons": lambda c: c.uneven > 0,
    "fewer samples than d(d+1)/2": lambda c: c.samples < c.dimension * (c.dimension + 1) / 2,
    "more": lambda c: c.samples > c.dimension * (c.dimension + 1) / 2,
    "the edge of a certificate": lambda c: c.reach > 0.99 and c.activation == "tanh",
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=3000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


REGIMES = ("global-rate", "certified-gap", "strict-saddle", "smooth-rate", "threshold")


@pytest.mark.parametrize("name", REGIMES)
def test_strategies_reach_the_regime(name):
    def holds(configuration):
        sample = first(configuration, name, "regime")
        return claim(f"quadratic/{name}").regime(sample.symbols).holds.any()

    only = settings(max_examples=200, phases=(Phase.generate,))
    find(configurations(), holds, settings=only)


@pytest.mark.parametrize(
    ("field", "value"),
    [("positive", -1), ("positive", 1.5), ("uneven", -0.1), ("output", 0.0), ("q", 1.0),
     ("reach", 0.0), ("step", 0.0), ("step", float("nan")), ("delta", 0.0), ("leak", 0.0),
     ("start", "zero"), ("activation", "relu"), ("direction", "up"), ("labels", "top"),
     ("optimiser", "adam"), ("seeds", 0), ("trials", True), ("features", 0), ("horizon", -1.0),
     ("published_samples", 0.0), ("negative", 3)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


@pytest.mark.parametrize(
    ("options", "name"),
    [({"features": 5}, "features"), ({"start": "orthonormal", "positive": 3, "negative": 3},
                                     "positive"), ({"positive": 0, "negative": 0}, "positive"),
     ({"start": "saddle", "positive": 0}, "start")],
)  # fmt: skip
def test_options_that_do_not_go_together(options, name):
    with pytest.raises(InvalidArgument, match=name):
        EXPERIMENT.observe(Configuration(**options), salt="bad", quantities={"gap"})


@pytest.mark.parametrize("k", [0, 1, 3])
def test_without_enough_neurons_nothing_is_said(k):
    """Rows of one sign may even be missing."""
    few = replace(NEAR, positive=k, trials=10)
    for name in ("certified-gap", "strict-saddle", "global-rate", "minimum-law", "threshold"):
        assert judged(name, first(few, name)).verdict is Verdict.OUT_OF_REGIME


def test_without_sums_the_path_is_the_same():
    """What is spared is no number: nothing can be read there."""
    setting = prepare(NEAR, "spared")
    eta = setting.at_start["eta"]
    full, spared = (
        descend(setting.start, setting.v, setting.data, eta, [0, 3, 20], sums=kept)
        for kept in (True, False)
    )
    np.testing.assert_array_equal(spared.steps, full.steps)
    np.testing.assert_array_equal(spared.W, full.W)
    assert not np.array_equal(full.W[0], full.W[-1])
    for name in ("walked", "crossed"):
        assert np.isfinite(getattr(full, name)).all()
        assert np.isnan(getattr(spared, name)).all()
