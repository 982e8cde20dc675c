"""The processes that measure the points of a sweep, on dask.distributed."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from theory import registry
from theory.language.errors import InvalidArgument
from verify.experiments.kit import Progress
from verify.judging.plural import number
from verify.runs.sweep import Point, Row, Sweep, require, versions

if TYPE_CHECKING:
    from distributed import Client

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


class Lost(ConnectionError):
    """The scheduler or all workers are gone; what is finished is kept."""


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
        **_arguments(sweep),
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


def one_by_one(
    sweep: Sweep, points: Sequence[Point], progress: Progress | None = None
) -> Iterator[tuple[Point, list[Row]]]:
    """As `results`, in this process and without dask."""
    for done, point in enumerate(points, 1):
        try:
            rows = sweep.measure(point.configuration, **_arguments(sweep))
        except Exception as error:
            rows = sweep.failed(point, told(error))
        yield point, rows
        if progress:
            progress(done, len(points))


def _arguments(sweep: Sweep) -> dict[str, Any]:
    """What a measurement is told beside the configuration."""
    return {
        "theorem": registry.theorem(sweep.theorem),
        "patterns": sweep.patterns,
        "salt": sweep.salt,
        "budget": sweep.level,
        "expected": versions(),
    }


def _why(error: BaseException) -> str:
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        times = number(error.allowed_failures + 1, "time")
        return f"its worker died {times}: killed, or out of memory"
    return told(error)


def told(error: BaseException) -> str:
    """Why a point failed, in a line."""
    text = str(error).strip().partition("\n")[0]
    return text if isinstance(error, InvalidArgument) else f"{type(error).__name__}: {text}"
