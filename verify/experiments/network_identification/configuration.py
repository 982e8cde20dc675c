"""The options of network identification."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import Options, option

TEACHERS = ("sphere", "axes", "digits", "diabetes")
POINTS = ("gaussian", "worst")
STARTS = ("random", "slowest")
ACTIVATIONS = ("tanh", "sigmoid")
LARGEST = 24
"""Dimension: Hessians are D^2 numbers each."""


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run: networks to be identified, and how."""

    teacher: str = option(
        "sphere", "weights: uniform on the sphere, along the axes, or centred rows of real data in "
        "their leading principal directions", choices=TEACHERS,
    )  # fmt: skip
    dimension: int = option(8, "input dimension (D)", Range(1, LARGEST + 1))
    neurons: int = option(14, "neurons (m)", COUNT)
    bias: float = option(0.5, "biases are uniform between it and its negative", NONNEGATIVE)
    activation: str = option("tanh", "activation (g)", choices=ACTIVATIONS)
    networks: int = option(6, "networks to be identified", COUNT)

    hessians: int | None = option(
        None, "points at which Hessians are taken (N) [default: 2 m]", COUNT
    )
    points: str = option(
        "gaussian", "these points: Gaussian, or where finite differences err most", choices=POINTS
    )
    eps: float = option(0.03, "step of finite differences", POSITIVE)
    noise: float = option(0.0, "values are off by that, up or down (nu)", NONNEGATIVE)

    gamma: float = option(0.5, "shift of the power iteration", Interval(-10, 10))
    starts: int = option(80, "starts of the power iteration", COUNT)
    iterations: int = option(1500, "steps of the power iteration", COUNT)
    accuracy: float = option(0.02, "sine below which a weight counts as found", OPEN_UNIT)
    turn: float = option(
        1e-3, "least angle at which points beside weights are looked at", Interval(1e-5, 1)
    )

    radius: float = option(1.0, "distance from 0 at which signs are told (R)", POSITIVE)
    fitted: int = option(200, "points at which biases are fitted (M)", COUNT)
    fit_scale: float = option(2.0, "standard deviation of their coordinates", POSITIVE)
    step: float = option(1.0, "step size of descent as eta Lam", Interval.Lopen(0, 4))
    steps: int = option(600, "steps of descent in the biases", COUNT)
    reach: float = option(0.3, "start of descent, in radii of the basin", Interval.Lopen(0, 1000))
    start: str = option(
        "random", "direction of that start: random, or the slowest eigenvector", choices=STARTS
    )
    tilt: float = option(1e-4, "angle by which weights are turned for the floor", Interval(0, 1))

    largest: int = option(6, "largest dimension of the thresholds", Range(1, 13))
    sweep_dimension: int = option(6, "dimension of the picture of shares", Range(1, 13))
    widest: float = option(0.1, "largest step of a sweep over finite differences", POSITIVE)
    narrowest: float = option(0.01, "smallest step of it", POSITIVE)
    sizes: int = option(3, "steps of it", COUNT)
    tolerance: float = option(0.1, "distance allowed between a slope and its exponent", OPEN_UNIT)
    trials: int = option(40, "networks whose weights are all searched for", COUNT)
    constant: float = option(2.0, "constant of the published number of neurons (C)", POSITIVE)
    delta: float = option(0.5, "failure probability of the published statement", OPEN_UNIT)

    def check(self) -> None:
        """Sizes that fit into one another."""
        if self.teacher == "axes" and self.neurons > self.dimension:
            allowed = f"at most dimension = {self.dimension}, for weights are axes"
            raise InvalidArgument("neurons", self.neurons, allowed)
        if self.teacher == "diabetes" and self.dimension > 10:
            raise InvalidArgument("dimension", self.dimension, "at most 10, for diabetes")
        if self.narrowest > self.widest:
            raise InvalidArgument("narrowest", self.narrowest, f"at most widest = {self.widest}")

    @property
    def N(self) -> int:
        """Points at which Hessians are taken."""
        return 2 * self.neurons if self.hessians is None else self.hessians
