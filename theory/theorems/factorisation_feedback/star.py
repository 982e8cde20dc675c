"""FA*, with Z = Y W^+ optimal at every step: (LR10)."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.factorisation_feedback.symbols import (
    A0,
    D_F,
    DD,
    G0,
    SOURCE,
    UW0,
    VOCABULARY,
    Q_norm,
    Q_sym,
    U_nuclear,
    W0_norm,
    advanced,
    eta,
    least,
    t,
)


def longest() -> Statement:
    """The larger root in S of (S + <U, W_0>)^2 = ||U||_*^2 (||W_0||^2 + eta S)."""
    middle = eta * U_nuclear**2 / 2 - UW0
    rest = U_nuclear**2 * W0_norm**2 - UW0**2
    return Statement(middle + sp.sqrt(middle**2 + rest))


CASES: Mapping[str, Case] = {
    "star/gram": (
        "LR10", lambda: Statement(G0 + eta**2 * DD), EXACT_PATHWISE,
        Quantity("star_gram", "W_t W_t^T, entry by entry", "(W_tW_t^{\\top})_{ij}"),
        "FA*: W grows at second order alone",
    ),
    "star/alignment": (
        "LR10", lambda: Statement(A0 + eta * DD), EXACT_PATHWISE,
        Quantity("star_alignment", "C Y W_t^T, entry by entry", "(CYW_t^{\\top})_{ij}"),
        "FA*: alignment grows at first order",
    ),
    "star/monotone": (
        "LR10", lambda: Statement(least), LOWER_PATHWISE,
        Quantity("star_least", "lambda_min of sym(C Y W_{t+1}^T)",
                 r"\lambda_{\min}(\mathrm{sym}\,CYW_{t+1}^{\top})"),
        "FA*: alignment never falls",
    ),
    "star/path": (
        "LR10", longest, UPPER_PATHWISE,
        Quantity("star_path", "sum_{s<t} eta ||D_s||_F^2", r"\sum_{s<t}\eta\lVert D_s\rVert_F^2"),
        "FA*: the path is short, by the start alone",
    ),
    "star/contraction": (
        "LR10", lambda: Statement(advanced, index=t), UPPER_PATHWISE,
        Quantity("star_update", "||D_{t+1}||_F", r"\lVert D_{t+1}\rVert_F"),
        "FA*: one step of the error seen through the feedback",
    ),
    "star/aligned": (
        "LR10",
        lambda: Statement(D_F, (Q_sym > 0, eta * Q_norm**2 <= 2 * Q_sym), index=t), UPPER_PATHWISE,
        Quantity("star_update", "||D_{t+1}||_F", r"\lVert D_{t+1}\rVert_F"),
        "FA*: once aligned it falls",
    ),
}  # fmt: skip

CLAIMS = claims_of("factorisation", CASES, VOCABULARY, SOURCE)
