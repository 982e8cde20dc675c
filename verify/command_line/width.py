"""The command `python -m verify width`: how wide the theory wants the network, and why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from verify.command_line.options import (
    TheoremCommand,
    chosen_theorem,
    given_options,
    grid_of,
    grid_option,
    json_option,
    salt_option,
)
from verify.command_line.outputs import check_outputs, kind_of, spare_inputs, write_json
from verify.runs import files

THEOREM = "width-requirement"


class _Width(TheoremCommand):
    @staticmethod
    def finder(args: Sequence[str]) -> str:
        return THEOREM


@click.command(cls=_Width)
@click.option(
    "--largest", type=int, default=2**14, show_default=True, help="widest network of the sweep"
)
@grid_option
@salt_option()
@json_option
@click.option(
    "--figure", metavar="FILE", default="width.png", show_default=True, help=".png, .pdf or .svg"
)
@click.option("--no-figure", is_flag=True, help="draw nothing")
@click.pass_context
def width(
    ctx: click.Context,
    /,
    largest: int,
    grid: tuple[str, ...],
    salt: str,
    json_path: str | None,
    figure: str,
    no_figure: bool,
    **fields: Any,
) -> None:
    """Evaluate the required width m*, and measure from which width on things work.

    With --grid a table and a picture of what each step of the proof gives away, at every
    combination of the values. Exit code 0, whatever the widths.
    """
    drawn = None if no_figure else figure
    outputs = {"json_path": json_path, "figure": drawn}
    check_outputs(outputs)
    given, values = given_options(ctx, fields), grid_of(ctx, grid)
    configuration = chosen_theorem(ctx).load_configuration()(**given)
    spare_inputs(outputs, ctx, given, values)

    from rich.console import Console

    from verify.command_line.progress import progress
    from verify.experiments.width_requirement import study
    from verify.reporting import slack_map
    from verify.reporting import width_study as report

    run: Any = partial(slack_map.run, grid=values) if values else study.run
    shown: Any = slack_map if values else report
    with progress() as told:
        found = run(configuration, salt=salt, largest=largest, progress=told)
    write_json(json_path, lambda: shown.to_json(found))
    picture = drawn is not None and files.write(drawn, shown.draw(found, kind_of(drawn)))
    shown.show(found, Console())
    if picture:
        click.echo(f"written: {drawn}")
