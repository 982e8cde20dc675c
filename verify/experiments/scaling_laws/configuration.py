"""The options of the scaling laws."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from verify.experiments.kit.experiment import option
from verify.experiments.kit.slopes import doubled
from verify.experiments.width_requirement.configuration import Configuration as WidthRequirement
from verify.problems.data import SOURCES


@dataclass(frozen=True)
class Configuration(WidthRequirement):
    """The options of the width requirement, and those of a sweep."""

    data: str = option(
        "sphere",
        f"data set: {', '.join(SOURCES)}, or a file .npz (X, y) or .csv (last column y)",
    )
    samples: int = option(4, "rows drawn from the data set (n)")
    dimension: int = option(6, "input dimension of synthetic data (d)")
    rounds: int = option(6, "rounds (K)")
    smallest: int = option(2**9, "smallest width of a sweep")
    largest: int = option(2**13, "largest width of a sweep; widths in between double")
    masks: int = option(4, "mask sequences per network")
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("smallest", "largest", "masks"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidArgument(name, value, "an integer >= 1")
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")
        if not 0 < self.tolerance < 1:
            raise InvalidArgument("tolerance", self.tolerance, "in (0, 1)")

    @property
    def widths(self) -> list[int]:
        return doubled(self.smallest, self.largest)


SUBNETS = Configuration(
    data="orthogonal", law="categorical", surrogates=2, samples=2, local_steps=4, rounds=24,
    smallest=256, largest=2048,
)  # fmt: skip
"""In the regime of (S.5)."""

NOISY = Configuration(
    data="orthogonal", samples=3, dimension=3, xi=0.9, surrogates=4, local_steps=4, rounds=45,
    target_scale=0.1, smallest=1024, largest=1024, masks=40, trials=32, tolerance=0.3,
)  # fmt: skip
"""In the regime of (S.6)."""
