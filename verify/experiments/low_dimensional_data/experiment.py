"""The experiment of training on data in a subspace."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement, unless_diverged
from verify.experiments.low_dimensional_data import linear, networks, noise
from verify.experiments.low_dimensional_data.cases import homes, slips
from verify.experiments.low_dimensional_data.configuration import Configuration
from verify.experiments.low_dimensional_data.setting import prepare


def search(claim: str) -> Any:
    """Small problems of all sources, networks of all kinds."""
    from verify.experiments.low_dimensional_data.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(
            {"untrained_part", "gradient", "sum_of_gradients"},
            unless_diverged(networks.training),
            4.0,
        ),
        Measurement.of(
            {"part_off_subspace", "squared_deviation"}, unless_diverged(networks.off_subspace)
        ),
        Measurement.of({"balance", "outer_weights"}, unless_diverged(linear.two_layers)),
        Measurement.of({"chain"}, unless_diverged(linear.chain), 0.2),
        Measurement.of({"transversal_of_chain"}, unless_diverged(linear.depth), 0.5),
        Measurement.of({"escape_time", "escape_times"}, unless_diverged(linear.escapes), 0.5),
        Measurement.of({"least_squares"}, noise.least_squares),
        Measurement.of({"descent"}, unless_diverged(noise.descent)),
        Measurement.of({"moved", "kept_share"}, unless_diverged(noise.speed)),
        Measurement.of("size_of_noise", noise.size_of_noise, 0.3),
    ),
    homes=homes,
    few={"networks": 1, "redraws": 2, "regressions": 2, "steps": 8},
    search=search,
    slips=slips,
)
