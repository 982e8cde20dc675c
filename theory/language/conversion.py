"""Whatever a user hands over as numbers becomes float64 without loss, or is refused."""

from __future__ import annotations

import numbers
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument

EXACT_INTEGERS = 2**53
"""Up to here float64 holds every integer."""

NUMBERS = "a number, or an array of numbers"


def as_float64(name: str, value: Any, wanted: str = NUMBERS) -> np.ndarray:
    """A new float64 array with the numbers of `value`, which `name` names in errors.

    Takes numbers, (nested) lists, arrays, tables and tensors. Raises InvalidArgument for text,
    complex numbers, missing or masked entries, rows of different lengths, tensors that carry a
    gradient, and numbers that float64 does not hold, such as the integer 2^53 + 1.
    """
    if type(value) is float or (type(value) is int and abs(value) <= EXACT_INTEGERS):
        return np.array(value, dtype=np.float64)
    array = as_array(name, value, wanted)
    kind = array.dtype.kind
    if kind == "O":
        held = [_held(name, entry, value, wanted) for entry in array.flat]
        return np.array(held, dtype=np.float64).reshape(array.shape)
    if kind not in "biuf":
        raise InvalidArgument(name, value, f"{wanted}, not of {array.dtype}")
    found = array.astype(np.float64)
    if kind in "iu":
        large = (array > EXACT_INTEGERS) | (array < -EXACT_INTEGERS)
        for entry in array[large].flat:
            _held(name, int(entry), value, wanted)
    elif array.dtype.itemsize > found.dtype.itemsize:
        lost = (found.astype(array.dtype) != array) & ~np.isnan(found)
        if lost.any():
            raise InvalidArgument(name, value, f"{wanted} that float64 holds")
    return found


def as_array(name: str, value: Any, wanted: str = NUMBERS) -> np.ndarray:
    """`value` as a plain array of the type that it has; tensors, lists of them and masks undone."""
    try:
        return np.asarray(_plain(name, value))
    except InvalidArgument:
        raise
    except (TypeError, ValueError, RuntimeError):
        raise InvalidArgument(name, value, f"{wanted}, all rows of one length") from None


def _plain(name: str, value: Any) -> Any:
    """The value without tensors and masks, which numpy would convert with a loss or a warning."""
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "requires_grad"):
        if value.requires_grad:
            raise InvalidArgument(name, value, f"without a gradient: {name}.detach()")
        dense = value if str(value.layout) == "torch.strided" else value.to_dense()
        widened = dense.double() if str(dense.dtype) == "torch.bfloat16" else dense
        return widened.cpu().numpy()
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise InvalidArgument(name, value, "without masked entries: .compressed() or .filled()")
        return value.data
    if isinstance(value, list | tuple) and not all(type(v) in (int, float) for v in value):
        return [_plain(name, entry) for entry in value]
    return value


def _held(name: str, entry: Any, value: Any, wanted: str) -> float:
    """The number as a float; InvalidArgument if it is none, or float64 does not hold it."""
    if isinstance(entry, float | np.floating):
        return float(entry)
    number: Any = entry
    if isinstance(entry, numbers.Rational):
        number = Fraction(int(entry.numerator), int(entry.denominator))
    elif not isinstance(entry, numbers.Real | Decimal):
        raise InvalidArgument(name, value, wanted)
    with suppress(OverflowError, ValueError):
        found = float(number)
        if found == number:
            return found
    allowed = "a number that float64 holds: write float(...) where rounding is meant"
    raise InvalidArgument(name, entry, allowed)


def number_type(value: Any) -> str:
    """The name of the type of the numbers, such as float32, of an array, a tensor or a list."""
    if isinstance(value, list | tuple) and value:
        return max((number_type(v) for v in value), key=_coarseness)
    dtype = getattr(value, "dtype", None)
    if dtype is None and hasattr(value, "dtypes"):  # a table has one for every column
        return max(map(str, value.dtypes), key=_coarseness, default="float64")
    return str(dtype).removeprefix("torch.") if dtype is not None else type(value).__name__


def _coarseness(name: str) -> int:
    """Orders the types of numbers by how much they round."""
    order = ("float64", "float32", "float16", "bfloat16")
    return order.index(name) if name in order else -1
