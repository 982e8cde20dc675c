"""What a picture says over its curves: what was trained, on what, with which main options."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

LONGEST_NAME = 18
"""Characters of a data set's name, which may be that of a file."""


def heading(words: str, data: str, values: Mapping[str, Any]) -> str:
    """Two lines: the words; the data set and values by symbol, such as {r"\\tau": 2}."""
    return f"{words}\n{plain(data)}: {in_symbols(values)}"


def in_symbols(values: Mapping[str, Any]) -> str:
    """Values by symbol, in mathtext."""
    return ", ".join(rf"${symbol} = {_number(value)}$" for symbol, value in values.items())


def plain(data: str) -> str:
    """The name of a data set as text: no folder, not too long, no mathematics in it."""
    name = os.path.basename(data) or data
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 1]}…"
    return name.replace("$", r"\$")


def _number(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    digits, _, power = f"{value:.3g}".partition("e")
    return rf"{digits} \times 10^{{{int(power)}}}" if power else digits
