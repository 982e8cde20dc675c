"""The landscape of quadratic networks, and the exact dynamics of gradient descent on it.

Setting
    f(x) = sum_l v_l <w_l, x>^2 = <M, x x^T>, M = W^T D_v W, e = f - y, L = ||e||^2/(2n). S = (1/n)
    sum_i e_i x_i x_i^T, gradient G = 2 D_v W S. On symmetric d x d matrices, of dimension
    D = d(d+1)/2, T(N) = (1/n) sum_i <x_i x_i^T, N> x_i x_i^T has the eigenvalues t_min to t_max.
    M* is the minimiser of the loss among them that has the least norm, M* = M*_+ - M*_- its
    positive and negative part, L* its loss; gap = L - L*. k_s rows have sign s = +-; W_s are
    these rows, G_s those of G, v_s the least |v_l| among them, sigma_s the d-th singular value of
    D_v W_s. With k_+, k_- >= d every M is reached, so L* = min L. H is the Hessian of L,
    gamma = max(0, -lambda_min(H)).

Statement
    (Q.1)  gap = <G, W>/4 - <S, M*>/2                                        at every W
    (Q.2)  gap <= <G, W>/4 + (tr(M*_+) c_+ + tr(M*_-) c_-)/2                  at every W, with
           c_s = gamma/(2 v_s) if k_s > d, or if sigma_s = 0, else
           c_s = min((gamma + 4 sigma_s^2 t_max)/(2 v_s), ||G_s||/(2 sigma_s))
    (Q.3)  -lambda_min(H) >= 4 min |v_l| (gap - <G, W>/4)/||M*||_1 if k_+, k_- > d: strict saddles
    (Q.4)  L_y - L = L_y - L* at every W with G = 0, H >= 0: no spurious minima. L_y = ||y||^2/(2n)
    (Q.5)  y ~ N(0, s^2 I) independent of X: 2 n L/s^2 ~ chi^2_{n-D} at gap = 0, for n > D
    (Q.6)  for n <= D every label is fitted: 1 - L/L_y = 1
    Dynamics for v = +-c, A = W_+^T W_+, B = W_-^T W_-, C = W_+ W_-^T:
    (Q.7)  A' = P A P, B' = Q B Q, P, Q = I -+ 2 eta c S, whatever the width
    (Q.8)  C_t - C_0 = -4 eta^2 c^2 sum_{s<t} W_+ S_s^2 W_-^T
    (Q.9)  ||C_t - C_0||_F <= (eta^2/2) sum_{s<t} ||G_s||_F^2
    Published, constants not stated there:
    (Q.P1) k >= 2d, k_+, k_- >= d, d <= n <= c_n d^2: the global minimum is 0. By (Q.6) it holds
           for c_n = 1/2 + 1/(2d), and by (Q.5) for none above.
    (Q.P2) planted, k <= d, n <= c_n k d, ||W_0 - W*||_F <= R_0: L_t <= (1 - c_r d/n)^t L_0

    Proof. (Q.1): L is quadratic in M and stationary at M*, so gap = <S, M - M*>/2, and <S, M> =
    <G, W>/2. (Q.2): for a on rows of one sign, ||a|| = ||b|| = 1, H[a b^T, a b^T] =
    2 (a^T D_v a) b^T S b + (4/n) sum_i <W^T D_v a, x_i>^2 <b, x_i>^2. Where k_s > d some a has
    W^T D_v a = 0; else a is the least left singular vector of D_v W_s, or S is read off G_s =
    2 D_v W_s S. So S lies between -c_+ and c_-; insert that in (Q.1). (Q.3) is (Q.2) read
    backwards. (Q.5): 2 n L* is the squared norm of the part of y outside the span of the x_i x_i^T.
    (Q.9): Cauchy-Schwarz, and ||G||^2 = 4 c^2 (||W_+ S||^2 + ||W_- S||^2).

Kind
    (Q.1), (Q.4), (Q.6) to (Q.8), (Q.P1): **equalities, pathwise**; (Q.2), (Q.9), (Q.P2): **upper
    bounds, pathwise**; (Q.3): **lower bound, pathwise**; (Q.5): **equality, in law**.

Premises
    As stated; G = 0 and H >= 0 of (Q.4) in the units of (Q.2). (Q.5), (Q.6): the x_i x_i^T are in
    general position, their rank is min(n, D).

Source
    (Q.1) to (Q.3), (Q.7) to (Q.9): derived here, after the landscape of Soltanolkotabi,
    Javanmard, Lee (IEEE Trans. Information Theory 2019, arXiv 1707.04926), Theorem 2.1. (Q.4) is
    that theorem, whose published premise is k >= 2d (recalled; quoted by M. Murray as "all local
    minima are global and have zero loss"). (Q.P1), (Q.P2): recalled, form unverified.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language import laws
from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_LAW, EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, POSITIVE, Vocabulary

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
t = _s("t", "steps taken", INDEX)
k_plus = _s("k_plus", "neurons of positive v_l", INDEX, latex="k_+")
k_minus = _s("k_minus", "neurons of negative v_l", INDEX, latex="k_-")
v_plus = _s("v_plus", "least v_l of the positive neurons", POSITIVE, latex="v_+")
v_minus = _s("v_minus", "least |v_l| of the negative neurons", POSITIVE, latex="v_-")
uneven = _s("uneven", "largest over least |v_l|, minus 1", NONNEGATIVE)
gw = _s("GW", "<G, W>", latex=r"\langle G, W\rangle")
sm = _s("SM", "<S, M*>", latex=r"\langle S, M^\ast\rangle")
trace_plus = _s("trace_plus", "tr(M*_+)", NONNEGATIVE, latex=r"\mathrm{tr}\,M^\ast_+")
trace_minus = _s("trace_minus", "tr(M*_-)", NONNEGATIVE, latex=r"\mathrm{tr}\,M^\ast_-")
gamma = _s("gamma", "max(0, -lambda_min(H))", NONNEGATIVE)
gap = _s("gap", "L - L*", NONNEGATIVE)
slope = _s("slope", "||G||_F (||W||_F + sqrt(||M*||_1/v))/L_y, v = min |v_l|", NONNEGATIVE)
bend = _s("bend", "gamma ||M*||_1/(v L_y)", NONNEGATIVE)
sigma_plus = _s("sigma_plus", "d-th singular value of D_v W_+", NONNEGATIVE, latex=r"\sigma_+")
sigma_minus = _s("sigma_minus", "d-th singular value of D_v W_-", NONNEGATIVE, latex=r"\sigma_-")
G_plus = _s("G_plus", "||G_+||, spectral", NONNEGATIVE, latex=r"\lVert G_+\rVert")
G_minus = _s("G_minus", "||G_-||, spectral", NONNEGATIVE, latex=r"\lVert G_-\rVert")
t_max = _s("t_max", "largest eigenvalue of T", POSITIVE)
rank = _s("rank", "rank of the matrices x_i x_i^T", COUNT)
s = _s("s", "standard deviation of the labels", POSITIVE)
eta = _s("eta", "step size", POSITIVE)
c = _s("c", "v_l = +-c", POSITIVE)
sign = _s("sign", "1 for A, -1 for B", latex=r"\varsigma")
entry = _s("entry", "an entry of A (of B) of the recursion")
once = _s("once", "this entry of S A + A S")
twice = _s("twice", "this entry of S A S")
crossed = _s("crossed", "||sum_{s<t} W_+ S_s^2 W_-^T||_F", NONNEGATIVE)
walked = _s("walked", "sum_{s<t} ||G_s||_F^2", NONNEGATIVE)
k = _s("k", "neurons", COUNT)
c_n = _s("c_n", "constant of the published sample size", POSITIVE)
c_r = _s("c_r", "constant of the published rate", POSITIVE)
R_0 = _s("R_0", "published distance from W*", POSITIVE)
distance = _s("distance", "||W_0 - W*||_F", NONNEGATIVE)
L_0 = _s("L_0", "loss at the start", NONNEGATIVE)

DIMENSION = d * (d + 1) / 2
ENOUGH = (k_plus >= d, k_minus >= d)
EQUAL = sp.Eq(uneven, 0)
FITTED = sp.Eq(gap / s**2, 0)
"""The global minimum was found."""


def _end(count: sp.Symbol, v: sp.Symbol, sigma: sp.Symbol, G: sp.Symbol) -> sp.Expr:
    """c_s: no eigenvalue of S is further from 0 on the side of these neurons."""
    least = sp.Min((gamma + 4 * sigma**2 * t_max) / (2 * v), G / (2 * sigma))
    return sp.Piecewise((gamma / (2 * v), sp.Or(count > d, sp.Eq(sigma, 0))), (least, True))


def certified_gap() -> Statement:
    """(Q.2)."""
    ends = {
        "c_plus": _end(k_plus, v_plus, sigma_plus, G_plus),
        "c_minus": _end(k_minus, v_minus, sigma_minus, G_minus),
    }
    bound = gw / 4 + (trace_plus * ends["c_plus"] + trace_minus * ends["c_minus"]) / 2
    return Statement(bound, ENOUGH, parts=ends, index=t)


def strict_saddle() -> Statement:
    """(Q.3)."""
    nuclear = trace_plus + trace_minus
    bound = 4 * sp.Min(v_plus, v_minus) * (gap - gw / 4) / nuclear
    return Statement(bound, (k_plus > d, k_minus > d, nuclear > 0))


def local_minima() -> Statement:
    """(Q.4), as a share of what there is to gain."""
    return Statement(sp.S.One, (*ENOUGH, sp.Eq(slope, 0), sp.Eq(bend, 0)), index=k_plus)


def minimum_law() -> Statement:
    """(Q.5)."""
    premises = (*ENOUGH, n > DIMENSION, sp.Eq(rank, DIMENSION), FITTED)
    return Statement(laws.ChiSquared(n - DIMENSION), premises)


def threshold() -> Statement:
    """(Q.6)."""
    return Statement(sp.S.One, (*ENOUGH, n <= DIMENSION, sp.Eq(rank, n), FITTED), index=n)


def recursion() -> Statement:
    """(Q.7), an entry: s = 1 and P for A, s = -1 and Q for B."""
    bound = entry - 2 * sign * eta * c * once + 4 * eta**2 * c**2 * twice
    return Statement(bound, (EQUAL,))


def published_minimum() -> Statement:
    """(Q.P1)."""
    sizes = (k_plus + k_minus >= 2 * d, n >= d, n <= c_n * d**2)
    return Statement(sp.S.One, (*ENOUGH, *sizes, FITTED), index=n)


def published_planted() -> Statement:
    """(Q.P2)."""
    premises = (k <= d, n <= c_n * k * d, distance <= R_0)
    return Statement((1 - c_r * d / n) ** t * L_0, premises)


_EXPLAINED = Quantity("explained", "1 - L/L_y after training", r"1 - L/L_y")
SOURCE = "derived, after Soltanolkotabi, Javanmard & Lee (arXiv 1707.04926)"
_PAPER = "Theorem 2.1, Soltanolkotabi, Javanmard & Lee (arXiv 1707.04926), form unverified"
DRIFT = Quantity("drift", "||C_t - C_0||_F", r"\lVert C_t - C_0\rVert_F")

_CASES: Mapping[str, Case] = {
    "gap-identity": (
        "Q.1", lambda: Statement(gw / 4 - sm / 2), EXACT_PATHWISE,
        Quantity("gap", "L - L*", r"L - L^\ast"),
        "what is left to gain, from the gradient",
    ),
    "certified-gap": (
        "Q.2", certified_gap, UPPER_PATHWISE,
        Quantity("gap_here", "L - L*", r"L - L^\ast"),
        "what is left to gain, at most: from gradient and curvature",
    ),
    "strict-saddle": (
        "Q.3", strict_saddle, LOWER_PATHWISE,
        Quantity("curvature", "-lambda_min(H)", r"-\lambda_{\min}(H)"),
        "the way down from a saddle, at least",
    ),
    "local-minima": (
        "Q.4", local_minima, EXACT_PATHWISE,
        Quantity("gained", "(L_y - L)/(L_y - L*) after training", r"(L_y - L)/(L_y - L^\ast)"),
        "no spurious minima: where training ends, nothing is left to gain",
    ),
    "minimum-law": (
        "Q.5", minimum_law, EXACT_LAW,
        Quantity("minimum", "2 n L/s^2 after training", r"2 n L/s^2"),
        "the law of the global minimum",
    ),
    "threshold": ("Q.6", threshold, EXACT_PATHWISE, _EXPLAINED, "d(d+1)/2 labels are fitted"),
    "recursion": (
        "Q.7", recursion, EXACT_PATHWISE,
        Quantity("moments", "entries of A_t, B_t", r"(A_t)_{ij}, (B_t)_{ij}"),
        "d x d matrices that move alike at every width",
    ),
    "imbalance": (
        "Q.8", lambda: Statement(4 * eta**2 * c**2 * crossed, (EQUAL,)), EXACT_PATHWISE, DRIFT,
        "how far descent is from conserving W_+ W_-^T",
    ),
    "imbalance-bound": (
        "Q.9", lambda: Statement(eta**2 * walked / 2, (EQUAL,)), UPPER_PATHWISE, DRIFT,
        "at most so far",
    ),
    "published-size": (
        "Q.P1", published_minimum, EXACT_PATHWISE, _EXPLAINED,
        "published, c_n free: the global minimum is 0",
    ),
    "published-rate": (
        "Q.P2", published_planted, UPPER_PATHWISE,
        Quantity("planted_loss", "L_t, planted", r"L_t"),
        "published, c_n, c_r, R_0 free: the rate near a planted network",
    ),
}  # fmt: skip

CLAIMS = claims_of("quadratic", _CASES, VOCABULARY, SOURCE, _PAPER)
