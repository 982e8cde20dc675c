"""The experiment of networks with trainable biases."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

from verify.experiments.kit import Experiment, Measured, Measurement, Progress
from verify.experiments.trainable_biases import curves, descent, generalisation, kernel, width
from verify.experiments.trainable_biases.cases import homes, slips
from verify.experiments.trainable_biases.configuration import Configuration
from verify.experiments.trainable_biases.setting import Setting, prepare


def eigenvalues(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB2), with its picture."""
    return replace(kernel.eigenvalues(setting, wanted, tell), trajectory=curves.eigenvalue(setting))


def paths(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB3), (TB5), (TB6), with their picture."""
    samples, found = descent.paths(setting, tell)
    return Measured(samples, curves.residual(setting, found))


def search(claim: str) -> Any:
    """Small problems of several sources, biases of both signs."""
    from verify.experiments.trainable_biases.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(kernel.OF_DRAWS, kernel.drawn),
        Measurement.of("entry_of_H", kernel.series),
        Measurement.of(kernel.OF_KERNEL, eigenvalues),
        Measurement.of(descent.OF_PATHS, paths),
        Measurement.of("least_eigenvalue", width.least_eigenvalue),
        Measurement.of(width.OF_WIDTH, width.at_width),
        Measurement.of({"slope"}, width.sweep, 2.0),
        Measurement.of(generalisation.OF_SIGNS, generalisation.on_signs),
        Measurement.of("supremum_of_starts", generalisation.over_starts),
        Measurement.of({"risk"}, generalisation.risks),
    ),
    few={"seeds": 1, "draws": 2, "trials": 2, "sweeps": 1},
    homes=homes,
    search=search,
    slips=slips,
)
