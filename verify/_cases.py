"""The commands about single cases: `replay` a counterexample, `search` for one."""

from __future__ import annotations

import sys
import time

import click

from theory import registry
from theory.errors import InvalidArgument
from verify import _atomic

REFUTED, NOTHING_SAID = 1, 3


@click.command()
@click.argument("file")
@click.option("--device", help="torch device, instead of the recorded one")
@click.pass_context
def replay(ctx: click.Context, file: str, device: str | None) -> None:
    """Run a recorded case again: FILE comes from `search` or from `check --json`.

    Exit code 1: a claim is refuted. 0: all claims have their recorded verdicts. 3: some differ.
    """
    from verify import replay as cases
    from verify._progress import progress

    case = cases.load(file)
    if device is not None:
        case = cases.on_device(case, device)
    with progress() as told:
        pairs = cases.judge_again(case, cases.observe(case, told))
    for recorded, judgement in pairs:
        click.echo(f"{judgement}; recorded: {recorded.verdict}")
    now = [judgement.verdict.value for _, judgement in pairs]
    if "REFUTED" in now:
        ctx.exit(REFUTED)
    ctx.exit(0 if now == [recorded.verdict for recorded, _ in pairs] else NOTHING_SAID)


@click.command()
@click.argument("claim")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="time to search for")
@click.option("--salt", default="search", show_default=True, help="salt of all seeds")
@click.option("--budget", type=float, default=1e-6, show_default=True, help="false alarms, in all")
@click.option("--json", "json_path", metavar="FILE", help="write the worst case, for `replay`")
@click.pass_context
def search(
    ctx: click.Context,
    claim: str,
    seconds: float,
    salt: str,
    budget: float,
    json_path: str | None,
) -> None:
    """Look for the configuration in which CLAIM is nearest to being violated.

    Exit code 1: refuted. 0: not refuted, and informative somewhere. 3: nowhere informative.
    """
    from hypothesis import Verbosity, settings

    from verify import replay as cases
    from verify.search import Search
    from verify.verdict import Verdict

    found = registry.claim(claim)
    if not 0 < seconds < float("inf"):
        raise InvalidArgument("--seconds", seconds, "a positive number")
    if not 0 < budget < 1:
        raise InvalidArgument("--budget", budget, "in (0, 1)")
    if json_path:
        _atomic.check_writable("--json", json_path)
    theorem = next(name for name in registry.theorems() if claim in registry.claims(name))
    experiment = registry.theorem(theorem).load_experiment()
    hunt = Search(
        found, experiment, salt, budget, time.monotonic() + seconds, tell=_teller(seconds)
    )
    settings.register_profile("search", verbosity=Verbosity.quiet)
    best = hunt.run(experiment.strategy(claim))
    click.echo(f"{hunt.trials} configurations, {hunt.informative} informative")
    if best is None:
        click.echo(f"{claim}: nowhere informative")
        ctx.exit(NOTHING_SAID)
    click.echo(str(best.judgement))
    click.echo(f"lower confidence limit/bound = {1 / best.judgement.tightness_confidence:.4g}")
    click.echo(str(best.configuration))
    if json_path:
        content = cases.to_json(
            theorem, best.configuration, best.salt, found, best.judgement, best.sample.symbols
        )
        _atomic.write(json_path, content)
        click.echo(f"run it again: python -m verify replay {json_path}")
    ctx.exit(REFUTED if best.judgement.verdict is Verdict.REFUTED else 0)


def _teller(seconds: float):  # type: ignore[no-untyped-def]
    """A line on stderr that tells how the search stands."""
    start, shown = time.monotonic(), 0.0

    def tell(hunt) -> None:  # type: ignore[no-untyped-def]
        nonlocal shown
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if now - shown < (0.2 if terminal else 10.0):
            return
        shown = now
        best = f"{hunt.best.score:.3g}" if hunt.best else "none"
        line = f"{hunt.phase}: {hunt.trials} tried, nearest to the bound {best}, "
        line += f"about {max(0.0, seconds - (now - start)):.0f} s left"
        click.echo(f"\r{line:<78}" if terminal else line, err=True, nl=not terminal)

    return tell
