"""How many networks there are up to a distance, and the risk of any estimator among them.

Setting
    F(L, p, s): networks of L hidden layers, widths p, parameters in [-1, 1], at most s of them not
    0, no shift at the output; inputs in [0, 1]^{p_0}, one output. Regression: Y_i = f0(X_i) + noise
    N(0, sigma^2); f0 and a class of N functions are in [0, F]; any estimator f^ in the class.
    Z_f = sum_i (Y_i - f(X_i))^2 - (Y_i - f0(X_i))^2, R(f) = E_X (f - f0)^2, R* its least value in
    the class, f* where it is attained. Any fixed t in (0, 1/(2 sigma^2)),
    kappa = (1 - exp(-t (1 - 2 t sigma^2) F^2))/F^2.

Statement
    (SH5)  parameters that differ by at most eps: |f - f'|(x) <= M(eps)
               = sum_{j=0}^L [1 - (1-eps)^{L+2-max(j,1)}] prod_{i=j}^L p_i,
           attained by all ones (shifts -1) against all 1 - eps at x = 1. So centres whose
           parameters are 0, or on a grid, at M(eps) = delta are a cover of F(L, p, s) of radius
           delta, and there are sum_{j<=s} C(T,j) ceil(1/eps)^j of them.
    (SH6)  (i)   E sum_f exp(n kappa R(f) - t Z_f) <= N, so also for one f^ that the data choose
           (ii)  P(R(f) <= [t Z_f + log(N/delta_p)]/(n kappa) for all f) >= 1 - delta_p
           (iii) E R(f^) <= [t (R* + Delta) + log(N)/n]/kappa, Delta >= E[Z_f^ - Z_f*]/n
           A class with N centres of a cover of radius delta: P(R(f^) <= 2 F delta + [t (Z_f^/n +
           2 delta (F + mean |noise|)) + log(N/delta_p)/n]/kappa) >= 1 - delta_p.
    Published: |f - f'| <= eps (L+1) V, V = prod_{l=0}^{L+1} (p_l + 1); log N <= (s+1)
           log(2 (L+1) V^2/delta); sigma = 1: E R(f^) <= (1+eps_0)^2 [R* + F^2 (18 log N + 72)/
           (n eps_0) + 32 delta F + Delta], here for a finite class, delta = 0.

    Proof. max |w x - w' x'| over |w|, |w'| <= 1, |w - w'| <= eps, |x|, |x'| <= u, |x - x'| <= d is
    d + eps (u - d): layer by layer; M sums over the paths from the input, or from a shift, to the
    output. E exp(-t (g^2 - 2 noise g)) = exp(-t (1 - 2 t sigma^2) g^2), g = f - f0; by convexity
    E_X exp(-a g^2) <= 1 - kappa E g^2 <= exp(-kappa R); sum over f; Markov; Jensen.
    |R(f) - R(f')| <= 2 F delta and |Z_f - Z_f'| <= 2 delta sum_i (F + |noise_i|) for functions in
    [0, F] that differ by at most delta.

Kind
    (SH5): **upper bound, pathwise**, **equalities, pathwise**, **upper bound, pathwise**; (SH6):
    **upper bound, in expectation**, **lower bounds, with probability**, **upper bound, in
    expectation**.

Premises
    (SH5): eps <= 1; the printed number of centres: delta <= 1. (SH6): 2 t sigma^2 < 1. Centres are
    clipped to [0, F]; a trained network is clipped, too.

What is no claim
    Delta_n of a trained network is not observable; Z_f^ is.

Slips that hide
    The terms of the cover's radius, where delta is small. log N is not sharp: (iii) is 2 to 40
    times the risk.

Source
    After Schmidt-Hieber (arXiv 1708.06633); the printed forms are recalled, unverified; (SH5) and
    (SH6) are derived here.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.tables import Case, claims_of, probability
from theory.theorems.sparse_deep_regression.symbols import (
    PUBLISHED,
    SOURCE,
    VOCABULARY,
    F,
    L,
    N,
    R_star,
    T,
    delta,
    eps,
    excess,
    fail,
    n,
    p,
    s,
    sigma,
    slack,
    t,
)

_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j"))
_PATHS = sp.Product(p[_i], (_i, _j, L))
_MODULUS = sp.Sum((1 - (1 - eps) ** (L + 2 - sp.Max(_j, 1))) * _PATHS, (_j, 0, L))
_V = 2 * sp.Product(p[_i] + 1, (_i, 0, L))
_KAPPA = (1 - sp.exp(-t * (1 - 2 * t * sigma**2) * F**2)) / F**2
_T = (2 * t * sigma**2 < 1,)


def cover() -> Statement:
    """(SH5), the radius."""
    return Statement(delta, (delta >= _MODULUS,), parts={"modulus": _MODULUS})


def centres() -> Statement:
    """(SH5), the logarithm of their number."""
    count = sp.Sum(sp.binomial(T, _j) * sp.ceiling(1 / eps) ** _j, (_j, 0, s))
    return Statement(sp.log(count))


def published_centres() -> Statement:
    """Published, form unverified; it is negative for a large delta, and false."""
    return Statement((s + 1) * sp.log(2 * (L + 1) * _V**2 / delta), (delta <= 1,))


def inequality() -> Statement:
    """(SH6), (iii)."""
    return Statement((t * (R_star + excess) + sp.log(N) / n) / _KAPPA, _T,
                     parts={"kappa": _KAPPA})  # fmt: skip


def published_inequality() -> Statement:
    """Published, form unverified."""
    class_size = F**2 * (18 * sp.log(N) + 72) / (n * slack)
    return Statement((1 + slack) ** 2 * (R_star + class_size + excess), (sp.Eq(sigma, 1),))


_MODULI = Quantity("modulus", "|f - f'|(x)", r"|f - f'|(x)")
_CENTRES = Quantity("centres", "log of the number of centres", r"\log N(\delta)")
_RISK = Quantity("risk", "R(f^)", r"R(\hat f)")

CASES: dict[str, Case] = {
    "modulus": (
        "SH5", lambda: Statement(_MODULUS), UPPER_PATHWISE, _MODULI,
        "networks with near parameters are near",
    ),
    "modulus-attained": (
        "SH5", lambda: Statement(_MODULUS), EXACT_PATHWISE,
        Quantity("extreme_pair", "|f - f'|(1), all ones against all 1 - epsilon", r"|f - f'|(1)"),
        "and no nearer than that",
    ),
    "cover": (
        "SH5", cover, UPPER_PATHWISE,
        Quantity("distance_to_centre", "|f - its centre|(x)", r"|f - f_{\text{centre}}|(x)"),
        "so finitely many networks are a cover",
    ),
    "centres": ("SH5", centres, EXACT_PATHWISE, _CENTRES, "so many"),
    "exponential": (
        "SH6", lambda: Statement(N, _T, parts={"kappa": _KAPPA}), UPPER_EXPECTATION,
        Quantity("exponential", "sum_f exp(n kappa R(f) - t Z_f)",
                 r"\sum_f e^{n\kappa R(f) - t Z_f}"),
        "all functions of a class at once",
    ),
    "all-at-once": (
        "SH6", lambda: Statement(1 - fail, _T), LOWER_PROBABILITY,
        probability("all_at_once", "R(f) <= [t Z_f + log(N/delta_p)]/(n kappa) for all f"),
        "so the risk of any choice is seen in the sample",
    ),
    "inequality": (
        "SH6", inequality, UPPER_EXPECTATION, _RISK, "oracle inequality with explicit constants",
    ),
    "trained": (
        "SH6", lambda: Statement(1 - fail, _T), LOWER_PROBABILITY,
        probability("trained", "R(f^) <= its bound from the training error"),
        "the same for trained networks",
    ),
    "published-modulus": (
        "SHP4", lambda: Statement(eps * (L + 1) * _V), UPPER_PATHWISE, _MODULI,
        "published: networks with near parameters",
    ),
    "published-centres": (
        "SHP5", published_centres, UPPER_PATHWISE, _CENTRES, "published: the number of centres",
    ),
    "published-inequality": (
        "SHP6", published_inequality, UPPER_EXPECTATION, _RISK, "published: oracle inequality",
    ),
}  # fmt: skip
CLAIMS = claims_of("sparse", CASES, VOCABULARY, SOURCE, PUBLISHED)
