"""What a check says on the terminal: a table, what its columns mean, and why not all holds."""

from __future__ import annotations

import itertools
import math
import re
import string
from collections.abc import Iterator, Sequence

import sympy as sp
from rich.console import Console
from rich.table import Table
from rich.text import Text

from theory.language.claim import Claim
from theory.language.errors import FailedPremise
from theory.language.kinds import Mode, Relation
from theory.language.text import plain_text
from verify.judging.plural import filled
from verify.judging.verdict import Judgement, Verdict
from verify.problems.files import is_file_name
from verify.runs.check import Outcome
from verify.runs.counterexample import changes, described, facts
from verify.runs.counterexample import text as counterexample
from verify.runs.invocation import command, operand
from verify.runs.text import (
    KNOWN,
    REACH,
    STYLES,
    broken,
    detectable,
    one_line,
    ordered,
    reason,
    state,
    summary,
)

HEADINGS = ("bound", "mean ±2se", "bound/mean", "factor", "good")
LEGEND = {
    "bound": "what the claim allows, at the checkpoint where it is tightest: ≤ at most, "
    "≥ at least, = exactly",
    "mean ±2se": "what was measured there, and two standard errors; of an event, its share",
    "bound/mean": "tightness: 1 is sharp",
    "factor": "a bound that many times smaller would have been refuted here",
    "good": "share of the runs in which the good event of the theorem held",
    "at": "where the claim was judged: its home, by letter",
}
"""What the columns mean, one line each."""
LOWER = {"bound/mean": "of a lower bound: mean/bound", "factor": "a lower bound: larger"}
BAND = {"bound": "≈ within a band", "bound/mean": "of a band: its upper end over its lower end"}
LIMIT = {"bound": "→ in the limit"}
NEVER = {"factor": "never: none"}
"""What they mean for some claims, where the table has such."""

SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "~": "=", "->": "→"}
"""Before the bound; of a law it is the distribution function at a value."""


def show(outcomes: Sequence[Outcome], console: Console, written: str | None = None) -> None:
    """The table with its legend, the reasons, counterexamples, a summary.

    One outcome of a given configuration, or those of all homes; `written` is the JSON.
    """
    judged = [state(o, j) for o in outcomes for j in o.judgements]
    if any(word not in (Verdict.OUT_OF_REGIME.value, REACH) for word in judged):
        console.print(table(outcomes, console.width))
        legend(outcomes, console)
    for text in reasons(outcomes):
        console.print(Text(filled(text, console.width)))
    for text in out_of_reach(outcomes):
        console.print(Text(filled(text, console.width)))
    elsewhere = [t for outcome in outcomes for t in out_of_regime(outcome, console.width)]
    if elsewhere:
        console.print(Text("OUT_OF_REGIME, and the first premise that fails"))
    for text in elsewhere:
        console.print(Text(text))
    refuted = [text for outcome in outcomes for text in refutations(outcome)]
    for text in refuted:
        console.print(Text(filled(text, console.width, rest=" " * 16)))
    if refuted:
        again = "with --json FILE, `replay FILE` runs it again"
        if written:
            again = f"run it again:\n  {command('replay', operand(written))}"
        console.print(Text(again), soft_wrap=True)
    for text in files_read(outcomes):
        console.print(Text(filled(text, console.width)))
    console.print(Text(filled(summary(outcomes), console.width)))


def table(outcomes: Sequence[Outcome], width: int = 80) -> Table:
    """One row per claim in its regime; nothing is cut off, long names are broken if need be."""
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    headings = [*HEADINGS, *(["at"] if outcomes[0].home is not None else [])]
    found.add_column("claim", overflow="fold")
    found.add_column("verdict", no_wrap=True)
    for name in headings:
        found.add_column(name, justify="right", no_wrap=True)
    shown = [
        (j, state(outcome, j), (*_numbers(outcome, j), letter))
        for letter, outcome in zip(lettered(outcomes), outcomes, strict=True)
        for j in ordered(outcome)
        if j.verdict is not Verdict.OUT_OF_REGIME
    ]
    rows = [(word, *numbers[: len(headings)]) for _, word, numbers in shown]
    columns = [max(map(len, column)) for column in zip(("verdict", *headings), *rows, strict=True)]
    left = width - sum(columns) - len(columns)
    names = [broken(j.claim, max(len("claim"), left)) for j, *_ in shown]
    if names and max(len(line) for name in names for line in name.splitlines()) > left:
        rows = [(word.replace(" (", "\n("), *numbers) for word, *numbers in rows]
        left += columns[0] - max(
            len(x) for word, *_ in rows for x in ("verdict", *word.split("\n"))
        )
        names = [broken(j.claim, max(len("claim"), left)) for j, *_ in shown]
    for (j, word, _), name, row in zip(shown, names, rows, strict=True):
        style = "dim" if word == KNOWN else STYLES[j.verdict]
        found.add_row(name, Text(row[0], style), *row[1:])
    return found


