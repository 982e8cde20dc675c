"""How many neurons fire, and what a step that touches only these costs.

Setting
    f(x) = m^{-1/2} a^T relu(z^L - b), z^l = W^l h^{l-1}, h^l = relu(z^l - b)/sqrt(m c_b), h^0 = x,
    ||x|| <= 1, W^l standard normal at the start, a_r = +-1, c_b = (1 + b^2) Q(b) - b phi(b), Q the
    tail of the normal law, phi its density; b = sqrt(2 c log m). Gradient descent on ||f - y||^2/2,
    full batch; a neuron fires on x_i where z > b; k_{l,i} of layer l fire.

Statement
    (ST1) Given h^{l-1}, k_l ~ Binomial(m, Q(b/||h^{l-1}||)), independently of the weights below.
          In the first layer E k <= m^{1-c}/2 and
          P(some of n samples fires more than m^{1-c}) <= n exp(-(2 log 2 - 1) m^{1-c}/2).
          So the slope of k in m is at most 1 - c; the law has a factor 1/b more.
    (ST2) If no neuron of a layer with frozen input h has moved further than rho, then
          k(t) <= #{r: <w_r(0), h> > b - rho ||h||} at any time. With rho fixed before W_0 is drawn
          the right side is Binomial(m, Q(b/||h|| - rho)); of coupled signs, per pair.
    (ST3) A step that touches only rows and columns of neurons that fire is the dense step, and so
          is one on the last layer alone whose change sum_s U_s V_s^T is not multiplied out, while z
          is maintained by the Gram matrix of the features.
    (ST4) Multiply-adds of one step, all layers trained:
          sparse  n m d + sum_i [ m sum_{l<L} k_l + 2 sum_{l<L} k_l k_{l+1} + k_L + d k_1 ]
          dense   n m (2 d + 3 (L - 1) m + 1)
          lazy    (n + 1) sum_i k_L, the last layer alone, between two restarts
          At the start, L = 2, ||x_i|| = 1, the part m sum_i k_1 has the mean n m^2 Q(b) and at most
          the variance n^2 m^3 Q(b) (1 - Q(b)); so the mean is at most n m^{2-c}/2: below
          quadratic without a hidden constant, by naive multiplication. Slopes in m: at most 2 - c
          sparse (one m d term is linear), 2 dense, at most 1 - c lazy.
          P(slope within its range) >= 1/2, of one sweep.
    Published, form unverified, constants free: b >= sqrt(0.4 log m):
    (ST.P1) P(every sample fires at most C_f m^{4/5}) >= 1 - n exp(-C_e m^{4/5}).
    (ST.P3) A step costs at most C_c m^{2 - alpha}.

    Proof. (ST1): rows are independent, Q(b) <= exp(-b^2/2)/2, Chernoff at twice the mean m^{1-c}/2.
    (ST2): |<w_r(t) - w_r(0), h>| <= rho ||h||. (ST3): other entries of the products are 0.
    (ST4): by counting; Cauchy for the variance of a sum.

Kind
    **Equalities in law** (ST1, ST2); **upper bound, in expectation**, **upper bound, of a
    probability** (ST1); **upper bound, pathwise** (ST2, ST.P3); **equalities, pathwise** (ST3,
    ST4); **equality** and **upper bound, in expectation** (ST4); **lower bounds, with probability**
    (slopes, ST.P1).

Premises
    As stated. (ST3): the residual has not grown tenfold, or rounding has, too. b > 0 where ||h||
    may vanish. A slope takes three sizes over a factor of 8; of a number that fires, 8 that fire
    on average at the smallest; of the dense cost, 2 d + 1 <= 3 (L - 1) m times the tolerance: then
    it is certain. Sparse: L <= 2; lazy: L = 1, so that the features have norm 1. In deeper layers
    few neurons fire below, ||h|| varies with m, and slopes depart: lazy 0.82 for 1 - c = 0.75 at
    L = 3, sparse 1.89 for 2 - c = 1.75 at L = 6 (m = 64 to 512). A rho that depends on W_0, as
    that of a certificate does, has the pathwise bound but not the law.

Slips that the slack hides
    m^{1-c} is 4 to 8 times the mean of k: half the bound on the mean is not refuted where
    exp(-b^2/2)/2 is twice Q(b).

Source
    Derived, after Song, Zhang, Zhang (arXiv 2112.07628): abstract quoted (m^{2-Omega(1)} per
    iteration by a shifted ReLU, lazy low rank maintenance); threshold and exponent 4/5 recalled.
"""

