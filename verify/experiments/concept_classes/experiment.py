"""The experiment of concept classes."""

from __future__ import annotations

from typing import Any

from verify.experiments.concept_classes import complexity, regret, sweeps, three_layers
from verify.experiments.concept_classes.cases import homes, slips
from verify.experiments.concept_classes.configuration import Configuration
from verify.experiments.concept_classes.setting import prepare
from verify.experiments.kit import Experiment, Measurement, unless_diverged


def search(claim: str) -> Any:
    """Small networks and targets of all kinds."""
    from verify.experiments.concept_classes.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of({"represented", "inner", "B"}, complexity.functions),
        Measurement.of({"norm", "half"}, complexity.norm),
        Measurement.of({"at_start"}, complexity.at_start, 2.0),
        Measurement.of(
            {"squared", "frozen"}, unless_diverged(regret.guaranteed("squared")), 4.0
        ),
        Measurement.of(
            {"huber", "huber_all", "frozen_huber"},
            unless_diverged(regret.guaranteed("huber")), 4.0,
        ),
        Measurement.of({"output", "telescoped", "regret"}, unless_diverged(regret.regret), 4.0),
        Measurement.of({"slope_width", "slope_samples"}, unless_diverged(sweeps.slopes), 8.0),
        Measurement.of({"signed"}, three_layers.random_signs),
        Measurement.of({"curvature", "least"}, unless_diverged(three_layers.curvature)),
    ),
    homes=homes,
    few={"seeds": 2, "draws": 20, "sweeps": 1, "nets": 2, "descents": 1},
    search=search,
    slips=slips,
)  # fmt: skip
