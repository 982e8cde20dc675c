"""False statements, broken premises and broken trainers of quadratic networks are refuted."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests.bench import Bench, of_twins, verdict
from theory import claim, laws
from theory.theorems.quadratic_networks import certificates, global_rate, landscape
from verify.experiments.quadratic_networks import dynamics, networks, smooth
from verify.experiments.quadratic_networks.cases import (
    BASIN,
    MINIMA,
    NEAR,
    SADDLE,
    SHARP,
    SMOOTH,
    WIDE,
    WORST,
)
from verify.experiments.quadratic_networks.configuration import Configuration
from verify.experiments.quadratic_networks.setting import Setting
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict

BENCH = Bench("quadratic-networks", "quadratic", "must fail")
first, changed = BENCH.first, BENCH.changed
RANDOM = Configuration(dimension=5, samples=40, steps=1500)
HOLDS, REFUTED, OUT = Verdict.HOLDS, Verdict.REFUTED, Verdict.OUT_OF_REGIME


def faster(times):
    """The rate 1 - x of a bound (1 - x)^t g as 1 - times x."""

    def change(bound):
        (power,) = (p for p in bound.atoms(sp.Pow) if p.exp == global_rate.t or
                    p.exp == certificates.t)  # fmt: skip
        return bound.xreplace({power: (1 - times * (1 - power.base)) ** power.exp})

    return change


L, G, C = landscape, global_rate, certificates
FALSE = {
    "half of <G, W>": ("gap-identity", NEAR, lambda b: b + L.gw / 4),
    "half of the curvature": ("certified-gap", SADDLE, lambda b: (b + L.gw / 4) / 2),
    "twice the way down": ("strict-saddle", SADDLE, lambda b: 2 * b),
    "Q with the sign of P": ("recursion", NEAR, lambda b: b.subs(L.sign, 1)),
    "the second order of P left out": ("recursion", NEAR, lambda b: b.subs(L.twice, 0)),
    "half of the drift": ("imbalance-bound", Configuration(), lambda b: b / 2),
    "d^2 in the law": (
        "minimum-law", MINIMA,
        lambda b: laws.ChiSquared(sp.Max(L.n - L.d**2, sp.S.Half)),
    ),
    "rate times 1.1": ("global-rate", SHARP, faster(1.1)),
    "rate times 1.5": ("global-rate", replace(SHARP, target_scale=0.3), faster(1.5)),
    "rate times 10": ("global-rate", RANDOM, faster(10)),
    "flow times 1.1": ("flow-rate", SHARP, lambda b: b * sp.exp(sp.log(b / G.g_0) / 10)),
    "beta of mu alone": ("global-size", Configuration(), lambda b: b - G.hi / 2),
    "a drift of a quarter": ("global-drift", Configuration(), lambda b: b / 4),
    "nearby rate times 1.5": ("smooth-rate", WORST, faster(1.5)),
    "a shorter way": ("smooth-path", WORST, lambda b: b / 1.2),
    "rank as of tanh": ("rank", Configuration(), lambda b: sp.Min(C.n, C.k * C.d)),
    "rank as of squares": (
        "rank-smooth", Configuration(),
        lambda b: claim("quadratic/rank").statement.bound,
    ),
    "published rate": (
        "published-rate", replace(SMOOTH, activation="square", dimension=12, positive=6, negative=6,
                                  published_samples=1.0, published_rate=0.5), None,
    ),
}  # fmt: skip


right = of_twins(FALSE, BENCH.observed)


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, bound = FALSE[what]
    sample = right(configuration)[name]
    if bound is None:  # a constant that is no constant of the theorem
        assert verdict(claim(f"quadratic/{name}"), sample) is REFUTED
        return
    assert verdict(claim(f"quadratic/{name}"), sample) is HOLDS
    assert verdict(changed(name, bound=bound), sample) is REFUTED


MISTAKEN = {
    "sigma_1 for sigma_d": {G.lo: G.norm_C - G.eta * G.g_0},
    "mu left out": {G.mu: 0 * G.c},
}


@pytest.mark.parametrize("what", MISTAKEN)
def test_a_mistaken_constant_is_refuted(what):
    """Where neurons are many: in the sharp case both are nearly the right ones."""
    name = "global-rate" if what.startswith("sigma") else "global-size"
    sample = first(RANDOM, name)
    wrong = changed(name, definitions=MISTAKEN[what])
    assert verdict(claim(f"quadratic/{name}"), sample) is HOLDS
    assert verdict(wrong, sample) is REFUTED


# --- premises ------------------------------------------------------------------------------------


def test_one_neuron_of_each_sign_has_bad_minima():
    """d = 6: descent ends where the gradient and the curvature say that all is well."""
    few = Configuration(dimension=6, positive=1, negative=1, start="independent", steps=4000)
    sample = first(few, "certified-gap")
    assert verdict(claim("quadratic/certified-gap"), sample) is OUT
    assert verdict(changed("certified-gap", without=all), sample) is REFUTED


def test_neurons_of_one_sign_have_bad_minima():
    one = Configuration(positive=8, negative=0, start="independent", steps=4000)
    sample = first(one, "certified-gap")
    assert verdict(claim("quadratic/certified-gap"), sample) is OUT
    assert verdict(changed("certified-gap", without=all), sample) is REFUTED


def test_local_minima_of_few_neurons_are_bad():
    """Found by descent: Levenberg-Marquardt stops at slopes of 1e-10 where the loss is not 0."""
    sample = first(replace(NEAR, trials=20, optimiser="descent", steps=6000), "local-minima")
    few = changed("local-minima", without=L.ENOUGH)
    assert verdict(claim("quadratic/local-minima"), sample) is HOLDS
    assert verdict(few, sample) is REFUTED


def test_a_threshold_at_twice_as_many_samples():
    sample = first(MINIMA, "threshold")
    late = changed("threshold", without=all)
    st = replace(late.build(), premises=(L.n <= 2 * L.DIMENSION,))
    assert verdict(replace(late, build=lambda: st), sample) is REFUTED


@pytest.mark.parametrize(("constant", "expected"), [(2 / 3, HOLDS), (0.7, HOLDS), (0.8, REFUTED)])
def test_the_constant_of_the_published_sample_size(constant, expected):
    """d = 3: 1/2 + 1/(2d) = 2/3 is right, and no number that admits n = 7."""
    sample = first(replace(MINIMA, published_samples=constant), "published-size")
    assert verdict(claim("quadratic/published-size"), sample) is expected


def test_without_negative_weights_at_the_start_nothing_is_known():
    """W_- = 0: C = 0, and the network is stuck where M* has a negative part."""
    plain = Setting.weights

    def half(setting, purpose, count):
        W = plain(setting, purpose, count).copy()
        W[:, setting.up :] = 0.0
        return W

    with patch.object(Setting, "weights", half):
        sample = first(Configuration(steps=3000), "global-rate")
        found = first(replace(NEAR, steps=3000), "certified-gap")
    assert verdict(claim("quadratic/global-rate"), sample) is OUT
    assert found.values[-1].min() > 1e-3
    assert found.symbols["trace_minus"] > 0


def test_a_step_size_above_its_limit():
    """Errors are not monotone: the premise on eta is what keeps them so."""
    far = replace(SMOOTH, step=9.0)
    sample = first(far, "smooth-rate")
    assert verdict(claim("quadratic/smooth-rate"), sample) is OUT
    free = changed("smooth-rate", without=C.CERTIFICATE[2:3])
    assert verdict(free, sample) is REFUTED


def test_descent_that_diverges_is_out_of_the_regime():
    sample = first(Configuration(step=60.0), "global-rate")
    assert verdict(claim("quadratic/global-rate"), sample) is OUT
    assert verdict(changed("global-rate", without=all), sample) is REFUTED


def certificate_of(kappa_of, *, seeds=34, noise=1e-3, steps=4000):
    """n = 12 labels, 6 weights: certificates of planted starts, with `kappa_of` the Jacobian."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((seeds, 12, 2))
    W = rng.standard_normal((seeds, 3, 2))
    v, q = np.array([30.0, 30.0, -30.0]), 0.5
    net = smooth.Network(X, v, smooth.activation(Configuration()))
    f = net.outputs(W)
    e = noise * rng.standard_normal(f.shape)
    y = f - e
    (_, b), kappa, ell = smooth.ends(net.jacobian(W)), kappa_of(net.jacobian(W)), net.ell
    e_0 = np.linalg.norm(e, axis=1)
    disc = (kappa**2 - 2 * ell * e_0 / q).clip(min=0)
    R = 2 * e_0 / (q * (kappa + np.sqrt(disc)) + 1e-300)
    eta = (1 - q) / ((b + ell * R * (disc > 0)) ** 2 / 2 + ell * e_0 / 2)
    errors = [e_0]
    for _ in range(steps):
        W = W - eta[:, None, None] * net.pulled(W, e)
        e = net.outputs(W) - y
        errors.append(np.linalg.norm(e, axis=1))
    f_0 = np.linalg.norm(f, axis=1)
    symbols = {"n": 12, "d": 2, "k": 3, "q": q, "kappa": kappa, "b": b, "ell": ell, "e_0": e_0,
               "f_0": f_0, "eta": eta}  # fmt: skip
    t = np.arange(steps + 1)[:, None] * np.ones(seeds)
    values = np.array(errors)
    wide = {name: np.broadcast_to(value, values.shape) for name, value in symbols.items()}
    return Sample(values, {**wide, "t": t}, scale=np.broadcast_to(1e-5 * f_0, values.shape))


