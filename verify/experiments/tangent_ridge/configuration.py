"""The options of ridge regression in the tangent space."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import ProblemOptions, option

LARGE = Interval(1e-8, 1e8)


@dataclass(frozen=True)
class Configuration(ProblemOptions, data="sphere", samples=60, dimension=20):
    """The options of one run. Rows have norm sqrt(d)."""

    neurons: int = option(24, "neurons (N); of a network, pairs", COUNT)
    networks: int = option(200, "draws of the neurons", COUNT)
    ridge: float = option(0.1, "ridge (lambda)", NONNEGATIVE)
    noise: float = option(0.5, "standard deviation of the noise of labels (tau)", NONNEGATIVE)
    linear: float = option(
        1.0, "energy of the target in degree 1 (F_1), on the sphere", NONNEGATIVE
    )
    quadratic: float = option(0.0, "energy of the target in degree 2 (F_2)", NONNEGATIVE)
    labels: int = option(300, "draws of labels", COUNT)
    step: float = option(0.9, "step size (eta) over that of the largest curvature", OPEN_UNIT)
    steps: int = option(300, "steps", COUNT)
    kappa: float = option(1e5, "scale of the initial weights of a network", LARGE)

    enough: int | None = option(
        None, "neurons of the least eigenvalue [default: N*, what the data asks for]", COUNT
    )
    epsilon: float = option(0.5, "share of the least eigenvalue that may be lost", OPEN_UNIT)
    delta: float = option(0.05, "failure probability", OPEN_UNIT)
    pilots: int = option(20_000, "neurons from which the first order is found", COUNT)

    smallest: int = option(16, "smallest width of a sweep (N)", COUNT)
    sweeps: int = option(40, "sweeps", COUNT)
    draws: int = option(40, "draws at each width of a sweep", COUNT)
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent", OPEN_UNIT)

    degree: int = option(1, "degree of polynomial ridge (l)", Range(0, 9))
    designs: int = option(200, "draws of rows on the sphere", COUNT)
    growth: int = option(1, "rows grow like the dimension to this power", Range(1, 3))
    inputs: int = option(20_000, "new inputs", COUNT)
    harmonic: int = option(2, "degree of the target that cannot be learnt (k)", Range(1, 9))
    constant: float = option(1.0, "constant of the published rates (C)", POSITIVE)

    def check(self) -> None:
        super().check()
        if self.data == "sphere" and self.dimension < 2:
            raise InvalidArgument("dimension", self.dimension, "at least 2 on the sphere")
        if not self.noise and not self.linear and not self.quadratic:
            raise InvalidArgument("noise", self.noise, "above 0 where there is no target")

    @property
    def uniform(self) -> bool:
        """Whether rows are uniform on the sphere."""
        return self.data == "sphere"
