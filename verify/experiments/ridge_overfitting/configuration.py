"""The options of ridge regression."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Interval, Range, oo

from theory.language.errors import InvalidArgument, unknown
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import Options, option
from verify.problems.data import SOURCES, Held
from verify.problems.files import KINDS, is_file_name

SPECTRA = ("spiked", "power", "flat")
DATA = tuple(name for name, source in SOURCES.items() if isinstance(source, Held))
ALIGNMENTS = ("head", "even", "tail", "labels")
SIZE = Interval(1e-8, 1e8)
"""Eigenvalues, energies and variances: condition numbers of their ratios are still computable."""

COORDINATES = ("gaussian", "rademacher", "uniform")


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run."""

    population: str = option(
        "spiked",
        f"eigenvalues of the covariance: {', '.join(SPECTRA)}; or rows drawn with replacement, "
        f"their quadratic features: {', '.join(DATA)}, or a file: a table as {KINDS} (X, y)",
    )
    features: int = option(
        10, "leading principal directions of data, of which all products are features", COUNT
    )
    samples: int = option(50, "rows of a design (n)", COUNT)
    dimension: int = option(400, "directions (p) where they are not those of data", COUNT)
    heads: int = option(4, "directions of the head (k): spikes, and where bounds part", INDEX)
    tail: float = option(0.05, "eigenvalues of the tail; spikes have 1", SIZE)
    decay: float = option(1.0, "exponent of the power spectrum", Interval(0, 4))
    coordinates: str = option(
        "gaussian", "law of the coordinates, where rows are not those of data", choices=COORDINATES
    )
    target: str = option(
        "head", "where the target has its energy; labels: that of the data", choices=ALIGNMENTS
    )
    energy: float = option(1.0, "energy of the target, |theta|^2 in the norm of Sigma", SIZE)
    ridge: float = option(
        0.0, "lam over the sum of all eigenvalues; below 0 over the least eigenvalue of X X^T",
        Interval(-0.99, 10**6),
    )  # fmt: skip
    noise: float = option(0.5, "variance of the noise (s2), where risks are added", SIZE)
    prior: float = option(1.0, "variance of the prior of the target (t2)", SIZE)
    designs: int = option(60, "designs that are certified", COUNT)

    room: float = option(2.5, "deviation that bounds for Gaussian rows allow for (t)", NONNEGATIVE)
    trials: int = option(300, "designs of which means and events are taken", COUNT)

    smallest: int = option(
        20, "smallest number of samples in the limit, two doublings", Range(8, oo)
    )
    copies: int = option(60, "designs of each size in the limit", COUNT)

    first: int = option(16, "smallest number of samples of a sweep; they double", COUNT)
    last: int = option(256, "largest number of samples of a sweep", COUNT)
    sweeps: int = option(40, "sweeps, each of one design per size", Range(1, oo))
    tolerance: float = option(0.15, "distance allowed between a slope and its exponent", OPEN_UNIT)

    published: float = option(4.0, "constant of the published bounds (C)", POSITIVE)
    published_head: float = option(2.0, "constant of the published size of the head (c)", POSITIVE)
    condition: float = option(10.0, "largest condition number in the published premise", POSITIVE)

    def check(self) -> None:
        super().check()
        known = self.population in SPECTRA + DATA or is_file_name(self.population)
        if not known:
            raise unknown("population", self.population, SPECTRA + DATA, ", or a file")
        if self.drawn and self.heads >= self.dimension:
            allowed = f"below dimension = {self.dimension}: a tail must be left"
            raise InvalidArgument("heads", self.heads, allowed)
        if self.target == "head" and not self.heads:
            raise InvalidArgument("heads", 0, "at least 1, for the target is in the head")
        if self.target == "labels" and self.drawn:
            allowed = f"another one: the population {self.population} has no labels"
            raise InvalidArgument("target", self.target, allowed)
        if self.last < self.first:
            raise InvalidArgument("last", self.last, f"at least first = {self.first}")

    @property
    def drawn(self) -> bool:
        """Whether the covariance is given, and rows are drawn."""
        return self.population in SPECTRA

    @property
    def sizes(self) -> list[int]:
        """Numbers of samples of the limits."""
        return [self.smallest, 2 * self.smallest, 4 * self.smallest]
