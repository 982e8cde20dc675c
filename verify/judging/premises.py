"""The premises of a claim with the values of both sides, where a sample puts them."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from theory.language.claim import Claim, Mode
from theory.language.evaluation import EQUALITY_TOLERANCE
from theory.language.numeric import exact
from theory.language.text import plain_text
from verify.judging.sample import Sample

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


def premises(claim: Claim, sample: Sample, position: int = 0) -> list[Premise]:
    """The premises with both sides, at the checkpoint with that flat index."""
    st, symbols, shape = claim.statement, sample.symbols, shape_of(claim, sample)
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


def premise_lines(claim: Claim, sample: Sample, position: int) -> list[str]:
    """The premises as text; what keeps them from being evaluated must not hide the verdict."""
    try:
        return list(map(str, premises(claim, sample, position)))
    except Exception as error:
        return [f"not evaluated ({type(error).__name__}: {error})"]


def shape_of(claim: Claim, sample: Sample) -> tuple[int, ...]:
    """The shape of the points."""
    each = claim.kind.mode in (Mode.PATHWISE, Mode.LAW)
    return sample.values.shape if each else sample.rows.shape[:1]


def _entry(value: Any, shape: tuple[int, ...], position: int) -> Any:
    """The value at a flat index of the points, as a builtin number."""
    array = np.asarray(value)
    if array.ndim and array.shape != shape:
        with suppress(ValueError):
            array = np.broadcast_to(array, shape)
    return array.flat[min(position, array.size - 1)].item()
