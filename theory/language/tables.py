"""Claims of a theorem from a table of cases, and what such tables repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import Kind
from theory.language.vocabulary import Variable

Case = tuple[str, Callable[[], Statement], Kind, Quantity, str]
"""Equation, statement, kind, what is measured, words."""


def claims_of(
    theorem: str,
    cases: Mapping[str, Case],
    vocabulary: Mapping[str, Variable],
    source: str,
    published: str = "",
) -> tuple[Claim, ...]:
    """The claims `theorem/<name of the case>`; `published`: the source of equations with a P."""

    def of(equation: str) -> str:
        return f"equation ({equation}); {published if published and 'P' in equation else source}"

    return tuple(
        Claim(f"{theorem}/{name}", of(equation), kind, quantity, build, vocabulary, summary)
        for name, (equation, build, kind, quantity, summary) in cases.items()
    )


def probability(name: str, text: str) -> Quantity:
    """The probability of an event in words."""
    return Quantity(name, f"P({text})", rf"\mathbb{{P}}\left[\text{{{text}}}\right]")
