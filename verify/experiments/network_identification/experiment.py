"""The experiment of network identification."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.network_identification import biases, directions, pipeline, subspaces
from verify.experiments.network_identification.cases import homes, slips
from verify.experiments.network_identification.configuration import Configuration
from verify.experiments.network_identification.setting import prepare


def search(claim: str) -> Any:
    """Small networks of every kind."""
    from verify.experiments.network_identification.strategies import configurations

    return configurations(claim)


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(subspaces.DIFFERENCES, subspaces.differentiated),
        Measurement.of(subspaces.RANKS, subspaces.ranks),
        Measurement.of(subspaces.THRESHOLDS, subspaces.thresholds),
        Measurement.of({"climb"}, directions.climbed, 2.0),
        Measurement.of(directions.BESIDE, directions.beside, 2.0),
        Measurement.of({"found"}, directions.published, 4.0),
        Measurement.of(biases.ALGEBRA, biases.algebra),
        Measurement.of(biases.DESCENT, biases.descended),
        Measurement.of({"slowest"}, biases.slowest),
        Measurement.of({"floor"}, biases.floor),
        Measurement.of(pipeline.PIPELINE, pipeline.swept, 4.0),
    ),
    homes=homes,
    few={"networks": 2, "trials": 2, "starts": 40, "iterations": 200},
    search=search,
    slips=slips,
)
