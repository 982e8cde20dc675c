"""The experiment of ridge regression in the tangent space."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.tangent_ridge import degrees, network, risk, width
from verify.experiments.tangent_ridge.cases import homes, slips
from verify.experiments.tangent_ridge.configuration import Configuration
from verify.experiments.tangent_ridge.setting import prepare


def search(claim: str) -> Any:
    """Small problems of all sources."""
    from verify.experiments.tangent_ridge.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of({"both_active", "fluctuation", "dead"}, width.activities),
        Measurement.of({"rank", "rank_by_parts"}, width.ranks),
        Measurement.of("memorised", width.memorised),
        Measurement.of("on_the_way", width.on_the_way),
        Measurement.of({"least_eigenvalue", "lambda_min"}, width.eigenvalues, 2.0),
        Measurement.of("lambda_min_by_size", width.edges, 4.0),
        Measurement.of({"gap", "scaled_gap"}, risk.gaps, 3.0),
        Measurement.of({"slope_of_excess", "slope_of_spread", "risk_of_width"}, risk.sweeps, 4.0),
        Measurement.of("network", network.on_rows),
        Measurement.of({"slope_of_network"}, network.on_new_inputs, 2.0),
        Measurement.of({"second_moment", "fourth_moment", "least_of_K"}, degrees.moments),
        Measurement.of({"distance_at_inputs", "error_at_inputs"}, degrees.at_inputs),
        Measurement.of({"distance", "risk_of_kernel"}, degrees.distances),
        Measurement.of({"mean_risk"}, degrees.laws, 2.0),
        Measurement.of("effective_ridge", degrees.sandwich, 0.1),
        Measurement.of("harmonics", degrees.harmonics, 0.5),
    ),
    homes=homes,
    few={
        "networks": 2, "labels": 2, "sweeps": 2, "designs": 2, "inputs": 2,
        "pilots": 2, "steps": 8,
    },
    search=search,
    slips=slips,
)  # fmt: skip
