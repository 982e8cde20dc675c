"""The command `python -m verify check`: train, measure, and judge the claims of a theorem."""

from __future__ import annotations

from typing import Any

import click

from verify.command_line.options import (
    UNFINISHED,
    TheoremCommand,
    check_salt,
    chosen_theorem,
    judging,
    patterns_of,
)
from verify.command_line.outputs import check_outputs, spare_inputs, write


@click.command(cls=TheoremCommand)
@judging("the judged ones")
@click.option("--json", "json_path", metavar="FILE", help="write everything to this file")
@click.option(
    "--figure", metavar="FILE", default="check.png", show_default=True, help=".png, .pdf or .svg"
)
@click.option("--no-figure", is_flag=True, help="draw nothing")
@click.option("--quiet", is_flag=True, help="print the line of summary alone")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    theorem: str | None,
    claims: str | None,
    salt: str,
    budget: float,
    json_path: str | None,
    figure: str,
    no_figure: bool,
    quiet: bool,
    **fields: Any,
) -> None:
    """Train, measure, and judge the claims of a theorem.

    Exit code 0: at least one claim holds, none is refuted, and none is vacuous, underpowered or
    not judged; nor out of its regime where --claims names it. 1: a claim is refuted. 2: wrong
    usage. 3: neither 0 nor 1. 4: not finished, e.g. an output could not be written.
    130: interrupted.
    """
    from verify.runs import check as run

    chosen = chosen_theorem(ctx)
    patterns = patterns_of(claims)
    run.select(chosen.name, patterns)
    outputs = {"json_path": json_path, "figure": None if no_figure else figure}
    check_outputs(outputs)
    configuration = chosen.load_configuration()(**fields)
    check_salt(salt)
    spare_inputs(
        outputs, {p.opts[0]: fields.get(p.name or "") for p in ctx.command.get_params(ctx)}
    )

    from rich.console import Console

    from verify.command_line.progress import progress
    from verify.reporting import report
    from verify.runs.text import summary

    with progress(quiet) as told:
        outcome = run.check(
            chosen.name, configuration, patterns=patterns, salt=salt, budget=budget, progress=told
        )

    def drawn() -> bytes:
        from verify.reporting import figure as picture

        return picture.draw(outcome, figure.rpartition(".")[2].lower())

    # files first: whoever reads the table through a pipe may leave
    code, written = outcome.exit_code, []
    contents = {"figure": drawn, "json_path": lambda: report.to_json(outcome, code)}
    if outcome.incomplete:
        click.echo(f"error: not finished: {outcome.incomplete}", err=True)
        code = code if code == run.REFUTED else UNFINISHED
    for name, content in contents.items():
        if (path := outputs[name]) is None:
            continue
        if write(path, content):
            written.append(path)
        elif code != run.REFUTED:
            code = UNFINISHED
    if quiet:
        click.echo(summary(outcome))
    else:
        report.show(outcome, Console(), json_path if json_path in written else None)
        if written:
            click.echo(f"written: {', '.join(written)}")
    ctx.exit(code)
