"""Networks that multiply, and networks for Hoelder functions: sizes and errors.

Setting
    T^k(x) = min(x/2, 2^{1-2k} - x/2), R^k = T^k o ... o T^1, S_m = R^1 + ... + R^m on [0, 1].
    Mult_m of x and y clips S_m(a) - S_m(b) + b - 1/4 to [0, 1], a = (x-y+1)/2, b = (x+y)/2. A
    product of r factors is a binary tree of q = ceil log2 r levels, padded with ones. A sieve for
    f on [0,1]^r: f~ = 2 B sum_l prod_i h_l(x_i) (1/2 + P~_l(x)/(2B)) - B, knots l/M, hats h_l,
    Taylor polynomials P_l of degree below beta in powers of x, B = max_l of the sum of their
    absolute coefficients, products and monomials by trees. All are networks with parameters in
    [-1, 1] and no shift at the output (`verify.training.explicit`).

Statement
    (SH1)  x(1-x) - S_m(x) = 4^{-m} u(1-u), u = frac(2^m x); the supremum is 4^{-(m+1)}
    (SH2)  Mult_m(x,y) = clip(x y - e(a) + e(b)), e the error of (SH1); sup |Mult_m - x y| =
           4^{-(m+1)}; Mult_m(x,0) = 0 and Mult_m(x,1) = x
    (SH3)  tree of products: error <= (2^q - 1) 4^{-(m+1)}, q (m+4) hidden layers, nonzeros <=
           (2^q - 1)(16 m + 6) + 1, width <= 6 * 2^{q-1}; |parameters| <= 1
    (SH4)  r = 1: ||f~ - f|| <= K Gamma(beta-k+1)/Gamma(beta+1) c_beta M^{-beta}
               + B (2^q + 3) 4^{-(m+1)}, k = ceil(beta) - 1, q = ceil log2 k
           beta = 2: ||f~ - f|| <= K r/(8 M^2) + 2^{r+1} B (2^{q_f} - 1) 4^{-(m+1)}, q_f =
               ceil log2(r+1)
           hidden layers: max(J_hat + 2, q (m+4)) + q_f (m+4) + 1 + J_out, 2^J_hat >= M,
               2^J_out >= 2 B;  slope of log error in log M <= -beta
    Published: |Mult_m - x y| <= 2^{-m}; r factors: r^2 2^{-m};
           ||f~ - f|| <= (2K+1)(1+r^2+beta^2) 6^r N 2^{-m} + K 3^beta N^{-beta/r}, N = (M+1)^r,
           nonzeros <= 141 (r+beta+1)^{3+r} N (m+6)

    Proof. S_m interpolates x(1-x) at the grid of step 2^{-m}. x y = g(a) - g(b) + b - 1/4 with
    g(x) = x(1-x). a = 1/2 - b for x = 0, a = b - 1/2 for y = 1, and e is even and of period 1/2.
    Mult_m is 1-Lipschitz in a factor up to its error, eps_{k+1} <= 2 eps_k + 4^{-(m+1)}. Taylor's
    remainder as a Beta integral; the hats are a partition of unity, 2^r of them active; products
    vanish with a factor.

Kind
    (SH1), (SH2), layers: **equalities, pathwise**; the others **upper bounds, pathwise**. The
    nonzeros are attained for r a power of 2, (SH3) for r = 2, (SH4) by x^2 and |x|^2 at beta = 2.

Premises
    x, y, factors in [0, 1]; 2^q >= r. (SH4): B > 0. Slope: at least three M over a factor of 4, and
    errors of products below 1/20 of the Taylor error's bound at the largest M.

What is no claim
    The printed count of layers of a sieve, 8 + (m+5)(1 + ceil log2 max(r, beta)): here hats are
    made with log2 M layers that double.

Slips that hide
    c_beta = 1 is true and weaker. Changes of the second term of (SH4) where m is large.

Source
    After Schmidt-Hieber (arXiv 1708.06633); the printed bounds are recalled, their form unverified;
    the exact errors, the counts and the constants of (SH4) are derived here.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.sparse_deep_regression.symbols import (
    PUBLISHED,
    SOURCE,
    VOCABULARY,
    B,
    J_hat,
    J_out,
    K,
    M,
    beta,
    c_beta,
    largest,
    m,
    q,
    q_f,
    r,
    sizes,
    smallest,
    tolerance,
    x,
    y,
)

_UNIT = 4 ** (-(m + 1))
_N = (M + 1) ** r
_order = sp.ceiling(beta) - 1
_TAYLOR = K * sp.gamma(beta - _order + 1) / sp.gamma(beta + 1) * c_beta
_TREE = (2**q >= r,)
_ONE = (sp.Eq(r, 1), B > 0, 2**q >= _order)


def _tooth(z: sp.Expr) -> sp.Expr:
    """The error of S_m."""
    u = 2**m * z - sp.floor(2**m * z)
    return 4 ** (-m) * u * (1 - u)


def product() -> Statement:
    """(SH2)."""
    found = x * y - _tooth((x - y + 1) / 2) + _tooth((x + y) / 2)
    return Statement(sp.Min(1, sp.Max(0, found)))


def hoelder() -> Statement:
    """(SH4), one variable."""
    taylor = _TAYLOR * M ** (-beta)
    return Statement(taylor + B * (2**q + 3) * _UNIT, _ONE, parts={"taylor": taylor})


def variables() -> Statement:
    """(SH4), beta = 2."""
    taylor = K * r / (8 * M**2)
    bound = taylor + 2 ** (r + 1) * B * (2**q_f - 1) * _UNIT
    return Statement(bound, (sp.Eq(beta, 2), B > 0, 2**q_f >= r + 1), parts={"taylor": taylor})


def slope() -> Statement:
    """(SH4), the slope in M."""
    small = 20 * B * (2**q + 3) * _UNIT <= _TAYLOR * largest ** (-beta)
    return Statement(tolerance - beta, (*_ONE, sizes >= 3, largest >= 4 * smallest, small))


def layers() -> Statement:
    """(SH4), counted."""
    bound = sp.Max(J_hat + 2, q * (m + 4)) + q_f * (m + 4) + 1 + J_out
    return Statement(bound, (2**J_hat >= M, 2**J_out >= 2 * B, 2**q_f >= r + 1))


def published_hoelder() -> Statement:
    """Published, form unverified."""
    products = (2 * K + 1) * (1 + r**2 + beta**2) * 6**r * _N * 2 ** (-m)
    return Statement(products + K * 3**beta * _N ** (-beta / r))


_PRODUCT = Quantity("product_error", "|tree - product of r factors|",
                    r"\left|\mathrm{Mult}_m^r(x) - \textstyle\prod_i x_i\right|")  # fmt: skip
_SIEVE = Quantity("sieve_error", "||f~ - f||_inf", r"\lVert\tilde f - f\rVert_\infty")

CASES: dict[str, Case] = {
    "sawtooth": (
        "SH1", lambda: Statement(_tooth(x)), EXACT_PATHWISE,
        Quantity("sawtooth_error", "x(1-x) - S_m(x)", r"x(1-x) - S_m(x)"),
        "sums of sawtooth functions interpolate a parabola",
    ),
    "sawtooth-supremum": (
        "SH1", lambda: Statement(_UNIT), EXACT_PATHWISE,
        Quantity("sawtooth_supremum", "sup of x(1-x) - S_m", r"\sup_x x(1-x) - S_m(x)"),
        "and are 4 times as near with every layer",
    ),
    "product": (
        "SH2", product, EXACT_PATHWISE,
        Quantity("product", "Mult_m(x, y)", r"\mathrm{Mult}_m(x, y)"),
        "a network that multiplies, to the last digit",
    ),
    "product-supremum": (
        "SH2", lambda: Statement(_UNIT), EXACT_PATHWISE,
        Quantity("product_supremum", "sup of |Mult_m - x y|", r"\sup |\mathrm{Mult}_m - xy|"),
        "its error",
    ),
    "zeros-and-ones": (
        "SH2", lambda: Statement(x * y), EXACT_PATHWISE,
        Quantity("at_the_edges", "Mult_m(x, y), one of x, y in {0, 1}", r"\mathrm{Mult}_m(x, y)"),
        "no error where a factor is 0 or 1",
    ),
    "tree": (
        "SH3", lambda: Statement((2**q - 1) * _UNIT, _TREE), UPPER_PATHWISE, _PRODUCT,
        "products of many factors",
    ),
    "tree-layers": (
        "SH3", lambda: Statement(q * (m + 4), _TREE), EXACT_PATHWISE,
        Quantity("tree_layers", "hidden layers of a tree of products", r"L"),
        "how deep they are",
    ),
    "tree-nonzeros": (
        "SH3", lambda: Statement((2**q - 1) * (16 * m + 6) + 1, _TREE), UPPER_PATHWISE,
        Quantity("tree_nonzeros", "nonzeros of a tree of products", r"s"),
        "how many parameters they have",
    ),
    "tree-width": (
        "SH3", lambda: Statement(6 * 2 ** (q - 1), _TREE), UPPER_PATHWISE,
        Quantity("tree_width", "largest width of a tree of products", r"\max_l p_l"),
        "how wide they are",
    ),
    "parameters": (
        "SH3", lambda: Statement(sp.S.One), UPPER_PATHWISE,
        Quantity("largest_parameter", "largest absolute parameter", r"\max |\theta|"),
        "of trees and sieves",
    ),
    "hoelder": ("SH4", hoelder, UPPER_PATHWISE, _SIEVE, "sieves for smooth functions"),
    "hoelder-variables": (
        "SH4", variables, UPPER_PATHWISE, _SIEVE, "sieves of several variables",
    ),
    "hoelder-layers": (
        "SH4", layers, EXACT_PATHWISE,
        Quantity("sieve_layers", "hidden layers of a sieve", r"L"), "how deep a sieve is",
    ),
    "hoelder-slope": (
        "SH4", slope, UPPER_PATHWISE,
        Quantity("slope_in_knots", "slope of ||f~ - f||_inf in M",
                 r"\text{slope of } \lVert\tilde f - f\rVert_\infty \text{ in } M"),
        "smooth functions need few knots",
    ),
    "published-product": (
        "SHP1", lambda: Statement(r**2 * 2 ** (-m)), UPPER_PATHWISE, _PRODUCT,
        "published: the error of products",
    ),
    "published-hoelder": (
        "SHP2", published_hoelder, UPPER_PATHWISE, _SIEVE, "published: the error of sieves",
    ),
    "published-nonzeros": (
        "SHP3", lambda: Statement(141 * (r + beta + 1) ** (3 + r) * _N * (m + 6)), UPPER_PATHWISE,
        Quantity("sieve_nonzeros", "nonzeros of a sieve", r"s"), "published: the size of sieves",
    ),
}  # fmt: skip
CLAIMS = claims_of("sparse", CASES, VOCABULARY, SOURCE, PUBLISHED)
