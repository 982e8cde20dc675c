"""How an outcome is put into words: its order, its counts, names and numbers in columns."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from verify.judging.judgement import Judgement, Verdict
from verify.judging.plural import number

if TYPE_CHECKING:
    from verify.runs.check import Outcome

ORDER = (
    Verdict.REFUTED,
    Verdict.HOLDS,
    Verdict.UNDERPOWERED,
    Verdict.VACUOUS,
    Verdict.OUT_OF_REGIME,
)
STYLES = {
    Verdict.REFUTED: "bold red",
    Verdict.HOLDS: "green",
    Verdict.UNDERPOWERED: "yellow",
    Verdict.VACUOUS: "yellow",
    Verdict.OUT_OF_REGIME: "dim",
}
WORDS = {
    Verdict.HOLDS: "hold",
    Verdict.REFUTED: "refuted",
    Verdict.VACUOUS: "vacuous",
    Verdict.UNDERPOWERED: "underpowered",
    Verdict.OUT_OF_REGIME: "out of regime",
}


def ordered(outcome: Outcome) -> list[Judgement]:
    return sorted(outcome.judgements, key=lambda j: ORDER.index(j.verdict))


REACH, KNOWN = "OUT_OF_REACH", "REFUTED (known)"


def state(outcome: Outcome, judgement: Judgement) -> str:
    """The verdict as it is shown: known refutations and homes out of reach have words of their own.

    A claim that is known to be false and is not refuted shows that it was expected to be.
    """
    word = judgement.verdict.value
    if judgement.claim in outcome.needs:
        return REACH
    if outcome.known_false and not outcome.fails(judgement):
        return KNOWN
    if outcome.known_false and judgement.verdict is not Verdict.REFUTED:
        return f"{word} (not REFUTED)"
    return word


def counts(outcomes: Sequence[Outcome]) -> str:
    """How many claims hold and are refuted, and of other states those that there are."""
    states = [state(outcome, j) for outcome in outcomes for j in outcome.judgements]
    found = {word: states.count(verdict.value) for verdict, word in WORDS.items()}
    hold, refuted = found.pop("hold"), found.pop("refuted")
    others = {
        "refuted as known": states.count(KNOWN),
        **found,
        "out of reach": states.count(REACH),
        "no longer refuted": sum("not REFUTED" in each for each in states),
        "not judged": sum(len(outcome.unjudged) for outcome in outcomes),
    }
    told = [f"{count} {word}" for word, count in others.items() if count]
    return ", ".join([f"{hold} hold", f"{refuted} refuted", *told])


def seconds(outcomes: Sequence[Outcome]) -> str:
    """How long it took."""
    return f"{sum(outcome.seconds for outcome in outcomes):.1f} s"


def summary(outcomes: Sequence[Outcome]) -> str:
    """The counts and what the numbers depend on, in one line."""
    first = outcomes[0]
    runs = getattr(first.configuration, "seeds", None) if first.home is None else None
    facts = [] if runs is None else [number(runs, "run")]
    facts += [
        f"salt {one_line(first.salt)}",
        f"budget {first.budget:g}",
        seconds(outcomes),
    ]
    return f"{counts(outcomes)}; {', '.join(facts)}"


def reason(outcome: Outcome, judgement: Judgement) -> str:
    """Why the claim does not hold."""
    j = judgement
    if j.reason:
        return j.reason
    x, index = outcome.observations.trajectory.x, outcome.observations.trajectory.index
    where = f" at {index} {x[j.position]:g}" if j.checkpoints == len(x) else ""
    sign = outcome.claims[j.claim].kind.sign
    return f"measured {j.measured:.6g} {sign} {j.bound:.6g} fails{where}"


def broken(name: str, width: int) -> str:
    """The name of a claim on lines of at most `width`, broken after slashes, else after hyphens.

    Words are whole, and longer lines than `width` where they are longer.
    """
    lines = [""]
    for part in re.split("(?<=/)", name):
        fits = len(part) + bool(lines[-1]) <= width
        for piece in [part] if fits else re.split("(?<=-)", part):
            if len(lines[-1]) + len(piece) > width and lines[-1].strip():
                lines.append(" ")
            lines[-1] += piece
    return "\n".join(lines)


def detectable(factor: float) -> str:
    """A detectable factor in a table."""
    return f"{factor:.3g}" if math.isfinite(factor) else "never"


def one_line(text: str) -> str:
    return text if text.isprintable() and text else repr(text)
