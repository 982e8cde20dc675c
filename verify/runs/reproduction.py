"""A published experiment run again: its points by the engine of sweeps, then its trends judged.

A row is one number: a series at a point of the grid, of one repetition, at one position of a curve.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import unknown
from theory.language.kinds import LOWER_PROBABILITY
from verify.experiments.kit import Trajectory
from verify.experiments.kit.published import AT, Published, Results, Trend
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, judge
from verify.runs import check as run
from verify.runs.curves import curves
from verify.runs.plain import plain
from verify.runs.selection import select
from verify.runs.sweep import ERROR, NOT_JUDGED, Point, Row, Sweep, require, single

WORDS = "words"
"""The series of a row whose reason is JSON: what a panel says beside its numbers."""
FIRST = "first_initialisation"
"""The series of the network that bounds are of, where the curves of a panel are of others."""
BOUND = " bound"
"""After the name of a claim: the series of its bound."""

COLUMNS = {"series": str, "repetition": int, AT: float, "value": float, "verdict": str,
           "reason": str, "seconds": float}  # fmt: skip


def every() -> Iterator[tuple[str, Published]]:
    """All published experiments that theorems offer, each with the name of its theorem."""
    for theorem in registry.theorems():
        for each in registry.theorem(theorem).load_published():
            yield theorem, each


def find(name: str) -> tuple[str, Published]:
    """The experiment of that name and its theorem; InvalidArgument lists the known ones."""
    known = {each.name: (theorem, each) for theorem, each in every()}
    if name not in known:
        raise unknown("name", name, known)
    return known[name]


@dataclass(frozen=True, eq=False)
class Reproduction(Sweep):
    """A published experiment at full size or quick, as a sweep; `patterns` is its name alone.

    The budget is split evenly over its trends and over its claims at every point.
    """

    quick: bool = False

    @classmethod
    def of(
        cls, name: str, *, salt: str, budget: float, quick: bool, given: Mapping[str, Any]
    ) -> Reproduction:
        """With options that replace those of the experiment, such as `data`."""
        theorem, published = find(name)
        known, grid = published.sized(quick)
        return cls(theorem, (name,), {**known, **given}, grid, salt, budget, quick)

    @property
    def published(self) -> Published:
        return find(self.patterns[0])[1]

    @property
    def claims(self) -> tuple[str, ...]:
        patterns = self.published.claims
        return tuple(select(self.theorem, patterns)) if patterns else ()

    @property
    def measure(self) -> Callable[..., list[Row]]:
        return measure

    def work(self, configuration: Any) -> float:
        return self.published.work(configuration)

    @property
    def columns(self) -> Mapping[str, type]:
        return COLUMNS

    @property
    def each(self) -> float:
        """The level of one test."""
        points = math.prod(len(values) for values in self.grid.values())
        return self.budget / max(1, len(self.published.trends) + points * len(self.claims))

    @property
    def level(self) -> float:
        return self.each * max(1, len(self.claims))

    @property
    def identity(self) -> dict[str, Any]:
        return {**super().identity, "name": self.patterns[0], "quick": self.quick}

    def failed(self, point: Point, reason: str) -> list[Row]:
        """The row of a point that could not be measured."""
        return [_row(self.patterns[0], 0, None, None, ERROR, reason)]


# ---- in a worker ---------------------------------------------------------------------------------


def measure(
    configuration: Any,
    *,
    theorem: registry.Theorem,
    patterns: Collection[str],
    salt: str,
    budget: float,
    expected: Mapping[str, str | None],
) -> list[Row]:
    """The rows of one point: of the experiment's own measurement, or of its claims judged there."""
    require(expected)
    start = time.monotonic()
    (name,) = patterns
    with single(theorem):
        published = next(each for each in theorem.load_published() if each.name == name)
        if published.measure is None:
            rows = _judged(theorem.name, published, configuration, salt, budget)
        else:
            rows = _rows(published.measure(configuration, salt))
    return [{**row, "seconds": time.monotonic() - start} for row in rows]


def _rows(values: Mapping[str, np.ndarray]) -> list[Row]:
    at = values.get(AT)
    rows = []
    for name, array in values.items():
        if name == AT:
            continue
        for repetition, own in enumerate(np.asarray(array, dtype=np.float64)):
            if at is None:
                rows.append(_row(name, repetition, None, float(own)))
            else:
                pairs = zip(at, own, strict=True)
                rows += [_row(name, repetition, float(x), float(value)) for x, value in pairs]
    return rows


def _judged(
    theorem: str, published: Published, configuration: Any, salt: str, budget: float
) -> list[Row]:
    outcome = run.check(theorem, configuration, salt=salt, budget=budget,
                        patterns=published.claims)  # fmt: skip
    if outcome.incomplete:
        raise RuntimeError(outcome.incomplete)
    rows = []
    for j in outcome.judgements:
        rows.append(_row(j.claim, 0, None, j.measured, j.verdict.value, j.reason))
        rows.append(_row(j.claim + BOUND, 0, None, j.bound))
    if published.curves is not None:
        rows += _panel(outcome, published.curves)
    for name, why in outcome.unjudged.items():
        rows.append(_row(name, 0, None, None, NOT_JUDGED, why))
    return rows


