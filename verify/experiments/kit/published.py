"""Published experiments: what was measured over which axes, and the trends that were read off.

A theorem lists its own in the module `published` of its experiment, without loading a trainer. Two
kinds of measurement: a function of its own, or claims of the theorem judged at every point of the
grid. Trends are claims on the share of independent trials in which they show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Values = Mapping[str, np.ndarray]
"""At a point, by series: (repetitions,), or (repetitions, positions) of curves, whose positions are
the series `at`, (positions,)."""

OWN = "a picture of this project"
"""In place of a figure that was printed."""

AT = "at"
SHARE = 0.75
"""Trials in which a trend shows, at least: half of them is what there is without one."""


@dataclass(frozen=True, eq=False)
class Results:
    """All that was measured.

    axes    values by field, in the order of the grid
    series  (*axes, repetitions), or (*axes, repetitions, positions)
    at      of curves: their positions, (*axes, positions)
    words   of curves that are a panel of the theorem's own picture: what that says beside its
            numbers, by point
    """

    axes: Mapping[str, Sequence[Any]]
    series: Mapping[str, np.ndarray]
    at: np.ndarray | None = None
    words: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trend:
    """What is read off a picture: true of each independent trial with a chance of at least `share`.

    trials  results -> an array of trials, whether it shows in each
    """

    name: str
    summary: str
    trials: Callable[[Results], np.ndarray]
    share: float = SHARE


def falls(axis: str, series: str = "measured", **how: Any) -> Trend:
    """The series falls along the axis (see `_steps`)."""
    return Trend(
        f"falls-in-{axis.replace('_', '-')}",
        f"{series} falls in {axis}".replace("_", " "),
        lambda results: _steps(results, axis, series, **how) < 0,
    )


def rises(axis: str, series: str = "measured", **how: Any) -> Trend:
    """The series rises along the axis (see `_steps`)."""
    return Trend(
        f"rises-in-{axis.replace('_', '-')}",
        f"{series} rises in {axis}".replace("_", " "),
        lambda results: _steps(results, axis, series, **how) > 0,
    )


def _steps(
    results: Results, axis: str, series: str, over: Sequence[str] = (), shared: bool = False
) -> np.ndarray:
    """How the logarithm of the series changes along the axis, a number per trial.

    A trial is a repetition at some values of the other axes, and of this axis a value with the one
    half an axis further: so no two trials have a measurement in common, as they are independent
    where all points are. Where those along the axis are not (`shared`), its slope is one trial.
    Axes of `over` are averaged before, as points along them are not independent.
    """
    names = [name for name in results.axes if name not in over]
    away = tuple(at for at, name in enumerate(results.axes) if name in over)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(results.series[series]).mean(axis=away)
        logs = np.moveaxis(logs, names.index(axis), 0)
        half = len(logs) // 2
        if shared:
            centred = np.arange(len(logs)) - (len(logs) - 1) / 2
            return np.tensordot(centred, logs, axes=1)
        return logs[len(logs) - half :] - logs[:half]


@dataclass(frozen=True, eq=False)
class Published:
    """A published experiment, or a picture that shows a theorem.

    name, words    its name on the command line; what it shows, in a line
    paper, figure  where it is printed; `figure` says so where it is this project's own
    minutes        on two cores, at full size
    fields         values of the theorem's options, where they are not the defaults
    grid           values by option, of one or two options; of two the first makes rows, or lines
    quick          fields and values of the grid that `--quick` changes: under a minute
    measure        (configuration, salt) -> values by series: `measured` and others
    claims         instead: claims that are judged at every point; their series are named after
                   them, and their bounds `NAME bound`
    curves         of such an experiment: the panel of the theorem's own picture whose curves are
                   shown, by its number
    beside         by measured series, the series that predicts it
    trends         what the paper reads off its picture
    work           of a configuration: time relative to the others, for the estimate
    labels         of series and options, in words and mathtext
    quantity       what the series are values of
    axis           what the positions of curves are
    lines          lines over the second option in place of a map
    scale          of the axis: log or linear
    """

    name: str
    words: str
    paper: str
    figure: str
    minutes: float
    grid: Mapping[str, Sequence[Any]]
    fields: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    measure: Callable[[Any, str], Values] | None = None
    claims: Sequence[str] = ()
    curves: int | None = None
    beside: Mapping[str, str] = field(default_factory=dict)
    trends: Sequence[Trend] = ()
    work: Callable[[Any], float] = lambda configuration: 1.0
    labels: Mapping[str, str] = field(default_factory=dict)
    quantity: str = ""
    axis: str = ""
    lines: bool = False
    scale: str = "linear"

    def __post_init__(self) -> None:
        if (self.measure is None) != bool(self.claims):
            raise TypeError(f"{self.name}: either a function that measures, or claims")
        if not 1 <= len(self.grid) <= 2:
            raise TypeError(f"{self.name}: a grid of one option or two")

    def sized(self, quick: bool) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
        """The fields and the grid, at full size or of the quick run."""
        changed = self.quick if quick else {}
        fields = {k: v for k, v in {**self.fields, **changed}.items() if k not in self.grid}
        grid = {name: tuple(changed.get(name, values)) for name, values in self.grid.items()}
        return fields, grid
