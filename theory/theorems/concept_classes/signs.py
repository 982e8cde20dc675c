"""Three layers: the second-order kernel that random signs leave, and why there are no bad minima.

Setting
    f(W, V) = a^T relu(V relu(W x)), h = relu(W x), D_1 and D_2 the patterns of the two layers, S a
    diagonal of independent random signs. The pseudo-network of changes theta = (W', V') is
    G(theta) = a^T D_2 V' D_1 W' x with the patterns of W_0, V_0; L = mean (G - y)^2/2, e = G - y.

Statement
    (AL6)  If |<w_r, x>| > |<w'_r, x>| for all r, and in every neuron of the second layer
           |V h| > |V| |D_1 W' x| + |V'| (h + |D_1 W' x|)   (absolute values entry by entry),
           then E_S f(W + S W', V + V' S) = f(W, V) + a^T D_2 V' D_1 W' x: the first orders average
           out, the second stays.
    (AL7)  For any comparator theta* = (W*, V*), loss L*, residuals e*, with dir_S = (S W*, V* S),
           C_1 = mean_x sum_r ((a D_2 V')_r (D_1 W* x)_r + (a D_2 V*)_r (D_1 W' x)_r)^2:
           (1/2) E_S dir_S^T Hess dir_S - (1/2) <grad L, theta> = mean(e e*) - 2 L + C_1/2, and
           lambda_min(Hess) <= -2 (L - L* - C_1/2 - <grad L, theta>/2)/(||W*||^2 + ||V*||^2)
           where the bracket is positive: descent goes on until L <= L* + C_1/2.

    Proof. (AL6): no pattern changes, so f is a^T D_2 (V + V' S) D_1 (W + S W') x, and S^2 = I.
    (AL7): at theta_S = sqrt(1-z) theta + sqrt(z) dir_S the mean of G is (1-z) G + z G*, its
    variance z (1-z) C_1: compare what is of first order in z; e e* <= e^2/2 + e*^2/2.

Kind
    **Equalities, pathwise**, with all signs; **upper bound, pathwise**.

Premises
    As stated, at every x. Without the first one neurons near 0 flip and contribute as much.

Source
    Derived, after Allen-Zhu, Li, Liang (arXiv 1811.04918), whose two mechanisms these are. That SGD
    on three layers reaches OPT + eps (recalled, with noise and weight decay) is not encoded.
"""

from __future__ import annotations

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.concept_classes.symbols import (
    C_1,
    SOURCE,
    VOCABULARY,
    L,
    L_star,
    f_0,
    product,
    room_1,
    room_2,
    second,
    size,
    slope,
)


def random_signs() -> Statement:
    """(AL6)."""
    return Statement(f_0 + second, (room_1 > 0, room_2 > 0))


def curvature() -> Statement:
    """(AL7), the identity."""
    return Statement(product - 2 * L + C_1 / 2)


def descends() -> Statement:
    """(AL7), the smallest eigenvalue."""
    bracket = L - L_star - C_1 / 2 - slope / 2
    return Statement(-2 * bracket / size, (bracket > 0,), parts={"bracket": bracket})


_CASES: dict[str, Case] = {
    "random-signs": (
        "AL6", random_signs, EXACT_PATHWISE,
        Quantity("signed", "E_S f(W + S W', V + V' S)", r"\mathbb{E}_S f(W + S W', V + V' S)"),
        "random signs leave the second-order kernel",
    ),
    "curvature": (
        "AL7", curvature, EXACT_PATHWISE,
        Quantity("curvature", "E_S dir_S^T Hess dir_S/2 - <grad L, theta>/2",
                 r"\tfrac12\mathbb{E}_S \mathrm{dir}_S^\top \nabla^2 L\, \mathrm{dir}_S"
                 r" - \tfrac12\langle\nabla L, \theta\rangle"),
        "the mean curvature towards a comparator",
    ),
    "descends": (
        "AL7", descends, UPPER_PATHWISE,
        Quantity("least", "lambda_min(Hess L)", r"\lambda_{\min}(\nabla^2 L)"),
        "no bad local minima",
    ),
}  # fmt: skip

CLAIMS = claims_of("concepts", _CASES, VOCABULARY, SOURCE)
