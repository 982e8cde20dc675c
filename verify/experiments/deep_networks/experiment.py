"""The experiment of deep networks."""

from __future__ import annotations

from typing import Any

from verify.experiments.deep_networks import flow, sweeps, training, two_layers
from verify.experiments.deep_networks.cases import homes, slips
from verify.experiments.deep_networks.configuration import Configuration
from verify.experiments.deep_networks.setting import prepare
from verify.experiments.kit import Experiment, Measurement


def search(claim: str) -> Any:
    """Small problems of all sources, networks of all kinds."""
    from verify.experiments.deep_networks.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(training.QUANTITIES, training.trained),
        Measurement.of(flow.QUANTITIES, flow.flowed),
        Measurement.of(two_layers.WIDTH, two_layers.at_required_width),
        Measurement.of(two_layers.PUBLISHED, two_layers.published),
        Measurement.of(sweeps.OF_WIDTH, sweeps.in_width),
        Measurement.of(sweeps.OF_GAIN, sweeps.in_gain),
        Measurement.of(sweeps.OF_DEPTH, sweeps.in_depth),
    ),
    homes=homes,
    few={"seeds": 1, "trials": 1, "sweeps": 1},
    search=search,
    slips=slips,
)
