"""The options of one neuron with adversarial labels."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE
from verify.experiments.kit import Options, option

LAWS = ("gaussian", "laplace", "uniform", "exponential")
REAL = ("diabetes", "wine", "cancer", "digits")
ADVERSARIES = ("decoy", "difference", "sign", "linear", "cone", "constant", "heavy", "negative",
               "independent")  # fmt: skip
STARTS = ("random", "warm", "behind")


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run; y = relu(<w*, x>) + e, E e^2 = omega ||w*||^2."""

    data: str = option(
        "gaussian", "law of the inputs, whitened, or whitened real data", choices=(*LAWS, *REAL)
    )
    samples: int = option(500, "samples that are drawn; with -X there are twice as many", COUNT)
    dimension: int = option(5, "dimension (d); of real data, principal components", COUNT)
    unpaired: bool = option(False, "do not append -X to the inputs")
    norm: float = option(1.0, "norm of the planted w*", Interval(1e-6, 1e6))
    adversary: str = option(
        "decoy",
        "law of e: another neuron, or what it has more than w*; a sign, a linear function; labels "
        "of a cone flipped; a constant; heavy tails; never positive; independent",
        choices=ADVERSARIES,
    )
    cut: bool = option(False, "e only where <w*, x> > 0: all other labels are 0")
    omega: float = option(1e-3, "size of the noise, opt/||w*||^2", Interval(0, 1e6))
    comparator: str = option(
        "planted", "w*: the planted one, or where descent from it ends", choices=("planted", "best")
    )

    start: str = option(
        "random", "of the certified path: at a distance of w*, 2 E y x, or -c w*", choices=STARTS
    )
    away: float = option(0.3, "that distance over ||w*||", Interval(1e-6, 1e6))
    behind: float = option(0.5, "c of the start at -c w*", Interval(1e-6, 1e6))
    step: float = option(0.2, "step size (eta)", POSITIVE)
    steps: int = option(120, "steps of descent", COUNT)
    starts: int = option(6, "further starts, at random", COUNT)
    points: int = option(8, "steps at which the risk is looked at", COUNT)
    constant: float = option(4.0, "constant of the published guarantee (C)", POSITIVE)
    excess: float = option(0.01, "what the published guarantee adds (epsilon)", POSITIVE)

    stationary: int = option(20, "stationary points for each size of the noise", COUNT)
    calm: float = option(1e-3, "smallest noise of stationary points (omega)", Interval(1e-9, 1e3))
    loud: float = option(0.5, "largest noise of stationary points (omega)", Interval(1e-9, 1e3))
    uneven: float = option(
        0.0, "inputs of stationary points that rotations change", Interval.Ropen(0, 1)
    )

    quietest: float = option(
        1e-4, "smallest noise of a sweep; it grows fourfold", Interval(1e-12, 1.0)
    )
    smallest: int = option(50, "smallest number of samples of a sweep; they double", COUNT)
    largest: int = option(800, "largest; both times a factor, if below 2 d", COUNT)
    sweeps: int = option(40, "sweeps, each gives a slope", COUNT)
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent", OPEN_UNIT)

    def check(self) -> None:
        """Sizes that fit into one another."""
        if self.data in LAWS and self.samples < self.dimension:
            raise InvalidArgument("samples", self.samples, f"at least dimension = {self.dimension}")
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")
        if self.loud < self.calm:
            raise InvalidArgument("loud", self.loud, f"at least calm = {self.calm}")
