"""The experiment of over-parameterised single index models."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np

from verify.experiments.kit import Experiment, Measured, Measurement, Progress
from verify.experiments.single_index_models import errors, matrices, paths, truncation
from verify.experiments.single_index_models.cases import homes, slips
from verify.experiments.single_index_models.configuration import Configuration
from verify.experiments.single_index_models.setting import Setting, prepare
from verify.training.divergence import Diverged

Measure = Callable[[Setting, Set[str], Progress], Measured]


def unless_diverged(measure: Measure) -> Measure:
    """Without samples, and with a note, where steps are too large: no claim speaks of that."""

    def measured(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return measure(setting, wanted, tell)
        except Diverged as error:
            return Measured({}, notes={", ".join(sorted(wanted)): str(error)})

    return measured


def search(claim: str) -> Any:
    """Small problems of all kinds."""
    from verify.experiments.single_index_models.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(
            {"error", "stopped", "selection", "support", "lasso_error"},
            unless_diverged(errors.errors), 4.0,
        ),
        Measurement.of({"coordinate", "product"}, unless_diverged(paths.coordinates)),
        Measurement.of({"flow", "flow_product"}, unless_diverged(paths.flows)),
        Measurement.of({"first", "last", "window"}, unless_diverged(paths.windows)),
        Measurement.of("lasso_coordinate", paths.lasso_coordinates),
        Measurement.of({"entry", "noise", "largest"}, errors.statistic),
        Measurement.of({"matrix_flow", "matrix_entry"}, unless_diverged(matrices.paths)),
        Measurement.of(
            {"matrix_norm", "matrix_selection", "matrix_stopped"}, unless_diverged(matrices.errors)
        ),
        Measurement.of({"matrix_error"}, unless_diverged(matrices.limit), 2.0),
        Measurement.of({"slope_as_they_are", "slope_clipped"}, truncation.sweeps, 2.0),
    ),
    homes=homes,
    few={"draws": 2, "sweeps": 1},
    search=search,
    slips=slips,
)  # fmt: skip
