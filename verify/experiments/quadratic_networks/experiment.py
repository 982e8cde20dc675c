"""The experiment of quadratic and smooth networks."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.quadratic_networks import dynamics, minima, smooth
from verify.experiments.quadratic_networks.cases import homes, slips
from verify.experiments.quadratic_networks.configuration import Configuration
from verify.experiments.quadratic_networks.setting import prepare


def search(claim: str) -> Any:
    """Small problems, networks around the least number of neurons."""
    from verify.experiments.quadratic_networks.strategies import configurations

    return configurations(claim)


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(dynamics.OF_DESCENT, dynamics.descended),
        Measurement.of(dynamics.OF_CURVATURE, dynamics.curved),
        Measurement.of({"flow_gap"}, dynamics.flowed),
        Measurement.of(minima.OF_SIZES, minima.sized, 4.0),
        Measurement.of({"gained"}, minima.stuck, 2.0),
        Measurement.of(smooth.OF_CERTIFICATE, smooth.certified),
        Measurement.of({"discriminant"}, smooth.basin),
        Measurement.of(smooth.OF_RANKS, smooth.ranks),
        Measurement.of(smooth.OF_WIDE, smooth.wide),
    ),
    homes=homes,
    few={"seeds": 1, "trials": 2, "points": 2},
    search=search,
    slips=slips,
)
