"""The options of networks with trainable biases."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, INDEX, OPEN_UNIT, POSITIVE, UNIT
from verify.experiments.kit import ProblemOptions, SweepOptions, option

BIASES = ("trained", "frozen")
SIGNS = ("coupled", "independent")
LARGE = Interval(1e-6, 1e8)


@dataclass(frozen=True)
class Configuration(
    ProblemOptions, SweepOptions, data="sphere", samples=4, dimension=6, targets="noise",
    target_scale=0.1, smallest=256, largest=2048,
):  # fmt: skip
    """The options of one run. Rows have norm 1."""

    bias: float = option(1.0, "bias of every neuron at the start (B)", Interval(-5, 5))
    biases: str = option("trained", "biases with the weights, or not", choices=BIASES)
    signs: str = option("coupled", "output weights: pairs of both signs, or drawn", choices=SIGNS)
    width: int = option(2000, "neurons (m)", COUNT)
    kappa: float = option(1.0, "scale of weights and biases at the start", LARGE)
    step: float = option(1.0, "step size (eta) times the largest eigenvalue of H_0", UNIT)
    steps: int = option(60, "steps", COUNT)
    points: int = option(20, "steps that are looked at", COUNT)
    seeds: int = option(4, "networks that are followed", COUNT)
    reduction: float = option(1e-3, "relative residual that is asked for (r)", OPEN_UNIT)

    terms: int = option(200, "largest degree of the series (top)", INDEX)
    draws: int = option(400, "draws of the start", COUNT)

    epsilon: float = option(0.5, "share of the least eigenvalue that may be lost", OPEN_UNIT)
    delta: float = option(0.2, "failure probability", Interval.open(0, 0.5))
    enough: int | None = option(
        None, "neurons where nothing is measured [default: what the theorem asks for]", COUNT
    )
    trials: int = option(60, "networks of statements with probability", COUNT)
    sweeps: int = option(60, "sweeps", COUNT)

    radius: float = option(1.0, "radius of the class (R)", POSITIVE)
    evenness: float = option(3.0, "radius of one neuron (R_w), times sqrt(m)/R", POSITIVE)
    ascents: int = option(30, "steps of the ascent to a supremum", COUNT)
    population: int = option(300, "rows that samples are drawn from", Range(2, 100_000))
    constant: float = option(1.0, "constant of the published statements (C)", POSITIVE)

    def check(self) -> None:
        super().check()
        if self.signs == "coupled":
            for name in ("width", "smallest", "enough"):
                value = getattr(self, name)
                if value is not None and value % 2:
                    raise InvalidArgument(name, value, "even, for signs are coupled")

    @property
    def tau(self) -> int:
        """1 where biases are trained."""
        return int(self.biases == "trained")

    @property
    def coupled(self) -> bool:
        return self.signs == "coupled"
