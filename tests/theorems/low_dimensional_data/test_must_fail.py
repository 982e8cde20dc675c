"""Data in a subspace: false statements, broken premises and broken trainers are refuted."""

from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
import torch

from tests.bench import of_twins
from tests.theorems.low_dimensional_data.test_theorem import BENCH, LEVEL, SMALL, first
from theory import claim
from theory.theorems.low_dimensional_data.symbols import (
    B,
    L,
    beta_sq,
    delta_0,
    drift,
    eta,
    intercept,
    k_max,
    kurtosis,
    n,
    off,
    q,
    s_sq,
    sigma,
    start,
    t,
    wd,
)
from verify.experiments.low_dimensional_data import networks
from verify.experiments.low_dimensional_data.noise import watched
from verify.experiments.low_dimensional_data.setting import prepare
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge
from verify.training import chains
from verify.training.ensemble import Ensemble

DECAY = replace(SMALL, weight_decay=0.2, depth=2)
OFF = replace(SMALL, redraws=3000, weight_decay=0.1)
NOISE = replace(SMALL, samples=30, dimension=24, regressions=3000, noise=0.4)
LINEAR = replace(SMALL, start=0.05, networks=20, layers=4, steps=300)


def changed(name, put=None, premises=None, bound=None):
    """The claim with symbols of its bound replaced, other premises, or another bound."""
    original = claim(f"subspace/{name}")
    statement = original.build()
    new = statement.bound if bound is None else sp.sympify(bound)
    new = new.subs(put or {}, simultaneous=True)
    kept = statement.premises if premises is None else tuple(premises)
    known = {name: value.subs(put or {}, simultaneous=True)
             for name, value in statement.definitions.items()}  # fmt: skip
    changes = {"bound": new, "premises": kept, "definitions": known}
    return replace(original, build=lambda: replace(statement, **changes))


def verdict(judged, sample):
    return judge(judged, sample, LEVEL).verdict


FALSE = {
    "no decay of what is untrained": ("untrained", DECAY, {wd: 0}, None),
    "decay of one step more": ("untrained", DECAY, {t: t + 1}, None),
    "d for q in the law": ("gradient", DECAY, {q: q + 3}, None),
    "no decay in the law": ("gradient", DECAY, {wd: 0}, None),
    "d for q at two points": ("two-points", DECAY, {q: q + 3}, None),
    "half of the radius": ("smoothed", OFF, {sigma: sigma / 2}, None),
    "sigma^2 s for the radius": ("spread", OFF, {sigma: sigma**2}, None),
    "half of the radius in the variance": ("spread", OFF, {sigma: sigma / 2}, None),
    "no defect of descent": ("balance", LINEAR, {drift: 0}, None),
    "||beta|| for its square": ("outer-at-most", LINEAR, {beta_sq: sp.sqrt(beta_sq)}, None),
    "the other end of K": (
        "outer-at-least", replace(LINEAR, start=0.5), {k_max: -k_max}, None,
    ),
    "a chain without its start": ("chain", replace(LINEAR, start=0.4), {delta_0: 0}, None),
    "a chain without its defect": ("chain", replace(LINEAR, start=0.4), {eta: 0}, None),
    "a layer more": ("chain", LINEAR, {L: L + 1}, None),
    "exponent 1/L": ("depth", LINEAR, None, B ** (1 / L)),
    "n - d for n - d - 1": ("least-squares", NOISE, {n: n + 1}, None),
    "the law of n - d degrees": ("least-squares-law", NOISE, {n: n + 4}, None),
    "no intercept counted": (
        "least-squares-law", replace(NOISE, dimension=8, samples=10, intercept=True),
        {intercept: 0}, None,
    ),
    "half of the time to escape": ("escape-time", SMALL, {s_sq: 2 * s_sq}, None),
    "two layers' time": ("escape-at-least", replace(SMALL, start=0.05), {start: start**2}, None),
}  # fmt: skip


right = of_twins(FALSE, BENCH.observed)


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, put, bound = FALSE[what]
    sample = right(configuration)[name]
    assert verdict(claim(f"subspace/{name}"), sample) is Verdict.HOLDS
    assert verdict(changed(name, put, bound=bound), sample) is Verdict.REFUTED


FALLING = replace(SMALL, weight_decay=1.0, redraws=3000, step=0.05)
OF_RATES = ("untrained", "gradient", "two-points", "smoothed")


