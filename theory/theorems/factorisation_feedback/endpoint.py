"""Where training ends: (LR3), and how far from there it still is: (LR3')."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.factorisation_feedback.symbols import (
    D_F,
    DW_F,
    P_,
    RW_F,
    SOURCE,
    VOCABULARY,
    Y_,
    Y_F,
    YP,
    Q_least,
    Q_norm,
    R_norm,
    U_least,
    W_least,
    Z_norm,
    floor_sq,
    k,
    lift,
    modes,
    r,
    same,
)

REACHED = sp.Rational(1, 10**10)
"""A distance from a stationary point that rounding hides."""

LOW = (sp.Le(r, k), U_least > 0, Q_least > 0)
FULL = (sp.Ge(r, k), sp.Eq(modes, k))
_LOW_DISTANCE = (RW_F * Q_norm + R_norm * D_F) / U_least + Z_norm * D_F / Q_least
_FULL_DISTANCE = (RW_F + lift * DW_F) / W_least + lift * D_F
_TILT = D_F / (Q_least * W_least)


def ends(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    """(LR3) for r <= k, at a stationary point."""
    return Statement(
        bound, (*LOW, _LOW_DISTANCE <= REACHED * Y_F),
        parts={"distance": _LOW_DISTANCE}, index=index,
    )  # fmt: skip


CASES: Mapping[str, Case] = {
    "fixed-point/error": (
        "LR3", lambda: ends(sp.sqrt(floor_sq), r), EXACT_PATHWISE,
        Quantity("end_error", "||R||_F at the end", r"\lVert R\rVert_F"),
        "r <= rank(Y): the error that is left, from any start",
    ),
    "fixed-point/product": (
        "LR3", lambda: ends(YP), EXACT_PATHWISE,
        Quantity("end_product", "Z W at the end, entry by entry", "(ZW)_{ij}"),
        "what is learnt is Y on the rows of C Y",
    ),
    "fixed-point/representation": (
        "LR3", lambda: Statement(P_, (*LOW, _TILT <= REACHED)), EXACT_PATHWISE,
        Quantity("representation", "W^+ W at the end, entry by entry", "(W^+W)_{ij}"),
        "the representation is the row space of C Y",
    ),
    "full-rank": (
        "LR3", lambda: Statement(Y_, (*FULL, _FULL_DISTANCE <= REACHED * Y_F)), EXACT_PATHWISE,
        Quantity("full_product", "Z W at the end, entry by entry", "(ZW)_{ij}"),
        "r >= rank(Y): nothing is left",
    ),
    "a-posteriori": (
        "LR3'", lambda: Statement(_LOW_DISTANCE, LOW), UPPER_PATHWISE,
        Quantity("distance", "||Z W - Y P||_F", r"\lVert ZW - YP\rVert_F"),
        "how far from its end a step is, by what it sees",
    ),
    "a-posteriori/full-rank": (
        "LR3'", lambda: Statement(_FULL_DISTANCE, FULL), UPPER_PATHWISE,
        Quantity("full_distance", "||R_t||_F", r"\lVert R_t\rVert_F"),
        "the same where r >= rank(Y)",
    ),
    "network": (
        "LR3", lambda: Statement(same), EXACT_PATHWISE,
        Quantity("network_product", "Z_t W_t of a network on whitened inputs", "(Z_tW_t)_{ij}"),
        "a two-layer linear network on isotropic inputs takes the same steps",
    ),
}  # fmt: skip

CLAIMS = claims_of("factorisation", CASES, VOCABULARY, SOURCE)
