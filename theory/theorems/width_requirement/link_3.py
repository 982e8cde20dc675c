"""Link III: the width above which the theorem of masked training needs no measured premise.

Setting
    As in Link I and II, with unit rows and zeta ||G|| <= 1/2. delta is split over the events: half
    of it for the distance that neurons travel, a quarter for ||e_0||^2, a twentieth for each of
    the kernel, tr Phi, the neurons near their kinks, the masks on these, and the concentration of
    masked kernels. alpha is split as well: b_f r/4 for flips, b_B r/4 for averaging and b_A r/4
    for curvature, with (b_f, b_B, b_A) = (1, 0, 0) where xi = 1, else (1/2, 1/2, 0) where tau = 1,
    else (1/2, 1/4, 1/4).

Statement
    r is that of Link I at lambda = (1 - epsilon) lambda_0. Flips may have the weight
        nu = b_f r e^{-1/12}/(4 zeta g tau (tau+1)),
    so a share q = nu/4 (nu/2 where xi = 1) of the neurons may start within
    R_w = kappa q sqrt(pi/2) of the kink of x_i, and none may travel further. Then
    (III.1)  P(G_K with alpha_j = r/4, R = ||X|| R_w) >= 1 - delta  once  m >= m* = max of
        kernel    ||G|| log(n/delta_i)/(lambda_0 ((1-epsilon) log(1-epsilon) + epsilon))
        trace     5/delta_i                                  gives tr Phi <= kappa^2 n
        near      3 log(n/delta_i)/q                         at most 2 m q neurons near each kink
        active    3 p log(2 K p n/delta_i)/(2 q theta)       their weight in masks at most nu
        averaging u (2 v_B ||G||^2/t_B^2 + 2 max(theta/p, 1 - theta/p) ||G||/(3 t_B))
        curvature u (2 v_A ||G||^2/(xi^4 t_A^2) + 2 max(xi, 1-xi) ||G||/(3 xi^2 t_A))
        travel    (zeta ||X|| (tau + 1/4) S/R_w)^2
    with u = log(2 n K p/delta_i), t_B = b_B r/(4 p zeta tau), t_A = b_A r/(2 theta xi zeta tau
    (tau-1)), and S what the residuals sum to: for xi = 1 it is E_0 (1 - (1-3r/4)^K)/(3r/4), else
        sqrt(2p/delta) (E_0 (1 - (1-4r/5)^{K/2})/(1 - sqrt(1-4r/5))
                        + K (sqrt(2/r) s + (sqrt(5)/2) sigma)).
    E_0^2 = 4 (||y||^2 + kappa^2 n/2)/delta; s and sigma with tr Phi = kappa^2 n and ||P|| <=
    min(1, tau zeta ||G||).
    (III.2)  E[||e_k||^2; G_K] <= (1 - 4r/5)^k ||e_0||^2 + 2 s^2/r + sigma^2/4 for all but a share
    delta of initialisations, once m >= m*.
    The lemmas, each at the width that it requires for a delta of its own: (III.3) kernel, (III.4)
    near, (III.5) active, (III.6) trace, (III.7) initial loss, (III.8) averaging and (III.9)
    curvature, with probability; (III.10) the distance travelled, pathwise; (III.11) escape: the
    residuals max_l ||e_k + z^l_k|| of the rounds on the good event, at any R, sum to at most S.

    Proof. While no neuron has travelled further than R_w, S_i lies in the neurons near the kink of
    x_i, so nu bounds their weight and the flips add sum_{t<=tau} ((1+eps_f)^t - 1) <= b_f r/4 to
    alpha*: with eps_f = 2 nu zeta g it is at most eps_f tau (tau+1)/2 e^{1/12}, for eps_f <= 1/(2
    tau (tau+1)). Matrix Bernstein gives eps_A <= t_A and eps_B <= t_B in all rounds, so alpha* <=
    r/4 and the local steps are stable. A neuron travels at most (zeta ||X|| tau^/sqrt(m)) sum_k
    max_l ||e_k + z^l_k||, where tau^ <= tau + 1/4 because alpha* <= 1/4. The L^2 norm of that sum
    on the good event is at most sqrt(p) sum_k sqrt(a_k^2 + sigma^2), by Minkowski, so it is
    exceeded by a factor (delta/2)^{-1/2} with probability at most delta/2 (Chebyshev; Markov's
    inequality would lose the factor 2/delta). a_k is bounded by the displayed form at alpha = r/4.

Kind
    (III.1), (III.3) to (III.9), (III.11): **lower bounds, with probability**; (III.2): **upper
    bound, in expectation** over the masks, for all but a share delta of initialisations; (III.10):
    **upper bound, pathwise**.

Premises
    Unit rows; zeta ||G|| <= 1/2; (III.1) and (III.2): m >= m*.

Source
    Explicit form of the width requirement of Theorem 3, Liao & Kyrillidis (arXiv 2112.02668v1);
    Tropp, User-friendly tail bounds for sums of random matrices (2012).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from theory.language.claim import (
    Statement,
)
from theory.language.vocabulary import NONNEGATIVE, OPEN_UNIT, POSITIVE, Vocabulary
from theory.theorems.masked_training.identities import tr_Phi
from theory.theorems.masked_training.published import row_deviation, y_sq
from theory.theorems.masked_training.symbols import (
    K,
    R,
    V,
    delta,
    e0_sq,
    g,
    k,
    kappa,
    lam,
    lam0,
    m,
    n,
    nu,
    p,
    r,
    s,
    sigma,
    tau,
    tau_hat,
    theta,
    xi,
    zeta,
)  # fmt: skip

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol
eps = _s("epsilon", "share of lambda_0 that the kernel at W_0 may lose", OPEN_UNIT)
norm_X = _s("norm_X", "spectral norm ||X||", POSITIVE, latex=r"\lVert X\rVert")
v_A = _s("v_A", "Var(m^l_r)", NONNEGATIVE)
v_B = _s("v_B", "Var(m^l_r/N_r), 0/0 = 0", NONNEGATIVE)
q = _s("q", "share of neurons allowed near the kink of one input", POSITIVE)
R_w = _s("R_w", "distance that a neuron may travel from its initial weights", POSITIVE)
travelled = _s("travelled", "sum over rounds of max_l ||e_k + z^l_k||", NONNEGATIVE)
E_0 = _s("E_0", "bound of ||e_0||", POSITIVE)
total = _s("S", "bound of the sum of max_l ||e_k + z^l_k|| over the rounds", POSITIVE)
m_star = _s("m_star", "required width", POSITIVE, latex=r"m^\ast")

G_norm = norm_X**2
TRAVEL, INITIAL, OTHER = sp.Rational(1, 2), sp.Rational(1, 4), sp.Rational(1, 20)
"""Shares of delta: the distance travelled, ||e_0||^2, each of the five other events."""

CONDITIONS = ("kernel", "trace", "near", "active", "averaging", "curvature", "travel")
needed = {
    name: _s(f"m_{name}", f"width required by the condition `{name}`", NONNEGATIVE)
    for name in CONDITIONS
}
SETTING = (sp.Eq(row_deviation, 0), zeta * G_norm <= sp.Rational(1, 2))


def chernoff(share: sp.Expr) -> sp.Expr:
    """(1 - share) log(1 - share) + share."""
    return (1 - share) * log1p(-share) + share


def power(x: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """1 - (1 - x)^exponent, also where x is far below the rounding of 1."""
    return -expm1(exponent * log1p(-x))


def bernstein(variance: sp.Expr, size: sp.Expr, at: sp.Expr, log: sp.Expr) -> sp.Expr:
    """The width at which a mean of m matrices stays below `at`; `log` is log(2 n/failure).

    variance/m bounds the norm of the variance, size/m that of every summand.
    """
    return log * (2 * variance / at**2 + 2 * size / (3 * at))


def _unless_full(full: Any, masked: Any) -> sp.Expr:
    """`full` where every mask holds every neuron, else `masked`."""
    return sp.Piecewise((sp.sympify(full), xi >= 1), (sp.sympify(masked), True))


def averaging_law() -> tuple[sp.Expr, sp.Expr]:
    """Variance and size of the summands of B^l."""
    return v_B * G_norm**2, sp.Max(theta / p, 1 - theta / p) * G_norm


def curvature_law() -> tuple[sp.Expr, sp.Expr]:
    """Variance and size of the summands of A^l."""
    return v_A * G_norm**2 / xi**4, sp.Max(xi, 1 - xi) * G_norm / xi**2


def allowed(eigenvalue: sp.Expr = (1 - eps) * lam0) -> dict[sp.Symbol, sp.Expr]:
    """r, the weight nu of flips, q and R_w: what alpha* <= r/4 allows."""
    weight = _unless_full(1, sp.Rational(1, 2)) * sp.exp(-sp.Rational(1, 12))
    return {
        r: theta * power(zeta * eigenvalue, tau),
        nu: weight * r / (4 * zeta * g * tau * (tau + 1)),
        q: nu / _unless_full(2, 4),
        R_w: kappa * q * sp.sqrt(sp.pi / 2),
    }


def noise(
    trace: sp.Expr = kappa**2 * n, displaced: sp.Expr = norm_X * R_w
) -> dict[sp.Symbol, sp.Expr]:
    """s and sigma where tr Phi is at most `trace` and R at most `displaced`."""
    root = sp.sqrt(trace)
    norm_P = sp.Min(1, tau * zeta * G_norm)
    return {
        s: theta * sp.sqrt(V) * (norm_P * root + displaced),
        sigma: sp.sqrt((1 - xi) / xi) * (root + displaced),
    }


def mean_sum() -> sp.Expr:
    """At least the L^2 norm of the sum over rounds of max_l ||e_k + z^l_k||."""
    contraction = sp.Rational(4, 5) * r
    decayed = power(contraction, K / 2) / power(contraction, sp.Rational(1, 2))
    steady = sp.sqrt(2 / r) * s + sp.sqrt(5) / 2 * sigma
    return sp.sqrt(p) * (E_0 * decayed + K * steady)


def residual_sum(chance: sp.Expr) -> sp.Expr:
    """S: that sum is larger with the given chance at most."""
    pathwise = E_0 * power(sp.Rational(3, 4) * r, K) / (sp.Rational(3, 4) * r)
    return _unless_full(pathwise, mean_sum() / sp.sqrt(chance))


def widths(failure: Any) -> dict[str, sp.Expr]:
    """The width at which each condition fails with probability `failure`; but for `travel`."""
    t_B, t_A = thresholds()
    u = sp.log(2 * n * K * p / failure)
    masks = 3 * p * sp.log(2 * K * p * n / failure) / (2 * q * theta)
    one_step = sp.Or(tau <= 1, xi >= 1)
    return {
        "kernel": G_norm * sp.log(n / failure) / (lam0 * chernoff(eps)),
        "trace": 5 / sp.sympify(failure),
        "near": 3 * sp.log(n / failure) / q,
        "active": _unless_full(0, masks),
        "averaging": _unless_full(0, bernstein(*averaging_law(), t_B, u)),
        "curvature": sp.Piecewise(
            (sp.S.Zero, one_step), (bernstein(*curvature_law(), t_A, u), True)
        ),
    }


def thresholds() -> tuple[sp.Expr, sp.Expr]:
    """t_B and t_A: deviations of masked kernels that their shares of alpha = r/4 allow."""
    share = sp.Piecewise((sp.Rational(1, 2), tau <= 1), (sp.Rational(1, 4), True))
    return share * r / (4 * p * zeta * tau), r / (8 * theta * xi * zeta * tau * (tau - 1))


def initial_bound(failure: Any) -> sp.Expr:
    """||e_0||^2 is larger with probability `failure` at most, by Markov's inequality."""
    return (y_sq + kappa**2 * n / 2) / failure