@cache
def with_schedule(schedule):
    """What the claims on rates are judged by, trained once for all of them."""
    return BENCH.everywhere(replace(FALLING, schedule=schedule), OF_RATES)


@pytest.mark.parametrize("schedule", ["cosine", "drop"])
@pytest.mark.parametrize("name", OF_RATES)
def test_a_schedule_is_not_its_first_rate(name, schedule):
    """f_t is a product over the steps; (1 - eta omega)^t is that of a constant rate alone."""
    sample = with_schedule(schedule)[name][-1]
    constant = np.full_like(sample.symbols["rates"], FALLING.step)
    forgotten = replace(sample, symbols={**sample.symbols, "rates": constant})
    assert verdict(claim(f"subspace/{name}"), sample) is Verdict.HOLDS
    assert verdict(claim(f"subspace/{name}"), forgotten) is Verdict.REFUTED


PREMISES = {
    "adam on a rotated subspace": replace(SMALL, optimiser="adam", step=0.01),
    "adam with decay on axes": replace(SMALL, optimiser="adam", rotated=False, weight_decay=0.5),
    "momentum with decay": replace(SMALL, momentum=0.9, weight_decay=0.2),
}


@pytest.mark.parametrize("what", PREMISES)
def test_an_optimiser_that_trains_what_is_untrained(what):
    sample = first(replace(PREMISES[what], networks=4), "untrained")
    moved = np.abs(sample.values - sample.symbols["w_0"] * (1 - 0.2 * 0.1) ** 20).max()
    assert moved > 0.05
    assert verdict(claim("subspace/untrained"), sample) is Verdict.OUT_OF_REGIME
    assert verdict(changed("untrained", premises=()), sample) is Verdict.REFUTED


def test_the_sensitivity_of_the_start_is_not_that_after_training():
    long = replace(SMALL, depth=2, target_scale=5.0, steps=150, init_scale=0.1)
    setting = prepare(long, "start")
    start = setting.ensemble("networks", long.networks, setting.mlp(2, "relu"))
    at_start = start.sensitivities(torch.tensor(setting.X[[0, -1]]))
    with patch.object(Ensemble, "sensitivities", lambda self, X: at_start):
        sample = first(long, "gradient", "start")
    assert verdict(claim("subspace/gradient"), sample) is Verdict.REFUTED
    assert verdict(claim("subspace/gradient"), first(long, "gradient", "start")) is Verdict.HOLDS


def test_the_covariance_forgotten():
    """||J||^2 + ||J'||^2 for ||J + J'||^2."""
    sample = first(DECAY, "two-points")
    one = first(DECAY, "gradient").symbols["J_sq"]
    ratio = sample.values * sample.symbols["J_sum"] / (2 * one)
    assert verdict(claim("subspace/two-points"), sample) is Verdict.HOLDS
    assert verdict(claim("subspace/two-points"), replace(sample, values=ratio)) is Verdict.REFUTED


def off_the_subspace(alike):
    """The ratio of (LD2) at x + 2 n, one untrained layer of 20 ReLUs; a alike or as drawn."""
    setting = prepare(replace(SMALL, width=20), "off")
    nets = setting.ensemble("off it", 400, setting.mlp(2, "relu"))
    if alike:
        a = torch.ones_like(nets.parameters["2.weight"])
        nets = Ensemble(nets.module, {**nets.parameters, "2.weight": a}, nets.first)
    x = torch.tensor(setting.X[:1] + 2 * setting.N[:, 0])
    J_sq = (nets.sensitivities(x)[:, 0] ** 2).sum(1)
    across = (nets.input_gradients(x) @ torch.tensor(setting.N))[:, 0]
    symbols = {**networks.of_optimiser(setting), "t": 0, "q": setting.q, "kurtosis": 0.0,
               "off": 2.0, "J_sq": J_sq.numpy()}  # fmt: skip
    return Sample(((across**2).sum(1) / J_sq).numpy(), symbols)


def test_off_the_subspace_the_law_is_another():
    sample = off_the_subspace(alike=True)
    assert sample.values.mean() / (sample.symbols["q"] * SMALL.init_scale**2) > 1.5
    assert verdict(claim("subspace/gradient"), sample) is Verdict.OUT_OF_REGIME
    others = [p for p in claim("subspace/gradient").build().premises if not p.has(off)]
    ignored = changed("gradient", premises=others)
    assert verdict(ignored, sample) is Verdict.REFUTED
    # random signs hide it
    assert verdict(ignored, off_the_subspace(alike=False)) is Verdict.HOLDS


