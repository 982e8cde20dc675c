"""Tables written as text: separator, quotes, decimal mark, header and encoding are found out.

pandas takes the lines apart into cells. What a cell is, is decided here, and a file that may be
read in two ways is refused.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.problems.columns import Columns

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", r"\s+": "spaces"}
"""In the order in which they are preferred where two explain a file as well."""

SAMPLE = 200
HEADERS = 3
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
INTEGER = re.compile(r"[+-]?[0-9]+")
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")
NEARLY = re.compile(
    r"[-+−$€]?[\d.,'’_ \xa0]*\d[\d.,'’_ \xa0]*([dDeE][-+]?\d+)?\s*[%$€]?|[-+]?inf(inity)?", re.I
)
"""What is meant as a number, though it is none: such a cell is no name."""

DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2}.*)?")
MISSING = {"", "na", "nan", "n/a", "#n/a", "null", "none", "nil", "missing", "?", "-", "--", ".",
           "<na>"}  # fmt: skip
BOOLEANS = {"true": 1.0, "false": 0.0}

Cells = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """How lines are taken apart, and how numbers are written."""

    separator: str
    decimal: str
    quote: str

    def cells(self, lines: Sequence[str]) -> Cells:
        """The cells of the lines, every row as long as the longest."""
        import pandas

        width = 1 + max(
            len(line.split()) if self.separator == r"\s+" else line.count(self.separator)
            for line in lines
        )
        frame = pandas.read_csv(
            io.StringIO("\n".join(lines) + "\n"),
            sep=self.separator,
            quotechar=self.quote,
            names=range(width),
            header=None,
            index_col=False,
            dtype=object,
            na_filter=False,
            skipinitialspace=True,
            skip_blank_lines=False,
        )
        return [[str(cell).strip() for cell in row] for row in frame.to_numpy(dtype=object)]

    def fields(self, line: str) -> int:
        """The number of cells of one line."""
        if self.separator == r"\s+":
            return len(re.findall(r'"[^"]*"|\S+', line))
        options: Any = {"delimiter": self.separator, "quotechar": self.quote}
        return len(next(csv.reader([line], skipinitialspace=True, **options), []))

    def number(self, cell: str) -> float:
        """The number in a cell; NaN if there is none."""
        if self.decimal == ",":
            if "." in cell:
                return math.nan
            cell = cell.replace(",", ".")
        return float(cell) if NUMBER.fullmatch(cell) else BOOLEANS.get(cell.lower(), math.nan)

    def is_number(self, cell: str) -> bool:
        return not math.isnan(self.number(cell))


def read(file: str, content: bytes) -> Columns:
    """The columns of a table as text; InvalidArgument("data") if there is none to be read."""
    text, encoding = decoded(content)
    lines, where, comment = _lines(text)
    if not lines:
        raise InvalidArgument("data", file, "a file with one row of numbers or more (it has none)")
    dialect = _dialect(file, lines, where)
    cells = _rectangular(file, dialect, dialect.cells(lines), lines, where)
    if len(cells) != len(lines):  # a cell holds the end of a line
        taken = itertools.accumulate(1 + sum(c.count("\n") for c in row) for row in cells)
        where = [where[min(after, len(where)) - 1] for after in taken]
    names, headers = _header(file, dialect, cells, where, _quoted_alone(dialect, lines))
    if names is None and comment:
        names = _commented(dialect, comment, len(cells[0]))
    if headers and dialect.fields(lines[0]) == len(cells[0]) - 1 and names and not names[-1]:
        names = _row_names(file, dialect, names, cells, where)
    notes = [_told(names, where[:headers])]
    if dialect.separator != ",":
        notes.append(f"separated by {SEPARATORS[dialect.separator]}")
    if dialect.decimal == ",":
        notes.append("decimal commas")
    if encoding:
        notes.append(f"encoded in {encoding}")
    return _columns(file, dialect, names, cells[headers:], where[headers:], notes)


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and its encoding unless that is UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _lines(text: str) -> tuple[list[str], list[str], str]:
    """The lines that are neither blank nor comments, their places, the last comment before them."""
    lines: list[str] = []
    where: list[str] = []
    comment = ""
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        bare = line.strip()
        if bare.startswith(("#", "%")):
            comment = comment if lines else bare
        elif bare and not re.fullmatch("sep=.", bare):  # Excel's word for the separator
            lines.append(line)
            where.append(f"line {number}")
    return lines, where, comment.lstrip("#% ")


def _dialect(file: str, lines: Sequence[str], where: Sequence[str]) -> Dialect:
    """That which makes numbers of most cells, in lines of the same length."""
    sample = lines[:SAMPLE]
    text = "\n".join(sample)
    quote = '"' if '"' in text else "'"
    best, score = None, (0.0, 0.0)
    for separator in SEPARATORS:
        if not re.search(separator.replace("|", r"\|"), text):
            continue
        dialect = Dialect(separator, ".", quote)
        try:
            cells = dialect.cells(sample)
        except ValueError:  # pandas: a quote that is not closed
            continue
        body, widths = cells[1:] or cells, _widths(dialect, cells, sample)
        widths = widths[1:] or widths
        usual = Counter(widths).most_common(1)[0][0]
        if usual < 2:
            continue
        flat = [c for row, w in zip(body, widths, strict=True) if w == usual for c in row[:usual]]
        for decimal in ".,":
            dialect = Dialect(separator, decimal, quote)
            full = sum(map(dialect.is_number, flat))
            known = full + sum(cell.lower() in MISSING for cell in flat)
            share = widths.count(usual) / len(body)
            found = share * known / len(flat), share * full / len(flat)
            if best is None or found > score:
                best, score = dialect, found
    if best is None and '"' in text and text.count('"') % 2:
        raise InvalidArgument("data", file, "a table whose quotes are closed")
    words = not any(NUMBER.fullmatch(line.strip().replace(",", ".")) for line in lines)
    if len(lines) > 1 and words and score[1] == 0:
        raise InvalidArgument("data", file, "a table (it seems to be text: no cell is a number)")
    if best is None:
        allowed = f"a table of two columns or more ({where[0]} has 1, whatever separates them)"
        raise InvalidArgument("data", file, allowed)
    if best.decimal == ",":
        commas = [cell for row in best.cells(sample)[1:] for cell in row if "," in cell]
        if commas and all(map(THOUSANDS.fullmatch, commas)):
            allowed = (
                f"clear: the comma of {commas[0]!r} may mark decimals or thousands; use points"
            )
            raise InvalidArgument("data", file, allowed)
    return best


def _widths(dialect: Dialect, cells: Cells, lines: Sequence[str]) -> list[int]:
    if len(cells) == len(lines):
        return [dialect.fields(line) for line in lines]
    return [_width(row) for row in cells]


def _width(row: Sequence[str]) -> int:
    """Cells up to the last that holds something."""
    return max((i for i, cell in enumerate(row, start=1) if cell), default=0)


def _rectangular(
    file: str, dialect: Dialect, cells: Cells, lines: Sequence[str], where: Sequence[str]
) -> Cells:
    """Without columns that hold nothing at the end; lines of different lengths are refused."""
    width = max(map(_width, cells))
    if len(cells) != len(lines):
        return [row[:width] for row in cells]
    fields = [dialect.fields(line) for line in lines]
    usual = Counter(fields).most_common(1)[0][0]
    for row, (count, place) in enumerate(zip(fields, where, strict=True)):
        ends = min(count, width) == min(usual, width)  # a separator at the end of a line
        if not ends and not (row == 0 and count == usual - 1 and len(lines) > 1):
            other = fields.index(usual)
            got = f"{place} has {count}, {where[other]} has {usual}"
            raise InvalidArgument("data", file, f"lines of as many columns ({got})")
    return [row[:width] for row in cells]


def _header(
    file: str, dialect: Dialect, cells: Cells, where: Sequence[str], quoted: bool
) -> tuple[list[str] | None, int]:
    """The names of the columns and how many lines they take.

    Lines of words are a header, and a first line that alone is in quotes. So are numbers, where
    they are 0, 1, 2, ... as pandas writes them, or follow one another (2019, 2020, ...) above
    fractions; where that is not clear, they are refused.
    """
    sample = cells[:SAMPLE]
    leading = list(itertools.takewhile(lambda row: _is_words(dialect, row), sample))
    if len(leading) > HEADERS or len(leading) == len(cells):
        place = where[min(1, len(cells) - 1)]
        none = "it has none" if len(cells) == 1 else f"{place} holds {cells[1][0][:30]!r}"
        raise InvalidArgument("data", file, f"a file with one row of numbers or more ({none})")
    if leading:
        rows = zip(*leading, strict=True)
        return [" ".join(part for part in parts if part) for parts in rows], len(leading)
    first, rest = sample[0], sample[1:]
    if quoted:
        return list(first), 1
    numbers = [i for i, cell in enumerate(first) if dialect.is_number(cell)]
    words = [i for i, cell in enumerate(first) if i not in numbers and cell.lower() not in MISSING]
    integers = [int(first[i]) for i in numbers if INTEGER.fullmatch(first[i])]
    counted = integers == list(range(len(numbers)))
    distinct = 0 < len(set(integers)) == len(numbers)
    fractions = not any(INTEGER.fullmatch(row[i]) for row in rest for i in numbers)
    follow = distinct and integers == list(range(integers[0], integers[0] + len(numbers)))
    if words:
        clear = all(_are_values(dialect, [row[i] for row in rest]) for i in words)
        named = counted or len(words) >= len(numbers) or (distinct and fractions)
        meant = any(NEARLY.fullmatch(first[i]) for i in words)
        return (list(first), 1) if rest and clear and named and not meant else (None, 0)
    blank = [i for i, cell in enumerate(first) if i not in numbers]
    if blank == [0] and not first[0] and (counted or (follow and fractions)):
        return list(first), 1  # an index, and columns without names
    if blank or not distinct or not rest:
        return None, 0
    if (counted and len(numbers) > 3) or (follow and fractions and len(rest) > 1):
        return list(first), 1
    if counted or (fractions and len(rest) > 1):
        text = ", ".join(first)
        allowed = (
            f"clear: {where[0]} ({text[:40]}) may be names or numbers; name the columns x1, ..."
        )
        raise InvalidArgument("data", file, allowed)
    return None, 0


def _quoted_alone(dialect: Dialect, lines: Sequence[str]) -> bool:
    """Whether the first line is in quotes, every cell, and no other line has any."""
    quote = dialect.quote
    cell = f"{quote}[^{quote}]*{quote}"
    pattern = rf"\s*{cell}(\s*{dialect.separator.replace('|', chr(92) + '|')}\s*{cell})*\s*"
    rest = lines[1:]
    return bool(rest and re.fullmatch(pattern, lines[0])) and not any(quote in o for o in rest)


def _is_words(dialect: Dialect, row: Sequence[str]) -> bool:
    """Whether a row holds words, and no number."""
    words = [cell for cell in row if cell.lower() not in MISSING]
    return bool(words) and not any(dialect.is_number(w) or NEARLY.fullmatch(w) for w in words)


def _are_values(dialect: Dialect, column: Sequence[str]) -> bool:
    return all(cell.lower() in MISSING or dialect.is_number(cell) for cell in column)


def _commented(dialect: Dialect, comment: str, width: int) -> list[str] | None:
    """The names in the last comment above the numbers, if it has as many as there are columns."""
    try:
        (names,) = dialect.cells([comment])
    except ValueError:
        return None
    names = names[: _width(names)]
    return names if len(names) == width and _is_words(dialect, names) else None


def _row_names(
    file: str, dialect: Dialect, names: list[str], cells: Cells, where: Sequence[str]
) -> list[str]:
    """The names of a header that is one cell short, as R leaves out that of its row names."""
    first = [row[0] for row in cells[1:]]
    counts = [str(number) for number in range(1, len(first) + 1)]
    if first == counts or not any(map(dialect.is_number, first)):
        return ["", *names[:-1]]
    got = f"{where[1]} has {len(names)}, {where[0]} has {len(names) - 1}"
    raise InvalidArgument("data", file, f"lines of as many columns ({got})")


def _columns(
    file: str,
    dialect: Dialect,
    names: list[str] | None,
    cells: Cells,
    where: list[str],
    notes: list[str],
) -> Columns:
    values = np.array([[dialect.number(cell) for cell in row] for row in cells])
    wrong = {}
    for row, column in np.argwhere(~np.isfinite(values)).tolist():
        wrong[row, column] = _wrong(cells[row][column])
    for row, column in np.argwhere(values == 0).tolist():
        if re.match(r"[^eE]*[1-9]", cells[row][column]):
            wrong[row, column] = f"holds {cells[row][column][:30]!r}, too small for float64"
    booleans = []
    for column in range(values.shape[1]):
        words = [row[column].lower() in BOOLEANS for row in cells]
        if all(words):
            booleans.append(names[column] if names else str(column + 1))
        elif any(words):
            row = words.index(True)
            wrong[row, column] = _wrong(cells[row][column])
    if booleans:
        notes = [*notes, f"true and false as 1 and 0 ({', '.join(booleans)})"]
    return Columns(values, wrong, names, where, notes=notes)


def _wrong(cell: str) -> str:
    """What a cell is that is no finite number."""
    if not cell:
        return "is empty"
    shown = f"holds {cell[:30]!r}"
    if cell.lower() in MISSING:
        return f"{shown}, a missing value"
    if DATE.fullmatch(cell):
        return f"{shown}, a date or time"
    return f"{shown}, too large for float64" if NUMBER.fullmatch(cell) else shown


def _told(names: list[str] | None, headers: Sequence[str]) -> str:
    if not headers:
        return "names in a comment" if names else "no header"
    numbers = [place.removeprefix("line ") for place in headers]
    if len(numbers) == 1:
        return f"header in line {numbers[0]}"
    return f"header in lines {numbers[0]} to {numbers[-1]}"
