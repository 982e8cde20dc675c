"""The command `python -m verify search`: where is a claim nearest to being violated."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theory import registry
from theory.language.errors import InvalidArgument
from verify.command_line.options import salt_option
from verify.judging.plural import filled, number
from verify.runs import files
from verify.runs.codes import NOTHING_SAID, REFUTED
from verify.runs.invocation import command, operand

if TYPE_CHECKING:
    from verify.runs.search import Found, Search

DEFAULT_SECONDS = 60.0


@click.command()
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM...")
@click.option("--seconds", type=float, help="time for each claim [default: 60, or --trials alone]")
@click.option("--trials", type=click.IntRange(min=1), help="configurations to try for each claim")
@salt_option("search")
@click.option(
    "--budget", type=float, default=1e-6, show_default=True, help="false alarms per claim"
)
@click.option(
    "--below",
    type=float,
    default=1.0,
    show_default=True,
    help="count checkpoints whose bound is below this share of the trivial one",
)
@click.option(
    "--ignore-premise",
    metavar="PATTERN",
    multiple=True,
    help="search outside these premises too, such as 'm >= *'; it is then another, stronger claim",
)
@click.option(
    "--json", "json_path", metavar="FILE", help="write the worst cases, for `replay`: a file, or a "
    "directory where there are several claims"
)  # fmt: skip
@click.pass_context
def search(
    ctx: click.Context,
    claims: tuple[str, ...],
    seconds: float | None,
    trials: int | None,
    salt: str,
    budget: float,
    below: float,
    ignore_premise: tuple[str, ...],
    json_path: str | None,
) -> None:
    """Look for the configuration in which each CLAIM (a name or a pattern) is nearest to violation.

    Nearness is lower confidence limit/bound; with an exception of a share delta of the
    initialisations, the one that this share exceeds; of a probability, the share of failures/the
    share allowed, by chance also above 1. Exit code 1: a claim is refuted. 0: none is,
    and one is informative somewhere. 3: none is informative anywhere.
    """
    from verify.runs import replay as cases
    from verify.runs.search import Search
    from verify.runs.selection import matching

    if seconds is not None and not 0 < seconds < math.inf:
        raise InvalidArgument("--seconds", seconds, "a positive number")
    if not 0 < budget < 1:
        raise InvalidArgument("--budget", budget, "in (0, 1)")
    if not 0 < below <= 1:
        raise InvalidArgument("--below", below, "in (0, 1]")
    if seconds is None and trials is None:
        seconds = DEFAULT_SECONDS
    asked = matching(claims)
    paths = _paths(json_path, list(asked))
    codes = []
    for name, theorem in asked.items():
        claim = registry.claim(name)
        if ignore_premise:
            claim = cases.without(claim, "; ".join(ignore_premise))
        experiment = registry.theorem(theorem).load_experiment()
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        options: dict[str, Any] = {} if trials is None else {"most": trials}
        hunt = Search(claim, experiment, salt, budget, deadline, below=below,
                      tell=_teller(deadline, trials), **options)  # fmt: skip
        best = hunt.run(experiment.strategy(claim.name))
        click.echo(_line(hunt, best))
        codes.append(NOTHING_SAID if best is None else REFUTED if best.refuted else 0)
        if best is not None and (path := paths.get(name)) is not None:
            case = cases.Case(theorem, best.configuration, best.salt, len(best.samples))
            files.write(
                path, cases.to_json(case, [(claim, best.samples, best.judgement)], hunt.level)
            )
            if os.path.isfile(path):
                click.echo(f"  {command('replay', operand(path))}")
    ctx.exit(REFUTED if REFUTED in codes else 0 if 0 in codes else NOTHING_SAID)


def _paths(path: str | None, names: Sequence[str]) -> dict[str, str]:
    """Where the case of each claim goes."""
    if path is None:
        return {}
    if len(names) == 1 and not Path(path).is_dir():
        found = {names[0]: path}
    else:
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = f"a directory that can be made ({error.strerror})"
            raise InvalidArgument("--json", path, why) from None
        found = {name: str(Path(path, f"{name.replace('/', '-')}.json")) for name in names}
    for each in found.values():
        files.check_writable("--json", each)
    return found


def _line(hunt: Search, best: Found | None) -> str:
    """What came of one search; its lines are as long as the console is wide."""
    from rich.console import Console

    from theory.language.kinds import Mode
    from verify.runs.counterexample import described, place

    tried = f"{number(hunt.trials, 'configuration')}, {hunt.informative} informative"
    if best is None:
        return f"{hunt.claim.name}: nowhere informative ({tried})"
    j = best.judgement
    shares = hunt.claim.kind.mode is Mode.PROBABILITY
    nearness = "failures/allowed" if shares else "lower limit/bound"
    where = f"checkpoint {place(hunt.claim, best.samples[0], j)}"
    if shares:
        where = number(j.checkpoints, "trial")
    many = f", {len(best.samples)} initialisations" if len(best.samples) > 1 else ""
    head = f"{hunt.claim.name}: {j.verdict.value}, {nearness} {best.score:.4g} ({tried})"
    numbers = f"bound {j.bound:.6g}, measured {j.measured:.6g}, {where}"
    numbers += f"; {j.reason}" if j.reason else ""
    width, lines = Console().width, (f"{described(best.configuration)}{many}", numbers)
    return "\n".join([head, *(filled(line, width, "  ", "    ") for line in lines)])


def _teller(deadline: float, trials: int | None) -> Callable[[Search], None]:
    """A line on stderr that tells how the search stands."""
    shown = 0.0

    def tell(hunt: Search) -> None:
        nonlocal shown
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if now - shown < (0.2 if terminal else 10.0):
            return
        shown = now
        best = f"{hunt.best.score:.3g}" if hunt.best else "none"
        left = f"about {max(0.0, deadline - now):.0f} s left"
        left = left if deadline < math.inf else f"of {trials}"
        line = f"{hunt.claim.name}: {hunt.phase}, {hunt.trials} tried, nearest {best}, {left}"
        click.echo(f"\r{line:<78}" if terminal else line, err=True, nl=not terminal)

    return tell
