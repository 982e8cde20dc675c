"""Formulas as plain text and LaTeX, in the order that people write: 1 - lambda*zeta."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

LONGEST_NUMBER = 12
"""Digits from which a fraction is written as a float, such as 1e-300."""


class _Printer(StrPrinter):
    """Positive terms before negative ones, a number first unless it would be negative."""

    def _print_Add(self, expression: sp.Add, order: Any = None) -> str:
        text = ""
        for term in _ordered(expression):
            part = self.parenthesize(term, PRECEDENCE["Add"], strict=True)
            if not text:
                text = part
            else:
                text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        return text

    def _print_Sum(self, expression: sp.Sum) -> str:
        ranges = ", ".join(self._range(limits) for limits in expression.limits)
        return f"sum({self._print(expression.function)}, {ranges})"

    def _print_MaxOver(self, expression: Any) -> str:
        return f"max({self._print(expression.function)}, {self._range(expression.limits[0])})"

    def _print_Vector(self, expression: Any) -> str:
        return f"{self._print(expression.function)} for {self._range(expression.limits[0])}"

    def _print_Rational(self, expression: sp.Rational) -> str:
        if max(len(str(expression.p)), len(str(expression.q))) > LONGEST_NUMBER:
            return f"{float(expression):.6g}"
        return str(super()._print_Rational(expression))

    def _print_Max(self, expression: sp.Max) -> str:
        return f"max({self.stringify(expression.args, ', ')})"

    def _print_Relational(self, expression: Any) -> str:
        if isinstance(expression, sp.Eq):
            return f"{self._print(expression.lhs)} = {self._print(expression.rhs)}"
        return str(super()._print_Relational(expression))

    def _range(self, limits: Any) -> str:
        index, low, high = map(self._print, limits)
        return f"{index} = {low}..{high}".replace(" - ", "-")


class _LatexPrinter(LatexPrinter):
    """Sums in the same order; names of several letters upright, as words."""

    def _as_ordered_terms(self, expression: sp.Add, order: Any = None) -> list[Any]:
        return _ordered(expression)

    def _print_Symbol(self, expression: sp.Symbol, style: str = "plain") -> str:
        if expression in self._settings["symbol_names"]:
            return str(self._settings["symbol_names"][expression])
        written = str(super()._print_Symbol(expression, style))
        name = expression.name
        if len(name.partition("_")[0]) > 1 and not written.startswith("\\"):
            return rf"\text{{{name.replace('_', ' ')}}}"
        return written


def _ordered(expression: sp.Add) -> list[Any]:
    """The terms: positive before negative, a number first unless it is negative."""
    terms = list(expression.args)
    constant = [t for t in terms if t.is_Number]
    signed = [t for t in terms if t.could_extract_minus_sign() and not t.is_Number]
    positive = [t for t in terms if t not in signed and not t.is_Number]
    first = [t for t in constant if t > 0]
    last = [t for t in constant if t not in first]
    return first + _by_name(positive) + _by_name(signed) + last


def _by_name(terms: list[Any]) -> list[Any]:
    return sorted(terms, key=lambda term: term.sort_key())


def plain_text(expression: Any) -> str:
    """The expression as plain text."""
    return str(_Printer().doprint(expression))


def latex(expression: Any, names: Mapping[sp.Symbol, str] = MappingProxyType({})) -> str:
    """The expression as LaTeX; `names` are those of symbols that are not written by their name."""
    return str(_LatexPrinter({"symbol_names": dict(names)}).doprint(expression))
