"""Tables in files of users; whatever is wrong with a file is told of `data`.

NumPy reads .npz and .npy, pandas all else; it is loaded where a table is read.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.problems import delimited, signatures
from verify.problems.columns import Columns, Table

ARROW = {".parquet": b"PAR1", ".pq": b"PAR1", ".feather": b"ARROW1", ".arrow": b"ARROW1"}
COMPRESSED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}
KINDS = ".csv, .tsv, .txt, .parquet, .npy or .npz"


def is_file_name(data: str) -> bool:
    """Whether `data` is the path of a file rather than a name."""
    return bool(os.path.splitext(data)[1]) or os.sep in data or os.path.isfile(data)


def read_table(data: str, target: str | None = None) -> Table:
    """The table in the file `data`; InvalidArgument("data") if there is none to be read.

    target  the column of y, by name or by number from 1 [default: the last]; InvalidArgument
            ("target") if there is none such
    """
    path = os.path.expanduser(data)
    if not os.path.isfile(path):
        raise InvalidArgument("data", data, f"a file ({_what(path)})")
    if os.path.getsize(path) == 0:
        raise InvalidArgument("data", data, "a file with contents (it is empty)")
    suffix = os.path.splitext(path)[1].lower()
    try:
        with open(path, "rb") as file:
            content = file.read()
        if suffix == ".npz":
            return _read_npz(data, content, target)
        if suffix == ".npy":
            return _read_npy(data, content).table(data, target)
        if suffix in ARROW:
            return _read_arrow(data, content, suffix).table(data, target)
        return _read_text(data, content).table(data, target)
    except InvalidArgument:
        raise
    except Exception as error:  # a damaged file makes zipfile, zlib and numpy raise almost anything
        why = str(error).strip().partition("\n")[0]
        allowed = f"a readable {suffix or 'text'} file ({type(error).__name__}: {why})"
        raise InvalidArgument("data", data, allowed) from error


def _what(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return "there is none of this name"
    kinds = {stat.S_ISDIR: "directory", stat.S_ISFIFO: "pipe", stat.S_ISSOCK: "socket"}
    return f"it is a {next((word for test, word in kinds.items() if test(mode)), 'device')}"


def _require(data: str, wanted: str, content: bytes, *starts: bytes) -> None:
    if not content.startswith(starts):
        found = signatures.binary(content) or "text"
        raise InvalidArgument("data", data, f"{wanted} (it seems to be {found})")


def _read_npz(data: str, content: bytes, target: str | None) -> Table:
    _require(data, "a NumPy archive", content, b"PK\x03\x04", b"\x93NUMPY")
    archive = np.load(io.BytesIO(content), allow_pickle=False)
    if isinstance(archive, np.ndarray):
        raise InvalidArgument("data", data, "an archive of X and y (it is one array)")
    if not {"X", "y"} <= set(archive):
        found = ", ".join(archive) or "nothing"
        raise InvalidArgument("data", data, f"an archive of X and y (it holds {found})")
    if target is not None:
        raise InvalidArgument("target", target, f"left out: {data} holds its y")
    return Table(archive["X"], archive["y"], [])


def _read_npy(data: str, content: bytes) -> Columns:
    _require(data, "a NumPy array", content, b"\x93NUMPY")
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        found = f"it has shape {array.shape} and type {array.dtype}"
        raise InvalidArgument("data", data, f"a table of numbers ({found})")
    return _typed([(array[:, j], array[:, j]) for j in range(array.shape[1])], None, len(array))


def _read_arrow(data: str, content: bytes, suffix: str) -> Columns:
    _require(data, f"a {suffix} file", content, ARROW[suffix])
    try:
        import pyarrow  # noqa: F401 - the engine of pandas
    except ImportError:
        remedy = "pip install 'theorem-gate[tables]'"
        raise InvalidArgument(
            "data", data, f"a .csv file: {suffix} needs pyarrow ({remedy})"
        ) from None
    import pandas

    read = pandas.read_parquet if ARROW[suffix] == b"PAR1" else pandas.read_feather
    frame = read(io.BytesIO(content))
    columns = []
    for j in range(frame.shape[1]):
        column = frame.iloc[:, j]
        simple = pandas.api.types.is_numeric_dtype(column) and column.dtype.kind != "c"
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan) if simple else None
        columns.append((numbers, column))
    return _typed(columns, [str(name) for name in frame.columns], len(frame))


def _read_text(data: str, content: bytes) -> Columns:
    for start, unpack in COMPRESSED.items():
        if content.startswith(start):
            content = unpack(content)
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    found = "" if wide else signatures.binary(content)
    found = found or signatures.markup(delimited.decoded(content)[0])
    if found:
        raise InvalidArgument("data", data, f"a table (it seems to be {found})")
    return delimited.read(data, content)


def _typed(columns: list[tuple[Any, Any]], names: list[str] | None, n: int) -> Columns:
    """Columns of numbers; None for the numbers of a column of another type."""
    values = np.full((n, len(columns)), np.nan)
    wrong: dict[tuple[int, int], str] = {}
    for j, (numbers, column) in enumerate(columns):
        if numbers is None:
            first = str(column.iloc[0]) if n else ""
            wrong |= {
                (row, j): f"holds {first[:30]!r}, of type {column.dtype}" for row in range(n > 0)
            }
            continue
        values[:, j] = numbers
        for row in np.flatnonzero(~np.isfinite(values[:, j])).tolist():
            missing = np.isnan(values[row, j])
            wrong[row, j] = "is missing" if missing else f"holds {values[row, j]}"
    return Columns(values, wrong, names, [f"row {row}" for row in range(n)], counts=False)
