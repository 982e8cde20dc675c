"""The kernel of infinitely many shifted neurons, and lower bounds on its least eigenvalue.

Setting
    Unit rows x_i in R^d, G_ij = <x_i, x_j>; f(x) = m^{-1/2} sum_r a_r relu(<w_r, x> - b_r), a_r =
    +-1, w_r ~ N(0, I), b_r = B at the start. Weights are trained, biases with them (tau = 1) or not
    (tau = 0): x~ = (x, -1) or x, X~ with rows x~, G~ = tau + G. D_r is the diagonal 0/1 matrix of
    what neuron r sees. H = (1/m) sum_r D_r G~ D_r, H_inf its mean. Q(B) = P(N(0,1) > B), T is
    Owen's function. c_0 = Q(B), c_k = phi(B) He_{k-1}(B)/sqrt(k!), c_{-1} = 0: the coefficients of
    1{z > B} in normalised Hermite polynomials. w_k = tau c_k^2 + c_{k-1}^2, of sum (1+tau) Q(B).

Statement
    (TB1)  E H_ij = (tau + G_ij) L_B(G_ij),  L_B(G) = Q(B) - 2 T(B, sqrt((1-G)/(1+G)));
           the number of active neurons of a sample is Binomial(m, Q(B));
           (tau + G) L_B(G) = sum_k w_k G^k, that is H_inf = sum_k w_k G^{o k} in Schur powers
    (TB2)  lambda_min(H_inf) >= sum_k w_k lambda_min(G^{o k})
             >= sum_k w_k (1 - max_i sum_{j != i} |G_ij|^k)_+ >= sum_k w_k (1 - (n-1) s^k)_+,
             s = max |G_ij|; the terms beyond `top` at their least together;
           lambda_min(H_inf) >= (1+tau) Q(B) - R_B,  R_B = max_i sum_{j != i} |tau+G_ij| L_B(G_ij)
    (TB6)  lambda_max(H_inf)/lambda_min(H_inf) <= ((1+tau) Q(B) + R_B)/((1+tau) Q(B) - R_B)
    Published: share of active neurons <= C exp(-B^2/2), C not stated;
           lambda_min >= exp(-B^2/2) min_{i != j} ||x_i -+ x_j||/(100 n^2)

    Proof. Owen's formula for two correlated normals; Mehler's expansion. Schur powers of a positive
    semidefinite matrix are positive semidefinite; Gershgorin's circles, of the powers or of H_inf;
    the row sums of |G_ij|^k fall with k, so those beyond `top` are at most that of `top` + 1.

Kind
    (TB1): **equality, in expectation**, **in law**, **equality, pathwise**; (TB2): **lower bounds,
    pathwise**; (TB6): **upper bound, pathwise**. Published: **upper bound, in expectation**,
    **lower bound, pathwise**.

Premises
    Unit rows. The series: what it leaves is below rounding (1 - |G| times `top` is large).
    Gershgorin's circles of H_inf: R_B < (1+tau) Q(B), the region of the data where they say
    something. Published: B >= 0; of the eigenvalue two samples.

What is no claim
    That the condition number falls with B: so in all problems tried, without a proof.

Slips that hide
    The bounds of (TB2) are 0.23 to 0.96 of lambda_min, in this order the looser; a slip in a single
    term of small weight is not seen. The published ones are 2 to 6 times (share) and 40 times and
    more (eigenvalue; 580 at home) loose. exp(-B^2/2)/2 in place of Q(B) is true as a bound for
    B >= 0.

Source
    After Yang, Jiang, Zhang, Wang & Liang (arXiv 2301.00327): that activation is sparse, and a
    data- dependent region in which the least eigenvalue is much larger than in the worst case, is
    theirs (quoted: abstracts); the published forms are recalled, their form unverified; the closed
    form, the series and the bounds are derived here. Owen (1956).
"""

from __future__ import annotations

import sympy as sp

from theory.language import laws
from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_PATHWISE,
    LOWER_PATHWISE,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.tables import Case, claims_of
from theory.theorems.trainable_biases.symbols import (
    R_B,
    VOCABULARY,
    B,
    C,
    G,
    Q,
    T,
    apart,
    c,
    lam_k,
    m,
    n,
    rows,
    s,
    t,
    top,
)

SOURCE = "after Yang et al. (arXiv 2301.00327)"
PUBLISHED = "published, form unverified: Yang et al. (arXiv 2301.00327)"

