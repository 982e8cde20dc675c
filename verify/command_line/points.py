"""Points of a grid in processes: what `sweep` and `reproduce` share of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from verify.command_line.options import WrongUsage
from verify.judging.plural import number
from verify.runs.codes import UNFINISHED

if TYPE_CHECKING:
    from verify.runs.sweep import Row
    from verify.runs.sweep_files import Store


class Unfinished(WrongUsage):
    exit_code = UNFINISHED


def require(command: str) -> None:
    """WrongUsage unless what the processes need is installed."""
    try:
        import distributed  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise WrongUsage(
            f"{command} needs dask.distributed and pyarrow: pip install 'theorem-gate[sweep]' "
            f"({error})"
        ) from None


def rows_of(
    store: Store,
    label: str,
    *,
    scheduler: str | None = None,
    workers: int | None,
) -> dict[int, list[Row]]:
    """The rows of all points by index; those that are not finished are measured, and kept.

    The longest are begun first.
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

    from dask.system import CPU_COUNT

    from verify.command_line.progress import progress
    from verify.runs import cluster

    count = min(len(left), workers or CPU_COUNT)
    try:
        with cluster.connected(scheduler, count) as client, progress(label=label) as tell:

            def told(done: float, total: float) -> None:
                if tell:
                    tell(sum(works[index] for index in works.keys() & found), sum(works.values()))

            for point, rows in cluster.results(plan, left, client, told):
                found[point.index] = store.add(point, rows)
    except cluster.Lost as error:
        raise Unfinished(f"not finished: {error}") from None
    return found
