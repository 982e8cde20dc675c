"""The command `python -m verify calibrate`: false-alarm rates of the statistical helpers."""

from __future__ import annotations

from typing import Any

import click

from theory.language.errors import InvalidArgument
from verify.command_line.options import salt_option
from verify.command_line.outputs import check_json, write_json


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
    from verify.command_line.progress import progress

    count = study.QUICK if quick else study.REPETITIONS if repetitions is None else repetitions
    given: dict[str, Any] = {"patterns": _listed(helpers)}
    for name, text in ("levels", levels), ("eigenvalues", eigenvalues):
        given |= {} if text is None else {name: _numbers(name, text)}
    with progress(label="calibrating") as told:
        found = study.run(count, salt=salt, progress=told, **given)
    write_json(json_path, lambda: study.to_json(found))
    study.show(found, Console())
    ctx.exit(found.exit_code)


def _listed(text: str | None) -> list[str]:
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def _numbers(name: str, text: str) -> list[float]:
    try:
        return [float(item) for item in _listed(text)]
    except ValueError:
        raise InvalidArgument(name, text, "numbers separated by commas") from None
