"""The command `python -m verify replay`: a recorded case again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from verify.runs.codes import NOTHING_SAID, REFUTED

if TYPE_CHECKING:
    from verify.runs.replay import Case, Replayed


@click.command()
@click.argument("file")
@click.option("--device", help="torch device, instead of the recorded one")
@click.pass_context
def replay(ctx: click.Context, file: str, device: str | None) -> None:
    """Run a recorded case again: FILE comes from `search`, from `check --json` or from a test.

    Exit code 1: a claim is refuted that is not known to be false there. 0: all claims have their
    recorded verdicts. 3: some differ.
    """
    from rich.console import Console

    from verify.command_line.progress import progress
    from verify.judging.plural import filled
    from verify.judging.verdict import Verdict
    from verify.runs import replay as cases
    from verify.runs.counterexample import described, facts, margin, text

    found: list[tuple[Case, Replayed]] = []
    for case in cases.load_all(file):
        case = case if device is None else cases.on_device(case, device)
        with progress() as told:
            judged = cases.judge_again(case, cases.observe(case, told))
        found += [(case, each) for each in judged]
    for case, each in found:
        j, recorded = each.judgement, each.recorded
        now = f"measured/bound {margin(j):.10g}" if j.checkpoints else ""
        then = recorded.measured / recorded.bound if recorded.bound else math.nan
        was = f"recorded: {recorded.verdict}"
        was += f", measured/bound {then:.10g}" if math.isfinite(then) else ""
        if j.verdict is Verdict.REFUTED:
            lines = {"case": described(case.configuration), "salt": case.salt}
            click.echo(text(each.claim, j, lines | facts(each.claim, each.samples, j)))
        else:
            click.echo(filled(str(j), Console().width))
        click.echo(filled(f"now: {now}; {was}" if now else was, Console().width, "  ", "    "))
    if any(each.fails for _, each in found):
        ctx.exit(REFUTED)
    ctx.exit(0 if all(each.same for _, each in found) else NOTHING_SAID)
