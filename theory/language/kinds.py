"""The kinds of claims: what is compared with the bound, and from which side.

Nine compare numbers: upper, exact and lower, each in expectation, pathwise and with probability.
Two compare more: a whole distribution with a law, means over growing sizes with their limit.
`docs/kinds.md` has them in one table, with their tests.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from theory.language.errors import InvalidArgument
from theory.language.laws import Law, lattice

if TYPE_CHECKING:
    from theory.language.claim import Statement


class Relation(enum.Enum):
    """How the measured quantity relates to the bound."""

    UPPER = "upper"
    EXACT = "exact"
    LOWER = "lower"


class Mode(enum.Enum):
    """What is compared with the bound: a mean, every path, the frequency of an event; the whole
    distribution with a law; the limit of means over growing sizes.
    """

    EXPECTATION = "in expectation"
    PATHWISE = "pathwise"
    PROBABILITY = "with probability"
    LAW = "in law"
    LIMIT = "in the limit"


@dataclass(frozen=True)
class Kind:
    """The label of a claim; the kind of test follows from it."""

    relation: Relation
    mode: Mode

    def __post_init__(self) -> None:
        if self.mode in (Mode.LAW, Mode.LIMIT) and self.relation is not Relation.EXACT:
            raise InvalidArgument("relation", self.relation.value, f"exact {self.mode.value}")

    def __str__(self) -> str:
        noun = {"upper": "upper bound", "exact": "equality", "lower": "lower bound"}
        return f"{noun[self.relation.value]}, {self.mode.value}"

    @property
    def brief(self) -> str:
        """What is compared, and how, for a column of a list: `mean <=`."""
        words = {
            Mode.EXPECTATION: "mean",
            Mode.PATHWISE: "path",
            Mode.PROBABILITY: "prob",
            Mode.LAW: "law",
            Mode.LIMIT: "limit",
        }
        return f"{words[self.mode]} {self.sign}"

    @property
    def sign(self) -> str:
        if self.mode in (Mode.LAW, Mode.LIMIT):
            return "~" if self.mode is Mode.LAW else "->"
        return {"upper": "<=", "exact": "==", "lower": ">="}[self.relation.value]


UPPER_EXPECTATION = Kind(Relation.UPPER, Mode.EXPECTATION)
EXACT_EXPECTATION = Kind(Relation.EXACT, Mode.EXPECTATION)
LOWER_EXPECTATION = Kind(Relation.LOWER, Mode.EXPECTATION)
UPPER_PATHWISE = Kind(Relation.UPPER, Mode.PATHWISE)
EXACT_PATHWISE = Kind(Relation.EXACT, Mode.PATHWISE)
LOWER_PATHWISE = Kind(Relation.LOWER, Mode.PATHWISE)
UPPER_PROBABILITY = Kind(Relation.UPPER, Mode.PROBABILITY)
EXACT_PROBABILITY = Kind(Relation.EXACT, Mode.PROBABILITY)
LOWER_PROBABILITY = Kind(Relation.LOWER, Mode.PROBABILITY)
EXACT_LAW = Kind(Relation.EXACT, Mode.LAW)
EXACT_LIMIT = Kind(Relation.EXACT, Mode.LIMIT)


def check_kind(name: str, kind: Kind, statement: Statement) -> None:
    """What the test of that kind needs of a statement, and what it would not look at."""
    mode = kind.mode
    if mode is Mode.LAW:
        lattice(statement.bound)
    elif isinstance(statement.bound, sp.Basic) and statement.bound.has(Law):
        raise InvalidArgument("bound", statement.bound, f"a number: {name} is no claim in law")
    if mode is Mode.LIMIT:
        if not isinstance(statement.size, sp.Symbol):
            raise InvalidArgument("size", statement.size, f"the symbol of the size for {name}")
        if not (sp.sympify(statement.rate).is_number and statement.rate > 0):
            raise InvalidArgument("rate", statement.rate, "a number above 0")
    unused = {
        "band": kind != EXACT_EXPECTATION,
        "ceiling": mode is not Mode.EXPECTATION,
        "history": mode in (Mode.LAW, Mode.LIMIT),
    }
    for field_, is_unused in unused.items():
        if is_unused and (value := getattr(statement, field_)) is not None:
            allowed = f"left out of {name}, for no test of this kind looks at it: {kind}"
            raise InvalidArgument(field_, value, allowed)
