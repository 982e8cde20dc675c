"""Tables read from .npz and .csv files; whatever is wrong with a file is told of `data`."""

from __future__ import annotations

import csv
import math
import os
from typing import Any, NamedTuple

import numpy as np

from theory.language.errors import InvalidArgument


class Table(NamedTuple):
    """Inputs X (n, d), targets y (n,) and where each row is found (empty: row 0, row 1, ...)."""

    X: Any
    y: Any
    where: list[str]


def is_file_name(data: str) -> bool:
    """Whether `data` is the path of a table rather than a name."""
    return data.lower().endswith((".npz", ".csv"))


def read_table(data: str) -> Table:
    """The table in the file `data`; InvalidArgument("data") if there is none to be read."""
    path = os.path.expanduser(data)
    if not os.path.isfile(path):
        found = "it is a directory" if os.path.isdir(path) else "there is none of this name"
        raise InvalidArgument("data", data, f"a file ({found})")
    if os.path.getsize(path) == 0:
        raise InvalidArgument("data", data, "a file with contents (it is empty)")
    reader = _read_npz if path.lower().endswith(".npz") else _read_csv
    try:
        return reader(path)
    except InvalidArgument as error:
        raise InvalidArgument("data", data, error.allowed) from None
    except Exception as error:  # a damaged file makes zipfile, zlib and numpy raise almost anything
        allowed = f"a readable {path[-4:].lower()} file ({type(error).__name__}: {error})"
        raise InvalidArgument("data", data, allowed) from error


def _read_npz(path: str) -> Table:
    with open(path, "rb") as file:  # np.load itself leaks the file of a damaged archive
        archive = np.load(file, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise InvalidArgument("data", path, "an archive of X and y (it is one array)")
        if not {"X", "y"} <= set(archive):
            found = ", ".join(archive) or "nothing"
            raise InvalidArgument("data", path, f"an archive of X and y (it holds {found})")
        return Table(archive["X"], archive["y"], [])


def _read_csv(path: str) -> Table:
    rows: list[list[float]] = []
    where: list[str] = []
    first: tuple[int, int] | None = None  # line and width of the first line that is not blank
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        for cells in reader:
            line = reader.line_num
            if not "".join(cells).strip() and len(cells) < 2:
                continue
            numbers = [_number(cell) for cell in cells]
            if first is None:
                first = line, len(cells)
                if len(cells) < 2:
                    raise InvalidArgument("data", path, f"two columns or more (line {line} has 1)")
                if all(math.isnan(number) for number in numbers):
                    continue  # a header
            if len(cells) != first[1]:
                got = f"line {line} has {len(cells)}, line {first[0]} has {first[1]}"
                raise InvalidArgument("data", path, f"lines of as many columns ({got})")
            for column, number in enumerate(numbers):
                if not math.isfinite(number):
                    cell = f"line {line}, column {column + 1} holds {cells[column][:30]!r}"
                    raise InvalidArgument("data", path, f"a table of finite numbers ({cell})")
            rows.append(numbers)
            where.append(f"line {line}")
    if not rows:
        raise InvalidArgument("data", path, "a file with one row of numbers or more (it has none)")
    table = np.array(rows)
    return Table(table[:, :-1], table[:, -1], where)


def _number(cell: str) -> float:
    """The number in a cell; nan if there is none."""
    try:
        return math.nan if "_" in cell else float(cell)  # Python reads 1_0 as 10
    except ValueError:
        return math.nan
