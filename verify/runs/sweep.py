"""Sweeps: the same claims judged at every point of a grid of configurations (see `cluster`).

A point is judged as by `check` in a process of its own, with the salt of the sweep and an
equal part of its error budget: its numbers are those of `check` at that configuration, whatever
the workers and the order. A finished point is a file in OUT.parts, so a sweep that was killed goes
on where it was; at the end the parts become one Parquet file.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from theory import registry
from theory.language.digest import digest as stated
from theory.language.errors import InvalidArgument
from theory.language.hashing import hashed
from verify.experiments.kit import ProblemOptions, as_dict
from verify.judging.plural import number
from verify.problems.files import is_file_name
from verify.runs import check as run
from verify.runs.selection import select

Row = dict[str, Any]
"""A claim at a point, as builtin types; numbers that do not exist are None."""

ERROR, NOT_JUDGED = "ERROR", "NOT_JUDGED"
"""Words in the place of a verdict: the point failed; nothing measures the claim's quantity."""

NUMBERS = ("bound", "measured", "standard_error", "tightness", "factor", "share", "level")
COLUMNS: Mapping[str, type] = {
    "claim": str, "verdict": str, **dict.fromkeys(NUMBERS, float), "reason": str, "seconds": float,
}  # fmt: skip
SALTED = ("salt", "configuration")
"""Columns of every row, after its own."""
PACKAGES = ("theorem-gate", "numba", "numpy", "sympy", "torch")

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Point:
    """A configuration of the grid. `digest` is that of the configuration, `key` of all it depends
    on: theorem, claims as they are stated, configuration, salt, level, versions of the packages."""

    index: int
    varied: Mapping[str, Any]
    configuration: Any
    digest: str
    key: str

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.varied.items())