def lettered(outcomes: Sequence[Outcome]) -> list[str]:
    """A letter for each outcome, the same one for homes of the same words."""
    known: dict[str, str] = {}
    free = letters()
    return [known.get(w) or known.setdefault(w, next(free)) for w in map(where, outcomes)]


def letters() -> Iterator[str]:
    """a, b, ..., z, aa, ab, ..."""
    for length in itertools.count(1):
        yield from map("".join, itertools.product(string.ascii_lowercase, repeat=length))


def legend(outcomes: Sequence[Outcome], console: Console) -> None:
    """What the columns mean, and which home a letter stands for."""
    homes = outcomes[0].home is not None
    special = _special(outcomes)
    for name, meaning in LEGEND.items():
        if name != "at" or homes:
            meaning = "; ".join([meaning, *(more[name] for more in special if name in more)])
            line = filled(f"{name:<10} {meaning}", console.width, rest=" " * 11)
            console.print(Text(line, "dim"))
    if not homes:
        return
    told = {
        letter: where(outcome)
        for letter, outcome in zip(lettered(outcomes), outcomes, strict=True)
        if not all(j.claim in outcome.needs for j in outcome.judgements)
    }
    for letter, words in told.items():
        line = filled(f"{letter:>10} {words}", console.width, rest=" " * 11)
        console.print(Text(line, "dim"))


