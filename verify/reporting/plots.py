"""What each panel of a picture draws: bounds, curves, sweeps, maps, ratios.

Every function draws on axes, and gives what the legend shows, from the top down.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from verify.experiments.kit import Trajectory
from verify.reporting import drawing
from verify.reporting.content import Drawn, Ratio
from verify.reporting.drawing import BLACK, BLUE, MARKERS, RED, SKY
from verify.runs.curves import Curve
from verify.runs.text import broken

ZOOM = 4
"""Units of the index that the panel of the finer curves shows."""

HEADROOM = 30.0
"""A bound this many times above or below everything measured leaves the picture."""

ERRORS = "±2 standard errors"

LABEL = 60
"""Letters on a line of a legend."""

MOST_MARKS, MOST_TICKS = 25, 8
"""Marks along a measured curve, and positions that are all named on a logarithmic axis."""


def bounds(axes: Any, home: Drawn) -> list[Any]:
    """Bounds, the highest first, then measurements."""
    trajectory, x, found = home.trajectory, home.trajectory.x, home.curves
    own = next((c.measured for c in found if c.measured is not None), None)
    low, high = _range([*_means(trajectory).values(), *([] if own is None else [own])], found)
    handles = [
        (_last(curve.bound), handle) for curve, handle in _claimed(axes, x, found, low, high)
    ]
    handles.sort(key=lambda pair: -pair[0])
    measured = _measured(axes, trajectory, own, low)
    axes.set(yscale="log", ylim=(low, high), ylabel=home.quantity,
             xlabel=trajectory.axis or _words(trajectory.index))  # fmt: skip
    drawing.logarithmic(axes.yaxis, low, high)
    axes.set_xlim(x[0], x[-1] if x[-1] > x[0] else x[0] + 1)
    axes.xaxis.get_major_locator().set_params(integer=True)
    _heading(axes, home.title, home.more)
    return [handle for _, handle in handles] + measured


def _means(trajectory: Trajectory) -> dict[str, np.ndarray]:
    """What was measured among the series: the first, and those with errors."""
    kept = [*list(trajectory.series)[:1], *trajectory.errors]
    return {name: np.asarray(trajectory.series[name]) for name in kept}


def _claimed(
    axes: Any, x: np.ndarray, found: Sequence[Curve], low: float, high: float
) -> Iterator[tuple[Curve, Any]]:
    """Each bound as a line, a band of a law at finite size as an area."""
    looks = drawing.looks()
    for curve in found:
        name = ", ".join(curve.names)
        if curve.band is None:
            label = f"{name}: {curve.state}{_outside(curve.bound, low, high)}"
            label = textwrap.fill(label, LABEL, break_on_hyphens=False, subsequent_indent="  ")
            yield curve, *axes.plot(x, curve.bound, label=label, **next(looks))
        else:
            label = f"{name} at finite size: {curve.state}"
            lower, upper = np.maximum(curve.band[0], low / 10), curve.band[1]
            yield curve, axes.fill_between(x, lower, upper, color=SKY, alpha=0.3, lw=0, label=label)


def _measured(axes: Any, trajectory: Trajectory, own: np.ndarray | None, low: float) -> list[Any]:
    """The first series in black on top, with errors, then what else is known.

    own  the path of the network that the bounds are of, where the series are of others
    """
    x, looks = trajectory.x, drawing.looks(drawing.OTHERS)
    means, handles, shades = _means(trajectory), [], []
    paired = drawing.pairs(trajectory.beside)
    for at, (key, values) in enumerate(trajectory.series.items()):
        first = {"color": BLACK, "linewidth": 1.0, "zorder": 5}
        look = dict(paired.get(key) or (next(looks) if at else first))
        if key in means:
            look |= {"marker": MARKERS[at % len(MARKERS)], **_marks(x)}
        if (error := trajectory.errors.get(key)) is not None:
            near = np.maximum(values - 2 * error, low / 10), values + 2 * error
            shade = {"color": look["color"], "alpha": 0.2, "lw": 0}
            shades.append(axes.fill_between(x, *near, **shade, label=ERRORS))
        label = trajectory.labels.get(key, _words(key))
        handles += axes.plot(x, values, label=label, **look)
    if own is not None:
        label = "first initialisation, which the bounds are of"
        handles += axes.plot(x, own, label=label, marker="s", **next(looks), **_marks(x))
    return handles + shades[:1]


def _range(measured: Sequence[np.ndarray], found: Sequence[Curve]) -> tuple[float, float]:
    """The limits of the axis: all that is measured, and bounds that are not far from it.

    A bound that is refuted is shown however far it is.
    """
    low, high = _ends(measured) or (0.1, 1.0)
    shown = [(low / 2, high * 2)]
    for curve in found:
        ends = _ends(curve.band if curve.band is not None else [curve.bound])
        if ends is None:
            continue
        if curve.refuted:
            shown.append((ends[0] / 1.5, ends[1] * 1.5))
        elif curve.band is None and ends[0] < HEADROOM * high and ends[1] > low / HEADROOM:
            shown.append((max(low / HEADROOM, ends[0] / 1.5), min(ends[1] * 1.5, HEADROOM * high)))
    return min(s[0] for s in shown), max(s[1] for s in shown)


def _ends(values: Sequence[np.ndarray]) -> tuple[float, float] | None:
    """The least and the largest of what a logarithmic axis can show."""
    every = np.concatenate([np.empty(0), *(np.ravel(v) for v in values)])
    every = every[np.isfinite(every) & (every > 0)]
    return (float(every.min()), float(every.max())) if every.size else None


def _outside(bound: np.ndarray, low: float, high: float) -> str:
    ends = _ends([bound])
    if ends is None or ends[0] > high:
        return " (above the picture)"
    return " (below the picture)" if ends[1] < low else ""


def within(axes: Any, trajectory: Trajectory, within: Trajectory) -> list[Any]:
    start, stop = within.x[0], min(within.x[-1], within.x[0] + ZOOM)
    shown, points = within.x <= stop, trajectory.x <= stop
    handles = []
    looks = drawing.looks(drawing.OTHERS[1:])
    for (name, values), look in zip(within.series.items(), looks, strict=False):
        label = within.labels.get(name, _words(name))
        handles += axes.plot(within.x[shown], values[shown], marker=".", label=label, **look)
    for name, marker in zip(trajectory.errors, cycle(MARKERS), strict=False):
        values = np.asarray(trajectory.series[name])[points]
        handles += axes.plot(trajectory.x[points], values, ls="none", marker=marker, color=BLACK,
                             ms=5, label=trajectory.labels.get(name, _words(name)))  # fmt: skip
    axes.set(yscale="log", xlim=(start - 0.05, stop + 0.1),
             xlabel=within.axis or _words(within.index),
             ylabel=within.quantity or trajectory.quantity)  # fmt: skip
    drawing.logarithmic(axes.yaxis, *axes.get_ylim())
    axes.xaxis.get_major_locator().set_params(integer=True)
    _heading(axes, within.title or f"inside each {_words(within.index)}", "the same run, its start")
    return handles


def beside(axes: Any, curves: Trajectory) -> list[Any]:
    """Curves over an index of their own, as those of a home, without claims."""
    means = _means(curves)
    known = [Curve((name,), False, "", v) for name, v in curves.series.items() if name not in means]
    low, high = _range(list(means.values()), known)
    handles = _measured(axes, curves, None, low)
    axes.set(xscale=curves.scale, yscale="log", ylim=(low, high), ylabel=curves.quantity,
             xlabel=curves.axis or _words(curves.index))  # fmt: skip
    drawing.logarithmic(axes.yaxis, low, high)
    if curves.scale == "log" and len(curves.x) <= MOST_TICKS:
        axes.set_xticks(curves.x, [f"{x:g}" if x == round(x) else f"{x:.3g}" for x in curves.x])
        axes.minorticks_off()
    _heading(axes, curves.title or _words(curves.index), "")
    return handles


def medians(axes: Any, sweep: Trajectory) -> list[Any]:
    """Medians in log-log, each with the line of its slope; one without a slope is joined.

    A single size has no slope.
    """
    middle = np.exp(np.log(sweep.x).mean())
    handles = []
    for (name, values), look, marker in zip(
        sweep.series.items(), drawing.looks(), cycle(MARKERS), strict=False
    ):
        label = sweep.labels.get(name, _words(name))
        if name not in sweep.details or len(sweep.x) < 2:
            drawn = look | {"linewidth": 1.4}
            handles += axes.plot(sweep.x, values, marker=marker, ms=5, label=label, **drawn)
            continue
        slope, low, high = sweep.details[name]
        interval = f" [{low:.2f}, {high:.2f}]" if np.isfinite([low, high]).all() else ""
        label = f"{label}: slope {slope:.2f}{interval}"
        (dots,) = axes.plot(sweep.x, values, ls="none", marker=marker, color=look["color"], ms=5,
                            label=label)  # fmt: skip
        handles.append(dots)
        if np.isfinite(slope) and (values > 0).all():
            line = np.exp(np.log(values).mean()) * (sweep.x / middle) ** slope
            axes.plot(sweep.x, line, **look | {"linewidth": 1.4})
    axes.set(yscale="log", xlabel=sweep.axis or _words(sweep.index), ylabel=sweep.quantity)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: drawing.power(value, 2))
    # set: ticks at round numbers would put the limits around a single value below 0
    drawing.logarithmic(axes.yaxis, *axes.set_ylim(axes.get_ylim()))
    _heading(axes, sweep.title or "medians over width sweeps", "")
    return handles


def heat_map(axes: Any, panel: Trajectory) -> list[Any]:
    """Cells of colour with their numbers, a row per series, and where a line crosses the rows."""
    cells = np.array(list(panel.series.values()))
    columns, rows = np.arange(cells.shape[1]), np.arange(cells.shape[0])
    axes.pcolormesh(columns, rows, cells, cmap="cividis", norm=drawing.logarithmic_colours(cells))
    positive = cells[cells > 0]
    digits = "#.3" if positive.max() < 2 * positive.min() else "#.2"  # 1.03 beside 1.09
    dark = np.log(cells) < np.log(cells[cells > 0]).mean()
    for row, column in np.ndindex(*cells.shape):
        colour = "white" if dark[row, column] else BLACK
        told = f"{cells[row, column]:{digits}g}".rstrip(".")
        axes.text(column, row, told, color=colour, fontsize=7, ha="center", va="center")
    axes.set_xticks(columns, [f"{x:g}" for x in panel.x])
    axes.set_yticks(rows, [f"{height:g}" for height in panel.heights])
    axes.set(xlabel=panel.axis or _words(panel.index), ylabel=panel.quantity)
    axes.grid(False)
    _heading(axes, panel.title or _words(panel.index), "")
    if "line" not in panel.details:
        return []
    at = np.interp(panel.details["line"], panel.x, columns)
    ends = np.append(rows - 0.5, rows[-1] + 0.5)
    crossing = np.append(at, at[-1])
    return axes.step(crossing, ends, where="post", color=RED, lw=2.2,
                     label=panel.labels.get("line", "line"))  # fmt: skip


def plain(axes: Any, panel: Trajectory) -> list[Any]:
    """Curves from x = 0 on; with areas the other axis is plain, too."""
    handles = []
    for (name, values), look in zip(panel.series.items(), drawing.looks(), strict=False):
        label = panel.labels.get(name, _words(name))
        if name in panel.areas:
            shade = {"color": look["color"], "alpha": 0.25, "lw": 0}
            handles.append(axes.fill_between(panel.x, values, label=label, **shade))
        else:
            handles += axes.plot(panel.x, values, label=label, **look)
    axes.set(xlim=(panel.x[0], panel.x[-1]), xlabel=panel.axis or _words(panel.index),
             ylabel=panel.quantity)  # fmt: skip
    if panel.areas:
        axes.set_ylim(bottom=0)
    else:
        axes.set_yscale("log")
        drawing.logarithmic(axes.yaxis, *axes.set_ylim(axes.get_ylim()))
    _heading(axes, panel.title or _words(panel.index), "")
    return handles


def ratios(axes: Any, rows: Sequence[Ratio]) -> list[Any]:
    """Without curves: how near to each bound the measured value is, by claim."""
    for at, row in enumerate(rows):
        colour = RED if row.refuted else BLUE
        axes.plot([1, row.tightness], [at, at], color=colour, lw=1.4)
        axes.plot(row.tightness, at, marker="o", color=colour)
    axes.axvline(1, color=BLACK, lw=1)
    axes.set_yticks(range(len(rows)), [broken(row.claim, 30) for row in rows])
    axes.set(xscale="log", xlabel="bound/measured: 1 is sharp", ylim=(len(rows) - 0.4, -0.6))
    axes.margins(x=0.3)
    low, high = axes.get_xlim()
    low, high = axes.set_xlim(min(low, 0.7), max(high, 1.4))
    drawing.logarithmic(axes.xaxis, low, high)
    middle = (low * high) ** 0.5
    for at, row in enumerate(rows):  # words stay inside, left or right of the mark
        side, align = (-1, "right") if row.tightness > middle else (1, "left")
        axes.annotate(row.state, (row.tightness, at), (6 * side, 4), ha=align,
                      textcoords="offset points", fontsize=8)  # fmt: skip
    _heading(axes, "how tight the bounds are" if rows else "nothing was measured", "")
    return []


def _heading(axes: Any, title: str, more: str) -> None:
    """What the panel shows in bold; smaller, on what."""
    first, _, rest = title.partition("\n")
    rest = "; ".join(part for part in (rest, more) if part)
    axes.set_title(first, pad=16 if rest else 6)
    if rest:
        axes.annotate(rest, (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points",
                      fontsize=8)  # fmt: skip


def _marks(x: np.ndarray) -> dict[str, Any]:
    """Where marks are: at whole positions, of curves that go on inside of these."""
    whole = np.flatnonzero(x == np.round(x))
    every = np.array_equal(np.unique(x[whole]), np.arange(x[0], x[-1] + 1))
    if every and 2 < len(whole) < len(x) and len(whole) <= 2 * MOST_MARKS:
        return {"markevery": [int(at) for at in whole], "markersize": 3}
    return {"markevery": max(1, math.ceil(len(x) / MOST_MARKS)), "markersize": 3}


def _last(values: np.ndarray) -> float:
    finite = np.asarray(values)[np.isfinite(values)]
    return float(finite[-1]) if finite.size else np.inf


def _words(name: str) -> str:
    return name.replace("_", " ")
