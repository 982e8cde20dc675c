"""Gradient descent on one neuron: a warm start, a certificate for all steps, a start that fails.

Setting
    w_{k+1} = w_k - eta grad F(w_k), full batch. The law of x is that of -x and E x x^T = I: any
    data set, whitened, with -X appended. b = ||w*||, e = y - relu(<w*, x>), opt = E e^2, w* any
    vector.

Statement
    (DK3)  w_0 = 2 E y x, one step of size 1 from 0 with relu'(0) = 1, has
           ||w_0 - w*|| <= 2 sqrt(opt), with equality for e linear in x, and
           F(w_0) <= (1 + sqrt 2)^2 opt.
    (DK4)  c = lambda_min(E x x^T 1{<w*, x> > rho b ||x||}) and
           f(r) = r^2 (1 - 4 eta c) + 4 eta sqrt(opt/2) r + eta^2 (r + sqrt(2 opt))^2. If
           r_0 = ||w_0 - w*|| <= rho b, f(rho b) <= (rho b)^2 and 1 - 4 eta c + eta^2 >= 0, then
           ||w_k - w*|| <= r_k with r_{k+1} = sqrt(f(r_k)), for all k. (The inequality in c is
           strict: with >= an input orthogonal to w may count that never moves it.)
    (DK5)  With B_r = E <w*, x>^2 1{|<w*, x>| <= r_k ||x||},
           F(w_k) <= opt + B_r/2 + 2 sqrt(opt B_r) + r_k ||grad F(w_k)||.
    (DK6)  If y = 0 where <w*, x> < 0, w_0 = -c w* and 0 < eta < 1, then w_k = (1 - eta)^k w_0 and
           F(w_k) = E y^2 + (1 - eta)^(2k) c^2 b^2/2: descent ends at 0, and F/opt is unbounded as
           opt -> 0. (Of labels that are not 0 there it ends near w*.)
    (DK7)  Slopes in log-log of the end of descent. For an adversary whose noise is e times a
           factor, ||w - w*|| grows like sqrt(opt): slope 1/2. For independent noise ||w - w*||^2
           falls like 1/n: slope -1. For noise that is a function of x more samples are of no use:
           slope 0. P(|slope - exponent| <= tolerance) >= 1/2.
    Published, form unverified, C not stated; isotropic log-concave inputs:
    (DK.P) F(w) <= C opt + epsilon at the end of descent.

    Proof. (DK3): E relu(<w*, x>) x = w*/2 by symmetry, |E e <u, x>| <= sqrt(opt), and
    Q <= ||w - w*||^2/2, x and -x added. (DK4): in the ball both neurons fire where
    <w*, x> > rho b ||x||, so I >= c ||w - w*||^2; |E e p D| <= sqrt(opt V), V = ||w - w*||^2/2 by
    symmetry; ||grad F|| <= ||w - w*|| + sqrt(2 opt). (DK5): (DK1), and disagreement implies
    |<w*, x>| <= |D|. (DK6): on {<w_k, x> > 0} the labels are 0, and 2 E x x^T there is I. (DK7):
    near w* descent solves a linear equation; an argument, no proof.

Kind
    **Upper bounds, pathwise** (DK3 to DK5); **equalities, pathwise** (DK6); **lower bounds, with
    probability** (DK7), of one sweep.

Premises
    Symmetric x with E x x^T = I up to rounding. DK7: at least three sizes, over a factor of 8.

Source
    Derived, after Diakonikolas, Kontonis, Tzamos, Zarifis (arXiv 2206.08918): abstract quoted, the
    start and the regulariser not seen.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.theorems.single_neuron.symbols import (
    PUBLISHED,
    SOURCE,
    VOCABULARY,
    B_r,
    C,
    b,
    behind,
    c,
    eps,
    eta,
    function,
    grad,
    k,
    largest,
    leak,
    opt,
    power,
    r_0,
    r_k,
    rho,
    sizes,
    skewed,
    smallest,
    start,
    symmetric,
    tolerance,
)

SYMMETRIC = (sp.Eq(symmetric, 1), skewed <= sp.Rational(1, 10**9))


def step(radius: sp.Expr) -> sp.Expr:
    """f(r) of (DK4)."""
    drift = radius**2 * (1 - 4 * eta * c) + 4 * eta * sp.sqrt(opt / 2) * radius
    return drift + eta**2 * (radius + sp.sqrt(2 * opt)) ** 2


CERTIFIED = (
    *SYMMETRIC,
    r_0 <= rho * b,
    step(rho * b) <= (rho * b) ** 2,
    1 - 4 * eta * c + eta**2 >= 0,
)


def warm_distance() -> Statement:
    """(DK3)."""
    return Statement(2 * sp.sqrt(opt), SYMMETRIC)


def warm_risk() -> Statement:
    """(DK3)."""
    return Statement((1 + sp.sqrt(2)) ** 2 * opt, SYMMETRIC)


def certificate() -> Statement:
    """(DK4)."""
    radius = sp.IndexedBase("certified", real=True)
    bound = sp.sqrt(sp.Max(step(radius[k - 1]), 0))
    return Statement(bound, CERTIFIED, history=radius, initial=r_0, index=k)


def risk() -> Statement:
    """(DK5)."""
    return Statement(opt + B_r / 2 + 2 * sp.sqrt(opt * B_r) + r_k * grad, CERTIFIED)


_STUCK = (*SYMMETRIC, sp.Eq(leak, 0), eta < 1)


def stuck() -> Statement:
    """(DK6), the path."""
    return Statement((1 - eta) ** k * start, _STUCK)


def stuck_risk() -> Statement:
    """(DK6), the risk."""
    return Statement(power + (1 - eta) ** (2 * k) * behind**2 * b**2 / 2, _STUCK)


def published() -> Statement:
    """(DK.P), form unverified."""
    return Statement(C * opt + eps, SYMMETRIC)


def _slope(exponent: sp.Expr, *premises: sp.Basic) -> Statement:
    ends = {"lowest": exponent - tolerance, "highest": exponent + tolerance}
    return Statement(
        sp.S.Half, (sizes >= 3, largest >= 8 * smallest, *premises),
        parts={"exponent": exponent, **ends},
    )  # fmt: skip


def _near(name: str, text: str) -> Quantity:
    return probability(f"slope_{name}", f"|slope of {text} - exponent| <= tolerance")


_CASES: dict[str, Case] = {
    "warm-distance": (
        "DK3", warm_distance, UPPER_PATHWISE,
        Quantity("warm_distance", "||w_0 - w*||", r"\lVert w_0 - w^*\rVert"),
        "a start near w*, known from the data",
    ),
    "warm-risk": (
        "DK3", warm_risk, UPPER_PATHWISE, Quantity("warm_risk", "F(w_0)", "F(w_0)"),
        "its risk is within a constant factor already",
    ),
    "certificate": (
        "DK4", certificate, UPPER_PATHWISE,
        Quantity("distance", "||w_k - w*||", r"\lVert w_k - w^*\rVert"), "a bound for all steps",
    ),
    "certified-risk": (
        "DK5", risk, UPPER_PATHWISE, Quantity("descent_risk", "F(w_k)", "F(w_k)"),
        "the risk on the way",
    ),
    "stuck": (
        "DK6", stuck, EXACT_PATHWISE,
        Quantity("stuck", "w_k, started opposite to w*", "w_k"), "a start that ends at 0",
    ),
    "stuck-risk": (
        "DK6", stuck_risk, EXACT_PATHWISE,
        Quantity("stuck_risk", "F(w_k), started opposite to w*", "F(w_k)"), "and what it costs",
    ),
    "scaling-noise": (
        "DK7", lambda: _slope(sp.S.Half), LOWER_PROBABILITY,
        _near("noise", "||w - w*|| in opt"), "twice as far with four times the noise",
    ),
    "scaling-independent": (
        "DK7", lambda: _slope(sp.S.NegativeOne), LOWER_PROBABILITY,
        _near("independent", "||w - w*||^2 in n, independent noise"),
        "independent noise averages out",
    ),
    "scaling-adversary": (
        "DK7", lambda: _slope(sp.S.Zero, sp.Eq(function, 1)), LOWER_PROBABILITY,
        _near("adversary", "||w - w*||^2 in n, noise that is a function of x"),
        "an adversary does not",
    ),
    "published": (
        "DK.P", published, UPPER_PATHWISE, Quantity("end", "F(w) at the end", "F(w_K)"),
        "the published guarantee",
    ),
}  # fmt: skip

CLAIMS = claims_of("neuron", _CASES, VOCABULARY, SOURCE, PUBLISHED)