def _panel(outcome: run.Outcome, number: int) -> list[Row]:
    """The curves of a panel of the theorem's own picture, with the bounds on them."""
    own = outcome.observations.trajectory
    panel = curves_of(own)[number]
    series, labels = dict(panel.series), dict(panel.labels)
    for bound in curves(outcome) if panel is own else ():
        name = ", ".join(bound.names)
        series[name + BOUND], labels[name + BOUND] = bound.bound, f"{name}: {bound.state}"
        if bound.measured is not None:
            series.setdefault(FIRST, bound.measured)
            labels[FIRST] = "first initialisation, which the bounds are of"
    words = {
        "index": panel.index, "labels": labels, "axis": panel.axis, "quantity": panel.quantity,
        "title": panel.title, "scale": panel.scale or ("linear" if panel is own else ""),
        "areas": panel.areas, "heights": panel.heights, "details": panel.details,
        "errors": panel.errors,
    }  # fmt: skip
    told = _row(WORDS, 0, None, None, "", json.dumps(plain(words)))
    return [told, *_rows({AT: panel.x} | {name: array[None] for name, array in series.items()})]


def curves_of(trajectory: Trajectory) -> list[Trajectory]:
    """The panels with curves of an experiment's picture, in their order."""
    every = trajectory, trajectory.within, *trajectory.all_panels
    return [each for each in every if each is not None and each.series]


def _row(
    series: str, repetition: int, at: float | None, value: float | None, verdict: str = "",
    reason: str = "",
) -> Row:  # fmt: skip
    number = None if value is None or np.isnan(value) else float(value)
    return {"series": series, "repetition": repetition, AT: at, "value": number,
            "verdict": verdict, "reason": reason, "seconds": None}  # fmt: skip


# ---- what was found ------------------------------------------------------------------------------


def results(plan: Reproduction, found: Mapping[int, Sequence[Row]]) -> Results:
    """The rows of all points as arrays; NaN where a point failed, and beyond the end of a curve."""
    shape = tuple(len(values) for values in plan.grid.values())
    good = {index: [r for r in own if r["verdict"] not in (ERROR, NOT_JUDGED)]
            for index, own in found.items()}  # fmt: skip
    curves = any(row[AT] is not None for own in good.values() for row in own)
    blocks: dict[tuple[str, int], np.ndarray] = {}
    positions: dict[int, list[float]] = {}
    words = {index: json.loads(row["reason"]) for index, own in good.items() for row in own
             if row["series"] == WORDS}  # fmt: skip
    for index, own in good.items():
        values: dict[str, list[list[float]]] = {}
        for row in own:
            if (row[AT] is not None) is not curves:
                continue  # verdicts beside curves
            repetitions = values.setdefault(row["series"], [])
            if row["repetition"] == len(repetitions):
                repetitions.append([])
            repetitions[-1].append(np.nan if row["value"] is None else row["value"])
            if row["series"] == next(iter(values)) and not row["repetition"]:
                positions.setdefault(index, []).append(row[AT])
        blocks |= {(name, index): np.array(block) for name, block in values.items()}
    names = list(dict.fromkeys(name for name, _ in blocks))
    most, longest = (max((b.shape[axis] for b in blocks.values()), default=0) for axis in (0, 1))
    size = math.prod(shape)
    series = {name: np.full((size, most, longest), np.nan) for name in names}
    at = np.full((size, longest), np.nan)
    for (name, index), block in blocks.items():
        series[name][index, : block.shape[0], : block.shape[1]] = block
        if curves:
            at[index, : len(positions[index])] = positions[index]
    if not curves:
        return Results(plan.grid, {n: a.reshape(*shape, most) for n, a in series.items()})
    whole = {name: array.reshape(*shape, most, longest) for name, array in series.items()}
    return Results(plan.grid, whole, at.reshape(*shape, longest), words)


def claim_of(published: Published, trend: Trend) -> Claim:
    """The trend as a claim."""
    return Claim.of(
        f"{published.name}/{trend.name}", trend.share, kind=LOWER_PROBABILITY,
        source=f"{published.paper}, {published.figure}", quantity="trend_shows",
        summary=trend.summary,
    )  # fmt: skip


def judged(plan: Reproduction, found: Results) -> list[Judgement]:
    """The verdicts on the trends."""
    published = plan.published
    return [
        judge(claim_of(published, trend), _sample(trend, found), plan.each)
        for trend in published.trends
    ]


def _sample(trend: Trend, found: Results) -> Sample:
    return Sample(np.ravel(trend.trials(found)).astype(np.float64))
