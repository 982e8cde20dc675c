"""The options of over-parameterised single index models."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import SCALE, Options, option
from verify.experiments.single_index_models.links import LINKS, link
from verify.problems.data import SOURCES, Held
from verify.problems.files import KINDS, is_file_name

GAUSSIAN = "gaussian"
NOISES = ("gaussian", "heavy", "student")
HELD = tuple(name for name, source in SOURCES.items() if isinstance(source, Held))
CLIPPED_AT = 4.0
"""tau of clipped sweeps unless it is given."""


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run; responses are f(<x, beta*>) + noise, clipped where asked for."""

    data: str = option(
        GAUSSIAN, f"Phi of single paths: {GAUSSIAN}, of the model; or whitened real data, "
        f"{', '.join(HELD)}, or a file: a table as {KINDS} (X, y)", text=True
    )  # fmt: skip
    target: str | None = option(
        None, "column y of a file, by name or number [default: the last]", text=True
    )
    samples: int = option(600, "samples (n)", COUNT)
    dimension: int = option(100, "dimension (p)", COUNT)
    support: int = option(5, "coordinates of beta* that are not 0 (s)", COUNT)
    ratio: float = option(1.0, "their largest over their smallest size", Interval(1, 1e6))
    link: str = option(
        "sine", f"f(z): {', '.join(f'{name} ({text})' for name, text in LINKS.items())}, or any "
        "formula in z, such as 'tanh(z) + z/3'", text=True
    )  # fmt: skip
    noise: float = option(0.5, "size of the noise of the responses", NONNEGATIVE)
    noise_law: str = option(
        "gaussian",
        "law of the noise: heavy is symmetric Pareto, student is Student's t",
        choices=NOISES,
    )
    tail: float = option(
        1.5, "tail index of heavy noise, degrees of freedom of student (nu)", Interval(0.1, 1e3)
    )
    tau: float | None = option(None, "clip responses to [-tau, tau]", SCALE)
    tied: bool = option(False, "noise that grows with a coordinate off the support")
    inputs: str = option(
        "gaussian", "law of the inputs; the score is its own", choices=("gaussian", "laplace")
    )
    correlation: float = option(
        0.0, "rho of Gaussian inputs with the covariance rho^|i-j|", Interval(-0.99, 0.99)
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
        """A link that is one, data that there are, sizes that fit into one another."""
        link(self.link)
        if self.data != GAUSSIAN and self.data not in HELD and not is_file_name(self.data):
            allowed = f"{GAUSSIAN}, {', '.join(HELD)}, or a file: {KINDS}"
            raise InvalidArgument("data", self.data, allowed)
        if self.target is not None and not self.of_file:
            raise InvalidArgument("target", self.target, "left out: data is no file")
        if self.correlation and self.inputs != "gaussian":
            raise InvalidArgument("correlation", self.correlation, f"0 of {self.inputs} inputs")
        if self.support >= self.dimension:
            raise InvalidArgument("support", self.support, f"below dimension = {self.dimension}")
        if self.rank > self.size:
            raise InvalidArgument("rank", self.rank, f"at most size = {self.size}")
        if not self.growth > self.alpha**2:
            raise InvalidArgument("growth", self.growth, f"above alpha^2 = {self.alpha**2:g}")
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def of_file(self) -> bool:
        """Whether the paths are those of a file of one's own."""
        return self.data not in (GAUSSIAN, *HELD)
