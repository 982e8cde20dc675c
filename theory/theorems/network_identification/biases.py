"""Signs by an algebraic evaluation, biases by gradient descent, and the whole pipeline.

Setting
    That of `subspace`, with independent w_k w_k^T. Gamma_kl = <w_k, w_l>^2, w^_k = s_k w_k with s_k
    = +-1; c_k(x) = (Gamma^-1 (w^_l^T Hess f(x) w^_l)_l)_k. Biases: the loss is (1/2M) sum_i
    (f_tau(x_i) - y_i)^2 over M points, y from the true biases; P_ik = g'(<w_k, x_i> + tau_k) there
    and A = P^T P/M with eigenvalues lam to Lam; d = ||tau_t - tau|| before a step, G_2 = max |g''|,
    q(d) = G_2 d (3/2 sqrt(Lam) + G_2 d/2). Descent may use other weights: then P and A are theirs,
    xi their residuals at the true biases, p = ||P^T xi||/M, zeta = ||xi||/sqrt(M).

Statement
    (FK.11) c_k(x) = g''(<w_k, x> + tau_k), for every x and all signs s
    (FK.12) c_k(R w^_k) - c_k(-R w^_k) = s_k (g''(R + tau_k) + g''(R - tau_k))
    (FK.13) of finite differences c_k is off by at most h sqrt((Gamma^-1)_kk), h of (FK.3)
    (FK.14) so -sign(c^_k(R w^_k) - c^_k(-R w^_k)) = s_k where R > |tau_k| and
            |g''(R + tau_k) + g''(R - tau_k)| > 2 h sqrt((Gamma^-1)_kk)
    eta Lam <= 1: at every step of gradient descent with step eta,
    (FK.15) d_{t+1} <= (1 - eta lam + eta q(d)) d + eta (p + G_2 zeta d)
    (FK.16) with exact weights, from tau plus d times the eigenvector of lam:
            d_1 >= (1 - eta lam - eta q(d)) d, so the asymptotic rate is 1 - eta lam
    (FK.17) exact weights, q(d_0) < lam: d_t <= (1 - eta lam + eta q(d_0))^t d_0 for ALL t. That is
            d_0 < r_0 = (sqrt(9/4 Lam + 2 lam) - 3/2 sqrt(Lam))/G_2.
    (FK.18) from the true biases, e = lam - G_2 zeta > 0, bend = 3/2 sqrt(Lam) G_2 + G_2 e/(3
            sqrt(Lam)), e^2 >= 4 bend p: d_t <= 2p/(e + sqrt(e^2 - 4 bend p)) for ALL t: a floor
    The pipeline: differences at N points, span, power iteration from many starts, signs by two more
    Hessians a weight, descent from 0 on M values.
    (FK.19) It asks for (N + 2 min(m, T))(2 D^2 + 1) + M values: the span holds no more than T.
    (FK.20), (FK.21) The slopes of the errors of weights and biases in log eps lie within
            `tolerance` of 2, in half of the networks or more.

    Proof. (FK.12): g'' is odd. (FK.13): <E, dual of w_k w_k^T>, of norm sqrt((Gamma^-1)_kk).
    (FK.15): the gradient is P(tau_t)^T (Pbar (tau_t - tau) + xi)/M, Pbar averaged along the way,
    ||P(tau_t) - P||_F <= sqrt(M) G_2 d, half of it for Pbar. (FK.18): d (e - q(d)) >= d (e -
    bend d) while 3/2 sqrt(Lam) G_2 d <= e, and the map is monotone.

Kind
    (FK.11), (FK.12), (FK.14), (FK.19): **equalities, pathwise**; (FK.13), (FK.15), (FK.17),
    (FK.18): **upper bounds, pathwise**; (FK.16): **lower bound, pathwise**; (FK.20), (FK.21):
    **scaling**.

Premises
    As stated; m <= T for (FK.11) to (FK.14). R > |tau_k| is needed: at R = 0.3, tau = 1.5 the sum
    of g'' has the other sign. (FK.14): the sum exceeds what is lost in rounding, too. (FK.20),
    (FK.21): no noise, steps above rounding and below the next order, isolated weights, N >= m,
    starts and steps enough to find them, R between the biases and where g'' has died out.

Sharpness
    (FK.15) to (FK.17) are attained along the slowest eigenvector; descent converges from 100 r_0.

Slips that the slack hides
    (FK.18): all of second order, G_2 zeta and bend; the floor is sharp only for small errors of the
    weights. (FK.15): G_2 zeta d, which no single neuron attains together with q. (FK.20), (FK.21):
    any share up to that of the networks in which every weight is found.

Source
    Derived, after Fornasier et al. (arXiv 2211.04589), whose abstract is quoted ("we identify the
    signs by suitable algebraic evaluations, and we recover the biases by empirical risk
    minimization via gradient descent"); their evaluation of signs may be another one.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.theorems.network_identification.symbols import (
    ERROR,
    G_2,
    RESOLVED,
    ROUNDING,
    SECOND,
    SOURCE,
    VOCABULARY,
    D,
    Lam,
    M,
    N,
    R,
    T,
    b,
    bend,
    d,
    d_0,
    dual,
    e,
    eta,
    fewest,
    h,
    lam,
    m,
    narrowest,
    nu,
    p,
    q,
    second,
    sign,
    sizes,
    starts,
    t,
    tau,
    tau_max,
    tolerance,
    widest,
    z,
    zeta,
)

INDEPENDENT = m <= T
STEP = eta * Lam <= 1
_ROOT = sp.sqrt(Lam)

SWEPT = (
    sizes >= 3, widest >= 8 * narrowest, narrowest >= sp.Rational(1, 1000), b * widest <= sp.S.Half,
    sp.Eq(nu, 0),
)  # fmt: skip
"""Errors are of second order in eps: above rounding, and where that order leads."""

FOUND = (
    m <= D * (D - 1) / 2 + 1, m <= N, starts >= 5 * m, fewest >= 200, tau_max < R, b * R <= 3
)  # fmt: skip
"""All weights are isolated, their Hessians span, iterations find them and their signs are told."""


def _evened() -> sp.Expr:
    return second(R + tau) + second(R - tau)


def _curved(at: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    x = G_2 * at
    return {**SECOND, q: x * (sp.Rational(3, 2) * _ROOT + x / 2)}


def coefficients() -> Statement:
    """(FK.13)."""
    return Statement(h * sp.sqrt(dual), (INDEPENDENT, RESOLVED), ERROR)


def signs() -> Statement:
    """(FK.14)."""
    told = sp.Abs(_evened()) > 2 * (h + ROUNDING) * sp.sqrt(dual)
    premises = (INDEPENDENT, sp.Abs(tau) < R, told, RESOLVED)
    return Statement(sp.S.One, premises, ERROR)


def step() -> Statement:
    """(FK.15)."""
    bound = (1 - eta * lam + eta * q) * d + eta * (p + G_2 * zeta * d)
    return Statement(bound, (STEP,), _curved(d))


def slowest() -> Statement:
    """(FK.16)."""
    return Statement((1 - eta * lam - eta * q) * d, (STEP, sp.Eq(p, 0)), _curved(d))


def basin() -> Statement:
    """(FK.17)."""
    rate = 1 - eta * lam + eta * q
    parts = {"rate": rate}
    premises = (STEP, sp.Eq(p, 0), q < lam)
    return Statement(rate**t * d_0, premises, _curved(d_0), parts, index=t)


def floor() -> Statement:
    """(FK.18)."""
    definitions = {
        **SECOND,
        e: lam - G_2 * zeta,
        bend: sp.Rational(3, 2) * _ROOT * G_2 + G_2 * e / (3 * _ROOT),
    }
    bound = 2 * p / (e + sp.sqrt(e**2 - 4 * bend * p))
    return Statement(bound, (STEP, e > 0, e**2 >= 4 * bend * p), definitions)


def order() -> Statement:
    """(FK.20), (FK.21)."""
    parts = {"lowest": 2 - tolerance, "highest": 2 + tolerance}
    return Statement(sp.S.Half, (*SWEPT, *FOUND), parts=parts)


_CASES: Mapping[str, Case] = {
    "second-derivatives": (
        "FK.11", lambda: Statement(second(z), (INDEPENDENT,)), EXACT_PATHWISE,
        Quantity("coefficient", "c_k(x)", "c_k(x)"),
        "Hessians tell every g'', whatever the signs",
    ),
    "difference": (
        "FK.12", lambda: Statement(sign * _evened(), (INDEPENDENT,)), EXACT_PATHWISE,
        Quantity("telling", "c_k(R w^_k) - c_k(-R w^_k)",
                 r"c_k(R\hat w_k) - c_k(-R\hat w_k)"),
        "what tells a sign",
    ),
    "coefficients": (
        "FK.13", coefficients, UPPER_PATHWISE,
        Quantity("off", "|c^_k(x) - c_k(x)|", r"\lvert\hat c_k(x) - c_k(x)\rvert"),
        "and what finite differences cost there",
    ),
    "signs": (
        "FK.14", signs, EXACT_PATHWISE,
        Quantity("agreement", "recovered sign times s_k", r"\hat s_k s_k"),
        "where signs are right",
    ),
    "bias-step": (
        "FK.15", step, UPPER_PATHWISE,
        Quantity("bias", "||tau_{t+1} - tau||", r"\lVert\tau_{t+1} - \tau\rVert"),
        "one step of descent in the biases",
    ),
    "slowest": (
        "FK.16", slowest, LOWER_PATHWISE,
        Quantity("slowest", "||tau_1 - tau|| from the slowest eigenvector",
                 r"\lVert\tau_1 - \tau\rVert", least=0.0),
        "no rate is faster",
    ),
    "basin": (
        "FK.17", basin, UPPER_PATHWISE,
        Quantity("path", "||tau_t - tau||", r"\lVert\tau_t - \tau\rVert"),
        "linear convergence from an explicit basin",
    ),
    "floor": (
        "FK.18", floor, UPPER_PATHWISE,
        Quantity("floor", "||tau_t - tau|| with other weights", r"\lVert\tau_t - \tau\rVert"),
        "what errors of the weights leave of the biases",
    ),
    "queries": (
        "FK.19", lambda: Statement((N + 2 * sp.Min(m, T)) * (2 * D**2 + 1) + M), EXACT_PATHWISE,
        Quantity("queries", "values asked for", r"\text{values asked for}"),
        "what the pipeline asks for",
    ),
    "weights-order": (
        "FK.20", order, LOWER_PROBABILITY,
        probability("weights_slope", "|slope of the error of weights in eps - 2| <= tolerance"),
        "errors fall like the square of the step",
    ),
    "biases-order": (
        "FK.21", order, LOWER_PROBABILITY,
        probability("biases_slope", "|slope of the error of biases in eps - 2| <= tolerance"),
        "those of the biases, too",
    ),
}  # fmt: skip

CLAIMS = claims_of("identification", _CASES, VOCABULARY, SOURCE)