@dataclass(frozen=True, eq=False)
class Sweep:
    """The product of `grid` (values by field) over a configuration with the other `fields`."""

    theorem: str
    patterns: tuple[str, ...]
    fields: Mapping[str, Any]
    grid: Mapping[str, tuple[Any, ...]]
    salt: str
    budget: float

    def __post_init__(self) -> None:
        run.check_budget(self.budget)
        if not self.grid:
            raise InvalidArgument("grid", "", "given: FIELD=VALUE,VALUE...")
        for name, values in self.grid.items():
            if not values or len(set(values)) < len(values):
                raise InvalidArgument("grid", f"{name}={_listed(values)}", "different values")
            if name in ("point", *SALTED, *self.columns):
                raise InvalidArgument("grid", name, "a field that no column of the results is")
        self.points  # noqa: B018 - an invalid point is an error of the sweep

    @property
    def columns(self) -> Mapping[str, type]:
        """The columns of the rows and the types of their values."""
        return COLUMNS

    @property
    def measure(self) -> Callable[..., list[Row]]:
        """What a worker does at a point."""
        return measure

    def work(self, configuration: Any) -> float:
        """The time of a point relative to the others."""
        return 1.0

    @cached_property
    def claims(self) -> tuple[str, ...]:
        return tuple(select(self.theorem, self.patterns))

    @cached_property
    def statements(self) -> str:
        """A digest of what the claims state: what was found of other statements is of no use."""
        known = registry.claims(self.theorem)
        return hashed(*(stated(known[name]) for name in self.claims))

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """All points; InvalidArgument tells what is wrong at which of them."""
        make = registry.theorem(self.theorem).load_configuration()
        product = itertools.product(*self.grid.values())
        grid = [dict(zip(self.grid, values, strict=True)) for values in product]
        made, wrong = [], []
        read: set[tuple[Any, ...]] = set()
        for varied in grid:
            try:
                made.append(make(**{**self.fields, **varied}))
                self._read(made[-1], read)
            except InvalidArgument as error:
                wrong.append(error)
        if wrong:
            raise _together(wrong, len(grid))
        return tuple(map(self._point, itertools.count(), grid, made))

    def _read(self, configuration: Any, before: set[tuple[Any, ...]]) -> None:
        """A file of data is read before the first point is trained, once for equal options."""
        if isinstance(configuration, ProblemOptions) and is_file_name(configuration.data):
            options = tuple(getattr(configuration, f.name) for f in fields(ProblemOptions))
            if options not in before:
                configuration.problem(self.salt)
            before.add(options)

    @property
    def level(self) -> float:
        """The error budget of a point, which its claims share."""
        return self.budget / math.prod(map(len, self.grid.values()))

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What makes this sweep another one than those that left results in its place."""
        options = as_dict(self.points[0].configuration)
        found = {"theorem": self.theorem, "claims": self.claims,
                 "statements": self.statements, "salt": self.salt,
                 "budget": self.budget, "grid": self.grid, "versions": versions(),
                 "options": {k: v for k, v in options.items() if k not in self.grid}}  # fmt: skip
        return json.loads(json.dumps(found, default=str))

    def _point(self, index: int, varied: Mapping[str, Any], configuration: Any) -> Point:
        options = as_dict(configuration)
        own = digest(self.theorem, options, _files(options.values()))
        key = digest(self.claims, self.statements, own, self.salt, self.level, versions())
        return Point(index, varied, configuration, own, key)

    def failed(self, point: Point, reason: str) -> list[Row]:
        """The rows of a point that could not be judged."""
        empty = dict.fromkeys((*NUMBERS, "seconds"))
        return [{"claim": claim, "verdict": ERROR, **empty, "reason": reason}
                for claim in self.claims]  # fmt: skip


@cache
def versions() -> dict[str, str | None]:
    """What the numbers depend on beside the sweep; None: not installed."""
    from verify.runs.environment import version

    return {name: version(name) for name in PACKAGES}


# ---- in a worker ---------------------------------------------------------------------------------


def measure(
    configuration: Any,
    *,
    theorem: registry.Theorem,
    patterns: Collection[str],
    salt: str,
    budget: float,
    expected: Mapping[str, str | None],
) -> list[Row]:
    """The rows of one point. One at a time in a process, on one thread.

    RuntimeError if the packages have other versions, or the measurements did not come to an end.
    """
    require(expected)
    with single(theorem):
        outcome = run.check(theorem.name, configuration, salt=salt, budget=budget,
                            patterns=patterns)  # fmt: skip
    if outcome.incomplete:
        raise RuntimeError(outcome.incomplete)
    rows: list[Row] = []
    for j in outcome.judgements:
        numbers = {name: _number(getattr(j, name)) for name in NUMBERS}
        rows.append({"claim": j.claim, "verdict": j.verdict.value, **numbers, "reason": j.reason})
    for claim, why in outcome.unjudged.items():
        empty = dict.fromkeys(NUMBERS)
        rows.append({"claim": claim, "verdict": NOT_JUDGED, **empty, "reason": why})
    rows.sort(key=lambda row: list(outcome.claims).index(row["claim"]))
    return [{**row, "seconds": outcome.seconds} for row in rows]


@contextmanager
def single(theorem: registry.Theorem) -> Iterator[None]:
    """Inside, no other point is measured in this process, torch has one thread, and the theorem is
    registered."""
    import torch

    with _ONE_AT_A_TIME:
        torch.set_num_threads(1)
        if theorem.name not in registry.theorems():
            registry.register(theorem)
        yield


def require(expected: Mapping[str, str | None]) -> None:
    """RuntimeError unless the packages of this process have these versions."""
    differing = [f"{name} {here} in place of {expected[name]}"
                 for name, here in versions().items() if here != expected[name]]  # fmt: skip
    if differing:
        raise RuntimeError(f"a worker has {', '.join(differing)}")


def _together(errors: Sequence[InvalidArgument], count: int) -> InvalidArgument:
    """One error for all points: each message once, with the number of points."""
    points: dict[str, list[InvalidArgument]] = {}
    for error in errors:
        points.setdefault(str(error), []).append(error)
    lines = [f"{text} ({len(of)} of {number(count, 'point')})" for text, of in points.items()]
    first = next(iter(points.values()))[0]
    start = str(first).removesuffix(first.allowed)
    return InvalidArgument(first.name, first.value, "; ".join(lines).removeprefix(start))


def digest(*things: Any) -> str:
    """16 hexadecimal digits that tell JSON values apart."""
    return hashed(json.dumps(things, default=str))


def _files(values: Iterable[Any]) -> list[str]:
    """Digests of the files that options name."""
    paths = (os.path.expanduser(value) for value in values if isinstance(value, str))
    return [hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in paths if os.path.isfile(p)]


def _number(value: float) -> float | None:
    value = float(value)
    return None if math.isnan(value) else value


def _listed(values: Iterable[Any]) -> str:
    return ",".join(map(str, values))
