"""Inequalities that proofs use, stated for every point of a domain and proved there by machine.

A theorem lists its inequalities once; `verify.proof` proves or refutes them. The symbols of a
statement are real numbers, and what sympy is told of a symbol (positive, nonnegative, integer) is
part of the domain. Powers with a whole symbolic exponent, such as (1 - x)**tau, are known by
b**0 = 1 and b**(t+1) = b b**t alone: all else is proved by induction and cited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from theory import registry
from theory.errors import InvalidArgument

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
        statement, *domain = (
            e.subs(values, simultaneous=True) for e in (self.statement, *self.domain)
        )
        return statement, tuple(domain)


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


def inequalities(of: str | None = None) -> tuple[Inequality, ...]:
    """The lemmas, then INEQUALITIES() of all theorems or of one (of the module with its claims)."""
    from theory.lemmas import lemmas

    found = (*lemmas(), *(entry for build in _listed(of, "INEQUALITIES") for entry in build()))
    _check_names(found)
    return found


def unproved(of: str | None = None) -> tuple[Unproved, ...]:
    """The steps, of all theorems or of one, that are not algebra: UNPROVED."""
    return tuple(entry for steps in _listed(of, "UNPROVED") for entry in steps)


def _listed(of: str | None, name: str) -> Iterator[Any]:
    for theorem in registry.theorems() if of is None else (of,):
        module = import_module(registry.theorem(theorem).claims)
        if hasattr(module, name):
            yield getattr(module, name)


def _check_names(found: Iterable[Inequality]) -> None:
    seen: set[str] = set()
    for entry in found:
        if missing := sorted({use.name for use in entry.given} - seen):
            raise ValueError(f"{entry.name} cites {', '.join(missing)}, not listed before it")
        if entry.name in seen:
            raise ValueError(f"two inequalities are named {entry.name}")
        seen.add(entry.name)
