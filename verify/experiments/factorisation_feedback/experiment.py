"""The experiment of random feedback in matrix factorisation: (LR1) to (LR10)."""

from __future__ import annotations

from typing import Any

from verify.experiments.factorisation_feedback import draws, endings, paths
from verify.experiments.factorisation_feedback.cases import homes, slips
from verify.experiments.factorisation_feedback.configuration import Configuration
from verify.experiments.factorisation_feedback.setting import prepare
from verify.experiments.kit import Experiment, Measurement

STEPS = {
    "K", "residual", "forward_modes", "feedback_modes", "squared_error", "lyapunov", "path",
    "slowest", "weights", "update", "inner_product", "alignment_eigenvalues", "distance",
    "full_distance", "cosine",
}  # fmt: skip
FLOW = {"flow_K", "flow_squared_error", "lag", "flow_lyapunov", "decay", "flow_update",
        "flow_cosine", "first_cosine", "last_cosine"}  # fmt: skip
STAR = {"star_gram", "star_alignment", "star_least", "star_path", "star_update"}
ENDS = {"end_error", "end_product", "representation", "full_product"}
LEVELS = {"excess", "excess_of_one", "mean_excess", "ratio"}
OVERLAPS = {"overlap", "equal_error", "isotropic_overlap"}
"""What each measurement gives."""


def search(claim: str) -> Any:
    """Small matrices of every kind, from every start."""
    from verify.experiments.factorisation_feedback.strategies import configurations

    return configurations(claim)


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(ENDS, endings.at_the_end, 5.0),
        Measurement.of(STEPS, paths.descended),
        Measurement.of(FLOW, paths.flowed),
        Measurement.of(STAR, paths.optimal),
        Measurement.of({"drawn_error", "one_unit_error"}, draws.mean_error),
        Measurement.of(OVERLAPS, draws.overlaps),
        Measurement.of(LEVELS, draws.two_levels, 0.3),
        Measurement.of({"network_product"}, endings.as_network),
        Measurement.of({"slope_of_ratio"}, draws.growth, 5.0),
    ),
    homes=homes,
    few={"draws": 2, "sweeps": 1},
    search=search,
    slips=slips,
)
