"""The fields of a sample, checked when it is made, and its shapes, checked against a claim.

A field that is NaN, of another length or out of its range would make comparisons pass; what is
handed over is copied, so that nobody can change a sample afterwards.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.language.claim import Claim
from theory.language.conversion import EXACT_INTEGERS, as_array, as_float64, number_type
from theory.language.errors import InvalidArgument
from theory.language.evaluation import Values
from theory.language.kinds import Mode

if TYPE_CHECKING:
    from verify.judging.sample import Sample

TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
"""Relative rounding error allowed to measured values, by the dtype of the trajectories.

float64: sums over 1e5 neurons and 1e3 rounds stay below 1e-10. float32: trajectories part from
the float64 ones by up to 1e-4 in ten rounds, through activations that flip one step apart.
"""

ROUNDED = ("float16", "bfloat16")
"""Types of numbers whose rounding no tolerance covers."""


def values(given: Any) -> np.ndarray:
    """Measured values: at least one, as float64; they may be infinite or NaN (a diverged run)."""
    found = as_float64("values", given, "an array of numbers")
    if found.size == 0 or found.ndim == 0:
        raise InvalidArgument("values", given, "an array with at least one value, such as [0.5]")
    return _fixed(found)


def dtype(given: Any, measured: Any) -> str:
    """The name of the type whose rounding the values carry; of the values where none is given."""
    own = number_type(measured)
    if own in ROUNDED:
        allowed = f"of {' or '.join(TOLERANCE)}: measure in one of them, for {own} rounds too much"
        raise InvalidArgument("values.dtype", own, allowed)
    own = own if own in TOLERANCE else "float64"  # integers and truth values are exact
    if given is None:
        return own
    name = _dtype_name(given)
    if name not in TOLERANCE:
        raise InvalidArgument("dtype", given, "one of " + ", ".join(TOLERANCE))
    if TOLERANCE[name] < TOLERANCE[own]:
        raise InvalidArgument("dtype", given, f"{own}, as that of the values, or left out")
    return name


def _dtype_name(given: Any) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, type) and issubclass(given, np.generic):
        return np.dtype(given).name
    return str(given).removeprefix("torch.")


def symbols(given: Any) -> Values:
    """A copy of the values of the symbols, by name."""
    if not isinstance(given, Mapping):
        raise InvalidArgument("symbols", given, 'a dictionary such as {"eta": 0.1}')
    found = Values()
    for name, value in given.items():
        if not isinstance(name, str):
            raise InvalidArgument("symbols", name, f'keyed by names: {{"{name}": ...}}')
        found[name] = _copied(name, value)
    return found


def _copied(name: str, value: Any) -> Any:
    if type(value) is float or (type(value) is int and -EXACT_INTEGERS <= value <= EXACT_INTEGERS):
        return value
    as_float64(name, value)  # refuses what float64 does not hold
    if isinstance(value, numbers.Number):
        return value
    array = np.array(as_array(name, value))
    return _fixed(array) if array.ndim else array[()]


def along(name: str, given: Any, measured: np.ndarray, least: float) -> Any:
    """Numbers that hold for all values, or one per checkpoint, or one per value: none is NaN.

    A number stays one; an array is copied. `least` is the smallest that is allowed, and infinity
    is allowed where that is -inf.
    """
    found = as_float64(name, given)
    shapes = {(), np.atleast_2d(measured).shape[:1], measured.shape}
    if not any(_fits(found.shape, shape) for shape in shapes):
        raise InvalidArgument(f"{name}.shape", found.shape, _one_of(shapes))
    allowed = ~np.isnan(found) & (found > -math.inf)
    text = "a number (inf where nothing is known), nowhere NaN or -inf"
    if least > -math.inf:
        allowed &= np.isfinite(found) & (found >= least)
        text = f"finite and at least {least:g}"
    if not allowed.all():
        raise InvalidArgument(name, found[~allowed].flat[0].item(), text)
    return _fixed(found) if found.ndim else float(found)


def share(given: Any) -> float:
    """A number in [0, 1]."""
    found = as_float64("share", given, "a number in [0, 1]")
    if found.ndim or isinstance(given, bool | np.bool_) or not 0 <= found <= 1:
        raise InvalidArgument("share", given, "a number in [0, 1]")
    return float(found)


def leading(given: Any, measured: np.ndarray) -> int:
    """A number of leading checkpoints."""
    allowed = f"a whole number from 0 to {len(measured)}"
    if isinstance(given, bool | np.bool_) or not isinstance(given, numbers.Integral):
        raise InvalidArgument("given", given, allowed)
    if not 0 <= int(given) <= len(measured):
        raise InvalidArgument("given", given, allowed)
    return int(given)


def flag(name: str, given: Any) -> bool:
    """True or False, not what merely counts as such."""
    if not isinstance(given, bool | np.bool_):
        raise InvalidArgument(name, given, "True or False")
    return bool(given)


def control(given: Any, measured: np.ndarray) -> np.ndarray | None:
    """One finite number per value, or none at all."""
    if given is None:
        return None
    found = as_float64("control", given)
    if found.shape != measured.shape:
        raise InvalidArgument("control.shape", found.shape, f"{measured.shape}, as of the values")
    if not np.isfinite(found[np.isfinite(measured)]).all():
        raise InvalidArgument("control", given, "finite where the values are")
    return _fixed(found)


# --- against a claim -----------------------------------------------------------------------------


def points_of(claim: Claim, sample: Sample) -> tuple[int, ...]:
    """The shape of the points at which the claim has a bound."""
    return {
        Mode.PATHWISE: sample.values.shape,
        Mode.PROBABILITY: (),
        Mode.LAW: sample.rows.shape,
    }.get(claim.kind.mode, sample.rows.shape[:1])


def column(value: Any, points: tuple[int, ...]) -> Any:
    """One number per checkpoint as a column beside the runs; anything else as it is."""
    shape = np.shape(value)
    if len(points) < 2 or shape != points[:1] or shape == points[-1:]:
        return value
    return _fixed(np.array(value).reshape(-1, *[1] * (len(points) - 1)))


def check_shapes(claim: Claim, sample: Sample) -> None:
    """Refuse a sample whose shapes do not fit the claim, and name what does not fit."""
    mode, measured = claim.kind.mode, sample.values.shape
    if mode not in (Mode.PATHWISE, Mode.PROBABILITY) and len(measured) > 2:
        allowed = f"(checkpoints, runs) or (runs,), for {claim.name} is claimed {mode.value}"
        raise InvalidArgument("values.shape", measured, allowed)
    points = points_of(claim, sample)
    why = {
        Mode.PATHWISE: "as the values",
        Mode.LAW: "as the values",
        Mode.PROBABILITY: "one for all trials",
    }.get(mode, f"one per checkpoint: the values are {sample.rows.shape}, runs last")
    if len(points) > 1:
        why += f", or {points[:1]}, one per checkpoint, or {points[-1:]}, one per run"
    for name, variable in claim.variables.items():
        if name in sample.symbols and not variable.axes:
            _check_shape(name, sample.symbols[name], points, why, claim.name,
                         square=mode is not Mode.PATHWISE)  # fmt: skip
    for name in () if mode is Mode.PROBABILITY else ("trivial", "scale"):
        _check_shape(name, getattr(sample, name), points, why, claim.name)
    if mode is Mode.PROBABILITY and len(measured) > 1:
        allowed = f"(trials,), each independent of the others, for {claim.name}"
        raise InvalidArgument("values.shape", measured, allowed)
    if mode in (Mode.PROBABILITY, Mode.LIMIT) and sample.given:
        allowed = f"0, for {claim.name} is claimed {mode.value}: it has no checkpoints"
        raise InvalidArgument("given", sample.given, allowed)


def check_signs(claim: Claim, sample: Sample) -> None:
    """Refuse negative values of which a mean is tested: the test is one for X >= 0."""
    if claim.kind.mode is Mode.EXPECTATION and not sample.deterministic:
        lowest = float(sample.values.min())
        if lowest < 0:
            allowed = f"not negative, for {claim.name} is tested as a mean of X >= 0; shift both "
            allowed += "sides; where it is rounding alone, np.maximum(values, 0)"
            raise InvalidArgument("values", lowest, allowed)


def check_level(claim: Claim, level: Any) -> None:
    """Refuse an error probability that is none; only claims on every path need no such level."""
    pathwise = claim.kind.mode is Mode.PATHWISE and not claim.confidence
    inside = isinstance(level, numbers.Real) and 0 <= float(level) < 1
    if not inside or (level == 0 and not pathwise):
        raise InvalidArgument("level", level, f"a probability between 0 and 1, for {claim.name}")


def _check_shape(
    name: str, value: Any, points: tuple[int, ...], why: str, claim: str, *, square: bool = True
) -> None:
    """Refuse a shape that does not fit, or, of a `square` if asked, one that fits in two ways."""
    shape, allowed = np.shape(value), ""
    if square and len(points) > 1 and shape == points[:1] == points[-1:] != (1,):
        ones = (1,) * (len(points) - 1)
        allowed = f"{(*shape, *ones)}, one per checkpoint, or {(*ones, *shape)}, one per run"
    elif not _fits(np.shape(column(value, points)), points):
        allowed = f"{_one_of({(), points})}, {why}"
    if allowed:
        raise InvalidArgument(f"{name}.shape", shape, f"{allowed}, for {claim}")


def _fits(shape: tuple[int, ...], points: tuple[int, ...]) -> bool:
    """Whether an array of that shape gives each point its number."""
    try:
        return np.broadcast_shapes(shape, points) == points
    except ValueError:
        return False


def _one_of(shapes: set[tuple[int, ...]]) -> str:
    return " or ".join(map(str, sorted(shapes, key=len)))


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