def _special(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """What the columns mean for the claims of the table that are special."""
    shown = [
        (outcome.claims[j.claim], j)
        for outcome in outcomes
        for j in outcome.judgements
        if j.verdict is not Verdict.OUT_OF_REGIME and j.checkpoints
    ]
    lower = any(claim.kind.relation is Relation.LOWER for claim, _ in shown)
    band = any(claim.statement.band is not None for claim, _ in shown)
    never = any(not math.isfinite(j.factor) for _, j in shown)
    limit = any(claim.kind.mode is Mode.LIMIT for claim, _ in shown)
    pairs = (LOWER, lower), (BAND, band), (LIMIT, limit), (NEVER, never)
    return [words for words, needed in pairs if needed]


def where(outcome: Outcome) -> str:
    """The configuration of an outcome in the words of the legend."""
    given = changes(outcome.configuration)
    many = outcome.home.initialisations if outcome.home else 1
    times = f"; {many} initialisations" if many > 1 else ""
    return f"{given or 'the defaults'}{times}"


def reasons(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Why a claim in its regime does not hold, claims with the same reason together."""
    together: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        for j in ordered(outcome):
            if j.verdict is Verdict.OUT_OF_REGIME or (j.passed and not outcome.fails(j)):
                continue
            known = "" if j.verdict is Verdict.REFUTED and outcome.fails(j) else outcome.known_false
            why = known or reason(outcome, j)
            together.setdefault((state(outcome, j), why), []).append(j.claim)
    for (word, why), names in together.items():
        yield f"{word} {', '.join(names)}: {why}"
    missing: dict[str, list[str]] = {}
    for outcome in outcomes:
        for name, why in outcome.unjudged.items():
            missing.setdefault(why, []).append(name)
    for why, names in missing.items():
        yield f"NOT JUDGED {', '.join(names)}: {why}"


def files_read(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What was taken for what in files of one's own."""
    for outcome in outcomes:
        problem = outcome.observations.notes.get("problem")
        if problem and is_file_name(getattr(outcome.configuration, "data", "")):
            yield f"trained on {problem}"


def out_of_reach(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The claims whose regime no machine reaches, with what it would take."""
    together: dict[str, list[str]] = {}
    for outcome in outcomes:
        for name, needs in outcome.needs.items():
            together.setdefault(needs, []).append(name)
    for needs, names in together.items():
        yield f"OUT_OF_REACH {', '.join(names)}: {needs}"


def refutations(outcome: Outcome) -> Iterator[str]:
    """Lines with everything on each refuted claim: the case, its premises, the margin."""
    for j in outcome.judgements:
        if j.verdict is Verdict.REFUTED and outcome.fails(j):
            claim = outcome.claims[j.claim]
            samples = outcome.observations.of(claim.quantity.name)
            lines = {"case": described(outcome.configuration), "salt": one_line(outcome.salt)}
            yield f"counterexample to {j.claim}"
            yield from counterexample(claim, j, lines | facts(claim, samples, j)).splitlines()[1:]


def out_of_regime(outcome: Outcome, width: int) -> Iterator[str]:
    """The claims out of their regime with the first premise that fails, on two lines at most.

    Long premises are cut: all of them, and all values, are in the JSON. Names are never cut.
    """
    together: dict[str, tuple[list[str], str]] = {}
    for j in outcome.judgements:
        if j.verdict is Verdict.OUT_OF_REGIME and j.claim not in outcome.needs:
            # the values at a point, e.g. B_1, may differ between claims with the same premise
            reason = j.reason.partition("; ")[0]
            premise = reason.partition(" fails")[0]
            together.setdefault(premise, ([], reason))[0].append(j.claim)

    def lines(text: str) -> list[str]:
        return filled(text, width, "  ", "    ").splitlines()

    for premise, (names, reason) in together.items():
        given = f"{', '.join(names)}: "
        allowed = max(2, len(lines(given + "…")))
        values = reason.removeprefix(premise)
        sides = _sides(outcome.claims[names[0]], outcome, premise)
        for text in _shorter(premise, values, sides):
            if len(found := lines(given + text)) <= allowed:
                break
        yield "\n".join(found)


def _shorter(premise: str, values: str, sides: str) -> Iterator[str]:
    """Ways to tell that a premise fails, ever shorter."""
    if len(premise) + len(values) <= 60:
        yield premise + values
    last = f" fails: {sides}" if sides else values
    yield premise + last
    for length in range(len(premise) - 1, 10, -1):
        yield premise[:length].rstrip() + " …" + last
    for length in range(len(last), 0, -1):
        yield premise[:11].rstrip() + " …" + last[:length].rstrip() + " …"
    yield "…"


def _sides(claim: Claim, outcome: Outcome, premise: str) -> str:
    """The numbers on both sides of a failing premise, such as 64 < 1.2e+09; empty if unknown."""
    sample = outcome.observations.samples.get(claim.quantity.name)
    if sample is None:
        return ""
    failures = claim.regime(sample.symbols_of(claim)).failures
    for relation, failure in zip(_failing(claim, failures), failures, strict=True):
        if failure.premise == premise and isinstance(relation, sp.core.relational.Relational):
            if failure.sides is None or not {*map(str, relation.free_symbols)} <= {*failure.values}:
                return ""
            left, right = failure.sides
            sign = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!="}[relation.rel_op]
            return f"{left:.4g} {sign} {right:.4g}"
    return ""


def _failing(claim: Claim, failures: tuple[FailedPremise, ...]) -> list[sp.Basic]:
    by_text = {plain_text(premise): premise for premise in claim.statement.premises}
    return [by_text[failure.premise] for failure in failures]


def _numbers(outcome: Outcome, j: Judgement) -> tuple[str, ...]:
    if not j.checkpoints:
        return ("",) * len(HEADINGS)
    error = f" ±{2 * j.standard_error:.0e}" if j.standard_error > 0 else ""
    ratio, claim = f"{j.tightness:.3g}", outcome.claims[j.claim]
    sign = SIGNS[claim.kind.sign]
    if claim.statement.band is not None:
        ratio, sign = f"band {ratio}", "≈"  # its upper end over its lower end
    measured = f"{j.measured:.3g}{error}"
    numbers = f"{sign}{j.bound:.3g}", measured, ratio, detectable(j.factor), f"{j.share:.2f}"
    return tuple(re.sub(r"e\+?(-?)0*(?=\d)", r"e\1", number) for number in numbers)  # 1e+07: 1e7
