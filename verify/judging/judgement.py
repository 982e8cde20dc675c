"""Verdicts, and the judgement that carries one with its numbers."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

import numpy as np

FACTOR, LARGEST_FACTOR = 2.0, 1e6
"""The violation that an informative check must be able to see; the largest that is looked for."""

MINIMAL_SHARE = 0.5
"""Below this share of the good event a claim on it says nothing."""


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

    def __bool__(self) -> bool:
        """Refused: `assert judge(...)` would pass whatever the verdict."""
        raise TypeError(f"{self.claim} is {self.verdict.value}: ask for `passed` or `verdict`")

    def __str__(self) -> str:
        numbers = f"bound {self.bound:.6g}, measured {self.measured:.6g}"
        if np.isfinite(self.tightness):
            numbers += f", tightness {self.tightness:.3g}"
        return f"{self.claim}: {self.verdict.value} ({self.reason or numbers})"

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return html_table([(self, self.verdict.value)])


def html_table(rows: Iterable[tuple[Judgement, str]]) -> str:
    """Judgements with the word for each verdict, as a table that a notebook shows."""
    heads = ("claim", "verdict", "bound", "measured", "tightness", "detectable factor", "reason")
    lines = []
    for j, word in rows:
        numbers = [j.bound, j.measured, j.tightness, j.factor] if j.checkpoints else [np.nan] * 4
        texts = ["" if np.isnan(x) else f"{x:.4g}" for x in numbers]
        cells = "".join(f"<td>{escape(text)}</td>" for text in (word, *texts, j.reason))
        lines.append(f'<tr><th scope="row">{escape(j.claim)}</th>{cells}</tr>')
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


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


def smallest_factor(
    refuted: Callable[[float], bool], low: float = 1.0, high: float = LARGEST_FACTOR
) -> float:
    """The smallest factor from `low` on that is refuted, as `high` is; its logarithm to 5e-4."""
    below, above = float(np.log(low)), float(np.log(high))
    while above - below > 5e-4:
        middle = (below + above) / 2
        if refuted(float(np.exp(middle))):
            above = middle
        else:
            below = middle
    return float(np.exp(above))


def smallest_count(
    seen: Callable[[int], bool], most: int, *, few: int = 0, precision: float = 0.0
) -> int | None:
    """The smallest count from `few` on that is seen, to a relative precision; None above `most`."""
    low, high = few, max(1, few)
    while not seen(high):
        if high >= most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > max(1, int(precision * high)):
        middle = (low + high) // 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def nowhere(bound: float, known: float, *, lower: bool) -> str:
    """Why a bound says nothing that is no more than what is known."""
    side = "above" if lower else "below"
    return f"the bound {bound:.4g} is nowhere {side} the trivial one, {known:.4g}"


def too_rare(share: float) -> str:
    """Why a sample says nothing in which the good event holds in that share of the runs."""
    return (
        "" if share >= MINIMAL_SHARE else f"the good event holds in a share {share:.2f} of the runs"
    )


def least(factors: np.ndarray, counted: np.ndarray) -> float:
    """The smallest factor where it counts, at least 1; inf where nothing does."""
    found = np.where(counted & ~np.isnan(factors), factors, np.inf)
    return max(1.0, float(found.min())) if found.size else float("inf")
