"""The experiment of ridge regression on random features of several types."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.multiple_random_features import descents, limits, real, risks
from verify.experiments.multiple_random_features.cases import homes, slips
from verify.experiments.multiple_random_features.configuration import Configuration
from verify.experiments.multiple_random_features.setting import prepare


def search(claim: str) -> Any:
    """Small problems of one to three types."""
    from verify.experiments.multiple_random_features.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of({"descents"}, descents.descents, 4.0),
        Measurement.of("maxima", descents.maxima, 0.2),
        Measurement.of({"risk", "bias", "variance"}, risks.limits, 6.0),
        Measurement.of({"bias_given", "variance_given"}, risks.given, 4.0),
        Measurement.of("ridgeless", risks.ridgeless, 4.0),
        Measurement.of({"near"}, real.near),
        Measurement.of({"inverse_variance", "distance"}, real.interpolation),
        Measurement.of({"mass", "changed_risk"}, limits.identities, 0.2),
        Measurement.of({"peak"}, limits.peak, 0.1),
        Measurement.of({"second_height", "second_width"}, limits.second_peak, 0.1),
    ),
    homes=homes,
    few={"draws": 2},
    search=search,
    slips=slips,
)
