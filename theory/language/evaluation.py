"""The compiled form of a statement: float64 at one point or at many.

Evaluation has two stages. Definitions (r, s, sigma, vectors over eigenpairs, ...) come first and
are computed once where they do not vary over the points; the bound, its parts and the premises
follow, broadcast over the points where they hold no sum, point by point where they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from theory.language.code import compile_numpy
from theory.language.errors import InvalidArgument
from theory.language.numeric import expand, has_reduction
from theory.language.vocabulary import Variable


@dataclass(frozen=True)
class Arguments:
    """Checked values, one per variable, and the shape of the points they span."""

    values: tuple[np.ndarray, ...]
    shape: tuple[int, ...]


class Values(dict[str, Any]):
    """Values of symbols by name, each of them checked once, however many claims speak of them.

    Only what cannot change is remembered: numbers, and arrays that are read-only.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._checked: dict[str, tuple[Variable, Any, np.ndarray]] = {}

    def __reduce__(self) -> Any:
        return type(self), (dict(self),)

    def of(self, variable: Variable) -> np.ndarray:
        """The value of that variable as a float64 array; raises as `Variable.coerce` does."""
        value = self[variable.name]
        known = self._checked.get(variable.name)
        if known is not None and known[0] is variable and known[1] is value:
            return known[2]
        array = variable.coerce(value)
        if isinstance(value, Number) or _fixed(value):
            array.flags.writeable = False
            self._checked[variable.name] = variable, value, array
        return array


def _fixed(value: Any) -> bool:
    """An array that nothing writes to: read-only, and not a view of one that is not."""
    return type(value) is np.ndarray and value.base is None and not value.flags.writeable


