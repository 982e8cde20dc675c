"""The experiment of overfitting in a two-layer convolutional network."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np

from verify.experiments.convolutional_overfitting import patches, paths, phases, transition
from verify.experiments.convolutional_overfitting.cases import homes, slips
from verify.experiments.convolutional_overfitting.configuration import Configuration
from verify.experiments.convolutional_overfitting.setting import Setting, prepare
from verify.experiments.kit import Experiment, Measured, Measurement, Progress
from verify.training.divergence import Diverged

Measure = Callable[[Setting, Set[str], Progress], Measured]


def unless_diverged(measure: Measure) -> Measure:
    """Without samples, and with a note, where steps are too large: no claim speaks of that."""

    def measured(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return measure(setting, wanted, tell)
        except Diverged as error:
            return Measured({}, notes={", ".join(sorted(wanted)): str(error)})

    return measured


def search(claim: str) -> Any:
    """Small problems of all kinds."""
    from verify.experiments.convolutional_overfitting.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of({"budget"}, unless_diverged(paths.conservation), 3.0),
        Measurement.of({"signal", "noise", "elsewhere", "aligned"},
                       unless_diverged(paths.decomposition)),
        Measurement.of({"growth"}, unless_diverged(paths.growth)),
        Measurement.of({"flow_budget"}, unless_diverged(paths.conservation_of_flow), 2.0),
        Measurement.of({"signal_part", "class_signal", "memory"},
                       unless_diverged(phases.classes)),
        Measurement.of({"patch_loss", "test_loss", "last_test_loss", "last_patch_loss"},
                       unless_diverged(phases.tests)),
        Measurement.of({"chi_learned", "chi_not_learned"},
                       unless_diverged(transition.transition), 5.0),
        Measurement.of({"slope"}, unless_diverged(patches.sweeps), 5.0),
    ),
    homes=homes,
    few={"seeds": 2, "sweeps": 1},
    search=search,
    slips=slips,
)  # fmt: skip
