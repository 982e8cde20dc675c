"""The options of sparse deep ReLU regression."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE, UNIT
from verify.experiments.kit import ProblemOptions, option

FUNCTIONS = ("power", "sine")
FAMILIES = ("networks", "bumps")
TRUTHS = ("targets", "member")
ESTIMATORS = ("least", "worst")
SIZES = Interval(1e-3, 1e3)

MOST_KNOTS = 100
"""In all variables, where these are several."""


@dataclass(frozen=True)
class Configuration(ProblemOptions, data="diabetes", samples=60):
    """The options of one run. Rows of the data are what inputs are drawn from in (SH6)."""

    m: int = option(5, "sawtooth functions in a network that multiplies (m)", Range(1, 13))
    factors: int = option(4, "largest number of factors of a product (r)", Range(2, 17))
    points: int = option(1000, "random inputs at which networks are looked at", COUNT)
    variables: int = option(
        1, "input dimension of sieves, covers and Haar series (r, p_0, d)", Range(1, 4)
    )
    function: str = option(
        "power", "what a sieve is for: x^beta, |x - 1/3|^beta where beta is no integer, or "
        "sin(2 pi x)", choices=FUNCTIONS,
    )  # fmt: skip
    beta: float = option(2.0, "its smoothness (beta); 2 for several variables", Interval(0.1, 6))
    knots: int | None = option(
        None, "smallest of the knots M, 2 M, 4 M of a sieve (of three variables M, 2 M) [default: "
        "4, or 1 for several variables]", Range(1, 33),
    )  # fmt: skip

    depth: int = option(1, "hidden layers of a class of networks (L)", Range(1, 7))
    width: int = option(4, "their width", COUNT)
    nonzeros: int = option(3, "parameters that are not 0 in a sparse class (s)", COUNT)
    radius: float = option(0.01, "radius of the cover (delta)", POSITIVE)
    pairs: int = option(400, "pairs of networks", COUNT)

    family: str = option(
        "networks", "a finite class on the rows: random networks, or bumps of either sign",
        choices=FAMILIES,
    )  # fmt: skip
    truth: str = option(
        "targets", "the regression function: the targets of the data, or a function of the class",
        choices=TRUTHS,
    )  # fmt: skip
    candidates: int = option(16, "functions in the class (N)", COUNT)
    amplitude: float = option(0.5, "height of a bump over F/2", UNIT)
    ceiling: float = option(1.0, "functions are in [0, F]", SIZES)
    noise: float = option(1.0, "standard deviation of the noise (sigma)", SIZES)
    draws: int = option(20, "samples of a regression (n)", COUNT)
    trials: int = option(1000, "regressions", COUNT)
    temperature: float = option(0.5, "t over 1/(2 sigma^2)", OPEN_UNIT)
    failure: float = option(0.1, "failure probability (delta_p)", OPEN_UNIT)
    estimator: str = option(
        "least", "least squares, or the worst function whose empirical risk is nearly as small",
        choices=ESTIMATORS,
    )  # fmt: skip
    tolerated: float = option(0.05, "how much larger it may be then (Delta)", NONNEGATIVE)
    slack: float = option(0.5, "eps_0 of the published inequality", UNIT)
    networks: int = option(100, "trained networks", COUNT)
    steps: int = option(200, "steps of Adam", COUNT)
    step: float = option(0.05, "step size of Adam", POSITIVE)

    alpha: float = option(0.5, "smoothness of the function of the mean (alpha)", UNIT)
    smallest: int = option(256, "smallest number of samples of a sweep", COUNT)
    largest: int = option(4096, "largest number of samples; they double", COUNT)
    sweeps: int = option(60, "sweeps", COUNT)
    tolerance: float = option(0.1, "distance allowed between a slope and its exponent", OPEN_UNIT)
    constant: float = option(1.0, "constant of the published rates (C)", POSITIVE)

    def check(self) -> None:
        super().check()
        whole = float(self.beta).is_integer()
        if not whole and (self.function == "sine" or self.beta > 2):
            allowed = "an integer, or below 2 for a power"
            raise InvalidArgument("beta", self.beta, allowed)
        most = max(k for k in range(1, 33) if self.variables == 1 or self.size(k) <= MOST_KNOTS)
        if self.first_knots > most:
            allowed = f"at most {most} for {self.variables} variables: more is too large a network"
            raise InvalidArgument("knots", self.knots, allowed)
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def first_knots(self) -> int:
        """M, or its default."""
        return (4 if self.variables == 1 else 1) if self.knots is None else self.knots

    @property
    def sweep(self) -> tuple[int, ...]:
        """The factors of the knots of sieves."""
        return (1, 2, 4) if self.variables < 3 else (1, 2)

    def size(self, knots: int) -> int:
        """Knots of the largest sieve, in all variables."""
        return int((self.sweep[-1] * knots + 1) ** self.variables)

    @property
    def widths(self) -> tuple[int, ...]:
        """p_0, ..., p_L of a class with one output."""
        return (self.variables, *(self.width for _ in range(self.depth)))
