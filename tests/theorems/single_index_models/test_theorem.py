"""Single index models: claims hold, some are sharp; trainers and closed forms have twins."""

from dataclasses import replace
from math import log, sqrt
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import Phase, find, given, settings
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.linear_model import Lasso, lasso_path

from tests.bench import Bench
from tests.targets import unless_refused
from theory import claim
from verify.experiments.single_index_models.cases import (
    ERRORS,
    MATRICES,
    NEAR,
    ORACLE,
    PATHS,
    STATISTIC,
    STEEP,
    SWEEPS,
)
from verify.experiments.single_index_models.configuration import Configuration
from verify.experiments.single_index_models.descent import descend, descend_matrices
from verify.experiments.single_index_models.laws import moments
from verify.experiments.single_index_models.setting import Setting, prepare
from verify.experiments.single_index_models.strategies import configurations
from verify.problems.whitened import whitened

COORDINATES = ("flow", "flow-product", "product", "at-least", "at-most", "simply-at-least",
               "simply-at-most")  # fmt: skip
WINDOW = ("first", "last", "window")
LAWS = ("entry", "noise", "largest")
ERROR = ("error", "lasso")
MATRIX = ("matrix-norm", "matrix-selection", "matrix-flow", "matrix-descent")
FEW = replace(ERRORS, samples=300, dimension=40, draws=800)
SMALL = Configuration(samples=9, dimension=5, support=2, draws=2, points=5, size=3, rank=2,
                      matrix_samples=20, sweeps=1, smallest=10, largest=80)  # fmt: skip

CASES = {
    "diabetes": (PATHS, (*COORDINATES, "lasso-coordinate")),
    "digits": (replace(PATHS, data="digits"), (*COORDINATES[2:], "lasso-coordinate")),
    "a start that is not small": (NEAR, COORDINATES),
    "drawn": (replace(SMALL, samples=60, dimension=30, alpha=1e-4), (*COORDINATES, *WINDOW)),
    "relu": (STATISTIC, LAWS),
    "cubic": (replace(STATISTIC, link="cubic", noise_law="gaussian"), LAWS),
    "tanh, a finite variance": (replace(STATISTIC, link="tanh", tail=3.0), LAWS),
    "sine, clipped": (replace(STATISTIC, link="sine", tau=5.0), LAWS),
    "sign": (replace(STATISTIC, link="sign", noise=0.0), LAWS),
    "one signal, one sample": (
        replace(STATISTIC, support=1, samples=1, dimension=3, tail=0.5), ("noise", "largest"),
    ),
    "errors, relu, heavy": (replace(FEW, link="relu", noise_law="heavy"), ERROR),
    "errors, cubic, weak signals": (replace(FEW, link="cubic", ratio=5.0), ERROR),
    "errors, sine, clipped": (replace(FEW, noise_law="heavy", tau=5.0, ratio=3.0), ERROR),
    "errors, tanh, not small": (replace(FEW, link="tanh", alpha=0.05, growth=0.02), ERROR),
    "a steep start": (replace(STEEP, draws=1000, beyond=1.0), ("selection", "support")),
    "five samples": (
        replace(STEEP, samples=5, alpha=1e-6, draws=1500, step=0.1, beyond=1.0), ("selection",),
    ),
    "inside the window": (ORACLE, ("oracle",)),
    "matrices": (replace(MATRICES, size=4, rank=4, link="tanh"), MATRIX),
    "one entry": (replace(MATRICES, size=1, rank=1, matrix_samples=3), MATRIX),
    "tangent spaces": (
        replace(MATRICES, size=7, rank=1, link="tanh", noise=0.1, matrix_samples=150, draws=2000),
        ("matrix-oracle",),
    ),
    "tails": (replace(SWEEPS, link="tanh", tail=1.3), ("heavy-tails", "clipped")),
    "a finite second moment": (
        replace(SWEEPS, tail=4.5, sweeps=40), ("heavy-tails", "clipped"),
    ),
}  # fmt: skip


