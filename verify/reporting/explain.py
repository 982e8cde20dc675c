"""What `show --values` adds: the numbers of a claim at a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from rich.console import Console
from rich.text import Text

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.kinds import Mode
from theory.language.numeric import exact
from theory.language.text import plain_text
from verify.reporting.statement import indented

DEEPEST = 10
"""The index up to which a recursion is checked: the work for 50 digits grows with its square."""


def values(claim: Claim, configuration: Any, salt: str, console: Console) -> None:
    """The numbers of the claim where the experiment puts it, and how exact they are."""
    from verify.runs.check import missing  # the judge takes a second to import

    experiment = registry.theorem(registry.theorem_of(claim.name)).load_experiment()
    small = experiment.preview(configuration)
    observed = experiment.observe(small, salt=salt, quantities={claim.quantity.name})
    samples, reasons = observed.samples, {**observed.unmeasured, **observed.out_of_regime}
    if lacking := missing(claim, samples, reasons):
        raise InvalidArgument("claim", claim.name, f"one that can be evaluated: {lacking}")
    sample = samples[claim.quantity.name]
    symbols, measured = sample.symbols_of(claim), sample.values
    console.print(Text(f"values (salt {salt})", "bold"))
    for name in claim.variables:
        console.print(Text(f"  {name} = {_shown(symbols[name])}"))
    regime = claim.regime(symbols)
    shape = np.shape(regime.holds)
    points = _points(shape)
    console.print(Text("premises" + _at(claim, points[0], shape).replace(": ", ""), "bold"))
    failing = {f.premise: f for f in regime.failures}
    _premises(claim, symbols, points[0], shape, failing, console)
    if claim.kind.mode is Mode.LAW:
        claim, symbols = claim.at(symbols, measured)
        shape = measured.shape
        regime, points = claim.regime(symbols), _points(shape)
    console.print(Text("bound", "bold"))
    _bounds(claim, symbols, np.broadcast_to(regime.holds, shape), points, console)


def _premises(
    claim: Claim,
    symbols: Mapping[str, Any],
    point: tuple[int, ...],
    shape: tuple[int, ...],
    failing: Mapping[str, Any],
    console: Console,
) -> None:
    st, here = claim.statement, _point(claim, symbols, point, shape)
    given = {v.symbol: here[name] for name, v in claim.variables.items()}
    for premise in st.premises:
        text = plain_text(premise)
        arrays = {b.label for b in premise.atoms(sp.IndexedBase)}
        names = sorted((s for s in premise.free_symbols - arrays if s.is_symbol), key=str)
        at = {str(s): float(exact(st.expand(s), given, 20)) for s in names}
        if text in failing:
            at |= failing[text].values
        shown = ", ".join(f"{name} = {value:.6g}" for name, value in at.items())
        mark = ("FAILS", "red") if text in failing else ("holds", "green")
        values = f"  ({shown})" if shown else ""
        console.print(Text.assemble("  ", mark, f"  {text}{values}"))
    if not st.premises:
        console.print("  none")


def _bounds(
    claim: Claim,
    symbols: Mapping[str, Any],
    holds: np.ndarray,
    points: list[tuple[int, ...]],
    console: Console,
) -> None:
    st, shape = claim.statement, np.shape(holds)
    if not holds.any():
        console.print("  none: the claim is out of its regime")
        return
    evaluation = claim.evaluate(symbols, where=holds)
    rows: dict[str, np.ndarray] = {"bound": evaluation.bound, **evaluation.parts}
    extra = {"lower end": evaluation.lower, "upper end": evaluation.upper}
    rows |= {name: row for name, row in extra.items() if row is not None}
    for point in points:
        if not holds[point]:
            continue
        numbers = ", ".join(f"{n} = {float(row[point]):.8g}" for n, row in rows.items())
        console.print(Text(indented(_at(claim, point, shape)[1:] + numbers, console)))
    # the first point of a recursion is given, and late ones cost too much
    checked = points if st.history is None else [(min(DEEPEST, shape[0] - 1),)]
    errors = []
    for point in checked:
        if not holds[point]:
            continue
        reference = claim.evaluate_exact(_point(claim, symbols, point, shape))
        gap = abs(sp.Float(float(evaluation.bound[point]), 50) - reference)
        errors.append(float(gap / abs(reference)) if reference else float(gap))
    if errors:
        where = f" up to {st.index} = {checked[0][0]}" if st.history is not None else ""
        console.print(f"  off the value to 50 digits by {max(errors):.1e}, relative{where}")


def _points(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The first, middle and last point; of several axes the last is followed."""
    if not shape:
        return [()]
    lead = (0,) * (len(shape) - 1)
    return [(*lead, i) for i in sorted({0, (shape[-1] - 1) // 2, shape[-1] - 1})]


def _at(claim: Claim, point: tuple[int, ...], shape: tuple[int, ...]) -> str:
    if not shape:
        return ""
    index = claim.statement.index
    inner = ", ".join(map(str, point))
    return f" {index} = {inner}: " if index is not None else f" point {inner}: "


def _point(
    claim: Claim, symbols: Mapping[str, Any], point: tuple[int, ...], shape: tuple[int, ...]
) -> dict[str, Any]:
    """The symbols' values at one point."""
    return {
        name: symbols[name] if v.axes else np.broadcast_to(symbols[name], shape)[point].item()
        for name, v in claim.variables.items()
    }


def _shown(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{array.item():.10g}"
    if array.size <= 4 and array.ndim == 1:
        return np.array2string(array, precision=5)
    low, high = array.min(), array.max()
    size = " x ".join(map(str, array.shape))
    return f"{size} values from {low:.6g} to {high:.6g}"
