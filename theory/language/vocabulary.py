"""Documented symbols: every symbol of a claim has a meaning and a domain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import sympy as sp

from theory.language.conversion import as_float64
from theory.language.errors import InvalidArgument

UNIT = sp.Interval.Lopen(0, 1)
OPEN_UNIT = sp.Interval.open(0, 1)
POSITIVE = sp.Interval.open(0, sp.oo)
NONNEGATIVE = sp.Interval(0, sp.oo)
COUNT = sp.Range(1, sp.oo)
INDEX = sp.Range(0, sp.oo)

FACTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "zero": lambda x: x == 0,
    "extended_positive": lambda x: x > 0,
    "extended_negative": lambda x: x < 0,
    "extended_nonnegative": lambda x: x >= 0,
    "extended_nonpositive": lambda x: x <= 0,
    "extended_nonzero": lambda x: x != 0,
    "prime": lambda x: np.vectorize(_prime, otypes=[bool])(x),
    "composite": lambda x: np.vectorize(_composite, otypes=[bool])(x),
    "even": lambda x: np.mod(x, 2) == 0,
    "odd": lambda x: np.mod(x, 2) == 1,
    "integer": lambda x: x == np.floor(x),
    "noninteger": lambda x: x != np.floor(x),
}
"""What sympy may assume of a symbol, on values: formulas are simplified with it."""


def _prime(x: float) -> bool:
    return x == np.floor(x) and bool(sp.isprime(int(x)))


def _composite(x: float) -> bool:
    return x > 3 and x == np.floor(x) and not sp.isprime(int(x))


@dataclass(frozen=True)
class Variable:
    """A symbol with its meaning and domain; `axes` > 0 for a vector or a matrix of values."""

    symbol: Any
    meaning: str
    domain: sp.Set
    axes: int = 0
    latex: str = ""

    @cached_property
    def name(self) -> str:
        return str(self.symbol)

    @cached_property
    def integer(self) -> bool:
        return isinstance(self.domain, sp.Range)

    @property
    def allowed(self) -> str:
        """The domain in words, such as in (0, 1]."""
        if self.integer:
            low, high = self.domain.inf, self.domain.sup
            if low.is_finite and high.is_finite:
                return f"an integer from {low} to {high}"
            return f"an integer >= {low}" if low.is_finite else "an integer"
        if self.domain == sp.S.Reals:
            return "a real number"
        left, right = "[("[bool(self.domain.left_open)], "])"[bool(self.domain.right_open)]
        return f"in {left}{_short(self.domain.inf)}, {_short(self.domain.sup)}{right}"

    def coerce(self, value: Any) -> np.ndarray:
        """The value as a new float64 array, checked against domain and assumptions of the symbol.

        Raises InvalidArgument for a wrong number of axes, NaN, a value outside the domain, or one
        that float64 does not hold.
        """
        array = as_float64(self.name, value, self._said("a number"))
        if array.ndim < self.axes:
            axes = "1 axis" if self.axes == 1 else f"{self.axes} axes"
            raise InvalidArgument(self.name, value, f"an array with {axes}")
        if array.ndim == 0 and self._has(array.item()):
            return array
        low, high, without_low, without_high = self._ends
        inside = (array >= low) & (array <= high)
        if self.integer:
            inside &= (array == np.floor(array)) & np.isfinite(array)
        if without_low:
            inside &= array != low
        if without_high:
            inside &= array != high
        if not inside.all():
            worst = array[~inside].flat[0].item()
            undocumented = not self.meaning and self.domain != sp.S.Reals
            assumed = ", as its symbol assumes" if undocumented else ""
            raise InvalidArgument(self.name, worst, self._said(self.allowed + assumed))
        for fact in self._assumed:
            if not (good := FACTS[fact](array)).all():
                worst = array[~good].flat[0].item()
                allowed = self._said(f"{fact.removeprefix('extended_')}, as its symbol assumes")
                raise InvalidArgument(self.name, worst, allowed)
        return array

    def _has(self, x: float) -> bool:
        """Whether a number is surely allowed: the short way for most values."""
        low, high, without_low, without_high = self._ends
        return (
            low <= x <= high
            and not (without_low and x == low)
            and not (without_high and x == high)
            and (x.is_integer() or not self.integer)
            and not self._assumed
        )

    @cached_property
    def _ends(self) -> tuple[float, float, bool, bool]:
        return ends(self.domain)  # kept here: sympy takes long to hash a domain

    @cached_property
    def _assumed(self) -> tuple[str, ...]:
        """What sympy assumes of the symbol and the domain leaves open, the strongest first."""
        known = self.symbol.assumptions0
        low, _, without_low, _ = self._ends
        positive = low > 0 or (low == 0 and without_low)
        by_domain = {"extended_positive": positive, "extended_nonzero": positive}
        by_domain |= {"extended_nonnegative": low >= 0, "integer": self.integer}
        return tuple(fact for fact in FACTS if known.get(fact) and not by_domain.get(fact))

    def _said(self, allowed: str) -> str:
        return f"{allowed} ({self.meaning})" if self.meaning else allowed


@cache
def ends(domain: sp.Set) -> tuple[float, float, bool, bool]:
    """The ends of an interval or a range, and which of them it leaves out (oo never)."""
    low, high = float(domain.inf), float(domain.sup)
    if isinstance(domain, sp.Range):
        return low, high, False, False
    return low, high, bool(domain.left_open), bool(domain.right_open) and high < math.inf


def undocumented(symbol: Any) -> Variable:
    """The variable of a symbol that no vocabulary documents: its assumptions are its domain."""
    known = symbol.assumptions0
    positive, nonnegative = (known.get(f"extended_{w}") for w in ("positive", "nonnegative"))
    domain: sp.Set = sp.S.Reals
    if known.get("integer"):
        domain = COUNT if positive else INDEX if nonnegative else sp.Range(-sp.oo, sp.oo)
    elif nonnegative:
        domain = POSITIVE if positive else NONNEGATIVE
    return Variable(symbol, "", domain, int(isinstance(symbol, sp.IndexedBase)))


def _short(end: sp.Expr) -> str:
    """The end of an interval; a float as people write it, 0.5 and 1e-50."""
    return f"{float(end):g}" if end.is_Float or end.is_infinite else str(end)


class Vocabulary(Mapping[str, Variable]):
    """The symbols of one theorem by name, in the order of their definition."""

    def __init__(self) -> None:
        self._variables: dict[str, Variable] = {}

    def symbol(
        self, name: str, meaning: str, domain: sp.Set = sp.S.Reals, *, latex: str = ""
    ) -> sp.Symbol:
        """Define a scalar symbol; sympy assumptions follow from the domain."""
        lower = domain.inf
        assumptions: dict[str, bool] = {"real": True}
        if lower.is_nonnegative:
            excludes_zero = lower.is_positive or getattr(domain, "left_open", False)
            assumptions["positive" if excludes_zero else "nonnegative"] = True
        if isinstance(domain, sp.Range):
            assumptions["integer"] = True
        return self._add(Variable(sp.Symbol(name, **assumptions), meaning, domain, 0, latex))

    def indexed(
        self,
        name: str,
        meaning: str,
        domain: sp.Set = sp.S.Reals,
        *,
        axes: int = 1,
        latex: str = "",
    ) -> sp.IndexedBase:
        """Define a vector (axes=1) or matrix (axes=2) of values."""
        nonnegative = bool(domain.inf.is_nonnegative)
        base = sp.IndexedBase(name, real=True, **({"nonnegative": True} if nonnegative else {}))
        return self._add(Variable(base, meaning, domain, axes, latex))

    def _add(self, variable: Variable) -> Any:
        if variable.name in self._variables:
            raise ValueError(f"symbol {variable.name} is already defined")
        self._variables[variable.name] = variable
        return variable.symbol

    def __getitem__(self, name: str) -> Variable:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
