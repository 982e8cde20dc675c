"""Builtin types only, as JSON has them; text is text that UTF-8 can encode."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Builtin types only: arrays as lists, NaN as None, infinities as "inf" and "-inf"."""
    if isinstance(value, Mapping):
        return {text(key): plain(content) for key, content in value.items()}
    if hasattr(value, "tolist"):  # an array or a scalar of numpy
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(content) for content in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None if math.isnan(value) else str(value)
    return value if value is None or isinstance(value, bool | int) else text(value)


def strict_json(content: Any) -> bytes:
    """The content of a JSON file, made of builtin types by `plain`."""
    return (json.dumps(plain(content), allow_nan=False, indent=1) + "\n").encode()


def scalar(value: Any) -> Any:
    """The value as a builtin type that JSON has; inf and nan as strings, other objects as text.

    Lists and dictionaries stay as they are.
    """
    value = value.item() if getattr(value, "ndim", None) == 0 else value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if value is None or isinstance(value, bool | list | dict):
        return value
    return int(value) if isinstance(value, int) else text(value)


def text(value: Any) -> str:
    """The text of any object, with half a surrogate pair as the escape that Python writes."""
    return str(value).encode("utf-8", "backslashreplace").decode()


def printable(value: str) -> str:
    """The text without characters that command a terminal: they are written as escapes."""
    kept = (c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text(value))
    return "".join(kept)
