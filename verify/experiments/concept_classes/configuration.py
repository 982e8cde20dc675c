"""The options of concept classes."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE
from verify.experiments.kit import SCALE, Options, option

DATA = ("teacher", "diabetes", "digits")
DEGREES = (0, 1, 3, 5)
MOST_TERMS, MOST_SIGNS = 4, 12
SMALLEST, LARGEST = 1e-50, 1e6
"""Of coefficients: fourth powers are numbers still."""

ALLOWED = "such as '0 1; 1': Taylor coefficients by degree, those of degree 2, 4 and above 5 zero"


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run; y = F*(x) + noise."""

    phi: str = option(
        "0 1; 1", "functions of the target: Taylor coefficients of each, between semicolons",
        text=True,
    )  # fmt: skip
    dimension: int = option(6, "input dimension (d)", Range(2, 10**6))
    noise: float = option(0.1, "standard deviation of the noise of labels", Interval(0, 1e50))
    data: str = option(
        "teacher",
        "what regret is measured on: fresh samples, or rows of real data in turn",
        choices=DATA,
    )
    rows: int = option(60, "rows of real data", COUNT)

    pairs: int = option(200, "pairs of neurons (N), width m = 2N", COUNT)
    steps: int = option(400, "steps, each on a fresh sample (T)", COUNT)
    step: float = option(0.5, "step size (eta)", POSITIVE)
    loss: str = option("huber", "loss whose regret is measured", choices=("huber", "squared"))
    comparator: str = option(
        "target", "W* of the regret: that of the target, or the network at the end",
        choices=("target", "end"),
    )  # fmt: skip
    init_scale: float | None = option(
        None, "initial weight scale (kappa) [default: what the guarantee asks for]", SCALE
    )
    coupled: bool = option(True, "neurons of a pair start alike, or each by itself")
    delta: float = option(0.2, "failure probability", OPEN_UNIT)
    seeds: int = option(40, "networks, each with samples of its own", COUNT)
    draws: int = option(20_000, "draws of H(g), and of networks at the start", COUNT)
    points: int = option(6, "inputs, and numbers of steps, that are looked at", COUNT)
    constant: float = option(0.5, "in place of C* of the published complexity (C)", POSITIVE)

    smallest: int = option(200, "smallest width of a sweep", COUNT)
    largest: int = option(1600, "largest width of a sweep; they double", COUNT)
    sweeps: int = option(40, "sweeps over width and steps, each gives a slope", COUNT)
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent", OPEN_UNIT)

    hidden: int = option(8, "neurons of each of two hidden layers, for three", COUNT)
    change: float = option(0.03, "size of (W', V') over that of (W, V)", Interval(1e-9, 10))
    nets: int = option(100, "networks of three layers under random signs", COUNT)
    descents: int = option(4, "networks of three layers whose curvature is looked at", COUNT)

    def check(self) -> None:
        """Coefficients that can be represented, sizes that fit into one another."""
        rows = self.coefficients
        if not any(any(row) for row in rows):
            raise InvalidArgument("phi", self.phi, "such that some coefficient is not 0")
        if len(rows) > MOST_TERMS:
            raise InvalidArgument("phi", self.phi, f"of at most {MOST_TERMS} functions")
        if self.hidden > MOST_SIGNS:
            raise InvalidArgument(
                "hidden", self.hidden, f"at most {MOST_SIGNS}: all signs are tried"
            )
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def coefficients(self) -> tuple[tuple[float, ...], ...]:
        """By function, of the degrees 0, 1, 3, 5."""
        found = []
        for text in self.phi.split(";"):
            try:
                row = [float(each) for each in text.replace(",", " ").split()]
            except ValueError:
                row = []
            padded = row + [0.0] * (6 - len(row))
            if not row or len(padded) > 6 or padded[2] or padded[4]:
                raise InvalidArgument("phi", self.phi, ALLOWED)
            if not all(x == 0 or SMALLEST <= abs(x) <= LARGEST for x in row):
                allowed = f"of numbers that are 0, or from {SMALLEST:g} to {LARGEST:g} in size"
                raise InvalidArgument("phi", self.phi, allowed)
            found.append(tuple(padded[k] for k in DEGREES))
        return tuple(found)
