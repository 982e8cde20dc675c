"""Sympy expressions as numpy code, in float64 whatever the domains of the symbols.

No name of a symbol enters the code: symbols are x0, x1, ..., so `pi`, `log` or `lambda` are names
like any other. What the printer does not know is not printed: see `functions` and `validity`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational
from sympy.printing.numpy import NumPyPrinter

from theory.language import functions

REDUCTIONS = {"Sum": "add", "Product": "multiply", "MaxOver": "maximum"}
"""The ufunc that carries out an expression over an index."""


class Printer(NumPyPrinter):
    """Prints Sum, Product, MaxOver and Vector as operations along an axis of their own."""

    _depth = 0
    _axes = 0

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True, "strict": True})
        self.known_functions = dict(functions.KNOWN)
        self._names: dict[Any, str] = {}
        self._count = itertools.count()

    def declare(self, symbol: Any) -> str:
        """A new name for the symbol in the code; expressions can use it from then on."""
        self._names[symbol] = f"x{next(self._count)}"
        return self._names[symbol]

    def premise(self, premise: Any) -> str:
        """A condition whose comparisons allow for rounding (see `functions`)."""
        if isinstance(premise, sp.And | sp.Or):
            return self._joined(premise, self.premise)
        if isinstance(premise, sp.Not):
            return self.premise(_opposite(premise.args[0]))
        if not isinstance(premise, Relational):
            return str(self._print(premise))
        sides = [self._print(side) for side in (premise.lhs, premise.rhs)]
        terms = [t for side in (premise.lhs, premise.rhs) for t in sp.Add.make_args(side) if t != 0]
        scale = " + ".join(f"numpy.abs({self._print(t)})" for t in terms) or "0.0"
        relation = functions.RELATIONS[premise.rel_op].__name__
        return f"functions.{relation}({sides[0]}, {sides[1]}, lambda: {scale})"

    def _print_Symbol(self, symbol: Any) -> str:
        if symbol not in self._names:
            raise NameError(f"{symbol} has no value here")
        return self._names[symbol]

    def _print_Indexed(self, entry: sp.Indexed) -> str:
        places = "".join(f", {self._print(i)}" for i in entry.indices)
        return f"functions.entry({str(entry.base)!r}, {self._print(entry.base)}{places})"

    def _print_Float(self, number: sp.Float) -> str:
        return repr(float(number))

    def _print_NumberSymbol(self, number: Any) -> str:
        return repr(float(number))

    def _print_Integer(self, number: sp.Integer) -> str:
        # of larger integers Python would keep digits that float64 has not
        return str(number.p) if abs(number.p) <= 2**53 else repr(float(number.p))

    def _print_And(self, condition: Any) -> str:
        return self._joined(condition, self._print)

    def _joined(self, condition: sp.And | sp.Or, write: Callable[[Any], str]) -> str:
        word = "logical_and" if isinstance(condition, sp.And) else "logical_or"
        return f"functools.reduce(numpy.{word}, [{', '.join(map(write, condition.args))}])"

    def _print_KroneckerDelta(self, delta: Any) -> str:
        left, right = map(self._print, delta.args)
        return f"functions.kronecker_delta({left}, {right})"

    def _print_Sum(self, expression: Any) -> str:
        return self._along(REDUCTIONS[type(expression).__name__], expression)

    def _print_Vector(self, expression: Any) -> str:
        return self._along("", expression)

    def _along(self, operation: str, expression: Any) -> str:
        """`operation` is the ufunc that reduces, none for a vector."""
        outermost = self._depth == 0
        if outermost:
            self._axes = _nesting(expression)
        first = self._depth
        self._depth += len(expression.limits)
        outside = dict(self._names)
        for index, _, _ in expression.limits:
            self.declare(index)
        code = self._print(expression.function)
        self._depth = first
        inner = _ranges(expression.function)
        for axis, (index, low, high) in enumerate(expression.limits, start=first):
            shape = ",".join("-1" if other == axis else "1" for other in range(self._axes))
            name, ends = self._names[index], f"{str(index)!r}, {self._print(low)}, {{high}}"
            ends = ends.format(high=self._print(high))
            if any(index in e.free_symbols for e in inner):
                # the ranges inside depend on the index: one value of it after the other
                span = f"functions.span({ends})"
                reduce = f"{operation}.reduce" if operation else "ravel"
                code = f"numpy.{reduce}([(lambda {name}: {code})(i) for i in {span}])"
            else:
                # "+ 0*index" gives a body that does not depend on the index its full extent
                body = f"{code} + 0*{name}"
                body = (
                    f"numpy.{operation}.reduce({body}, axis={axis}, keepdims=True)"
                    if operation
                    else f"({body}).ravel()"
                )
                span = f"functions.span({ends}).reshape(({shape},))"
                code = f"(lambda {name}: {body})({span})"
            inner += [low, high]
        self._names = outside
        return f"functions.scalar({code})" if outermost and operation else code


_ALIKE = {
    "Symbol": ("Dummy", "Idx", "IndexedBase"),
    "NumberSymbol": ("Pi", "Exp1", "EulerGamma", "GoldenRatio", "Catalan"),
    "Sum": ("Product", "MaxOver"),
    "And": ("Or",),
}
for _printed, _names in _ALIKE.items():
    for _name in _names:
        setattr(Printer, f"_print_{_name}", getattr(Printer, f"_print_{_printed}"))


def _opposite(condition: Any) -> Any:
    """What holds where the condition fails, without a Not: NaN must satisfy neither of the two."""
    if isinstance(condition, sp.Not):
        return condition.args[0]
    if isinstance(condition, sp.And | sp.Or):
        other = sp.Or if isinstance(condition, sp.And) else sp.And
        return other(*map(_opposite, condition.args))
    return sp.Not(condition)  # of a relation: another one


def _nesting(expression: sp.Basic) -> int:
    below = max((_nesting(arg) for arg in expression.args), default=0)
    return below + (len(expression.limits) if isinstance(expression, ExprWithLimits) else 0)


def _ranges(expression: sp.Basic) -> list[sp.Basic]:
    """The ends of all ranges in the expression."""
    found = expression.atoms(ExprWithLimits)
    return [end for e in found for limits in e.limits for end in limits[1:]]


def compile_numpy(
    arguments: Sequence[Any],
    expressions: Sequence[sp.Basic],
    definitions: Mapping[Any, sp.Expr] | None = None,
    *,
    premises: bool = False,
) -> Callable[..., list[Any]]:
    """A function of `arguments` that returns the expressions; each definition is evaluated once.

    With `premises` the expressions are conditions, and comparisons allow for rounding.
    """
    printer = Printer()
    head = ", ".join(map(printer.declare, arguments))
    lines = []
    for symbol, content in (definitions or {}).items():
        code = printer.doprint(content)
        lines.append(f"{printer.declare(symbol)} = {code}")
    write = printer.premise if premises else printer.doprint
    lines.append(f"return [{', '.join(map(write, expressions))}]")
    names: dict[str, Any] = {"numpy": np, "functools": functools, "functions": functions}
    source = "\n    ".join([f"def compiled({head}):", *lines])
    if "special." in source:  # scipy is slow to import, and most formulas can do without
        names["special"] = import_module("scipy.special")
    if "distributions." in source:
        names["distributions"] = import_module("theory.language.special")
    exec(source, names)
    return names["compiled"]
