"""Nouns after their numbers and text on lines, in all that is printed."""

from __future__ import annotations

import textwrap


def number(count: int, noun: str, verb: str = "") -> str:
    """The noun after its number, and the verb after it: 1 seed, 2 seeds; 1 row is, 2 rows are."""
    if count == 1:
        verb = {"are": "is", "were": "was", "use": "uses"}.get(verb, verb)
    return f"{count} {noun}{'' if count == 1 else 's'} {verb}".rstrip()


def filled(text: str, width: int, first: str = "", rest: str = "  ") -> str:
    """The text on lines of at most `width`, broken at spaces."""
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest,
                         break_on_hyphens=False)  # fmt: skip
