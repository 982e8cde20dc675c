"""The limit of ridge regression at proportional sizes, and how sharp the published form is.

Setting
    That of `certificates`, rows with independent coordinates. kappa is the largest root of
        n = sum_i l_i/(l_i + kappa) + lam/kappa,      g = (1/n) sum_i l_i^2/(l_i + kappa)^2,
    lam of any sign, down to lam_c = -max_kappa [ sum_i kappa l_i/(l_i + kappa) - n kappa ], the
    limit of minus the least eigenvalue of X X^T. f = lam/lam_c for lam < 0, else 0.

Statement
    As n grows, with p/n, lam/n and the law of the eigenvalues kept, and an error of order 1/n:
    (RO.16) E V -> g/(1 - g)
    (RO.17) E B -> kappa^2 sum_i l_i theta_i^2/(l_i + kappa)^2/(1 - g), B the mean over independent
            signs of theta
    For lam < 0 both are means over designs whose least eigenvalue of A is at least
    (1 - f)|lam_c|/2, which all but a vanishing share have: without that E V is infinite.
    For every spectrum, lam and k, with x the larger root of n x^2 + (n L - S1 - lam) x - lam L = 0:
    (RO.18) kappa >= x, where it is real
    (RO.19) kappa <= (lam + S1)/(n - k), for k < n
    (RO.20) g <= k/n + S2/(n x^2), where x > 0
    With k* = #{l_i >= kappa}, sums over i > k* and i <= k*:
    (RO.21) (k* + sum_> l_i^2/kappa^2)/4 <= n g <= k* + sum_> l_i^2/kappa^2
    (RO.22) the same factors 1/4 and 1 between (1 - g) times the limit of B and
            kappa^2 sum_<= theta_i^2/l_i + sum_> l_i theta_i^2.
    So the published form, with kappa for (lam + S1)/n, is sharp up to a factor of 4.

    Proof. (RO.16), (RO.17) are known limits. (RO.18): for i > k l_i/(l_i + kappa) >=
    l_i/(L + kappa), and terms of the head are at least 0: n >= S1/(L + kappa) + lam/kappa.
    (RO.19): terms of the head are at most 1, of the tail at most l_i/kappa. (RO.20): l_i/(l_i +
    kappa) is at most 1 and l_i/kappa. (RO.21), (RO.22): each factor is between 1/2 and 1.

Kind
    (RO.16), (RO.17): **equalities, in the limit**; (RO.18), the lower ends of (RO.21), (RO.22):
    **lower bounds, pathwise**; (RO.19), (RO.20), the upper ends: **upper bounds, pathwise**.

Premises
    kappa > 0: p > n where lam <= 0; f <= 3/5. kappa is checked to solve its equation.
    That g/(1-g) is a lower bound of E V at finite n is false (n = p = 3).

Source
    Hastie, Montanari, Rosset & Tibshirani (arXiv 1903.08560); Tsigler & Bartlett
    (arXiv 2009.14286); any sign of lam and (RO.18) to (RO.22): derived here.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_LIMIT, LOWER_PATHWISE, UPPER_PATHWISE
from theory.theorems.ridge_overfitting.certificates import Case, claims_of
from theory.theorems.ridge_overfitting.symbols import (
    S1,
    S2,
    E,
    J,
    L,
    S2_star,
    e,
    energy_star,
    f,
    gamma,
    k,
    k_star,
    kappa,
    lam,
    n,
    ridge,
    theta_star,
)

SOLVED = 1e-9
"""Relative error of kappa, at most."""

_j = sp.Symbol("j", integer=True, nonnegative=True)
OVER = (_j, 0, J - 1)
SHARE = sp.Sum(gamma[_j] * e[_j] ** 2 / (e[_j] + kappa) ** 2, OVER)
"""g."""

LEFT = kappa**2 * sp.Sum(E[_j] / (e[_j] + kappa) ** 2, OVER)
"""b, (1 - g) times the limit of B."""

_FIXED_POINT = sp.Sum(gamma[_j] * e[_j] / (e[_j] + kappa), OVER) + ridge / kappa
ROOT = (sp.Abs(1 - _FIXED_POINT) <= SOLVED * (1 - SHARE), SHARE < 1)
"""kappa is the largest root, to SOLVED."""

_LAW = (*ROOT, f <= sp.Rational(3, 5))

_HALF = n * L - S1 - lam
_DISC = _HALF**2 + 4 * n * lam * L
X = sp.Piecewise(
    ((sp.sqrt(_DISC) - _HALF) / (2 * n), _HALF <= 0),
    (2 * lam * L / (sp.sqrt(_DISC) + _HALF), True),
)
"""x, the larger root, in two forms that lose no digits."""

_FORM_V = k_star + S2_star / kappa**2
_FORM_B = kappa**2 * theta_star + energy_star


def _limit(bound: sp.Expr) -> Statement:
    return Statement(bound, _LAW, parts={"g": SHARE}, size=n)


def share_at_most() -> Statement:
    """(RO.20)."""
    return Statement(k / n + S2 / (n * X**2), (_DISC >= 0, X > 0))


_KAPPA = Quantity("kappa", "kappa, for every head", r"\kappa")
_NG = Quantity("freedom", "n g", "n g")
_LEFT_OF_B = Quantity("bias_form", "(1 - g) times the limit of B", r"(1-g) B_\infty")

_CASES: Mapping[str, Case] = {
    "variance-law": (
        "RO.16", lambda: _limit(SHARE / (1 - SHARE)), EXACT_LIMIT,
        Quantity("variance_in_the_limit", "V", "V"), "the variance of many samples",
    ),
    "bias-law": (
        "RO.17", lambda: _limit(LEFT / (1 - SHARE)), EXACT_LIMIT,
        Quantity("bias_in_the_limit", "B, mean over signs of theta", "B"),
        "the bias of many samples",
    ),
    "kappa-at-least": (
        "RO.18", lambda: Statement(X, (_DISC >= 0,)), LOWER_PATHWISE, _KAPPA,
        "the tail acts as a ridge, at least",
    ),
    "kappa-at-most": (
        "RO.19", lambda: Statement((lam + S1) / (n - k), (k < n,)), UPPER_PATHWISE, _KAPPA,
        "and at most",
    ),
    "share-at-most": (
        "RO.20", share_at_most, UPPER_PATHWISE, Quantity("share", "g, for every head", "g"),
        "so the variance in the limit has the published form",
    ),
    "variance-form-at-most": (
        "RO.21", lambda: Statement(_FORM_V), UPPER_PATHWISE, _NG,
        "the published form of the variance, with kappa",
    ),
    "variance-form-at-least": (
        "RO.21", lambda: Statement(_FORM_V / 4), LOWER_PATHWISE, _NG,
        "is sharp up to a factor of 4",
    ),
    "bias-form-at-most": (
        "RO.22", lambda: Statement(_FORM_B), UPPER_PATHWISE, _LEFT_OF_B,
        "the published form of the bias, with kappa",
    ),
    "bias-form-at-least": (
        "RO.22", lambda: Statement(_FORM_B / 4), LOWER_PATHWISE, _LEFT_OF_B,
        "is sharp up to a factor of 4",
    ),
}  # fmt: skip

CLAIMS = claims_of(_CASES)
