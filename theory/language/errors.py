"""The two errors a user meets: an argument outside its domain, a claim outside its regime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class InvalidArgument(ValueError):
    """An argument is outside its domain; says which, what it was and what is allowed."""

    def __init__(self, name: str, value: Any, allowed: str) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        super().__init__(f"{name} = {_short(value)}: must be {allowed}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.value, self.allowed)


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


def _short(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