def test_kappa_is_the_n_th_singular_value():
    """Of 12 rows and 6 columns svd gives 6: with the least of them the rate is false."""
    least = certificate_of(lambda J: np.linalg.svd(J, compute_uv=False)[:, -1])
    more = changed("smooth-rate", without=C.CERTIFICATE[:1])
    assert verdict(more, least) is REFUTED
    assert verdict(claim("quadratic/smooth-rate"), least) is OUT
    right = certificate_of(lambda J: smooth.ends(J)[0], steps=2)
    assert verdict(more, right) is OUT


def test_more_samples_than_dimensions_are_not_wide():
    """d = n = 6: without sqrt(d) > sqrt(n) + u the square of a negative number is no bound."""
    square = replace(WIDE, dimension=6, samples=6, activation="linear", delta=0.05, trials=100)
    sample = first(square, "wide-kernel")
    assert verdict(claim("quadratic/wide-kernel"), sample) is OUT
    literal = changed("wide-kernel", without=all)
    assert verdict(literal, sample) is REFUTED


def test_uneven_neurons_follow_no_d_x_d_recursion():
    sample = first(replace(NEAR, uneven=1.0), "recursion")
    assert verdict(claim("quadratic/recursion"), sample) is OUT
    assert verdict(changed("recursion", without=all), sample) is REFUTED


