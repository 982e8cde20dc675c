"""Where the best ridge is negative, and where it never is.

Setting
    That of `laws`. At lam = 0, p > n: kappa, g, and b = kappa^2 sum_i l_i theta_i^2/(l_i+kappa)^2.
    The limit of the risk is R(lam) = B + s2 V.

Statement
    (RO.23) Given X, at any lam: d(B + s2 V)/dlam = 2 (delta^T Sigma X^T A^-2 X theta
            - s2 tr(X Sigma X^T A^-3)), delta = (I - X^T A^-1 X) theta. So V always falls with lam.
    (RO.24) The noise s2(X) at which this is 0 at lam = 0 tends to
            s2_c = n kappa (1-g) [sum l_i^2 theta_i^2/(l_i+kappa)^3]/[sum l_i^2/(l_i+kappa)^3] - b
    (RO.25) s2 < s2_c: some lam < 0 has a smaller R than lam = 0.
    (RO.26) Where the target has its energy in one eigenvalue, the largest: R is smallest at a
            lam < 0 iff s2 < s2_c, at a lam > 0 iff s2 > s2_c.
    (RO.27) Target in the head of k directions, the least of which has the eigenvalue l_k:
            s2_c >= b [ (1-g)/(kappa k/(n l_k) + (1 + kappa/l_k) S2/(n kappa^2)) - 1 ]
    (RO.28) For every X, Sigma, n, p the risk averaged over theta ~ N(0, t2 I) and the noise is
            tr(Sigma (X^T X/s2 + I/t2)^-1) + t2 (lam - s2/t2)^2 tr(X Sigma X^T A^-1 A*^-1 A^-1),
            A* = X X^T + (s2/t2) I: smallest at lam = s2/t2, never at a negative one.

    Proof. (RO.24): dkappa/dlam = 1/(n (1-g)) > 0, and the quotient rule for (b + s2 g)/(1-g).
    (RO.27): l_i/(l_i+kappa)^3 >= [l_k/(l_k + kappa)] / (l_i+kappa)^2 in the head;
    sum l_i^2/(l_i+kappa)^3 <= k/(l_k+kappa) + S2/kappa^3. (RO.28): with K = X^T A^-1 and
    K - K* = -(lam - s2/t2) X^T A^-1 A*^-1 the excess over the posterior mean is
    t2 tr(Sigma (K - K*) A* (K - K*)^T).

Kind
    (RO.23), (RO.25), (RO.26), (RO.28): **equalities, pathwise**; (RO.24): **equality, in the
    limit**; (RO.27): **lower bound, pathwise**.

Premises
    p > n; A > 0. (RO.26) is false for targets of several eigenvalues: R may have a second minimum
    at lam > 0, and that may be the smaller one. (RO.28): s2, t2 > 0.

Source
    Derived here, after the sufficient conditions for a negative optimal ridge in Tsigler & Bartlett
    (arXiv 2009.14286).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_LIMIT, EXACT_PATHWISE, LOWER_PATHWISE
from theory.theorems.ridge_overfitting.certificates import Case, claims_of
from theory.theorems.ridge_overfitting.laws import LEFT, OVER, ROOT, SHARE, _j
from theory.theorems.ridge_overfitting.symbols import (
    S2,
    E,
    a_min,
    bent,
    bias_0,
    e,
    fall,
    g_0,
    gamma,
    k,
    kappa,
    l_k,
    lam,
    misfit,
    n,
    outside,
    posterior,
    pull,
    ridge,
    s2,
    t2,
)

_CUBES = sp.Sum(gamma[_j] * e[_j] ** 2 / (e[_j] + kappa) ** 3, OVER)
_PULLED = sp.Sum(E[_j] * e[_j] / (e[_j] + kappa) ** 3, OVER)
CRITICAL = kappa * (1 - SHARE) * _PULLED / _CUBES - LEFT
"""s2_c."""

_AT_ZERO = (*ROOT, sp.Eq(ridge, 0))


def boundary() -> Statement:
    """(RO.24)."""
    return Statement(CRITICAL, (*_AT_ZERO, CRITICAL > 0), size=n)


def negative_helps() -> Statement:
    """(RO.25): 1 where a negative ridge is better in the limit."""
    better = sp.Piecewise((sp.S.One, s2 < CRITICAL), (sp.S.Zero, True))
    return Statement(better, (*_AT_ZERO, s2 < CRITICAL), parts={"s2_c": CRITICAL})


def optimum() -> Statement:
    """(RO.26), as a sign."""
    side = sp.Piecewise((-sp.S.One, s2 < CRITICAL), (sp.S.One, True))
    premises = (*_AT_ZERO, sp.Eq(bent, 0))
    return Statement(side, premises, parts={"s2_c": CRITICAL})


def sufficient() -> Statement:
    """(RO.27)."""
    size = kappa * k / (n * l_k) + (1 + kappa / l_k) * S2 / (n * kappa**2)
    return Statement(bias_0 * ((1 - g_0) / size - 1), (sp.Eq(outside, 0), k >= 1))


_CASES: Mapping[str, Case] = {
    "slope": (
        "RO.23", lambda: Statement(2 * (pull - s2 * fall), (a_min > 0,)), EXACT_PATHWISE,
        Quantity("slope_of_risk", "d(B + s2 V)/dlam", r"\partial_\lambda (B + \sigma^2 V)"),
        "what a little more ridge does, given the design",
    ),
    "boundary": (
        "RO.24", boundary, EXACT_LIMIT,
        Quantity("critical_noise", "s2 at which the risk is stationary at lam = 0", r"\sigma^2(X)"),
        "the phase boundary of negative ridge",
    ),
    "negative-helps": (
        "RO.25", negative_helps, EXACT_PATHWISE,
        Quantity("negative_is_better", "1 if some lam < 0 has a smaller limit of the risk, else 0",
                 r"\mathbb{1}[\min_{\lambda<0} R < R(0)]"),
        "below the boundary some negative ridge is better than none",
    ),
    "optimum": (
        "RO.26", optimum, EXACT_PATHWISE,
        Quantity("side_of_optimum", "sign of the lam with the smallest limit of the risk",
                 r"\mathrm{sign}\,\lambda^\ast"),
        "for targets in one eigenvalue the best ridge changes its sign there",
    ),
    "sufficient": (
        "RO.27", sufficient, LOWER_PATHWISE,
        Quantity("critical_noise_of_law", "s2_c", r"\sigma^2_c"),
        "noise that is small against the effective rank over n",
    ),
    "isotropic-prior": (
        "RO.28",
        lambda: Statement(posterior + t2 * (lam - s2 / t2) ** 2 * misfit, (a_min > 0, s2 > 0)),
        EXACT_PATHWISE,
        Quantity("bayes_risk", "risk, mean over theta ~ N(0, t2 I) and the noise",
                 r"\mathbb{E}_\theta[B + \sigma^2 V]"),
        "under an isotropic prior the best ridge is never negative",
    ),
}  # fmt: skip

CLAIMS = claims_of(_CASES)