def conditions() -> dict[sp.Symbol, sp.Expr]:
    """All definitions up to m*, in the order of their use."""
    found = {**allowed(), **noise(), E_0: sp.sqrt(initial_bound(INITIAL * delta))}
    found[total] = residual_sum(TRAVEL * delta)
    required = widths(OTHER * delta)
    required["travel"] = (zeta * norm_X * (tau + sp.Rational(1, 4)) * total / R_w) ** 2
    found |= {needed[name]: required[name] for name in CONDITIONS}
    # evaluated, it would ask of every pair of symbols which is larger
    return found | {m_star: sp.Max(*needed.values(), evaluate=False)}


def given_initialisation() -> dict[sp.Symbol, sp.Expr]:
    """`conditions` where lambda, tr Phi and ||e_0|| are those of W_0, and not bounded before."""
    measured = {E_0: sp.sqrt(e0_sq), needed["kernel"]: sp.S.Zero, needed["trace"]: sp.S.Zero}
    return {**conditions(), **allowed(lam), **noise(tr_Phi), **measured}


def coarser() -> dict[str, dict[sp.Symbol, sp.Expr]]:
    """`conditions` without one sharpening: what the sum of the residuals costs otherwise."""
    chance, sharp = TRAVEL * delta, conditions()
    pathwise = sharp[total].args[0].expr
    return {
        "Markov for the residuals": {**sharp, total: _unless_full(pathwise, mean_sum() / chance)},
        "no pathwise sum at xi = 1": {**sharp, total: mean_sum() / sp.sqrt(chance)},
    }


