"""The experiment of overfitting in a two-layer convolutional network."""

from __future__ import annotations

from typing import Any

from verify.experiments.convolutional_overfitting import patches, paths, phases, transition
from verify.experiments.convolutional_overfitting.cases import homes, slips
from verify.experiments.convolutional_overfitting.configuration import Configuration
from verify.experiments.convolutional_overfitting.setting import prepare
from verify.experiments.kit import Experiment, Measurement, unless_diverged


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
