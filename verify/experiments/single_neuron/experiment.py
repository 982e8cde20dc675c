"""The experiment of one neuron with adversarial labels."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement, unless_diverged
from verify.experiments.single_neuron import measures, population, scaling
from verify.experiments.single_neuron.cases import homes, slips
from verify.experiments.single_neuron.configuration import Configuration
from verify.experiments.single_neuron.setting import prepare


def search(claim: str) -> Any:
    """Small problems of all kinds."""
    from verify.experiments.single_neuron.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of({"distance", "descent_risk"}, unless_diverged(measures.path)),
        Measurement.of(
            {"risk", "half_pull", "rest", "alignment"}, unless_diverged(measures.structure)
        ),
        Measurement.of({"warm_distance", "warm_risk"}, measures.warm_start, 0.1),
        Measurement.of({"stuck", "stuck_risk"}, unless_diverged(measures.behind)),
        Measurement.of({"end"}, unless_diverged(measures.end), 0.1),
        Measurement.of(
            {"mean_alignment", "mean_gap", "mean_apart", "mean_disagreement"}, population.integrals
        ),
        Measurement.of({"stationary_risk", "stationary_opt"}, population.stationary),
        Measurement.of(
            {"slope_noise", "slope_independent", "slope_adversary"}, scaling.sweeps, 10.0
        ),
    ),
    homes=homes,
    few={"stationary": 2, "sweeps": 1},
    search=search,
    slips=slips,
)  # fmt: skip
