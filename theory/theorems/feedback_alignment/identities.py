"""Feedback alignment: exact laws of every step, at any width, on any data.

Setting
    See `symbols`. psi(z) = psi'(z) z: linear, ReLU.

Statement
    (C.1) b_r beta_r' = (1 - eta lam) b_r beta_r + (|w_r'|^2 - |w_r|^2 - |w_r' - w_r|^2)/2, where '
          is the value after a step: alignment grows exactly as the weights grow
    (C.2) without decay <b, beta_t> = <b, beta_0> + (||W_t||^2 - ||W_0||^2 - sum ||dW||^2)/2
    Linear networks:
    (C.3) e' = (1 - eta lam) e - eta X A X^T e - eta lam y, A = W^T W/m + (<b, beta'>/m) I
    (C.4) <w_r(t), x> = <w_r(0), x> + b_r <s, x>
    (C.5) beta_r(t) = q beta_r(0) + <w_r(0), v> + c b_r
    with 2d + 2 numbers that need the Gram matrix of (W_0, beta_0, b) alone: from s = v = 0, c = 0,
    q = 1, and h from the values before the step,
          c <- (1 - eta lam) c + (eta/sqrt m) <s, h>      v <- (1 - eta lam) v + (eta/sqrt m) h
          q <- (1 - eta lam) q                            s <- s + (eta/sqrt m) h

    Proof. The step of w_r is b_r g_r with g_r = -(eta/sqrt m) sum_i e_i psi'(<w_r, x_i>) x_i, and
    <w_r, g_r> is the data step of beta_r. So |w_r'|^2 - |w_r|^2 - |dw_r|^2 = 2 b_r <w_r, g_r>.
    (C.3) is f' = X W'^T beta'/sqrt m written out. (C.4), (C.5): the steps of W are b times a row,
    those of beta are W_t times a vector.

Kind
    **Equalities, pathwise**.

Source
    Derived; the update is that of Song, Xu, Lafferty (NeurIPS 2021, arXiv 2106.06044).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE
from theory.language.vocabulary import NONNEGATIVE
from theory.theorems.feedback_alignment.symbols import (
    HOMOGENEOUS,
    LINEAR,
    SOURCE,
    VOCABULARY,
    eta,
    lam,
    m,
    overlap,
)

_s = VOCABULARY.symbol
product = _s("product", "b_r beta_r before the step")
w_sq = _s("w_sq", "|w_r|^2 before the step", NONNEGATIVE)
w_sq_next = _s("w_sq_next", "|w_r|^2 after the step", NONNEGATIVE)
dw_sq = _s("dw_sq", "|w_r' - w_r|^2", NONNEGATIVE)
W_sq = _s("W_sq", "||W_t||^2", NONNEGATIVE)
W0_sq = _s("W0_sq", "||W_0||^2", NONNEGATIVE)
dW_sq = _s("dW_sq", "sum of ||dW||^2 over the steps so far", NONNEGATIVE)
decayed = _s("decayed", "sum of lam over the steps so far", NONNEGATIVE)
e_i = _s("e_i", "residual of one sample before the step")
y_i = _s("y_i", "its target, in the range of X")
carried = _s("carried", "<W x_i, W h> before the step")
direct = _s("direct", "<x_i, h> before the step")
next_overlap = _s("next_overlap", "<b, beta'> after the step")
b_r = _s("b_r", "feedback weight of one neuron")
z_0 = _s("z_0", "<w_r(0), x_i>")
shift = _s("shift", "<s, x_i>")
beta_r = _s("beta_r0", "beta_r at the start")
w_v = _s("w_v", "<w_r(0), v>")
q = _s("q", "product of 1 - eta lam over the steps so far")
c = _s("c", "the coefficient of b in beta_t")

_kept = 1 - eta * lam
_half = sp.S.Half


def neuron() -> Statement:
    """(C.1)."""
    return Statement(_kept * product + _half * (w_sq_next - w_sq - dw_sq), HOMOGENEOUS)


def growth() -> Statement:
    """(C.2)."""
    premises = (*HOMOGENEOUS, sp.Eq(decayed, 0))
    return Statement(overlap + _half * (W_sq - W0_sq - dW_sq), premises)


def residual() -> Statement:
    """(C.3)."""
    back = (carried + next_overlap * direct) / m
    return Statement(_kept * e_i + eta * back - eta * lam * y_i, LINEAR)


def first_layer() -> Statement:
    """(C.4)."""
    return Statement(z_0 + b_r * shift, LINEAR)


def second_layer() -> Statement:
    """(C.5)."""
    return Statement(q * beta_r + w_v + c * b_r, LINEAR)


_Case = tuple[str, Callable[[], Statement], Quantity, str]
_CASES: Mapping[str, _Case] = {
    "neuron": (
        "C.1", neuron, Quantity("neuron", "b_r beta_r after a step", r"b_r\beta_r'"),
        "alignment of a neuron grows as its weights grow",
    ),
    "growth": (
        "C.2", growth, Quantity("growth", "<b, beta_t>", r"\langle b, \beta_t\rangle"),
        "alignment in all is the growth of the first layer",
    ),
    "residual": (
        "C.3", residual, Quantity("residual", "e_i after a step", "e_i'"),
        "the residual of a linear network, with no linearisation",
    ),
    "first-layer": (
        "C.4", first_layer,
        Quantity("first_layer", "<w_r(t), x_i>", r"\langle w_r(t), x_i\rangle"),
        "the first layer moves along b alone",
    ),
    "second-layer": (
        "C.5", second_layer, Quantity("second_layer", "beta_r(t)", r"\beta_r(t)"),
        "2d + 2 numbers predict the second layer at any width",
    ),
}  # fmt: skip

CLAIMS = tuple(
    Claim(f"feedback/{name}", f"equation ({equation}); {SOURCE}", EXACT_PATHWISE, quantity, build,
          VOCABULARY, summary)
    for name, (equation, build, quantity, summary) in _CASES.items()
)  # fmt: skip
