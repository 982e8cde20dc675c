"""The command `python -m verify sweep`: claims at every point of a grid of configurations."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from theory.language.errors import InvalidArgument
from verify.command_line.options import (
    TheoremCommand,
    chosen_theorem,
    given_options,
    grid_of,
    grid_option,
    judging,
    patterns_of,
)
from verify.command_line.points import require, rows_of, salt_for
from verify.judging.plural import number
from verify.runs.codes import NOTHING_SAID, REFUTED, UNFINISHED

if TYPE_CHECKING:
    from verify.runs.sweep import Row, Sweep

SHORT = {
    "REFUTED": "REFUTED",
    "ERROR": "ERROR",
    "NOT_JUDGED": "NONE",
    "VACUOUS": "VACUOUS",
    "UNDERPOWERED": "UNDER",
    "OUT_OF_REGIME": "OUT",
    "HOLDS": "HOLDS",
}
"""Verdicts from worst to best, as the table shows them."""

MOST_POINTS = 40
"""Points in the table; of more, the worst."""

NAME = 14
"""Columns for the name of a claim in the table."""


@click.command(cls=TheoremCommand)
@judging("points and judged claims")
@grid_option
@click.option("--out", metavar="FILE", default="sweep.parquet", show_default=True,
              help="results in Parquet; what is finished is kept in FILE.parts")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="of a dask cluster [default: a local one]")
@click.option("--workers", type=click.IntRange(min=1), metavar="N",
              help="processes of the local cluster [default: one per core]")  # fmt: skip
@click.pass_context
def sweep(
    ctx: click.Context,
    /,
    theorem: str | None,
    claims: str | None,
    grid: tuple[str, ...],
    out: str,
    scheduler: str | None,
    workers: int | None,
    salt: str,
    budget: float,
    **fields: Any,
) -> None:
    """Judge claims at every point of a grid, in several processes (needs the extra `sweep`).

    The same command goes on after an interruption, and runs again what failed. Exit code: the
    worst of what `check` gives at the points, from 1 (refuted) over 4 (a point failed) and 3 to 0.
    """
    require("sweep", scheduler=scheduler, workers=workers)

    from verify.runs import sweep as engine
    from verify.runs.sweep_files import Store

    start, patterns = time.monotonic(), patterns_of(claims)
    values = grid_of(ctx, grid)
    if scheduler is not None and workers is not None:
        raise InvalidArgument("workers", workers, "left out where --scheduler is given")
    common = given_options(ctx, fields)
    salt = salt_for(ctx, salt, out)
    plan = engine.Sweep(chosen_theorem(ctx).name, patterns, common, values, salt, budget)
    store = Store(plan, out)
    found = rows_of(store, "sweep", scheduler=scheduler, workers=workers)
    store.merge(found)

    from rich.console import Console

    rows = [row for index in sorted(found) for row in found[index]]
    width, seconds = Console().width, time.monotonic() - start
    for line in table(plan, rows, width):
        click.echo(line)
    settings = f"salt {salt}, budget {budget:g}, {seconds:.1f} s, written: {out}"
    for line in _filled(f"{_counts(rows)}; {settings}", width):
        click.echo(line)
    ctx.exit(exit_code(rows, bool(patterns)))


def exit_code(rows: Sequence[Row], named: bool) -> int:
    """The worst of the points: 1 refuted, 4 failed, 3 not all that counts holds, 0 all does.

    Where no claim is named, those out of their regime do not count.
    """
    points: dict[int, set[str]] = {}
    for row in rows:
        points.setdefault(row["point"], set()).add(row["verdict"])
    every = set().union(*points.values())
    if "REFUTED" in every:
        return REFUTED
    if "ERROR" in every:
        return UNFINISHED
    elsewhere = set() if named else {"OUT_OF_REGIME"}
    return 0 if all(own - elsewhere == {"HOLDS"} for own in points.values()) else NOTHING_SAID


def table(plan: Sweep, rows: Sequence[Row], width: int) -> Iterator[str]:
    """Lines with the verdicts of points and claims, the worst of each claim, and what failed."""
    order = list(SHORT)
    cells = {(row["point"], row["claim"]): row["verdict"] for row in rows}

    def worst(verdicts: Iterator[str]) -> str:
        return min(verdicts, key=order.index)

    by_claim = {c: worst(cells[p.index, c] for p in plan.points) for c in plan.claims}
    best = {c: all(cells[p.index, c] == "OUT_OF_REGIME" for p in plan.points) for c in plan.claims}
    shown = [claim for claim in plan.claims if not best[claim]]
    points = sorted(
        plan.points, key=lambda p: order.index(worst(cells[p.index, c] for c in plan.claims))
    )[:MOST_POINTS]
    points.sort(key=lambda p: p.index)
    left = [[name, *(f"{p.varied[name]}" for p in points), ""] for name in plan.grid]
    columns = [
        [*_broken(claim), *(SHORT[cells[p.index, claim]] for p in points), SHORT[by_claim[claim]]]
        for claim in shown
    ]
    left[0][-1] = "worst"
    for block in _blocks(left, columns, len(points) + 1, width):
        yield from block
    if len(points) < len(plan.points):
        yield f"the worst {len(points)} of {number(len(plan.points), 'point')}; all are in the file"
    elsewhere = [claim for claim in plan.claims if best[claim]]
    if elsewhere:
        yield from _filled(f"OUT_OF_REGIME at every point: {', '.join(elsewhere)}", width)
    for reason, where in _reasons(rows).items():
        at = ", ".join(f"({plan.points[index]})" for index in where[:3])
        more = f" and {len(where) - 3} more" if len(where) > 3 else ""
        yield from _filled(f"ERROR at {at}{more}: {reason}", width)
    for row in rows:
        if row["verdict"] == "REFUTED":
            why = row["reason"] or f"measured {row['measured']:.6g}, bound {row['bound']:.6g}"
            yield from _filled(
                f"REFUTED {row['claim']} at ({plan.points[row['point']]}): {why}", width
            )


def _blocks(
    left: list[list[str]], columns: list[list[str]], body: int, width: int
) -> Iterator[list[str]]:
    """Tables side by side no wider than `width`: the points, and as many claims as fit.

    A column has any number of lines of head, then `body` cells.
    """
    room = width - sum(1 + max(map(len, column)) for column in left)
    while columns:
        taken = 0
        used = 0
        for column in columns:
            used += 1 + max(map(len, column))
            if used > room and taken:
                break
            taken += 1
        block, columns = [*left, *columns[:taken]], columns[taken:]
        height = max(map(len, block))
        padded = [[""] * (height - len(column)) + column for column in block]
        sizes = [max(map(len, column)) for column in padded]
        rows = zip(*padded, strict=True)
        yield [
            " ".join(f"{cell:<{size}}" for cell, size in zip(row, sizes, strict=True)).rstrip()
            for row in rows
        ]


def _broken(name: str) -> list[str]:
    """The name of a claim on lines of at most NAME columns, if possible broken after a slash."""
    lines = textwrap.wrap(name.replace("/", "/ "), NAME)
    return [line.replace("/ ", "/") for line in lines]


def _filled(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)


def _reasons(rows: Sequence[Row]) -> dict[str, list[int]]:
    """The points that failed, by reason."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["verdict"] == "ERROR" and row["point"] not in found.setdefault(row["reason"], []):
            found[row["reason"]].append(row["point"])
    return found


def _counts(rows: Sequence[Row]) -> str:
    from verify.runs.text import WORDS

    words = {verdict.value: word for verdict, word in WORDS.items()}
    verdicts, points = [row["verdict"] for row in rows], {row["point"] for row in rows}
    counts = [f"{verdicts.count(v)} {words.get(v, SHORT[v].lower())}"
              for v in reversed(SHORT) if v in verdicts]  # fmt: skip
    claims = len(rows) // len(points)
    plurals = [
        f"{n} {word}{'s' * (n > 1)}" for n, word in ((len(points), "point"), (claims, "claim"))
    ]
    return f"{', '.join(plurals)}: {', '.join(counts)}"
