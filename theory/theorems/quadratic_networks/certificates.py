"""Certificates at W_0 for any smooth activation, and what decides whether there is one.

Setting
    f(x) = sum_l v_l phi(<w_l, x>), |phi''| <= B_2, e = f - y; gradient descent on ||e||^2/2 with
    step eta. J is the Jacobian (n x k d) of the outputs, kappa and b its n-th and its largest
    singular value at W_0 (so kappa = 0 where n > k d), ell = B_2 max |v_l| ||X|| max_i ||x_i||.

Statement
    Certificate: n <= k d, q in (0, 1), disc = kappa^2 - 2 ell ||e_0||/q > 0, R = (kappa -
    sqrt(disc))/ell = 2 ||e_0||/(q (kappa + sqrt(disc))), and q <= 1 - eta (b + ell R)^2/2 -
    eta ell ||e_0||/2. Then for ALL t
    (Q.15) ||e_t|| <= (1 - eta q disc)^t ||e_0||
    (Q.16) sum of the lengths of the steps <= R
    (Q.17) Basin: y = f(W*), r = ||W_0 - W*||_F, kappa*, b* of J(W*): disc >= (kappa* - ell r)^2 -
           2 ell (b* + ell r/2) r/q where kappa* >= ell r; a certificate where that is positive
    Ranks for Gaussian X, W, with probability 1: rank J = min(n, D_k), where
    (Q.18) phi(z) = z^2: D_k = j d - j(j-1)/2, j = min(k, d)
    (Q.19) phi not a polynomial: D_k = k d
    Wide inputs: X Gaussian (n x d), phi' in [b_0, 1], u = sqrt(2 log(1/delta)), sqrt(d) > sqrt(n)
    + u, low = b_0^2 ||v||^2 (sqrt(d) - sqrt(n) - u)^2, top = ||v||^2 (sqrt(d) + sqrt(n) + u)^2:
    (Q.20) P(lambda_min(J J^T) >= low at W_0 and after training) >= 1 - 2 delta
    (Q.21) eta (top + ell ||e_0||) <= 1: P(for all t: ||e_t|| <= (1 - eta low (2 - eta top -
           eta ell ||e_0||)/2)^t ||e_0||) >= 1 - 2 delta, from any start

    Proof. ||J(W) - J(W')|| <= ell ||W - W'||. One step: e' = (I - eta J J^T) e + rest, ||rest|| <=
    ell eta^2 ||J^T e||^2/2, and ||(I - eta J J^T) e|| <= ||e|| - eta (1 - eta ||J||^2/2)
    ||J^T e||^2/||e||. So ||e'|| <= ||e|| - q sigma_n(J) times the length of the step; integrate
    sigma_n >= kappa - ell rho over the path length rho: it stays below R, and kappa - ell R =
    sqrt(disc). (Q.17): kappa >= kappa* - ell r and ||e_0|| <= (b* + ell r/2) r. (Q.20), (Q.21):
    J J^T is the Schur product of X X^T and a kernel with diagonal at least b_0^2 ||v||^2, and
    Davidson-Szarek bounds the singular values of X.

Kind
    (Q.15), (Q.16): **upper bounds, pathwise**; (Q.17): **lower bound, pathwise**; (Q.18), (Q.19):
    **equalities, pathwise** (with probability 1); (Q.20), (Q.21): **lower bounds, with
    probability**.

Premises
    As stated; ||e_0|| >= 1e-6 ||f||, or the outputs are rounding. (Q.19): d >= 2, for on a line
    the singular values fall below rounding. n <= d is not enough for (Q.20):
    it takes n < (sqrt(d) - u)^2. There b_0 > 0.

Slips that the slack hides
    In (Q.20), (Q.21) the share 1 - 2 delta is far exceeded, so delta for 2 delta passes.

Source
    Derived here, after Soltanolkotabi, Javanmard, Lee (arXiv 1707.04926), whose local convergence
    is for Gaussian inputs and planted weights; Davidson & Szarek (2001).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    Vocabulary,
)
from theory.theorems.quadratic_networks.landscape import SOURCE

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
k = _s("k", "neurons", COUNT)
t = _s("t", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE)
q = _s("q", "share of the decrease that is kept, free", OPEN_UNIT)
kappa = _s("kappa", "n-th singular value of J(W_0)", NONNEGATIVE)
b = _s("b", "largest singular value of J(W_0)", POSITIVE)
ell = _s("ell", "B_2 max |v_l| ||X|| max_i ||x_i||", NONNEGATIVE, latex=r"\ell")
e_0 = _s("e_0", "||e_0||", NONNEGATIVE, latex=r"\lVert e_0\rVert")
f_0 = _s("f_0", "||f_0||", NONNEGATIVE, latex=r"\lVert f_0\rVert")
kappa_star = _s("kappa_star", "n-th singular value of J(W*)", NONNEGATIVE, latex=r"\kappa^\ast")
b_star = _s("b_star", "largest singular value of J(W*)", POSITIVE, latex=r"b^\ast")
r = _s("r", "||W_0 - W*||_F", NONNEGATIVE)
disc = _s("disc", "square of the least singular value of J on the way, at least")
R = _s("R", "length of the way, at most", NONNEGATIVE)
delta = _s("delta", "failure probability of either end", OPEN_UNIT)
b_0 = _s("b_0", "least phi'", sp.Interval(0, 1))
v_sq = _s("v_sq", "||v||^2", POSITIVE, latex=r"\lVert v\rVert^2")
rest = _s("rest", "largest ell ||e_0|| of the trials", NONNEGATIVE)
u = _s("u", "sqrt(2 log(1/delta))", NONNEGATIVE)
low = _s("low", "lambda_min(J J^T), at least", NONNEGATIVE)
top = _s("top", "lambda_max(J J^T), at most", POSITIVE)

WAY = {disc: kappa**2 - 2 * ell * e_0 / q, R: 2 * e_0 / (q * (kappa + sp.sqrt(disc)))}
CERTIFICATE = (
    n <= k * d,
    disc > 0,
    q <= 1 - eta * (b + ell * R) ** 2 / 2 - eta * ell * e_0 / 2,
    e_0 >= f_0 / 10**6,
)
WIDE = {
    u: sp.sqrt(2 * sp.log(1 / delta)),
    low: b_0**2 * v_sq * (sp.sqrt(d) - sp.sqrt(n) - u) ** 2,
    top: v_sq * (sp.sqrt(d) + sp.sqrt(n) + u) ** 2,
}
WIDE_INPUTS = sp.sqrt(d) > sp.sqrt(n) + u


def error() -> Statement:
    """(Q.15)."""
    rate = 1 - eta * q * disc
    return Statement(rate**t * e_0, CERTIFICATE, WAY, parts={"disc": disc, "rate": rate}, index=t)


def path() -> Statement:
    """(Q.16)."""
    return Statement(R, CERTIFICATE, WAY)


def basin() -> Statement:
    """(Q.17)."""
    bound = (kappa_star - ell * r) ** 2 - 2 * ell * (b_star + ell * r / 2) * r / q
    return Statement(bound, (n <= k * d, kappa_star >= ell * r), index=n)


def rank_of_square() -> Statement:
    """(Q.18)."""
    j = sp.Min(k, d)
    return Statement(sp.Min(n, j * d - j * (j - 1) / 2))


def wide(rated: bool) -> Statement:
    """(Q.20), (Q.21)."""
    step = (eta * (top + rest) <= 1,) if rated else ()
    rate = {"rate": 1 - eta * low * (2 - eta * top - eta * rest) / 2} if rated else {}
    parts = {"low": low, "top": top, **rate}
    return Statement(1 - 2 * delta, (WIDE_INPUTS, b_0 > 0, *step), WIDE, parts)


_CASES: Mapping[str, Case] = {
    "smooth-rate": (
        "Q.15", error, UPPER_PATHWISE, Quantity("error", "||e_t||", r"\lVert e_t\rVert"),
        "any smooth activation, from a certificate at the start",
    ),
    "smooth-path": (
        "Q.16", path, UPPER_PATHWISE,
        Quantity("path", "length of the way", r"\sum_{s<t}\lVert W_{s+1} - W_s\rVert_F"),
        "how far the weights go in it",
    ),
    "basin": (
        "Q.17", basin, LOWER_PATHWISE,
        Quantity("discriminant", "disc at W_0", r"\mathrm{disc}(W_0)"),
        "near a planted network there is a certificate",
    ),
    "rank": (
        "Q.18", rank_of_square, EXACT_PATHWISE,
        Quantity("rank_of_square", "rank J, phi(z) = z^2", r"\mathrm{rank}\,J"),
        "how many labels a quadratic network can fit near W",
    ),
    "rank-smooth": (
        "Q.19", lambda: Statement(sp.Min(n, k * d), (d >= 2,)), EXACT_PATHWISE,
        Quantity("rank_of_smooth", "rank J, phi not a polynomial", r"\mathrm{rank}\,J"),
        "how many another one can fit",
    ),
    "wide-kernel": (
        "Q.20", lambda: wide(False), LOWER_PROBABILITY,
        probability("wide_kernel", "lambda_min(J J^T) >= low before and after training"),
        "fewer samples than dimensions: the kernel is positive everywhere",
    ),
    "wide-rate": (
        "Q.21", lambda: wide(True), LOWER_PROBABILITY,
        probability("wide_rate", "for all t: ||e_t|| <= rate^t ||e_0||"),
        "so any start converges",
    ),
}  # fmt: skip

CLAIMS = claims_of("quadratic", _CASES, VOCABULARY, SOURCE)
