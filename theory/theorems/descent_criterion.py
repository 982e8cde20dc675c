"""A criterion for gradient descent, and deep networks of fixed width that meet it.

Setting
    Gradient descent of step size eta on ||e||^2/2, e = u - y, u(t) in R^n with Jacobian J. d_k is
    the length of step k, rho_k = d_0 + .. + d_{k-1} the path so far. s is a nonincreasing lower
    bound of the smallest singular value of J on the ball of radius R around the start (given on
    cells of equal length, at the right end of each, so that sums bound int s from below), L a
    Lipschitz constant of J there, S_0 = ||J_0||, E_0 = ||e_0||, epsilon in (0, 1). Premises of
    descent: eta ((S_0 + L R)^2 + L E_0) <= 2 epsilon, where the bracket bounds the Hessian;
    delta = 2 (1-epsilon) eta s(R)^2. With steps eta/2 on f = ||e||^2 all this reads eta/2 <=
    2 epsilon/||f''|| and delta = 4 (1-epsilon) (eta/2) s(R)^2: its scale matters for eta alone.
    Networks: h^l = sigma(W_l h^{l-1}), l = 1..H, f(x) = <a, h^H>, sigma(0) = 0 < sigma' <= s1; W_1
    = 0, W_2, .., W_H > 0, a > 0, independent rows of X; so e_0 = -y. For s(R) see
    `theory.mathematics.positive_networks`. q = sigma'(0)^H W_2^T .. W_H^T a.

Statement
    (C.1)  Ball: E_0 < (1-epsilon) R s(R) gives for ALL k: ||e_k||^2 <= (1-delta)^k E_0^2,
    (C.2)  rho_k < R, and (C.3) the path from k on is at most R (1-delta)^{k/2}.
    (C.4)  Integral: so does E_0 < (1-epsilon) int_0^R s, with (C.5), (C.6) as (C.2), (C.3);
    (C.7)  ||e_k|| <= E_0 - (1-epsilon) int_0^{rho_k} s
    (C.8)  ||e_k|| <= x_k, x_0 = E_0, x_{k+1} = max over x <= x_k of x sqrt(1 - 2 (1-epsilon) eta
           s(rho(x))^2), where E_0 - x = (1-epsilon) int_0^{rho(x)} s
    (C.9)  Networks: the smallest singular value of J_k is at least s(rho_k).
    (C.10) One hidden layer, sigma' >= gamma > 0, lambda_X = lambda_min(X X^T): ||a||^2 > 2 E_0/c,
           c = (1-epsilon) gamma sqrt(lambda_X), gives ||e_k||^2 <= (1 - 2 eta gamma c (||a||^2 -
           2 E_0/c) sqrt(lambda_X))^k E_0^2; the ball has R = ||a|| - sqrt(||a||^2 - 2 E_0/c).
    (C.11) J_0 J_0^T = |q|^2 X X^T.
    (C.12) ||e_k - l_k|| <= L R*^2/2 + C L R* E_0/sqrt(A), l_k = -(I - eta |q|^2 X X^T)^k y: (K5) of
           `theory.algebra.descent` at lambda = |q|^2 lambda_X, S_0 = |q| ||X||. Descent is that of
           linear regression, whatever width, depth and activation.
    As ||a|| grows with eta |q|^2 fixed, P(|slope - exponent| <= tolerance) >= 1/2 for the slope of
    (C.13) the displacement, exponent -1; of the defect max_k ||e_k - l_k||: (C.14) -2 for odd
    sigma, (C.15) -1 where sigma''(0) != 0, (C.16) -4 for sigma = z and H = 1; of |f(x) - <x, X^+
    u_K>| on fresh inputs x, ridgeless regression as u_K -> y: (C.17) -2 for odd sigma but z, (C.18)
    -1 where sigma''(0) != 0. (C.19) For sigma = z it is 0, whatever the scale.
    (C.20) n > d: s = 0 and no criterion holds. P(| ||e_K||^2/||(I - X X^+) y||^2 - 1 | <=
           share) >= 1/2 at ||a|| >= 256: a measured floor, which no certificate covers. From
           smaller ||a||, or after more steps, networks go below it.
    (C.21) P(this start reaches ||e||^2 = 1e-3 ||y||^2 no later than a standard one of the same
           widths, each with the best of five step sizes) >= 1/2: a measured comparison.
    Published (numbers of theorems and form unverified; constants L_1, L_2 free):
    (C.P1) 4 f_0 < (1-epsilon)^2 R^2 alpha, alpha = inf over the ball of |grad f|^2/f, and eta/2 <=
           min(R/(L_1 sqrt(p)), 2 epsilon/(L_2 p)), L_1, L_2 entrywise bounds of the derivatives of
           f on the ball of radius 2 R, p parameters, give f_k <= (1-delta)^k f_0, delta = min(1,
           (1-epsilon) alpha eta/2), and (C.P2) ||t_k - t*|| <= R (1-delta)^{k/2}.
    In (C.1) there is no ball of radius 2 R and no sqrt(p). Its constant 4 is best: on (a/4)||t -
    c||^2 the criterion (epsilon -> 0) holds for R iff the minimiser lies in the open ball.

    Proof. A step of length d ends at ||e'||, (1-epsilon) s d <= ||e|| - ||e'||, while inside, for
    all smaller steps too, so segments stay in the ball and below f_0: (C.2), (C.5), (C.7). The
    descent lemma is the rate; s >= s(R) from k on the remaining path. (C.6): with (1-epsilon)
    int_{rho_k}^{rho_k + w_k} s = ||e_k|| the remaining path is at most w_k, w_0 < R, and w_{k+1} <=
    w_k sqrt(1-delta), for int s is concave.

Kind
    (C.1) to (C.8), (C.10), (C.12), (C.P1), (C.P2): **upper bounds, pathwise**; (C.9): **lower
    bound, pathwise**; (C.11), (C.19): **equalities, pathwise**; all others: **lower bounds, with
    probability**.

Source
    After Chatterjee, Convergence of gradient descent for deep neural networks (arXiv 2203.16462):
    the criterion with 4, the initialisation (zero first layer, positive hidden weights, large
    output layer), and the comparison are its; constants, (C.4) to (C.9) and (C.11) on are derived.
    The limit eta -> 0, gradient flow, is stated there, too, and is not tested here.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.algebra.descent import LipschitzDescent
from theory.algebra.inequalities import Inequality, Unproved
from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.numeric import MaxOver, Vector
from theory.language.tables import Case, claims_of, probability
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

ENGINE = LipschitzDescent(VOCABULARY)
k, eta, rho, L = ENGINE.k, ENGINE.eta, ENGINE.rho, ENGINE.L
e0, S_0, r = ENGINE.E_0, ENGINE.S_0, ENGINE.R

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
H = _s("H", "hidden layers", COUNT)
p = _s("p", "parameters", COUNT)
M = _s("cells", "cells of the ball", COUNT)
A = _s("norm_a", "norm ||a|| of the output layer", POSITIVE, latex=r"\lVert a\rVert")
eps = _s("epsilon", "share of every step that the descent lemma may lose", OPEN_UNIT)
s = _v("s", "lower bounds of the smallest singular value of J, one per cell", NONNEGATIVE)
lowest = _s("lambda_X", "smallest eigenvalue of X X^T, 0 for dependent rows", NONNEGATIVE)
q_sq = _s("q_sq", "|q|^2", POSITIVE, latex=r"|q|^2")
gamma = _s("gamma", "infimum of sigma'", NONNEGATIVE)
fitted = _s("fitted", "<x, X^+ u_K> of a fresh input x")
gram = _s("gram", "an entry of X X^T")
odd = _s("odd", "1 where sigma is odd, else 0", INDEX)
linear = _s("linear", "1 where sigma is the identity, else 0", INDEX)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
share = _s("share", "distance allowed between the loss and its floor, over the floor", OPEN_UNIT)
smallest = _s("smallest", "smallest output scale of a sweep", POSITIVE)
largest = _s("largest", "largest output scale of a sweep", POSITIVE)
scales = _s("scales", "output scales of a sweep", COUNT)
L_1 = _s("L_1", "entrywise bound of the first derivatives of ||e||^2, radius 2 R", POSITIVE)
L_2 = _s("L_2", "entrywise bound of its second derivatives, radius 2 R", POSITIVE)

_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ij")
_level = sp.IndexedBase("level", real=True)

LAST = s[M - 1]
STEP = eta * ((S_0 + L * r) ** 2 + L * e0) <= 2 * eps
INSIDE = rho <= r
DELTA = 2 * (1 - eps) * eta * LAST**2
BALL = e0 < (1 - eps) * r * LAST
INTEGRAL = e0 < (1 - eps) * (r / M) * sp.Sum(s[_j], (_j, 0, M - 1))
FALLING = sp.Le(MaxOver(s[_j + 1] - s[_j], (_j, 0, M - 2)), 0)
DESCENT = (M >= 2, FALLING, STEP)


def _descent(
    criterion: sp.Basic, bound: sp.Expr, *more: sp.Basic, index: sp.Symbol | None = None
) -> Statement:
    premises = (criterion, *DESCENT, *more)
    return Statement(bound, premises, parts={"delta": DELTA}, index=index)


def rate(criterion: sp.Basic) -> Statement:
    """(C.1), (C.4)."""
    return _descent(criterion, (1 - DELTA) ** k * e0**2, index=k)


def path(criterion: sp.Basic) -> Statement:
    """(C.2), (C.5)."""
    return _descent(criterion, r)


def remaining(criterion: sp.Basic) -> Statement:
    """(C.3), (C.6)."""
    return _descent(criterion, r * (1 - DELTA) ** (k / 2))


_CELL = sp.Min(sp.floor(rho * M / r), M - 1)
"""The cell in which the path ends."""


def budget() -> Statement:
    """(C.7)."""
    whole = sp.Sum(s[_j], (_j, 0, _CELL - 1)) * r / M
    return _descent(INTEGRAL, e0 - (1 - eps) * (whole + s[_CELL] * (rho - _CELL * r / M)), INSIDE)


def majorant() -> Statement:
    """(C.8), on cells: in each the largest x, and the smallest s."""
    left = e0 - (1 - eps) * (r / M) * sp.Sum(s[_i], (_i, 0, _j - 1))
    levels = {_level: Vector(left, (_j, 0, M - 1))}
    kept = sp.Max(0, 1 - 2 * (1 - eps) * eta * s[_j] ** 2)
    bound = MaxOver(sp.Min(_level[_j], ENGINE.x[k - 1]) * sp.sqrt(kept), (_j, 0, M - 1))
    return Statement(bound, (INTEGRAL, *DESCENT), levels, history=ENGINE.x, initial=e0, index=k)


def one_layer() -> Statement:
    """(C.10)."""
    root = sp.sqrt(lowest)
    c = (1 - eps) * gamma * root
    left = A**2 - 2 * e0 / c
    radius = A - sp.sqrt(left)
    delta = 2 * eta * gamma * c * left * root
    premises = (sp.Eq(H, 1), c > 0, left > 0, sp.Ge(r, radius), STEP)
    return Statement((1 - delta) ** k * e0**2, premises,
                     parts={"delta": delta, "radius": radius}, index=k)  # fmt: skip


def slope(exponent: int, *regime: sp.Basic) -> Statement:
    """(C.13) to (C.18)."""
    return Statement(
        sp.S.Half,
        (scales >= 3, largest >= 4 * smallest, *regime),
        parts={"lowest": exponent - tolerance, "highest": exponent + tolerance},
    )


def floor() -> Statement:
    """(C.20)."""
    return Statement(
        sp.S.Half, (n > d, A >= 256), parts={"lowest": 1 - share, "highest": 1 + share}
    )


ALPHA = 4 * LAST**2
PUBLISHED = (
    4 * e0**2 < (1 - eps) ** 2 * r**2 * ALPHA,
    eta / 2 <= sp.Min(r / (L_1 * sp.sqrt(p)), 2 * eps / (L_2 * p)),
)
_PUBLISHED_DELTA = sp.Min(1, (1 - eps) * ALPHA * eta / 2)


def published(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    """(C.P1), (C.P2): form unverified."""
    return Statement(bound, PUBLISHED, parts={"delta": _PUBLISHED_DELTA}, index=index)


def _slope_of(name: str, what: str) -> Quantity:
    return probability(f"slope_of_{name}", f"|slope of {what} - exponent| <= tolerance")


_LOSS = Quantity("loss", "||e_k||^2", r"\lVert e_k\rVert^2")
_PATH = Quantity("path", "rho_k", r"\rho_k")
_LEFT = Quantity("remaining", "d_k + .. + d_{K-1}", r"\sum_{j\ge k} d_j")
_NORM = Quantity("residual", "||e_k||", r"\lVert e_k\rVert")
_DEFECT, _FRESH = "max_k ||e_k - l_k||", "|f(x) - <x, X^+ u_K>|"
_SOURCE = "derived, after Chatterjee (arXiv 2203.16462)"
_UNVERIFIED = "form unverified: Chatterjee (arXiv 2203.16462)"
_ODD, _SHIFTED = sp.Eq(odd, 1), sp.Eq(odd, 0)
_LINEAR, _CURVED = sp.Eq(linear, 1), sp.Eq(linear, 0)

_CASES: Mapping[str, Case] = {
    "ball": ("C.1", lambda: rate(BALL), UPPER_PATHWISE, _LOSS, "the rate, by the published form"),
    "ball-path": ("C.2", lambda: path(BALL), UPPER_PATHWISE, _PATH, "descent stays in the ball"),
    "ball-remaining": (
        "C.3", lambda: remaining(BALL), UPPER_PATHWISE, _LEFT, "how far it still goes",
    ),
    "integral": (
        "C.4", lambda: rate(INTEGRAL), UPPER_PATHWISE, _LOSS, "the rate, by a weaker criterion",
    ),
    "path": ("C.5", lambda: path(INTEGRAL), UPPER_PATHWISE, _PATH, "descent stays in the ball"),
    "remaining": (
        "C.6", lambda: remaining(INTEGRAL), UPPER_PATHWISE, _LEFT, "how far it still goes",
    ),
    "budget": ("C.7", budget, UPPER_PATHWISE, _NORM, "what the path so far has taken from it"),
    "majorant": ("C.8", majorant, UPPER_PATHWISE, _NORM, "a recursion in one dimension"),
    "singular-value": (
        "C.9",
        lambda: Statement(s[_CELL], (INSIDE,)),
        LOWER_PATHWISE,
        Quantity("singular_value", "smallest singular value of J_k", r"\sigma_{\min}(J_k)",
                 least=0.0),
        "the profile of a network of positive weights",
    ),
    "one-layer": (
        "C.10", one_layer, UPPER_PATHWISE,
        Quantity("one_layer_loss", "||e_k||^2", r"\lVert e_k\rVert^2"),
        "one hidden layer, in closed form",
    ),
    "gram": (
        "C.11", lambda: Statement(q_sq * gram), EXACT_PATHWISE,
        Quantity("initial_gram", "an entry of J_0 J_0^T", r"(J_0 J_0^T)_{ij}"),
        "at the start only the first layer moves",
    ),
    "linear-law": (
        "C.12", ENGINE.linear_law, UPPER_PATHWISE,
        Quantity("defect", "||e_k - l_k||", r"\lVert e_k - \ell_k\rVert"),
        "deep networks as linear regression, with a certified defect",
    ),
    "scaling-displacement": (
        "C.13", lambda: slope(-1), LOWER_PROBABILITY,
        _slope_of("displacement", "||t_K - t_0||"), "weights move less and less",
    ),
    "scaling-defect-odd": (
        "C.14", lambda: slope(-2, _ODD, sp.Or(_CURVED, H >= 2)), LOWER_PROBABILITY,
        _slope_of("odd_defect", _DEFECT), "odd activations",
    ),
    "scaling-defect": (
        "C.15", lambda: slope(-1, _SHIFTED), LOWER_PROBABILITY,
        _slope_of("defect", _DEFECT), "activations with sigma''(0) != 0",
    ),
    "scaling-defect-linear": (
        "C.16", lambda: slope(-4, _LINEAR, sp.Eq(H, 1)), LOWER_PROBABILITY,
        _slope_of("linear_defect", _DEFECT), "one linear hidden layer",
    ),
    "scaling-fresh-odd": (
        "C.17", lambda: slope(-2, _ODD, _CURVED), LOWER_PROBABILITY,
        _slope_of("odd_fresh", _FRESH), "ridgeless regression on fresh inputs, odd activations",
    ),
    "scaling-fresh": (
        "C.18", lambda: slope(-1, _SHIFTED), LOWER_PROBABILITY,
        _slope_of("fresh", _FRESH), "the same where sigma''(0) != 0",
    ),
    "fresh-identity": (
        "C.19", lambda: Statement(fitted, (_LINEAR,)), EXACT_PATHWISE,
        Quantity("fresh", "f(x)", "f(x)"),
        "linear networks predict as linear regression of their outputs does",
    ),
    "floor": (
        "C.20", floor, LOWER_PROBABILITY,
        probability("floor", "| ||e_K||^2/||(I - X X^+) y||^2 - 1 | <= share"),
        "more samples than dimensions: where the loss stops",
    ),
    "race": (
        "C.21", lambda: Statement(sp.S.Half), LOWER_PROBABILITY,
        probability("race", "this start is no slower than the standard one"),
        "a measured comparison, no theorem",
    ),
    "published": (
        "C.P1", lambda: published((1 - _PUBLISHED_DELTA) ** k * e0**2, k), UPPER_PATHWISE,
        Quantity("published_loss", "||e_k||^2", r"\lVert e_k\rVert^2"),
        "published rate, form unverified",
    ),
    "published-distance": (
        "C.P2", lambda: published(r * (1 - _PUBLISHED_DELTA) ** (k / 2)), UPPER_PATHWISE,
        Quantity("published_distance", "||t_k - t_K||", r"\lVert t_k - t_K\rVert"),
        "published distance to the limit, form unverified",
    ),
}  # fmt: skip

CLAIMS = claims_of("criterion", _CASES, VOCABULARY, _SOURCE, _UNVERIFIED)


def INEQUALITIES() -> tuple[Inequality, ...]:
    """The steps of the proof that are algebra; d is the length of a step, h bounds the Hessian."""
    step, h, g, x, m, c, root, slope_here = sp.symbols("d h g x m c u sigma", nonnegative=True)
    taken = (1 - eps) * slope_here * step
    radius = A - root
    share_of_s = x * g**2
    return (
        Inequality(
            "criterion/descent-lemma", "a step of size eta keeps 1 - epsilon of its fall",
            eta * (1 - eps) <= eta * (1 - eta * h / 2), (eta * h <= 2 * eps,),
        ),
        Inequality(
            "criterion/segment", "a step of length d spends (1-epsilon) s d of the residual",
            e0**2 - 2 * taken * e0 <= (e0 - taken) ** 2,
        ),
        Inequality(
            "criterion/rate", "delta <= 1, for s <= S_0",
            2 * (1 - eps) * eta * slope_here**2 <= 1,
            (eta * (S_0 + h) ** 2 <= 2 * eps, slope_here <= S_0),
        ),
        Inequality(
            "criterion/way-to-go", "(C.6): x = 2 (1-epsilon) eta s(rho)^2, g = s(R)/s(rho), m >= 1",
            (1 - x * m**2) * (1 - x * m * g / 2) ** 2 <= (1 - share_of_s) * (1 - x * m / 2) ** 2,
            (g <= 1, m >= 1, x * m**2 <= 1),
        ),
        Inequality(
            "criterion/one-layer", "(C.10): (1-epsilon) int_0^R s = E_0 at that radius",
            sp.Eq(c * (A * radius - radius**2 / 2), e0),
            (c > 0, sp.Eq(root**2, A**2 - 2 * e0 / c)),
        ),
    )  # fmt: skip


UNPROVED = (
    Unproved("criterion/smaller-steps", "(C.2), (C.5)", "segments stay in the ball and below f_0",
             "continuity; tried on paths at the smallest radius that meets the criterion"),
    Unproved("criterion/concave", "(C.6)", "the way to go is largest where s is constant behind it",
             "concavity of int s; (C.6) is tried on networks and on a parabola"),
    Unproved("criterion/profile", "(C.9)", "lambda_min(P o Q) >= lambda_min(P) min_i Q_ii (Schur)",
             "linear algebra; s(r) is compared with singular values by hill climbing"),
)  # fmt: skip
