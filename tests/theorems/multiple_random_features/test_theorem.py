"""Random features of several types: the claims hold, and what is known of the limit."""

from dataclasses import replace
from math import pi

import numpy as np
import pytest
import torch
from hypothesis import Phase, assume, find, given, settings

from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from theory.mathematics.random_features import limit
from verify.experiments.multiple_random_features import descents
from verify.experiments.multiple_random_features.cases import POPULATION
from verify.experiments.multiple_random_features.configuration import Configuration
from verify.experiments.multiple_random_features.experiment import EXPERIMENT
from verify.experiments.multiple_random_features.setting import empirical, exact, gaussian, prepare
from verify.experiments.multiple_random_features.strategies import configurations
from verify.experiments.multiple_random_features.types import Features, Type, sphere
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing

NAME = "multiple-random-features"
LEVEL = 1e-8
SMALL = Configuration(dimension=9, rows=30, draws=80)
LIMITS = {
    "two types, with a constant": (replace(SMALL, offset=1.0), ("risk", "bias", "variance")),
    "the highest peak": (replace(SMALL, ridge=1e-4), ("risk", "variance", "given-weights/bias")),
    "one type, many features": (
        replace(SMALL, types="relu", features="1.5", draws=60),
        ("bias", "variance", "given-weights/variance"),
    ),
    "one activation for another": (
        replace(SMALL, types="quadratic,0.1*quadratic"), ("bias", "variance"),
    ),
    "three unlike types": (
        replace(SMALL, types="linear,absolute,0.3*square", features="0.2,0.3,0.4"),
        ("risk", "bias", "variance", "given-weights/bias", "given-weights/variance"),
    ),
    "dependent features": (  # more linear ones than inputs
        replace(SMALL, types="linear,0.5*relu", features="0.6,0.3", ridge=1.0, draws=200),
        ("bias", "given-weights/bias", "given-weights/variance"),
    ),
    "fewer features than rows": (replace(SMALL, features="0.3,0.2"), ("ridgeless",)),
    "fewer features of another kind": (
        replace(SMALL, types="square,absolute", features="0.3,0.2", draws=160), ("ridgeless",),
    ),
}  # fmt: skip
OTHERS = {
    "digits": (replace(SMALL, rows=60), ("real-rows",)),
    "diabetes": (
        replace(SMALL, data="diabetes", samples=442, rows=30, features="0.3,0.3"), ("real-rows",),
    ),
    "interpolation": (
        replace(SMALL, data="diabetes", samples=442, rows=20, features="1,1", draws=2500),
        ("interpolation", "distances"),
    ),
    "a small population": (replace(POPULATION, draws=3000), ("interpolation", "distances")),
    "at the threshold": (
        replace(POPULATION, rows=12, features="0.5,0.5", draws=1000), ("interpolation",),
    ),
    "with ties": (
        replace(POPULATION, replacement=True, rows=4, features="1,1", draws=1000),
        ("interpolation",),
    ),
    "peaks": (SMALL, ("peak", "second-peak/height", "second-peak/width")),
    "other peaks": (
        replace(SMALL, types="square,absolute", features="0.4,0.6", rows=50),
        ("peak", "second-peak/height"),
    ),
    "identities": (SMALL, ("mass-balance", "invariance")),
    "triple descent": (
        replace(SMALL, types="relu,0.03*relu", ridge=5e-7, rows=60, dimension=20),
        ("maxima", "descents"),
    ),
    "one scale": (replace(SMALL, types="relu,relu", ridge=1e-4), ("maxima",)),
}  # fmt: skip


def first(configuration, name, salt="features"):
    quantity = claim(f"features/{name}").quantity.name
    found = EXPERIMENT.observe(configuration, salt=salt, quantities={quantity})
    return found.samples[quantity]


@pytest.mark.parametrize("what", LIMITS | OTHERS)
@pytest.mark.claims(checks=5)
def test_claims_hold(gate, what):
    configuration, names = (LIMITS | OTHERS)[what]
    wanted = {claim(f"features/{name}").quantity.name for name in names}
    found = EXPERIMENT.observe(configuration, salt=gate.seed(), quantities=wanted)
    for name in names:
        each = claim(f"features/{name}")
        gate.check(each, found.samples[each.quantity.name], detail=what)


@pytest.mark.claims(share=0.1)
@settings(max_examples=12)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name in ("mass-balance", "invariance", "maxima"):
        each, sample = claim(f"features/{name}"), first(configuration, name, salt)
        if each.regime(sample.symbols).holds.all():
            gate.check(each, sample, detail=repr(configuration))


