"""False statements, broken networks and broken estimators of sparse deep regression are refuted."""

import math
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
import torch

from tests.bench import Bench, of_twins, verdict
from theory import claim
from theory.theorems.sparse_deep_regression import symbols as S
from verify.experiments.sparse_deep_regression import classes, networks, oracle, rates, wavelets
from verify.experiments.sparse_deep_regression.cases import (
    CLASS,
    COVER,
    DEFAULT,
    EXPONENTIAL,
    HAAR,
    HOMES,
    RATES,
    SLOPE,
    SQUARE,
    TRAINED,
    TREES,
    WAVELETS,
)
from verify.judging.verdict import Verdict

BENCH = Bench("sparse-deep-regression", "sparse", "must fail")
first, changed = BENCH.first, BENCH.changed
HOLDS, REFUTED, OUT = Verdict.HOLDS, Verdict.REFUTED, Verdict.OUT_OF_REGIME
PLANE = replace(WAVELETS, variables=2)
FOUR = replace(TREES, factors=4)


def without_shifts(bound):
    """The paths from the inputs alone."""
    j = bound.limits[0][0]
    return sp.Sum(bound.function, (j, 0, 0))


FALSE = {
    "a layer for nothing": ("sawtooth-supremum", DEFAULT, lambda b: b / 4),
    "4^{-(m+2)}": ("product-supremum", DEFAULT, lambda b: b / 4),
    "2^{q-1} for 2^q - 1": ("tree", FOUR, lambda b: 2 ** (S.q - 1) * 4 ** (-S.m - 1)),
    "a parameter less": ("tree-nonzeros", TREES, lambda b: b - 1),
    "width 5": ("tree-width", TREES, lambda b: b * sp.Rational(5, 6)),
    "Gamma(beta + 2)": ("hoelder", SQUARE, lambda b: b.replace(
        sp.gamma(S.beta + 1), sp.gamma(S.beta + 2))),
    "a power of M more": ("hoelder-slope", SLOPE, lambda b: b - 1),
    "no hats": ("hoelder-layers", SQUARE, lambda b: b - 2),
    "no shifts": ("modulus", COVER, without_shifts),
    "no shifts, attained": ("modulus-attained", COVER, without_shifts),
    "half the points": ("centres", COVER, lambda b: b.subs(S.eps, 2 * S.eps)),
    "half the functions": ("exponential", EXPONENTIAL, lambda b: b / 2),
    "the Haar slope of one input in the plane": (
        "haar-slope-at-most", PLANE, lambda b: b.subs(S.d, 1)),
    "a flat Haar slope": ("haar-slope-at-least", WAVELETS, lambda b: b / 2),
    "coefficients twice as large": ("keep-or-kill", HAAR, lambda b: 4 * b),
}  # fmt: skip


right = of_twins(FALSE, BENCH.observed)


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, bound = FALSE[what]
    sample = right(configuration)[name]
    assert verdict(claim(f"sparse/{name}"), sample) is HOLDS
    assert verdict(changed(name, bound=bound), sample) is REFUTED


def test_coefficients_of_half_the_denominator_are_refuted():
    """4 d^2 in place of 16 d^2, where the last level matters."""
    c = replace(HAAR, variables=3, draws=600, noise=0.5)
    sample = first(c, "haar")

    def larger(bound):
        (total,) = bound.atoms(sp.Sum)
        (least,) = total.function.atoms(sp.Min)
        other = sp.Min(*(a if a.has(S.sigma) else 4 * a for a in least.args))
        return bound.xreplace({total: total.xreplace({least: other})})

    assert verdict(claim("sparse/haar"), sample) is HOLDS
    assert verdict(changed("haar", bound=larger), sample) is REFUTED


# --- networks ------------------------------------------------------------------------------------


def spoiled(build, layer, entry, value):
    """A network with one parameter changed; entry (row, column), or (row,) of a shift."""

    def made(*args):
        network = build(*args)
        tensor = (network.weights if len(entry) == 2 else network.shifts)[layer]
        with torch.no_grad():
            tensor[entry] = value
        return network

    return made


