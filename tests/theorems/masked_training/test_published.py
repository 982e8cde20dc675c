"""The published statements: symbol map, hand-computed numbers, corollaries and misprints."""

import numpy as np
import pytest
import sympy as sp

import theory
from theory import OutOfRegime
from theory.theorems.masked_training import published
from theory.theorems.masked_training.published import (
    AS_PRINTED,
    C_B,
    CASES,
    SYMBOL_MAP,
    C,
    eta_pub,
    gamma,
    in_our_symbols,
    kappa_pub,
    lam0_pub,
    theorem_3,
    theorem_7,
)
from theory.theorems.masked_training.symbols import (
    K,
    d,
    k,
    kappa,
    lam0,
    m,
    n,
    p,
    tau,
    theta,
    xi,
    zeta,
)

ours = theory.claim


def rate(statement):
    return statement.parts["rate"]


def written_out(statement, part="neighbourhood"):
    return statement.expand(statement.parts[part])


def same(a, b):
    return sp.simplify(a - b) == 0


def test_the_rate_of_theorem_3_is_ours():
    assert same(rate(theorem_3()), 1 - eta_pub * theta * tau * lam0_pub / 4)
    assert same(rate(in_our_symbols(theorem_3())), 1 - theta * tau * zeta * lam0 / 4)


def test_the_map_is_not_the_identity():
    forgotten = {s: e for s, e in SYMBOL_MAP.items() if s != lam0_pub}
    put = theorem_3().subs(forgotten | {lam0_pub: lam0})
    assert not same(rate(put), 1 - theta * tau * zeta * lam0 / 4)


@pytest.mark.parametrize("claim", [c for c in theory.claims().values() if "published/" in c.name])
def test_nothing_of_theirs_is_left(claim):
    assert not [name for name in claim.variables if name.endswith("_pub")]
    assert [c.name for c in AS_PRINTED].count(claim.name.replace("published", "as-printed")) == 1
    assert claim.confidence == ("delta" if claim.quantity is published.LOSS else "")


@pytest.mark.parametrize("name", CASES)
def test_both_symbols_give_one_number(name):
    """The claim in their symbols at mapped values is the claim in ours."""
    rng = np.random.default_rng(7)
    mine, theirs = ours(f"published/{name}"), dict(zip(CASES, AS_PRINTED, strict=True))[name]
    # decided before the regime: a bound is compared wherever it is a number
    values = {
        v: int(rng.integers(2, 6)) if mine.vocabulary[v].integer else float(rng.uniform(0.1, 0.9))
        for v in {*mine.variables, *theirs.variables, "kappa", "zeta", "lambda_0", "displacement"}
        if not v.endswith("_pub")
    } | {"xi": 0.4, "C": 2.0}
    symbols = {v: mine.vocabulary[v].symbol for v in values}
    at = {symbols[v]: value for v, value in values.items()}
    mapped = {str(s): float(e.subs(at)) for s, e in SYMBOL_MAP.items()}
    bound = theirs.statement.expand(theirs.statement.bound)
    found = float(
        bound.subs({theirs.vocabulary[v].symbol: x for v, x in (values | mapped).items()})
    )
    everywhere = np.ones((), dtype=bool)
    assert mine.evaluate(values, where=everywhere).bound == pytest.approx(found, rel=1e-12)


def test_B_1_by_hand():
    """n = 2, d = 3, m = 64, tau = 2, p = 2, xi = 1/2, theta = 3/4, kappa = 2, lambda_0 = 1/2."""
    at = {n: 2, d: 3, m: 64, tau: 2, p: 2, xi: sp.S.Half, theta: sp.Rational(3, 4)}
    at |= {kappa_pub: 2, lam0_pub: sp.S.Half, eta_pub: sp.Rational(1, 8)}
    C_1 = sp.Rational(9, 8) * 4  # 4 theta^2 (1-xi) n kappa^2/p
    first = 24  # 64/4 * 8 * 3/(64/4)
    second = 68 * sp.Rational(1, 8) * 2 * sp.S.Half * 8 * 4 / (2 * sp.S.Half)
    third = sp.S.Half * 2 * 4 / (6 * 4 * 2)
    local = C_1 * (sp.Rational(2, 96) + 8 * sp.Rational(1, 64) * 16 * 2 * 4 + 4 * 2 * 2 / sp.S(8))
    printed = written_out(theorem_3()).subs(at)
    assert printed == first + second + third + local
    assert written_out(theorem_3(kappa_pub**2)).subs(at) == printed + 3 * first


