"""The options of unequal node scalings."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE, UNIT
from verify.experiments.kit import ProblemOptions, SweepOptions, option

LARGEST = 200_000
"""Without a given width, m* is trained up to here."""

OTHERWISE = 4096
"""The width where m* is larger: its claims are then out of their regime."""


@dataclass(frozen=True)
class Configuration(SweepOptions, ProblemOptions, samples=4, dimension=6, tolerance=0.25):
    """The options of one run."""

    gamma: float = option(0.5, "share of the scalings that is equal for all nodes", UNIT)
    alpha: float = option(0.5, "the others fall like j^{-1/alpha}", OPEN_UNIT)
    width: int | None = option(
        None, f"hidden nodes, even (m) [default: m* up to {LARGEST:.0e}]", COUNT
    )
    init_scale: float | None = option(
        None, "initial weight scale (kappa) [default: where m* no longer depends on it]", POSITIVE
    )
    horizon: float = option(4.0, "time of gradient flow, in units of 1/(gamma lambda_0)", POSITIVE)
    points: int = option(40, "times that are looked at", COUNT)
    step: float = option(1.0, "step size of gradient descent as eta ||X||^2", POSITIVE)
    steps: int = option(40, "steps of gradient descent", COUNT)
    trials: int = option(32, "initialisations", COUNT)
    delta: float = option(0.5, "failure probability of every claim", OPEN_UNIT)
    epsilon: float = option(
        0.25, "share of lambda_0 that the kernel at the start may lose", OPEN_UNIT
    )
    sweeps: int = option(40, "width sweeps at kappa = 1", COUNT)

    def check(self) -> None:
        super().check()
        for name in ("smallest", "largest", "width"):
            if (getattr(self, name) or 0) % 2:
                raise InvalidArgument(name, getattr(self, name), "even: nodes come in pairs")
