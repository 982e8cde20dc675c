"""The experiment of deep networks."""

from __future__ import annotations

from verify.experiments.deep_networks import training
from verify.experiments.deep_networks.configuration import Configuration
from verify.experiments.deep_networks.setting import prepare
from verify.experiments.kit import Experiment, Measurement

EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (Measurement.of(training.QUANTITIES, training.trained),),
    few={"seeds": 1},
)