from __future__ import annotations

import sympy as sp

from theory.language import laws
from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    UPPER_PROBABILITY,
)
from theory.language.tables import Case, claims_of, probability
from theory.theorems.subquadratic_training.symbols import (
    PUBLISHED,
    SOURCE,
    SWEPT,
    VOCABULARY,
    C_c,
    C_e,
    C_f,
    L,
    alpha,
    b,
    blocks,
    bottom,
    c,
    d,
    dense,
    grown,
    into,
    long,
    m,
    n,
    near,
    norm_h,
    pairs,
    reach,
    short,
    smallest,
    tail,
    tolerance,
    top,
)

THRESHOLD = b >= sp.sqrt(2 * c * sp.log(m))
SHORT_ROWS = long <= 1
UNIT_ROWS = (SHORT_ROWS, short >= 1 - sp.Rational(1, 10**9))
STEADY = (grown <= 10,)


def fired() -> Statement:
    """(ST1), any layer."""
    share = tail(b / norm_h)
    return Statement(laws.Binomial(m, share), (b > 0,), parts={"share": share})


def fired_mean() -> Statement:
    """(ST1), first layer."""
    return Statement(m ** (1 - c) / 2, (THRESHOLD, SHORT_ROWS))


def fired_tail() -> Statement:
    """(ST1), all samples."""
    rate = (2 * sp.log(2) - 1) / 2
    return Statement(n * sp.exp(-rate * m ** (1 - c)), (THRESHOLD, SHORT_ROWS))


def kept_law() -> Statement:
    """(ST2), reach known before the draw."""
    share = tail(b / norm_h - reach)
    return Statement(laws.Binomial(pairs, share), parts={"share": share})


def leading() -> Statement:
    """(ST4), the part m k_1."""
    variance = n**2 * m**3 * tail(b) * (1 - tail(b))
    return Statement(n * m**2 * tail(b), (*UNIT_ROWS, sp.Eq(L, 2)), variance=variance)


def slope_sparse() -> Statement:
    """(ST4)."""
    return Statement(sp.S.Half, (*SWEPT, L <= 2), parts={"highest": 2 - c})


def slope_fired(*more: sp.Basic) -> Statement:
    """(ST1), (ST4): of a number of neurons that fire."""
    expected = n * smallest * tail(sp.sqrt(2 * c * sp.log(smallest)) / short)
    return Statement(sp.S.Half, (*SWEPT, *more, expected >= 8), parts={"highest": 1 - c})


def slope_dense() -> Statement:
    """(ST4)."""
    ends = {"lowest": 2 - tolerance, "highest": 2 + tolerance}
    linear = 2 * d + 1 <= 3 * (L - 1) * smallest * tolerance
    return Statement(sp.S.Half, (*SWEPT, linear), parts=ends)


def published_fired() -> Statement:
    """(ST.P1)."""
    power = m ** sp.Rational(4, 5)
    premise = b >= sp.sqrt(sp.Rational(2, 5) * sp.log(m))
    return Statement(1 - n * sp.exp(-C_e * power), (premise,), parts={"most": C_f * power})


_FIRST = Quantity("fired_first", "neurons of the first layer that fire", "k_1")
_FORWARD = Quantity("forward", "multiply-adds into the second layer", r"m \sum_i k_{1,i}")
_OPERATIONS = Quantity("operations", "multiply-adds of a sparse step", "C")


def _below(name: str, text: str) -> Quantity:
    return probability(f"slope_{name}", f"slope of {text} in its range")


