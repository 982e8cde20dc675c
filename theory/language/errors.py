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
    """A premise that does not hold, with the values of its symbols (the first failing point)."""

    premise: str
    values: dict[str, float]

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value:.6g}" for name, value in self.values.items())
        return f"{self.premise} fails at {at}"


class OutOfRegime(ValueError):
    """A claim was evaluated where its premises do not hold, so it says nothing there."""

    def __init__(self, claim: str, failures: Sequence[FailedPremise]) -> None:
        self.claim, self.failures = claim, tuple(failures)
        super().__init__(f"{claim} is out of its regime: " + "; ".join(map(str, failures)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.claim, self.failures)


def _short(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
