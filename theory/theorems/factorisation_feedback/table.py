"""Claims from a table of cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.language.claim import Claim, Kind, Quantity, Statement
from theory.theorems.factorisation_feedback.symbols import VOCABULARY

SOURCE = "after Garg & Vempala, How and When Random Feedback Works (AISTATS 2022, arXiv 2111.08706)"

Case = tuple[str, Callable[[], Statement], Kind, Quantity, str]
"""Equation, statement, kind, what is measured, words."""


def claims_of(cases: Mapping[str, Case]) -> tuple[Claim, ...]:
    """The claims of a table, in the vocabulary of the theorem."""
    return tuple(
        Claim(f"factorisation/{name}", f"equation ({equation}); {SOURCE}", kind, measured, build,
              VOCABULARY, summary)
        for name, (equation, build, kind, measured, summary) in cases.items()
    )  # fmt: skip