def test_saddles_need_one_neuron_more_than_dimensions():
    """With k_s = d a direction that does not move W^T D_v W is missing."""
    one = Configuration(dimension=1, samples=1, positive=1, negative=1, start="independent")
    sample = first(one, "strict-saddle")
    assert verdict(claim("quadratic/strict-saddle"), sample) is OUT
    enough = changed("strict-saddle", without=all)
    assert verdict(enough, sample) is REFUTED


def test_on_a_line_ranks_are_lost_in_rounding():
    sample = first(Configuration(dimension=7), "rank-smooth")
    assert verdict(claim("quadratic/rank-smooth"), sample) is HOLDS
    assert verdict(changed("rank-smooth", without=all), sample) is REFUTED


def test_an_error_that_is_rounding_has_no_rate():
    """The bound falls on for 2000 steps, the error no further than rounding lets it."""
    tiny = first(replace(SMOOTH, reach=1e-12, steps=2000), "smooth-rate")
    assert verdict(claim("quadratic/smooth-rate"), tiny) is OUT
    blind = changed("smooth-rate", without=C.CERTIFICATE[3:])
    assert verdict(blind, replace(tiny, scale=0.0)) is REFUTED


# --- trainers ------------------------------------------------------------------------------------


def test_a_slow_descent_is_caught():
    plain = networks.descend

    def slow(W, v, data, eta, steps):
        return plain(W, v, data, eta / 2, steps)

    with patch.object(dynamics, "descend", slow):
        for name in ("global-rate", "recursion"):
            sample = first(SHARP, name)
            assert verdict(claim(f"quadratic/{name}"), sample) is REFUTED


def test_a_gradient_with_another_sign_is_caught():
    plain = networks.gradient

    def wrong(W, v, S):
        return plain(W, np.abs(v), S)

    with patch.object(networks, "gradient", wrong), patch.object(dynamics, "gradient", wrong):
        sample = first(NEAR, "gap-identity")
    assert verdict(claim("quadratic/gap-identity"), sample) is REFUTED


def test_a_hessian_without_its_second_part_is_caught():
    plain = networks.hessian

    def positive(W, v, data):
        """The Gauss-Newton part alone: no saddle shows."""
        zero = replace(data, y=data.outputs(networks.second_moment(W, v))[0])
        return plain(W[:1], v, zero).repeat(len(W), 0)

    with patch.object(dynamics, "hessian", positive):
        for name in ("certified-gap", "strict-saddle"):
            sample = first(SADDLE, name)
            assert verdict(claim(f"quadratic/{name}"), sample) is REFUTED


def test_minima_that_were_not_reached_are_out_of_the_regime():
    sample = first(replace(MINIMA, steps=1), "minimum-law")
    assert verdict(claim("quadratic/minimum-law"), sample) is OUT
    blind = changed("minimum-law", without=[L.FITTED])
    assert verdict(blind, sample) is REFUTED


def test_a_slow_descent_of_a_smooth_network_is_caught():
    plain = smooth.Network.pulled

    def slow(network, W, e):
        return plain(network, W, e) / 2

    with patch.object(smooth.Network, "pulled", slow):
        sample = first(WORST, "smooth-rate")
    assert verdict(claim("quadratic/smooth-rate"), sample) is REFUTED


def test_what_is_judged_as_planted_is_planted():
    """A basin around another network is none."""
    sample = first(BASIN, "basin")
    far = replace(sample, symbols={**sample.symbols, "r": sample.symbols["r"] / 8})
    assert verdict(claim("quadratic/basin"), sample) is HOLDS
    assert verdict(claim("quadratic/basin"), far) is REFUTED
