"""What a reproduction shows: a picture, JSON with every number in it, lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from verify.experiments.kit import Trajectory
from verify.experiments.kit.published import Published, Results
from verify.judging.verdict import Judgement
from verify.reporting import drawing
from verify.reporting.as_json import encoded
from verify.reporting.content import trajectory_written
from verify.reporting.figure import Panel, figure_of_panels, panel_of
from verify.runs.environment import environment
from verify.runs.reproduction import BOUND, Reproduction, claim_of
from verify.runs.sweep import Row

# ---- panels --------------------------------------------------------------------------------------


def panels(plan: Reproduction, found: Results) -> list[Trajectory]:
    """The panels of the picture: maps with the predicted one and their ratio; or lines."""
    published = plan.published
    pairs = dict(published.beside) or {c: c + BOUND for c in plan.claims if c in found.series}
    if found.at is not None:
        pairs = dict(published.beside) or dict.fromkeys(found.series, "")
        return list(_courses(published, found, pairs))
    if len(found.axes) == 2 and not published.lines:
        return list(_maps(published, found, pairs))
    return list(_lines(published, found, pairs))


def _maps(published: Published, found: Results, pairs: Mapping[str, str]) -> Iterator[Trajectory]:
    (rows, heights), (index, x) = found.axes.items()
    for name, beside in pairs.items():
        maps = {name: _mean(found.series[name])}
        if beside:
            maps[beside] = _mean(found.series[beside])
            with np.errstate(divide="ignore", invalid="ignore"):
                maps[f"{name} by {beside}"] = maps[name] / maps[beside]
        for title, cells in maps.items():
            words = _label(published, title) if title in found.series else "ratio of the two"
            yield Trajectory(
                index, np.array(x, dtype=np.float64),
                {f"{title} at {rows}={height}": row
                 for height, row in zip(heights, cells, strict=True)},
                heights=[float(height) for height in heights],
                axis=_label(published, index), quantity=_label(published, rows), title=words,
            )  # fmt: skip


def _lines(published: Published, found: Results, pairs: Mapping[str, str]) -> Iterator[Trajectory]:
    """Over the last axis, a line for each value of the other one and each series."""
    *outer, (index, x) = found.axes.items()
    together = {}
    positions = np.array(x, dtype=np.float64) if _numbers(x) else np.arange(len(x)) + 1.0
    words = "" if _numbers(x) else f" (1 to {len(x)}: {', '.join(map(str, x))})"
    series, errors, labels = {}, {}, {}
    for name, beside in pairs.items():
        for at, value in enumerate(outer[0][1] if outer else [None]):
            of = f" at {outer[0][0]}={value}" if outer else ""
            shown = f", {_label(published, outer[0][0])} = {value}" if outer else ""
            if beside:
                together[name + of] = beside + of
            for each in (name, beside) if beside else (name,):
                array = found.series[each][at] if outer else found.series[each]
                series[each + of] = _mean(array)
                labels[each + of] = _label(published, each) + shown
                if each == name and array.shape[-1] > 1:
                    errors[each + of] = _error(array)
    yield Trajectory(
        index, positions, series, errors=errors, labels=labels, scale=published.scale,
        axis=_label(published, index) + words, quantity=published.quantity,
        title=f"over the {_label(published, index)}", beside=together,
    )  # fmt: skip


def _courses(
    published: Published, found: Results, pairs: Mapping[str, str]
) -> Iterator[Trajectory]:
    """Curves, a panel for every point of the grid."""
    assert found.at is not None
    for at in np.ndindex(*[len(values) for values in found.axes.values()]):
        point = ", ".join(
            f"{_label(published, name)} = {values[i]}"
            for i, (name, values) in zip(at, found.axes.items(), strict=True)
        )
        key = " ".join(f"{n}={v[i]}" for i, (n, v) in zip(at, found.axes.items(), strict=True))
        number = int(np.ravel_multi_index(at, found.at.shape[:-1]))
        if number in found.words:
            yield _panel(found, at, point, found.words[number])
            continue
        series, errors, labels = {}, {}, {}
        for name in (each for pair in pairs.items() for each in pair if each):
            array = found.series[name][at]
            series[f"{name} at {key}"] = array.mean(axis=0)
            labels[f"{name} at {key}"] = _label(published, name)
            if name in pairs and len(array) > 1:
                errors[f"{name} at {key}"] = array.std(axis=0, ddof=1) / len(array) ** 0.5
        yield Trajectory(
            "at", found.at[at], series, errors=errors, labels=labels, scale=published.scale,
            axis=published.axis, quantity=published.quantity, title=point,
        )  # fmt: skip


def _panel(found: Results, at: tuple[int, ...], point: str, words: Mapping[str, Any]) -> Trajectory:
    """A panel of the theorem's own picture, as it was at a point of the grid."""
    assert found.at is not None
    there = np.isfinite(found.at[at])
    series = {name: array[at][0][there] for name, array in found.series.items()}
    own = words["title"].partition("\n")[0]
    details, errors = (
        {key: np.array(values, dtype=np.float64) for key, values in words[name].items()}
        for name in ("details", "errors")
    )
    told = {name: words[name] for name in ("index", "labels", "axis", "quantity", "scale",
                                           "areas", "heights")}  # fmt: skip
    return Trajectory(
        x=found.at[at][there], title=f"{point}\n{own}" if own else point, **told,
        details=details, errors=errors,
        series={name: values for name, values in series.items() if not np.isnan(values).all()},
    )  # fmt: skip


