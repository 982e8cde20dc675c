"""The options of unequal node scalings."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from verify.experiments.kit.experiment import option
from verify.experiments.kit.slopes import doubled
from verify.problems.data import SOURCES

LARGEST = 200_000
"""Without a given width, m* is trained up to here."""

OTHERWISE = 4096
"""The width where m* is larger: its claims are then out of their regime."""


@dataclass(frozen=True)
class Configuration:
    """The options of one run. Fields are checked when it is made."""

    data: str = option(
        "digits",
        f"data set: {', '.join(SOURCES)}, or a file .npz (X, y) or .csv (last column y)",
    )
    samples: int = option(4, "rows drawn from the data set (n)")
    dimension: int = option(6, "input dimension of synthetic data (d)")
    targets: str = option("auto", "targets", choices=("auto", "data", "noise", "teacher"))
    target_scale: float = option(0.5, "root mean square of the targets")
    gamma: float = option(0.5, "share of the scalings that is equal for all nodes, in (0, 1]")
    alpha: float = option(0.5, "the others fall like j^{-1/alpha}")
    width: int | None = option(None, f"hidden nodes, even (m) [default: m* up to {LARGEST:.0e}]",
                               kind=int)  # fmt: skip
    init_scale: float | None = option(
        None, "initial weight scale (kappa) [default: where m* no longer depends on it]", kind=float
    )
    horizon: float = option(4.0, "time of gradient flow, in units of 1/(gamma lambda_0)")
    points: int = option(40, "times that are looked at")
    step: float = option(1.0, "step size of gradient descent as eta ||X||^2")
    steps: int = option(40, "steps of gradient descent")
    trials: int = option(32, "initialisations")
    delta: float = option(0.5, "failure probability of every claim")
    epsilon: float = option(0.25, "share of lambda_0 that the kernel at the start may lose")
    sweeps: int = option(40, "width sweeps at kappa = 1")
    smallest: int = option(256, "smallest width of a sweep, even")
    largest: int = option(2048, "largest width of a sweep; they double")
    tolerance: float = option(0.25, "distance allowed between a slope and its exponent")

    def __post_init__(self) -> None:
        for name in ("points", "steps", "trials", "sweeps"):
            _count(name, getattr(self, name), 1)
        for name in ("smallest", "largest", *(["width"] if self.width is not None else [])):
            _count(name, getattr(self, name), 2)
            if getattr(self, name) % 2:
                raise InvalidArgument(name, getattr(self, name), "even: nodes come in pairs")
        for name in ("delta", "epsilon", "tolerance", "alpha"):
            if not 0 < getattr(self, name) < 1:
                raise InvalidArgument(name, getattr(self, name), "in (0, 1)")
        if not 0 < self.gamma <= 1:
            raise InvalidArgument("gamma", self.gamma, "in (0, 1]")
        scale = ["init_scale"] if self.init_scale is not None else []
        for name in ("horizon", "step", *scale):
            if not 0 < getattr(self, name) < float("inf"):
                raise InvalidArgument(name, getattr(self, name), "a finite number > 0")
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def widths(self) -> list[int]:
        """The widths of a sweep."""
        return doubled(self.smallest, self.largest)


def _count(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgument(name, value, f"an integer >= {least}")
