"""The limit law at widths of 10^3 to 10^5, from both sides, at the level of the error budget."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from theory import claim
from theory.theorems.masked_training.symbols import V
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.experiments.masked_training.strategies import noisy
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge
from verify.runs.search import Search

BASE = Configuration(
    data="sphere", samples=4, dimension=6, width=8192, init_scale=0.2, rounds=8, seeds=100,
    zeta_lambda=0.25,
)  # fmt: skip
CASES = {
    "dropout": {"surrogates": 1, "local_steps": 1, "xi": 0.7},
    "multi-sample dropout": {"surrogates": 4, "local_steps": 1, "xi": 0.5},
    "local steps": {"surrogates": 4, "local_steps": 4, "xi": 0.6, "zeta_lambda": 0.1},
    "subnets": {"surrogates": 3, "local_steps": 2, "law": "categorical"},
    "narrow": {"width": 1024, "local_steps": 1, "xi": 0.8},
    "wide": {"width": 100_000, "surrogates": 2, "local_steps": 1, "xi": 0.5},
}


def observe(case, salt):
    configuration = replace(BASE, **CASES[case])
    observed = EXPERIMENT.observe(configuration, salt=salt, quantities={"linearised_loss"})
    return observed.samples["linearised_loss"]


@cache
def once(case):
    return observe(case, "wrong")


@pytest.mark.claims
@pytest.mark.parametrize("case", CASES)
def test_simulated_means_follow_the_law(gate, case):
    gate.check(claim("limit-law"), observe(case, gate.seed()))


@pytest.mark.parametrize("case", ["dropout", "multi-sample dropout"])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_law_wrong_by_a_factor_is_refuted(case, factor):
    sample = once(case)
    wrong = Sample(**{**vars(sample), "values": sample.values * factor})
    assert judge(claim("limit-law"), sample, 1e-8).verdict is Verdict.HOLDS
    assert judge(claim("limit-law"), wrong, 1e-8).verdict is Verdict.REFUTED


@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_search_sees_another_size_of_the_noise(factor):
    """In one of four configurations: three of four refute it where a search looks first."""
    true = claim("limit-law")
    false = replace(true, build=lambda: true.build().subs({V: factor * V}))
    hunt = Search(false, EXPERIMENT, "noise", 1e-6, math.inf, 4, share_of_climbing=0.0)
    found = hunt.run(noisy())
    assert found is not None
    assert found.refuted
    assert judge(true, found.samples[0], hunt.level).verdict is not Verdict.REFUTED


@pytest.mark.parametrize("tau", [1, 2, 5])
@pytest.mark.parametrize("k", [0, 1, 2, 7])
def test_the_law_solves_the_linear_recursion(tau, k):
    """(L.1) against powers of matrices: e_{k+1} = M e_k - theta P zbar_k, zbar ~ N(0, V Phi)."""
    rng = np.random.default_rng(3)
    n, zeta, theta, V = 4, 0.4, 0.8, 0.3
    root, other = rng.normal(size=(2, n, n))
    H, Phi, e_0 = root @ root.T / n, other @ other.T / n, rng.normal(size=n)
    H /= np.linalg.norm(H, 2)
    P = np.eye(n) - np.linalg.matrix_power(np.eye(n) - zeta * H, tau)
    M = np.eye(n) - theta * P
    mean, covariance = e_0, np.zeros((n, n))
    for _ in range(k):
        mean = M @ mean
        covariance = M @ covariance @ M + theta**2 * V * P @ Phi @ P
    mu, v = np.linalg.eigh(H)
    c = v.T @ e_0
    values = {
        "n": n,
        "mu": mu,
        "Phi": v.T @ Phi @ v,
        "c_j": c,
        "c_sq": c**2,
        "tau": tau,
        "zeta": zeta,
        "theta": theta,
        "V": V,
        "xi": 0.5,
        "Lambda": mu[-1],
        "K": 8,
        "k": np.arange(9),
        "alpha_j": np.zeros(8),
        "R": 0.0,
        "excess": 0.0,
        "e0_sq": e_0 @ e_0,
    }
    law = claim("limit-law").evaluate(values)
    square = mean @ mean + np.trace(covariance)
    np.testing.assert_allclose(law.bound[k], square, rtol=1e-12)
    np.testing.assert_allclose([law.lower[k], law.upper[k]], square, rtol=1e-12)
    gaussian = 2 * np.trace(covariance @ covariance) + 4 * mean @ covariance @ mean
    np.testing.assert_allclose(law.variance[k], 4 * gaussian, rtol=1e-9, atol=1e-15)
    stationary = law.parts["floor"][k]
    for _ in range(10_000):
        covariance = M @ covariance @ M + theta**2 * V * P @ Phi @ P
    np.testing.assert_allclose(stationary, np.trace(covariance), rtol=1e-6)
