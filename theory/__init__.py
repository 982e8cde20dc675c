"""Convergence theorems as symbolic claims: bounds, premises, rates and neighbourhoods.

Sympy only; nothing here trains a network or imports torch.
"""

from theory.claim import (
    EXACT_EXPECTATION,
    EXACT_PATHWISE,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    Claim,
    Evaluation,
    Kind,
    Mode,
    Quantity,
    Regime,
    Relation,
    Statement,
)
from theory.errors import FailedPremise, InvalidArgument, OutOfRegime
from theory.registry import Theorem, claim, claims, register, theorem, theorems
from theory.vocabulary import Variable, Vocabulary

__all__ = [
    "EXACT_EXPECTATION",
    "EXACT_PATHWISE",
    "LOWER_PATHWISE",
    "LOWER_PROBABILITY",
    "UPPER_EXPECTATION",
    "UPPER_PATHWISE",
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
    "register",
    "theorem",
    "theorems",
]
