"""Points of a grid in processes: what `sweep` and `reproduce` share of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from verify.command_line.options import DRAWN, WrongUsage
from verify.judging.plural import number
from verify.runs.codes import UNFINISHED

if TYPE_CHECKING:
    from verify.experiments.kit import Progress
    from verify.runs.sweep import Point, Row, Sweep
    from verify.runs.sweep_files import Store


class Unfinished(WrongUsage):
    exit_code = UNFINISHED


def require(command: str, *, scheduler: str | None = None, workers: int | None = None) -> None:
    """WrongUsage unless what files, and processes where they are asked for, need is installed."""
    needed = {"pyarrow": "pyarrow"}
    if scheduler is not None or (workers or 1) > 1:
        needed["distributed"] = "dask.distributed"
    for module, package in needed.items():
        try:
            import_module(module)
        except ImportError as error:
            with_what = "" if module == "pyarrow" else " with --workers or --scheduler"
            raise WrongUsage(
                f"{command}{with_what} needs {package}: pip install 'theorem-gate[sweep]' ({error})"
            ) from None


def salt_for(ctx: click.Context, salt: str, out: str) -> str:
    """The salt of the run; `random` goes on with that of a run which was interrupted."""
    from verify.runs.sweep_files import begun

    before = begun(out) if ctx.meta.get(DRAWN) else None
    if before is None:
        return salt
    click.echo(f"note: {out}.parts is not finished, and goes on: salt {before}", err=True)
    return before


def rows_of(
    store: Store,
    label: str,
    *,
    scheduler: str | None = None,
    workers: int | None,
) -> dict[int, list[Row]]:
    """The rows of all points by index; those that are not finished are measured, and kept.

    The longest are begun first. Without dask all are measured here, one after the other.
    """
    plan = store.sweep
    found, corrupt = store.finished()
    for part in corrupt:
        click.echo(f"note: {part} cannot be read, the point is run again", err=True)
    if found:
        points = number(len(plan.points), "point", "were")
        click.echo(f"{len(found)} of {points} finished before", err=True)
    works = {p.index: plan.work(p.configuration) for p in plan.points if p.index not in found}
    if not works:
        return found
    left = sorted((plan.points[index] for index in works), key=lambda p: -works[p.index])

    from verify.command_line.progress import progress
    from verify.runs import cluster

    with progress(label=label) as tell:

        def told(done: float, total: float) -> None:
            if tell:
                tell(sum(works[index] for index in works.keys() & found), sum(works.values()))

        try:
            with _measured(plan, left, told, scheduler, workers) as arriving:
                for point, rows in arriving:
                    found[point.index] = store.add(point, rows)
        except cluster.Lost as error:
            raise Unfinished(f"not finished: {error}") from None
    return found


@contextmanager
def _measured(
    plan: Sweep,
    points: Sequence[Point],
    progress: Progress,
    scheduler: str | None,
    workers: int | None,
) -> Iterator[Iterator[tuple[Point, list[Row]]]]:
    """The points with their rows as they are finished, in processes of dask where it is there."""
    from verify.runs import cluster

    try:
        import distributed  # noqa: F401
        from dask.system import CPU_COUNT
    except ImportError:
        click.echo("note: one point after the other, for dask.distributed is missing", err=True)
        yield cluster.one_by_one(plan, points, progress)
        return
    count = min(len(points), workers or CPU_COUNT)
    with cluster.connected(scheduler, count) as client:
        yield cluster.results(plan, points, client, progress)
