"""Sweeps: the same claims judged at every point of a grid of configurations, on dask.distributed.

A point is judged as by `check` in a process of its own, with the salt of the sweep and an
equal part of its error budget: its numbers are those of `check` at that configuration, whatever
the workers and the order. A finished point is a file in OUT.parts, so a sweep that was killed goes
on where it was; at the end the parts become one Parquet file.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory import registry
from theory.language.errors import InvalidArgument
from verify.experiments.kit import ProblemOptions, Progress, as_dict
from verify.judging.plural import number
from verify.problems.files import is_file_name
from verify.runs import check as run

if TYPE_CHECKING:
    from distributed import Client

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
WAIT = 30.0
"""Seconds in which a scheduler must answer and have a worker."""
AGAIN = "what is finished is kept, the same command goes on from there"
LOST = f"the scheduler is gone; {AGAIN}"
DEAD = f"all workers are gone, and none came back; {AGAIN}"
STILLBORN = (
    "the workers died when they started: killed, out of memory, or started by a script that calls "
    "main() without `if __name__ == '__main__'`"
)
POLL = 0.05
"""Seconds between two looks for results."""
DEATHS = 3
"""How often a point may lose its worker and be run again."""
NO_DASHBOARD = {"dashboard": False, "dashboard_address": ":0"}
"""Of the scheduler of a local cluster: port 8787 may be taken."""

_ONE_AT_A_TIME = threading.Lock()


class Lost(ConnectionError):
    """The scheduler or all workers are gone; what is finished is kept."""


@dataclass(frozen=True)
class Point:
    """A configuration of the grid. `digest` is that of the configuration, `key` of all it depends
    on: theorem, claims, configuration, salt, level, versions of the packages."""

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
        return tuple(run.select(self.theorem, self.patterns))

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
        found = {"theorem": self.theorem, "claims": self.claims, "salt": self.salt,
                 "budget": self.budget, "grid": self.grid, "versions": versions(),
                 "options": {k: v for k, v in options.items() if k not in self.grid}}  # fmt: skip
        return json.loads(json.dumps(found, default=str))

    def _point(self, index: int, varied: Mapping[str, Any], configuration: Any) -> Point:
        options = as_dict(configuration)
        own = digest(self.theorem, options, _files(options.values()))
        key = digest(self.claims, own, self.salt, self.level, versions())
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


# ---- the cluster ---------------------------------------------------------------------------------


@contextmanager
def connected(scheduler: str | None, workers: int) -> Iterator[Client]:
    """A client of the scheduler at that address, or of a local cluster of `workers` processes."""
    import dask
    from distributed import Client, LocalCluster

    settings = {
        "distributed.scheduler.allowed-failures": DEATHS,
        "distributed.scheduler.worker-saturation": 1.0,  # no point waits at a worker that dies
    }
    if scheduler is None:
        with _quiet(), dask.config.set(settings):
            try:
                cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True,
                    scheduler_kwargs=NO_DASHBOARD, silence_logs=logging.CRITICAL,
                )  # fmt: skip
            except (OSError, RuntimeError) as error:
                cause = error.__cause__ or error
                raise Lost(f"{STILLBORN} ({str(cause) or type(cause).__name__})") from None
            with cluster, Client(cluster) as client:
                yield client
        return
    try:
        client = Client(scheduler, timeout=WAIT)
    except (OSError, ValueError) as error:
        why = f"the address of a scheduler, such as tcp://127.0.0.1:8786 ({error})"
        raise InvalidArgument("scheduler", scheduler, why) from None
    with _quiet(), client:
        try:
            client.wait_for_workers(1, timeout=WAIT)
            client.run(require, versions())
        except TimeoutError:
            raise InvalidArgument("scheduler", scheduler, "one with a worker") from None
        except (ImportError, RuntimeError) as error:
            why = f"one whose workers have the same packages ({error})"
            raise InvalidArgument("scheduler", scheduler, why) from None
        yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """What dask logs of clusters that come and go, tracebacks too, is not for the user."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def results(
    sweep: Sweep,
    points: Sequence[Point],
    client: Client,
    progress: Progress | None = None,
) -> Iterator[tuple[Point, list[Row]]]:
    """The points with their rows, as they are finished; a point that fails has rows of ERROR.

    A point may be blamed for the death of a worker that another one killed, so those that are
    blamed run again at the end, each alone.
    """
    from distributed.scheduler import KilledWorker

    blamed: list[Point] = []
    done = 0
    for batch in itertools.chain([points], ([point] for point in blamed)):
        for point, answer in _answers(sweep, batch, client):
            if point and isinstance(answer, KilledWorker) and len(points) > 1 and batch is points:
                blamed.append(point)
            elif point:
                done += 1
                failed = isinstance(answer, BaseException)
                yield point, sweep.failed(point, _why(answer)) if failed else answer
            if progress:
                progress(done, len(points))


def _answers(
    sweep: Sweep, points: Sequence[Point], client: Client
) -> Iterator[tuple[Point | None, Any]]:
    """The points with what their work returned or raised; now and then no point."""
    from distributed import as_completed

    futures = client.map(
        sweep.measure,
        [point.configuration for point in points],
        theorem=registry.theorem(sweep.theorem),
        patterns=sweep.patterns,
        salt=sweep.salt,
        budget=sweep.level,
        expected=versions(),
        key="point",
        pure=False,
    )
    left = {f.key: point for f, point in zip(futures, points, strict=True)}
    arriving = as_completed(futures)
    del futures  # so that the scheduler forgets what has arrived
    seen = time.monotonic()  # when there was a worker
    while left:
        yield None, None
        if client.status != "running":
            raise Lost(f"{LOST} ({client.status})")
        if (now := time.monotonic()) - seen > WAIT / 2 and client.nthreads():
            seen = now
        if now - seen > WAIT:
            raise Lost(DEAD)
        for future in arriving.next_batch(block=False):
            try:
                answer = future.exception() or future.result()
            except (OSError, CancelledError) as lost:
                raise Lost(f"{LOST} ({type(lost).__name__})") from None
            yield left.pop(future.key), answer
        time.sleep(POLL)


def _why(error: BaseException) -> str:
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        times = number(error.allowed_failures + 1, "time")
        return f"its worker died {times}: killed, or out of memory"
    text = str(error).strip().partition("\n")[0]
    return text if isinstance(error, InvalidArgument) else f"{type(error).__name__}: {text}"


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
    return hashlib.sha256(json.dumps(things, default=str).encode()).hexdigest()[:16]


def _files(values: Iterable[Any]) -> list[str]:
    """Digests of the files that options name."""
    paths = (os.path.expanduser(value) for value in values if isinstance(value, str))
    return [hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in paths if os.path.isfile(p)]


def _number(value: float) -> float | None:
    value = float(value)
    return None if math.isnan(value) else value


def _listed(values: Iterable[Any]) -> str:
    return ",".join(map(str, values))
