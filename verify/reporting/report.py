"""What a check reports: a table for the terminal, and JSON with everything in it.

JSON has no infinities and no NaN: they are written as the strings "inf" and "-inf" and as null.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import sympy as sp
from rich.console import Console
from rich.table import Table
from rich.text import Text

from theory.language.claim import Claim, Mode
from theory.language.errors import FailedPremise
from theory.language.text import plain_text
from verify.experiments.kit import Trajectory, as_dict
from verify.judging.verdict import Judgement, Verdict
from verify.runs.check import Outcome
from verify.runs.counterexample import described, facts
from verify.runs.counterexample import text as counterexample
from verify.runs.environment import environment
from verify.runs.plain import plain
from verify.runs.text import STYLES, broken, detectable, filled, one_line, ordered, summary

REPLAY = "python -m verify replay"
HEADINGS = ("bound", "mean ±2se", "bound/mean", "factor", "good")


def show(outcome: Outcome, console: Console, written: str | None = None) -> None:
    """The table, the reasons, counterexamples, and a line of summary; `written` is the JSON."""
    if any(j.verdict is not Verdict.OUT_OF_REGIME for j in outcome.judgements):
        console.print(table(outcome, console.width))
    for text in reasons(outcome):
        console.print(Text(filled(text, console.width)))
    elsewhere = list(out_of_regime(outcome, console.width))
    if elsewhere:
        console.print(Text("OUT_OF_REGIME, and the first premise that fails"))
    for text in elsewhere:
        console.print(Text(text))
    for text in refutations(outcome):
        console.print(Text(filled(text, console.width, rest=" " * 16)))
    if outcome.count(Verdict.REFUTED):
        hint = "" if written else " (after --json FILE)"
        again = f"run it again{hint}:\n  {REPLAY} {shlex.quote(written or 'FILE')}"
        console.print(Text(again), soft_wrap=True)
    console.print(Text(summary(outcome)), soft_wrap=True)


def table(outcome: Outcome, width: int = 80) -> Table:
    """One row per claim in its regime; nothing is cut off, long names are broken if need be."""
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    found.add_column("claim", overflow="fold")
    found.add_column("verdict", no_wrap=True)
    for name in HEADINGS:
        found.add_column(name, justify="right", no_wrap=True)
    shown = [j for j in ordered(outcome) if j.verdict is not Verdict.OUT_OF_REGIME]
    rows = [(j.verdict.value, *_numbers(outcome, j)) for j in shown]
    taken = sum(1 + max(map(len, column)) for column in zip(("verdict", *HEADINGS), *rows,
                                                            strict=True))  # fmt: skip
    for j, row in zip(shown, rows, strict=True):
        name = broken(j.claim, max(len("claim"), width - taken))
        found.add_row(name, Text(row[0], STYLES[j.verdict]), *row[1:])
    return found


def reasons(outcome: Outcome) -> Iterator[str]:
    """Why a claim in its regime does not hold, claims with the same reason together."""
    together: dict[tuple[Verdict, str], list[str]] = {}
    for j in ordered(outcome):
        if j.verdict not in (Verdict.HOLDS, Verdict.OUT_OF_REGIME):
            together.setdefault((j.verdict, _reason(outcome, j)), []).append(j.claim)
    for (verdict, reason), names in together.items():
        yield f"{verdict.value} {', '.join(names)}: {reason}"
    missing: dict[str, list[str]] = {}
    for name, why in outcome.unjudged.items():
        missing.setdefault(why, []).append(name)
    for why, names in missing.items():
        yield f"NOT JUDGED {', '.join(names)}: {why}"


def refutations(outcome: Outcome) -> Iterator[str]:
    """Lines with everything on each refuted claim: the case, its premises, the margin."""
    for j in outcome.judgements:
        if j.verdict is Verdict.REFUTED:
            claim = outcome.claims[j.claim]
            samples = [outcome.observations.samples[claim.quantity.name]]
            lines = {"case": described(outcome.configuration), "salt": one_line(outcome.salt)}
            yield f"counterexample to {j.claim}"
            yield from counterexample(claim, j, lines | facts(claim, samples, j)).splitlines()[1:]


def out_of_regime(outcome: Outcome, width: int) -> Iterator[str]:
    """The claims out of their regime with the first premise that fails, on two lines at most.

    Long premises are cut: all of them, and all values, are in the JSON. Names are never cut.
    """
    together: dict[str, tuple[list[str], str]] = {}
    for j in outcome.judgements:
        if j.verdict is Verdict.OUT_OF_REGIME:
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
    failures = claim.regime(outcome.observations.samples[claim.quantity.name].symbols).failures
    for relation, failure in zip(_failing(claim, failures), failures, strict=True):
        if failure.premise == premise and isinstance(relation, sp.core.relational.Relational):
            given = {s: failure.values.get(str(s)) for s in relation.free_symbols}
            if None in given.values():
                return ""
            left, right = (float(side.subs(given)) for side in relation.args)
            sign = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!="}[relation.rel_op]
            return f"{left:.4g} {sign} {right:.4g}"
    return ""


def _failing(claim: Claim, failures: tuple[FailedPremise, ...]) -> list[sp.Basic]:
    by_text = {plain_text(premise): premise for premise in claim.statement.premises}
    return [by_text[failure.premise] for failure in failures]


def to_json(outcome: Outcome, exit_code: int) -> bytes:
    """The whole outcome as strict JSON."""
    notes = outcome.observations.notes
    content = {
        "theorem": outcome.theorem,
        "exit_code": exit_code,
        "salt": outcome.salt,
        "seeds": notes.get("seeds", {}),
        "budget": outcome.budget,
        "seconds": outcome.seconds,
        "claims": [_row(outcome, j) for j in ordered(outcome)],
        "not_judged": outcome.unjudged,
        "trajectory": _trajectory(outcome.observations.trajectory),
        "configuration": as_dict(outcome.configuration),
        "notes": notes,
        "environment": environment(outcome.configuration),
    }
    return (json.dumps(plain(content), allow_nan=False, indent=1) + "\n").encode()


def _numbers(outcome: Outcome, j: Judgement) -> tuple[str, ...]:
    if not j.checkpoints:
        return ("",) * len(HEADINGS)
    error = f" ±{2 * j.standard_error:.0e}" if j.standard_error > 0 else ""
    ratio = f"{j.tightness:.3g}"
    if outcome.claims[j.claim].statement.band is not None:
        ratio = f"band {ratio}"  # its upper end over its lower end
    measured = f"{j.measured:.3g}{error}"
    numbers = f"{j.bound:.3g}", measured, ratio, detectable(j.factor), f"{j.share:.2f}"
    return tuple(re.sub(r"e\+?(-?)0*(?=\d)", r"e\1", number) for number in numbers)  # 1e+07: 1e7


def _reason(outcome: Outcome, j: Judgement) -> str:
    if j.reason:
        return j.reason
    x, index = outcome.observations.trajectory.x, outcome.observations.trajectory.index
    where = f" at {index} {x[j.position]:g}" if j.checkpoints == len(x) else ""
    sign = outcome.claims[j.claim].kind.sign
    return f"measured {j.measured:.6g} {sign} {j.bound:.6g} fails{where}"


def _row(outcome: Outcome, j: Judgement) -> dict[str, Any]:
    claim = outcome.claims[j.claim]
    known = j.verdict is not Verdict.OUT_OF_REGIME and claim.kind.mode is not Mode.PATHWISE
    return {
        "claim": j.claim,
        "verdict": j.verdict.value,
        "reason": j.reason or ("" if j.passed else _reason(outcome, j)),
        "bound": j.bound,
        "measured": j.measured,
        "lower_confidence": j.lower_confidence,
        "standard_error": j.standard_error if known else None,
        "tightness": j.tightness,
        "tightness_confidence": j.tightness_confidence,
        "factor": j.factor,
        "share": j.share,
        "level": j.level,
        "kind": str(claim.kind),
        "quantity": claim.quantity.name,
        "source": claim.source,
        "position": j.position,
        "checkpoints": j.checkpoints,
        "informative": j.informative,
    }


def _trajectory(trajectory: Trajectory) -> dict[str, Any]:
    found = {trajectory.index: trajectory.x, **trajectory.series, "details": trajectory.details}
    found["standard_errors"] = trajectory.errors
    for name, more in ("within", trajectory.within), ("sweep", trajectory.sweep):
        if more is not None:
            found[name] = _trajectory(more)
    return found
