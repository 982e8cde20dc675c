"""Inputs and target among the columns of a table: which column is what, and that all is numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from theory.language.errors import InvalidArgument

UNNAMED = {"", "unnamed: 0", "__index_level_0__"}
"""Names that pandas, R and others give to the column of an index: none."""

COUNTERS = {
    "index",
    "id",
    "row",
    "rows",
    "rownames",
    "row.names",
    "level_0",
    "no",
    "no.",
    "nr",
    "#",
}
"""Names of an index where the column counts the rows."""

SHOWN = 6


class Table(NamedTuple):
    """Inputs X (n, d), targets y (n,) and where each row is found (empty: row 0, row 1, ...).

    description  what was taken for what; empty where nothing had to be found out
    """

    X: Any
    y: Any
    where: list[str]
    description: str = ""


@dataclass(frozen=True, eq=False)
class Columns:
    """Numbers of a file by columns.

    values  (n, columns) float64; NaN where a cell is no finite number
    wrong   what a cell is that is no finite number, by (row, column)
    names   of the columns; None: it has none
    counts  whether a first column without a name may be the numbers of the rows
    notes   what else was found out about the file
    """

    values: np.ndarray
    wrong: dict[tuple[int, int], str]
    names: Sequence[str] | None
    where: list[str]
    counts: bool = True
    notes: Sequence[str] = field(default_factory=tuple)

    def called(self, column: int) -> str:
        """A column in messages: its number from 1, and its name."""
        name = self.names[column] if self.names else ""
        return f"column {column + 1}" + (f" ({_short(name)})" if name else "")

    def table(self, file: str, target: str | None) -> Table:
        """Inputs and target; the target is the last column unless it is given.

        target  the name of a column, else its number from 1, from the end if negative

        InvalidArgument names the first cells that are no finite numbers, or the target.
        """
        n, width = self.values.shape
        if not n:
            raise InvalidArgument("data", file, "a file with one row of numbers or more")
        if width < 2:
            found = f"{self.where[0]} has {width}"
            raise InvalidArgument("data", file, f"a table of two columns or more ({found})")
        y = width - 1 if target is None else self._column(file, target)
        index = 0 if y != 0 and self._is_index() else None
        inputs = [column for column in range(width) if column not in (y, index)]
        if not inputs:
            raise InvalidArgument(
                "data", file, "a table with an input (its first column is an index)"
            )
        wrong = sorted(at for at in self.wrong if at[1] != index)
        if wrong:
            allowed = f"a table of finite numbers ({self._cells(wrong)})"
            raise InvalidArgument("data", file, allowed)
        last = "last column" + (f" ({self._name(y)})") if y == width - 1 else self.called(y)
        parts = [
            f"{n} {'row' if n == 1 else 'rows'}",
            f"{len(inputs)} {'input' if len(inputs) == 1 else 'inputs'} ({self._listed(inputs)})",
            f"target = {last}",
            *([f"without its index ({self.called(0)})"] if index == 0 else []),
            *self.notes,
        ]
        return Table(self.values[:, inputs], self.values[:, y], self.where, ", ".join(parts))

    def _column(self, file: str, target: str) -> int:
        names, width = list(self.names or ()), self.values.shape[1]
        if names.count(target) > 1:
            allowed = f"a name that one column of {file} has ({names.count(target)} have this one)"
            raise InvalidArgument("target", target, f"{allowed}, or the number of a column")
        if target in names:
            return names.index(target)
        if re.fullmatch(r"[+-]?\d{1,9}", target.strip()):
            number = int(target)
            if 1 <= abs(number) <= width:
                return number - 1 if number > 0 else width + number
        close = difflib.get_close_matches(target, names, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        known = f"{self._listed(range(width))}, or " if names else ""
        numbers = f"its number, 1 to {width} or -1 for the last"
        raise InvalidArgument("target", target, f"a column of {file}: {known}{numbers}{hint}")

    def _cells(self, wrong: Sequence[tuple[int, int]]) -> str:
        """The first cells that are no finite numbers, and how many there are."""
        cells = [
            f"{self.where[row]}, {self.called(column)} {self.wrong[row, column]}"
            for row, column in wrong[:3]
        ]
        return "; ".join(cells) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")

    def _is_index(self) -> bool:
        """Whether the first column numbers or names the rows."""
        name = None if self.names is None else self.names[0].strip().lower()
        if name in UNNAMED:
            return True
        first, n = self.values[:, 0], len(self.values)
        counted = any(np.array_equal(first, np.arange(n) + start) for start in (0, 1))
        if name is None:
            return self.counts and counted and n > 2 and self.values.shape[1] > 2
        return counted and name in COUNTERS

    def _name(self, column: int) -> str:
        return (_short(self.names[column]) if self.names else "") or str(column + 1)

    def _listed(self, columns: Sequence[int]) -> str:
        names = [self._name(column) for column in columns]
        if not self.names:
            whole = len(columns) > 1 and columns[-1] - columns[0] == len(columns) - 1
            if whole:
                return f"columns {names[0]} to {names[-1]}"
            names[0] = ("columns " if len(columns) > 1 else "column ") + names[0]
        if len(names) > SHOWN:
            names = [*names[: SHOWN - 1], "...", names[-1]]
        return ", ".join(names)


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= 30 else f"{name[:29]}…"
