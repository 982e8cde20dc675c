"""What a refutation says of itself: the configuration, every premise, the margin.

The gate, `check`, `search` and `replay` say it in the same words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from theory.language.claim import Claim
from theory.language.kinds import Mode
from theory.language.text import plain_text
from verify.judging.plural import filled
from verify.judging.premises import premise_lines, shape_of
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement

ROOM = 76 - 14
"""Columns of a terminal beside the label, and the mark that pytest puts before an error."""

READ = ("source", "claim", "reason", "premises", "values")
"""The lines that are sentences or lists."""


def described(configuration: Any) -> str:
    """The configuration as its constructor is written: the fields that differ from the default."""
    if not is_dataclass(configuration):
        return repr(configuration)
    return f"{type(configuration).__name__}({changes(configuration)})"


def changes(configuration: Any) -> str:
    """The fields of a configuration that differ from their defaults."""
    return ", ".join(
        f"{f.name}={getattr(configuration, f.name)!r}"
        for f in fields(configuration)
        if getattr(configuration, f.name) != f.default
    )


def margin(judgement: Judgement) -> float:
    """measured/bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(judgement.measured, judgement.bound))


def place(claim: Claim, sample: Sample, judgement: Judgement) -> str:
    """The checkpoint of the numbers, and its run where they are of one; none for trials."""
    if claim.kind.mode is Mode.PROBABILITY:
        return ""
    shape = shape_of(claim, sample)
    if len(shape) < 2:
        return f"{judgement.position} of {judgement.checkpoints}"
    row, run = divmod(judgement.position, math.prod(shape[1:]))
    return f"{row} of {shape[0]}, run {run} of {math.prod(shape[1:])}"


def facts(claim: Claim, samples: Sequence[Sample], judgement: Judgement) -> dict[str, str]:
    """The lines on a judgement by their labels; several initialisations: premises of the first."""
    j = judgement
    lines = {
        "source": claim.source,
        "claim": f"{claim.quantity.text} {claim.kind.sign} {_right(claim)} ({claim.manner})",
        "reason": j.reason,
        "premises": "\n".join(premise_lines(claim, samples[0], j.position)) or "none",
    }
    if j.checkpoints and not math.isnan(j.bound):
        ratio = f"measured/bound = {margin(j):.6g}"
        if claim.kind.mode is Mode.EXPECTATION and j.bound:
            ratio += f", lower limit/bound = {j.lower_confidence / j.bound:.6g}"
        mode = claim.kind.mode
        error = "" if mode is Mode.PATHWISE else f" (standard error {j.standard_error:.2g})"
        limit = f"{j.lower_confidence:.6g} at level {j.level:.3g}"
        lines |= {
            "bound": f"{j.bound:.6g}",
            "measured": f"{j.measured:.6g}{error}",
            "lower limit": "" if mode in (Mode.PROBABILITY, Mode.PATHWISE) else limit,
            "margin": ratio,
            "checkpoint": place(claim, samples[0], j),
        }
    return lines | {"values": _values(claim, samples, j.position)}


def text(claim: Claim, judgement: Judgement, lines: Mapping[str, str]) -> str:
    """The claim with its verdict, and the labelled lines that say something.

    What is read is broken into lines; what is copied, such as a command, stays whole.
    """
    indent = " " * 14
    body = []
    for label, content in lines.items():
        told = content.splitlines()
        if label in READ:
            told = [each for line in told for each in filled(line, ROOM).splitlines()]
        body += [f"  {label:<11} {line}" if not row else indent + line
                 for row, line in enumerate(told)]  # fmt: skip
    return "\n".join([f"{claim.name}: {judgement.verdict.value}", *body])


def _right(claim: Claim) -> str:
    """The right-hand side: `bound`, a number of its own line, or the law."""
    return plain_text(claim.statement.bound) if claim.kind.mode is Mode.LAW else "bound"


def _values(claim: Claim, samples: Sequence[Sample], position: int) -> str:
    """The values of the claim's symbols at a checkpoint; a range where initialisations differ."""
    found = []
    known = [(sample.symbols_of(claim), shape_of(claim, sample)) for sample in samples]
    for name in claim.variables:
        seen = []
        for symbols, shape in known:
            seen += _at(symbols.get(name, math.nan), shape, position)
        low, high = min(seen, default=math.nan), max(seen, default=math.nan)
        found.append(f"{name} = {low:.6g}" + (f" .. {high:.6g}" if high > low else ""))
    return ", ".join(found)


def _at(value: Any, shape: tuple[int, ...], position: int) -> list[float]:
    """The value at a position among checkpoints of this shape; all of it if it has another."""
    array = np.asarray(value, dtype=np.float64)
    try:
        return [float(np.broadcast_to(array, shape).flat[position])]
    except ValueError:
        return [float(x) for x in array.flat]
