"""Progress on stderr: a bar with an estimate on a terminal, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from verify.experiments.kit import Progress

INTERVAL = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def progress(quiet: bool = False, label: str = "training") -> Iterator[Progress | None]:
    """A callback that shows the work done and the time left."""
    console = Console(stderr=True)
    if quiet:
        yield None
    elif not console.is_terminal:
        yield _lines(label)
    else:
        left = TextColumn("left:"), TimeRemainingColumn()
        columns = TextColumn(label), BarColumn(), TaskProgressColumn(), *left
        with Bar(*columns, console=console, transient=True) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(label: str) -> Progress:
    shown = time.monotonic()
    began: tuple[float, float] | None = None

    def line(done: float, total: float) -> None:
        nonlocal shown, began
        now = time.monotonic()
        if began is None and done > 0:
            began = now, done
        if now - shown >= INTERVAL:
            click.echo(f"{label}: {done / total:.0%}, {_left(began, now, done, total)}", err=True)
            shown = now

    return line


def _left(began: tuple[float, float] | None, now: float, done: float, total: float) -> str:
    """The time left, by the pace since the first work was done.

    What comes before that is compiling and drawing, which the rest will not need again. Seeds
    are told of in bursts, a chunk at a time: what a moment shows is no pace.
    """
    if done >= total:
        return "about 0 s left"
    if began is None or now - began[0] < INTERVAL or done <= began[1]:
        return "no estimate yet"
    seconds = (now - began[0]) * (total - done) / (done - began[1])
    return f"about {seconds:.0f} s left"
