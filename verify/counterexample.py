"""What a refutation says of itself: the configuration, every premise, the margin.

The gate, `check`, `search` and `replay` say it in the same words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import sympy as sp

from theory.claim import Claim, Mode
from theory.evaluation import EQUALITY_TOLERANCE
from theory.numeric import exact
from theory.text import plain_text
from verify.sample import Sample
from verify.verdict import Judgement

DIGITS = 20
"""Digits to which the sides of a premise are evaluated."""

LONGEST = 120
"""Characters of a premise that are printed."""


@dataclass(frozen=True)
class Premise:
    """A premise with the values of its two sides."""

    text: str
    left: float
    sign: str
    right: float
    holds: bool

    def __str__(self) -> str:
        text = self.text if len(self.text) <= LONGEST else f"{self.text[: LONGEST - 3]}..."
        word = "holds" if self.holds else "FAILS"
        return f"{text}: {self.left:.6g} {self.sign} {self.right:.6g} {word}"


def described(configuration: Any) -> str:
    """The configuration as its constructor is written: the fields that differ from the default."""
    if not is_dataclass(configuration):
        return repr(configuration)
    given = [
        f"{f.name}={getattr(configuration, f.name)!r}"
        for f in fields(configuration)
        if f.default is MISSING or getattr(configuration, f.name) != f.default
    ]
    return f"{type(configuration).__name__}({', '.join(given)})"


def margin(judgement: Judgement) -> float:
    """measured/bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(judgement.measured, judgement.bound))


def premises(claim: Claim, sample: Sample, position: int = 0) -> list[Premise]:
    """The premises with both sides, at the checkpoint with that flat index."""
    st, symbols, shape = claim.statement, sample.symbols, _shape(claim, sample)
    failing = {failure.premise for failure in claim.regime(symbols).failures}
    at = {
        v.symbol: symbols[name] if v.axes else _entry(symbols[name], shape, position)
        for name, v in claim.variables.items()
    }

    def side(expression: Any) -> float:
        return float(exact(st.expand(expression), at, DIGITS))

    found = []
    for premise in st.premises:
        text = plain_text(premise)
        left, right = side(premise.lhs), side(premise.rhs)
        equal = isinstance(premise, sp.Eq)
        sign = "=" if equal else premise.rel_op
        here = premise.func(left, right) == sp.true
        close = equal and math.isclose(left, right, rel_tol=EQUALITY_TOLERANCE, abs_tol=1e-300)
        # sides that differ by rounding alone: `regime` decides
        found.append(Premise(text, left, sign, right, here or close or text not in failing))
    return found


def facts(claim: Claim, samples: Sequence[Sample], judgement: Judgement) -> dict[str, str]:
    """The lines on a judgement by their labels; several initialisations: premises of the first."""
    j = judgement
    lines = {
        "source": claim.source,
        "claim": f"{claim.quantity.text} {claim.kind.sign} bound ({claim.kind})",
        "reason": j.reason,
        "premises": "\n".join(premise_lines(claim, samples[0], j.position)) or "none",
    }
    if j.checkpoints:
        ratio = f"measured/bound = {margin(j):.6g}"
        if claim.kind.mode is Mode.EXPECTATION and j.bound:
            ratio += f", lower limit/bound = {j.lower_confidence / j.bound:.6g}"
        lines |= {
            "bound": f"{j.bound:.6g}",
            "measured": f"{j.measured:.6g} (standard error {j.standard_error:.2g})",
            "lower limit": f"{j.lower_confidence:.6g} at level {j.level:.3g}",
            "margin": ratio,
            "checkpoint": f"{j.position} of {j.checkpoints}",
        }
    return lines | {"values": _values(claim, samples, j.position)}


def text(claim: Claim, judgement: Judgement, lines: Mapping[str, str]) -> str:
    """The claim with its verdict, and the labelled lines that say something."""
    body = (
        f"  {label:<11} {content}".replace("\n", "\n" + " " * 14)
        for label, content in lines.items()
        if content
    )
    return "\n".join([f"{claim.name}: {judgement.verdict.value}", *body])


def premise_lines(claim: Claim, sample: Sample, position: int) -> list[str]:
    """The premises as text; what keeps them from being evaluated must not hide the verdict."""
    try:
        return list(map(str, premises(claim, sample, position)))
    except Exception as error:
        return [f"not evaluated ({type(error).__name__}: {error})"]


def _values(claim: Claim, samples: Sequence[Sample], position: int) -> str:
    """The values of the claim's symbols at a checkpoint; a range where initialisations differ."""
    found = []
    for name in claim.variables:
        seen = []
        for sample in samples:
            seen += _at(sample.symbols.get(name, math.nan), _shape(claim, sample), position)
        low, high = min(seen, default=math.nan), max(seen, default=math.nan)
        found.append(f"{name} = {low:.6g}" + (f" .. {high:.6g}" if high > low else ""))
    return ", ".join(found)


def _shape(claim: Claim, sample: Sample) -> tuple[int, ...]:
    """The shape of the points."""
    pathwise = claim.kind.mode is Mode.PATHWISE
    return sample.values.shape if pathwise else sample.rows.shape[:1]


def _at(value: Any, shape: tuple[int, ...], position: int) -> list[float]:
    """The value at a position among checkpoints of this shape; all of it if it has another."""
    array = np.asarray(value, dtype=np.float64)
    try:
        return [float(np.broadcast_to(array, shape).flat[position])]
    except ValueError:
        return [float(x) for x in array.flat]


def _entry(value: Any, shape: tuple[int, ...], position: int) -> Any:
    """The value at a flat index of the points, as a builtin number."""
    array = np.asarray(value)
    if array.ndim and array.shape != shape:
        with suppress(ValueError):
            array = np.broadcast_to(array, shape)
    return array.flat[min(position, array.size - 1)].item()
