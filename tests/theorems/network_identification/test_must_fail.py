"""False statements, broken premises and broken procedures of identification are refuted."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests import bench
from tests.bench import Bench, of_twins
from theory import claim
from theory.theorems.network_identification import biases as B
from theory.theorems.network_identification import directions as T
from theory.theorems.network_identification import subspace as S
from theory.theorems.network_identification import symbols as Y
from verify.experiments.network_identification import biases, directions, networks, pipeline
from verify.experiments.network_identification import setting as settings
from verify.experiments.network_identification.cases import (
    ALONE,
    AXIS,
    BESIDE,
    MANY,
    NOISY,
    SIGMOID,
    SLOWEST,
    SMALL,
)
from verify.experiments.network_identification.configuration import Configuration
from verify.experiments.network_identification.experiment import EXPERIMENT
from verify.experiments.network_identification.networks import Networks
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict

HOLDS, REFUTED, OUT = Verdict.HOLDS, Verdict.REFUTED, Verdict.OUT_OF_REGIME
BENCH = Bench("network-identification", "identification", "must fail")
first = BENCH.first
NEAR = replace(BESIDE, turn=1e-3, eps=1e-3)
FEW = replace(SMALL, networks=30, iterations=300, steps=300)
QUICK = Configuration(starts=30, iterations=100)


def verdict(name, sample, **slips):
    return bench.verdict(BENCH.changed(name, **slips), sample)


FALSE = {
    "as many Hessians as one likes": ("hessians", Configuration(), lambda b: sp.Min(Y.m, Y.T)),
    "rank beyond the dimension": ("span", MANY, lambda b: Y.m),
    "a quarter of the error": ("differences", Configuration(), lambda b: b / 4),
    "a little less along an axis": ("differences", AXIS, lambda b: b / 1.001),
    "noise left out": ("differences", NOISY, lambda b: b - Y.D * Y.nu / Y.eps**2),
    "an error of order one": ("differences", replace(AXIS, eps=0.3), lambda b: b * Y.eps / 2),
    "a sine a little smaller": ("sine", NOISY, lambda b: b / 1.02),
    "everything one neuron early": (
        "everywhere", QUICK, lambda b: b.subs(Y.m, Y.m + 1),
    ),
    "everything one neuron late": ("everywhere", QUICK, lambda b: b.subs(Y.m, Y.m - 1)),
    "isolated one neuron longer": ("isolated", QUICK, lambda b: b.subs(Y.m, Y.m - 1)),
    "isolated one neuron less": ("isolated", QUICK, lambda b: b.subs(Y.m, Y.m + 1)),
    "m < D^2 is enough": ("isolated", QUICK, lambda b: 0 * Y.m),
    "a longer ascent": ("ascent", QUICK, lambda b: b + (Y.y - Y.F - Y.gamma) * 2),
    "r^2 for r": ("dichotomy", NEAR, lambda b: b**2),
    "half of the angle": ("direction", NEAR, lambda b: b / 2),
    "the sign of the odd g''": ("difference", QUICK, lambda b: -b),
    "tau with the other sign": ("second-derivatives", QUICK, lambda b: b.subs(Y.z, -Y.z)),
    "twice the rate": ("bias-step", SLOWEST, lambda b: b - Y.eta * Y.lam * Y.d),
    "no curvature": ("bias-step", replace(ALONE, reach=0.9), lambda b: b.subs(Y.q, 0)),
    "no residuals": ("bias-step", Configuration(), lambda b: b.subs({Y.p: 0, Y.zeta: 0})),
    "a slower rate": ("slowest", SLOWEST, lambda b: b + Y.eta * Y.lam * Y.d / 100),
    "the rate squared": ("basin", SLOWEST, lambda b: b**2 / Y.d_0),
    "half of the floor": ("floor", Configuration(), lambda b: b / 2),
    "a floor from the residuals alone": (
        "floor", replace(ALONE, tilt=1e-2), lambda b: Y.p / Y.lam,
    ),
    "four points for the diagonal": (
        "queries", replace(SMALL, networks=1),
        lambda b: 2 * Y.D * (Y.D + 1) * (Y.N + 2 * Y.m) + Y.M,
    ),
    "signs of more weights than are found": (
        "queries", replace(MANY, starts=5, iterations=5, steps=5),
        lambda b: (Y.N + 2 * Y.m) * (2 * Y.D**2 + 1) + Y.M,
    ),
    "signs for nothing": (
        "queries", replace(SMALL, networks=1), lambda b: Y.N * (2 * Y.D**2 + 1) + Y.M,
    ),
}  # fmt: skip


right = of_twins(FALSE, BENCH.observed)


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, bound = FALSE[what]
    sample = right(configuration)[name]
    assert verdict(name, sample) is HOLDS
    assert verdict(name, sample, bound=bound) is REFUTED


def test_dual_norms_count():
    """sqrt((Gamma^-1)_kk) left out, where the w w^T span all and noise points anywhere."""
    full = Configuration(dimension=2, neurons=3, hessians=40, networks=20, noise=1e-3, eps=0.05)
    sample = first(full, "coefficients")
    assert verdict("coefficients", sample) is HOLDS
    assert verdict("coefficients", sample, bound=lambda b: b / sp.sqrt(Y.dual)) is REFUTED


@pytest.mark.parametrize(("D", "expected"), [(4, HOLDS), (16, REFUTED)])
def test_noise_costs_more_in_more_dimensions(D, expected):
    """4 nu/eps^2 for D nu/eps^2 fits eight dimensions only."""
    noisy = replace(NOISY, dimension=D, eps=0.03, noise=1e-3, neurons=2, networks=2)
    flat = 4 * Y.nu / Y.eps**2 - Y.D * Y.nu / Y.eps**2
    sample = first(noisy, "differences")
    assert verdict("differences", sample) is HOLDS
    assert verdict("differences", sample, bound=lambda b: b + flat) is expected


# --- premises ------------------------------------------------------------------------------------

BROKEN = {
    "a step lost in rounding": ("differences", Configuration(eps=1e-6), [Y.RESOLVED]),
    "gamma = -0.3": ("monotone", replace(QUICK, gamma=-0.3), [T.CONVEX]),
    "gamma = -0.5": ("ascent", replace(QUICK, gamma=-0.5), [T.CONVEX]),
    "weights that are far": ("direction", replace(QUICK, iterations=1), T.NEAR[1:]),
    "dependent w w^T": ("second-derivatives", MANY, [B.INDEPENDENT]),
    "biases beyond the radius": (
        "signs", Configuration(bias=2.5, radius=0.3, eps=1e-3), all,
    ),
    "signs lost in rounding": (
        "signs", Configuration(dimension=24, neurons=1, hessians=1, networks=200, eps=1e-4,
                               radius=10.4), all,
    ),
    "neurons lost in rounding": ("hessians", Configuration(bias=30.0), [S.VISIBLE]),
    "slopes in noise": ("weights-order", replace(FEW, noise=1e-4), B.SWEPT[-1:]),
    "steps lost in rounding of slopes": (
        "weights-order", replace(FEW, narrowest=1e-4, widest=1e-3), [B.SWEPT[2]],
    ),
    "weights that are not isolated": (
        "weights-order", replace(FEW, dimension=5, neurons=13, starts=70), B.FOUND[:1],
    ),
    "Hessians that do not span": ("biases-order", replace(FEW, hessians=4), B.FOUND[1:2]),
    "few starts": ("weights-order", replace(FEW, starts=9), B.FOUND[2:3]),
    "few steps": ("biases-order", replace(FEW, steps=5), B.FOUND[3:4]),
    "slopes with biases beyond the radius": ("biases-order", replace(FEW, bias=2.5), B.FOUND[4:5]),
    "signs in noise": ("signs", Configuration(noise=0.01), all),
    "a step of descent of 2.5": ("bias-step", replace(SLOWEST, step=2.5, steps=1500), [B.STEP]),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_premise_is_refuted(what):
    name, configuration, without = BROKEN[what]
    sample = first(configuration, name)
    inside = claim(f"identification/{name}").regime(sample.symbols).holds
    assert verdict(name, sample) is (HOLDS if inside.any() else OUT)
    blind = replace(sample, scale=0.0) if what == "a step lost in rounding" else sample
    assert verdict(name, blind, without=without) is REFUTED


def test_fewer_hessians_than_neurons_miss_a_part():
    """Of the span, and of every weight of its own."""
    few = settings.prepare(Configuration(hessians=13), "must fail")
    found, *_ = few.span
    missed = few.networks.squares - networks.inside(found, few.networks.squares)
    assert np.linalg.norm(missed, axis=-1).max(1).min() > 0.1
    assert verdict("sine", first(Configuration(hessians=13), "sine")) is OUT
    assert S.CLAIMS[3].regime({**few.symbols, "E": 1e-3, "s_m": 0.1}).failures


def test_an_even_second_derivative_tells_no_sign():
    """softplus: c_k(R w) - c_k(-R w) has the sign of tau_k s_k."""

    def even(nets, z):
        return 1 / (2 + 2 * np.cosh(z))

    with patch.object(Networks, "second", even):
        sample = first(QUICK, "difference")
        nets = settings.prepare(QUICK, "must fail").networks
        guessed = -np.sign(biases.told(nets.W, nets.hessians, 1.0))
    assert verdict("difference", sample) is REFUTED
    np.testing.assert_array_equal(guessed, np.sign(nets.tau))


def test_the_published_number_of_neurons_with_another_constant():
    """With C = 4 it admits m = 15 in six dimensions, one below the threshold of isolation."""
    many = replace(SMALL, dimension=6, neurons=15, constant=4.0, iterations=300)
    assert verdict("published", first(many, "published")) is REFUTED


# --- procedures ----------------------------------------------------------------------------------


def test_weights_twice_as_isolated():
    plain = networks.isolation

    def twice(U, w):
        s, v = plain(U, w)
        return 2 * s, v

    assert verdict("dichotomy", first(NEAR, "dichotomy")) is HOLDS
    with patch.object(directions, "isolation", twice):
        for name in ("dichotomy", "direction"):
            assert verdict(name, first(NEAR, name)) is REFUTED


def one_sided(oracle, X, eps):
    """Hessians from f(x + i + j) - f(x + i) - f(x + j) + f(x)."""
    D = X.shape[-1]
    unit = eps * np.eye(D)
    f = oracle(X)
    rows = []
    for i in range(D):
        rows.append([oracle(X + unit[i] + unit[j]) - oracle(X + unit[i]) - oracle(X + unit[j]) + f
                     for j in range(D)])  # fmt: skip
    return np.moveaxis(np.array(rows), (0, 1), (2, 3)).reshape(*X.shape[:2], -1) / eps**2


def test_one_sided_differences_are_caught():
    """They err like eps, and ask for more."""
    with patch.object(settings, "differences", one_sided):
        assert verdict("differences", first(Configuration(), "differences")) is REFUTED
    with patch.object(pipeline, "differences", one_sided):
        samples = EXPERIMENT.observe(FEW, salt="must fail", quantities=pipeline.PIPELINE).samples
    for name in ("weights-order", "biases-order", "queries"):
        sample = samples[claim(f"identification/{name}").quantity.name]
        assert verdict(name, sample) is REFUTED


def test_a_subspace_of_too_few_directions_is_caught():
    plain = networks.subspace

    def fewer(rows, m):
        U, s = plain(rows, m)
        return U[:, :-1], s

    with patch.object(pipeline, "subspace", fewer):
        assert verdict("weights-order", first(FEW, "weights-order")) is REFUTED


def test_coefficients_without_gamma_are_caught():
    """Off by the overlaps of the weights."""

    def plain(W, H):
        rows = (W[..., :, None] * W[..., None, :]).reshape(*W.shape[:-1], -1)
        return H @ np.swapaxes(rows, -1, -2), np.ones(W.shape[:-1])

    with patch.object(biases, "coefficients", plain):
        for name in ("second-derivatives", "difference"):
            assert verdict(name, first(QUICK, name)) is REFUTED


def test_signs_by_another_convention_are_caught():
    plain = biases.told

    with patch.object(biases, "told", lambda *given: -plain(*given)):
        assert verdict("signs", first(SIGMOID, "signs")) is REFUTED


@pytest.mark.parametrize(("name", "factor"), [("bias-step", 0.99), ("basin", 0.5)])
def test_a_slow_descent_is_caught(name, factor):
    plain = biases.Fit.descend

    def slow(fit, tau, eta):
        return plain(fit, tau, factor * eta)

    with patch.object(biases.Fit, "descend", slow):
        assert verdict(name, first(SLOWEST, name)) is REFUTED


def test_a_fast_descent_is_caught():
    plain = biases.Fit.descend

    with patch.object(biases.Fit, "descend", lambda fit, tau, eta: plain(fit, tau, 1.01 * eta)):
        assert verdict("slowest", first(SLOWEST, "slowest")) is REFUTED


def test_an_iteration_without_its_shift_is_caught():
    """The shift is in y, but not in the step."""
    plain = networks.climb

    def unshifted(U, x, gamma):
        return plain(U, x, -gamma)[0], plain(U, x, gamma)[1]

    with patch.object(directions, "climb", unshifted):
        for name in ("monotone", "ascent"):
            assert verdict(name, first(QUICK, name)) is REFUTED


@pytest.mark.parametrize(("gamma", "expected"), [(0.0, REFUTED), (0.02, REFUTED), (0.5, HOLDS)])
def test_without_enough_of_a_shift_a_step_may_fall(gamma, expected):
    """The span of A = diag(2, -1), from x with x^T A^3 x = 0: at gamma = 0, F^ falls to 0.

    There F^(x) = <x, A x>^2/|A|^2 and the next x is A x, up to its length.
    """
    A, x = np.diag([2.0, -1.0]) / np.sqrt(5), np.sqrt([1 / 9, 8 / 9])
    U, x = A.reshape(1, 1, 4), x.reshape(1, 1, 2)
    new, y = networks.climb(U, x, gamma)
    F, after = networks.level(U, x), networks.level(U, new)
    assert float(F[0, 0]) == pytest.approx(4 / 45)
    assert gamma > 0 or float(after[0, 0]) == pytest.approx(0)
    sample = Sample(after, {"F": F, "y": y, "gamma": gamma}, scale=directions.LOST)
    for name in ("monotone", "ascent"):
        assert verdict(name, sample) is (OUT if gamma < 0.5 else HOLDS)
        assert verdict(name, sample, without=[T.CONVEX]) is expected


def test_values_that_go_uncounted_are_caught():
    plain = networks.Oracle.__call__

    def forgetful(oracle, X):
        found = plain(oracle, X)
        oracle.count -= X.shape[1] // 100
        return found

    with patch.object(networks.Oracle, "__call__", forgetful):
        assert verdict("queries", first(replace(SMALL, networks=1), "queries")) is REFUTED