_k = sp.Symbol("k", integer=True, nonnegative=True)
_ALL = (_k, 0, top)
_w = t * c[_k + 1] ** 2 + c[_k] ** 2
_TOTAL = (1 + t) * Q
_LEFT = _TOTAL - sp.Sum(_w, _ALL)
"""The weights beyond `top`."""

_ROUNDING = sp.Rational(1, 10**13)
_REGION = R_B < _TOTAL


def entry() -> Statement:
    """(TB1): an entry is a mean of m independent ones, tau + G or 0."""
    seen = sp.Max(0, Q - 2 * T)
    size = sp.Abs(t + G)
    return Statement(size * seen, variance=size**2 * seen * (1 - seen) / m, parts={"L_B": seen})


def active() -> Statement:
    """(TB1)."""
    return Statement(laws.Binomial(m, Q))


def series() -> Statement:
    """(TB1), of H_inf itself."""
    left = _LEFT * sp.Abs(G) ** (top + 1)
    return Statement(sp.Sum(_w * G**_k, _ALL), (left <= _ROUNDING,))


def schur() -> Statement:
    """(TB2), by the least eigenvalues of the Schur powers."""
    beyond = _LEFT * sp.Max(0, 1 - rows[top + 1])
    return Statement(sp.Sum(_w * lam_k[_k], _ALL) + beyond, parts={"beyond": beyond})


def row_sums() -> Statement:
    """(TB2), by the row sums of the Schur powers."""
    beyond = _LEFT * sp.Max(0, 1 - rows[top + 1])
    bound = sp.Sum(_w * sp.Max(0, 1 - rows[_k]), _ALL) + beyond
    return Statement(bound, parts={"beyond": beyond})


def separation() -> Statement:
    """(TB2), by the largest |G_ij| alone."""
    beyond = _LEFT * sp.Max(0, 1 - (n - 1) * s ** (top + 1))
    bound = sp.Sum(_w * sp.Max(0, 1 - (n - 1) * s**_k), _ALL) + beyond
    return Statement(bound, parts={"beyond": beyond})


def circles() -> Statement:
    """(TB2), by Gershgorin's circles of H_inf."""
    return Statement(_TOTAL - R_B, (_REGION,))


def condition() -> Statement:
    """(TB6)."""
    return Statement((_TOTAL + R_B) / (_TOTAL - R_B), (_REGION,))


def published_share() -> Statement:
    """Published, form unverified."""
    return Statement(C * sp.exp(-(B**2) / 2), (B >= 0,))


def published_eigenvalue() -> Statement:
    """Published, form unverified."""
    return Statement(sp.exp(-(B**2) / 2) * apart / (100 * n**2), (B >= 0, n >= 2))


LEAST = Quantity("least_of_H", "lambda_min(H_inf)", r"\lambda_{\min}(H_\infty)", least=0.0)

CASES: dict[str, Case] = {
    "kernel": (
        "TB1", entry, EXACT_EXPECTATION,
        Quantity("entry", "|H_ij|", r"|H_{ij}|"),
        "the kernel with trained biases",
    ),
    "active": (
        "TB1", active, EXACT_LAW,
        Quantity("active", "active neurons of a sample", r"\#\{r : \langle w_r, x_i\rangle > B\}"),
        "how sparse the start is",
    ),
    "series": (
        "TB1", series, EXACT_PATHWISE,
        Quantity("entry_of_H", "(H_inf)_ij", r"(H_\infty)_{ij}"),
        "the kernel in Schur powers of the Gram matrix",
    ),
    "schur": ("TB2", schur, LOWER_PATHWISE, LEAST, "the least eigenvalue, by Schur powers"),
    "rows": ("TB2", row_sums, LOWER_PATHWISE, LEAST, "by row sums of their entries"),
    "separation": ("TB2", separation, LOWER_PATHWISE, LEAST, "by the separation of the rows alone"),
    "circles": ("TB2", circles, LOWER_PATHWISE, LEAST, "by circles, where the bias is large"),
    "condition": (
        "TB6", condition, UPPER_PATHWISE,
        Quantity("condition", "lambda_max/lambda_min of H_inf", r"\operatorname{cond} H_\infty"),
        "a large bias makes the kernel well conditioned",
    ),
    "published-share": (
        "TB1.P", published_share, UPPER_EXPECTATION,
        Quantity("share", "share of active neurons of a sample", r"\tfrac1m\#\text{active}"),
        "published, with a constant of one's own",
    ),
    "published-eigenvalue": (
        "TB2.P", published_eigenvalue, LOWER_PATHWISE, LEAST, "published, for any rows",
    ),
}  # fmt: skip

CLAIMS = claims_of("bias", CASES, VOCABULARY, SOURCE, PUBLISHED)