REACHED = {
    "one type": lambda c: len(c.kinds) == 1,
    "three scales and a tiny ridge": lambda c: "0.0015" in c.types and c.ridge < 1e-9,
    "equal scales": lambda c: c.types == "relu,relu",
    "a linear type": lambda c: "linear" in c.types,
    "interpolation": lambda c: sum(c.counts) > c.rows,
    "the threshold": lambda c: sum(c.counts) == c.rows,
    "a constant part": lambda c: c.offset > 0,
    "ties": lambda c: c.replacement,
    "real rows": lambda c: c.data == "digits",
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    assert REACHED[what](find(configurations(), REACHED[what], settings=only))


# --- the exact risk ------------------------------------------------------------------------------


def model(seed=0):
    rng = np.random.default_rng(seed)
    features = Features(sphere(9, 4, rng), (Type("relu"), Type("absolute", 0.5)), (5, 4))
    X, beta = rng.standard_normal((7, 4)), rng.standard_normal(4)
    return features, X, beta, rng


def test_the_exact_risk_is_that_on_fresh_rows():
    """Chebyshev, six standard errors: for one beta and one draw of labels, of noise and a constant.

    The mean over both is a sum over unit vectors, as in the oracles.
    """
    features, X, _, rng = model()
    Z, of = features(X), gaussian(features)
    A = np.linalg.solve(Z.T @ Z + 0.01 * np.eye(9), Z.T)
    fresh = rng.standard_normal((400_000, 4))
    z = features(fresh)
    wrong = (fresh - z @ A @ X) ** 2
    noise, constant = ((z @ A) ** 2).sum(1), (z @ A.sum(1) - 1) ** 2
    found = exact(X, Z, of, 0.01)
    for value, draws in zip(found, (wrong.sum(1) / 4, noise, constant), strict=True):
        assert abs(draws.mean() - value) < 6 * draws.std() / np.sqrt(len(draws))
        assert abs(draws.mean() - 1.1 * value) > 6 * draws.std() / np.sqrt(len(draws))


def test_ridge_is_where_descent_with_weight_decay_ends():
    """By autograd, from 0."""
    features, X, beta, _ = model()
    Z, y = torch.tensor(features(X)), torch.tensor(X @ beta)
    a = torch.zeros(9, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([a], lr=0.4, momentum=0.9, weight_decay=0.05)
    for _ in range(1200):
        optimiser.zero_grad()
        (((Z @ a - y) ** 2).sum() / 2).backward()
        optimiser.step()
    w = a.detach().numpy()
    U, V, _ = gaussian(features)
    risk = w @ U @ w - 2 * w @ V @ beta + beta @ beta
    S = np.linalg.solve(Z.numpy().T @ Z.numpy() + 0.05 * np.eye(9), Z.numpy().T)
    np.testing.assert_allclose(w, S @ y.numpy(), rtol=1e-8)
    units = [exact_for(X, features, e) for e in np.eye(4)]
    assert exact(X, features(X), gaussian(features), 0.05).bias == pytest.approx(np.mean(units))
    assert exact_for(X, features, beta) == pytest.approx(risk)


def exact_for(X, features, beta):
    """The risk without noise for one beta, by normal equations."""
    Z, (U, V, _) = features(X), gaussian(features)
    w = np.linalg.solve(Z.T @ Z + 0.05 * np.eye(9), Z.T @ X @ beta)
    return w @ U @ w - 2 * w @ V @ beta + beta @ beta


def test_the_moments_of_a_population_are_those_of_gaussian_rows_in_the_limit():
    features, _, _, rng = model()
    X = rng.standard_normal((100_000, 4))
    for found, right in zip(empirical(features, X), gaussian(features), strict=True):
        assert np.abs(found - right).max() < 6 * 3 / np.sqrt(len(X))


def test_moments_of_relu():
    relu = Type("relu", 2.0)
    assert (relu.a, relu.b) == pytest.approx((1, 4 * (1 / 4 - 1 / (2 * pi))))
    assert Type("quadratic", 2.0).b == pytest.approx(relu.b)
    assert (Type("linear").b, Type("square").a, Type("absolute").a) == (0, 0, 0)


# --- the limit -----------------------------------------------------------------------------------


def scaled(*scales):
    e = np.array(scales)
    return e**2 / 4, e**2 * (1 / 4 - 1 / (2 * pi))


def variance(scales, shares, lam, c=10 / 3):
    return float(limit(*scaled(*scales), c * np.array(shares), c, lam).variance)


@pytest.mark.parametrize(
    ("lam", "expected"), [(1e-2, 1.38), (1e-3, 4.15), (1e-4, 13.0), (1e-5, 41.1), (1e-6, 130)]
)
def test_the_peak_over_the_ridge(lam, expected):
    assert variance((1, 0.3), (0.5, 0.5), lam) == pytest.approx(expected, rel=0.01)


def test_the_exponent_of_the_peak_needs_a_small_ridge():
    """-0.35 from 1e-2 to 1e-4, -1/2 below; bounded off the threshold."""
    heights = np.log10([variance((1, 0.1), (0.5, 0.5), 10.0**k) for k in (-2, -4, -6, -8)])
    np.testing.assert_allclose(np.diff(heights) / -2, [-0.354, -0.494, -0.4994], atol=3e-3)
    for share in (0.4, 0.6):
        off = [variance((1, 0.1), (share, share), 10.0**k) for k in (-8, -10)]
        assert off[0] == pytest.approx(off[1], rel=1e-3)


def test_the_peak_of_strong_features_has_no_half_height_where_types_are_alike():
    """At e = 0.1 the height is 5.34, and the valley before it 4.72."""
    assert variance((1, 0.1), (1, 1), 1e-12) == pytest.approx(5.34, abs=0.01)
    x = np.linspace(0.6, 1, 200)[:, None]
    before = limit(*scaled(1, 0.1), 10 / 3 * x * np.ones(2), 10 / 3, 1e-12).variance
    assert before.min() == pytest.approx(4.72, abs=0.01)


TURNS = [
    ("relu", 1e-4, [0.99]),
    ("relu,0.03*relu", 1e-6, [0.505, 0.99]),
    ("relu,0.05*relu,0.0015*relu", 1e-9, [0.337, 0.495, 0.99]),
    ("relu,0.135*relu", 1e-8, [0.5, 0.87]),
    ("relu,0.14*relu", 1e-8, [0.5]),
    ("relu,0.03*relu", 1e-5, [0.51, 0.99]),
    ("relu,0.03*relu", 3e-5, [0.98]),
    ("relu,0.05*relu,0.0015*relu", 1e-8, [0.34, 0.5, 0.99]),
    ("relu,0.05*relu,0.0015*relu", 1e-7, [0.5, 0.99]),
    ("relu,0.1*relu", 1e-2, [0.94]),
    ("relu,relu", 1e-6, [0.5]),
    ("relu,relu,relu", 1e-9, [1 / 3]),
]


@pytest.mark.parametrize(("types", "ridge", "expected"), TURNS)
def test_maxima_of_the_limit(types, ridge, expected):
    shares = ",".join("1" for _ in expected * 3)[: 2 * types.count(",") + 1]
    setting = prepare(Configuration(types=types, ridge=ridge, features=shares), "turns")
    tops, _ = descents.turns(setting, setting.kinds)
    assert len(tops) == len(expected)
    np.testing.assert_allclose(tops, expected, atol=0.03)


# --- the experiment ------------------------------------------------------------------------------


def test_every_claim_is_measured():
    found = EXPERIMENT.observe(EXPERIMENT.preview(SMALL), salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims(NAME).values())


@pytest.mark.parametrize(
    ("field", "value"),
    [("types", "relu,tanh"), ("types", "0*relu,relu"), ("types", "-1*relu,relu"), ("types", ""),
     ("types", "x*relu,relu"), ("features", "0.5"), ("features", "0.5,0"), ("features", "1,nan"),
     ("features", "a,b"), ("rows", 0), ("ridge", 0.0), ("ridge", -1.0), ("noise", -0.1),
     ("signal", 0.0), ("draws", 0), ("tolerance", 1.0), ("replacement", 1), ("offset", -1.0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


OUT = {
    "more features than rows": (replace(SMALL, features="1,1"), "ridgeless"),
    "linear features": (replace(SMALL, types="linear,square"), "ridgeless"),
    "fewer features than rows": (replace(SMALL, features="0.3,0.3"), "interpolation"),
    "more rows than there are": (replace(POPULATION, rows=30, features="1,1"), "distances"),
    "dependent features": (
        replace(POPULATION, types="linear,square", features="0.6,0.6"), "interpolation",
    ),
    "ties": (replace(POPULATION, replacement=True, draws=200), "distances"),
    "rows of unlike norms": (replace(SMALL, data="diabetes", samples=442, rescale=False),
                             "real-rows"),
    "off the threshold": (replace(SMALL, features="0.5,0.6"), "peak"),
    "types of unlike numbers": (replace(SMALL, features="0.5,0.6"), "second-peak/width"),
    "no noise in a type": (replace(SMALL, types="linear,relu"), "second-peak/height"),
    "scales that are near": (replace(SMALL, types="relu,0.1*relu", ridge=1e-8), "maxima"),
    "a large ridge": (replace(SMALL, types="relu,0.03*relu", ridge=1e-4), "descents"),
    "one scale": (replace(SMALL, types="relu,relu", ridge=1e-6), "descents"),
    "a constant that no feature has": (
        replace(SMALL, types="linear,square", offset=1.0), "risk",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OUT)
def test_out_of_the_regime(what):
    configuration, name = OUT[what]
    few = 30 if what == "ties" else 3
    sample = first(replace(configuration, draws=few), name)
    assert judge(claim(f"features/{name}"), sample, LEVEL).verdict is Verdict.OUT_OF_REGIME


# --- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"ridge": 1e-300},
        {"ridge": 1e300},
        {"types": "1e-25*relu,1e25*relu"},
        {"ridge": 1e-13},
    ],
)
def test_ridges_that_are_lost_in_rounding(fields):
    """Seen before: a negative variance of the limit, and true laws refuted."""
    with pytest.raises(InvalidArgument) as error:
        Configuration(**fields)
    assert error.value.name == "ridge"
    Configuration(types="1e-25*relu,1e25*relu", ridge=1e39)


def test_a_population_that_no_neuron_sees():
    """One row that no neuron sees in many draws: nothing is learnt, as in the law."""
    c = replace(SMALL, data="diabetes", samples=1, rows=2, rescale=False, draws=30)
    sample = first(c, "real-rows")
    assert np.isfinite(sample.values).all()
