"""Tangent ridge with N neurons against kernel ridge; and a network that is the tangent model.

Setting
    As in `width`. f_N = k_N(.)^T (K_N + lambda)^{-1} y; f_KRR the same with K, alpha =
    (K + lambda)^{-1} y. Norms are in L2 of the law of new inputs x, also of norm sqrt d. k_w, K_w
    are the kernels of one neuron. R is the risk E (f(x) - f*(x))^2.
    A network: N pairs of ReLU neurons of equal weights kappa w_l and output weights +1 and -1,
    f(x) = (2 N)^{-1/2} sum_r a_r relu(<w_r, x>)/sqrt d, full-batch descent on
    |y - f|^2/2 + lambda |W - W_0|^2/2 with step eta; <v, K_N v> = mu for a unit eigenvector v.

Statement
    (NT5)  E ||f_N - f_KRR||^2 <= (1/N) [sqrt(v_1) + sqrt(v_2 half/(4 lambda d))]^2,
           v_2 = alpha^T (E2 - K^2) alpha,   v_1 = N E ||(k_N - k)^T alpha||^2
               = E_x sum_ij alpha_i alpha_j t_i t_j P(i, x, j) - ||f_KRR||^2,
           P the probability that a neuron sees x_i, x and x_j. On the sphere half = 1/2 and
           v_1 = alpha^T K alpha/(2 d) - ||f_KRR||^2.
    (NT6)  N E ||f_N - f_KRR||^2 -> V_1 = E_{w,x} (k_w^T alpha - k^T (K + lambda)^{-1} K_w alpha)^2
               - lambda^2 E_x (k^T (K + lambda)^{-1} alpha)^2.
           So E(R_N) - R_KRR falls like 1/N, and the spread of R_N like N^{-1/2}: the median slopes
           of sweeps lie within `tolerance` of -1 and -1/2.
    (NT.N) <v, f_t(X)> = mu/(mu + lambda) (1 - (1 - eta (mu + lambda))^t) <v, y> for the network
           while no activation of a training row has changed, which large kappa ensures. On new
           inputs the mean square distance to the tangent model falls like 1/kappa.
    Published, C not stated, powers of logarithms left out:
           |R_N - R_KRR| <= C sqrt(n/(N d))

    Proof. f_N - f_KRR = (k_N - k)^T alpha - k_N^T (K_N + lambda)^{-1} (K_N - K) alpha. The first
    and ||(K_N - K) alpha||^2 have second moments v_1/N and v_2/N. ||k_N^T b||^2 <= half b^T K_N b
    /d, and mu/(mu + lambda)^2 <= 1/(4 lambda). (NT6) is the first order in 1/N; the mean of the
    bracket is lambda k^T (K + lambda)^{-1} alpha, which is subtracted.

Kind
    (NT5): **upper bound, in expectation**; (NT6): **in the limit** of many neurons, **lower
    bounds, with probability**, of slopes; (NT.N): **equality, pathwise**, **lower bound, with
    probability**, of a slope.

Premises
    lambda > 0. (NT6): V_1 comes from a sample of neurons, to about half a percent. Slopes: at
    least three sizes over a factor of at least 8, and draws enough for the tolerance. (NT.N): no
    change of activation so far; zero initial output.

Slips that hide
    (NT5) is loose by a factor 10 to 30 for small lambda, and nearly sharp for large. v_1/N alone is
    no bound, though it holds at most sizes.

Source
    After Montanari & Zhong (arXiv 2007.12826): that the test error of tangent ridge is that of
    kernel ridge once N d >> n is theirs (quoted: abstract), the rate with C is recalled, its form
    unverified; (NT5), (NT6) are derived here. The coupled initialisation is of Munteanu et al.
    (arXiv 2206.12802).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_LIMIT,
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.theorems.tangent_ridge.symbols import (
    R_K,
    V_1,
    VOCABULARY,
    C,
    N,
    blur,
    d,
    eta,
    flips,
    half,
    lam,
    largest,
    mu,
    n,
    sizes,
    smallest,
    t,
    target,
    tolerance,
    v_1,
    v_2,
)
from theory.theorems.tangent_ridge.width import PUBLISHED, SOURCE

_SWEEP = (sizes >= 3, largest >= 8 * smallest, blur <= tolerance)


def gap_at_most() -> Statement:
    """(NT5)."""
    first, second = sp.sqrt(v_1), sp.sqrt(v_2 * half / (4 * lam * d))
    return Statement((first + second) ** 2 / N, (lam > 0,))


def gap_law() -> Statement:
    """(NT6), of N times the distance."""
    return Statement(V_1, (lam > 0,), size=N)


def slope(exponent: sp.Expr) -> Statement:
    """A median slope."""
    parts = {"lowest": exponent - tolerance, "highest": exponent + tolerance}
    return Statement(sp.S.Half, _SWEEP, parts=parts)


def published_risk() -> Statement:
    """Published, form unverified: R_N itself, from above."""
    return Statement(R_K + C * sp.sqrt(n / (N * d)))


def network() -> Statement:
    """(NT.N), on training rows."""
    learnt = 1 - (1 - eta * (mu + lam)) ** t
    return Statement(mu / (mu + lam) * learnt * target, (mu + lam > 0, sp.Eq(flips, 0)))


def _slope(name: str, exponent: sp.Expr, text: str, latex: str) -> Quantity:
    return Quantity(
        name, f"P(|slope of {text} - ({exponent})| <= tolerance)",
        rf"\mathbb{{P}}\left[\left|\text{{slope of }} {latex} - ({sp.latex(exponent)})\right|"
        r"\le\text{tolerance}\right]",
    )  # fmt: skip


_HALF = -sp.S.Half

CLAIMS = (
    Claim(
        "tangent/gap-at-most", f"(NT5), {SOURCE}", UPPER_EXPECTATION,
        Quantity("gap", "||f_N - f_KRR||^2", r"\lVert f_N - f_{KRR}\rVert^2"),
        gap_at_most, VOCABULARY, "what finitely many neurons cost, at every width",
    ),
    Claim(
        "tangent/gap-law", f"(NT6), {SOURCE}", EXACT_LIMIT,
        Quantity("scaled_gap", "N ||f_N - f_KRR||^2", r"N \lVert f_N - f_{KRR}\rVert^2"),
        gap_law, VOCABULARY, "and what they cost exactly",
    ),
    Claim(
        "tangent/excess-slope", f"(NT6), {SOURCE}", LOWER_PROBABILITY,
        _slope("slope_of_excess", -sp.S.One, "E(R_N) - R_KRR", r"\mathbb{E} R_N - R_{KRR}"),
        lambda: slope(-sp.S.One), VOCABULARY, "the mean risk falls like 1/N",
    ),
    Claim(
        "tangent/spread-slope", f"(NT6), {SOURCE}", LOWER_PROBABILITY,
        _slope("slope_of_spread", _HALF, "the spread of R_N", r"\operatorname{sd} R_N"),
        lambda: slope(_HALF), VOCABULARY, "its spread like the square root of that",
    ),
    Claim(
        "tangent/published-risk", PUBLISHED, UPPER_PATHWISE,
        Quantity("risk_of_width", "R_N", r"R_N"),
        published_risk, VOCABULARY, "published, with a constant of one's own",
    ),
    Claim(
        "tangent/network", f"(NT.N), {SOURCE}", EXACT_PATHWISE,
        Quantity("network", "<v, f_t(X)> of the network", r"\langle v, f_t(X)\rangle"),
        network, VOCABULARY, "a ReLU network that is the tangent model, on training rows",
    ),
    Claim(
        "tangent/network-slope", f"(NT.N), {SOURCE}", LOWER_PROBABILITY,
        _slope("slope_of_network", -sp.S.One, "the distance on new inputs against kappa",
               r"\lVert f_{net} - f_N\rVert^2"),
        lambda: slope(-sp.S.One), VOCABULARY, "and nearly on new inputs",
    ),
)  # fmt: skip
