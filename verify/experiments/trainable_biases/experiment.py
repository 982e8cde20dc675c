"""The experiment of networks with trainable biases."""

from __future__ import annotations

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.trainable_biases import descent, kernel
from verify.experiments.trainable_biases.configuration import Configuration
from verify.experiments.trainable_biases.setting import prepare

EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(kernel.OF_DRAWS, kernel.drawn),
        Measurement.of("entry_of_H", kernel.series),
        Measurement.of(kernel.OF_KERNEL, kernel.eigenvalues),
        Measurement.of(descent.OF_PATHS, descent.paths),
    ),
    few={"seeds": 1, "draws": 2, "trials": 2, "sweeps": 1},
)
