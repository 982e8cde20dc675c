"""How an outcome is put into words: its order, its counts, names and numbers in columns."""

from __future__ import annotations

import math
import textwrap

from verify.judging.verdict import Judgement, Verdict
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


def summary(outcome: Outcome) -> str:
    """The counts and what the numbers depend on, in one line."""
    counts = [f"{outcome.count(verdict)} {word}" for verdict, word in WORDS.items()]
    if outcome.unjudged:
        counts.append(f"{len(outcome.unjudged)} not judged")
    seeds = getattr(outcome.configuration, "seeds", None)
    facts = [] if seeds is None else [f"{seeds} seeds"]
    facts += [
        f"salt {one_line(outcome.salt)}",
        f"budget {outcome.budget:g}",
        f"{outcome.seconds:.1f} s",
    ]
    return f"{', '.join(counts)}; {', '.join(facts)}"


def filled(text: str, width: int, first: str = "", rest: str = "  ") -> str:
    """The text on lines of at most `width`, broken at spaces."""
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest,
                         break_on_hyphens=False)  # fmt: skip


def broken(name: str, width: int) -> str:
    """The name of a claim on lines of at most `width`, where possible broken after a slash."""
    lines = [""]
    for part in name.replace("/", "/\0").split("\0"):
        if len(lines[-1]) + len(part) > width and lines[-1]:
            lines.append(" ")
        lines[-1] += part
    return "\n".join(lines)


def detectable(factor: float) -> str:
    """A detectable factor in a table."""
    return f"{factor:.3g}" if math.isfinite(factor) else "never"


def one_line(text: str) -> str:
    return text if text.isprintable() and text else repr(text)
