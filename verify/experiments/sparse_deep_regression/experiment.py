"""The experiment of sparse deep ReLU regression."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import Experiment, Measurement
from verify.experiments.sparse_deep_regression import classes, networks, oracle, rates, wavelets
from verify.experiments.sparse_deep_regression.cases import homes, slips
from verify.experiments.sparse_deep_regression.configuration import Configuration
from verify.experiments.sparse_deep_regression.setting import prepare


def search(claim: str) -> Any:
    """Small networks, classes and series of every kind."""
    from verify.experiments.sparse_deep_regression.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of({"sawtooth_error", "sawtooth_supremum"}, networks.sawtooths, 0.1),
        Measurement.of({"product", "product_supremum", "at_the_edges"}, networks.products, 0.1),
        Measurement.of(
            {"product_error", "tree_layers", "tree_nonzeros", "tree_width", "largest_parameter"},
            networks.trees,
        ),
        Measurement.of(
            {"sieve_error", "sieve_layers", "sieve_nonzeros", "slope_in_knots"},
            networks.approximation,
        ),
        Measurement.of(
            {"modulus", "extreme_pair", "distance_to_centre", "centres"}, classes.covers, 0.1
        ),
        Measurement.of({"exponential", "all_at_once", "risk"}, oracle.inequality),
        Measurement.of("trained", oracle.trained, 2.0),
        Measurement.of({"haar_loss", "thresholded_loss"}, wavelets.haar_series, 2.0),
        Measurement.of("least_haar_sum", wavelets.least_sums, 0.1),
        Measurement.of({"slope_of_sieve", "sieve_risk"}, rates.networks, 3.0),
        Measurement.of({"slope_of_haar", "haar_risk"}, rates.wavelets, 0.3),
    ),
    homes=homes,
    few={"points": 20, "pairs": 4, "trials": 2, "networks": 2, "steps": 2, "sweeps": 2},
    search=search,
    slips=slips,
)  # fmt: skip
