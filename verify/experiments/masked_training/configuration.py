"""The options of a masked training experiment."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range, oo

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE, UNIT
from verify.experiments.kit import SCALE, ComputeOptions, MaskOptions, ProblemOptions, option
from verify.training.masked import ENGINES


@dataclass(frozen=True)
class Configuration(ComputeOptions, MaskOptions, ProblemOptions, data="diabetes"):
    """What to train on, how, and how often."""

    zeta_lambda: float | None = option(None, "step size as zeta Lambda [default: 0.5]", UNIT)
    eta: float | None = option(None, "local step size, instead of --zeta-lambda", POSITIVE)
    width: int = option(8192, "hidden width (m)", COUNT)
    init_scale: float = option(0.2, "initial weight scale (kappa)", SCALE)
    rounds: int = option(30, "rounds (K)", COUNT)
    seeds: int = option(96, "runs, each with masks of its own", Range(2, oo))
    watched: int = option(8, "runs whose every iterate is watched, for claims on every path", COUNT)
    pilot_seeds: int = option(16, "pilot runs, which fix alpha_j and R before the others", COUNT)
    headroom: float = option(
        1.5, "alpha_j and R as multiples of the largest pilot value", Interval(1, 1e50)
    )
    delta: float = option(
        0.1, "failure probability of claims that hold with probability 1 - delta", OPEN_UNIT
    )
    engine: str = option("auto", "trainer: auto is the fastest that fits", choices=ENGINES)

    def check(self) -> None:
        super().check()
        if self.eta is not None and self.zeta_lambda is not None:
            raise InvalidArgument("eta", self.eta, "left out where zeta_lambda is given")
