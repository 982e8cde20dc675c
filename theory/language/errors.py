"""The two errors a user meets: an argument outside its domain, a claim outside its regime."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 79
"""Columns of a terminal, into which lists of names are broken."""
NO_BREAK = "\u00a0"


class InvalidArgument(ValueError):
    """An argument is outside its domain; says which, what it was and what is allowed."""

    def __init__(self, name: str, value: Any, allowed: str) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        super().__init__(f"{name} = {_short(value)}: must be {allowed}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.value, self.allowed)


def unknown(name: str, value: str, known: Iterable[str], more: str = "") -> InvalidArgument:
    """The error of a name that is not one of those known: it lists them, the closest first.

    more  what else is allowed, after the list
    """
    from difflib import get_close_matches

    names = {each.lower(): each for each in known}
    close = get_close_matches(value.lower(), names, n=3)
    parts = [each for each in names if value and value.lower() in each and each not in close]
    ordered = [names[each] for each in dict.fromkeys([*close, *parts, *names])]
    before = len(f"error: --{name} = {_short(value)}: must be ")
    text = f"one of {', '.join(each.replace(' ', NO_BREAK) for each in ordered)}{more}"
    lines = textwrap.wrap(text, WIDTH, initial_indent="x" * before, subsequent_indent="  ",
                          break_long_words=False, break_on_hyphens=False)  # fmt: skip
    if close or parts:
        lines[-1] += f";\n  did you mean {ordered[0]}?"
    return InvalidArgument(name, value, "\n".join(lines)[before:].replace(NO_BREAK, " "))


def suggestion(
    wrong: str, known: Iterable[str], otherwise: str = "as the command `list` tells"
) -> str:
    """Which of very many names may be meant, for an error; where none is near, what tells them."""
    from difflib import get_close_matches

    close = get_close_matches(wrong.lower(), known, n=3, cutoff=0.3)
    return f"such as {', '.join(close)}" if close else otherwise


@dataclass(frozen=True)
class FailedPremise:
    """A premise that does not hold, with the values of its symbols (the first failing point).

    sides  the values of its left and its right side there, of a comparison
    """

    premise: str
    values: dict[str, float]
    sides: tuple[float, float] | None = None

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value:.6g}" for name, value in self.values.items())
        text = f"{self.premise} fails" + (f" at {at}" if at else "")
        if self.sides is None or f"{self.sides[0]:.6g}" != f"{self.sides[1]:.6g}":
            return text
        return f"{text}: {' against '.join(apart(*self.sides))}"


class OutOfRegime(ValueError):
    """A claim was evaluated where its premises do not hold, so it says nothing there."""

    def __init__(self, claim: str, failures: Sequence[FailedPremise]) -> None:
        self.claim, self.failures = claim, tuple(failures)
        super().__init__(f"{claim} is out of its regime: " + "; ".join(map(str, failures)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.claim, self.failures)


def apart(left: float, right: float, digits: int = 6) -> tuple[str, str]:
    """Both numbers with as many digits as tell them apart, at least `digits`."""
    for enough in range(digits, 18):
        texts = f"{left:.{enough}g}", f"{right:.{enough}g}"
        if texts[0] != texts[1]:
            return texts
    return f"{left:.{digits}g}", f"{right:.{digits}g}"


def cut(text: str, longest: int) -> str:
    """The text, of which the end is left out where it is too long."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def on_lines(text: str) -> str:
    """A text on lines of a terminal; what is copied from it, a path or a command, stays whole."""
    copied = r"`[^`\n]*`|pip install \S+"
    whole = re.sub(copied, lambda found: found[0].replace(" ", NO_BREAK), text)
    lines = (
        textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False,
                      break_on_hyphens=False)
        for line in whole.splitlines()
    )  # fmt: skip
    return "\n".join(lines).replace(NO_BREAK, " ")


def _short(value: Any) -> str:
    return cut(repr(value), 60)