def test_uniform_entries_are_out_of_the_regime():
    sample = first(replace(DECAY, initial="uniform", networks=20), "gradient")
    assert verdict(claim("subspace/gradient"), sample) is Verdict.OUT_OF_REGIME


def test_one_uniform_entry_has_another_law():
    """One direction left on an axis, one layer: the gradient is one entry. A sum of many hides it.

    On a rotated subspace W_1 N and W_1 P of uniform entries depend on one another, too.
    """
    one = replace(SMALL, initial="uniform", depth=1, dimension=4, rotated=False, networks=2000,
                  steps=2)  # fmt: skip
    others = [p for p in claim("subspace/gradient").build().premises if not p.has(kurtosis)]
    ignored = changed("gradient", premises=others)
    assert verdict(ignored, first(one, "gradient")) is Verdict.REFUTED
    many = replace(one, rotated=True, depth=2, steps=20, networks=300)
    assert verdict(ignored, first(many, "gradient")) is Verdict.HOLDS


# --- linear networks -----------------------------------------------------------------------------


def test_delta_with_the_part_off_the_subspace_in_it():
    sample = first(replace(LINEAR, start=0.4), "chain")
    symbols = {**sample.symbols, "delta_0": sample.symbols["delta_0"] + sample.symbols["perp"] ** 2}
    assert verdict(claim("subspace/chain"), replace(sample, symbols=symbols)) is Verdict.REFUTED


def test_the_balanced_law_off_balance():
    """w three times as large as a: the law of balanced chains is off."""
    original = chains.settle

    def unbalanced(w, a, *rest):
        return original(w, a / 3, *rest)

    configuration = replace(LINEAR, start=0.6, layers=2)
    with patch.object(chains, "settle", unbalanced):
        sample = first(configuration, "depth")
    assert verdict(claim("subspace/depth"), sample) is Verdict.REFUTED
    assert verdict(claim("subspace/depth"), first(configuration, "depth")) is Verdict.HOLDS


def heavy_ball(W, a, S, beta, eta, times):
    """Descent with momentum, with the defect that plain descent would have."""
    drift, seen, last = np.zeros((*a.shape, a.shape[-1])), [], (0 * W, 0 * a)
    for step in range(int(times[-1]) + 1):
        seen += [(W, a, drift)] * int((times == step).sum())
        r = (np.einsum("sm,smd->sd", a, W) - beta) @ S
        g_W, g_a = a[:, :, None] * r[:, None, :], np.einsum("smd,sd->sm", W, r)
        drift = drift + g_W @ np.swapaxes(g_W, 1, 2) - g_a[:, :, None] * g_a[:, None, :]
        last = (0.5 * last[0] + g_W, 0.5 * last[1] + g_a)
        W, a = W - eta * last[0], a - eta * last[1]
    paths = [np.array(each) for each in zip(*seen, strict=True)]
    return chains.TwoLayers(*paths, squares=np.zeros(paths[1].shape[:2]))


def test_momentum_breaks_the_balance():
    with patch.object(chains, "two_layers", heavy_ball):
        sample = first(LINEAR, "balance")
    assert verdict(claim("subspace/balance"), sample) is Verdict.REFUTED


# --- noise ---------------------------------------------------------------------------------------


def test_a_power_of_the_variance_below_1_is_too_small():
    """n >= C/s does for s = 0.2, and not for s = 0.05 with four times the rows."""
    edge = replace(SMALL, label_noise=0.6, noise=0.2, rows_power=0.5, samples=60,
                   rows_constant=12.0, init_scale=0.43, regressions=1000)  # fmt: skip
    published = claim("subspace/published-rows")
    assert verdict(published, first(edge, "published-rows")) is Verdict.HOLDS
    small = replace(edge, noise=0.05, samples=240)
    assert verdict(published, first(small, "published-rows")) is Verdict.REFUTED
    enough = replace(small, rows_power=1.0, rows_constant=2.4)
    assert verdict(published, first(enough, "published-rows")) is Verdict.OUT_OF_REGIME


