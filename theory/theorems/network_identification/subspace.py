"""Hessians of a shallow network span its w_k w_k^T, also those of finite differences.

Setting
    f(x) = sum_k g(<w_k, x> + tau_k), m unit weights w_k in R^D, g(t) = a tanh(b t). W = span
    {w_k w_k^T}, P its projection (Frobenius), T = D(D+1)/2, F(x) = ||P(x x^T)||^2 on the sphere.
    H_1..H_N are Hessians of f at N points, M the D^2 x N matrix of them; M^ that of four-point
    mixed differences with step eps, from values that are off by at most nu; P^ the projection on
    the m leading left singular vectors of M^. G_4 = max |g''''|, for tanh 4.0859.

Statement
    For generic weights and points
    (FK.1) rank {H_1..H_N} = min(N, m, T)
    (FK.2) rank {H_1..H_N, w_1 w_1^T..w_m w_m^T} = min(m, T): every Hessian lies in W
    (FK.5) [F = 1 on the whole sphere] = [m >= T]
    (FK.6) w_k is not isolated: the v orthogonal to w_k with w_k v^T + v w_k^T in W have dimension
           max(0, min(m, T) - D(D-1)/2 - 1). So m <= D(D-1)/2 + 1 is a sharp threshold, below T.
    For all weights and points
    (FK.3) ||H^ - H||_F <= h = (eps^2 G_4/6) S + D nu/eps^2,
           S = sum_k sqrt(2 sum_i w_ki^6 + 2 (sum_i w_ki^4)^2)
    (FK.4) ||P^ - P|| <= ||M^ - M||/s_m(M^), and so <= sqrt(N) h/s_m(M^): all computable.

    Proof. (FK.3): an entry of a neuron's difference is w_i w_j E g''(t + eps (w_i U + w_j V)), U
    and V uniform on [-1, 1]. It is off by w_i w_j eps^2 (w_i^2 + w_j^2) G_4/6 at most. Each entry
    is a quarter of four values over eps^2. (FK.4): P_perp M^ = P_perp (M^ - M), on left singular
    vectors over their singular values; dimensions are equal. (FK.6): D-1 directions into T - m
    dimensions.

Kind
    (FK.1), (FK.2), (FK.5), (FK.6): **equalities, pathwise** (with probability 1 over generic
    weights); (FK.3), (FK.4): **upper bounds, pathwise**.

Premises
    (FK.1): D >= 2, for on a line two neurons may cancel; at the points no neuron's |g''| is lost
    beside that of another, as at biases of 30 or -30. (FK.3), (FK.4): eps >= 1e-4, for below it
    rounding takes over. (FK.4): N >= m, m <= T. ||P^ - P|| is the sine of the largest angle.

Sharpness
    (FK.3) is attained by one neuron along an axis where |g''''| is largest; random weights leave a
    factor 4. (FK.4) is attained, for one neuron and one point, by noise orthogonal to w w^T; with
    m = 14 the first bound is 11 to 18 times the sine, the one with h 100 times and more.

Slips that the slack hides
    h/sqrt(2) in (FK.3) on random weights; sqrt(N) in (FK.4).

Source
    Derived, after Fornasier et al. (arXiv 2211.04589), whose abstract is quoted ("D < m < D^2"; "we
    recover the direction of the weights, by exploiting second order information"); that Hessians
    are taken by finite differences is recalled.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.network_identification.symbols import (
    ERROR,
    RESOLVED,
    SOURCE,
    VOCABULARY,
    D,
    E,
    N,
    T,
    faintest,
    h,
    m,
    s_m,
)

VISIBLE = faintest >= sp.Rational(1, 1000)
"""No neuron's part of the Hessians is lost in rounding beside another's."""

_SPANNED = (m <= N, m <= T, s_m > 0, RESOLVED)
_SINE = Quantity("sine", "||P^ - P||", r"\lVert \hat P - P\rVert")


def flat() -> Statement:
    """(FK.6)."""
    return Statement(sp.Max(0, sp.Min(m, T) - D * (D - 1) / 2 - 1))


_CASES: Mapping[str, Case] = {
    "hessians": (
        "FK.1", lambda: Statement(sp.Min(N, m, T), (D >= 2, VISIBLE)), EXACT_PATHWISE,
        Quantity("rank", "rank of N Hessians", r"\mathrm{rank}\,(H_1, \ldots, H_N)"),
        "as many Hessians as neurons span all there is",
    ),
    "span": (
        "FK.2", lambda: Statement(sp.Min(m, T)), EXACT_PATHWISE,
        Quantity("joint_rank", "rank of Hessians and the w_k w_k^T",
                 r"\mathrm{rank}\,(H_1, \ldots, H_N, w_1w_1^\top, \ldots, w_mw_m^\top)"),
        "and it is the span of the w_k w_k^T",
    ),
    "differences": (
        "FK.3", lambda: Statement(h, (RESOLVED,), ERROR), UPPER_PATHWISE,
        Quantity("difference", "||H^ - H||_F", r"\lVert \hat H - H\rVert_F"),
        "what finite differences and noise cost",
    ),
    "sine": (
        "FK.4", lambda: Statement(E / s_m, _SPANNED), UPPER_PATHWISE, _SINE,
        "the span of approximate Hessians, from their errors",
    ),
    "certified-sine": (
        "FK.4", lambda: Statement(sp.sqrt(N) * h / s_m, _SPANNED, ERROR), UPPER_PATHWISE, _SINE,
        "and from what is known without the network",
    ),
    "everywhere": (
        "FK.5", lambda: Statement(sp.Heaviside(m - T, 1)), EXACT_PATHWISE,
        Quantity("everywhere", "[F = 1 on the whole sphere]", r"[F \equiv 1]"),
        "with D(D+1)/2 neurons every direction looks like a weight",
    ),
    "isolated": (
        "FK.6", flat, EXACT_PATHWISE,
        Quantity("flat", "dim {v orthogonal to w_k: w_k v^T + v w_k^T in W}",
                 r"\dim\{v \perp w_k : w_kv^\top + vw_k^\top \in \mathcal{W}\}"),
        "the sharp threshold below which weights are isolated",
    ),
}  # fmt: skip

CLAIMS = claims_of("identification", _CASES, VOCABULARY, SOURCE)