def good_event() -> Statement:
    """(III.1)."""
    return Statement(
        bound=1 - delta,
        premises=(*SETTING, m >= m_star),
        definitions=conditions(),
        parts={"m_star": m_star, **needed, "alpha": r / 4, "R": norm_X * R_w, "R_w": R_w, "q": q},
    )  # fmt: skip


def loss() -> Statement:
    """(III.2)."""
    rate = 1 - sp.Rational(4, 5) * r
    neighbourhood = 2 * s**2 / r + sigma**2 / 4
    return Statement(
        bound=rate**k * e0_sq + neighbourhood,
        premises=(*SETTING, m >= m_star),
        definitions=conditions(),
        parts={"rate": rate, "neighbourhood": neighbourhood},
        index=k,
    )


def lemma(name: str, threshold: sp.Expr, *premises: sp.Basic) -> Statement:
    """(III.3) to (III.6), (III.8), (III.9): one condition, at the width that it requires."""
    width = widths(delta)[name]
    return Statement(
        bound=1 - delta,
        premises=(*SETTING[:1], *premises, m >= width),
        definitions=allowed(),
        parts={"width": width, "threshold": threshold},
    )


def near() -> Statement:
    """(III.4)."""
    statement = lemma("near", 2 * m * q)
    return replace(statement, parts={**statement.parts, "distance": R_w})


def active() -> Statement:
    """(III.5): near neurons and masks, half of delta each."""
    width = sp.Max(*(widths(delta / 2)[name] for name in ("near", "active")))
    return replace(
        lemma("active", nu),
        premises=(*SETTING[:1], xi < 1, m >= width),
        parts={"width": width, "threshold": nu, "distance": R_w},
    )


def initial_loss() -> Statement:
    """(III.7)."""
    return Statement(
        bound=1 - delta, premises=SETTING[:1], parts={"threshold": initial_bound(delta)}
    )


def residuals() -> Statement:
    """(III.11): Chebyshev, once W_0 is what the kernel, trace and initial loss lemmas say."""
    width = sp.Max(needed["kernel"], needed["trace"])
    return Statement(
        bound=1 - delta,
        premises=(*SETTING, m >= width),
        definitions={**conditions(), **noise(displaced=R)},
        parts={"width": width, "threshold": total, "alpha": r / 4, "R": R},
    )


def distance() -> Statement:
    """(III.10), with tau^ at the weight nu of the flips that happened."""
    from theory.theorems.masked_training.lazy_regime import definitions

    return Statement(
        bound=zeta * norm_X * tau_hat / sp.sqrt(m) * travelled,
        definitions=definitions(),
    )
