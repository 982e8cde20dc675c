"""The experiment of over-parameterised single index models."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.experiments.kit import Experiment, Measurement, unless_diverged
from verify.experiments.single_index_models import errors, matrices, paths, truncation
from verify.experiments.single_index_models.cases import homes, slips
from verify.experiments.single_index_models.configuration import Configuration
from verify.experiments.single_index_models.setting import Setting, prepare

MOST = 2 / 5
"""Of eta R, in the premises of descent."""


def too_far(setting: Setting) -> str:
    """Steps that break eta R <= 2/5 on the statistic of the paths, in words; empty if none do."""
    c, whole = setting.configuration, setting.whole
    R = float(np.sqrt(whole.Phi**2 + 4 * c.alpha**4).max())
    speed = c.step / whole.size * R
    return f"eta R <= 2/5 is needed, not {speed:.3g}" if speed > MOST else ""


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
            unless_diverged(errors.errors, too_far), 4.0,
        ),
        Measurement.of({"coordinate", "product"}, unless_diverged(paths.coordinates, too_far)),
        Measurement.of({"flow", "flow_product"}, unless_diverged(paths.flows)),
        Measurement.of({"first", "last", "window"}, unless_diverged(paths.windows, too_far)),
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
