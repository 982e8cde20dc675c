"""Ridge regression on K types of random features: the exact risk, and (K+1)-fold descent.

Setting
    Rows x ~ N(0, I_d), y = F_0 + <beta, x> + tau noise, ||beta|| = F_1. Features of type j are
    z = d^{-1/2} sigma_j(<theta, x>/sqrt d), N_j of them, theta uniform on the sphere of radius
    sqrt d. Z (n, N) has them all, N = sum N_j. Ridge: a = (Z^T Z + lam I)^{-1} Z^T y.
    R = E_x (<a, z> - F_0 - <beta, x>)^2. Its mean over beta and the noise is
    F_1^2 bias + tau^2 var + F_0^2 (...), exact given rows and weights by U = E z z^T, V = E z x^T,
    m = E z, which are arc-cosine kernels: no test sample. psi_j = N_j/d, c = n/d,
    a_j = (E G sigma_j(G))^2, b_j is the variance of sigma_j(G) less a_j.

Statement
    (DR1)  With n/d and all N_j/d kept, R -> F_1^2 bias + tau^2 var, with errors of order 1/d. There
           are unique p_j, q > 0 with, for s = sum a_j p_j and D = 1 + q s,
               p_j (sqrt(lam) + b_j q + a_j q/D) = psi_j,
               q (sqrt(lam) + sum b_j p_j + s/D) = c.
           With w_j = b_j + a_j/D^2 and <x, y> = sum x_j y_j p_j^2/psi_j,
               A = <a, w>/(1 - q^2 <a, a>/D^2),
               g = (q^2/c) (s^2/D^2 + <w, w> + (q^2/D^2) <a, w> A),
               bias = (1 + q^2 A)/(D^2 (1 - g)),   var = g/(1 - g).
           F_0 drops out in the limit, if some E sigma_j(G) is not 0.
    (DR2)  sqrt(lam) (sum p_j - q) = sum psi_j - c. The limit is the same for e sigma_j and e^2 lam,
           for a type in two parts, and with one more type that has no features, or is 0.
    (DR3)  Given the weights: omega_i, u_i are the eigenpairs of U, C_i = V^T u_i, and kap solves
               n = sum omega_i/(omega_i + kap) + lam/kap.
           With g = (1/n) sum omega_i^2/(omega_i + kap)^2, as d grows,
               bias = (1 - sum ||C_i||^2 (omega_i + 2 kap)/(d (omega_i + kap)^2))/(1 - g),
               var = g/(1 - g), up to 1/d: a certificate before training.
           This is rho + (b_0 + rho g)/(1 - g), rho what no feature expresses, b_0 what is not
           learnt; without a division by omega_i, so features may be dependent. With real rows as
           the population, n of them drawn, bias and var lie within `tolerance` of it, relatively,
           for most draws.
    (DR4)  lam = 0. For N < n and all b_j > 0: var -> N/(n - N), whatever the activations.
           For N >= n, any features with U invertible, at any size, let v = tr (Y Y^T)^{-1},
           Y = Z U^{-1/2}, the least variance of an interpolant (1/v = 0 where Y Y^T is singular),
           and dist_i the distance of row i of Y from the span of the others. Then var >= v,
               E 1/v <= f (N - n + 1)/n,
               E dist_i^2 = f (N - n + 1), if the others are always independent,
           with f = 1 for independent rows, f = M/(M - n + 1) for rows drawn without replacement
           from M. By Jensen's inequality E v >= n/(f (N + 1 - n)), the published bound; the mean
           of v may be infinite, that of 1/v is bounded.
    (DR5)  At the threshold sum N_j = n, all b_j > 0: sqrt(lam) var -> c/(2 q) as lam -> 0, where
               q^2 = sum psi_j/(b_j + a_j/D),   q s = sum a_j psi_j/(b_j + a_j/D),   D = 1 + q s.
           Two types of one activation, the second scaled by e, lam -> 0 first: at N_1 = n
           e var -> sqrt(N_1/N_2)/2 as e -> 0. For N_1 = N_2 the peak has at half of this height the
           width w in N_1/n, and w/e -> 4 sqrt 3.
    (DR6)  K types of equal sizes N and one activation, scales e_1 > ... > e_K: the limit of the
           risk as a function of N has K interior maxima, so K + 1 descents; for equal scales one.
           Between each maximum and the minima beside it the measured risk falls by a factor that
           is at least half of that of the limit, for most draws.

    Proof. (DR1) is published; the form in real numbers, with sums in place of a Hessian, is derived
    and equal to it. Uniqueness is elementary. (DR3): the deterministic equivalent of ridge
    regression, with what z does not express as noise. (DR4): 1/v = 1/sum dist_i^{-2} <=
    sum dist_i^2/n^2. Given the others, the mean of dist_i^2 is f tr P, P the projection of rank
    N - n + 1 off their span. (DR5): expansion of (DR1). With T = q (b_1 + a_1/D)/sqrt(lam) as
    lam -> 0, 1/(1 + T) + (N_2/N_1)/(1 + e^2 T) = N_2/N_1 at N_1 = n, so T ~ sqrt(N_1/N_2)/e, and
    var ~ T/2. Beside it N_1/n = 1 + x e with x = 1/t - t, T = t/e and e var -> t/(1 + t^2): half of
    its height is at t + 1/t = 4. The number of maxima is found by computation, not proved.

Kind
    (DR1), (DR3), (DR4) for N < n, (DR5): **equalities in the limit**, of d, of 1/sqrt(lam), of 1/e;
    (DR2), the number of maxima: **equalities, pathwise**; (DR3) on real rows, falls:
    **lower bounds, with probability**; (DR4): **upper bound** and **equality, in expectation**.

Premises
    (DR1): lam > 0; F_0 = 0 or some E sigma_j(G) is not 0. (DR3) on real rows: all of one norm,
    sqrt d, and n <= 4 d: the error is one of 1/d (diabetes, d = 10: with n = 240 the bias is 1.5
    times the law). (DR4): a type with b_j = 0, a linear one, has rank min(N_j, d) and breaks the
    law. (DR6): e_{j+1} <= e_j/20, lam <= b_K/100: at e = 0.135 there are two maxima, at 0.14 one.
    For falls: each of the limit is by a factor of 2 at least; the range in which they were seen:
    n >= 60, n >= 20 K, n <= 3 d, lam n d >= b_K, n e_{j+1} >= e_j. Beyond it a peak is narrower
    than one feature, or the limit is far: at n = 10 d not one draw of 60 shows the falls.

Slips that the slack hides
    (DR4): N - n for N - n + 1, off the threshold; f where n is small against M.

Source
    (DR1): Meng, Yao & Cao (arXiv 2208.09897), the formulas of their code; numbers of theorems, and
    their proposition on triple descent: form unverified. K = 1 is Mei & Montanari (arXiv
    1908.05355). (DR4): the bound is recalled, of Holzmueller (arXiv 2010.01851); that on E 1/v and
    without replacement are derived, as are (DR3) and the constants of (DR5).
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LIMIT,
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    Kind,
)
from theory.language.numeric import Vector
from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

K = _s("K", "feature types", COUNT)
d = _s("d", "input dimension", COUNT)
n = _s("n", "rows", COUNT)
N = _s("N", "features of all types", COUNT)
c = _s("c", "rows per input dimension, n/d", POSITIVE)
lam = _s("lam", "ridge", NONNEGATIVE)
psi = _v("psi", "features of each type per input dimension, N_j/d", NONNEGATIVE)
a = _v("a", "(E G sigma_j(G))^2, the linear part of each type", NONNEGATIVE)
b = _v("b", "variance of sigma_j(G) less a_j", NONNEGATIVE)
q = _s("q", "the fixed point, of the rows", POSITIVE)
s = _s("s", "sum of a_j p_j", NONNEGATIVE)
F_0 = _s("F_0", "constant part of the target", NONNEGATIVE)
F_1 = _s("F_1", "norm of its linear part", POSITIVE)
tau = _s("tau", "standard deviation of the noise", NONNEGATIVE)
mu_0 = _s("mu_0", "largest |E sigma_j(G)|", NONNEGATIVE)
total = _s("total", "features per input dimension, sum psi_j", POSITIVE)
R_0 = _s("R_0", "the risk before the change", NONNEGATIVE)

t = _s("t", "number of the size, from 0", INDEX)
omega = _v("omega", "eigenvalues of U at each size, and zeros", NONNEGATIVE, axes=2)
C_sq = _v("C_sq", "||u_i^T V||^2 at each size, and zeros", NONNEGATIVE, axes=2)
kap = _s("kap", "the fixed point given the weights", POSITIVE)
spread = _s("spread", "largest over least norm of the rows, minus 1", NONNEGATIVE)
tolerance = _s("tolerance", "distance allowed of a ratio from 1", OPEN_UNIT)

b_min = _s("b_min", "least b_j", NONNEGATIVE)
rank_U = _s("rank_U", "rank of U", INDEX)
rank_Z = _s("rank_Z", "least rank of the other rows of Z, over the draws", INDEX)
M = _s("M", "rows of the population", COUNT)
replaced = _s("replaced", "1 where rows are drawn with replacement, else 0", INDEX)
top = _s("top", "largest ||U^{-1/2} z||^2 in the population", POSITIVE)

small = _s("small", "1/sqrt(lam)", POSITIVE)
inverse_e = _s("inverse_e", "1/e, e the scale of the second type", POSITIVE)
share = _s("share", "N_2/N_1", POSITIVE)
alike = _s("alike", "types of unlike scale, the others being merged", COUNT)
gap = _s("gap", "largest e_{j+1}/e_j, 0 where all scales are equal", NONNEGATIVE)
narrow = _s("narrow", "least e_{j+1}/e_j, 1 where all scales are equal", NONNEGATIVE)
falls = _s("falls", "least ratio of the limit at a maximum and a neighbouring minimum", POSITIVE)

D = sp.Symbol("D", positive=True)
A = sp.Symbol("A", nonnegative=True)
g = sp.Symbol("g", nonnegative=True)
p = sp.IndexedBase("p", real=True, nonnegative=True)
w = sp.IndexedBase("w", real=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, nonnegative=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_TYPES, _FEATURES = (_j, 0, K - 1), (_i, 0, N - 1)


def _sum(of: sp.Expr) -> sp.Expr:
    return sp.Sum(of, _TYPES)


def _rate(of: sp.Symbol | sp.Expr) -> sp.Expr:
    """What psi_j is divided by in p_j."""
    return of + b[_j] * q + a[_j] * q / D


def _inner(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    """<x, y>: psi_j/(...)^2 is p_j^2/psi_j, and 0 for a type without features."""
    return _sum(x * y * psi[_j] / _rate(sp.sqrt(lam)) ** 2)


_LIMIT = {
    D: 1 + q * s,
    p: Vector(psi[_j] / _rate(sp.sqrt(lam)), _TYPES),
    w: Vector(b[_j] + a[_j] / D**2, _TYPES),
    A: _inner(a[_j], w[_j]) / (1 - q**2 * _inner(a[_j], a[_j]) / D**2),
    g: q**2 / c * (s**2 / D**2 + _inner(w[_j], w[_j]) + q**2 / D**2 * _inner(a[_j], w[_j]) * A),
}
_FIXED = (
    lam > 0,
    sp.Eq(_sum(a[_j] * p[_j]), s),
    sp.Eq(q * (sp.sqrt(lam) + _sum(b[_j] * p[_j]) + s / D), c),
)
BIAS, VARIANCE = (1 + q**2 * A) / (D**2 * (1 - g)), g / (1 - g)


def _limit(of: sp.Expr, *premises: sp.Basic) -> Statement:
    """(DR1)."""
    return Statement(of, (*_FIXED, *premises), _LIMIT, parts={"g": g}, size=d)


def risk() -> Statement:
    """(DR1), with a constant part of the target."""
    constant = sp.Or(sp.Eq(F_0, 0), mu_0 > 0)
    return _limit(F_1**2 * BIAS + tau**2 * VARIANCE, constant)


def _given(of: sp.Expr) -> Statement:
    """(DR3)."""
    values = omega[t, _i]
    learnt = sp.Sum((values / (values + kap)) ** 2, _FEATURES) / n
    equation = sp.Sum(values / (values + kap), _FEATURES) + lam / kap
    return Statement(of, (sp.Eq(equation, n),), {g: learnt}, parts={"g": g}, size=d)


def given_bias() -> Statement:
    """(DR3), the bias."""
    values = omega[t, _i]
    seen = sp.Sum(C_sq[t, _i] * (values + 2 * kap) / (values + kap) ** 2, _FEATURES) / d
    return _given((1 - seen) / (1 - g))


def real_rows() -> Statement:
    """(DR3), on real rows."""
    few = n <= 4 * d
    return Statement(sp.S.Half, (sp.Eq(spread, 0), few), parts={"tolerance": tolerance})


def ridgeless() -> Statement:
    """(DR4), below the threshold."""
    return Statement(total / (c - total), (total < c, b_min > 0), size=d)


_DRAWN = M / (M - (1 - replaced) * (n - 1))
_INVERTIBLE = (n <= N, sp.Eq(rank_U, N), sp.Or(n <= M, sp.Eq(replaced, 1)))


def interpolation() -> Statement:
    """(DR4), above it."""
    return Statement(_DRAWN * (N - n + 1) / n, _INVERTIBLE, parts={"f": _DRAWN})


def distances() -> Statement:
    """(DR4), what its proof rests on: without ties."""
    others = sp.Eq(rank_Z, n - 1)
    bound = _DRAWN * (N - n + 1)
    return Statement(bound, (*_INVERTIBLE, others), parts={"f": _DRAWN}, ceiling=top)


def peak() -> Statement:
    """(DR5), at the threshold."""
    linear = b[_j] + a[_j] / D
    fixed = (sp.Eq(_sum(psi[_j] / linear) / q, q), sp.Eq(_sum(a[_j] * psi[_j] / linear) / q, s))
    return Statement(c / (2 * q), (b_min > 0, sp.Eq(total, c), *fixed), {D: 1 + q * s}, size=small)


def second_height() -> Statement:
    """(DR5), the peak of the first type."""
    return Statement(1 / (2 * sp.sqrt(share)), (b_min > 0,), size=inverse_e)


def second_width() -> Statement:
    """(DR5), its width."""
    return Statement(4 * sp.sqrt(3), (b_min > 0, sp.Eq(share, 1)), size=inverse_e)


_SEEN = (n >= 60, n >= 20 * K, n <= 3 * d, lam * n * d >= b_min, n * narrow >= 1)
_APART = (gap <= sp.Rational(1, 20), lam <= b_min / 100, b_min > 0)


def maxima() -> Statement:
    """(DR6), of the limit."""
    one = sp.Or(sp.Eq(alike, K), sp.Eq(alike, 1))
    return Statement(alike, (*_APART, one))


def descents() -> Statement:
    """(DR6), measured."""
    premises = (*_APART, sp.Eq(alike, K), falls >= 2, *_SEEN)
    return Statement(sp.S.Half, premises, parts={"least": falls / 2})


_MENG = "Meng, Yao & Cao (arXiv 2208.09897)"
_HOLZMUELLER = "Holzmueller (arXiv 2010.01851)"


def _claim(
    name: str,
    source: str,
    kind: Kind,
    quantity: Quantity,
    build: Callable[[], Statement],
    words: str,
) -> Claim:
    return Claim(f"features/{name}", source, kind, quantity, build, VOCABULARY, words)


CLAIMS = (
    _claim(
        "risk", f"(DR1), the limit of {_MENG}", EXACT_LIMIT,
        Quantity("risk", "E R", r"\mathbb{E} R"), risk, "the exact risk of K feature types",
    ),
    _claim(
        "bias", f"(DR1), the limit of {_MENG}", EXACT_LIMIT,
        Quantity("bias", "E R without noise", r"\mathbb{E} R_{\tau=0}"),
        lambda: _limit(BIAS), "its part without noise",
    ),
    _claim(
        "variance", f"(DR1), the limit of {_MENG}", EXACT_LIMIT,
        Quantity("variance", "E R of noise", r"\mathbb{E} R_{\mathrm{noise}}"),
        lambda: _limit(VARIANCE), "its part of noise alone",
    ),
    _claim(
        "mass-balance", f"(DR2), derived for {_MENG}", EXACT_PATHWISE,
        Quantity("mass", "sqrt(lam) (sum p_j - q)", r"\sqrt{\lambda}(\sum_j p_j - q)"),
        lambda: Statement(total - c, (lam > 0,)), "what the two equations say of rows and features",
    ),
    _claim(
        "invariance", f"(DR2), derived for {_MENG}", EXACT_PATHWISE,
        Quantity("changed_risk", "limit of R for the same problem, written differently",
                 r"R_\infty'"),
        lambda: Statement(R_0), "scaled, split, and idle types",
    ),
    _claim(
        "given-weights/bias", f"(DR3), after {_MENG}", EXACT_LIMIT,
        Quantity("bias_given", "E R without noise, given the weights",
                 r"\mathbb{E}[R_{\tau=0} \mid \Theta]"),
        given_bias, "the bias, known before training",
    ),
    _claim(
        "given-weights/variance", f"(DR3), after {_MENG}", EXACT_LIMIT,
        Quantity("variance_given", "E R of noise, given the weights",
                 r"\mathbb{E}[R_{\mathrm{noise}} \mid \Theta]"),
        lambda: _given(VARIANCE), "the variance, known before training",
    ),
    _claim(
        "real-rows", f"(DR3), after {_MENG}", LOWER_PROBABILITY,
        Quantity("near", "P(|bias/limit - 1|, |var/limit - 1| <= tolerance)",
                 r"\mathbb{P}[|R/R_\infty - 1| \le \text{tolerance}]"),
        real_rows, "bias and variance on real rows, known before training",
    ),
    _claim(
        "ridgeless", f"(DR4), derived for {_MENG}", EXACT_LIMIT,
        Quantity("ridgeless", "E var at lam = 0", r"\mathbb{E}\,\mathrm{var}_{\lambda=0}"),
        ridgeless, "fewer features than rows: any activation is like any other",
    ),
    _claim(
        "interpolation", f"(DR4), after {_HOLZMUELLER}", UPPER_EXPECTATION,
        Quantity("inverse_variance", "E 1/var at lam = 0", r"\mathbb{E}\,1/\mathrm{var}"),
        interpolation, "interpolation has at least this variance, for any features",
    ),
    _claim(
        "distances", f"(DR4), the proof of {_HOLZMUELLER}", EXACT_EXPECTATION,
        Quantity("distance", "E dist_i^2", r"\mathbb{E}\,\mathrm{dist}_i^2"),
        distances, "of a row from the span of the others",
    ),
    _claim(
        "peak", f"(DR5), derived for {_MENG}", EXACT_LIMIT,
        Quantity("peak", "sqrt(lam) var", r"\sqrt{\lambda}\,\mathrm{var}"),
        peak, "the height of the peak at the threshold",
    ),
    _claim(
        "second-peak/height", f"(DR5), derived for {_MENG}", EXACT_LIMIT,
        Quantity("second_height", "e var", r"e\,\mathrm{var}"),
        second_height, "the height of the peak of the strong features",
    ),
    _claim(
        "second-peak/width", f"(DR5), derived for {_MENG}", EXACT_LIMIT,
        Quantity("second_width", "w/e", "w/e"), second_width, "its width",
    ),
    _claim(
        "maxima", f"(DR6), {_MENG}", EXACT_PATHWISE,
        Quantity("maxima", "maxima of the limit of R over N", r"\#\{\text{maxima of } R_\infty\}"),
        maxima, "(K+1)-fold descent of the limit; equal scales have one maximum",
    ),
    _claim(
        "descents", f"(DR6), {_MENG}", LOWER_PROBABILITY,
        Quantity("descents", "P(every fall of R is at least half of that of its limit)",
                 r"\mathbb{P}[\text{every fall is seen}]"),
        descents, "(K+1)-fold descent, measured",
    ),
)  # fmt: skip
