"""Relations over the reals, from sympy to the solver z3.

Square roots, maxima and powers with a symbolic exponent become unknowns of their own: a root and a
maximum with the polynomial facts that define them, a power with none. Fractions are multiplied out.
Both need an argument: that what is under a root is nonnegative, that a denominator has one sign.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import sympy as sp

from theory.language.errors import InvalidArgument

PROVING, SEARCHING = (20_000_000, 600_000), (2_000_000, 60_000)
"""For one question: z3's resource units, which decide, as they do not depend on the machine; and
milliseconds, for work that is not counted: a hundred times what was seen."""

DIGITS = 20
"""Digits to which an irrational coordinate of a model is rounded."""

_SPEAKS = "made of numbers, real symbols, +, *, /, max, square roots and whole powers"


class Undefined(Exception):
    """An expression that need not have a value on the whole domain."""


def solver_module() -> Any:
    """The module z3; InvalidArgument says how to get it."""
    try:
        return import_module("z3")
    except ImportError:
        remedy = "installed: pip install 'theorem-gate[proof]'"
        raise InvalidArgument("z3", None, remedy) from None


class Reals:
    """What is known of some real numbers, and what follows from it.

    `searching`: not to prove but to find a point, where every expression has a value.
    """

    def __init__(self, *, searching: bool = False) -> None:
        self._z3, self._searching = solver_module(), searching
        self._facts: list[Any] = []
        self._unknowns: dict[sp.Symbol, Any] = {}
        self._named: dict[sp.Expr, sp.Symbol] = {}

    def suppose(self, relation: Any) -> None:
        """Add a relation to what is known."""
        self._facts.append(self._relation(relation))

    def entails(self, relation: Any) -> bool | None:
        """Whether the relation follows: True, False (there is a point where it fails) or None."""
        return {"unsat": True, "sat": False}.get(str(self._solve(relation)[0]))

    def violation(self, relation: Any, of: tuple[sp.Symbol, ...]) -> dict[sp.Symbol, sp.Rational]:
        """Rational values of symbols at which the relation seems to fail; empty if none is found.

        Irrational coordinates are rounded, so the caller must check.
        """
        unknowns = {symbol: self._symbol(symbol) for symbol in of}
        answer, solver = self._solve(relation)
        if str(answer) != "sat":
            return {}
        model = solver.model()
        return {s: self._number(model.eval(x, model_completion=True)) for s, x in unknowns.items()}

    def _solve(self, relation: Any) -> tuple[Any, Any]:
        denial = self._z3.Not(self._relation(relation))
        solver = self._z3.SolverFor("QF_NRA")
        effort, longest = SEARCHING if self._searching else PROVING
        solver.set("rlimit", effort)
        solver.set("timeout", longest)
        solver.add(*self._facts, denial)
        return solver.check(), solver

    def _number(self, value: Any) -> sp.Rational:
        if self._z3.is_algebraic_value(value):
            value = value.approx(DIGITS)
        return sp.Rational(value.numerator_as_long(), value.denominator_as_long())

    def _relation(self, relation: Any) -> Any:
        if relation in (sp.true, sp.false):
            return self._z3.BoolVal(bool(relation))
        sides = self._plain(relation.lhs), self._plain(relation.rhs)
        for side in sides:  # the difference may lose a denominator that both have
            self._sign(sp.fraction(sp.together(side))[1])
        numerator, denominator = sp.fraction(sp.together(sides[0] - sides[1]))
        left = self._polynomial(numerator * self._sign(denominator))
        return {
            sp.Le: left <= 0,
            sp.Lt: left < 0,
            sp.Ge: left >= 0,
            sp.Gt: left > 0,
            sp.Eq: left == 0,
        }[type(relation)]

    def _sign(self, denominator: sp.Expr) -> sp.Expr:
        """A factor of the sign of the denominator."""
        if denominator.is_number:
            return sp.sign(denominator)
        if self._searching:
            self._facts.append(self._polynomial(denominator) != 0)
            return denominator
        for sign in (sp.S.One, sp.S.NegativeOne):
            if self.entails(sp.Gt(sign * denominator, 0)):
                return sign
        raise Undefined(f"the sign of {self._written(denominator)} is not known")

    def _plain(self, e: sp.Expr) -> sp.Expr:
        """The expression as a rational function, with names for roots, maxima and powers."""
        if e.is_Rational or isinstance(e, sp.Symbol):
            return e
        if isinstance(e, (sp.Add, sp.Mul)):
            return e.func(*map(self._plain, e.args))
        if isinstance(e, sp.Max):
            return self._maximum(e)
        if isinstance(e, sp.Pow):
            base, exponent = e.args
            if exponent.is_Integer:
                return self._plain(base) ** exponent
            if exponent.is_Rational and exponent.q == 2:
                return self._root(base) ** exponent.p
            if exponent.is_integer:
                return self._power(base, exponent)
        raise InvalidArgument("expression", e, _SPEAKS)

    def _root(self, argument: sp.Expr) -> sp.Symbol:
        root = sp.sqrt(argument)
        if root not in self._named:
            inside = self._plain(argument)
            if self._searching:
                self.suppose(sp.Ge(inside, 0))
            elif not self.entails(sp.Ge(inside, 0)):
                raise Undefined(f"{argument} under a root may be negative")
            name = self._named[root] = sp.Dummy("root", real=True)
            self._facts += [self._symbol(name) >= 0, self._relation(sp.Eq(name**2, inside))]
        return self._named[root]

    def _maximum(self, e: sp.Max) -> sp.Symbol:
        if e not in self._named:
            values = [self._plain(argument) for argument in e.args]
            name = self._named[e] = sp.Dummy("max", real=True)
            self._facts += [self._relation(sp.Ge(name, value)) for value in values]
            self._facts.append(self._z3.Or(*(self._relation(sp.Eq(name, v)) for v in values)))
        return self._named[e]

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """base**exponent through base**t for each symbol t, as b**(2t + 1) = b (b**t)**2."""
        product, rest = sp.S.One, sp.expand(exponent).as_coefficients_dict()
        for term, count in rest.items():
            if not count.is_Integer:
                raise InvalidArgument("exponent", exponent, "a sum of whole multiples of symbols")
            product *= (self._plain(base) if term == 1 else self._name(base, term)) ** count
        return product

    def _name(self, base: sp.Expr, exponent: sp.Expr) -> sp.Symbol:
        key = sp.Pow(sp.expand(base), exponent, evaluate=False)
        return self._named.setdefault(key, sp.Dummy("power", real=True))

    def _polynomial(self, e: sp.Expr) -> Any:
        if e.is_Rational:
            return self._z3.RealVal(str(e))
        if isinstance(e, sp.Symbol):
            return self._symbol(e)
        if isinstance(e, sp.Add):
            return self._z3.Sum([self._polynomial(a) for a in e.args])
        if isinstance(e, sp.Mul):
            return self._z3.Product([self._polynomial(a) for a in e.args])
        if isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp > 0:
            return self._z3.Product([self._polynomial(e.base)] * int(e.exp))
        raise InvalidArgument("expression", e, _SPEAKS)

    def _symbol(self, symbol: sp.Symbol) -> Any:
        """The unknown of a symbol; what sympy assumes of it becomes known."""
        if symbol not in self._unknowns:
            x = self._unknowns[symbol] = self._z3.Real(f"{symbol.name}!{len(self._unknowns)}")
            if symbol.is_positive:
                self._facts.append(x >= 1 if symbol.is_integer else x > 0)
            elif symbol.is_nonnegative:
                self._facts.append(x >= 0)
        return self._unknowns[symbol]

    def _written(self, e: sp.Expr) -> sp.Expr:
        return e.xreplace({name: meaning for meaning, name in self._named.items()})