def test_restored_kappa_is_the_only_difference():
    first = 64 * (1 - xi) ** 2 * n**3 * d / (m * lam0_pub**2)
    mended = written_out(theorem_3(kappa_pub**2)) - written_out(theorem_3())
    assert same(mended, first * (kappa_pub**2 - 1))
    assert same(rate(theorem_3(kappa_pub**2)), rate(theorem_3()))
    printed = written_out(theorem_7())
    assert same(written_out(theorem_7(C_B * kappa_pub**2)), kappa_pub**2 * printed)


def test_theorem_7_is_its_proof_at_gamma_one_half():
    """With kappa^2 restored, and 256 for the constant of its O(.)."""
    proof = CASES["theorem-7/proof"][0]().subs({gamma: sp.S.Half})
    mended = CASES["theorem-7/kappa-restored"][0]().subs({C_B: 256})
    assert same(proof.bound, mended.bound)
    assert not same(proof.bound, theorem_7().subs({C_B: 256}).bound)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("corollary-4", {theta: xi, tau: 1, p: 1}),
        ("corollary-5", {tau: 1}),
        ("corollary-6", {}),
        ("corollary-6/xi-squared", {}),
    ],
)
def test_rates_of_corollaries_follow_from_theorem_3(name, case):
    corollary = CASES[name][0]()
    assert same(rate(corollary), rate(theorem_3()).subs(case))
    assert rate(corollary).free_symbols <= {eta_pub, theta, tau, lam0_pub, xi}


def edge(rng, p_value, tau_value):
    """The corollaries' setting at its least width and largest step size, C_eta = 1/48."""
    at = {n: int(rng.integers(p_value, 30)), p: p_value, tau: tau_value}
    at |= {d: int(rng.integers(1, at[n] + 1)), K: int(rng.integers(1, at[n] + 1))}
    at |= {xi: float(rng.uniform(0.05, 0.95)), lam0_pub: float(rng.uniform(0.01, 0.5))}
    at[theta] = 1 - (1 - at[xi]) ** p_value
    at[kappa_pub] = at[n] ** -0.5
    at[eta_pub] = at[lam0_pub] / (48 * at[n] * tau_value * max(at[n], p_value))
    at[m] = at[n] ** 5 * at[K] / (at[xi] * at[theta] * at[lam0_pub] ** 4)
    return at


def worst_ratio(name, p_value, tau_value):
    """Largest B_1 / neighbourhood (C_B = 1) over random problems at the edge of the setting."""
    rng = np.random.default_rng(3)
    B_1 = written_out(theorem_3())
    ratio = sp.lambdify(list(edge(rng, 1, 1)), B_1 / written_out(CASES[name][0]()).subs(C_B, 1))
    return max(ratio(*edge(rng, p_value, tau_value).values()) for _ in range(300))


@pytest.mark.parametrize(
    ("name", "p_value", "tau_value"),
    [
        ("corollary-4", 1, 1),
        ("corollary-5", 1, 1),
        ("corollary-5", 4, 1),
        ("corollary-6/xi-squared", 1, 1),
        ("corollary-6/xi-squared", 4, 2),
        ("corollary-6/xi-squared", 8, 9),
    ],
)
def test_neighbourhoods_of_corollaries_cover_B_1(name, p_value, tau_value):
    """The O(.) is Theorem 3's B_1 up to a constant, the largest being the 64 of its first term."""
    assert worst_ratio(name, p_value, tau_value) <= 64


def test_corollary_6_as_printed_does_not_cover_B_1():
    """At p = tau = 1 it has theta - xi = 0, where Theorem 3 has xi (1 - xi)."""
    assert worst_ratio("corollary-6", 1, 1) > worst_ratio("corollary-6/xi-squared", 1, 1) * 10


def test_initial_loss_uses_one_for_kappa_squared():
    """C^2 n covers ||y||^2 + n kappa^2/2 for kappa^2 <= 4C - 2 and no further."""
    exact = in_our_symbols(published.initial_loss()).bound.subs(published.y_sq, n * (C - 1) ** 2)
    assert same(C**2 * n - exact, n / 2 * (4 * C - 2 - kappa**2))


