"""The command `python -m verify check`: train, measure, and judge the claims of a theorem."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from theory import registry
from theory.language.errors import InvalidArgument
from verify.command_line.complaint import complain
from verify.command_line.options import (
    TheoremCommand,
    chosen_theorem,
    given_options,
    json_option,
    judging,
    patterns_of,
)
from verify.command_line.outputs import check_outputs, kind_of, spare_inputs, write_all
from verify.runs.codes import NOTHING_SAID, REFUTED, UNFINISHED

if TYPE_CHECKING:
    from verify.runs.check import Outcome


@click.command(cls=TheoremCommand)
@judging("those asked for")
@click.option("--all", "every", is_flag=True, help="all theorems, a line each")
@json_option
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
    every: bool,
    json_path: str | None,
    figure: str,
    no_figure: bool,
    quiet: bool,
    **fields: Any,
) -> None:
    """Train, measure, and judge the claims of a theorem, each at its home.

    The home of a claim is a configuration in its regime where the check is informative and quick.
    With any of the theorem's options below, all claims are judged in that one configuration; the
    options of another theorem: `check --theorem NAME --help`.

    Exit code 0: everything in reach holds, and nothing is refuted but what is known to be false
    as printed. 1: a claim is refuted, or a known refutation is gone. 2: wrong usage. 3: neither,
    such as a check that could not have failed. 4: not finished, e.g. an output could not be
    written. 130: interrupted. In a configuration that is given, claims out of their regime do not
    count, unless --claims names them.
    """
    chosen = chosen_theorem(ctx)
    given = given_options(ctx, fields)
    patterns = patterns_of(claims)
    outputs = {"json_path": json_path, "figure": None if no_figure or every else figure}
    check_outputs(outputs)
    if every:
        for name, value in (("theorem", theorem), ("claims", claims), *given.items()):
            if value is not None:
                raise InvalidArgument(name, value, "left out where --all is given")
        ctx.exit(_all(salt, budget, json_path, quiet))

    from verify.runs import check as run
    from verify.runs.selection import select

    select(chosen.name, patterns)
    configuration = chosen.load_configuration()(**given) if given else None
    spare_inputs(outputs, ctx, given)

    from rich.console import Console

    from verify.command_line.progress import progress
    from verify.reporting import as_json, report
    from verify.runs.text import summary

    options: dict[str, Any] = {"salt": salt, "budget": budget, "patterns": patterns}
    with progress(quiet) as told:
        outcomes = (
            run.at_home(chosen.name, **options, progress=told)
            if configuration is None
            else (run.check(chosen.name, configuration, **options, progress=told),)
        )

    def drawn(code: int) -> bytes:
        from verify.reporting import figure as picture

        return picture.draw(outcomes, kind_of(figure))

    # files first: whoever reads the table through a pipe may leave
    contents = {outputs["figure"]: drawn, json_path: lambda code: as_json.to_json(outcomes, code)}
    written, code = write_all(contents, _code(outcomes))
    if quiet:
        click.echo(summary(outcomes))
    else:
        kept = json_path in written and os.path.isfile(json_path or "")
        report.show(outcomes, Console(), json_path if kept else None)
        if written:
            click.echo(f"written: {', '.join(written)}")
    ctx.exit(code)


def _code(outcomes: Sequence[Outcome]) -> int:
    """The exit code; what stopped a measurement is said."""
    from verify.runs.check import exit_code

    code = exit_code(outcomes)
    for what in dict.fromkeys(outcome.incomplete for outcome in outcomes if outcome.incomplete):
        complain(f"not finished: {what}")
        code = code if code == REFUTED else UNFINISHED
    return code


def _all(salt: str, budget: float, json_path: str | None, quiet: bool) -> int:
    """Every theorem at its homes, written to a file if one is given. The exit code."""
    from verify.reporting import as_json

    code, contents = everything(salt, budget, quiet)
    whole = {"exit_code": code, "theorems": contents}
    written, code = write_all({json_path: lambda _: as_json.encoded(whole)}, code)
    for path in written:
        click.echo(f"written: {path}")
    return code


def everything(salt: str, budget: float, quiet: bool) -> tuple[int, list[dict[str, Any]]]:
    """Every theorem at its homes: a line each, and the claims that do not hold.

    The budget is split evenly over the theorems. Gives the exit code, and a theorem's JSON each.
    """
    from rich.console import Console
    from rich.text import Text

    from verify.command_line.progress import progress
    from verify.judging.plural import filled
    from verify.reporting import as_json, report
    from verify.runs import check as run
    from verify.runs.text import counts, one_line, seconds

    run.check_budget(budget)
    names, console = registry.theorems(), Console()
    codes, contents = [], []
    for name in names:
        with progress(quiet, name) as told:
            outcomes = run.at_home(name, salt=salt, budget=budget / len(names), progress=told)
        codes.append(_code(outcomes))
        contents.append(as_json.content(outcomes, codes[-1]))
        console.print(Text(f"{name}: {counts(outcomes)}; {seconds(outcomes)}"), soft_wrap=True)
        if not quiet:
            for text in (*report.reasons(outcomes), *report.out_of_reach(outcomes)):
                console.print(Text(filled(text, console.width, "  ", "    ")))
    if not quiet:
        console.print(Text(f"salt {one_line(salt)}, budget {budget:g} over all"), soft_wrap=True)
    code = next((c for c in (REFUTED, UNFINISHED, NOTHING_SAID) if c in codes), 0)
    return code, contents