class Compiled:
    """Numpy functions of a statement's definitions, outputs and premises."""

    def __init__(self, statement: Any, variables: Sequence[Variable]) -> None:
        self.variables = tuple(variables)
        self._names = [v.name for v in self.variables]
        self._history = statement.history is not None
        symbols = [v.symbol for v in self.variables]
        defined = list(statement.definitions)
        self._definitions = defined
        self._defined = [str(s) for s in defined]
        self._define = compile_numpy(symbols, defined, statement.definitions)
        self._vector = [isinstance(s, sp.IndexedBase) for s in defined]
        # scalars on which a definition with a sum depends: if they vary over the points, so does it
        self._fixed = _reduced(statement.definitions.values(), statement.definitions)
        past = [statement.history] if self._history else []
        outputs = self._outputs = statement.outputs()
        if self._history:
            followed = statement.band[1] if statement.band else statement.bound
            self._recursive = outputs.index(followed)
            self._initial = outputs.index(statement.initial)
        self.outputs = compile_numpy([*symbols, *defined, *past], outputs)
        self._loop_outputs = any(map(has_reduction, outputs))
        self._premises = statement.premises
        self._tests = compile_numpy([*symbols, *defined], self._premises, premises=True)
        self._loop_tests = _reduced(self._premises, statement.definitions)

    def arguments(self, values: Mapping[str, Any]) -> Arguments:
        found = values if isinstance(values, Values) else Values(values)
        checked = tuple(map(found.of, self.variables))
        shape: tuple[int, ...] = ()
        for variable, array in zip(self.variables, checked, strict=True):
            if array.ndim and not variable.axes:
                try:
                    shape = np.broadcast_shapes(shape, array.shape)
                except ValueError:
                    allowed = f"() or {shape}, as of the symbols before it"
                    name = f"{variable.name}.shape"
                    raise InvalidArgument(name, array.shape, allowed) from None
        return Arguments(checked, shape)

    def premises(self, arguments: Arguments) -> list[np.ndarray]:
        """For each premise whether it holds at each point."""
        rows: list[np.ndarray] = []
        loop = self._vary(arguments, self._loop_tests)
        with np.errstate(all="ignore"):
            for point, scalars in self._points(arguments, loop=loop):
                found = self._tests(*scalars)
                rows = rows or [np.zeros(arguments.shape, dtype=bool) for _ in found]
                for row, value in zip(rows, found, strict=True):
                    row[point] = value
        return rows

    def sides(
        self, arguments: Arguments, point: tuple[int, ...], premise: Any
    ) -> tuple[float, float] | None:
        """Both sides of a premise at one point; None of a condition that is no comparison."""
        if not isinstance(premise, Relational):
            return None
        both = self._sides[self._premises.index(premise)]
        with np.errstate(all="ignore"):
            scalars = self._at(arguments.values, self.variables, arguments.shape, point)
            left, right = both(*scalars, *self._define(*scalars))
        return float(left), float(right)

    @cached_property
    def _sides(self) -> list[Any]:
        names = [*(v.symbol for v in self.variables), *self._definitions]
        return [
            compile_numpy(names, [p.lhs, p.rhs]) if isinstance(p, Relational) else None
            for p in self._premises
        ]

    def bounds(self, arguments: Arguments) -> list[np.ndarray]:
        """The outputs at each point, in order."""
        count = len(self._outputs)
        rows = [np.full(arguments.shape, np.nan) for _ in range(count)]
        past = np.zeros(arguments.shape)
        extra = [past] if self._history else []
        loop = self._loop_outputs or self._history
        with np.errstate(all="ignore"):
            for point, scalars in self._points(arguments, loop=loop):
                for row, value in zip(rows, self.outputs(*scalars, *extra), strict=True):
                    row[point] = value
                if self._history:
                    if point == (0,):  # a recursion starts at its initial value
                        rows[self._recursive][0] = rows[self._initial][0]
                    past[point] = rows[self._recursive][point]
        return rows

    def at(self, arguments: Arguments, point: tuple[int, ...], names: set[str]) -> dict[str, float]:
        """The values of the named scalars, definitions included, at one point."""
        scalars = self._at(arguments.values, self.variables, arguments.shape, point)
        with np.errstate(all="ignore"):
            defined = self._define(*scalars)
        pairs = zip([*self._names, *self._defined], [*scalars, *defined], strict=True)
        return {n: float(v) for n, v in pairs if n in names and np.ndim(v) == 0}

    def _points(self, arguments: Arguments, *, loop: bool) -> Iterator[tuple[Any, list[Any]]]:
        """(position, arguments and definitions): once for all points, or for each."""
        shape, values = arguments.shape, arguments.values
        if self._vary(arguments, self._fixed):
            for point in np.ndindex(shape):
                scalars = self._at(values, self.variables, shape, point)
                yield point, [*scalars, *self._define(*scalars)]
            return
        everywhere = [a[()] for a in values]
        defined = self._define(*everywhere)
        if not loop:
            yield ..., [*everywhere, *defined]
            return
        vector = [bool(v.axes) for v in self.variables] + self._vector
        full = [
            value if is_vector or np.ndim(value) == 0 else np.broadcast_to(value, shape)
            for value, is_vector in zip([*everywhere, *defined], vector, strict=True)
        ]
        fixed = [is_vector or np.ndim(v) == 0 for v, is_vector in zip(full, vector, strict=True)]
        for point in np.ndindex(shape):
            yield point, [v if f else v[point] for v, f in zip(full, fixed, strict=True)]

    def _vary(self, arguments: Arguments, names: set[str]) -> bool:
        """Whether one of the named scalars differs from point to point."""
        pairs = zip(self.variables, arguments.values, strict=True)
        return any(not v.axes and a.ndim > 0 and v.name in names for v, a in pairs)

    @staticmethod
    def _at(
        values: Sequence[np.ndarray],
        variables: Sequence[Variable],
        shape: tuple[int, ...],
        point: tuple[int, ...],
    ) -> list[Any]:
        pairs = zip(values, variables, strict=True)
        return [a if v.axes else np.broadcast_to(a, shape)[point] for a, v in pairs]


def _reduced(expressions: Iterable[Any], definitions: Mapping[Any, Any]) -> set[str]:
    """The names of the symbols of those expressions that hold a sum or an entry."""
    return {
        str(s) for e in expressions if has_reduction(e) for s in expand(e, definitions).free_symbols
    }
