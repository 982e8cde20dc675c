"""The options of subquadratic training."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import ProblemOptions, SweepOptions, option

SKETCHES = ("tensor", "gaussian")


@dataclass(frozen=True)
class Configuration(
    SweepOptions, ProblemOptions, data="sphere", samples=4, dimension=6, targets="noise",
    smallest=64, largest=1024,
):  # fmt: skip
    """The options of one run."""

    width: int = option(256, "neurons per layer (m)", COUNT)
    layers: int = option(2, "hidden layers of gradient descent (L)", Range(1, 7))
    sparsity: float = option(0.25, "c of the threshold b = sqrt(2 c log m)", OPEN_UNIT)
    threshold: float | None = option(
        None, "the threshold (b) of Gauss-Newton [default: that of the sparsity]",
        Interval(0, 10),
    )  # fmt: skip
    step: float = option(0.3, "step size of gradient descent (eta)", Interval.Lopen(0, 10**6))
    steps: int = option(6, "steps", COUNT)
    restart: int = option(4, "steps after which a low-rank change is multiplied out", COUNT)
    trials: int = option(200, "starts, and sketches", COUNT)
    networks: int = option(8, "networks that Gauss-Newton is followed on", COUNT)
    independent: bool = option(False, "independent output signs, not in pairs that cancel")
    epsilon: float = option(0.5, "share of lambda_b that the kernel may lose", OPEN_UNIT)
    delta: float = option(0.2, "failure probability (delta)", OPEN_UNIT)
    residual: float = option(0.1, "relative residual of the linear system (eps_0)", NONNEGATIVE)
    sketch: str = option("tensor", "sketch of the preconditioner", choices=SKETCHES)
    rows: int = option(64, "rows of the sketch (s)", COUNT)
    far: float = option(0.9, "distance of a sketch from an isometry that counts", POSITIVE)
    stretch: float = option(
        0.0, "rows of the Jacobian are scaled by e^-stretch to e^stretch", Interval(0, 5)
    )
    sweeps: int = option(12, "sweeps, each gives a slope", COUNT)
    published_fired: float = option(1.0, "constant of the published number (C_f)", POSITIVE)
    published_chance: float = option(0.02, "constant of its probability (C_e)", POSITIVE)
    published_width: float = option(100.0, "published width (C_m)", POSITIVE)
    published_cost: float = option(10.0, "constant of the published cost (C_c)", POSITIVE)
    published_gain: float = option(0.2, "published exponent below 2 (alpha)", OPEN_UNIT)

    def check(self) -> None:
        super().check()
        for name in ("width", "smallest"):
            if getattr(self, name) % 2:
                raise InvalidArgument(name, getattr(self, name), "even, for neurons are in pairs")
