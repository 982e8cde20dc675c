"""Inequalities that proofs use, stated for every point of a domain and proved there by machine.

A theorem lists its inequalities once; `verify.audit.proof` proves or refutes them. The symbols of a
statement are real numbers, and what sympy is told of a symbol (positive, nonnegative, integer) is
part of the domain. Powers with a whole symbolic exponent, such as (1 - x)**tau, are known by
b**0 = 1 and b**(t+1) = b b**t alone: all else is proved by induction and cited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from theory.language.errors import InvalidArgument
from theory.language.numeric import replaced

COMPARISONS = (sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq)


@dataclass(frozen=True)
class Use:
    """An inequality proved before, cited at other values of its symbols (by default their own)."""

    name: str
    at: Mapping[sp.Symbol, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Inequality:
    """One inequality (or identity), or several at once, with the domain on which it is claimed.

    name        unique, such as "displayed/contraction"
    used_in     the equations and steps that use it
    statement   a relation (<=, <, >=, >, =), or And of several
    domain      relations, beyond what is assumed of the symbols
    given       inequalities proved before, at the values at which they are used
    induction   the integer on which it is proved by induction; the step may use `given`
    """

    name: str
    used_in: str
    statement: sp.Basic
    domain: tuple[sp.Basic, ...] = ()
    given: tuple[Use, ...] = ()
    induction: sp.Symbol | None = None

    def __post_init__(self) -> None:
        for relation in (*conjuncts(self.statement), *self.domain):
            if not isinstance(relation, Relational) or not isinstance(relation, COMPARISONS):
                allowed = "a relation that is neither true nor false by what its symbols assume"
                raise InvalidArgument(f"statement or domain of {self.name}", relation, allowed)
        for symbol in self.symbols:
            if not symbol.is_extended_real:
                raise InvalidArgument(f"symbol of {self.name}", symbol, "real")

    @property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """The symbols of statement and domain, by name."""
        free = set().union(*(e.free_symbols for e in (self.statement, *self.domain)))
        return tuple(sorted(free, key=str))

    def at(self, values: Mapping[sp.Symbol, Any]) -> tuple[sp.Basic, tuple[sp.Basic, ...]]:
        """Statement and domain with symbols replaced; what thereby is true of itself is sp.true."""
        return replaced(self.statement, values), tuple(replaced(d, values) for d in self.domain)


@dataclass(frozen=True)
class Unproved:
    """A step of a proof that is not algebra, and how it is covered instead."""

    name: str
    used_in: str
    statement: str
    reason: str


def conjuncts(statement: sp.Basic) -> tuple[sp.Basic, ...]:
    """The relations that a statement asserts together."""
    return tuple(statement.args) if isinstance(statement, sp.And) else (statement,)
