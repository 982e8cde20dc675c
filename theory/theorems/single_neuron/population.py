"""Rotation-invariant inputs: an explicit constant factor for every stationary point.

Setting
    The law of x is that of every rotation of x, E x x^T = I, any dimension; ||w|| = r b,
    b = ||w*||, theta the angle of w and w*, omega = opt/b^2; J = (sin theta + (pi - theta)
    cos theta)/(2 pi), K = (pi - theta + sin theta cos theta)/(2 pi); V = E p D^2.

Statement
    (DK2)  I = b^2 (r^2/2 - r (cos theta/2 + J) + K),      Q = b^2 ((r^2 + 1)/2 - 2 r J),
           V = b^2 (r^2 + 1 - 2 r cos theta)/2,            B = b^2 (theta - sin theta cos theta)/pi.
           With coordinates along w* and towards w,
           g = (r cos theta/2 - K, r sin theta/2 - sin^2 theta/(2 pi)),
           k = (-B/(2 b^2), sin^2 theta/(2 pi)),
           every stationary point w != 0 at an angle of at most pi/2 has 2 |g|^2 <= omega and
           F(w) <= opt + Q - 2 I + b^2 (4 <g, k> + 2 sqrt((omega - 2 |g|^2)(B/b^2 - 2 |k|^2)))
                <= C(omega) opt,
           C(omega) the supremum of the middle over opt. Every (r, theta) with 2 |g|^2 <= omega is
           stationary for some labels, and e = p <2 g, x> + c (|<w*, x>| 1{p != p*} - p <2 k, x>)
           attains the middle: no constant is smaller.
    C = 1.0006, 1.0062, 1.0192, 1.0749 at omega = 1e-3, 0.01, 0.03, 0.1, so it tends to 1. It jumps
    at omega = 1/8, from 1.102 to 2.595, where r = 1/pi at a right angle becomes stationary; it is
    at most 3.6. Without w != 0 there is no constant: 0 is stationary (relu'(0) = 0).

    Proof. Integrals in the plane of w and w*. Stationary: E e p x = b g. By (DK1) maximise
    E e |<w*, x>| 1{p != p*} over e of norm omega b^2 with that constraint.

Kind
    **Equalities, pathwise** (integrals); **lower** and **upper bounds, pathwise**, attained.

Premises
    grad F(w) = 0 up to rounding; w != 0; theta <= pi/2; a law of x that no rotation changes: being
    symmetric with E x x^T = I is not enough.

Source
    Derived, after Diakonikolas, Kontonis, Tzamos, Zarifis (arXiv 2206.08918), whose constant is
    universal and was not seen.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.single_neuron.symbols import (
    SOURCE,
    VOCABULARY,
    C_w,
    b,
    omega,
    r,
    slope,
    t,
    uneven,
)

J = (sp.sin(t) + (sp.pi - t) * sp.cos(t)) / (2 * sp.pi)
K = (sp.pi - t + sp.sin(t) * sp.cos(t)) / (2 * sp.pi)
ALIGNMENT = r**2 / 2 - r * (sp.cos(t) / 2 + J) + K
GAP = (r**2 + 1) / 2 - 2 * r * J
APART = (r**2 + 1 - 2 * r * sp.cos(t)) / 2
DISAGREE = (t - sp.sin(t) * sp.cos(t)) / sp.pi
_SIDE = sp.sin(t) ** 2 / (2 * sp.pi)
_G = (r * sp.cos(t) / 2 - K, r * sp.sin(t) / 2 - _SIDE)
_K = (-DISAGREE / 2, _SIDE)
G_SQ = _G[0] ** 2 + _G[1] ** 2
K_SQ = _K[0] ** 2 + _K[1] ** 2

_ROUND = (sp.Eq(uneven, 0), t <= sp.pi)
_STATIONARY = (
    sp.Eq(uneven, 0),
    slope <= sp.Rational(1, 10**9),
    r > 0,
    t <= sp.pi / 2,
)


def stationary_risk() -> sp.Expr:
    """The largest F(w)/b^2 of a stationary point."""
    rest = sp.Max(omega - 2 * G_SQ, 0) * sp.Max(DISAGREE - 2 * K_SQ, 0)
    inner = _G[0] * _K[0] + _G[1] * _K[1]
    return omega + GAP - 2 * ALIGNMENT + 4 * inner + 2 * sp.sqrt(rest)


def feasible() -> Statement:
    """(DK2), where there are stationary points."""
    return Statement(2 * b**2 * G_SQ, _STATIONARY)


def at_a_point() -> Statement:
    """(DK2), the middle."""
    return Statement(b**2 * stationary_risk(), _STATIONARY)


def constant() -> Statement:
    """(DK2), C(omega)."""
    return Statement(C_w * omega * b**2, _STATIONARY)


def _integral(name: str, text: str, value: sp.Expr, words: str) -> Case:
    quantity = Quantity(f"mean_{name}", text, rf"\text{{{text}}}")
    return ("DK2", lambda: Statement(b**2 * value, _ROUND), EXACT_PATHWISE, quantity, words)


_RISK = Quantity("stationary_risk", "F(w) at a stationary point", r"F(w), \nabla F(w) = 0")
_CASES: dict[str, Case] = {
    "angle-alignment": _integral("alignment", "I", ALIGNMENT, "the integral I by angle and norm"),
    "angle-gap": _integral("gap", "Q", GAP, "the integral Q"),
    "angle-apart": _integral("apart", "V", APART, "the integral V"),
    "angle-disagreement": _integral("disagreement", "B", DISAGREE, "the integral B"),
    "feasible": (
        "DK2", feasible, LOWER_PATHWISE,
        Quantity("stationary_opt", "opt with a stationary point", r"\mathrm{opt}"),
        "how much noise makes a point stationary",
    ),
    "stationary": ("DK2", at_a_point, UPPER_PATHWISE, _RISK, "the worst stationary point"),
    "constant": ("DK2", constant, UPPER_PATHWISE, _RISK, "an explicit constant factor"),
}  # fmt: skip

CLAIMS = claims_of("neuron", _CASES, VOCABULARY, SOURCE)
