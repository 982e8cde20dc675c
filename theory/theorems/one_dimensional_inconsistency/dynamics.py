"""ReLU networks on a line before a kink crosses: thirteen numbers, whatever the width.

Setting
    f(x) = c + sum_i w_i relu(a_i x + b_i); He: a_i ~ N(0, 2), w_i ~ N(0, 2/m), b = c = 0; all are
    trained by descent on L = (1/2) sum_j mu_j (f(x_j) - y_j)^2, mu_j = 1/n. Per side s of 0:
    M_s = sum_{j on s} mu_j (x_j, 1)(x_j, 1)^T, h_s = sum_{j on s} mu_j y_j (x_j, 1), xi = min |x_j|
    over both sides. Neuron i, th_i = (a_i, b_i, w_i), belongs to the side sign(a_i);
    S_s = sum_i th_i th_i^T, u_s = (al_s, be_s) = M_s (S_s[1,3], S_s[2,3] + c) - h_s.
    A kink crosses when |b_i| >= xi |a_i|, or when a_i changes its sign.

Statement
    Until a kink crosses, with Q_s = [[0, 0, al], [0, 0, be], [al, be, 0]]:
    (HS1) S_s' = (I - eta Q_s) S_s (I - eta Q_s),   c' = c - eta (be_+ + be_-), and u_s is the
          gradient sum_{j on s} mu_j (f(x_j) - y_j)(x_j, 1): 13 numbers whatever the width; for
          minibatches with the M and h of the batch.
    (HS2) th_i(t) = Phi_s(t) th_i(0), with one 3 x 3 matrix per side. With b_i(0) = 0 and
          rho_i = w_i(0)/a_i(0) its kink is b_i/a_i = (Phi_21 + Phi_23 rho)/(Phi_11 + Phi_13 rho),
          and no neuron has crossed by time t iff every rho_i of side s lies in I_s(t), the
          intersection over r <= t of the half-lines
          +-(Phi_21 + Phi_23 rho) < xi (Phi_11 + Phi_13 rho).
          a^2 + b^2 - w^2 changes per step by eta^2 (w^2 (al^2 + be^2) - (al a + be b)^2).

Kind
    All **equalities, pathwise**.

Premises
    No kink has crossed; for rho b_i(0) = 0. The crossing itself needs neither.

Source
    (HS1), (HS2) derived, after the sufficient criterion of the code and of the master's thesis
    behind Holzmueller & Steinwart (arXiv 2002.04861), recalled. Not done here: leaky ReLU.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE
from theory.theorems.one_dimensional_inconsistency.symbols import (
    F_1,
    F_2,
    F_3,
    F_11,
    F_13,
    F_21,
    F_23,
    M_1,
    M_2,
    S_13,
    S_23,
    SOURCE,
    VOCABULARY,
    a,
    a_0,
    al,
    b,
    b_0,
    b_start,
    be,
    be_minus,
    be_plus,
    c,
    c_before,
    crossed,
    entry,
    eta,
    h,
    high_minus,
    high_plus,
    least_minus,
    least_plus,
    low_minus,
    low_plus,
    most_minus,
    most_plus,
    once,
    rho,
    twice,
    w,
    w_0,
)

BEFORE = sp.Eq(crossed, 0)
CENTRED = sp.Eq(b_start, 0)


def recursion() -> Statement:
    """(HS1), an entry of S_s."""
    return Statement(entry - eta * once + eta**2 * twice, (BEFORE,))


def bias() -> Statement:
    """(HS1), the outer bias."""
    return Statement(c_before - eta * (be_plus + be_minus), (BEFORE,))


def gradients() -> Statement:
    """(HS1), al_s and be_s."""
    return Statement(M_1 * S_13 + M_2 * (S_23 + c) - h, (BEFORE,))


def flow_map() -> Statement:
    """(HS2), a weight."""
    return Statement(F_1 * a_0 + F_2 * b_0 + F_3 * w_0, (BEFORE,))


def kinks() -> Statement:
    """(HS2), a kink."""
    return Statement((F_21 + F_23 * rho) / (F_11 + F_13 * rho), (BEFORE, CENTRED))


def crossing() -> Statement:
    """(HS2), whether one has crossed."""
    room = sp.Min(least_plus - low_plus, high_plus - most_plus,
                  least_minus - low_minus, high_minus - most_minus)  # fmt: skip
    return Statement(sp.Piecewise((0, room > 0), (1, True)), (CENTRED,))


def invariant() -> Statement:
    """(HS2), what flow conserves."""
    change = w**2 * (al**2 + be**2) - (al * a + be * b) ** 2
    return Statement(eta**2 * change, (BEFORE,))


CLAIMS = (
    Claim(
        "inconsistency/recursion", f"(HS1), {SOURCE}", EXACT_PATHWISE,
        Quantity("moments", "entries of S_s", r"(S_s)_{jk}"),
        recursion, VOCABULARY, "moments that move alike at every width",
    ),
    Claim(
        "inconsistency/bias", f"(HS1), {SOURCE}", EXACT_PATHWISE,
        Quantity("outer_bias", "c", r"c"),
        bias, VOCABULARY, "and the outer bias with them",
    ),
    Claim(
        "inconsistency/gradients", f"(HS1), {SOURCE}", EXACT_PATHWISE,
        Quantity("gradients", "al_s and be_s", r"(\alpha_s, \beta_s)"),
        gradients, VOCABULARY, "thirteen numbers give all gradients",
    ),
    Claim(
        "inconsistency/flow-map", f"(HS2), {SOURCE}", EXACT_PATHWISE,
        Quantity("weights", "entries of th_i", r"(\theta_i)_j"),
        flow_map, VOCABULARY, "one 3 x 3 matrix moves all neurons of a side",
    ),
    Claim(
        "inconsistency/kinks", f"(HS2), {SOURCE}", EXACT_PATHWISE,
        Quantity("kinks", "b_i/a_i", r"b_i/a_i"),
        kinks, VOCABULARY, "a kink is a function of w_i(0)/a_i(0)",
    ),
    Claim(
        "inconsistency/crossing", f"(HS2), {SOURCE}", EXACT_PATHWISE,
        Quantity("has_crossed", "1 if a kink has crossed by then, else 0",
                 r"\mathbb{1}[\text{a kink has crossed}]"),
        crossing, VOCABULARY, "when a kink crosses is known from the thirteen numbers and W_0",
    ),
    Claim(
        "inconsistency/invariant", f"(HS2), {SOURCE}", EXACT_PATHWISE,
        Quantity("change", "change of a_i^2 + b_i^2 - w_i^2 in a step",
                 r"\Delta(a_i^2 + b_i^2 - w_i^2)"),
        invariant, VOCABULARY, "how far descent is from conserving it",
    ),
)  # fmt: skip