BENCH = Bench("single-index-models", "index")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=3)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


@pytest.mark.claims(share=0.1)
@settings(max_examples=25)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    with unless_refused("step"):  # it would take too many
        BENCH.hold(gate, configuration, BENCH.pathwise, repr(configuration), configuration)


REACHED = {
    "one sample": lambda c: c.samples == 1 and c.data == "gaussian",
    "one signal of two": lambda c: c.support == 1 and c.dimension == 2,
    "a start that is not small": lambda c: c.alpha > 0.1,
    "real data": lambda c: c.data == "digits",
    "heavy tails, not clipped": lambda c: c.noise_law == "heavy" and c.tau is None,
    "a matrix of one entry": lambda c: c.size == 1,
    "full rank": lambda c: c.size > 2 and c.rank == c.size,
    "large steps": lambda c: c.step == 0.25 and c.noise == 0.1,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    assert REACHED[what](find(configurations(), REACHED[what], settings=only))


# --- twins ---------------------------------------------------------------------------------------


def by_autograd(loss, start, eta, steps):
    """w and v after steps of size eta on the loss of b."""
    w, v = (start.clone().requires_grad_(True) for _ in range(2))
    for _ in range(steps):
        dw, dv = torch.autograd.grad(loss(w, v), (w, v))
        w, v = ((x - eta * g).detach().requires_grad_(True) for x, g in ((w, dw), (v, dv)))
    return w.detach().numpy(), v.detach().numpy()


@pytest.mark.parametrize("factor", [4, 1])
def test_descent_is_that_of_the_loss_on_raw_data(factor):
    """Its step is four times that of autograd; the same step moves four times as fast."""
    rng = np.random.default_rng(0)
    X, y = torch.tensor(rng.normal(size=(20, 6))), torch.tensor(rng.normal(size=20))

    def loss(w, v):
        b = w * w - v * v
        return b @ b - 2 / len(y) * (y @ (X @ b))

    eta, Phi = 0.05, (y @ X / len(y)).numpy()
    w, v = by_autograd(loss, torch.full((6,), 0.1, dtype=torch.float64), eta, 30)
    (found,) = descend(Phi, factor * eta, 0.1, [30])
    same = np.allclose(found.w, w, rtol=1e-12) and np.allclose(found.v, v, rtol=1e-12)
    assert same is (factor == 4)


def test_descent_of_matrices_is_that_of_the_loss_on_raw_data():
    rng = np.random.default_rng(1)
    X, y = torch.tensor(rng.normal(size=(15, 3, 3))), torch.tensor(rng.normal(size=15))

    def loss(W, V):
        B = W @ W.T - V @ V.T
        return (B * B).sum() - 2 / len(y) * (y * (X * B).sum((1, 2))).sum()

    Phi = torch.einsum("n,nij->ij", y, X) / len(y)
    Phi = ((Phi + Phi.T) / 2).numpy()
    W, V = by_autograd(loss, 0.1 * torch.eye(3, dtype=torch.float64), 0.05, 30)
    ((W_k, V_k),) = descend_matrices(Phi, 0.2, 0.1, [30])
    np.testing.assert_allclose(W_k, W, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(V_k, V, rtol=1e-11, atol=1e-14)


def test_fresh_inputs_for_given_responses_have_the_given_index_values():
    """And are Gaussian across: their covariance off the direction is that of noise."""
    setting = prepare(replace(SMALL, draws=4000), "given")
    given, Phi = setting.conditioned, setting.Phi
    np.testing.assert_allclose(Phi @ setting.beta, given.m, rtol=1e-12)
    covariance = np.cov(Phi.T) / given.a**2
    across = np.eye(5) - np.outer(setting.beta, setting.beta)
    assert abs(covariance - across).max() < 6 / sqrt(4000) * sqrt(2)


def test_the_score_points_along_beta():
    """Of inputs that are not Gaussian the inputs themselves do not."""
    at = replace(SMALL, samples=4000, ratio=9.0, link="tanh", inputs="laplace", noise=0.1, draws=60)
    setting = prepare(at, "score")
    scored = np.concatenate([Phi for Phi, *_ in setting.fresh()]).mean(0)
    with patch.object(Setting, "score", lambda self, x: x):
        plain = np.concatenate([Phi for Phi, *_ in setting.fresh()]).mean(0)
    aside = [abs(x[1] / x[0] * 9 + 1) for x in (scored, plain)]
    assert aside[0] < 0.1 < 0.3 < aside[1]


@pytest.mark.parametrize("data", ["gaussian", "diabetes"])
def test_the_lasso_by_coordinate_descent_is_the_same(data):
    """The path by least angles, one by coordinates, and soft thresholds."""
    setting = prepare(replace(PATHS, data=data), "lasso")
    whole, (y,) = setting.whole, setting.whole.T.T
    lam = np.abs(whole.Phi).max() * 0.3
    one = Lasso(alpha=lam, fit_intercept=False, tol=1e-14, max_iter=10**5).fit(whole.X, y).coef_
    soft = np.sign(whole.Phi) * np.maximum(np.abs(whole.Phi) - lam, 0)
    np.testing.assert_allclose(one, soft, atol=1e-12)
    sample = first(replace(PATHS, data=data), "lasso-coordinate", "lasso")
    np.testing.assert_allclose(sample.values[1], one, atol=1e-12)
    _, path, _ = lasso_path(whole.X, y, alphas=[lam], tol=1e-14)
    np.testing.assert_allclose(path[:, 0], one, atol=1e-12)


def test_whitened_real_data_give_the_statistic_of_their_score():
    found = whitened("diabetes", 100)
    np.testing.assert_allclose(found.X.T @ found.X / len(found.X), np.eye(10), atol=1e-12)
    Phi = prepare(PATHS, "real").whole.Phi
    np.testing.assert_allclose(Phi, found.X.T @ found.T[:, 0] / len(found.X), atol=1e-12)


@pytest.mark.parametrize("lam", [0.05, 0.3, 2.0])
def test_the_error_of_the_lasso_is_that_of_its_integral(lam):
    a, m, b, p = 0.2, 1.3, np.array([0.6, -0.8]), 5

    def risk(at, spread):
        def integrand(z):
            phi = at + spread * z
            return (np.sign(phi) * max(abs(phi) - lam, 0) - at) ** 2 * norm.pdf(z)

        corners = [(sign * lam - at) / spread for sign in (-1, 1)]
        inside = [x for x in corners if -10 < x < 10]
        return quad(integrand, -10, 10, points=inside or None, limit=200, epsabs=1e-13)[0]

    total = (p - 2) * risk(0.0, a) + sum(risk(m * x, a * sqrt(1 - x * x)) for x in b)
    at = {"a": a, "m": m, "b": b, "p": p, "s": 2, "lam": lam, "kurtosis": 0, "tied": 0, "rho": 0}
    found = claim("index/lasso").evaluate({**at, "on_var": 0.1})
    assert float(found.bound) == pytest.approx(total, abs=1e-11)


# --- sharp cases ---------------------------------------------------------------------------------


def test_descent_lies_between_two_curves_that_meet_for_small_steps():
    gaps = []
    for step in (0.2, 0.02):
        sample = first(replace(PATHS, step=step), "at-least")
        ends = [claim(f"index/{n}").evaluate(sample.symbols).bound for n in ("at-least", "at-most")]
        large = ends[0] > 1e-12
        gaps.append(float(np.log(ends[1] / ends[0])[large].max()))
    assert gaps[1] < 0.15 * gaps[0]


def test_the_window_is_sharp_for_small_steps():
    samples = observed(replace(ERRORS, step=0.02, draws=1), WINDOW)
    assert judged("last", samples["last"]).tightness < 1.001
    assert judged("first", samples["first"]).tightness < 1.06


def written(signal, noise, alpha, eps, near):
    """The rule for an open window as it was first written."""
    return signal / noise > (log(1 / alpha**2) + log(signal / near)) / log(eps / alpha**2)


def mended(signal, noise, alpha, eps, near):
    return signal / noise > (log(signal / alpha**2) + log(signal / near)) / log(eps / alpha**2)


@pytest.mark.parametrize(
    ("signal", "noise", "eps", "near", "opens"),
    [(0.1, 0.06, 1e-4, 1e-3, True), (100.0, 62.0, 1e-2, 0.1, False)],
)
def test_the_rule_for_a_window_that_has_units_is_wrong_both_ways(signal, noise, eps, near, opens):
    """log(1/alpha^2) in place of log(signal/alpha^2): said to be closed, said to be open."""
    alpha, eta = 1e-6, 0.02 / signal
    at = {"eta": eta, "alpha": alpha, "epsilon": eps, "near": near, "signal": signal,
          "noise": noise}  # fmt: skip
    last = int(float(claim("index/last")(**at)) + 1)
    (state,) = descend(np.array([signal, noise]), eta, alpha, [last])
    found = bool(signal - state.b[0] <= near and state.b[1] <= eps)
    assert found is opens
    assert written(signal, noise, alpha, eps, near) is not opens
    assert mended(signal, noise, alpha, eps, near) is opens
    assert (float(claim("index/window")(**at)) > 0) is opens


def at_stop(configuration, salt="index"):
    """(p-s) E b^2 + the rest, over the oracle (s-1) a^2: at the stop, at its best, at the end."""
    setting = prepare(configuration, salt)
    given, c = setting.conditioned, configuration
    _, stop = setting.stop(given.a * setting.z, given)
    steps = sorted({stop, *np.linspace(1, 12 * stop + 60, 60).astype(int).tolist()})
    law = moments(setting, given, steps)
    error = ((c.dimension - c.support) * law["off"] + law["on"]) / (c.support - 1) / given.a**2
    return error[steps.index(stop)], error.min(), error[-1]


def test_without_early_stopping_and_from_a_large_start_there_is_nothing_to_be_gained():
    """(p-1)/(s-1) times the oracle at the end; a start of 0.3 never comes near to it."""
    wide = Configuration(samples=1500, dimension=500, draws=1)
    stopped, best, end = at_stop(wide)
    assert 1 <= best <= stopped < 1.3
    assert end == pytest.approx(499 / 4, rel=0.02)
    _, best, _ = at_stop(replace(wide, alpha=0.3, growth=0.2))
    assert best > 20


def test_a_penalty_costs_what_it_takes_from_every_signal():
    sample = first(ERRORS, "lasso")
    found = claim("index/lasso").evaluate(sample.symbols)
    at, s, a = sample.symbols, 5, sample.symbols["a"]
    assert sample.values[2].mean() == pytest.approx((s - 1) * a**2 + s * at["lam"][2] ** 2, rel=0.1)
    np.testing.assert_allclose(found.parts["strong signals"][2], found.bound[2], rtol=0.02)
    assert found.bound.min() > 4 * (s - 1) * a**2


def test_every_quantile_falls_alike():
    """Of a, with a tail of 1.5: the 99 % quantile too, by a third."""
    setting = prepare(SWEEPS, "quantiles")
    rng, sizes, rows = setting.rng("quantiles"), np.array([50, 100, 200, 400, 800]), []
    for n in sizes:
        y = setting.heavy(rng, np.empty((4000, n)))
        rows.append(np.quantile(np.linalg.norm(y, axis=1) / n, (0.5, 0.9, 0.99)))
    slopes = np.polyfit(np.log(sizes), np.log(rows), 1)[0]
    assert abs(slopes + 1 / 3).max() < 0.12
    assert slopes[2] < -0.2  # not: it does not fall
