"""Documented symbols: every symbol of a claim has a meaning and a domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from theory.language.errors import InvalidArgument

UNIT = sp.Interval.Lopen(0, 1)
OPEN_UNIT = sp.Interval.open(0, 1)
POSITIVE = sp.Interval.open(0, sp.oo)
NONNEGATIVE = sp.Interval(0, sp.oo)
COUNT = sp.Range(1, sp.oo)
INDEX = sp.Range(0, sp.oo)


@dataclass(frozen=True)
class Variable:
    """A symbol with its meaning and domain; `axes` > 0 for a vector or a matrix of values."""

    symbol: Any
    meaning: str
    domain: sp.Set
    axes: int = 0
    latex: str = ""

    @property
    def name(self) -> str:
        return str(self.symbol)

    @property
    def integer(self) -> bool:
        return isinstance(self.domain, sp.Range)

    @property
    def allowed(self) -> str:
        """The domain in words, such as in (0, 1]."""
        if self.integer:
            return f"an integer >= {self.domain.inf}"
        if self.domain == sp.S.Reals:
            return "a real number"
        left, right = "[("[bool(self.domain.left_open)], "])"[bool(self.domain.right_open)]
        return f"in {left}{self.domain.inf}, {self.domain.sup}{right}".replace("oo", "inf")

    def coerce(self, value: Any) -> np.ndarray:
        """The value as float64 (int64 for counts), checked against the domain.

        Raises InvalidArgument for a wrong number of axes, NaN, or a value outside the domain.
        """
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise InvalidArgument(self.name, value, f"a number ({self.meaning})") from None
        if array.ndim < self.axes:
            axes = "1 axis" if self.axes == 1 else f"{self.axes} axes"
            raise InvalidArgument(self.name, value, f"an array with {axes}")
        low, high = float(self.domain.inf), float(self.domain.sup)
        inside = (array >= low) & (array <= high)
        if self.integer:
            inside &= (array == np.floor(array)) & (array < 2.0**62)
        else:
            if self.domain.left_open:
                inside &= array != low
            if self.domain.right_open and np.isfinite(high):
                inside &= array != high
        if not inside.all():
            worst = array[~inside].flat[0].item()
            raise InvalidArgument(self.name, worst, f"{self.allowed} ({self.meaning})")
        return array.astype(np.int64) if self.integer else array


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