def _mean(array: np.ndarray) -> np.ndarray:
    return np.asarray(array.mean(axis=-1))


def _error(array: np.ndarray) -> np.ndarray:
    return np.asarray(array.std(axis=-1, ddof=1) / array.shape[-1] ** 0.5)


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _label(published: Published, name: str) -> str:
    return published.labels.get(name, name.replace("_", " "))


# ---- files ---------------------------------------------------------------------------------------


def draw(plan: Reproduction, shown: Sequence[Trajectory], kind: str) -> bytes:
    """The picture as the content of a file: png, pdf or svg."""
    with drawing.fixed_style():
        return drawing.encoded(figure(plan, shown), kind)


def figure(plan: Reproduction, shown: Sequence[Trajectory]) -> Any:
    """The figure of the panels."""
    found: list[Panel] = [panel_of(panel) for panel in shown]
    return figure_of_panels(f"{plan.published.words} ({plan.published.paper})", found)


def to_json(
    plan: Reproduction, shown: Sequence[Trajectory], trends: Sequence[Judgement],
    rows: Sequence[Row], exit_code: int, seconds: float,
) -> bytes:  # fmt: skip
    """Everything: what was run, every number of the picture, the verdicts."""
    published = plan.published
    summaries = {claim_of(published, trend).name: trend.summary for trend in published.trends}
    return encoded({
        "reproduction": published.name, "words": published.words, "paper": published.paper,
        "figure": published.figure, "exit_code": exit_code, "seconds": seconds,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": environment(plan.points[0].configuration), **plan.identity,
        "trends": [
            {"claim": j.claim, "summary": summaries[j.claim], "verdict": j.verdict.value,
             "reason": j.reason, "bound": j.bound, "measured": j.measured, "factor": j.factor,
             "trials": j.checkpoints, "level": j.level} for j in trends
        ],
        "claims": [
            {"point": dict(plan.points[row["point"]].varied), "claim": row["series"],
             "verdict": row["verdict"], "reason": row["reason"], "measured": row["value"]}
            for row in rows if row["verdict"]
        ],
        "panels": [trajectory_written(panel) for panel in shown],
    })  # fmt: skip


# ---- text ----------------------------------------------------------------------------------------


def lines(plan: Reproduction, found: Results, trends: Sequence[Judgement]) -> Iterator[str]:
    """A line for each pair of measured and predicted, and for each trend."""
    published = plan.published
    for name, beside in published.beside.items():
        if found.at is None and {name, beside} <= set(found.series):
            ratios = _mean(found.series[name]) / _mean(found.series[beside])
            low, middle, high = np.nanmin(ratios), np.nanmedian(ratios), np.nanmax(ratios)
            yield (f"{_label(published, name)} by {_label(published, beside)}: "
                   f"{low:.3g} to {high:.3g}, median {middle:.3g}")  # fmt: skip
    for j in trends:
        shows = f"shows in {j.measured:.0%} of {j.checkpoints} trials, claimed: {j.bound:.0%}"
        yield f"{j.verdict.value} {j.claim}: {shows}"