_CASES: dict[str, Case] = {
    "fired": ("ST1", fired, EXACT_LAW, _FIRST, "how many neurons fire at the start"),
    "fired-deep": (
        "ST1", fired, EXACT_LAW, Quantity("fired_last", "neurons of the last layer that fire",
                                          "k_L"),
        "and how many in a deep layer, given what it sees",
    ),
    "fired-mean": (
        "ST1", fired_mean, UPPER_EXPECTATION, _FIRST, "fewer than m^(1-c)/2 in the mean",
    ),
    "fired-tail": (
        "ST1", fired_tail, UPPER_PROBABILITY,
        probability("fired_many", "some sample fires more than m^(1-c) neurons"),
        "hardly ever twice as many",
    ),
    "fired-slope": (
        "ST1", slope_fired, LOWER_PROBABILITY,
        _below("fired", "the number that fires in m"), "the number grows like m^(1-c) at most",
    ),
    "kept": (
        "ST2", lambda: Statement(near), UPPER_PATHWISE,
        Quantity("fired_on_the_way", "neurons that fire during training", "k(t)"),
        "sparse at any time, by how far neurons moved",
    ),
    "kept-last": (
        "ST2", lambda: Statement(near), UPPER_PATHWISE,
        Quantity("fired_above", "neurons of a last layer trained alone that fire", "k_L(t)"),
        "the same above frozen features",
    ),
    "kept-law": (
        "ST2", kept_law, EXACT_LAW,
        Quantity("kept_pairs", "pairs with <w_r(0), x> > b - rho ||x||", r"k_\rho"),
        "the law of that bound where the distance is known before",
    ),
    "sparse": (
        "ST3", lambda: Statement(dense, STEADY), EXACT_PATHWISE,
        Quantity("sparse", "outputs and weights of sparse steps", r"f, W"),
        "touching only what fires is the dense step",
    ),
    "lazy": (
        "ST3", lambda: Statement(dense, STEADY), EXACT_PATHWISE,
        Quantity("lazy", "outputs and weights of a change not multiplied out", r"f, W"),
        "so is a low-rank change that is not multiplied out",
    ),
    "count": (
        "ST4",
        lambda: Statement(n * m * d + m * into + 2 * blocks + top + d * bottom),
        EXACT_PATHWISE, _OPERATIONS, "what a sparse step costs",
    ),
    "count-dense": (
        "ST4", lambda: Statement(n * m * (2 * d + 3 * (L - 1) * m + 1)), EXACT_PATHWISE,
        Quantity("operations_dense", "multiply-adds of a dense step", "C_{dense}"),
        "what a dense step costs",
    ),
    "count-lazy": (
        "ST4", lambda: Statement((n + 1) * top), EXACT_PATHWISE,
        Quantity("operations_lazy", "multiply-adds of a lazy step", "C_{lazy}"),
        "what a step on the last layer costs without multiplying out",
    ),
    "leading": (
        "ST4", leading, EXACT_EXPECTATION, _FORWARD, "the exact law of the largest part",
    ),
    "leading-at-most": (
        "ST4",
        lambda: Statement(n * m ** (2 - c) / 2, (THRESHOLD, SHORT_ROWS, sp.Eq(L, 2))),
        UPPER_EXPECTATION, _FORWARD, "below quadratic without a hidden constant",
    ),
    "slope-sparse": (
        "ST4", slope_sparse, LOWER_PROBABILITY,
        _below("sparse", "the cost of a sparse step in m"), "subquadratic",
    ),
    "slope-dense": (
        "ST4", slope_dense, LOWER_PROBABILITY,
        _below("dense", "the cost of a dense step in m"), "quadratic",
    ),
    "slope-lazy": (
        "ST4", lambda: slope_fired(sp.Eq(L, 1)), LOWER_PROBABILITY,
        _below("lazy", "the cost of a lazy step in m"), "sublinear",
    ),
    "published-fired": (
        "ST.P1", published_fired, LOWER_PROBABILITY,
        probability("published_fired", "every sample fires at most C_f m^(4/5) neurons"),
        "the published sparsity",
    ),
    "published-cost": (
        "ST.P3", lambda: Statement(C_c * m ** (2 - alpha)), UPPER_PATHWISE, _OPERATIONS,
        "the published cost",
    ),
}  # fmt: skip

CLAIMS = claims_of("subquadratic", _CASES, VOCABULARY, SOURCE, PUBLISHED)
