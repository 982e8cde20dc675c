"""The options of coupled initialisation."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE
from verify.experiments.kit import ProblemOptions, SweepOptions, option

LARGEST = 100_000
"""Without a given number of pairs, the required one is trained up to here."""

LARGEST_CIRCLE = 512
"""Points: of these a sweep takes an hour."""

OTHERWISE = 1024
"""Pairs where more than that are required: claims on the width are then out of their regime."""


@dataclass(frozen=True)
class Configuration(SweepOptions, ProblemOptions, samples=5, smallest=128, largest=1024):
    """The options of one run; the widths of a sweep are numbers of pairs.

    The logistic loss takes as labels whether targets exceed their mean.
    """

    pairs: int | None = option(
        None, f"pairs of neurons (N) [default: what the claims require, up to {LARGEST:.0e}]", COUNT
    )
    init_scale: float | None = option(
        None, "initial weight scale (kappa) [default: what the claims require]", POSITIVE
    )
    step: float = option(1.0, "step size on the squared loss as eta ||G||", POSITIVE)
    steps: int = option(50, "steps on the squared loss (K)", COUNT)
    logistic_step: float = option(4.0, "step size on the logistic loss (eta)", POSITIVE)
    logistic_steps: int = option(100, "steps on the logistic loss (K)", COUNT)
    risk: float = option(0.4, "risk that the published logistic theorem is asked for", POSITIVE)
    delta: float = option(0.5, "failure probability of every claim", OPEN_UNIT)
    epsilon: float = option(
        0.5, "share of lambda_0, of gamma_inf^2 that the width may cost", OPEN_UNIT
    )
    trials: int = option(40, "initialisations", COUNT)
    xi: float = option(0.5, "probability that a mask holds a neuron, if masks are drawn", OPEN_UNIT)
    outputs: int = option(600, "initial outputs drawn, for their mean squares", COUNT)
    sweeps: int = option(40, "width sweeps at kappa = 1", COUNT)
    circle_fewest: int = option(8, "points of the smallest problem on the circle, even", COUNT)
    circle_most: int = option(
        64, "points of the largest problem on the circle; their cost grows like n^3",
        Range(1, LARGEST_CIRCLE + 1),
    )  # fmt: skip
    circle_trained: int = option(16, "most points on the circle that are trained on", COUNT)
    circle_steps: int = option(4000, "steps on the logistic loss on the circle", COUNT)

    def check(self) -> None:
        super().check()
        if self.circle_fewest % 2:
            raise InvalidArgument("circle_fewest", self.circle_fewest, "even: labels alternate")
        if self.circle_most < 2 * self.circle_fewest:
            allowed = f"at least twice circle_fewest = {self.circle_fewest}"
            raise InvalidArgument("circle_most", self.circle_most, allowed)
