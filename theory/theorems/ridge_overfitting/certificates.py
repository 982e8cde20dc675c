"""Certificates of ridge regression: bias and variance given the design, for any data and ridge.

Setting
    X = Z Sigma^(1/2) (n, p), Sigma = diag(l_1 >= .. >= l_p) > 0, columns x_i = sqrt(l_i) z_i;
    y = X theta + noise of variance s2; theta_hat = X^T A^-1 y, A = X X^T + lam I > 0. lam may be
    negative, and is not multiplied by n. Given X the excess risk |theta_hat - theta|^2_Sigma has
    the mean B + s2 V over the noise, B = |(I - X^T A^-1 X) theta|^2_Sigma,
    V = tr(A^-1 X Sigma X^T A^-1). h_i = x_i^T A^-1 x_i. The head are the first k directions,
    index 0, the tail the others, index 1; L = l_{k+1}; S1, S2, S4 are the sums of l, l^2, l^4 over
    the tail; m_low and m_high the extreme eigenvalues of A_k = X_1 X_1^T + lam I.

Statement
    For any X, direction by direction:
    (RO.1)  V = sum_i V_i,  V_i = l_i |A^-1 x_i|^2 >= h_i^2/|z_i|^2
    (RO.2)  the mean of B over independent random signs of theta is sum_i B_i, and
            B_i >= l_i theta_i^2 (1 - h_i)^2
    (RO.3)  h_i = l_i q_i/(1 + l_i q_i),  q_i = z_i^T A_{-i}^-1 z_i,  A_{-i} = A - x_i x_i^T
    For any X and any k with m_low > 0, with P = (Sigma_0^-1 + Z_0^T Z_0/m_high)^-1,
    v = Sigma_0^(-1/2) theta_0, w^2 = v^T P v, xi^2 = theta_1^T X_1^T A_k^-1 X_1 theta_1,
    c^2 = 1 + max(-lam, 0)/m_low, the sums over the head and over the tail:
    (RO.4)  V_head <= (m_high/m_low) tr (Z_0^T Z_0 + m_high Sigma_0^-1)^-1
    (RO.5)  V_tail <= tr(X_1 Sigma_1 X_1^T)/m_low^2
    (RO.6)  B_head <= |P| (w + xi)^2
    (RO.7)  B_tail <= (|theta_1|_{Sigma_1} + sqrt(L) c (xi + w))^2
    (RO.8)  V and B are at most the sums: the best k is the certificate.
    Published, with constants that are not stated: if A_k has a condition number of at most cond,
    and k < n/c,
    (RO.P1) V <= C (k/n + n S2/(lam + S1)^2)
    (RO.P2) B <= C (|theta_1|^2_{Sigma_1} + |theta_0|^2_{Sigma_0^-1} ((lam + S1)/n)^2)

    Proof. (RO.1): h_i <= |x_i| |A^-1 x_i|. (RO.2): B_i = theta_i^2 sum_j l_j M_ji^2 with
    M = I - X^T A^-1 X, and M_ii = 1 - h_i. (RO.3): Sherman-Morrison. (RO.4) to (RO.7): with
    G = Z_0^T A_k^-1 Z_0 and Q = (Sigma_0^-1 + G)^-1, Woodbury gives Sigma_0^(1/2) X_0^T A^-1 =
    Q Z_0^T A_k^-1, Sigma_0^(1/2) delta_0 = Q v - Q Z_0^T A_k^-1 X_1 theta_1 and A^-1 X_0 theta_0 =
    A_k^-1 Z_0 Q v; then Q G Q <= Q <= P, Z_0^T A_k^-2 Z_0 <= G/m_low, A >= A_k and
    X_1^T A_k^-1 X_1 <= c^2.

Kind
    (RO.1), (RO.2): **lower bounds, pathwise**, attained; (RO.3): **equality, pathwise**; (RO.4) to
    (RO.8), (RO.P1), (RO.P2): **upper bounds, pathwise**, (RO.4) to (RO.7) attained.

Premises
    A > 0; for the upper bounds A_k > 0, and k < p. z_i = 0 says nothing. (RO.3): A_{-i} is
    invertible, which it is not at p = n, lam = 0.

Slips that the slack hides
    (RO.8) without m_high/m_low: with many rows the slack of the tail hides it. (RO.4) shows it.

Source
    Derived here, after Tsigler & Bartlett, Benign overfitting in ridge regression (JMLR 2023,
    arXiv 2009.14286), whose form is recalled, unverified, and Bartlett, Long, Lugosi & Tsigler
    (arXiv 1906.11300).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE, Kind
from theory.theorems.ridge_overfitting.symbols import (
    S1,
    S2,
    VOCABULARY,
    C,
    L,
    P,
    T,
    a_min,
    c,
    cond,
    h,
    k,
    l_i,
    lam,
    m_high,
    m_low,
    n,
    norm_1,
    q,
    rest,
    tail_trace,
    theta_0,
    theta_i,
    w,
    xi,
    z_sq,
)

SOURCE = "derived, after Tsigler & Bartlett (arXiv 2009.14286)"
PAPER = "Tsigler & Bartlett (arXiv 2009.14286), form unverified"

SOLVABLE = sp.Rational(1, 10**8)
"""A_{-i} is invertible, and its inverse known to some digits."""

_POSITIVE = (a_min > 0,)
_HEAD = (m_low > 0,)
_PUBLISHED = (m_low > 0, m_high <= cond * m_low, k < n / c, lam + S1 > 0)

_V_HEAD = m_high / m_low * T
_V_TAIL = tail_trace / m_low**2
_B_HEAD = P * (w + xi) ** 2
_B_TAIL = (norm_1 + sp.sqrt(L) * sp.sqrt(1 + sp.Max(-lam, 0) / m_low) * (xi + w)) ** 2


def _q(name: str, text: str, latex: str) -> Quantity:
    return Quantity(name, text, latex)


_V = _q("variance", "V, for every head", "V")
_B = _q("bias", "B, for every head", "B")

Case = tuple[str, Callable[[], Statement], Kind, Quantity, str]
_CASES: Mapping[str, Case] = {
    "variance-at-least": (
        "RO.1", lambda: Statement(h**2 / z_sq, (*_POSITIVE, z_sq > 0)), LOWER_PATHWISE,
        Quantity("variance_of_direction", "V_i, direction by direction", "V_i", least=0.0),
        "what every direction adds to the variance, at least",
    ),
    "bias-at-least": (
        "RO.2", lambda: Statement(l_i * theta_i**2 * (1 - h) ** 2, _POSITIVE), LOWER_PATHWISE,
        Quantity("bias_of_direction", "B_i, direction by direction", "B_i", least=0.0),
        "and to the bias, over the signs of the target",
    ),
    "leave-one-out": (
        "RO.3", lambda: Statement(l_i * q / (1 + l_i * q), (*_POSITIVE, rest > SOLVABLE)),
        EXACT_PATHWISE,
        _q("leverage", "h_i", "h_i"), "the leverage of a direction, from all others",
    ),
    "variance-head": (
        "RO.4", lambda: Statement(_V_HEAD, _HEAD), UPPER_PATHWISE,
        _q("variance_head", "V_head, for every head", r"V_{\le k}"),
        "the variance of few large directions, at most",
    ),
    "variance-tail": (
        "RO.5", lambda: Statement(_V_TAIL, _HEAD), UPPER_PATHWISE,
        _q("variance_tail", "V_tail, for every head", "V_{>k}"),
        "that of the many small ones, which act as a ridge",
    ),
    "bias-head": (
        "RO.6", lambda: Statement(_B_HEAD, _HEAD), UPPER_PATHWISE,
        _q("bias_head", "B_head, for every head", r"B_{\le k}"), "the bias in the head, at most",
    ),
    "bias-tail": (
        "RO.7", lambda: Statement(_B_TAIL, _HEAD), UPPER_PATHWISE,
        _q("bias_tail", "B_tail, for every head", "B_{>k}"), "and in the tail",
    ),
    "variance-at-most": (
        "RO.8", lambda: Statement(_V_HEAD + _V_TAIL, _HEAD), UPPER_PATHWISE, _V,
        "certificate of the variance, for any data, head and sign of the ridge",
    ),
    "bias-at-most": (
        "RO.8", lambda: Statement(_B_HEAD + _B_TAIL, _HEAD), UPPER_PATHWISE, _B,
        "certificate of the bias",
    ),
    "published-variance": (
        "RO.P1", lambda: Statement(C * (k / n + n * S2 / (lam + S1) ** 2), _PUBLISHED),
        UPPER_PATHWISE, _V, "published, with constants of one's own",
    ),
    "published-bias": (
        "RO.P2",
        lambda: Statement(C * (norm_1**2 + theta_0**2 * ((lam + S1) / n) ** 2), _PUBLISHED),
        UPPER_PATHWISE, _B, "published, with constants of one's own",
    ),
}  # fmt: skip


def claims_of(cases: Mapping[str, Case]) -> tuple[Claim, ...]:
    """The claims `ridge/<name>` of a table."""
    return tuple(
        Claim(
            f"ridge/{name}", f"({equation}); {PAPER if 'P' in equation else SOURCE}",
            kind, quantity, build, VOCABULARY, summary,
        )
        for name, (equation, build, kind, quantity, summary) in cases.items()
    )  # fmt: skip


CLAIMS = claims_of(_CASES)
