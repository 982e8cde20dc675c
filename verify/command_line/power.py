"""The command `python -m verify power`: what violation of each claim a check would see."""

from __future__ import annotations

from typing import Any

import click

from verify.command_line.options import (
    TheoremCommand,
    chosen_theorem,
    given_options,
    json_option,
    judging,
    patterns_of,
)
from verify.command_line.outputs import check_json, spare_inputs, write_json


@click.command(cls=TheoremCommand)
@judging("the judged ones")
@json_option
@click.pass_context
def power(
    ctx: click.Context,
    /,
    theorem: str | None,
    claims: str | None,
    salt: str,
    budget: float,
    json_path: str | None,
    **fields: Any,
) -> None:
    """Tell what violation of each claim the same `check` would see, and with how many runs.

    Exit code 0, whatever the verdicts.
    """
    from verify.runs import check as run
    from verify.runs.selection import select

    chosen, patterns = chosen_theorem(ctx), patterns_of(claims)
    select(chosen.name, patterns)
    check_json(json_path)
    given = given_options(ctx, fields)
    configuration = chosen.load_configuration()(**given)
    spare_inputs({"json_path": json_path}, ctx, given)

    from rich.console import Console

    from verify.audit import power as study
    from verify.command_line.progress import progress

    with progress() as told:
        outcome = run.check(
            chosen.name, configuration, patterns=patterns, salt=salt, budget=budget, progress=told
        )
    found = study.powers(outcome)
    write_json(json_path, lambda: study.to_json(outcome, found))
    study.show(outcome, found, Console())