def test_labels_that_are_not_linear():
    bent = replace(NOISE, labels="square", dimension=7, samples=20, label_noise=0.3, norm=4.0)
    sample = first(bent, "least-squares-law")
    for name in ("least-squares", "least-squares-law"):
        judged = claim(f"subspace/{name}")
        assert verdict(judged, sample) is Verdict.OUT_OF_REGIME
        assert verdict(changed(name, premises=()), sample) is Verdict.REFUTED


def test_an_intercept_takes_a_degree_of_freedom():
    fitted = replace(NOISE, dimension=10, samples=16, intercept=True)
    sample = first(fitted, "least-squares-law")
    forgotten = replace(sample, symbols={**sample.symbols, "intercept": 0})
    assert verdict(claim("subspace/least-squares-law"), sample) is Verdict.HOLDS
    assert verdict(claim("subspace/least-squares-law"), forgotten) is Verdict.REFUTED


def test_the_middle_term_of_descent():
    """||N^T E_t beta||^2 is easily forgotten: N^T E_t is not 0 on the subspace."""
    sample = first(replace(SMALL, noise=1.0, norm=5.0, regressions=2000, steps=30), "descent")
    assert verdict(claim("subspace/descent"), sample) is Verdict.HOLDS
    forgotten = replace(sample, symbols={**sample.symbols, "c": 0 * sample.symbols["c"]})
    assert verdict(claim("subspace/descent"), forgotten) is Verdict.REFUTED


def test_residuals_whose_sum_converges_do_not_keep_the_untrained_part():
    """One neuron that stays active: all of the untrained part is lost in the end."""
    configuration = replace(SMALL, samples=30, dimension=6, width=1, steps=2500, networks=1,
                            noise=1.0, step=0.1, depth=2)  # fmt: skip
    setting = prepare(configuration, "lost")
    inside = np.tile(4 * setting.P[:, 0], (30, 1))
    setting = replace(setting, X=inside, y=np.ones(30))
    start = setting.ensemble("lost", 1, setting.mlp(2, "relu"))
    ones = {"0.bias": 1.0, "2.weight": 1.0, "2.bias": 0.0}
    values = {k: torch.full_like(v, ones.get(k, 0.1)) for k, v in start.parameters.items()}
    values[start.first] = 0.1 * torch.tensor(setting.P[:, :1].T + setting.N.sum(1))[None]
    Xi = setting.rng("lost").standard_normal((30, setting.q))
    samples, share, _ = watched(setting, Ensemble(start.module, values, start.first), Xi)
    sample = samples["kept_share"]
    e = sample.symbols["residuals"][:, 0]
    assert share[-1, 0] < 1e-6
    assert e[-1] - e[-2] < 1e-3 * e[-1]
    false = changed("kept", premises=(), bound=sp.Rational(1, 2))
    assert verdict(false, sample) is Verdict.REFUTED
    judged = claim("subspace/kept").regime(sample.symbols)
    assert not judged.holds[-1].any()
    assert verdict(claim("subspace/kept"), sample) is not Verdict.REFUTED
    assert verdict(claim("subspace/speed-limit"), samples["moved"]) is Verdict.HOLDS


def test_a_step_larger_than_is_said_breaks_the_speed_limit():
    configuration = replace(SMALL, noise=1.0, networks=4, steps=20)
    sample = first(configuration, "speed-limit")
    for name, factor, expected in (("eta", 1.0, Verdict.HOLDS), ("eta", 0.1, Verdict.REFUTED),
                                   ("norm_Xi", 0.2, Verdict.REFUTED)):  # fmt: skip
        symbols = {**sample.symbols, name: factor * sample.symbols[name]}
        smaller = replace(sample, symbols=symbols)
        assert verdict(claim("subspace/speed-limit"), smaller) is expected


def test_a_norm_of_noise_without_the_codimension():
    configuration = replace(SMALL, samples=6, dimension=40, noise=0.5, room=2.5)
    sample = first(configuration, "size-of-noise")
    assert verdict(claim("subspace/size-of-noise"), sample) is Verdict.HOLDS
    norms = np.linalg.norm(np.random.default_rng(0).standard_normal((300, 6, 37)), 2, axis=(1, 2))
    small = Sample((norms <= np.sqrt(6) + 1 + 2.5).astype(float), sample.symbols)
    assert verdict(claim("subspace/size-of-noise"), small) is Verdict.REFUTED
