"""The commands that test the tests: `calibrate` (false alarms) and `power` (missed violations)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from theory.errors import InvalidArgument
from verify import _atomic
from verify._options import SALT, TheoremCommand, chosen_theorem, judging, patterns_of

if TYPE_CHECKING:
    from verify.experiment import Progress

INTERVAL = 10.0
"""Seconds between two lines of progress."""


def _listed(text: str | None) -> list[str]:
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def _numbers(name: str, text: str | None) -> list[float]:
    try:
        return [float(item) for item in _listed(text)]
    except ValueError:
        raise InvalidArgument(name, text, "numbers separated by commas") from None


def _write(path: str | None, content: Callable[[], bytes]) -> None:
    if path is not None:
        _atomic.write(path, content())


def _check(salt: str, path: str | None) -> None:
    from verify.cli import _check_salt

    _check_salt(salt)
    if path is not None:
        _atomic.check_writable("json", path)


@click.command()
@click.option("--repetitions", type=int, metavar="N",
              help="samples per helper and law; verdicts, suites and searches 1/20 to 1/50 of it "
              "[default: 20000]")  # fmt: skip
@click.option("--quick", is_flag=True, help="1000 repetitions")
@click.option("--levels", metavar="LEVEL,...", help="levels [default: 0.05,0.01,0.001]")
@click.option("--helpers", metavar="NAME,...", help="helpers or patterns such as 'judge*'")
@click.option("--eigenvalues", metavar="NUMBER,...", help="of the Gaussian quadratic form")
@click.option("--salt", default=SALT, show_default=True, help="salt of all seeds")
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
    _check(salt, json_path)

    from rich.console import Console

    from verify import calibrate as study
    from verify import nulls

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
    _write(json_path, lambda: study.to_json(found))
    study.show(found, Console())
    ctx.exit(found.exit_code)


@click.command(cls=TheoremCommand)
@judging("the judged ones")
@click.option("--json", "json_path", metavar="FILE", help="write everything to this file")
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
    """Tell what violation of each claim the same `check` would see, and with how many seeds.

    Exit code 0, whatever the verdicts.
    """
    from verify import run

    chosen, patterns = chosen_theorem(ctx), patterns_of(claims)
    run.select(chosen.name, patterns)
    _check(salt, json_path)
    configuration = chosen.load_experiment().configuration(**fields)

    from rich.console import Console

    from verify import power as study
    from verify._progress import progress

    with progress() as told:
        outcome = run.check(
            chosen.name, configuration, patterns=patterns, salt=salt, budget=budget, progress=told
        )
    found = study.powers(outcome)
    _write(json_path, lambda: study.to_json(outcome, found))
    study.show(outcome, found, Console())


def _line() -> Progress:
    shown = time.monotonic()

    def line(done: float, total: float) -> None:
        nonlocal shown
        if time.monotonic() - shown >= INTERVAL:
            shown = time.monotonic()
            click.echo(f"calibrating: {done:.1f} of {total:.0f} helpers on laws", err=True)

    return line
