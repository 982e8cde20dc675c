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
    start = shown = time.monotonic()

    def line(done: float, total: float) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= INTERVAL:
            seconds = (now - start) * (total - done) / done if done else 0
            left = f"about {seconds:.0f} s left" if done else "no estimate yet"
            click.echo(f"{label}: {done / total:.0%}, {left}", err=True)
            shown = now

    return line
