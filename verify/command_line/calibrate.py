"""The command `python -m verify calibrate`: false-alarm rates of the statistical helpers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from theory.language.errors import InvalidArgument
from verify.command_line.options import salt_option
from verify.command_line.outputs import check_json, write_json

if TYPE_CHECKING:
    from verify.experiments.kit import Progress

INTERVAL = 10.0
"""Seconds between two lines of progress."""


@click.command()
@click.option("--repetitions", type=int, metavar="N",
              help="samples per helper and law; verdicts, suites and searches 1/20 to 1/50 of it "
              "[default: 20000]")  # fmt: skip
@click.option("--quick", is_flag=True, help="1000 repetitions")
@click.option("--levels", metavar="LEVEL,...", help="levels [default: 0.05,0.01,0.001]")
@click.option("--helpers", metavar="NAME,...", help="helpers or patterns such as 'judge*'")
@click.option("--eigenvalues", metavar="NUMBER,...", help="of the Gaussian quadratic form")
@salt_option()
@click.option("--json", "json_path", metavar="FILE", help="write all rates to this file")
@click.pass_context
def calibrate(
    ctx: click.Context,
    /,
    repetitions: int | None,
    quick: bool,
    levels: str | None,
    helpers: str | None,
    eigenvalues: str | None,
    salt: str,
    json_path: str | None,
) -> None:
    """Measure the false-alarm rates of the statistical helpers on true claims.

    Exit code 1: a rate is above its level, by an exact binomial test; 0: none is.
    """
    if quick and repetitions is not None:
        raise InvalidArgument("quick", True, "left out where --repetitions is given")
    check_json(json_path)

    from rich.console import Console

    from verify.audit import calibrate as study
    from verify.audit import nulls

    count = study.QUICK if quick else study.REPETITIONS if repetitions is None else repetitions
    found = study.run(
        count,
        salt=salt,
        levels=_numbers("levels", levels) if levels is not None else study.LEVELS,
        patterns=_listed(helpers),
        eigenvalues=_numbers("eigenvalues", eigenvalues) if eigenvalues is not None
        else nulls.EIGENVALUES,
        progress=_line(),
    )  # fmt: skip
    write_json(json_path, lambda: study.to_json(found))
    study.show(found, Console())
    ctx.exit(found.exit_code)


def _listed(text: str | None) -> list[str]:
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def _numbers(name: str, text: str | None) -> list[float]:
    try:
        return [float(item) for item in _listed(text)]
    except ValueError:
        raise InvalidArgument(name, text, "numbers separated by commas") from None


def _line() -> Progress:
    shown = time.monotonic()

    def line(done: float, total: float) -> None:
        nonlocal shown
        if time.monotonic() - shown >= INTERVAL:
            shown = time.monotonic()
            click.echo(f"calibrating: {done:.1f} of {total:.0f} helpers on laws", err=True)

    return line
