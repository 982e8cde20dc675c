"""Why stationary points are good: an identity for the risk of any neuron, on any data.

Setting
    F(w) = E (relu(<w, x>) - y)^2 under any law of (x, y), that of a sample included; w, w* any
    vectors; e = y - relu(<w*, x>), opt = E e^2, D = <w - w*, x>; relu'(0) = 0.
    p = 1{<w, x> > 0}, p* likewise; I = E (relu(<w, x>) - relu(<w*, x>)) p D,
    Q = E (relu(<w, x>) - relu(<w*, x>))^2, B = E <w*, x>^2 1{p != p*}.

Statement
    (DK1)  F(w) = opt + Q - 2 I + <grad F(w), w - w*> + 2 E e |<w*, x>| 1{p != p*}
                <= opt + Q - 2 I + <grad F(w), w - w*> + 2 sqrt(E[e^2 1{p != p*}] B),
           with equality for e = c |<w*, x>| 1{p != p*}, c > 0. Half of <grad F(w), w - w*> is
           I - E e p D. And
           Q - 2 I = -E[D^2; p = p* = 1] - E[<w, x>^2 + 2 |<w, x> <w*, x>|; p = 1, p* = 0]
                     + E[<w*, x>^2; p = 0, p* = 1] <= E[<w*, x>^2; p = 0, p* = 1],
           I >= E[D^2; p = p* = 1] >= 0.
    So at a stationary point only inputs on which the neurons disagree cost anything.

    Proof. F = opt + Q - 2 E e (relu(<w, x>) - relu(<w*, x>)), and that difference is
    p D - |<w*, x>| 1{p != p*}. Cauchy. The rest case by case.

Kind
    **Equalities, pathwise**; **upper** and **lower bounds, pathwise**.

Premises
    None.

Source
    Derived, after Diakonikolas, Kontonis, Tzamos, Zarifis (arXiv 2206.08918): abstract quoted
    (essentially all stationary points are approximately optimal), theorems not seen.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.single_neuron.symbols import (
    SOURCE,
    VOCABULARY,
    B,
    I_w,
    Q,
    astray,
    both,
    cross,
    noise,
    opt,
    pull,
    silent,
    wrong,
)

_LEFT = opt + Q - 2 * I_w + pull


def identity() -> Statement:
    """(DK1)."""
    return Statement(_LEFT + 2 * cross)


def at_most() -> Statement:
    """(DK1), by Cauchy."""
    return Statement(_LEFT + 2 * sp.sqrt(astray * B))


def alignment() -> Statement:
    """(DK1), half of <grad F, w - w*>."""
    return Statement(I_w - noise)


def cases() -> Statement:
    """(DK1), Q - 2 I."""
    return Statement(silent - both - wrong)


def left() -> Statement:
    """(DK1), Q - 2 I at most."""
    return Statement(silent)


def monotone() -> Statement:
    """(DK1), I at least."""
    return Statement(both)


_RISK = Quantity("risk", "F(w)", "F(w)")
_REST = Quantity("rest", "Q - 2 I", r"Q - 2I")
_CASES: dict[str, Case] = {
    "identity": ("DK1", identity, EXACT_PATHWISE, _RISK, "the risk, exactly"),
    "disagreement": (
        "DK1", at_most, UPPER_PATHWISE, _RISK, "at a stationary point only disagreement costs",
    ),
    "alignment": (
        "DK1", alignment, EXACT_PATHWISE,
        Quantity("half_pull", "<grad F(w), w - w*>/2", r"\tfrac12\langle\nabla F, w - w^*\rangle"),
        "the gradient along w - w*",
    ),
    "cases": ("DK1", cases, EXACT_PATHWISE, _REST, "where both fire, one, or the other"),
    "silent": ("DK1", left, UPPER_PATHWISE, _REST, "only silence costs"),
    "monotone": (
        "DK1", monotone, LOWER_PATHWISE, Quantity("alignment", "I", "I"),
        "without noise the gradient points away from w*",
    ),
}  # fmt: skip

CLAIMS = claims_of("neuron", _CASES, VOCABULARY, SOURCE)
