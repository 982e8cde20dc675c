"""The experiment of subquadratic training."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np

from verify.experiments.kit import Experiment, Measured, Measurement, Progress
from verify.experiments.subquadratic_training import descent, newton, sketches, starts, sweeps
from verify.experiments.subquadratic_training.cases import homes, slips
from verify.experiments.subquadratic_training.configuration import Configuration
from verify.experiments.subquadratic_training.setting import Setting, prepare


def search(claim: str) -> Any:
    """Small networks of all kinds."""
    from verify.experiments.subquadratic_training.strategies import configurations

    return configurations()


def quietly(
    measure: Callable[[Setting, Set[str], Progress], Measured],
) -> Callable[[Setting, Set[str], Progress], Measured]:
    """Steps that are too large overflow; the premise on the residual says so."""

    def measured(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
        with np.errstate(over="ignore", invalid="ignore"):
            return measure(setting, wanted, tell)

    return measured


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(descent.OF_DESCENT | {"fired_on_the_way"}, quietly(descent.descended)),
        Measurement.of(descent.OF_LAZY | {"fired_above"}, quietly(descent.lazily)),
        Measurement.of(
            {"fired_first", "fired_last", "fired_many", "published_fired", "forward"},
            starts.started,
        ),
        Measurement.of("kept_pairs", starts.kept_pairs, 0.1),
        Measurement.of(
            {"slope_fired", "slope_sparse", "slope_dense", "slope_lazy"}, sweeps.costs, 4.0
        ),
        Measurement.of(
            {"newton_error", "next_error", "certified_error", "moved", "certified_fired"},
            newton.followed,
        ),
        Measurement.of({"inexact_error"}, newton.inexact, 0.5),
        Measurement.of({"third"}, newton.third, 2.0),
        Measurement.of({"slope_width", "slope_order"}, sweeps.newton, 4.0),
        Measurement.of({"sketch_variance", "matrix_variance"}, sketches.enumerated, 0.5),
        Measurement.of(
            {"sketch_moment", "sketch_far"}, sketches.unless_none_fires(sketches.subspace)
        ),
        Measurement.of({"energy"}, sketches.unless_none_fires(sketches.preconditioned), 0.2),
        Measurement.of({"gaussian_close"}, sketches.unless_none_fires(sketches.gaussian)),
    ),
    homes=homes,
    few={"trials": 2, "sweeps": 1, "networks": 2},
    search=search,
    slips=slips,
)
