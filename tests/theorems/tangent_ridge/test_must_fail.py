"""False statements, broken premises and broken trainers of tangent ridge are refuted."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests.bench import Bench, verdict
from theory import claim
from theory.theorems.tangent_ridge import symbols as S
from verify.experiments.tangent_ridge import degrees, network, risk, width
from verify.experiments.tangent_ridge.cases import (
    DEFAULT,
    EDGE,
    FEW,
    GAPS,
    HARMONIC,
    KAPPAS,
    LAW,
    MOMENTS,
    NETWORK,
    NOISE,
    ROWS,
    SANDWICH,
    SHARP,
    SQUARE,
    SWEEP,
)
from verify.experiments.tangent_ridge.configuration import Configuration
from verify.experiments.tangent_ridge.setting import Rows, Setting, prepare
from verify.judging.verdict import Verdict

BENCH = Bench("tangent-ridge", "tangent", "must fail")
first, changed = BENCH.first, BENCH.changed
HOLDS, REFUTED, OUT = Verdict.HOLDS, Verdict.REFUTED, Verdict.OUT_OF_REGIME
BEYOND = Configuration(samples=50, dimension=10, neurons=200, networks=1, ridge=0.1, harmonic=2)
GAP = replace(GAPS, networks=100, pilots=10)
"""For the bound alone."""


def mutated(name, sample, **symbols):
    """The sample with other values of some symbols."""
    return replace(sample, symbols={**sample.symbols, **symbols})


def squared_probability(bound):
    """p in place of p (1 - p)."""
    (total,) = bound.atoms(sp.Sum)
    p = (sp.pi - S.angles[total.limits[0][0], total.limits[1][0]]) / (2 * sp.pi)
    body = S.T[total.limits[0][0], total.limits[1][0]] ** 2 * p
    return bound.xreplace({total: sp.Sum(body, *total.limits)})


FALSE = {
    "p for p (1 - p)": ("fluctuation", DEFAULT, squared_probability),
    "N d neurons for N": ("fluctuation", DEFAULT, lambda b: b / 20),
    "one neuron less": ("dead", replace(FEW, networks=1000), lambda b: 2 * b),
    "threshold N >= n": ("memorised", NOISE, lambda b: S.tau_sq * (1 - sp.Integer(4) / S.n)),
    "all is learnt": ("never-below", NOISE, lambda b: S.tau_sq * (1 - (S.rank - 8) / S.n)),
    "Gaussian edge of the least eigenvalue": (
        "edge", EDGE, lambda b: b * (1 - sp.sqrt(sp.Rational(1, 8))) ** 2 * 2,
    ),
    "1/N^2": ("gap-at-most", GAP, lambda b: b / S.N),
    "variances over d once more": ("gap-at-most", GAP, lambda b: b / S.d),
    "targets of the next degree": ("harmonics", BEYOND,
                                   lambda b: 1 - sp.Min(S.n, S.N * S.d) / 210),
    "moments without m_4": ("fourth-moment", MOMENTS, lambda b: b.subs(S.m_4, 0)),
    "half of the self-induced ridge": ("self-induced-at-most", SANDWICH, lambda b: b * 0.9),
}  # fmt: skip


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, bound = FALSE[what]
    sample = first(configuration, name)
    assert verdict(claim(f"tangent/{name}"), sample) is HOLDS
    assert verdict(changed(name, bound=bound), sample) is REFUTED


# --- the width -----------------------------------------------------------------------------------


def test_the_threshold_of_dimensions_alone_is_refuted():
    """rank = min(n - #dead, N d) fails at four neurons: any set of samples may be short."""
    c = replace(FEW, networks=600)
    sample = first(c, "rank")
    setting = prepare(c, "must fail")
    dead = np.concatenate([
        (~setting.rows.active(W).any(-1)).sum(-1) for W in setting.drawn("ranks", 600, 4)
    ])  # fmt: skip
    naive = np.minimum(32 - dead, 4 * 8)
    assert verdict(claim("tangent/rank"), sample) is HOLDS
    assert verdict(claim("tangent/rank"), mutated("rank", sample, generic_rank=naive)) is REFUTED
    above = mutated("rank", sample, generic_rank=naive)
    assert verdict(claim("tangent/rank-at-most"), above) is HOLDS
    without_dead = mutated("rank", sample, generic_rank=np.full(600, 32))
    assert verdict(claim("tangent/rank"), without_dead) is REFUTED


def test_rows_on_a_grid_have_a_smaller_rank():
    """The equality needs a density: repeated directions give less, never more."""
    base = prepare(replace(FEW, samples=12, dimension=3, networks=300), "grid")
    rng = np.random.default_rng(0)
    X = rng.integers(-1, 2, (12, 3)).astype(float)
    X[(X == 0).all(1)] = 1.0
    X += 1e-9 * rng.standard_normal(X.shape)  # no ties of activations
    X = np.round(X / np.linalg.norm(X, axis=1, keepdims=True), 6)
    sample = width.ranks(replace(base, rows=Rows(X)), set(), lambda *_: None).samples["rank"]
    assert verdict(claim("tangent/rank-at-most"), sample) is HOLDS
    assert verdict(claim("tangent/rank"), sample) is REFUTED
    assert verdict(claim("tangent/rank"), mutated("rank", sample, density=0)) is OUT


def test_a_master_bound_without_its_second_moment_is_refuted():
    """E2/n in place of E2 asks for too few neurons."""
    c = replace(ROWS, samples=60)
    setting = prepare(c, "few")
    wrong = Rows(setting.rows.X)
    object.__setattr__(wrong, "E2", setting.rows.E2 / wrong.n)
    few, _, theta = width.needed(wrong, c.epsilon, c.delta)
    with patch.object(width, "needed", lambda *_: (few, np.inf, theta)):
        found = width.eigenvalues(setting, set(), lambda *_: None).samples["least_eigenvalue"]
    assert verdict(claim("tangent/least-eigenvalue"), found) is OUT
    premises = claim("tangent/least-eigenvalue").statement.premises
    anyway = changed("least-eigenvalue", without=premises)
    assert verdict(anyway, found) is REFUTED
    assert verdict(anyway, first(c, "least-eigenvalue")) is HOLDS


def test_one_neuron_many_times_is_refuted():
    drawn = Setting.drawn

    def repeated(self, purpose, count, N):
        for W in drawn(self, purpose, count, N):
            yield np.repeat(W[:, :1], N, axis=1)

    with patch.object(Setting, "drawn", repeated):
        few = replace(ROWS, networks=100)
        for name, configuration in (("least-eigenvalue", few), ("fluctuation", DEFAULT),
                                    ("gap-at-most", GAP)):  # fmt: skip
            assert verdict(claim(f"tangent/{name}"), first(configuration, name)) is REFUTED


def test_neurons_in_place_of_features_give_another_edge():
    setting = prepare(EDGE, "edge")
    sample = width.edges(setting)
    found = []
    lower_edge = width.lower_edge

    def of_neurons(count, spectrum):
        found.append(count)
        return lower_edge(count // 20, spectrum)

    with patch.object(width, "lower_edge", of_neurons):
        other = width.edges(setting)
    assert len(found) == 3
    assert verdict(claim("tangent/edge"), sample) is HOLDS
    assert verdict(claim("tangent/edge"), other) is REFUTED


def test_the_edge_is_claimed_in_its_range_alone():
    """With N d = 2 n, few rows, or few dimensions the heuristic is off, and nothing is said."""
    for fields in ({"neurons": 8}, {"samples": 40}, {"dimension": 10}, {"data": "clustered"}):
        sample = first(replace(EDGE, draws=20, **fields), "edge")
        assert verdict(claim("tangent/edge"), sample) is OUT


# --- the risk ------------------------------------------------------------------------------------


def test_the_first_term_alone_is_no_bound():
    """v_1/N fails at few neurons and a small ridge."""
    c = Configuration(samples=20, dimension=10, neurons=3, ridge=0.01, networks=1000)
    sample = first(c, "gap-at-most")
    assert verdict(changed("gap-at-most", bound=lambda b: S.v_1 / S.N), sample) is REFUTED


def test_the_first_order_needs_its_mean():
    """Not subtracted it is 30 % too large for a large ridge."""
    c = replace(GAPS, samples=20, ridge=10.0, networks=400)
    sample, setting = first(c, "gap-law"), prepare(c, "must fail")
    drift = 10.0 * np.linalg.solve(setting.rows.K + 10 * np.eye(20), setting.alpha)
    mean = float(drift @ setting.law.gram(setting.rows) @ drift)
    as_first_written = mutated("gap-law", sample, V_1=float(sample.symbols["V_1"]) + mean)
    assert verdict(claim("tangent/gap-law"), sample) is HOLDS
    assert verdict(claim("tangent/gap-law"), as_first_written) is REFUTED


def test_a_ridge_that_grows_with_the_width_is_refuted():
    solved = risk.solved

    def scaled(K, lam, y):
        return solved(K, lam * N, y)

    setting, found = prepare(GAP, "ridge"), []
    for N in (24, 48, 96):
        with patch.object(risk, "solved", scaled):
            found.append(risk.gap(setting, N, 100, "gap"))
    wrong = replace(first(GAP, "gap-at-most", "ridge"), values=np.array(found))
    assert verdict(claim("tangent/gap-at-most"), wrong) is REFUTED


def test_no_ridge_is_out_of_the_regime():
    for name in ("gap-at-most", "gap-law"):
        found = first(replace(GAPS, ridge=0.0, networks=30, pilots=100), name)
        assert verdict(claim(f"tangent/{name}"), found) is OUT


def test_published_rates_with_small_constants_are_refuted():
    few = {
        "published-eigenvalue": replace(ROWS, constant=0.1, networks=100),
        "published-risk": Configuration(constant=0.001, sweeps=2, draws=20),
        "published-polynomial": replace(SQUARE, constant=0.001),
    }
    for name, configuration in few.items():
        assert verdict(claim(f"tangent/{name}"), first(configuration, name)) is REFUTED


# --- networks ------------------------------------------------------------------------------------


def test_a_network_of_small_weights_leaves_the_tangent_model():
    small = first(replace(NETWORK, kappa=0.5), "network")
    premises = claim("tangent/network").statement.premises
    assert verdict(claim("tangent/network"), small) is OUT
    assert verdict(changed("network", without=premises), small) is REFUTED


def uncoupled(pairs):
    rng = np.random.default_rng(5)
    W = np.concatenate([pairs, np.abs(pairs[:1]).max() * rng.standard_normal(pairs.shape)], axis=1)
    return network.Network(W.copy(), W)


def decaying(self, X, y, eta, lam):
    """Weight decay on W, not on W - W_0."""
    slope = (self.signs[:, None] * (self.W @ X.T > 0) * (self(X) - y)[:, None, :]) @ X
    self.W = self.W - eta[:, None, None] * (slope + lam * self.W)


def averaged(self, X, y, eta, lam):
    """The gradient of the mean."""
    slope = (self.signs[:, None] * (self.W @ X.T > 0) * (self(X) - y)[:, None, :]) @ X
    self.W = self.W - eta[:, None, None] * (slope / len(y) + lam * (self.W - self.start))


@pytest.mark.parametrize(("name", "broken"), [("coupled", uncoupled), ("step", averaged)])
def test_a_broken_network_is_refuted(name, broken):
    with patch.object(network.Network, name, broken):
        sample = first(replace(NETWORK, ridge=0.1), "network")
    kept = mutated("network", sample, flips=0 * sample.symbols["flips"])
    assert verdict(claim("tangent/network"), kept) is REFUTED


def test_decay_of_the_weights_themselves_is_the_same():
    """The two neurons of a pair shrink alike, and activations do not see it: f is the same."""
    with patch.object(network.Network, "step", decaying):
        sample = first(replace(NETWORK, ridge=0.01), "network")
    assert verdict(claim("tangent/network"), sample) is HOLDS


@pytest.mark.parametrize(
    ("name", "configuration", "exponent"),
    [("excess-slope", replace(SWEEP, sweeps=30, draws=30), -0.5), ("network-slope", KAPPAS, -2.0)],
)
def test_a_slope_of_another_power_is_refuted(name, configuration, exponent):
    near = risk.near
    other = network if name == "network-slope" else risk
    with patch.object(other, "near", lambda slopes, _, *rest: near(slopes, exponent, *rest)):
        assert verdict(claim(f"tangent/{name}"), first(configuration, name)) is REFUTED


# --- degrees -------------------------------------------------------------------------------------


def test_polynomial_ridge_without_the_self_induced_term_is_refuted():
    """At n = d the certificate is passed many times over."""
    sample, original = first(SQUARE, "certificate"), degrees.polynomial

    def plain(setting, rows, y, plain=True):
        return original(setting, rows, y, plain=True)

    with patch.object(degrees, "polynomial", plain):
        wrong = first(SQUARE, "certificate")
    assert verdict(claim("tangent/certificate"), sample) is HOLDS
    assert verdict(claim("tangent/certificate"), wrong) is REFUTED
    bound = claim("tangent/certificate").evaluate(wrong.symbols).bound
    assert (wrong.values / bound).max() > 3


def test_the_second_term_of_the_certificate_alone_is_refuted():
    sample = first(SQUARE, "certificate")
    alone = changed("certificate", bound=lambda b: b.subs(S.norm_M, 0))
    assert verdict(alone, sample) is REFUTED


def test_the_law_without_the_self_induced_term_is_refuted():
    """The degrees <= 1 with lambda alone: they would do twice as well."""
    c = replace(LAW, samples=40, quadratic=0.0)
    sample = first(c, "risk-law")
    sizes = degrees.sizes(prepare(c, "must fail"))
    low = np.where(np.arange(len(sample.symbols["gammas"]))[:, None] <= 1,
                   sample.symbols["gammas"], 0.0)  # fmt: skip
    plain = [float(degrees.fixed_point(n, d, c.ridge, 1).kappa) for n, d in sizes]
    wrong = mutated("risk-law", sample, gammas=low, kap=np.array(plain))
    premises = claim("tangent/risk-law").statement.premises
    assert verdict(claim("tangent/risk-law"), sample) is HOLDS
    assert verdict(claim("tangent/risk-law"), wrong) is OUT  # kap is the root of another equation
    assert verdict(changed("risk-law", without=premises), wrong) is REFUTED


def test_the_sandwich_needs_the_largest_coefficient_beyond_the_degree():
    """gamma_3 = 0: with mu_{l+1} in place of the largest the lower end is above kap at l = 2."""
    for d, n in ((2, 40), (25, 100), (10, 500)):
        c = replace(SANDWICH, dimension=d, samples=n)
        sample = first(c, "self-induced-at-least")
        tail = degrees.self_induced(d, 2)
        kap = sample.values
        n_grid = np.unique(np.round(np.geomspace(1, n * d, degrees.GRID)))
        as_first_written = degrees.fixed_point(n_grid, d, c.ridge + tail, 2).kappa
        wrong = mutated("self-induced-at-least", sample, kap_less=as_first_written)
        assert verdict(claim("tangent/self-induced-at-least"), sample) is HOLDS
        assert verdict(claim("tangent/self-induced-at-least"), wrong) is REFUTED
        assert (as_first_written / kap).max() > 1.002


def test_targets_that_are_not_isotropic_can_be_learnt():
    """One fixed target of degree 4 on the rows: the mean over targets matters."""
    setting = prepare(replace(HARMONIC, samples=4, neurons=60, ridge=0.0, networks=3), "fixed")
    found = degrees.harmonics(setting)
    assert verdict(claim("tangent/harmonics"), found) is HOLDS
    better = replace(found, values=0.9 * found.values * found.symbols["B_k"] ** -1)
    assert verdict(claim("tangent/harmonics"), better) is REFUTED


def test_a_large_ridge_makes_the_bound_nearly_sharp():
    """So a bound of 0.85 of it is refuted."""
    c = replace(SHARP, ridge=100.0, samples=20, dimension=20, networks=3000)
    sample = first(c, "gap-at-most")
    assert verdict(claim("tangent/gap-at-most"), sample) is HOLDS
    assert verdict(changed("gap-at-most", bound=lambda b: 0.8 * b), sample) is REFUTED
