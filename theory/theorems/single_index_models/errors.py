"""What is drawn: the law of the statistic, of the error at every step, selection, the lasso.

Setting
    x ~ N(0, I_p), S(x) = x; y = f(<x, beta*>) + noise, clipped to [-tau, tau] or not, the noise
    independent of x; ||beta*|| = 1, s of its coordinates are not 0. m = (1/n) sum_i y_i
    <x_i, beta*>, a = ||y||/n. Everything but (FY3) is given the numbers (y_i, <x_i, beta*>). In
    (FY3) also x ~ N(0, Sigma), S(x) = Sigma^-1 x, with <beta*, Sigma beta*> = 1.
    Z is standard normal, b_k(phi) the scalar descent, z(.) the normal quantile.

Statement
    (FY3)  Phi = m beta* + a g with g ~ N(0, I - beta* beta*^T) independent of (y, <x, beta*>): for
           any link, any tail, any tau; of correlated inputs Phi = m beta* + a Sigma^-1/2 g, with
           g off the direction Sigma^1/2 beta*. So phi_j ~ N(m b*_j, a^2 ((Sigma^-1)_jj - b*_j^2)),
           (Phi - m beta*)^T Sigma (Phi - m beta*)/a^2 ~ chi^2_{p-1}, and with Sigma = I, lam = a z
           P(|phi_j| <= lam off the support) = erf(z/sqrt 2)^(p-s),
           at least 1 - delta for z = z(1 - delta/(2 (p-s))).
    (FY4)  E ||b_k - m beta*||^2 = (p-s) E b_k(a Z)^2
             + sum_{j in S} E (b_k(m b*_j + a sqrt(1 - b*_j^2) Z) - m b*_j)^2,
           at every step, by quadrature, before training: its dip, and its end (p-1) a^2. (beta of
           the flow in place of b_k is up to a third off at usual step sizes.)
    (FY5)  Stop at k = floor(log(epsilon/alpha^2)/(2 log(1 + eta lam))). Then, but for 2 delta,
           ||b_k - m beta*|| <= a sqrt(chi2q_{s-1}(1 - delta))
             + ||(|phi_j|/(1 + o_j) + alpha^2)_S|| + sqrt(p-s) epsilon,
           o_j = 0 where |phi_j| <= alpha^2; and but for delta the coordinates of b_k above lam/2
           are in the support, and all those of it with |phi_j| - |phi_j|/(1 + o_j) - alpha^2 >
           lam/2. The first term is of order sqrt(s/n): there is no log p in it.
    (FY6)  | sqrt(E ||b_k - m beta*||^2) - sqrt(s-1) a | <= D,
           D^2 = sum_S E (b_k(phi_j) - phi_j)^2 + (p-s) E b_k(a Z)^2, small inside the window:
           the error of one who knows the support. Soft thresholding of Phi at lam, which is the
           lasso with the same loss, has a closed form in erf, and it is (s-1) a^2 + s lam^2 where
           every |phi_j| on the support exceeds lam, with the sign of m b*_j, and no other does.
           Where X^T X/n = I it is the lasso of y on X.
    Published, form unverified, C not stated, for links with mu* = E f'(Z) != 0:
    (FY.P) E ||b_k - m beta*||^2 <= C M_0^2 (s_0 log n + s_1 log p)/n.

    Proof. x = <x, beta*> beta* + x', x' independent of y. (FY4): coordinate by coordinate. (FY5):
    noise stays within epsilon (FY2), signals lack what they lack there. (FY6): Minkowski.

Kind
    **Equalities in law**, **equality with probability** (FY3); **equality of means** (FY4, FY6: of
    descent in a band, of the lasso); **lower bounds, with probability** (FY5).

Premises
    Gaussian x (of others, with their own score, (FY1) and (FY2) hold, these laws do not); noise
    that depends on x through <x, beta*> alone. Independent inputs but for the first two laws of
    (FY3). p > s; (FY5): epsilon > alpha^2,
    eta R <= 2/5 for all coordinates, epsilon <= lam/2. m needs beta*; a, lam and the stop do not.

Source
    Derived, after Fan, Yang, Yu (arXiv 2007.08322): abstract quoted, theorems recalled.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_PATHWISE,
    EXACT_PROBABILITY,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    Kind,
)
from theory.language.laws import ChiSquared, Normal
from theory.theorems.single_index_models.symbols import (
    M_0,
    SOURCE,
    VOCABULARY,
    C,
    a,
    alpha,
    b,
    b_j,
    delta,
    eps,
    k,
    kurtosis,
    lam,
    m,
    missed,
    mu,
    n,
    off,
    off_4,
    on,
    on_var,
    p,
    phi,
    precision,
    rho,
    s,
    s_0,
    s_1,
    speed,
    tied,
    z,
)
from theory.theorems.single_index_models.trajectories import PUBLISHED

GAUSSIAN = (sp.Eq(kurtosis, 0), sp.Eq(tied, 0))
_ISOTROPIC = (*GAUSSIAN, sp.Eq(rho, 0))
HAS_SLOPE = sp.Ne(mu, 0)
_MOVES = (eps > alpha**2, speed <= sp.Rational(2, 5))


def entry() -> Statement:
    """(FY3), one coordinate."""
    return Statement(
        Normal(m * b_j, a * sp.sqrt(precision - b_j**2)), (*GAUSSIAN, b_j**2 < precision)
    )


def norm_of_noise() -> Statement:
    """(FY3), all of them."""
    return Statement(ChiSquared(p - 1), (*GAUSSIAN, p > 1))


def largest() -> Statement:
    """(FY3), off the support."""
    return Statement(sp.erf(z / sp.sqrt(2)) ** (p - s), (*_ISOTROPIC, p > s))


_VARIANCE = (p - s) * (off_4 - off**2) + s * on_var
"""Of the squared error at most: off the support coordinates are independent, on it they are not."""


def error() -> Statement:
    """(FY4)."""
    parts = {"noise": (p - s) * off, "signal": on}
    return Statement(
        (p - s) * off + on, (*_ISOTROPIC, p > s), parts=parts, variance=_VARIANCE, index=k
    )


def selection() -> Statement:
    """(FY5), the error."""
    return Statement(1 - 2 * delta, (*_ISOTROPIC, p > s, 2 * delta < 1, *_MOVES))


def support() -> Statement:
    """(FY5), the support."""
    return Statement(1 - delta, (*_ISOTROPIC, p > s, *_MOVES, 2 * eps <= lam))


def oracle() -> Statement:
    """(FY6), descent."""
    known, D = sp.sqrt(s - 1) * a, sp.sqrt(missed + (p - s) * off)
    band = (sp.Max(known - D, 0) ** 2, (known + D) ** 2)
    return Statement(known**2, (*_ISOTROPIC, p > s, s > 1), band=band, variance=_VARIANCE)


def lasso() -> Statement:
    """(FY6), soft thresholding."""
    j = sp.Symbol("j", integer=True, nonnegative=True)
    spread, at = a * sp.sqrt(1 - b[j] ** 2), m * b[j]

    def beyond(edge: sp.Expr) -> sp.Expr:
        """E (spread Z - lam)^2 where Z > edge."""
        outer = spread * (spread * edge - 2 * lam) * density(edge)
        return outer + (spread**2 + lam**2) * above(edge)

    up, down = (lam - at) / spread, (lam + at) / spread
    inside = at**2 * (1 - above(up) - above(down))
    on_it = sp.Sum(beyond(up) + beyond(down) + inside, (j, 0, s - 1))
    c = lam / a
    off_it = 2 * a**2 * ((c**2 + 1) * above(c) - c * density(c))
    fourth = 2 * a**4 * ((c**4 + 6 * c**2 + 3) * above(c) - (c**3 + 5 * c) * density(c))
    return Statement(
        (p - s) * off_it + on_it,
        (*_ISOTROPIC, p > s, s > 1),
        parts={"noise": (p - s) * off_it, "strong signals": (s - 1) * a**2 + s * lam**2},
        variance=(p - s) * (fourth - off_it**2) + s * on_var,
    )


def above(x: sp.Expr) -> sp.Expr:
    """P(Z > x)."""
    return sp.erfc(x / sp.sqrt(2)) / 2


def density(x: sp.Expr) -> sp.Expr:
    """Of Z at x."""
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def soft() -> Statement:
    """(FY6), one coordinate of the lasso."""
    return Statement(sp.sign(phi) * sp.Max(sp.Abs(phi) - lam, 0))


def published() -> Statement:
    """(FY.P), form unverified."""
    rate = C * M_0**2 * (s_0 * sp.log(n) + s_1 * sp.log(p)) / n
    return Statement(rate, (*_ISOTROPIC, HAS_SLOPE, p > s))


_ERROR = Quantity("error", "||b_k - m beta*||^2", r"\lVert b_k - m\beta^\ast\rVert^2")
_STOPPED = Quantity(
    "stopped", "||b_k - m beta*||^2 at the stop", r"\lVert b_k - m\beta^\ast\rVert^2"
)
_CLAIMS: dict[str, tuple[str, Callable[[], Statement], Kind, Quantity, str]] = {
    "entry": (
        "FY3", entry, EXACT_LAW, Quantity("entry", "phi_j", r"\phi_j"),
        "the law of a coordinate of the statistic",
    ),
    "noise": (
        "FY3", norm_of_noise, EXACT_LAW,
        Quantity("noise", "(Phi - m beta*)^T Sigma (Phi - m beta*)/a^2",
                 r"\lVert\Sigma^{1/2}(\Phi - m\beta^\ast)\rVert^2/a^2"),
        "the law of its noise, for any link and any tail",
    ),
    "largest": (
        "FY3", largest, EXACT_PROBABILITY,
        Quantity("largest", "P(|phi_j| <= a z off the support)",
                 r"\mathbb{P}\left[\max_{j \notin S} |\phi_j| \le a z\right]"),
        "its largest coordinate off the support",
    ),
    "error": ("FY4", error, EXACT_EXPECTATION, _ERROR, "the error at every step, before training"),
    "selection": (
        "FY5", selection, LOWER_PROBABILITY,
        Quantity("selection", "P(the error at the stop is within its limit)",
                 r"\mathbb{P}\left[\lVert b_k - m\beta^\ast\rVert \le \text{limit}\right]"),
        "the error at the stop",
    ),
    "support": (
        "FY5", support, LOWER_PROBABILITY,
        Quantity("support", "P(what is selected is right)",
                 r"\mathbb{P}\left[\text{the selection is right}\right]"),
        "the coordinates that are selected at the stop",
    ),
    "oracle": ("FY6", oracle, EXACT_EXPECTATION, _STOPPED, "as good as with the support known"),
    "lasso": (
        "FY6", lasso, EXACT_EXPECTATION,
        Quantity("lasso_error", "||b - m beta*||^2 of the lasso",
                 r"\lVert b - m\beta^\ast\rVert^2"),
        "what a penalty costs",
    ),
    "lasso-coordinate": (
        "FY6", soft, EXACT_PATHWISE,
        Quantity("lasso_coordinate", "a coordinate of the lasso", "b_j"),
        "the lasso on whitened inputs, along its path",
    ),
}  # fmt: skip

CLAIMS = (
    *(
        Claim(f"index/{name}", f"({code}), {SOURCE}", kind, quantity, build, VOCABULARY, words)
        for name, (code, build, kind, quantity, words) in _CLAIMS.items()
    ),
    Claim(
        "index/published", PUBLISHED,
        UPPER_EXPECTATION, _STOPPED, published, VOCABULARY, "the published rate",
    ),
)  # fmt: skip
