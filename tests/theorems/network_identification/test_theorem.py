"""Span, directions, signs, biases: all hold, some are sharp; the pipeline finds every weight."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import Phase, find, given, settings

from tests.bench import Bench
from theory import InvalidArgument, claim, claims
from verify.experiments.network_identification.cases import (
    ALONE,
    AXIS,
    BESIDE,
    DIGITS,
    LINE,
    MANY,
    NOISY,
    SIGMOID,
    SLOWEST,
    SMALL,
    homes,
)
from verify.experiments.network_identification.configuration import Configuration
from verify.experiments.network_identification.experiment import EXPERIMENT
from verify.experiments.network_identification.networks import Networks, climb, level, subspace
from verify.experiments.network_identification.setting import prepare
from verify.experiments.network_identification.strategies import configurations
from verify.judging.verdict import Verdict
from verify.runs.check import missing

BENCH = Bench("network-identification", "identification")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged
SPAN = ("hessians", "span", "differences", "sine", "certified-sine")
THRESHOLDS = ("everywhere", "isolated")
CLIMB = ("monotone", "ascent")
NEAR = ("dichotomy", "direction")
ALGEBRA = ("second-derivatives", "difference", "coefficients", "signs")
DESCENT = ("bias-step", "slowest", "basin", "floor")
SHARES = ("published", "weights-order", "biases-order")
QUICK = Configuration(starts=20, iterations=300)
UNSHRUNK = settings(max_examples=1000, phases=[Phase.generate])
OUT = Verdict.OUT_OF_REGIME


CASES = {
    "fourteen neurons in eight dimensions": (
        QUICK, (*SPAN, *THRESHOLDS, *CLIMB, *ALGEBRA, *DESCENT),
    ),
    "sigmoid": (SIGMOID, (*SPAN, *ALGEBRA, *DESCENT)),
    "digits": (DIGITS, (*SPAN, *ALGEBRA, *DESCENT)),
    "more neurons than dimensions of the matrices": (MANY, ("hessians", "span", *CLIMB)),
    "along an axis": (AXIS, ("differences", "coefficients")),
    "noise": (NOISY, ("differences", "sine", "certified-sine", "signs")),
    "beside weights": (BESIDE, NEAR),
    "along the slowest eigenvector": (SLOWEST, DESCENT),
    "shares of networks": (SMALL, SHARES),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=3)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


@pytest.mark.claims(share=0.1)
@settings(max_examples=40)
@given(configuration=configurations())
def test_every_network(gate, configuration):
    """One neuron or more than span all, noise or none, any step; nothing where a premise fails."""
    names = (*SPAN, *THRESHOLDS, *CLIMB, *NEAR, *ALGEBRA, *DESCENT)
    BENCH.hold(gate, configuration, names, repr(configuration), configuration)


# --- how sharp -----------------------------------------------------------------------------------

SHARP = {
    "differences of one neuron along an axis": ("differences", AXIS, 1.001),
    "noise on a line": ("differences", LINE, 1.001),
    "noise orthogonal to the weight": ("sine", NOISY, 1.01),
    "beside a weight, in the least isolated direction": (
        "direction", replace(BESIDE, turn=1e-3, eps=1e-3), 1.02,
    ),
    "one step from the slowest eigenvector": ("slowest", SLOWEST, 1.001),
    "the way from there": ("basin", SLOWEST, 1.03),
    "the curvature of one bias": ("bias-step", replace(ALONE, reach=0.9), 1.01),
    "the floor of one bias": ("floor", replace(ALONE, tilt=1e-4), 1.01),
}  # fmt: skip


@pytest.mark.parametrize("case", SHARP)
def test_sharp(case):
    name, configuration, most = SHARP[case]
    found = judged(name, first(configuration, name))
    assert found.verdict is Verdict.HOLDS
    assert 1 - 1e-9 <= found.tightness < most


def test_the_asymptotic_rate_is_that_of_the_slowest_eigenvector():
    sample = first(SLOWEST, "bias-step")
    exact = sample.symbols["p"][-1] == 0
    ratio = sample.values[-1, exact] / sample.symbols["d"][-1, exact]
    rate = 1 - sample.symbols["eta"][-1, exact] * sample.symbols["lam"][-1, exact]
    np.testing.assert_allclose(ratio, rate, rtol=1e-5)


@pytest.mark.parametrize("radii", [1.0, 10.0, 100.0])
def test_descent_converges_from_far_outside_the_certified_basin(radii):
    far = Configuration(reach=radii, steps=1500, networks=4)
    sample = first(far, "basin")
    assert (sample.values[-1] < 1e-6 * sample.values[0]).all()
    assert (judged("basin", sample).verdict is OUT) is (radii >= 1)


# --- second implementations ----------------------------------------------------------------------


def test_a_step_of_the_iteration_is_along_the_gradient():
    """y = (1/4) grad F + gamma x, by autograd."""
    rng = np.random.default_rng(3)
    W = rng.standard_normal((1, 5, 4))
    U, _ = subspace(Networks(W, np.zeros((1, 5)), 1.0, 1.0).squares, 5)
    x = rng.standard_normal(4)
    x /= np.linalg.norm(x)
    at = torch.tensor(x, requires_grad=True)
    F = ((torch.as_tensor(U[0]) @ torch.outer(at, at).ravel()) ** 2).sum()
    F.backward()
    y = at.grad.numpy() / 4 + 0.7 * x
    new, norm = climb(U, x[None, None], 0.7)
    np.testing.assert_allclose(new[0, 0], y / np.linalg.norm(y), rtol=1e-12)
    assert norm[0, 0] == pytest.approx(np.linalg.norm(y))
    assert level(U, x[None, None])[0, 0] == pytest.approx(F.item())


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_weights_from_real_data(name):
    """Centred rows in their leading principal directions: angles do not depend on the basis."""
    from sklearn import datasets
    from sklearn.decomposition import PCA

    X = getattr(datasets, f"load_{name}")().data
    rows = PCA(5, svd_solver="full").fit_transform(X)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nets = prepare(Configuration(teacher=name, dimension=5, neurons=6, networks=1), "rows").networks
    which = [int(np.argmax(np.abs(rows) @ np.abs(w))) for w in nets.W[0]]
    gram = rows[which] @ rows[which].T
    np.testing.assert_allclose(np.abs(nets.W[0] @ nets.W[0].T), np.abs(gram), atol=1e-9)


# --- experiment ----------------------------------------------------------------------------------


def panels(configuration, quantity, salt="picture"):
    seen = EXPERIMENT.observe(configuration, salt=salt, quantities={quantity})
    return seen.trajectory.panels[0].series, seen.trajectory.panels[0].x, seen.notes


def test_shares_of_weights_against_their_number():
    """All are found up to half of the threshold, hardly one above it: there ends are spurious."""
    series, x, _ = panels(replace(SMALL, trials=2), "found")
    edge = (6 * 5 // 2 + 1) / 36
    assert (series["found"][x <= edge / 2] == 1).all()
    assert (series["spurious"][x <= edge / 2] == 0).all()
    assert (series["found"][x > edge] < 0.1).all()
    assert (series["spurious"][x > edge + 1 / 36] > 0.9).all()


def test_errors_fall_like_the_square_of_the_step():
    series, eps, notes = panels(replace(SMALL, networks=7), "queries")
    assert notes["weights_found"] > 0.8
    for name in ("weights", "biases"):
        slope = np.polyfit(np.log(eps), np.log(series[name]), 1)[0]
        assert slope == pytest.approx(2.0, abs=0.03)
        assert series[name][0] < 2e-4


def test_noise_has_a_best_step():
    """Where eps^4 = 6 D nu/(G_4 S) the certified error is least, and the measured one nearly."""
    series, eps, _ = panels(Configuration(noise=1e-6), "difference")
    best = eps[np.argmin(series["bound"])]
    symbols = first(Configuration(noise=1e-6), "differences", "picture").symbols
    right = (6 * 8 * 1e-6 / (4.0859 * np.median(symbols["S"]))) ** 0.25
    assert 0.6 < best / right < 1.7
    assert 0.4 < eps[np.argmin(series["error"])] / best < 4


def test_every_claim_has_a_sample_and_a_home():
    for name, one in claims("network-identification").items():
        few = EXPERIMENT.preview(homes()[name].configuration)
        samples = EXPERIMENT.observe(few, salt="all", quantities={one.quantity.name}).samples
        assert not missing(one, samples)


REACHED = {
    "fewer Hessians than neurons": lambda c: c.neurons > c.N,
    "above the threshold of isolation": lambda c: (
        c.dimension > 2 and c.neurons > c.dimension * (c.dimension - 1) / 2 + 1
    ),
    "more neurons than dimensions": lambda c: c.neurons > c.dimension * (c.dimension + 1) / 2,
    "noise that is all there is": lambda c: c.noise == 0.01 and c.eps == 1e-3,
    "a line": lambda c: c.dimension == 1,
    "biases beyond the radius": lambda c: c.bias > c.radius,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    found = find(
        configurations(),
        REACHED[what],
        settings=settings(max_examples=3000, phases=[Phase.generate]),
    )
    assert REACHED[what](found)


@pytest.mark.parametrize("name", ["sine", "direction", "signs", "basin", "floor"])
def test_strategies_reach_the_regime(name):
    def holds(configuration):
        sample = first(configuration, name, "regime")
        return claim(f"identification/{name}").regime(sample.symbols).holds.any()

    find(configurations(), holds, settings=UNSHRUNK)


@pytest.mark.parametrize(
    ("field", "value"),
    [("dimension", 0), ("dimension", 25), ("neurons", 0), ("bias", -0.1), ("eps", 0.0),
     ("noise", -1.0), ("noise", float("nan")), ("teacher", "cube"), ("activation", "relu"),
     ("points", "best"), ("start", "top"), ("gamma", 11.0), ("hessians", 0), ("starts", True),
     ("accuracy", 1.0), ("turn", 0.0), ("radius", 0.0), ("step", 0.0), ("reach", 0.0),
     ("tilt", 1.5), ("largest", 13), ("widest", 0.0), ("tolerance", 0.0), ("delta", 1.0),
     ("constant", 0.0), ("narrowest", 0.2), ("trials", 0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


@pytest.mark.parametrize(
    ("options", "name"),
    [({"teacher": "axes", "neurons": 9}, "neurons"),
     ({"teacher": "diabetes", "dimension": 11}, "dimension"),
     ({"teacher": "diabetes", "neurons": 443}, "neurons")],
)  # fmt: skip
def test_options_that_do_not_go_together(options, name):
    with pytest.raises(InvalidArgument, match=name):
        EXPERIMENT.observe(Configuration(**options), salt="bad", quantities={"rank"})


OUTSIDE = {
    "fewer Hessians than neurons": ("sine", Configuration(hessians=13)),
    "more neurons than dimensions": ("sine", MANY),
    "dependent w w^T": ("second-derivatives", MANY),
    "a step below rounding": ("differences", Configuration(eps=1e-5)),
    "a line": ("hessians", LINE),
    "no convexity": ("monotone", replace(QUICK, gamma=0.49)),
    "a weight that is far": ("direction", replace(QUICK, eps=1.0)),
    "noise beyond the margin": ("signs", Configuration(noise=0.01)),
    "a step of descent that is too long": ("bias-step", Configuration(step=1.01)),
    "outside the basin": ("basin", Configuration(reach=1.01)),
    "weights that are far off": ("floor", Configuration(tilt=0.3)),
    "too many neurons": ("published", replace(SMALL, constant=0.6)),
    "two sizes": ("weights-order", replace(SMALL, sizes=2, networks=2)),
    "sizes that hardly differ": ("biases-order", replace(SMALL, narrowest=0.02, networks=2)),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_where_a_premise_fails_nothing_is_said(what):
    name, configuration = OUTSIDE[what]
    assert judged(name, first(configuration, name)).verdict is OUT


def test_where_no_slope_is_left_nothing_is_measured():
    """At biases of 1000 tanh' is 0 in float64, and steps of descent would be infinite."""
    found = EXPERIMENT.observe(Configuration(bias=1e3, networks=2), salt="faint",
                               quantities={"bias", "path", "slowest", "floor"})  # fmt: skip
    assert set(found.out_of_regime) == {"bias", "path", "slowest", "floor"}
    assert not found.samples
    assert "incomplete" not in found.notes
