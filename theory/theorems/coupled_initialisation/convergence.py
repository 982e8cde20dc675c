"""Coupled initialisation: neurons in pairs that cancel, so the initial scale is free.

Setting
    N pairs, m = 2N neurons: w_{2s-1} = w_{2s} = kappa g_s with g_s ~ N(0, I_d) independent, signs
    +1 and -1; f(x) = m^{-1/2} sum_r a_r relu(<w_r, x>), ||x_i|| <= 1. Full-batch gradient descent
    of step size eta on the squared loss ||e||^2/2, e = f - y, or on the logistic risk
    R = (1/n) sum_i log(1 + exp(-y_i f(x_i))) with labels y_i = +-1. H_0 = (1/N) sum_s D_s G D_s is
    the kernel at initialisation, with eigenpairs (mu_j, v_j) and smallest eigenvalue lambda;
    lambda_0 is that at infinite width. gamma is the margin in the features of H_0: the smallest
    value of sqrt((q o y)^T H_0 (q o y)) over the simplex; gamma_inf that at infinite width.

Statement
    (A.1)  ||e_0||^2 = ||y||^2 whatever kappa
    (A.2)  P(all |<w_r, x_i>| >= kappa delta sqrt(pi/2)/(N n)) >= 1 - delta
    (A.3)  P(no activation ever flips) >= 1 - delta once
               kappa >= kappa* = sqrt(2/pi) (N n/delta) ||X|| ||y||/(sqrt(m) lambda)
    (A.4)  ||e_k||^2 = sum_j (1 - eta mu_j)^{2k} <v_j, y>^2 <= (1 - eta lambda)^{2k} ||y||^2
    (A.5)  P(H_0 >= (1-epsilon) H_inf) >= 1 - delta once
               N >= N* = ||G|| log(n/delta)/(lambda_0 ((1-epsilon) log(1-epsilon) + epsilon))
    (A.6)  P(for all k: ||e_k||^2 <= (1 - eta (1-epsilon) lambda_0)^{2k} ||y||^2) >= 1 - delta once
               N >= N*, kappa >= kappa*, each for delta/2, kappa* at (1-epsilon) lambda_0.
           So m = O((n/lambda_0) log(n/delta)) neurons suffice, with no measured premise.
    (A.7)  P(no activation flips in T steps on the logistic risk) >= 1 - delta once
               kappa >= kappa*_T = sqrt(2/pi) (N n/delta) eta T/sqrt(m)
    (A.8)  R_T <= log(1 + exp(-rho gamma)) + rho^2/(2 eta T) for every rho >= 0
    (A.9)  R_T <= 1/T + log(T)^2/(2 eta T gamma^2)
    (A.10) P(gamma^2 >= (1-epsilon) gamma_inf^2) >= 1 - delta once N >= min(N*, N*_gamma),
               N*_gamma = (2 + t) log((n+1)/delta)/(t gamma_inf)^2, t = epsilon/3
    (A.11) P(for all T <= K and rho: (A.8) at gamma^2 = (1-epsilon) gamma_inf^2) >= 1 - delta once
               N >= min(N*, N*_gamma), kappa >= kappa*_K, each for delta/2.
    (A.12) With independent neurons and signs E||f_0||^2 = kappa^2 n/2: the scale is not free.
    (A.13) Masks undo the coupling: with Bernoulli(xi) masks on coupled neurons the output
           z = (1/xi) m^{-1/2} sum_r a_r m_r relu(<w_r, x>) has E||z||^2 = (1-xi)/xi kappa^2 n/2.
    (A.14) With kappa = 1 activations do flip, and the deviation from (A.4) falls like m^{-1/2}: the
           slope of a width sweep lies within `tolerance` of -1/2 with probability >= 1/2.
    Published (form unverified; constants hidden in O(.) are symbols C):
    (A.P1) m >= C_m n^2 log(n/delta)/lambda_0^2 and eta <= C_eta lambda_0/n^2 give
           P(for all k: ||e_k||^2 <= (1 - eta lambda_0/2)^k ||e_0||^2) >= 1 - delta
    (A.P2) m >= C_m log(n/delta)/gamma_inf^2 and T >= C_T/(gamma_inf^2 risk) give
           P(R_T <= risk) >= 1 - delta
    Certain, from the abstract: arbitrary inputs, pairs of identical Gaussian vectors, widths from
    about n^4 to n^2 (squared loss) and from gamma^-8 to gamma^-2 (logistic). Unverified: the rest.

    Proof. (A.2) is a union over N n half-normal variables. While nothing has flipped e_k = -(I -
    eta H_0)^k y, and a neuron has moved <w_r, x_i> by at most (eta ||X||/sqrt(m)) sum_k ||e_k|| <=
    ||X|| ||y||/(sqrt(m) lambda), which at kappa* is the margin of (A.2). (A.5) is the matrix
    Chernoff bound for H_inf^{-1/2} D_s G D_s H_inf^{-1/2}, of mean I and norm <= ||G||/lambda_0.
    Logistic: a step moves <w_r, x_i> by at most eta/sqrt(m). In the frozen features, of norm <= 1,
    the risk is convex and 1/4-smooth, so gradient descent with eta <= 4 has R_T <= R(w) + ||w -
    w_0||^2/(2 eta T) for every w: take the direction of largest margin, of length rho; (A.9) has
    rho = log(T)/gamma. H_0 >= (1-epsilon) H_inf implies gamma^2 >= (1-epsilon) gamma_inf^2. The
    maximal direction v of infinite width has |v(g)| <= 1/gamma_inf and E|v|^2 = 1: by Bernstein
    its margins stay above (1-t) gamma_inf, by Chernoff its squared length stays below 1 + t, each
    but for exp(-N (t gamma_inf)^2/(2+t)), and (1-t)^2/(1+t) >= 1 - 3t.

Kind
    (A.1), (A.4): **equalities, pathwise**; (A.12), (A.13): **equalities, in expectation**; (A.8),
    (A.9) and the rate of (A.4): **upper bounds, pathwise**; all others: **lower bounds, with
    probability**.

Premises
    Unit rows wherever a margin or an expected output is used; eta ||G|| <= 1 (squared loss), eta
    <= 4 (logistic); no flip so far for (A.4), (A.8), (A.9); otherwise N and kappa as stated.

Source
    After Munteanu, Omlor, Song, Woodruff, Bounding the Width of Neural Networks via Coupled
    Initialization (ICML 2022, arXiv 2206.12802); Tropp, User-friendly tail bounds (2012).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_PATHWISE,
)
from theory.language.tables import Case, claims_of, probability
from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    UNIT,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

n = _s("n", "samples", COUNT)
N = _s("N", "pairs of neurons, m = 2N", COUNT)
k = _s("k", "steps taken", INDEX)
T = _s("T", "steps taken, at least one", COUNT)
K = _s("K", "steps in all", COUNT)
kappa = _s("kappa", "initial weight scale", POSITIVE)
eta = _s("eta", "step size", POSITIVE)
delta = _s("delta", "failure probability", OPEN_UNIT)
eps = _s("epsilon", "share of lambda_0 or of the squared margin that the width may cost", OPEN_UNIT)
norm_X = _s("norm_X", "spectral norm ||X||", POSITIVE, latex=r"\lVert X\rVert")
y_sq = _s("y_sq", "||y||^2", NONNEGATIVE, latex=r"\lVert y\rVert^2")
deviation = _s("row_norm_deviation", "max_i | ||x_i|| - 1 |, 0 for unit rows", NONNEGATIVE)
lam = _s("lambda", "smallest eigenvalue of the kernel H_0", NONNEGATIVE)
lam0 = _s("lambda_0", "smallest eigenvalue of the infinite-width kernel", POSITIVE)
gamma = _s("gamma", "margin in the features of H_0", NONNEGATIVE)
gamma_inf = _s("gamma_inf", "margin at infinite width", POSITIVE, latex=r"\gamma_\infty")
rho = _s("rho", "length of the comparison, free", NONNEGATIVE)
flips = _s("flips", "activations seen to differ from those at the start, up to now", INDEX)
xi = _s("xi", "probability that a mask holds a neuron", UNIT)
mu = _v("mu", "eigenvalues of H_0", NONNEGATIVE)
c = _v("c", "targets in its eigenvectors, <v_j, y>")
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
smallest = _s("smallest", "smallest number of pairs of a sweep", COUNT)
largest = _s("largest", "largest number of pairs of a sweep", COUNT)
widths = _s("widths", "widths of a sweep", COUNT)
C_m = _s("C_m", "constant of the published width", POSITIVE)
C_eta = _s("C_eta", "constant of the published step size", POSITIVE)
C_T = _s("C_T", "constant of the published number of steps", POSITIVE)
risk = _s("risk", "risk asked for", POSITIVE)

m, G_norm = 2 * N, norm_X**2
UNIT_ROWS = sp.Eq(deviation, 0)
STABLE, SMOOTH = eta * G_norm <= 1, eta <= 4
FROZEN = sp.Eq(flips, 0)
_j = sp.Symbol("j", integer=True, nonnegative=True)


def margin(failure: Any) -> sp.Expr:
    """(A.2): all |<w_r, x_i>| are at least this, but for a probability `failure`."""
    return kappa * failure * sp.sqrt(sp.pi / 2) / (N * n)


def scale(travel: sp.Expr, failure: Any) -> sp.Expr:
    """The kappa at which the margin is the distance `travel`."""
    return travel * kappa / margin(failure)


def travel(smallest_eigenvalue: sp.Expr) -> sp.Expr:
    """How far gradient descent on the squared loss moves <w_r, x_i>, at most."""
    return norm_X * sp.sqrt(y_sq) / (sp.sqrt(m) * smallest_eigenvalue)


def logistic_travel(steps: sp.Expr) -> sp.Expr:
    """How far gradient descent on the logistic risk moves <w_r, x_i>, at most."""
    return eta * steps / sp.sqrt(m)


def pairs(failure: Any) -> sp.Expr:
    """N*."""
    return G_norm * sp.log(n / failure) / (lam0 * ((1 - eps) * log1p(-eps) + eps))


def margin_pairs(failure: Any) -> sp.Expr:
    """min(N*, N*_gamma)."""
    t = eps / 3
    return sp.Min(pairs(failure), (2 + t) * sp.log((n + 1) / failure) / (t * gamma_inf) ** 2)


def _likely(*premises: sp.Basic, **parts: sp.Expr) -> Statement:
    return Statement(1 - delta, premises, parts=parts)


def frozen() -> Statement:
    """(A.3)."""
    kappa_star = scale(travel(lam), delta)
    return _likely(UNIT_ROWS, STABLE, lam > 0, kappa >= kappa_star, kappa_star=kappa_star)


def exact_law() -> Statement:
    """(A.4), the equality."""
    terms = (1 - eta * mu[_j]) ** (2 * k) * c[_j] ** 2
    return Statement(sp.Sum(terms, (_j, 0, n - 1)), (FROZEN,), index=k)


def rate() -> Statement:
    """(A.4), the rate."""
    factor = (1 - eta * lam) ** 2
    return Statement(factor**k * y_sq, (STABLE, FROZEN), parts={"rate": factor}, index=k)


def convergence() -> Statement:
    """(A.6)."""
    low = (1 - eps) * lam0
    N_star, kappa_star = pairs(delta / 2), scale(travel(low), delta / 2)
    return _likely(UNIT_ROWS, STABLE, sp.Ge(N, N_star), kappa >= kappa_star, N_star=N_star,
                   kappa_star=kappa_star, lowest=low)  # fmt: skip


def logistic_frozen() -> Statement:
    """(A.7)."""
    kappa_star = scale(logistic_travel(K), delta)
    return _likely(UNIT_ROWS, kappa >= kappa_star, kappa_star=kappa_star)


def logistic_risk() -> Statement:
    """(A.8)."""
    bound = log1p(sp.exp(-rho * gamma)) + rho**2 / (2 * eta * T)
    return Statement(bound, (SMOOTH, FROZEN), index=T)


def displayed_risk() -> Statement:
    """(A.9)."""
    bound = 1 / T + sp.log(T) ** 2 / (2 * eta * T * gamma**2)
    return Statement(bound, (SMOOTH, FROZEN, gamma > 0), index=T)


def logistic() -> Statement:
    """(A.11)."""
    N_star, kappa_star = margin_pairs(delta / 2), scale(logistic_travel(K), delta / 2)
    return _likely(UNIT_ROWS, SMOOTH, sp.Ge(N, N_star), kappa >= kappa_star, N_star=N_star,
                   kappa_star=kappa_star, gamma=sp.sqrt(1 - eps) * gamma_inf)  # fmt: skip


def contrast() -> Statement:
    """(A.12). The variance: E f^4 = kappa^4 (3/4 + 3/(4m)) for every output, and Cauchy-Schwarz."""
    variance = kappa**4 * n**2 * (sp.Rational(1, 2) + 3 / (4 * m))
    return Statement(kappa**2 * n / 2, (UNIT_ROWS,), variance=variance)


def masked() -> Statement:
    """(A.13). The variance as in (A.12), with v = 2 xi (1-xi) that of the masks of a pair."""
    v = 2 * xi * (1 - xi)
    variance = n**2 * kappa**4 * v / (8 * xi**4) * (v + 3 * (1 - v / 2) / N)
    return Statement((1 - xi) / xi * kappa**2 * n / 2, (UNIT_ROWS, xi < 1), variance=variance)


def boundary() -> Statement:
    """(A.14)."""
    slope = -sp.S.Half
    return Statement(
        sp.S.Half,
        (widths >= 3, largest >= 8 * smallest),
        parts={"exponent": slope, "lowest": slope - tolerance, "highest": slope + tolerance},
    )


def published_squared() -> Statement:
    """(A.P1), form unverified."""
    width = C_m * n**2 * sp.log(n / delta) / lam0**2
    step = C_eta * lam0 / n**2
    return _likely(m >= width, eta <= step, width=width, step=step, rate=1 - eta * lam0 / 2)


def published_logistic() -> Statement:
    """(A.P2), form unverified."""
    width, steps = C_m * sp.log(n / delta) / gamma_inf**2, C_T / (gamma_inf**2 * risk)
    return _likely(m >= width, sp.Ge(K, steps), width=width, steps=steps)


_LOSS = Quantity("loss", "||e_k||^2", r"\lVert e_k\rVert^2")
_RISK = Quantity("logistic_risk", "R_T", "R_T")
_SOURCE = (
    "explicit form after Munteanu et al., Coupled Initialization (ICML 2022, arXiv 2206.12802)"
)
_UNVERIFIED = "as recalled, form unverified: Munteanu et al. (ICML 2022, arXiv 2206.12802)"

_CASES: Mapping[str, Case] = {
    "initial-residual": (
        "A.1", lambda: Statement(y_sq), EXACT_PATHWISE,
        Quantity("initial_residual", "||e_0||^2", r"\lVert e_0\rVert^2"),
        "pairs cancel: the initial output is 0",
    ),
    "margin": (
        "A.2", lambda: _likely(UNIT_ROWS, threshold=margin(delta)), LOWER_PROBABILITY,
        probability("margin", "all |<w_r, x_i>| >= kappa delta sqrt(pi/2)/(N n)"),
        "no neuron starts near a kink",
    ),
    "frozen": (
        "A.3", frozen, LOWER_PROBABILITY, probability("frozen", "no activation flips"),
        "activations stay, at a large scale",
    ),
    "exact-law": ("A.4", exact_law, EXACT_PATHWISE, _LOSS, "the loss of frozen activations"),
    "rate": ("A.4", rate, UPPER_PATHWISE, _LOSS, "its rate"),
    "kernel": (
        "A.5", lambda: _likely(sp.Ge(N, pairs(delta)), N_star=pairs(delta), share=1 - eps),
        LOWER_PROBABILITY, probability("kernel", "H_0 >= (1 - epsilon) H_inf"),
        "the kernel at the start is nearly that of infinite width",
    ),
    "convergence": (
        "A.6", convergence, LOWER_PROBABILITY,
        probability("convergence", "for all k: ||e_k||^2 <= (1 - eta (1-epsilon) lambda_0)^(2k)"
                     " ||y||^2"),
        "the theorem with no measured premise",
    ),
    "logistic-frozen": (
        "A.7", logistic_frozen, LOWER_PROBABILITY,
        probability("logistic_frozen", "no activation flips in K steps"),
        "activations stay, on the logistic risk",
    ),
    "logistic-risk": ("A.8", logistic_risk, UPPER_PATHWISE, _RISK, "the risk, by the margin"),
    "logistic-risk/displayed": (
        "A.9", displayed_risk, UPPER_PATHWISE, _RISK, "the same at rho = log(T)/gamma",
    ),
    "logistic-margin": (
        "A.10",
        lambda: _likely(sp.Ge(N, margin_pairs(delta)), N_star=margin_pairs(delta), share=1 - eps),
        LOWER_PROBABILITY,
        probability("logistic_margin", "gamma^2 >= (1 - epsilon) gamma_inf^2"),
        "the margin at the start is nearly that of infinite width",
    ),
    "logistic": (
        "A.11", logistic, LOWER_PROBABILITY,
        probability("logistic", "the risk bound holds for all T <= K, from gamma_inf"),
        "the logistic theorem with no measured premise",
    ),
    "contrast": (
        "A.12", contrast, EXACT_EXPECTATION,
        Quantity("independent_output", "E||f_0||^2", r"\mathbb{E}\lVert f_0\rVert^2"),
        "independent signs: the initial output grows with the scale",
    ),
    "masked": (
        "A.13", masked, EXACT_EXPECTATION,
        Quantity("masked_output", "E||z||^2", r"\mathbb{E}\lVert z\rVert^2"),
        "masks undo the coupling",
    ),
    "boundary": (
        "A.14", boundary, LOWER_PROBABILITY,
        probability("slope_of_deviation", "|slope of the deviation + 1/2| <= tolerance"),
        "at kappa = 1 the exact law is one of large width",
    ),
    "published-squared": (
        "A.P1", published_squared, LOWER_PROBABILITY,
        probability("published_squared", "for all k: ||e_k||^2 <= (1 - eta lambda_0/2)^k"
                     " ||e_0||^2"),
        "published for the squared loss, form unverified",
    ),
    "published-logistic": (
        "A.P2", published_logistic, LOWER_PROBABILITY,
        probability("published_logistic", "R_K <= risk"),
        "published for the logistic loss, form unverified",
    ),
}  # fmt: skip

CLAIMS = claims_of("coupled", _CASES, VOCABULARY, _SOURCE, _UNVERIFIED)
