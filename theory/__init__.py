"""Convergence theorems as symbolic claims: bounds, premises, rates and neighbourhoods.

Sympy only; nothing here trains a network or imports torch. Names are imported when they are first
used, so that a command that only prints its help does not wait for sympy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory.language import laws
    from theory.language.claim import (
        EXACT_EXPECTATION,
        EXACT_LAW,
        EXACT_LIMIT,
        EXACT_PATHWISE,
        EXACT_PROBABILITY,
        LOWER_EXPECTATION,
        LOWER_PATHWISE,
        LOWER_PROBABILITY,
        UPPER_EXPECTATION,
        UPPER_PATHWISE,
        UPPER_PROBABILITY,
        Claim,
        Evaluation,
        Kind,
        Mode,
        Quantity,
        Regime,
        Relation,
        Statement,
    )
    from theory.language.errors import FailedPremise, InvalidArgument, OutOfRegime
    from theory.language.vocabulary import (
        COUNT,
        INDEX,
        NONNEGATIVE,
        OPEN_UNIT,
        POSITIVE,
        UNIT,
        Variable,
        Vocabulary,
    )
    from theory.registry import Theorem, claim, claims, register, theorem

__all__ = [
    "COUNT",
    "EXACT_EXPECTATION",
    "EXACT_LAW",
    "EXACT_LIMIT",
    "EXACT_PATHWISE",
    "EXACT_PROBABILITY",
    "INDEX",
    "LOWER_EXPECTATION",
    "LOWER_PATHWISE",
    "LOWER_PROBABILITY",
    "NONNEGATIVE",
    "OPEN_UNIT",
    "POSITIVE",
    "UNIT",
    "UPPER_EXPECTATION",
    "UPPER_PATHWISE",
    "UPPER_PROBABILITY",
    "Claim",
    "Evaluation",
    "FailedPremise",
    "InvalidArgument",
    "Kind",
    "Mode",
    "OutOfRegime",
    "Quantity",
    "Regime",
    "Relation",
    "Statement",
    "Theorem",
    "Variable",
    "Vocabulary",
    "claim",
    "claims",
    "laws",
    "register",
    "theorem",
]

_MODULES = {
    "language.claim": (
        "EXACT_EXPECTATION",
        "EXACT_LAW",
        "EXACT_LIMIT",
        "EXACT_PATHWISE",
        "EXACT_PROBABILITY",
        "LOWER_EXPECTATION",
        "LOWER_PATHWISE",
        "LOWER_PROBABILITY",
        "UPPER_EXPECTATION",
        "UPPER_PATHWISE",
        "UPPER_PROBABILITY",
        "Claim",
        "Evaluation",
        "Kind",
        "Mode",
        "Quantity",
        "Regime",
        "Relation",
        "Statement",
    ),
    "language.errors": (
        "FailedPremise",
        "InvalidArgument",
        "OutOfRegime",
    ),
    "language.vocabulary": (
        "COUNT",
        "INDEX",
        "NONNEGATIVE",
        "OPEN_UNIT",
        "POSITIVE",
        "UNIT",
        "Variable",
        "Vocabulary",
    ),
    "registry": (
        "Theorem",
        "claim",
        "claims",
        "register",
        "theorem",
    ),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "laws":
        return import_module("theory.language.laws")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
