"""The picture of a check: what was measured, what the limit says, what the bounds allow."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from verify.experiments.kit import Trajectory
from verify.reporting import drawing, plots
from verify.reporting.content import Content, Drawn, content
from verify.runs.check import Outcome

HOMES, SWEEPS = 7, 3
"""Homes that get a panel, at most; and sweeps of one kind."""

WIDTH, ALONE = 9.0, 6.5
"""Inches: the width of the picture, and of one with a single panel."""
AXES, TOP, TITLE, BOTTOM, LINE = 1.6, 0.34, 0.44, 0.56, 0.17
"""Inches: heights of axes, the line over all, titles, labels of the axis, lines of legends."""
LETTER, TALLER = 0.08, 0.17
"""Inches: a letter of the title, and a line of it."""
TALL = 0.2
"""Inches: lower labels than this have room beside the numbers."""
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
    """The figure of a check (see `figure_of`), for a notebook."""
    with drawing.fixed_style():
        return figure_of(content(outcomes))


def figure_of(shown: Content) -> Any:
    """The figure: panels of homes with curves, inside their index, beside it, and over widths."""
    return figure_of_panels(shown.title, panels(shown))


def figure_of_panels(title: str, found: Sequence[Panel]) -> Any:
    """Every panel has a legend; what several have in common is told once, on top."""
    columns = min(2, len(found))
    width = WIDTH if columns == 2 else ALONE
    each, tall = width / columns, AXES if columns == 2 else 1.6 * AXES
    left = LEFT if any(panel.func is not plots.ratios for panel in found) else NAMES
    figure = drawing.canvas(width, 4.0, layout=None)
    places = [figure.add_axes((0, 0, 1, 1)) for _ in found]
    handles = [panel(axes) for axes, panel in zip(places, found, strict=True)]
    common = _common(figure, handles)
    lines = []
    for axes, own in zip(places, handles, strict=True):
        own = [handle for handle in own if _look(handle) not in map(_look, common)]
        legend = drawing.legend_below(axes, own, LEFT - 0.1, each - 0.2) if own else None
        lines.append(_lines(own, legend._ncols) if legend else 0)
    rows = [max(lines[i : i + columns]) for i in range(0, len(lines), columns)]
    over = textwrap.fill(title, round(width / LETTER))
    raised = TALLER * over.count("\n")
    top = TOP + raised + LINE * bool(common)
    height = top + sum(TITLE + tall + BOTTOM + LINE * row for row in rows)
    figure.set_size_inches(width, height)
    at = height - top
    for row, count in enumerate(rows):
        at -= TITLE + tall
        for column, axes in enumerate(places[row * columns : (row + 1) * columns]):
            inner = (column * each + left, at, each - left - RIGHT, tall)
            axes.set_position(np.divide(inner, (width, height, width, height)))
        at -= BOTTOM + LINE * count
    for axes in places:
        _fit(axes)
    figure.suptitle(over, x=0.1 / width, y=1 - 0.06 / height, ha="left", va="top",
                    fontsize=10)  # fmt: skip
    if common:
        figure.legend(handles=common, loc="upper left", ncols=len(common),
                      bbox_to_anchor=(0.1 / width, 1 - (0.31 + raised) / height))  # fmt: skip
    return figure


def _lines(own: Sequence[Any], columns: int) -> int:
    """Of a legend, which has the handles in columns of nearly equal numbers."""
    counts = [1 + handle.get_label().count("\n") for handle in own]
    return max(int(column.sum()) for column in np.array_split(counts, columns))


def _common(figure: Any, handles: Sequence[Sequence[Any]]) -> list[Any]:
    """What several panels show alike, as much as fits on a line."""
    found = {_look(handle): handle for own in handles for handle in own}
    panels_with = {look: sum(look in map(_look, own) for own in handles) for look in found}
    shared = [handle for look, handle in found.items() if panels_with[look] > 1]
    while shared:
        legend = figure.legend(handles=shared, ncols=len(shared))
        fits = legend.get_window_extent().width < figure.bbox.width - 0.2 * figure.dpi
        legend.remove()
        if fits:
            break
        shared.pop()
    return shared


def _fit(axes: Any) -> None:
    """The label at the left, if it is a tall formula, is made smaller until it is whole."""
    label, renderer = axes.yaxis.label, axes.get_figure().canvas.get_renderer()
    if label.get_window_extent().width < TALL * axes.get_figure().dpi:
        return
    for size in range(round(label.get_fontsize()), 4, -1):
        label.set_fontsize(size)
        axes.yaxis.get_tightbbox(renderer)  # puts the label beside the ticks
        if label.get_window_extent().x0 >= 0:
            return


def _look(handle: Any) -> tuple[str, str]:
    colour = handle.get_color() if hasattr(handle, "get_color") else "area"
    return handle.get_label(), colour


def panels(shown: Content) -> list[Panel]:
    """What is drawn: homes in their order; within the index of the first that has finer curves."""
    homes = worth_drawing(shown.homes)
    found: list[Panel] = []
    inside = next((home for home in homes if home.trajectory.within is not None), None)
    for home in homes:
        found.append(partial(plots.bounds, home=home))
        trajectory = home.trajectory
        if home is inside and trajectory.within is not None:
            found.append(partial(plots.within, trajectory=trajectory, within=trajectory.within))
    found += [panel_of(each) for each in _chosen(shown.homes)]
    return found or [partial(plots.ratios, rows=shown.ratios)]


def panel_of(trajectory: Trajectory) -> Panel:
    """How a trajectory is drawn: a map, curves, a sweep, or curves from 0 on."""
    if trajectory.heights:
        return partial(plots.heat_map, panel=trajectory)
    if trajectory.scale:
        return partial(plots.beside, curves=trajectory)
    if (trajectory.x > 0).all():
        return partial(plots.medians, sweep=trajectory)
    return partial(plots.plain, panel=trajectory)


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