@pytest.mark.parametrize("width", [1, 5])
def test_initial_loss_is_exact(width):
    """Sampled initialisations; Chebyshev at error rate 1e-3 with the claim's second moment."""
    rng, count, scale = np.random.default_rng(11), 400_000, 0.8
    X, y = np.eye(3, 2) + np.eye(3, 2, -1), np.array([1.0, -0.5, 0.3])
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    hidden = np.maximum(scale * rng.standard_normal((count, width, 2)) @ X.T, 0)
    signs = rng.choice([-1.0, 1.0], (count, width, 1))
    loss = (((signs * hidden).sum(1) / np.sqrt(width) - y) ** 2).sum(1)
    claim, here = ours("published/initial-loss/exact"), {"n": 3, "m": width, "kappa": scale}
    found = claim.evaluate(here | {"y_sq": float(y @ y), "row_norm_deviation": 0.0})
    radius = np.sqrt((found.variance + found.bound**2) / (count * 1e-3))
    assert abs(loss.mean() - found.bound) <= radius
    assert np.var(loss) <= found.variance
    no_noise = float(y @ y)
    assert abs(loss.mean() - no_noise) > radius


@pytest.mark.parametrize(("weights", "holds"), [(0.99, True), (1.01, False)])
def test_theorem_2_allows_the_displacement_it_prints(weights, holds):
    """displacement_pub = kappa_pub lambda_0,pub/(8n) is displacement = xi kappa lambda_0/(8n)."""
    values = {
        "n": 2, "m": 10**9, "K": 2, "p": 2, "xi": 0.5, "kappa": 0.4, "lambda_0": 0.2, "delta": 0.1,
        "displacement": weights * 0.5 * 0.4 * 0.2 / 16, "C": 2.0, "y_max": 1.0, "C_m": 1.0,
        "row_norm_deviation": 0.0,
    }  # fmt: skip
    claim = ours("published/theorem-2")
    assert bool(claim.regime(values).holds) is holds
    if holds:
        assert claim.evaluate(values).parts["threshold"] == pytest.approx(0.5 * 0.2 / 2)
        assert claim(**values) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("change", "premise"),
    [
        ({"m": 10}, "m"),
        ({"zeta": 0.9}, "zeta"),
        ({"y_max": 3.0}, "y_max"),
        ({"row_norm_deviation": 1e-6}, "row_norm_deviation"),
        ({"theta": 0.9}, "theta"),
    ],
)
def test_premises_of_theorem_3(change, premise):
    claim = ours("published/theorem-3")
    values = {
        "n": 2, "d": 2, "m": 10**9, "K": 2, "p": 2, "tau": 2, "xi": 0.5, "theta": 0.75, "k": 2,
        "kappa": 0.5, "lambda_0": 0.4, "zeta": 0.01, "e0_sq": 1.0, "delta": 0.1, "C": 2.0,
        "y_max": 1.0, "C_m": 1.0, "C_eta": 1.0, "row_norm_deviation": 0.0,
    }  # fmt: skip
    evaluation = claim.evaluate(values)
    assert evaluation.bound == pytest.approx(
        evaluation.parts["rate"] ** 2 + evaluation.parts["neighbourhood"]
    )
    with pytest.raises(OutOfRegime) as caught:
        claim(**values | change)
    assert [premise in failure.values for failure in caught.value.failures] == [True]


def test_the_step_of_theorem_3_implies_the_appendix():
    """eta <= lambda_0/(48 n tau max(n, p)) gives eta <= lambda_0/(16 (tau-1) n^2)."""
    for a, b, t in [(1, 1, 1), (2, 5, 3), (7, 2, 40)]:
        assert 16 * (t - 1) * a**2 <= 48 * a * t * max(a, b)


def test_index_and_initial_value():
    for name, case in CASES.items():
        if case[2] is published.LOSS:
            statement = case[0]()
            assert statement.index == k, name
            grown = statement.bound - statement.parts["neighbourhood"]
            assert same(grown.subs(k, 1), rate(statement) * grown.subs(k, 0)), name
