"""The command `python -m verify mutate`: scores of claims as a table, and in JSON."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theory import registry
from theory.language.errors import InvalidArgument, cut
from verify.command_line.options import json_option, salt_option
from verify.command_line.outputs import check_json, same, write_json
from verify.judging.plural import number
from verify.runs import files
from verify.runs.codes import REFUTED, UNFINISHED
from verify.runs.plain import strict_json
from verify.runs.scores import MutationScore

if TYPE_CHECKING:
    from theory.language.claim import Claim
    from verify.audit.mutation import Fate, Score, Trial
    from verify.pytest_plugin.baseline import Baseline

LOW = 3
SHOWN = 100
"""Longest name of a survivor that is printed whole."""


@click.command()
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM...")
@click.option("--theorem", metavar="NAME", help="theorem [default: those of the claims]")
@salt_option()
@click.option("--seconds", type=click.FloatRange(min=0), help="stop after this time")
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="judge one slip of so many",
)
@click.option(
    "--at-least",
    multiple=True,
    metavar="[CLAIM=]SCORE",
    help="lowest score to pass, of all claims or those named (a name or a pattern); repeatable",
)
@click.option("--survivors", is_flag=True, help="name the mutants that were not refuted")
@click.option("--shrink", is_flag=True, help="simplify every configuration that refutes (slow)")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="processes"
)
@json_option
@click.option("--baseline", metavar="FILE", help="put the scores into this baseline of `pytest`")
@click.option("--quiet", is_flag=True, help="no progress, and no legend")
def mutate(
    claims: tuple[str, ...],
    theorem: str | None,
    salt: str,
    seconds: float | None,
    every: int,
    at_least: tuple[str, ...],
    survivors: bool,
    shrink: bool,
    workers: int,
    json_path: str | None,
    baseline: str | None,
    quiet: bool,
) -> int:
    """Judge the mutants of each CLAIM (a name or a pattern): is a slip in it noticed?

    Exit code 0: finished. 1: a configuration refutes a claim itself. 3: a score is below
    --at-least, or there is none. 4: --seconds did not suffice.
    """
    from verify.audit import mutation
    from verify.runs.selection import matching, select

    check_json(json_path)
    if baseline is not None:
        files.check_writable("baseline", baseline)
        _read(baseline)
        if json_path is not None and same(json_path, baseline):
            raise InvalidArgument("json", json_path, "another file than --baseline")
        if every > 1:
            raise InvalidArgument("every", every, "1 where --baseline is given")
    if seconds == 0:
        raise InvalidArgument("seconds", seconds, "positive")
    homes = matching(claims) if theorem is None else dict.fromkeys(
        select(registry.theorem(theorem).name, claims), theorem
    )  # fmt: skip
    lowest = _lowest(at_least, homes)
    end = math.inf if seconds is None else time.monotonic() + seconds
    asked: dict[str, Claim] = {}
    scores: list[Score] = []
    for home in dict.fromkeys(homes.values()):
        known = registry.claims(home)
        own = {name: known[name] for name in homes if homes[name] == home}
        asked |= own
        scores += mutation.assess(
            own,
            registry.theorem(home).load_experiment(),
            salt=salt,
            seconds=end - time.monotonic(),
            every=every,
            known=known,
            simplify=shrink,
            workers=workers,
            tell=lambda line: None if quiet else click.echo(line, err=True),
        )
    click.echo(table(scores))
    if not quiet:
        click.echo(legend(scores))
    if survivors:
        click.echo(survivors_of(scores))
    if shrink:
        click.echo(counterexamples(scores))
    write_json(json_path, lambda: to_json(scores, homes, salt, every))
    if baseline is not None:
        found_scores = {s.claim: _mutation(asked[s.claim], s) for s in scores if s.finished}
        click.echo(put(baseline, found_scores))
    if any(score.false for score in scores):
        return REFUTED
    if len(scores) < len(asked) or not all(score.finished for score in scores):
        return UNFINISHED
    low = [s.claim for s in scores if s.claim in lowest and not s.value >= lowest[s.claim]]
    if low:
        click.echo(f"below --at-least: {', '.join(low)}", err=True)
    return LOW if low else 0


def put(path: str, scores: Mapping[str, MutationScore]) -> str:
    """Put scores into a baseline file; a line for each that changed."""
    old = _read(path)
    lines = []
    for name, new in scores.items():
        before = old.mutation.get(name)
        if before != new:
            was = "none" if before is None else f"{before.score:.3f}"
            lines.append(f"baseline: {name}: mutation score {was} -> {new.score:.3f}")
    changed = replace(old, mutation={**old.mutation, **scores})
    files.write(path, changed.text().encode())
    return "\n".join([*lines, f"baseline: {len(lines)} of {number(len(scores), 'score')} changed"])


def _read(path: str) -> Baseline:
    from verify.pytest_plugin.baseline import Baseline, BaselineError

    try:
        return Baseline.read(Path(path))
    except BaselineError as error:
        raise InvalidArgument("baseline", path, f"a baseline of pytest ({error})") from None


def _mutation(claim: Claim, score: Score) -> MutationScore:
    from theory.language.mutation import fingerprint
    from verify.audit.mutation import Fate

    survived = score.count(Fate.SAME) + score.count(Fate.SURVIVED)
    return MutationScore(score.count(Fate.REFUTED), survived, fingerprint(claim))


def _lowest(wanted: Sequence[str], claims: Collection[str]) -> dict[str, float]:
    """The lowest score to pass by claim; a later demand replaces an earlier one."""
    found: dict[str, float] = {}
    for demand in wanted:
        pattern, _, number = demand.rpartition("=")
        try:
            score = float(number)
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1:
            raise InvalidArgument("at-least", demand, "a score from 0 to 1, or CLAIM=SCORE")
        named = [name for name in claims if fnmatchcase(name, pattern or "*")]
        if not named:
            raise InvalidArgument("at-least", demand, "for a claim that is asked for")
        found |= dict.fromkeys(named, score)
    return found


def _columns() -> dict[Fate, str]:
    from verify.audit.mutation import Fate

    words = ("refut", "weak", "impl", "slack", "same", "surv", "out")
    return dict(zip(Fate, words, strict=True))


def legend(scores: Sequence[Score]) -> str:
    """What the columns mean, of those that count something."""
    from verify.audit.mutation import Fate

    meanings = {
        Fate.REFUTED: "slips in the claim that are refuted",
        Fate.WEAKER: "true: it allows all that the claim allows",
        Fate.IMPLIED: "true: it follows from other claims of the theorem",
        Fate.SLACK: "stricter, within the slack that was measured: it may be true",
        Fate.SAME: "equal to the claim wherever it was judged",
        Fate.SURVIVED: "it passes, and nothing shows that it is true",
        Fate.OUT: "it could not be judged anywhere",
    }
    lines = [
        f"{word:6} {meanings[fate]}"
        for fate, word in _columns().items()
        if fate is Fate.REFUTED or any(score.count(fate) for score in scores)
    ]
    lines.append("score  refuted/(refuted + same + surviving); strict: slack survives, too")
    return "\n".join(lines)


def table(scores: Sequence[Score]) -> str:
    """One line per claim, within 80 columns."""
    columns = _columns()
    width = {fate: max(5, len(word) + 1) for fate, word in columns.items()}
    head = "".join(f"{word:>{width[fate]}}" for fate, word in columns.items())
    lines = [f"{'claim':26}{'all':>4}{head}{'score':>6}{'strict':>7}"]
    for s in scores:
        counts = "".join(f"{s.count(fate):{width[fate]}}" for fate in columns)
        values = f"{_share(s.value):>6}{_share(s.strict):>7}"
        lines.append(f"{cut(s.claim, 25):26}{len(s.trials):4}{counts}{values}")
        if s.false:
            lines.append(f"  REFUTED itself in {number(len(s.false), 'configuration')}")
        if not s.finished:
            lines.append("  not finished: out of time")
    return "\n".join(lines)


def survivors_of(scores: Sequence[Score]) -> str:
    """The mutants that were not refuted though nothing says that they are true."""
    from verify.audit.mutation import Fate

    alive = (Fate.SURVIVED, Fate.SAME, Fate.SLACK, Fate.OUT)
    return "\n".join(
        f"{trial.fate.value:9}{cut(f'{score.claim}~{trial.name}', SHOWN)}"
        for score in scores
        for fate in alive
        for trial in score.trials
        if trial.fate is fate
    )


def counterexamples(scores: Sequence[Score]) -> str:
    """Refuted mutants, each with its simplest configuration (fields that are not the default)."""
    from verify.runs.counterexample import changes

    return "\n".join(
        f"{cut(f'{score.claim}~{trial.name}', SHOWN)}\n  {changes(trial.shrunk)}"
        for score in scores
        for trial in score.trials
        if trial.shrunk is not None
    )


def to_json(scores: Sequence[Score], theorems: Mapping[str, str], salt: str, every: int) -> bytes:
    """Scores and every mutant, with what refuted it: configuration, salts and level."""
    from theory.language.mutation import RULES
    from verify.audit.mutation import Fate

    rows = [
        {
            "claim": score.claim,
            "theorem": theorems[score.claim],
            "fingerprint": score.fingerprint,
            "score": score.value,
            "strict": score.strict,
            "counts": {fate.value: score.count(fate) for fate in Fate},
            "finished": score.finished,
            "seconds": round(score.seconds, 2),
            "refuted_itself": [_described(c) for c in score.false],
            "mutants": [_mutant(trial) for trial in score.trials],
        }
        for score in scores
    ]
    return strict_json({"salt": salt, "every": every, "rules": RULES, "claims": rows})


def _mutant(trial: Trial) -> dict[str, Any]:
    row: dict[str, Any] = {"name": trial.name, "fate": trial.fate.value}
    if trial.refuted is not None:
        row |= {
            "judgement": str(trial.refuted),
            "level": trial.refuted.level,
            "salts": list(trial.salts),
            "configuration": _described(trial.configuration),
            "shrunk": _described(trial.shrunk),
        }
    return row


def _described(configuration: Any) -> dict[str, Any] | None:
    from verify.experiments.kit import as_dict

    return None if configuration is None else as_dict(configuration)


def _share(value: float) -> str:
    return f"{value:.2f}" if value == value else "-"
