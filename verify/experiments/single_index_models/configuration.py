"""The options of over-parameterised single index models."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import SCALE, Options, option

DATA = ("gaussian", "diabetes", "digits")
LINKS = ("sine", "cubic", "relu", "tanh", "sign")
CLIPPED_AT = 4.0
"""tau of clipped sweeps unless it is given."""


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run; responses are f(<x, beta*>) + noise, clipped where asked for."""

    data: str = option(
        "gaussian", "Phi of single paths: drawn from the model, or whitened real data", choices=DATA
    )
    samples: int = option(600, "samples (n)", COUNT)
    dimension: int = option(100, "dimension (p)", COUNT)
    support: int = option(5, "coordinates of beta* that are not 0 (s)", COUNT)
    ratio: float = option(1.0, "their largest over their smallest size", Interval(1, 1e6))
    link: str = option(
        "sine", "f(z): z + sin z, z + z^3/3, max(z, 0), tanh 2z, or sign z", choices=LINKS
    )
    noise: float = option(0.5, "size of the noise of the responses", NONNEGATIVE)
    noise_law: str = option(
        "gaussian", "law of the noise: heavy is symmetric Pareto", choices=("gaussian", "heavy")
    )
    tail: float = option(1.5, "tail index of heavy noise (nu)", Interval(0.1, 1e3))
    tau: float | None = option(None, "clip responses to [-tau, tau]", SCALE)
    tied: bool = option(False, "noise that grows with a coordinate off the support")
    inputs: str = option(
        "gaussian", "law of the inputs; the score is its own", choices=("gaussian", "laplace")
    )

    alpha: float = option(1e-9, "size of w and v at the start", Interval(1e-50, 1e3))
    step: float = option(
        0.25, "step size (eta) times the root mean square of the responses", POSITIVE
    )
    growth: float = option(1e-4, "what noise may grow to until the stop (epsilon)", SCALE)
    near: float = option(0.05, "what a signal may lack to be found", SCALE)
    delta: float = option(0.1, "failure probability", OPEN_UNIT)
    draws: int = option(700, "data sets", COUNT)
    points: int = option(12, "steps that are looked at", COUNT)
    beyond: float = option(4.0, "the last of them, over the stop", Interval(1, 1e3))
    constant: float = option(4.0, "constant of the published rates (C)", POSITIVE)
    constant_first: float = option(2.0, "of the published start of the window (C_1)", POSITIVE)
    constant_last: float = option(0.4, "of its published end (C_2)", POSITIVE)

    size: int = option(8, "rows and columns of matrices (d)", COUNT)
    rank: int = option(2, "rank of B* (r)", COUNT)
    matrix_samples: int = option(400, "samples for matrices; and twice, four times as many", COUNT)

    smallest: int = option(100, "smallest number of samples of a sweep", COUNT)
    largest: int = option(1600, "largest number of samples of a sweep; they double", COUNT)
    sweeps: int = option(40, "sweeps over the number of samples, each gives a slope", COUNT)
    tolerance: float = option(0.12, "distance allowed between a slope and its exponent", OPEN_UNIT)

    def check(self) -> None:
        """Sizes that fit into one another."""
        if self.support >= self.dimension:
            raise InvalidArgument("support", self.support, f"below dimension = {self.dimension}")
        if self.rank > self.size:
            raise InvalidArgument("rank", self.rank, f"at most size = {self.size}")
        if not self.growth > self.alpha**2:
            raise InvalidArgument("growth", self.growth, f"above alpha^2 = {self.alpha**2:g}")
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")
