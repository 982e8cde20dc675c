"""The options of quadratic and smooth networks."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, OPEN_UNIT, POSITIVE, UNIT
from verify.experiments.kit import ProblemOptions, option

LABELS = ("given", "bottom")
STARTS = ("coupled", "independent", "orthonormal", "saddle")
ACTIVATIONS = ("softplus", "leaky", "tanh", "square", "linear")
DIRECTIONS = ("random", "least", "top")
OPTIMISERS = ("levenberg-marquardt", "descent")

SIZE = Interval(1e-6, 1e6)
"""Sizes of weights: their twelfth powers are summed."""


@dataclass(frozen=True)
class Configuration(
    ProblemOptions, data="sphere", samples=30, dimension=4, targets="noise", target_scale=1.0
):
    """The options of one run."""

    features: int | None = option(
        None, "leading principal directions that the inputs are reduced to [default: all]", COUNT
    )
    labels: str = option(
        "given", "targets: those of the problem, or along the bottom eigenvector of T",
        choices=LABELS,
    )  # fmt: skip
    positive: int = option(40, "neurons of positive v_l", INDEX)
    negative: int = option(40, "neurons of negative v_l", INDEX)
    output: float = option(1.0, "least |v_l| (c)", SIZE)
    uneven: float = option(0.0, "largest over least |v_l|, minus 1", NONNEGATIVE)
    start: str = option("coupled", "W_0: W_- = W_+, Gaussian rows, orthonormal columns, or one "
                        "neuron of each sign", choices=STARTS)  # fmt: skip
    init_scale: float = option(0.5, "standard deviation of W_0", SIZE)
    step: float = option(
        1.0, "share of the largest step size that the theorem allows", Interval.Lopen(0, 10**6)
    )
    steps: int = option(400, "steps of gradient descent", COUNT)
    points: int = option(40, "steps, or times of the flow, that are looked at", COUNT)
    horizon: float = option(4.0, "time of gradient flow, in units of 1/its rate", POSITIVE)
    seeds: int = option(8, "initialisations that are followed", COUNT)
    trials: int = option(200, "initialisations of which only the end is looked at", COUNT)
    optimiser: str = option(
        "levenberg-marquardt", "how minima are searched for", choices=OPTIMISERS
    )
    activation: str = option("softplus", "activation of smooth networks", choices=ACTIVATIONS)
    leak: float = option(0.3, "least slope of the activation leaky (b_0)", UNIT)
    q: float = option(0.5, "share of the decrease that a certificate keeps (q)", OPEN_UNIT)
    reach: float = option(
        0.9, "distance of W_0 from the planted network, as a share of what is certified",
        Interval.Lopen(0, 100),
    )  # fmt: skip
    direction: str = option(
        "random", "from there: random, or a singular vector of its Jacobian", choices=DIRECTIONS
    )
    delta: float = option(0.2, "failure probability (delta)", OPEN_UNIT)
    published_samples: float = option(0.5, "constant of the published sample size (c_n)", POSITIVE)
    published_rate: float = option(1e-3, "constant of the published rate (c_r)", POSITIVE)
    published_distance: float = option(1.0, "published distance from the planted one", POSITIVE)

    def check(self) -> None:
        super().check()
        if self.positive + self.negative == 0:
            raise InvalidArgument("positive", 0, "at least 1 where negative is 0")
        if self.start in ("coupled", "orthonormal") and self.positive != self.negative:
            allowed = f"positive = {self.positive}, for the start is {self.start}"
            raise InvalidArgument("negative", self.negative, allowed)
        if self.start == "saddle" and not (self.positive and self.negative):
            raise InvalidArgument("start", self.start, "another one: a sign has no neurons")

    @property
    def neurons(self) -> int:
        """k."""
        return self.positive + self.negative
