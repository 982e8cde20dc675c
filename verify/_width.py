"""The command `python -m verify width`: how wide the theory wants the network, and why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from verify import _atomic
from verify._options import SALT, TheoremCommand, chosen_theorem, grid_of, grid_option

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
@click.option("--salt", default=SALT, show_default=True, help="salt of all seeds")
@click.option("--json", "json_path", metavar="FILE", help="write everything to this file")
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
    from verify.cli import _check_outputs, _check_salt

    drawn = None if no_figure else figure
    _check_outputs({"json_path": json_path, "figure": drawn})
    _check_salt(salt)
    configuration = chosen_theorem(ctx).load_experiment().configuration(**fields)

    from rich.console import Console

    from verify._progress import progress
    from verify.width_requirement import report, slack_map, study

    values = grid_of(ctx, grid)
    run: Any = partial(slack_map.run, grid=values) if values else study.run
    shown: Any = slack_map if values else report
    with progress() as told:
        found = run(configuration, salt=salt, largest=largest, progress=told)
    if json_path is not None:
        _atomic.write(json_path, shown.to_json(found))
    if drawn is not None:
        _atomic.write(drawn, shown.draw(found, drawn.rpartition(".")[2].lower()))
    shown.show(found, Console())
    if drawn is not None:
        click.echo(f"written: {drawn}")
