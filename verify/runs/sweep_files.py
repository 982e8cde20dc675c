"""The files of a sweep: a Parquet file per finished point, and at the end one with all rows."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from theory.language.errors import InvalidArgument
from verify.runs import files
from verify.runs.sweep import ERROR, SALTED, Point, Row, Sweep, digest

METADATA = b"theorem-gate.sweep"
"""Where in the metadata of a file it says what the rows are of."""

PLAN = "sweep.json"
"""The file among the parts that says what they are of."""

PART_BYTES = 2**14
"""Room on the disk for a point, generously."""


class Store:
    """The results of a sweep at `path`, its parts beside it. InvalidArgument `out` if something
    else is there, or nothing can be written."""

    def __init__(self, sweep: Sweep, path: str) -> None:
        self.sweep, self.path, self.parts = sweep, path, Path(f"{path}.parts")
        if os.path.exists(path) and not os.path.isfile(path):
            raise InvalidArgument("out", path, "a file, new or of the same sweep")
        files.check_writable("out", path)
        self._check_same(path, lambda: _metadata(path))
        plan = self.parts / PLAN
        self._check_same(str(self.parts), lambda: json.loads(plan.read_bytes()))
        try:
            self.parts.mkdir(exist_ok=True)
            free, needed = shutil.disk_usage(self.parts).free, PART_BYTES * len(sweep.points)
            if free < needed:
                raise OSError(0, f"{free} bytes are free, {needed} may be needed")
            files.write(str(plan), json.dumps(sweep.identity, indent=1).encode())
        except OSError as error:
            why = f"a place with room for results ({error.strerror or error})"
            raise InvalidArgument("out", path, why) from None

    def finished(self) -> tuple[dict[int, list[Row]], list[str]]:
        """The rows of the points that are finished, by index, and the parts that are no use."""
        found, corrupt = {}, []
        for point in self.sweep.points:
            part = self._part(point)
            if part.exists():
                try:
                    found[point.index] = self._read(point, part)
                except Exception:  # pyarrow has many for files that are not what they were
                    corrupt.append(str(part))
        return found, corrupt

    def add(self, point: Point, rows: list[Row]) -> list[Row]:
        """Complete the rows of a point, and keep them unless they are errors."""
        rows = [
            {"point": point.index, **point.varied, **row, "salt": self.sweep.salt,
             "configuration": point.digest} for row in rows
        ]  # fmt: skip
        if all(row["verdict"] != ERROR for row in rows):
            files.write(str(self._part(point)), self._parquet(rows, _seal(point, rows)))
        return rows

    def merge(self, found: Mapping[int, list[Row]]) -> None:
        """Write all rows, sorted by point."""
        rows = [row for index in sorted(found) for row in found[index]]
        files.write(self.path, self._parquet(rows, self.sweep.identity))

    def _part(self, point: Point) -> Path:
        return self.parts / f"{point.index:06}-{point.key}.parquet"

    def _read(self, point: Point, part: Path) -> list[Row]:
        import pyarrow.parquet as pq

        table = pq.read_table(io.BytesIO(part.read_bytes()))
        rows: list[Row] = table.to_pylist()
        if json.loads(table.schema.metadata[METADATA]) != _seal(point, rows):
            raise ValueError("not the rows of this point")
        return rows

    def _parquet(self, rows: list[Row], metadata: Mapping[str, Any]) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
        varied = [(name, kinds[type(values[0])]) for name, values in self.sweep.grid.items()]
        columns = {**self.sweep.columns, **dict.fromkeys(SALTED, str)}
        schema = pa.schema(
            [("point", pa.int64()), *varied]
            + [(name, kinds[kind]) for name, kind in columns.items()],
            metadata={METADATA: json.dumps(metadata).encode()},
        )
        buffer = io.BytesIO()
        table = pa.Table.from_pylist(rows, schema)
        pq.write_table(table, buffer)
        return buffer.getvalue()

    def _check_same(self, place: str, load: Callable[[], Any]) -> None:
        """The sweep that left results in the place must be this one."""
        if not os.path.exists(place):
            return
        try:
            there = load()
        except FileNotFoundError:
            return
        except Exception:
            why = f"a new place, or that of this sweep: {place} is something else"
            raise InvalidArgument("out", self.path, why) from None
        theirs, ours = _flat(there), _flat(self.sweep.identity)
        names = [name for name in {**ours, **theirs} if theirs.get(name) != ours.get(name)]
        if names:
            changes = (f"{name} = {theirs.get(name)}, not {ours.get(name)}" for name in names)
            why = f"a new place, or that of this sweep: {place} is of one with "
            raise InvalidArgument("out", self.path, why + "; ".join(changes))


def begun(path: str) -> str | None:
    """The salt of a sweep to `path` that did not come to its end; None where there is none."""
    if os.path.exists(path):
        return None
    try:
        salt = json.loads((Path(f"{path}.parts") / PLAN).read_bytes())["salt"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return salt if isinstance(salt, str) else None


def _seal(point: Point, rows: list[Row]) -> dict[str, str]:
    """What a part says of itself: pyarrow reads many damaged files without a complaint."""
    return {"key": point.key, "rows": digest(rows)}


def _metadata(path: str) -> Any:
    import pyarrow.parquet as pq

    return json.loads(pq.read_schema(path).metadata[METADATA])


def _flat(identity: Mapping[str, Any]) -> dict[str, str]:
    """The entries of an identity, also those of its parts, as text."""
    found: dict[str, str] = {}
    for name, entry in identity.items():
        own = entry if isinstance(entry, dict) else {name: entry}
        found |= {key: json.dumps(value) for key, value in own.items()}
    return found
