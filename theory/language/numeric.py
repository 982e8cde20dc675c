"""Operations over an index, and numbers to 50 digits as the check of float64 (see `code`).

Sums over an index (`sympy.Sum`), maxima over an index (`MaxOver`) and vectors (`Vector`) become
array operations along one axis per nesting depth, so a bound with sums over eigenpairs costs a
few microseconds and no Python loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits


class MaxOver(ExprWithLimits):
    """The largest value of an expression over an integer index: MaxOver(f(i), (i, lo, hi))."""

    def doit(self, **hints: Any) -> sp.Expr:
        (index, low, high), function = self.limits[0], self.function
        values = range(int(low), int(high) + 1)
        return sp.Max(*(function.subs(index, v).doit(**hints) for v in values))

    def _latex(self, printer: Any) -> str:
        index, low, high = map(printer._print, self.limits[0])
        body = printer.parenthesize(self.function, 50)
        return rf"\max_{{{low} \le {index} \le {high}}} {body}"


class Vector(ExprWithLimits):
    """The values of an expression over an integer index; defines an IndexedBase."""

    def _latex(self, printer: Any) -> str:
        index, low, high = map(printer._print, self.limits[0])
        return rf"{printer._print(self.function)},\; {low} \le {index} \le {high}"


def has_reduction(expression: sp.Basic) -> bool:
    """Whether the expression must be evaluated point by point: it holds a sum or an entry."""
    return bool(expression.has(sp.Sum, sp.Product, MaxOver, Vector, sp.Indexed))


def replaced(expression: Any, values: Mapping[sp.Symbol, Any]) -> Any:
    """The expression with values for symbols, all at once; the indices of sums are none.

    `subs` gives the same, and asks of every relation again with some of the symbols replaced.
    """
    expression = sp.sympify(expression)
    bound = {limit[0] for e in expression.atoms(ExprWithLimits) for limit in e.limits}
    return expression.xreplace({s: sp.sympify(v) for s, v in values.items() if s not in bound})


def expand(expression: sp.Basic, definitions: Mapping[Any, sp.Expr]) -> sp.Basic:
    """The expression with all definitions (scalars and vectors) written out."""
    for name, content in reversed(list(definitions.items())):
        if isinstance(content, Vector):
            index = content.limits[0][0]
            expression = expression.replace(
                lambda e, base=name: isinstance(e, sp.Indexed) and e.base == base,
                lambda e, f=content.function, x=index: f.subs(x, e.indices[0]),
            )
        else:
            expression = expression.subs(name, content)
    return expression


def exact(
    expression: sp.Expr,
    values: Mapping[Any, Any],
    digits: int = 50,
    definitions: Mapping[Any, sp.Expr] = MappingProxyType({}),
) -> sp.Float:
    """The expression at `values` (symbol or indexed base -> number or array) to `digits` digits.

    Floats are taken as the rationals they are, so the only error left is that of `digits`. The
    definitions that it uses, in the order of their use, are computed once each.
    """
    return all_exact([expression], values, digits, definitions)[0]


def all_exact(
    expressions: Iterable[sp.Expr],
    values: Mapping[Any, Any],
    digits: int = 50,
    definitions: Mapping[Any, sp.Expr] = MappingProxyType({}),
) -> list[sp.Float]:
    """Several expressions as `exact` computes each; what they share is computed once."""
    # 20 guard digits: some bounds subtract nearly equal numbers
    precision = digits + 20
    known: dict[Any, Any] = {
        s: np.asarray(v) if isinstance(s, sp.IndexedBase) else _number(v, precision, s.is_integer)
        for s, v in values.items()
    }
    found, done = [], set()
    for expression in expressions:
        for name, content in _used(expression, definitions):
            if name not in done:
                known[name] = _defined(content, known, precision)
                done.add(name)
        written = _written_out(expression, known, precision)
        found.append(sp.Float(written.evalf(precision), digits))
    return found


def _defined(content: Any, known: Mapping[Any, Any], precision: int) -> Any:
    """What a definition stands for: a number, or the entries of a vector by their place."""
    if not isinstance(content, Vector):
        return _written_out(content, known, precision)
    (index, low, high) = content.limits[0]
    ends = (int(_written_out(end, known, precision)) for end in (low, high + 1))
    return {
        (at,): _written_out(content.function, {**known, index: sp.Integer(at)}, precision)
        for at in range(*ends)
    }


def _used(expression: sp.Basic, definitions: Mapping[Any, sp.Expr]) -> list[tuple[Any, sp.Expr]]:
    """The definitions on which the expression depends, in their order."""
    names, found = expression.atoms(sp.Symbol, sp.IndexedBase), []
    for name, content in reversed(list(definitions.items())):
        if name in names:
            names |= content.atoms(sp.Symbol, sp.IndexedBase)
            found.append((name, content))
    return found[::-1]


def _written_out(e: Any, known: Mapping[Any, Any], precision: int) -> Any:
    """The expression with numbers for symbols and entries, sums and maxima carried out."""

    def put(expression: Any, extra: Mapping[Any, Any] | None = None) -> Any:
        return _written_out(expression, {**known, **(extra or {})}, precision)

    if isinstance(e, sp.Indexed):
        entry = known[e.base][tuple(int(put(i)) for i in e.indices)]
        return _number(entry, precision, False)
    if isinstance(e, ExprWithLimits):
        *inner, (index, low, high) = e.limits
        body = e.func(e.function, *inner) if inner else e.function
        ends = range(int(put(low)), int(put(high)) + 1)
        terms = [put(body, {index: v}) for v in map(sp.Integer, ends)]
        return _CARRIED_OUT[type(e)](*terms)
    if isinstance(e, sp.Float):  # it would carry its 15 digits on
        return sp.Float(e, precision)
    if e in known:
        return known[e]
    return e.func(*map(put, e.args)) if e.args else e


LARGEST_INTEGER = 4096
"""Larger values are taken as floats of many digits: powers of integers would have all of theirs."""

_CARRIED_OUT = {MaxOver: sp.Max, sp.Sum: sp.Add, sp.Product: sp.Mul}


def _number(value: Any, digits: int, integer: bool) -> sp.Expr:
    if isinstance(value, sp.Basic):
        return value
    if integer and abs(int(value)) <= LARGEST_INTEGER:
        return sp.Integer(int(value))
    return sp.Float(int(value) if integer else sp.Rational(float(value)), digits)
