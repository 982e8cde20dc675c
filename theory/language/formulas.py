"""Functions of one real variable that a user writes as a formula, such as tanh(x) + x/3.

A formula is read by Python's grammar and walked by this module. It is never run as code: a node
that is not in the tables below is an error.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from theory.language.errors import InvalidArgument

VARIABLES = ("z", "x")
"""Names of the one variable."""

LONGEST = 200
"""Characters."""

BIGGEST = 1e100
"""Above all numbers in it."""

LARGEST, DEEPEST = 64, 3
"""The largest exponent, and how deep powers may stand in powers: no number grows out of hand."""

Z = sp.Symbol("z", real=True)


def _erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


NUMPY: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs, "atan": np.arctan, "cos": np.cos, "cosh": np.cosh, "erf": _erf, "exp": np.exp,
    "log": np.log, "max": np.maximum, "min": np.minimum, "relu": lambda x: np.maximum(x, 0.0),
    "sign": np.sign, "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan,
    "tanh": np.tanh,
}  # fmt: skip
SYMPY: Mapping[str, Callable[..., Any]] = {
    "abs": sp.Abs, "max": sp.Max, "min": sp.Min, "relu": lambda x: sp.Max(x, 0),
    **{name: getattr(sp, name) for name in ("atan", "cos", "cosh", "erf", "exp", "log", "sign",
                                            "sin", "sinh", "sqrt", "tan", "tanh")},
}  # fmt: skip
TWO = {"max", "min"}
"""Functions of two arguments; the others have one."""

OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip
ALLOWED = f"a formula in z of numbers, pi, + - * / **, {', '.join(sorted(NUMPY))}"


@dataclass(frozen=True)
class Formula:
    """The function with that text; `name` is the argument that errors name.

    InvalidArgument for all but numbers, pi, the variable (z or x), + - * / ** (or ^) with numbers
    as exponents, and the functions of NUMPY.
    """

    name: str
    text: str

    def __post_init__(self) -> None:
        self._check(self._tree, 0)
        used = {n.id for n in ast.walk(self._tree) if isinstance(n, ast.Name)} & set(VARIABLES)
        if len(used) > 1:
            raise self._refused("it has two variables")

    def __call__(self, z: Any) -> np.ndarray:
        """Its values in float64, of the shape of z; NaN or infinite where it has none."""
        z = np.asarray(z, dtype=np.float64)
        with np.errstate(all="ignore"):
            return np.zeros_like(z) + self._value(self._tree, z, np.float64, NUMPY, np.pi)

    @cached_property
    def expression(self) -> sp.Expr:
        """The same in sympy's terms, in the variable Z, its numbers exact."""
        found = self._value(self._tree, Z, lambda x: sp.Rational(str(x)), SYMPY, sp.pi)
        return sp.sympify(found)

    @cached_property
    def derivative(self) -> sp.Expr:
        """Of `expression`."""
        return sp.diff(self.expression, Z)

    @cached_property
    def _tree(self) -> ast.expr:
        if len(self.text) > LONGEST:
            raise self._refused(f"it has more than {LONGEST} characters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the grammar, such as 1or z
                return ast.parse(self.text.strip().replace("^", "**"), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise self._refused("it cannot be read") from None

    def _check(self, node: ast.expr, powers: int) -> None:
        """InvalidArgument for a node that is none of a formula."""
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            if isinstance(node.op, ast.Pow):
                powers += 1
                self._check_power(node, powers)
            self._check(node.left, powers)
            self._check(node.right, powers)
        elif isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
            self._check(node.operand, powers)
        elif isinstance(node, ast.Call):
            self._check_call(node)
            for each in node.args:
                self._check(each, powers)
        elif isinstance(node, ast.Name):
            if node.id not in (*VARIABLES, "pi"):
                raise self._refused(f"it has {node.id}")
        else:
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise self._refused(f"it has {ast.unparse(node)}")
            if not value < BIGGEST:
                raise self._refused(f"it has a number above {BIGGEST:g}")

    def _check_power(self, node: ast.BinOp, powers: int) -> None:
        names = [n for n in ast.walk(node.right) if isinstance(n, ast.Name | ast.Call)]
        if names or any(isinstance(n, ast.Pow) for n in ast.walk(node.right)):
            raise self._refused("exponents are numbers: of others b**a is exp(a*log(b))")
        self._check(node.right, powers)
        with np.errstate(all="ignore"):
            size = np.abs(self._value(node.right, np.float64(0), np.float64, NUMPY, np.pi))
        if not size <= LARGEST:
            raise self._refused(f"an exponent is above {LARGEST}")
        if powers > DEEPEST:
            raise self._refused(f"powers stand more than {DEEPEST} deep in one another")

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name) or node.func.id not in NUMPY:
            raise self._refused(f"it has {ast.unparse(node.func)}")
        wanted = 2 if node.func.id in TWO else 1
        if len(node.args) != wanted or node.keywords:
            raise self._refused(f"{node.func.id} takes {wanted} argument{'s'[: wanted - 1]}")

    def _value(
        self,
        node: ast.expr,
        variable: Any,
        number: Callable[[Any], Any],
        functions: Mapping[str, Callable[..., Any]],
        pi: Any,
    ) -> Any:
        """Of a checked node, in the terms of numpy or sympy."""

        def value(inner: ast.expr) -> Any:
            return self._value(inner, variable, number, functions, pi)

        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return OPERATORS[type(op)](value(operand))
            case ast.Call(func=ast.Name(id=name), args=args):
                return functions[name](*map(value, args))
            case ast.Name(id=name):
                return pi if name == "pi" else variable
            case ast.Constant(value=found):
                return number(found)
        raise AssertionError(f"{ast.unparse(node)} was not checked")

    def _refused(self, why: str) -> InvalidArgument:
        return InvalidArgument(self.name, self.text, f"{ALLOWED} ({why})")
