"""The command `python -m verify reproduce`: published experiments run again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from theory.language.errors import InvalidArgument, on_lines
from verify.command_line.options import salt_option
from verify.command_line.outputs import check_outputs, kind_of, same, write_all
from verify.command_line.points import require, rows_of, salt_for
from verify.judging.budget import TOTAL
from verify.judging.plural import filled, number
from verify.judging.verdict import Verdict
from verify.runs.codes import NOTHING_SAID, REFUTED, UNFINISHED

if TYPE_CHECKING:
    from verify.judging.verdict import Judgement
    from verify.runs.reproduction import Reproduction
    from verify.runs.sweep import Row

WORST = 5
"""Refuted claims and failed points that are told one by one."""


@click.command()
@click.argument("name", required=False)
@click.option("--quick", is_flag=True, help="a coarser grid, under a minute")
@click.option("--data", metavar="FILE", help="another data set, where the experiment takes data")
@click.option("--out", metavar="FILE", help="results in Parquet; what is finished is kept in "
              "FILE.parts [default: NAME.parquet, NAME-quick.parquet]")  # fmt: skip
@click.option("--json", "json_path", metavar="FILE", help="[default: that of --out as .json]")
@click.option("--figure", metavar="FILE",
              help=".png, .pdf or .svg [default: that of --out as .png]")  # fmt: skip
@click.option("--no-figure", is_flag=True, help="draw nothing")
@click.option("--workers", type=click.IntRange(min=1), metavar="N",
              help="processes [default: one per core]")  # fmt: skip
@salt_option()
@click.option("--budget", type=float, default=TOTAL, show_default=True,
              help="probability that true claims are refuted, over all of them")  # fmt: skip
@click.pass_context
def reproduce(
    ctx: click.Context,
    /,
    name: str | None,
    quick: bool,
    data: str | None,
    out: str | None,
    json_path: str | None,
    figure: str | None,
    no_figure: bool,
    workers: int | None,
    salt: str,
    budget: float,
) -> None:
    """Run a published experiment again: NAME, or without it list them all (extra `sweep`).

    A picture shows what was measured beside what the theory predicts. The trends that the paper
    reads off are claims, and judged. The same command goes on after an interruption.

    Exit code, as of `check`: 0 all that was judged holds, 1 something is refuted, 3 neither, 4 a
    point failed or a file was not written.
    """
    if name is None:
        _list()
        return
    require("reproduce", workers=workers)

    from verify.runs import reproduction
    from verify.runs.sweep_files import Store

    start = time.monotonic()
    reproduction.find(name)
    out = out or f"{name}{'-quick' * quick}.parquet"
    stem = out.removesuffix(".parquet")
    outputs = {"json_path": json_path or f"{stem}.json",
               "figure": None if no_figure else figure or f"{stem}.png"}  # fmt: skip
    check_outputs(outputs)
    for path in (out, *outputs.values()):
        if data is not None and path and same(path, os.path.expanduser(data)):
            raise InvalidArgument("out", path, "another file than that of --data")
    if len({os.path.realpath(p) for p in (out, *outputs.values()) if p}) < 3 - no_figure:
        raise InvalidArgument("out", out, "another file than --json and --figure")
    salt = salt_for(ctx, salt, out)
    plan = reproduction.Reproduction.of(
        name, salt=salt, budget=budget, quick=quick, given=_given(name, data)
    )
    store = Store(plan, out)
    found = rows_of(store, name, workers=workers)
    store.merge(found)
    ctx.exit(_told(plan, found, outputs, out, time.monotonic() - start))


def _list() -> None:
    """Every experiment with what it shows, where it is printed, and how long it takes."""
    from verify.runs.reproduction import every

    for theorem, each in every():
        seconds = round(60 * each.minutes)
        told = number(seconds, "second") if seconds < 60 else number(round(each.minutes), "minute")
        click.echo(f"{each.name} ({theorem}; {told})")
        for text in (each.words, f"{each.paper}; {each.figure}"):
            click.echo(filled(text, 80, "  ", "  "))
    click.echo("times: on 2 cores; `reproduce NAME` runs one")


def _given(name: str, data: str | None) -> dict[str, Any]:
    """The user's data, where the experiment trains on any."""
    from verify.runs.reproduction import find

    if data is None:
        return {}
    _, published = find(name)
    if "data" not in published.fields:
        raise InvalidArgument("data", data, f"left out: {name} has data of its own")
    return {"data": data}


def _told(
    plan: Reproduction,
    found: Mapping[int, list[Row]],
    outputs: Mapping[str, str | None],
    out: str,
    seconds: float,
) -> int:
    """Judge, write the files, say what was found. The exit code."""
    from verify.reporting import reproduced
    from verify.runs import reproduction
    from verify.runs.sweep import ERROR

    rows = [row for index in sorted(found) for row in found[index]]
    failed = [row for row in rows if row["verdict"] == ERROR]
    results = reproduction.results(plan, found)
    trends = [] if failed else reproduction.judged(plan, results)
    shown = reproduced.panels(plan, results) if results.series else []
    figure = outputs["figure"] if shown else None
    contents: dict[str | None, Callable[[int], bytes]] = {
        figure: lambda _: reproduced.draw(plan, shown, kind_of(str(figure))),
        outputs["json_path"]: lambda code: reproduced.to_json(
            plan, shown, trends, rows, code, seconds
        ),
    }
    written, code = write_all(contents, exit_code(rows, trends))
    for line in reproduced.lines(plan, results, trends):
        click.echo(line)
    _say(plan, rows)
    if failed:
        click.echo(f"not judged: {number(len(failed), 'point')} failed", err=True)
    files = ", ".join([out, *written])
    click.echo(on_lines(f"salt {plan.salt}, {seconds:.1f} s, written: {files}"))
    return code


def _say(plan: Reproduction, rows: Sequence[Row]) -> None:
    """Of claims judged at points how often each verdict came; what is refuted or failed."""
    from verify.runs.sweep import ERROR

    for claim in plan.claims:
        verdicts = [row["verdict"] for row in rows if row["series"] == claim]
        counts = {v: verdicts.count(v) for v in dict.fromkeys(verdicts)}
        listed = ", ".join(f"{v} at {number(n, 'point')}" for v, n in counts.items())
        click.echo(f"{claim}: {listed}")
    bad = [row for row in rows if row["verdict"] in (ERROR, Verdict.REFUTED.value)]
    for row in bad[:WORST]:
        at = plan.points[row["point"]]
        click.echo(f"{row['verdict']} {row['series']} at ({at}): {row['reason']}")
    if len(bad) > WORST:
        click.echo(f"and {len(bad) - WORST} more, all are in the file")


def exit_code(rows: Sequence[Row], trends: Sequence[Judgement]) -> int:
    """1: something is refuted. 4: a point failed. 0: all that was judged in its regime holds, and
    that is not nothing. 3: neither."""
    from verify.runs.sweep import ERROR

    verdicts = {row["verdict"] for row in rows} | {j.verdict.value for j in trends}
    verdicts -= {"", Verdict.OUT_OF_REGIME.value}
    if Verdict.REFUTED.value in verdicts:
        return REFUTED
    if ERROR in verdicts:
        return UNFINISHED
    return 0 if verdicts == {Verdict.HOLDS.value} else NOTHING_SAID
