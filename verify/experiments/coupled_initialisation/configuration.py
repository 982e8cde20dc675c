"""The options of coupled initialisation."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from verify.experiments.kit.experiment import option
from verify.experiments.kit.slopes import doubled
from verify.problems.data import SOURCES

LARGEST = 100_000
"""Without a given number of pairs, the required one is trained up to here."""

OTHERWISE = 1024
"""Pairs where more than that are required: claims on the width are then out of their regime."""


@dataclass(frozen=True)
class Configuration:
    """The options of one run. Fields are checked when it is made."""

    data: str = option(
        "digits",
        f"data set: {', '.join(SOURCES)}, or a file .npz (X, y) or .csv (last column y)",
    )
    samples: int = option(5, "rows drawn from the data set (n)")
    dimension: int = option(8, "input dimension of synthetic data (d)")
    targets: str = option("auto", "targets; the logistic loss takes whether they exceed their mean",
                          choices=("auto", "data", "noise", "teacher"))  # fmt: skip
    target_scale: float = option(0.5, "root mean square of the targets")
    pairs: int | None = option(None, "pairs of neurons (N) [default: what the claims require, up "
                               f"to {LARGEST:.0e}]", kind=int)  # fmt: skip
    init_scale: float | None = option(
        None, "initial weight scale (kappa) [default: what the claims require]", kind=float
    )
    step: float = option(1.0, "step size on the squared loss as eta ||G||")
    steps: int = option(50, "steps on the squared loss (K)")
    logistic_step: float = option(4.0, "step size on the logistic loss (eta)")
    logistic_steps: int = option(100, "steps on the logistic loss (K)")
    risk: float = option(0.4, "risk that the published logistic theorem is asked for")
    delta: float = option(0.5, "failure probability of every claim")
    epsilon: float = option(0.5, "share of lambda_0, of gamma_inf^2 that the width may cost")
    trials: int = option(40, "initialisations")
    xi: float = option(0.5, "probability that a mask holds a neuron, where masks are drawn")
    outputs: int = option(600, "initial outputs drawn, for their mean squares")
    sweeps: int = option(40, "width sweeps at kappa = 1")
    smallest: int = option(128, "smallest number of pairs of a sweep")
    largest: int = option(1024, "largest number of pairs of a sweep; they double")
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent")

    def __post_init__(self) -> None:
        counts = ("trials", "steps", "logistic_steps", "outputs", "sweeps", "smallest", "largest")
        for name in (*counts, *(["pairs"] if self.pairs is not None else [])):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidArgument(name, value, "an integer >= 1")
        for name in ("delta", "epsilon", "tolerance", "xi"):
            if not 0 < getattr(self, name) < 1:
                raise InvalidArgument(name, getattr(self, name), "in (0, 1)")
        positive = ["step", "logistic_step", "risk"]
        for name in positive + (["init_scale"] if self.init_scale is not None else []):
            if not 0 < getattr(self, name) < float("inf"):
                raise InvalidArgument(name, getattr(self, name), "a finite number > 0")
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def widths(self) -> list[int]:
        """The numbers of pairs of a sweep."""
        return doubled(self.smallest, self.largest)
