"""Noise in the codimension: what it does to the transversal gradient, and how slowly.

Setting
    Rows x = (x_M, s_xi xi) with xi ~ N(0, I_q) independent of x_M, in an orthonormal basis of M and
    of its complement; Xi (n, q) is the noise of all rows. Labels y = <beta, x_M> + tau N(0, 1).
    A linear network of any depth at a global minimum is the least-squares solution, and
    beta_perp = N^T grad f. i = 1 where an intercept is fitted, else 0.

Statement
    (LD5)  E ||beta_perp||^2 = tau^2 q/(s_xi^2 (n - i - d - 1)), and
           ||beta_perp||^2 ~ tau^2 q/(s_xi^2 (n - i - d + 1)) F(q, n - i - d + 1).
           So E ||beta_perp||^2 <= epsilon^2 iff n >= i + d + 1 + tau^2 q/(s_xi^2 epsilon^2): the
           power of the variance is 1. With epsilon^2 = sigma^2 q, the untrained value, noise
           regularises from n = i + d + 1 + tau^2/(s_xi^2 sigma^2) on, and before is a side effect.
           Descent of one linear layer from w_0 ~ N(0, sigma^2 I), over w_0 and the labels, X given:
           with S = X^T X/n and E_t = (I - eta S)^t
           E ||N^T w_t||^2 = sigma^2 ||N^T E_t||_F^2 + ||N^T E_t beta||^2
                             + (tau^2/n) ||N^T (I - E_t) S^{-1/2}||_F^2
    (LD6)  One hidden ReLU layer, any labels, full-batch descent on the mean of e^2/2:
           ||W_1(t) N - W_1(0) N||_F <= (eta ||Xi||/n) sum_{r<t} ||e_r|| max_i A_i(r),
           A_i(r)^2 = sum of a_j(r)^2 over the neurons active on row i, and so
           ||W_1(t) N||_F >= ||W_1(0) N||_F - (eta ||Xi||/n) (sum_{r<t} ||e_r||) max_{i,r} A_i(r);
           ||Xi|| <= s_xi (sqrt n + sqrt q + u) with probability 1 - exp(-u^2/2).
    Published, form unverified, C and alpha not stated:
    (LD.P) E ||beta_perp||^2 <= epsilon^2 once n >= C s_xi^(-2 alpha).
           By (LD5) alpha = 1 is enough, and no alpha < 1 is for small s_xi.

    Proof. Given the rows, beta_perp is Gaussian with the inverse of the Schur complement, a Wishart
    matrix of n - i - k degrees of freedom: Hotelling's law. w_t = E_t w_0 + (I - E_t) w_OLS.
    (LD6): the gradient of W_1 N is Z^T Xi/n with ||Z||_F^2 = sum_i e_i^2 A_i^2.

Kind
    (LD5): **equality of means**, **equality in law**, **upper bound, in expectation**, **lower
    bound, in expectation**, **equality of means**; (LD6): **upper bound, pathwise**, **lower bound,
    pathwise**, **lower bound, with probability**.

Premises
    E[y|x] linear in x_M; rank k of the x_M (centred with an intercept); n > i + d + 1, and for the
    tests of means n > i + d + 3, or the variance is infinite; descent: n >= d. The share that is
    kept: the bound is positive. That the sum of ||e|| converges is not enough.

Source
    (LD5), (LD6) derived, after He, Tsai, Ward (arXiv 2203.00614); the norm of a Gaussian matrix is
    of Davidson & Szarek.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    LOWER_EXPECTATION,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.laws import FisherF
from theory.theorems.low_dimensional_data.networks import SOURCE
from theory.theorems.low_dimensional_data.symbols import (
    VOCABULARY,
    C,
    H,
    a_max,
    alpha,
    bent,
    c,
    d,
    eps,
    eta,
    intercept,
    lam,
    n,
    norm_Xi,
    path,
    q,
    rank,
    residuals,
    s_xi,
    sigma,
    t,
    tau,
    u,
    untrained,
)

_FREE = n - intercept - d
"""Degrees of freedom left by all inputs."""

_LEAST_SQUARES = (sp.Eq(bent, 0), sp.Eq(rank, d - q))
_MEAN = tau**2 * q / (s_xi**2 * (_FREE - 1))
_VARIANCE = _MEAN**2 * 2 * (_FREE - 1 + q) / (q * (_FREE - 3))
_NEEDED = intercept + d + 1 + tau**2 * q / (s_xi**2 * eps**2)


def least_squares() -> Statement:
    """(LD5), the mean."""
    return Statement(_MEAN, (*_LEAST_SQUARES, _FREE > 3), variance=_VARIANCE)


def least_squares_law() -> Statement:
    """(LD5), the law."""
    scale = tau**2 * q / (s_xi**2 * (_FREE + 1))
    return Statement(scale * FisherF(q, _FREE + 1), (*_LEAST_SQUARES, _FREE > -1))


def enough() -> Statement:
    """(LD5), from the number of rows that it needs."""
    return Statement(eps**2, (*_LEAST_SQUARES, n >= _NEEDED), parts={"needed": _NEEDED})


def too_few() -> Statement:
    """(LD5), below it."""
    return Statement(
        eps**2,
        (*_LEAST_SQUARES, _FREE > 3, n <= _NEEDED),
        parts={"needed": _NEEDED},
        variance=_VARIANCE,
    )


def published_rows() -> Statement:
    """(LD.P), form unverified."""
    needed = C * s_xi ** (-2 * alpha)
    return Statement(eps**2, (*_LEAST_SQUARES, n >= needed), parts={"needed": needed})


def descent() -> Statement:
    """(LD5), at every step of descent, by the eigenvalues of X^T X/n.

    N^T w_t is Gaussian of mean m and covariance C: its square has variance 2 tr C^2 + 4 m^T C m.
    """
    i, j, h = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j", "h"))

    def left(index: sp.Symbol) -> sp.Expr:
        return (1 - eta * lam[index]) ** t

    def spread(index: sp.Symbol) -> sp.Expr:
        learnt = tau**2 / n * (1 - left(index)) ** 2 / lam[index]
        return sigma**2 * left(index) ** 2 + learnt

    over_i, over_j, over_h = (i, 0, d - 1), (j, 0, d - 1), (h, 0, d - 1)
    forgotten = sp.Sum(left(i) * c[i] * H[i, j] * c[j] * left(j), over_j, over_i)
    mean = sp.Sum(spread(i) * H[i, i], over_i) + forgotten
    squares = sp.Sum(spread(i) * spread(j) * H[i, j] ** 2, over_j, over_i)
    shift = sp.Sum(H[i, h] * left(h) * c[h], over_h)
    cross = sp.Sum(spread(i) * shift**2, over_i)
    return Statement(mean, (*_LEAST_SQUARES, n >= d), variance=2 * squares + 4 * cross)


def speed_limit() -> Statement:
    """(LD6)."""
    return Statement(eta * norm_Xi / n * path)


def kept() -> Statement:
    """(LD6), the share that is left."""
    lost = eta * norm_Xi * residuals * a_max / (n * untrained)
    return Statement(1 - lost, (lost < 1,), parts={"lost": lost})


def size_of_noise() -> Statement:
    """(LD6), the norm of the noise."""
    parts = {"norm": s_xi * (sp.sqrt(n) + sp.sqrt(q) + u)}
    return Statement(1 - sp.exp(-(u**2) / 2), parts=parts)


_PERP = Quantity(
    "least_squares", "||beta_perp||^2 of least squares", r"\lVert\beta_\perp\rVert^2", least=0.0
)

CLAIMS = (
    Claim(
        "subspace/least-squares", f"(LD5), {SOURCE}", EXACT_EXPECTATION, _PERP,
        least_squares, VOCABULARY, "a linear net at a global minimum, with noise off the subspace",
    ),
    Claim(
        "subspace/least-squares-law", f"(LD5), {SOURCE}", EXACT_LAW, _PERP,
        least_squares_law, VOCABULARY, "its law",
    ),
    Claim(
        "subspace/enough-rows", f"(LD5), {SOURCE}", UPPER_EXPECTATION, _PERP,
        enough, VOCABULARY, "with so many rows noise regularises",
    ),
    Claim(
        "subspace/too-few-rows", f"(LD5), {SOURCE}", LOWER_EXPECTATION, _PERP,
        too_few, VOCABULARY, "with fewer it is a side effect",
    ),
    Claim(
        "subspace/published-rows",
        "published, form unverified: He, Tsai, Ward (arXiv 2203.00614)", UPPER_EXPECTATION, _PERP,
        published_rows, VOCABULARY, "published, with constants of one's own",
    ),
    Claim(
        "subspace/descent", f"(LD5), {SOURCE}", EXACT_EXPECTATION,
        Quantity("descent", "||N^T w_t||^2", r"\lVert N^\top w_t\rVert^2"),
        descent, VOCABULARY, "one linear layer at every step",
    ),
    Claim(
        "subspace/speed-limit", f"(LD6), {SOURCE}", UPPER_PATHWISE,
        Quantity("moved", "||W_1(t) N - W_1(0) N||_F", r"\lVert W_1(t) N - W_1(0) N\rVert_F"),
        speed_limit, VOCABULARY, "small noise hardly trains what is off the subspace",
    ),
    Claim(
        "subspace/kept", f"(LD6), {SOURCE}", LOWER_PATHWISE,
        Quantity("kept_share", "||W_1(t) N||_F/||W_1(0) N||_F",
                 r"\lVert W_1(t) N\rVert_F/\lVert W_1(0) N\rVert_F", least=0.0),
        kept, VOCABULARY, "so this share of it is never lost",
    ),
    Claim(
        "subspace/size-of-noise",
        "Davidson & Szarek (2001), Theorem II.13; for He, Tsai, Ward (arXiv 2203.00614)",
        LOWER_PROBABILITY,
        Quantity("size_of_noise", "P(||Xi|| <= s_xi (sqrt n + sqrt q + u))",
                 r"\mathbb{P}\left[\lVert\Xi\rVert \le s_\xi(\sqrt{n} + \sqrt{q} + u)\right]"),
        size_of_noise, VOCABULARY, "the norm of the noise",
    ),
)  # fmt: skip
