"""Gradient descent on quadratic networks converges, at a rate known from X, y and W_0.

Setting
    That of `landscape`, with v = +-c.

Statement
    g_0 = gap at W_0, sigma_d the d-th singular value of C_0 = W_+ W_-^T (k_+ x k_-), and
        lo = sigma_d - eta g_0,   hi = ||C_0|| + eta g_0,   mu = (||M*|| + sqrt(2 g_0/t_min))/c,
        beta = (mu + sqrt(mu^2 + 4 hi^2))/2,   r = sqrt(2 t_max g_0),
        br = 1 - eta c r - 4 eta c^2 t_max beta (1 + eta c r)^2.
    If k_+, k_- >= d, t_min > 0, lo > 0 and br >= 1/2, then for ALL steps t
    (Q.10) gap_t <= (1 - 16 br eta c^2 t_min lo^2/beta)^t g_0
    (Q.11) ||A_t||, ||B_t|| <= beta
    (Q.12) lambda_min(A_t), lambda_min(B_t) >= lo^2/beta
    (Q.13) ||C_t - C_0||_F <= eta g_0
    (Q.14) gradient flow: gap_t <= exp(-16 c^2 t_min sigma_d^2 t/beta) g_0, beta at eta = 0
    Norms without an index are spectral.

    Proof. (i) A^{1/2} B A^{1/2} has the eigenvalues sigma_i(C)^2, and B = A - M/c >= A - mu I, so
    ||A||^2 - mu ||A|| <= ||C||^2, hence ||A|| <= beta (so is ||B||), and lambda_min(A) >=
    sigma_d(C)^2/||B||. (ii) ||M|| <= c mu, since gap = <N, T N>/2 with N = M - M*. (iii) ||G||^2 =
    4 c^2 tr(S (A+B) S) >= 8 c^2 (lo^2/beta) ||S||_F^2, and ||S||_F^2 = ||T N||^2 >= 2 t_min gap.
    (iv) M moves by -2 eta c^2 (S(A+B) + (A+B)S) + 4 eta^2 c^3 S(A-B)S and ||S|| <= r, so gap' <=
    gap - eta br ||G||^2. (v) So sum eta ||G||^2 <= 2 g_0, and (Q.9) bounds what C moves. Induct.

Kind
    (Q.10), (Q.11), (Q.13), (Q.14): **upper bounds, pathwise**; (Q.12): **lower bound, pathwise**.

Premises
    As stated; all are evaluated at W_0. Where k_+ or k_- < d the d-th singular value of C_0 is 0.
    t_min > 0 is generic for n >= d(d+1)/2.

Slips that the slack hides
    On random starts the rate of (Q.10) is 3 to 80 times too slow: there beta = hi in the rate, or
    mu left out, are not seen. They are where W_+ = W_- has orthogonal columns, and y is along the
    bottom eigenvector of T: the rate is then sharp to 6 %.

Source
    Derived here; conservation of C by gradient flow is well known.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, POSITIVE, Vocabulary
from theory.theorems.quadratic_networks.landscape import DRIFT, SOURCE

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

d = _s("d", "input dimension", COUNT)
t = _s("t", "steps taken", INDEX)
time = _s("time", "time of the flow", NONNEGATIVE)
k_plus = _s("k_plus", "neurons of positive v_l", INDEX, latex="k_+")
k_minus = _s("k_minus", "neurons of negative v_l", INDEX, latex="k_-")
uneven = _s("uneven", "largest over least |v_l|, minus 1", NONNEGATIVE)
eta = _s("eta", "step size", POSITIVE)
c = _s("c", "v_l = +-c", POSITIVE)
g_0 = _s("g_0", "L - L* at W_0", NONNEGATIVE)
sigma_d = _s("sigma_d", "d-th singular value of C_0", NONNEGATIVE, latex=r"\sigma_d")
norm_C = _s("norm_C", "||C_0||", NONNEGATIVE, latex=r"\lVert C_0\rVert")
norm_M = _s("norm_M", "||M*||", NONNEGATIVE, latex=r"\lVert M^\ast\rVert")
t_min = _s("t_min", "least eigenvalue of T", NONNEGATIVE)
t_max = _s("t_max", "largest eigenvalue of T", POSITIVE)
lo = _s("lo", "least singular value of C_t, at least")
hi = _s("hi", "largest singular value of C_t, at most", NONNEGATIVE)
mu = _s("mu", "||M_t||/c, at most", NONNEGATIVE)
beta = _s("beta", "||A_t||, ||B_t||, at most", NONNEGATIVE)
r = _s("r", "||S||, at most", NONNEGATIVE)
br = _s("br", "share of the decrease of the linear model that is left")

_SIZE = (mu + sp.sqrt(mu**2 + 4 * hi**2)) / 2
_MU = (norm_M + sp.sqrt(2 * g_0 / t_min)) / c
DEFINITIONS = {
    lo: sigma_d - eta * g_0,
    hi: norm_C + eta * g_0,
    mu: _MU,
    beta: _SIZE,
    r: sp.sqrt(2 * t_max * g_0),
    br: 1 - eta * c * r - 4 * eta * c**2 * t_max * beta * (1 + eta * c * r) ** 2,
}
AT_START = (k_plus >= d, k_minus >= d, sp.Eq(uneven, 0), t_min > 0)
PREMISES = (*AT_START, lo > 0, br >= sp.S.Half)


def _descent(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    parts = {"lo": lo, "beta": beta, "br": br}
    parts["rate"] = 1 - 16 * br * eta * c**2 * t_min * lo**2 / beta
    return Statement(bound, PREMISES, definitions=DEFINITIONS, parts=parts, index=index)


def global_rate() -> Statement:
    """(Q.10)."""
    rate = 1 - 16 * br * eta * c**2 * t_min * lo**2 / beta
    return _descent(rate**t * g_0, t)


def flow_rate() -> Statement:
    """(Q.14)."""
    flow = {hi: norm_C, mu: _MU, beta: _SIZE}
    rate = 16 * c**2 * t_min * sigma_d**2 / beta
    premises = (*AT_START, sigma_d > 0)
    return Statement(sp.exp(-rate * time) * g_0, premises, definitions=flow, index=time)


_CASES: Mapping[str, Case] = {
    "global-rate": (
        "Q.10", global_rate, UPPER_PATHWISE,
        Quantity("global_gap", "L - L*", r"L - L^\ast"),
        "linear convergence from W_0 with every constant",
    ),
    "global-size": (
        "Q.11", lambda: _descent(beta), UPPER_PATHWISE,
        Quantity("size", "max(||A_t||, ||B_t||)", r"\max(\lVert A_t\rVert, \lVert B_t\rVert)"),
        "weights stay bounded",
    ),
    "global-least": (
        "Q.12", lambda: _descent(lo**2 / beta), LOWER_PATHWISE,
        Quantity("least", "min(lambda_min(A_t), lambda_min(B_t))",
                 r"\min(\lambda_{\min}(A_t), \lambda_{\min}(B_t))"),
        "and away from 0",
    ),
    "global-drift": (
        "Q.13", lambda: _descent(eta * g_0), UPPER_PATHWISE, DRIFT,
        "W_+ W_-^T hardly moves",
    ),
    "flow-rate": (
        "Q.14", flow_rate, UPPER_PATHWISE,
        Quantity("flow_gap", "L - L* of gradient flow", r"L(t) - L^\ast"),
        "the same for gradient flow",
    ),
}  # fmt: skip

CLAIMS = claims_of("quadratic", _CASES, VOCABULARY, SOURCE)
