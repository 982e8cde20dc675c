"""The experiment of ridge regression."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.ridge_overfitting import (
    boundary,
    certificates,
    gaussian,
    limits,
    numbers,
    sweeps,
)
from verify.experiments.ridge_overfitting.cases import homes, slips
from verify.experiments.ridge_overfitting.configuration import Configuration
from verify.experiments.ridge_overfitting.setting import prepare


def search(claim: str) -> Any:
    """Small problems of all populations and targets, with ridges of both signs."""
    from verify.experiments.ridge_overfitting.strategies import configurations

    return configurations(claim)


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(certificates.OF_HEADS, certificates.by_head, 2.0),
        Measurement.of(certificates.OF_DIRECTIONS, certificates.by_direction, 0.5),
        Measurement.of(gaussian.OF_TRIALS, gaussian.measure, 2.0),
        Measurement.of(limits.OF_LIMITS, limits.measure),
        Measurement.of({"critical_noise"}, limits.critical),
        Measurement.of(numbers.OF_FORMS, numbers.forms, 0.1),
        Measurement.of(numbers.OF_RIDGE, numbers.negative_ridge, 0.1),
        Measurement.of({"slope_of_risk"}, boundary.slope, 0.3),
        Measurement.of({"bayes_risk"}, boundary.prior, 0.3),
        Measurement.of({"slope_of_benign", "slope_of_tempered"}, sweeps.measure, 3.0),
    ),
    homes=homes,
    few={"designs": 2, "trials": 2, "copies": 2, "sweeps": 1, "last": 128},
    search=search,
    slips=slips,
)
