"""Verdicts, and the judgement that carries one with its numbers."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

FACTOR = 2.0
"""The violation that an informative check must be able to see."""


class Verdict(enum.Enum):
    HOLDS = "HOLDS"
    REFUTED = "REFUTED"
    VACUOUS = "VACUOUS"
    UNDERPOWERED = "UNDERPOWERED"
    OUT_OF_REGIME = "OUT_OF_REGIME"

    @property
    def informative(self) -> bool:
        return self in (Verdict.HOLDS, Verdict.REFUTED)


@dataclass(frozen=True)
class Judgement:
    """A verdict with its numbers (plain floats), taken where the claim is tightest.

    bound, measured    at that checkpoint; `measured` is the mean (pathwise: the value)
    lower_confidence   lower limit of the mean, error `level`/checkpoints
    standard_error     of the mean
    tightness          bound/measured; for an equality upper end/lower end of its band
    factor             the detectable factor: the bound divided by more is refuted by this sample
                       (a lower bound multiplied, an equality both); inf: no factor is
    position           the checkpoint (flat index) the numbers belong to
    informative        checkpoints that could have refuted the claim, of `checkpoints`
    """

    claim: str
    verdict: Verdict
    reason: str = ""
    bound: float = float("nan")
    measured: float = float("nan")
    lower_confidence: float = float("nan")
    standard_error: float = float("nan")
    tightness: float = float("nan")
    tightness_confidence: float = float("nan")
    factor: float = float("inf")
    share: float = 1.0
    position: int = 0
    checkpoints: int = 0
    informative: int = 0
    level: float = 0.0

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.HOLDS

    def __str__(self) -> str:
        numbers = f"bound {self.bound:.6g}, measured {self.measured:.6g}"
        if np.isfinite(self.tightness):
            numbers += f", tightness {self.tightness:.3g}"
        return f"{self.claim}: {self.verdict.value} ({self.reason or numbers})"


def tightest(
    ratio: np.ndarray, failed: np.ndarray, informative: np.ndarray, shown: np.ndarray
) -> int:
    """Where to take the numbers from: a failure, else the tightest informative point."""
    for group in (failed, informative, shown, np.ones_like(failed)):
        if group.any():
            finite = np.where(group & ~np.isnan(ratio), ratio, np.inf)
            best = int(np.argmin(finite))
            return best if group[best] else int(np.argmax(group))
    return 0


def least(factors: np.ndarray, counted: np.ndarray) -> float:
    """The smallest factor where it counts, at least 1; inf where nothing does."""
    found = np.where(counted & ~np.isnan(factors), factors, np.inf)
    return max(1.0, float(found.min())) if found.size else float("inf")
