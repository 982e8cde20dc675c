"""From sympy expressions to numbers: float64 through numpy, and 50 digits as its check.

Sums over an index (`sympy.Sum`), maxima over an index (`MaxOver`) and vectors (`Vector`) become
array operations along one axis per nesting depth, so a bound with sums over eigenpairs costs a
few microseconds and no Python loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.printing.numpy import NumPyPrinter


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
    return bool(expression.has(sp.Sum, MaxOver, Vector, sp.Indexed))


class _ReductionPrinter(NumPyPrinter):
    """Prints Sum, MaxOver and Vector as operations along an axis of their own."""

    _depth = 0
    _axes = 0

    def _along(self, operation: str, expression: Any) -> str:
        outermost = self._depth == 0
        if outermost:
            self._axes = _nesting(expression)
        first = self._depth
        self._depth += len(expression.limits)
        code = self._print(expression.function)
        self._depth = first
        for axis, (index, low, high) in enumerate(expression.limits, start=first):
            shape = ",".join("-1" if other == axis else "1" for other in range(self._axes))
            index, low, high = map(self._print, (index, low, high))
            # "+ 0*index" gives a body that does not depend on the index its full extent
            body = operation.format(f"{code} + 0*{index}", axis=axis)
            code = f"(lambda {index}: {body})(arange({low}, {high} + 1).reshape(({shape},)))"
        return f"({code}).item()" if outermost and "ravel" not in operation else code

    def _print_Pow(self, expression: sp.Pow, rational: bool = False) -> str:
        # counts are int64, where n**5 wraps silently from n = 6209
        base, exponent = expression.args
        if base.is_integer and exponent.is_Integer and exponent > 1:
            return f"float_power({self._print(base)}, {exponent})"
        return super()._print_Pow(expression, rational)

    def _print_Sum(self, expression: sp.Sum) -> str:
        return self._along("add.reduce({}, axis={axis}, keepdims=True)", expression)

    def _print_MaxOver(self, expression: MaxOver) -> str:
        return self._along("maximum.reduce({}, axis={axis}, keepdims=True)", expression)

    def _print_Vector(self, expression: Vector) -> str:
        return self._along("({}).ravel()", expression)


def _nesting(expression: sp.Basic) -> int:
    below = max((_nesting(arg) for arg in expression.args), default=0)
    return below + (len(expression.limits) if isinstance(expression, ExprWithLimits) else 0)


def compile_numpy(
    arguments: Sequence[Any],
    expressions: Sequence[sp.Basic],
    definitions: Mapping[Any, sp.Expr] | None = None,
) -> Callable[..., list[Any]]:
    """A function of `arguments` that returns the expressions; each definition is evaluated once."""
    return sp.lambdify(
        list(arguments),
        list(expressions),
        modules="numpy",
        printer=_ReductionPrinter({"fully_qualified_modules": False, "inline": True}),
        cse=lambda found: (list((definitions or {}).items()), list(found)),
    )


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


def exact(expression: sp.Expr, values: Mapping[Any, Any], digits: int = 50) -> sp.Float:
    """The expression at `values` (symbol or indexed base -> number or array) to `digits` digits.

    Floats are taken as the rationals they are, so the only error left is that of `digits`.
    """
    # 20 guard digits: some bounds subtract nearly equal numbers
    precision = digits + 20
    known: dict[Any, Any] = {
        s: np.asarray(v) if isinstance(s, sp.IndexedBase) else _number(v, precision, s.is_integer)
        for s, v in values.items()
    }
    return sp.Float(_written_out(expression, known, precision).evalf(precision), digits)


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
        terms = [put(body, {index: v}) for v in map(sp.Integer, range(put(low), put(high) + 1))]
        return sp.Max(*terms) if isinstance(e, MaxOver) else sp.Add(*terms)
    if e in known:
        return known[e]
    return e.func(*map(put, e.args)) if e.args else e


def _number(value: Any, digits: int, integer: bool) -> sp.Expr:
    if isinstance(value, sp.Basic):
        return value
    return sp.Integer(int(value)) if integer else sp.Float(sp.Rational(float(value)), digits)
