"""Measurements of trajectories that may leave the range of float64."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np

from verify.experiments.kit.experiment import Measured
from verify.experiments.kit.observations import Progress
from verify.training.divergence import Diverged

Measure = Callable[[Any, Set[str], Progress], Measured]


def unless_diverged(measure: Measure, too_far: Callable[[Any], str] | None = None) -> Measure:
    """The measurement; where it diverges nothing is measured, and the reason is told.

    too_far  of the setting, without training: the premise that its steps break, in words; empty if
             they break none. Only then are the claims out of their regime: a trainer that diverges
             with steps that are small enough must not go unseen
    """

    def measured(setting: Any, wanted: Set[str], tell: Progress) -> Measured:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return measure(setting, wanted, tell)
        except Diverged as error:
            broken = too_far(setting) if too_far else ""
            if broken:
                return Measured.outside(wanted, f"{broken}: {error}")
            return Measured.lacking(wanted, str(error))

    return measured
