"""The picture of a check: what was measured, what the limit says, what the bounds allow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

from verify.experiments.kit import Trajectory
from verify.reporting import drawing
from verify.reporting.content import Content, Drawn, Ratio, content
from verify.reporting.curves import Curve
from verify.reporting.drawing import BLACK, BLUE, MARKERS, RED, SKY
from verify.runs.check import Outcome
from verify.runs.text import broken

ZOOM = 4
"""Units of the index that the panel of the finer curves shows."""

HEADROOM = 30.0
"""A bound this many times above or below everything measured leaves the picture."""

HOMES, SWEEPS = 7, 3
"""Homes that get a panel, at most; and sweeps of one kind."""

ERRORS = "±2 standard errors"
MOST_MARKS = 25
"""Marks along a measured curve."""

WIDTH, ALONE = 9.0, 6.5
"""Inches: the width of the picture, and of one with a single panel."""
AXES, TOP, TITLE, BOTTOM, LINE = 1.6, 0.34, 0.44, 0.56, 0.17
"""Inches: heights of axes, the line over all, titles, labels of the axis, lines of legends."""
LONGEST = 150
"""Letters on a line over all panels."""
LEFT, RIGHT, NAMES = 0.66, 0.14, 2.4
"""Inches beside the axes; with names of claims at their left."""

Panel = partial[list[Any]]
"""Draws on axes, and gives what the legend shows, from the top down."""


def draw(outcomes: Sequence[Outcome], kind: str = "png") -> bytes:
    """The picture as the content of a file; the outcomes of all homes share one."""
    return drawn(content(outcomes), kind)


def drawn(shown: Content, kind: str) -> bytes:
    """The picture of what a check or its file says, as the content of a file."""
    with drawing.fixed_style():
        return drawing.encoded(figure_of(shown), kind)


def picture(outcomes: Sequence[Outcome]) -> Any:
    """The figure of a check (see `figure_of`)."""
    return figure_of(content(outcomes))


def figure_of(shown: Content) -> Any:
    """The figure: panels of homes with curves, inside their index, beside it, and over widths."""
    return figure_of_panels(shown.title, panels(shown))


def figure_of_panels(title: str, found: Sequence[Panel]) -> Any:
    """Every panel has a legend; what several have in common is told once, on top."""
    columns = min(2, len(found))
    width = WIDTH if columns == 2 else ALONE
    each, tall = width / columns, AXES if columns == 2 else 1.6 * AXES
    left = LEFT if any(panel.func is not _ratios for panel in found) else NAMES
    figure = drawing.canvas(width, 4.0, layout=None)
    places = [figure.add_axes((0, 0, 1, 1)) for _ in found]
    handles = [panel(axes) for axes, panel in zip(places, found, strict=True)]
    common = _common(handles)
    lines = []
    for axes, own in zip(places, handles, strict=True):
        own = [handle for handle in own if _look(handle) not in map(_look, common)]
        legend = drawing.legend_below(axes, own, LEFT - 0.1, each - 0.2) if own else None
        lines.append(math.ceil(len(own) / legend._ncols) if legend else 0)
    rows = [max(lines[i : i + columns]) for i in range(0, len(lines), columns)]
    top = TOP + LINE * bool(common)
    height = top + sum(TITLE + tall + BOTTOM + LINE * row for row in rows)
    figure.set_size_inches(width, height)
    at = height - top
    for row, count in enumerate(rows):
        at -= TITLE + tall
        for column, axes in enumerate(places[row * columns : (row + 1) * columns]):
            inner = (column * each + left, at, each - left - RIGHT, tall)
            axes.set_position(np.divide(inner, (width, height, width, height)))
        at -= BOTTOM + LINE * count
    figure.suptitle(title, x=0.1 / width, y=1 - 0.06 / height, ha="left", va="top",
                    fontsize=10)  # fmt: skip
    if common:
        figure.legend(handles=common, loc="upper left", ncols=len(common),
                      bbox_to_anchor=(0.1 / width, 1 - 0.31 / height))  # fmt: skip
    return figure


def _common(handles: Sequence[Sequence[Any]]) -> list[Any]:
    """What several panels show alike, as much as fits on a line."""
    found = {_look(handle): handle for own in handles for handle in own}
    panels_with = {look: sum(look in map(_look, own) for own in handles) for look in found}
    shared = [handle for look, handle in found.items() if panels_with[look] > 1]
    ends = np.cumsum([8 + len(handle.get_label()) for handle in shared])
    return shared[: np.searchsorted(ends, LONGEST, side="right")]


def _look(handle: Any) -> tuple[str, str]:
    colour = handle.get_color() if hasattr(handle, "get_color") else "area"
    return handle.get_label(), colour


def panels(shown: Content) -> list[Panel]:
    """What is drawn: homes in their order; within the index of the first that has finer curves."""
    homes = worth_drawing(shown.homes)
    found: list[Panel] = []
    inside = next((home for home in homes if home.trajectory.within is not None), None)
    for home in homes:
        found.append(partial(_bounds, home=home))
        trajectory = home.trajectory
        if home is inside and trajectory.within is not None:
            found.append(partial(_within, trajectory=trajectory, within=trajectory.within))
    found += [panel_of(each) for each in _chosen(shown.homes)]
    return found or [partial(_ratios, rows=shown.ratios)]


def panel_of(trajectory: Trajectory) -> Panel:
    """How a trajectory is drawn: a map, curves, a sweep, or curves from 0 on."""
    if trajectory.heights:
        return partial(_map, panel=trajectory)
    if trajectory.scale:
        return partial(_beside, curves=trajectory)
    if (trajectory.x > 0).all():
        return partial(_sweep, sweep=trajectory)
    return partial(_plain, panel=trajectory)


def _chosen(homes: Sequence[Drawn]) -> list[Trajectory]:
    """Sweeps and further panels: the first of every kind; of few kinds, others up to SWEEPS."""
    every = [each for home in homes for each in home.trajectory.all_panels]
    kinds = [(each.index, each.quantity) for each in every]
    first = [at for at, kind in enumerate(kinds) if kind not in kinds[:at]]
    others = [at for at in range(len(every)) if at not in first]
    return [every[at] for at in sorted(first + others[: max(0, SWEEPS - len(first))])]


def worth_drawing(homes: Sequence[Drawn]) -> list[Drawn]:
    """Those with curves: rather claims on a whole path than others, and long paths than short."""
    found = [home for home in homes if home.trajectory.series]
    if len(homes) == 1:
        return found
    found = [home for home in found if home.reached]
    on_paths = [home for home in found if home.on_path]
    long = [home for home in on_paths if len(home.trajectory.x) > 2]
    return (long or on_paths or found)[:HOMES]


def _bounds(axes: Any, home: Drawn) -> list[Any]:
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
        name = ", ".join(broken(name, 60) for name in curve.names)
        if curve.band is None:
            label = f"{name}: {curve.state}{_outside(curve.bound, low, high)}"
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
    for at, (key, values) in enumerate(trajectory.series.items()):
        look = next(looks) if at else {"color": BLACK, "linewidth": 1.0, "zorder": 5}
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


def _within(axes: Any, trajectory: Trajectory, within: Trajectory) -> list[Any]:
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


def _beside(axes: Any, curves: Trajectory) -> list[Any]:
    """Curves over an index of their own, as those of a home, without claims."""
    low, high = _range(list(_means(curves).values()), ())
    handles = _measured(axes, curves, None, low)
    axes.set(xscale=curves.scale, yscale="log", ylim=(low, high), ylabel=curves.quantity,
             xlabel=curves.axis or _words(curves.index))  # fmt: skip
    drawing.logarithmic(axes.yaxis, low, high)
    _heading(axes, curves.title or _words(curves.index), "")
    return handles


def _sweep(axes: Any, sweep: Trajectory) -> list[Any]:
    """Medians in log-log, each with the line of its slope; one without a slope is joined."""
    middle = np.exp(np.log(sweep.x).mean())
    handles = []
    for (name, values), look, marker in zip(
        sweep.series.items(), drawing.looks(), cycle(MARKERS), strict=False
    ):
        label = sweep.labels.get(name, _words(name))
        if name not in sweep.details:
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
    drawing.logarithmic(axes.yaxis, *axes.get_ylim())
    _heading(axes, sweep.title or "medians over width sweeps", "")
    return handles


def _map(axes: Any, panel: Trajectory) -> list[Any]:
    """Cells of colour with their numbers, a row per series, and where a line crosses the rows."""
    cells = np.array(list(panel.series.values()))
    columns, rows = np.arange(cells.shape[1]), np.arange(cells.shape[0])
    axes.pcolormesh(columns, rows, cells, cmap="cividis", norm=drawing.logarithmic_colours(cells))
    dark = np.log(cells) < np.log(cells[cells > 0]).mean()
    for row, column in np.ndindex(*cells.shape):
        colour = "white" if dark[row, column] else BLACK
        axes.text(column, row, f"{cells[row, column]:.2g}", color=colour, fontsize=7,
                  ha="center", va="center")  # fmt: skip
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


def _plain(axes: Any, panel: Trajectory) -> list[Any]:
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
        drawing.logarithmic(axes.yaxis, *axes.get_ylim())
    _heading(axes, panel.title or _words(panel.index), "")
    return handles


def _ratios(axes: Any, rows: Sequence[Ratio]) -> list[Any]:
    """Without curves: how near to each bound the measured value is, by claim."""
    for at, row in enumerate(rows):
        colour = RED if row.refuted else BLUE
        axes.plot([1, row.tightness], [at, at], color=colour, lw=1.4)
        axes.plot(row.tightness, at, marker="o", color=colour)
        axes.annotate(row.state, (row.tightness, at), (6, 4), textcoords="offset points",
                      fontsize=8)  # fmt: skip
    axes.axvline(1, color=BLACK, lw=1)
    axes.set_yticks(range(len(rows)), [broken(row.claim, 30) for row in rows])
    axes.set(xscale="log", xlabel="bound/measured: 1 is sharp", ylim=(len(rows) - 0.4, -0.6))
    axes.margins(x=0.3)
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
    return {"markevery": max(1, math.ceil(len(x) / MOST_MARKS)), "markersize": 3}


def _last(values: np.ndarray) -> float:
    finite = np.asarray(values)[np.isfinite(values)]
    return float(finite[-1]) if finite.size else np.inf


def _words(name: str) -> str:
    return name.replace("_", " ")
