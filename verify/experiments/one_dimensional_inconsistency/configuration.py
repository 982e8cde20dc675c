"""The options of ReLU networks on a line."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, POSITIVE
from verify.experiments.kit import ProblemOptions, option
from verify.problems.data import SOURCES
from verify.problems.files import KINDS

SIX_POINTS = "six-points"
STARTS = ("he", "swapped", "spread")


@dataclass(frozen=True)
class Configuration(ProblemOptions, samples=500, target_scale=1.0):
    """The options of one run."""

    data: str = option(
        SIX_POINTS, "data set: the six points of the publication, or one feature of "
        f"{', '.join(SOURCES)}, or of a file: a table as {KINDS} (X, y)",
    )  # fmt: skip
    feature: int | None = option(
        None, "the input: a feature of the data set, by number from 1 [default: the first that "
        "varies]", COUNT,
    )  # fmt: skip
    rescale: bool = option(True, "input and targets to mean 0 and one scale, or as they are")
    gap: float = option(0.0, "points with |x| at most so large are left out", NONNEGATIVE)
    residuals: bool = option(True, "subtract the affine fit of each side from the targets")
    offset: float = option(0.0, "what is added to the targets after that", Interval(-1e6, 1e6))
    start: str = option(
        "he", "W_0: of He, with the variances of a and w exchanged, or with kinks spread over the "
        "data", choices=STARTS,
    )  # fmt: skip
    outer: float = option(1.0, "factor of the outer weights at the start", Interval(1e-3, 1e3))
    width: int = option(1024, "hidden neurons (m)", COUNT)
    step: float = option(
        1.0, "step size, in units of 1/lam_max(A_ref M), A_ref the mean of A at the start",
        Interval.Lopen(0, 10),
    )  # fmt: skip
    batch: int | None = option(None, "rows of a minibatch [default: all]", COUNT)
    steps: int = option(1000, "steps of trained networks", COUNT)
    points: int = option(12, "steps that are looked at", COUNT)
    seeds: int = option(4, "networks that are trained", COUNT)
    certify_at: int = option(16, "steps of the recursion before the certificate (T_0)", INDEX)
    neurons: int = option(24, "hidden neurons where Hessians are taken", COUNT)
    around: int = option(50, "networks that are tried around a trained one", COUNT)
    draws: int = option(1000, "initialisations for the odds of the certificate", COUNT)
    smallest: int = option(16, "smallest of the widths m, 4 m, 16 m of a limit", COUNT)
    trials: int = option(1000, "initialisations that are followed at each of these widths", COUNT)
    copies: int = option(
        32, "networks of each: neurons drawn again, of the same thirteen numbers", COUNT
    )
    horizon: float = option(
        10.0, "time eta times the steps until which kinks are watched (tau)", Interval(0, 1e4)
    )
    shift: float = option(3.0, "offset of the targets times sqrt(m) (kappa)", POSITIVE)
    published_constant: float = option(4.0, "constant of the published probability (C)", POSITIVE)
    published_power: float = option(0.4, "power of 1/m there (gamma)", POSITIVE)

    def check(self) -> None:
        super().check()
        if self.certify_at > self.steps:
            allowed = f"at most steps = {self.steps}"
            raise InvalidArgument("certify_at", self.certify_at, allowed)
