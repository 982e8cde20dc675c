"""Convergence theorems as symbolic claims: bounds, premises, rates and neighbourhoods.

Sympy only; nothing here trains a network or imports torch.
"""

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