SPOILED = {
    "1/4 of the first layer as 1/2": (1, (0, 0), 1.0),
    "no 1/4 at the end": (-3, (0,), 0.0),
    "not clipped": (-1, (0,), -2.0),
    "the threshold of the first tooth": (1, (1,), 0.25),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_multiplication_is_refuted(what):
    layer, entry, value = SPOILED[what]
    with patch.object(networks, "multiplication", spoiled(networks.multiplication, layer, entry,
                                                          value)):  # fmt: skip
        for name in ("product", "product-supremum"):
            assert verdict(claim(f"sparse/{name}"), first(DEFAULT, name)) is REFUTED


def test_hats_at_the_wrong_knots_are_refuted():
    made = networks.hoelder_sieve

    def shifted(coefficients, exponents, M, m):
        return made(np.roll(coefficients, 1, axis=0), exponents, M, m)

    networks.sieves_of.cache_clear()
    with patch.object(networks, "hoelder_sieve", shifted):
        sample = first(SQUARE, "hoelder")
    networks.sieves_of.cache_clear()
    assert verdict(claim("sparse/hoelder"), sample) is REFUTED


def test_parameters_that_are_not_scaled_are_refuted():
    """Hats of slope M in one layer."""
    with patch("verify.training.explicit.network.Part.grown",
               lambda self, factor: self.read(factor * np.eye(len(self.A)))):  # fmt: skip
        networks.sieves_of.cache_clear()
        sample = first(replace(TREES, knots=8), "parameters")
    networks.sieves_of.cache_clear()
    assert verdict(claim("sparse/parameters"), sample) is REFUTED


def test_out_of_the_regime():
    space = replace(SQUARE, variables=2)
    assert verdict(claim("sparse/hoelder"), first(space, "hoelder")) is OUT
    rough = replace(SQUARE, beta=1.5)
    assert verdict(claim("sparse/hoelder-variables"), first(rough, "hoelder")) is OUT
    few = replace(SLOPE, m=2)
    assert verdict(claim("sparse/hoelder-slope"), first(few, "hoelder-slope")) is OUT
    large = replace(HAAR, noise=100.0, trials=2)
    assert verdict(claim("sparse/haar-rate"), first(large, "haar-rate")) is OUT
    short = replace(RATES, largest=512, sweeps=2)
    assert verdict(claim("sparse/sieve-slope"), first(short, "sieve-slope")) is OUT
    quiet = replace(CLASS, noise=0.5, trials=2)
    name = "published-inequality"
    assert verdict(claim(f"sparse/{name}"), first(quiet, name)) is OUT


# --- covers and the oracle inequality ------------------------------------------------------------


def test_a_cover_of_half_the_points_is_refuted():
    made = classes.centre
    with patch.object(classes, "centre", lambda theta, eps: made(theta, 2 * eps)):
        assert verdict(claim("sparse/cover"), first(COVER, "cover")) is REFUTED


def test_kappa_that_is_t_is_refuted():
    temper = oracle.temper
    with patch.object(oracle, "temper", lambda c: (temper(c)[0], temper(c)[0])):
        sample = first(EXPONENTIAL, "exponential")
    assert verdict(claim("sparse/exponential"), sample) is REFUTED


def test_more_noise_than_said_is_refuted():
    drawn = oracle.regressions

    def louder(rng, trials, n, cells, sigma):
        return drawn(rng, trials, n, cells, 2 * sigma)

    with patch.object(oracle, "regressions", louder):
        sample = first(EXPONENTIAL, "exponential")
    assert verdict(claim("sparse/exponential"), sample) is REFUTED


MANY = replace(EXPONENTIAL, candidates=1024, draws=100, failure=0.3, trials=1000)


def test_one_function_at_a_time_is_not_all_at_once():
    """log N dropped."""
    with patch.object(oracle, "log_size", lambda N: 0.0):
        sample = first(MANY, "all-at-once")
    assert verdict(claim("sparse/all-at-once"), first(MANY, "all-at-once")) is HOLDS
    assert verdict(claim("sparse/all-at-once"), sample) is REFUTED


def test_an_estimator_that_does_not_look_at_the_data_is_refuted():
    with patch.object(oracle, "choose", lambda c, empirical, R: (
            np.full(len(empirical), R.argmax()), 0.0)):  # fmt: skip
        sample = first(CLASS, "inequality")
    assert verdict(claim("sparse/inequality"), first(CLASS, "inequality")) is HOLDS
    assert verdict(claim("sparse/inequality"), sample) is REFUTED


def test_the_training_error_alone_is_no_bound():
    """Noise is learnt by heart, and log N is what that costs."""
    c = replace(TRAINED, draws=200, noise=1.0, ceiling=3.0, width=16, depth=2, nonzeros=999,
                steps=200, networks=80, temperature=0.8, radius=1e-9)  # fmt: skip
    assert verdict(claim("sparse/trained"), first(c, "trained")) is HOLDS
    with patch.object(oracle, "log_centres", lambda *_: 0.0):
        sample = first(c, "trained")
    assert verdict(claim("sparse/trained"), sample) is REFUTED


# --- wavelets ------------------------------------------------------------------------------------


def test_shrinking_coefficients_is_no_keep_or_kill():
    """Wiener's filter is better than any choice."""
    sample, sigma = first(HAAR, "keep-or-kill"), HAAR.noise**2 / HAAR.draws
    true = sample.symbols["coefficients"]
    weight = true**2 / (true**2 + sigma)
    tail = 4.0 ** -int(sample.symbols["J"]) / (12 * HAAR.variables)
    estimated = sample.symbols["gap"].T + true
    loss = ((weight * estimated - true) ** 2).sum(1) + tail
    assert verdict(claim("sparse/keep-or-kill"), replace(sample, values=loss)) is REFUTED


def test_quieter_coefficients_than_the_data_allow_are_refuted():
    analyse = wavelets.analyse

    def better(X, Y, J):
        true = wavelets.coefficients(X.shape[-1], J)
        return true + 0.5 * (analyse(X, Y, J) - true)

    with patch.object(wavelets, "analyse", better):
        assert verdict(claim("sparse/haar"), first(HAAR, "haar")) is REFUTED


BEYOND = {
    "loud, the sieve": ("sieve-slope", replace(RATES, noise=100.0)),
    "few hats": ("sieve-slope", replace(RATES, alpha=1.0, smallest=16, largest=256, noise=0.05)),
    "loud, Haar": ("haar-slope-at-most", replace(RATES, noise=1e3)),
    "few coefficients": ("haar-slope-at-most", replace(RATES, alpha=1.0, smallest=16, largest=256)),
    "all that are written out": ("haar-slope-at-most", replace(RATES, alpha=0.1, noise=0.02)),
}


@pytest.mark.parametrize("what", BEYOND)
def test_slopes_depart_beyond_their_regime(what):
    """At least three n over a factor of 16 are no premise enough."""
    name, c = BEYOND[what]
    sample, original = first(c, name), claim(f"sparse/{name}")
    st = replace(original.build(), premises=original.build().premises[:2])
    assert verdict(original, sample) is OUT
    assert verdict(replace(original, build=lambda: st), sample) is REFUTED


def test_too_few_hats_do_not_have_the_rate():
    made = rates.least_squares
    with patch.object(rates, "least_squares", lambda u, Y, M: made(u, Y, math.ceil(M**0.5))):
        sample = first(replace(RATES, sweeps=40), "sieve-slope")
    assert verdict(claim("sparse/sieve-slope"), sample) is REFUTED


def test_published_rates_with_other_constants_are_refuted():
    few = {"published-rate": replace(RATES, constant=1e-4, sweeps=20),
           "published-wavelets": replace(HOMES["published-wavelets"], constant=10.0)}  # fmt: skip
    for name, configuration in few.items():
        assert verdict(claim(f"sparse/{name}"), first(configuration, name)) is REFUTED
