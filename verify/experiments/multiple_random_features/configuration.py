"""The options of ridge regression on random features of several types."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import ProblemOptions, option
from verify.experiments.multiple_random_features.types import Type, parsed

MULTIPLES = (1, 2, 4)
"""Of the smallest size: n, d and all N_j, with their ratios kept."""

LEAST = 1e-12
"""Of the ridge, over the largest squared scale: below, rounding of U is felt."""


@dataclass(frozen=True)
class Configuration(ProblemOptions, samples=1797, dimension=15):
    """The options of one run.

    `dimension` is that of Gaussian rows at the smallest size, and of drawn data. `data` gives the
    population of the claims on real rows, `samples` of its rows, scaled to the norm sqrt d.
    """

    types: str = option(
        "relu,0.1*relu", "feature types: relu, absolute, linear, square or quadratic, perhaps with "
        "a scale, such as relu,0.1*relu", text=True,
    )  # fmt: skip
    features: str = option(
        "0.5,0.5", "features of each type per row (N_j/n), a number for each type", text=True
    )
    rows: int = option(
        50, "rows that are trained on (n), of Gaussian rows at the smallest size", COUNT
    )
    ridge: float = option(0.01, "ridge (lam)", Interval(1e-60, 1e60))
    noise: float = option(0.3, "standard deviation of the noise of labels (tau)", NONNEGATIVE)
    signal: float = option(1.0, "norm of the linear part of the target (F_1)", POSITIVE)
    offset: float = option(0.0, "constant part of the target (F_0)", NONNEGATIVE)
    draws: int = option(300, "draws of rows and weights", COUNT)
    tolerance: float = option(0.25, "distance allowed of a ratio from 1, on real rows", OPEN_UNIT)
    replacement: bool = option(False, "draw rows that interpolate with replacement, or without it")

    def check(self) -> None:
        super().check()
        if len(self.shares) != len(self.kinds):
            allowed = f"{len(self.kinds)} numbers, as there are types"
            raise InvalidArgument("features", self.features, allowed)
        least = LEAST * max(np.abs(kind.weights).max() for kind in self.kinds) ** 2
        if self.ridge < least:
            allowed = f"at least {least:.3g}, {LEAST:g} of the largest squared scale: rounding"
            raise InvalidArgument("ridge", self.ridge, allowed)

    @property
    def kinds(self) -> tuple[Type, ...]:
        """The feature types; InvalidArgument where the text names none."""
        return parsed(self.types)

    @property
    def shares(self) -> tuple[float, ...]:
        """N_j/n as they are wished for."""
        allowed = "numbers above 0 and at most 100, with commas between them"
        try:
            found = tuple(float(word) for word in self.features.split(","))
        except ValueError:
            raise InvalidArgument("features", self.features, allowed) from None
        if not all(math.isfinite(x) and 0 < x <= 100 for x in found):
            raise InvalidArgument("features", self.features, allowed)
        return found

    @property
    def counts(self) -> tuple[int, ...]:
        """N_j at the smallest size, at least 1."""
        return tuple(max(1, round(share * self.rows)) for share in self.shares)
