"""The experiment of ReLU networks on a line."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.one_dimensional_inconsistency import minimum, odds, paths
from verify.experiments.one_dimensional_inconsistency.cases import homes, slips
from verify.experiments.one_dimensional_inconsistency.configuration import Configuration
from verify.experiments.one_dimensional_inconsistency.setting import prepare


def search(claim: str) -> Any:
    """Lines of several sources, narrow and wide networks."""
    from verify.experiments.one_dimensional_inconsistency.strategies import configurations

    return configurations(claim)


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(paths.QUANTITIES, paths.paths, 2.0),
        Measurement.of(minimum.QUANTITIES, minimum.minimum),
        Measurement.of({"stays"}, odds.one_width, 2.0),
        Measurement.of({"scaled_crossing", "crossing_constant"}, odds.widths, 4.0),
        Measurement.of({"stays_shifted"}, odds.shifted, 2.0),
    ),
    homes=homes,
    few={"seeds": 8, "draws": 10, "trials": 10, "points": 2, "around": 2},
    search=search,
    slips=slips,
)
