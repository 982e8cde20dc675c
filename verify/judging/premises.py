"""The premises of a claim with the values of both sides, where a sample puts them."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from theory.language.claim import Claim
from theory.language.errors import apart, cut
from theory.language.kinds import Mode
from theory.language.numeric import all_exact
from theory.language.text import plain_text
from verify.judging.sample import Sample

DIGITS = 20
"""Digits to which the sides of a premise are evaluated."""

LONGEST = 120
"""Characters of a premise that are printed."""


@dataclass(frozen=True)
class Premise:
    """A premise with the values of its two sides (a compound condition has none: NaN)."""

    text: str
    left: float
    sign: str
    right: float
    holds: bool

    def __str__(self) -> str:
        text = cut(self.text, LONGEST)
        word = "holds" if self.holds else "FAILS"
        if not self.sign:
            return f"{text} {word}"
        left, right = f"{self.left:.6g}", f"{self.right:.6g}"
        if not self.holds:
            left, right = apart(self.left, self.right)
        return f"{text}: {left} {self.sign} {right} {word}"


def premises(claim: Claim, sample: Sample, position: int = 0) -> list[Premise]:
    """The premises with both sides, at the checkpoint with that flat index."""
    st, symbols, shape = claim.statement, sample.symbols_of(claim), shape_of(claim, sample)
    claim.regime(symbols)  # says which symbol has no value, or a bad one
    here = {
        name: symbols[name] if v.axes else _entry(symbols[name], shape, position)
        for name, v in claim.variables.items()
    }
    failing = {failure.premise for failure in claim.regime(here).failures}
    at = {v.symbol: here[name] for name, v in claim.variables.items()}

    sides = [s for p in st.premises if isinstance(p, Relational) for s in (p.lhs, p.rhs)]
    numbers = map(float, all_exact(sides, at, DIGITS, st.definitions))
    found = []
    for premise in st.premises:
        text = plain_text(premise)
        holds = text not in failing  # as `regime` decides, which allows for rounding
        if not isinstance(premise, Relational):
            found.append(Premise(text, math.nan, "", math.nan, holds))
            continue
        sign = "=" if isinstance(premise, sp.Eq) else premise.rel_op
        found.append(Premise(text, next(numbers), sign, next(numbers), holds))
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
