"""What an experiment hands over: samples by quantity, curves, facts worth printing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from verify.judging.sample import Sample


class Progress(Protocol):
    """Receives the work done and the work in all, in any unit."""

    def __call__(self, done: float, total: float) -> None: ...


@dataclass(frozen=True)
class Trajectory:
    """Curves for the report: `series` over `x` (the name of the index is `index`).

    details  more arrays, which are not curves over `x`
    errors   standard errors of those series that are means
    within   curves over a finer index, for a panel of their own
    sweep    medians over sweeps of the width `x`, for a panel of their own; its `details` are the
             median slopes in log-log by series, each with the ends of its interval
    panels   more of the same run, each over an index of its own, for panels of their own
    scale    of such a panel, drawn as the curves of a home: linear or log, the axis of `x`
    areas    series of such a panel that are drawn as areas
    heights  of such a panel that is drawn as a map: a second axis, a value for every series;
             `details["line"]` says where a line crosses each of these rows, on the axis of `x`

    What a picture writes, in words and mathtext; the names above are keys, in JSON too:

    labels    of series: what the curve shows
    axis      what `x` is, with its unit
    beside    by series that is measured, the one that predicts it: both are drawn in one colour
    quantity  what the series are values of
    title     what was trained; on a second line on what, and the main options (see `heading`)
    """

    index: str
    x: np.ndarray
    series: Mapping[str, np.ndarray]
    details: Mapping[str, np.ndarray] = field(default_factory=dict)
    errors: Mapping[str, np.ndarray] = field(default_factory=dict)
    within: Trajectory | None = None
    sweep: Trajectory | None = None
    panels: Sequence[Trajectory] = ()
    scale: str = ""
    areas: Sequence[str] = ()
    heights: Sequence[float] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    axis: str = ""
    quantity: str = ""
    title: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_panels(self) -> list[Trajectory]:
        """The sweep and the further panels."""
        return [each for each in (self.sweep, *self.panels) if each is not None]


@dataclass(frozen=True)
class Observations:
    """Samples by the name of their quantity, curves, and facts worth printing.

    initialisations  for claims that may fail for a share of initialisations: samples of a
                     quantity from further ones
    out_of_regime    by quantity without a sample: what its claims need that there is not
    unmeasured       by quantity without a sample: why it is missing, if that is known
    """

    samples: Mapping[str, Sample]
    trajectory: Trajectory
    notes: Mapping[str, Any] = field(default_factory=dict)
    initialisations: Mapping[str, Sequence[Sample]] = field(default_factory=dict)
    out_of_regime: Mapping[str, str] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)

    def of(self, quantity: str) -> list[Sample]:
        """All samples of a quantity, one per initialisation."""
        return [self.samples[quantity], *self.initialisations.get(quantity, ())]
