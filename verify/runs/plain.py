"""Builtin types only, as JSON has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Builtin types only: arrays as lists, NaN as None, infinities as "inf" and "-inf"."""
    if isinstance(value, Mapping):
        return {str(key): plain(content) for key, content in value.items()}
    if hasattr(value, "tolist"):  # an array or a scalar of numpy
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(content) for content in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def scalar(value: Any) -> Any:
    """The value as a builtin type that JSON has; inf and nan as strings."""
    value = value.item() if getattr(value, "ndim", None) == 0 else value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
