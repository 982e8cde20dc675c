"""The options of the criterion for gradient descent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, UNIT
from theory.mathematics.positive_networks import ACTIVATIONS, CRITERIA
from verify.experiments.kit import SCALE, ProblemOptions, option

WIDTHS = re.compile(r"[1-9]\d{0,5}(,[1-9]\d{0,5})*")

OTHERWISE = 256.0
"""The norm ||a|| where no output scale meets a criterion, for rows of X are dependent."""


@dataclass(frozen=True)
class Configuration(ProblemOptions, samples=6, dimension=10):
    """The options of one run."""

    widths: str = option("4,4", "hidden layers, their widths with commas between: 4,4")
    activation: str = option("centred-softplus", "activation sigma", choices=ACTIVATIONS)
    criterion: str = option("integral", "what the output layer is to meet", choices=CRITERIA)
    scale: float = option(
        2.0, "norm ||a|| of the output layer, in units of the smallest that meets it (A*)", SCALE
    )
    output_norm: float | None = option(
        None, f"||a|| itself [default: scale A*; {OTHERWISE:g} where there is no A*]", SCALE
    )
    hidden_weight: float = option(
        1.0, "hidden weights are uniform in [1/2, 3/2] times this", Interval(1e-6, 1e6)
    )
    epsilon: float = option(0.25, "share of every step that the descent lemma may lose", OPEN_UNIT)
    step: float = option(1.0, "step size, as a share of the largest that is certified", UNIT)
    steps: int = option(100, "steps of gradient descent (K)", COUNT)
    trials: int = option(4, "initialisations", COUNT)
    smallest: float = option(32.0, "smallest ||a|| of a sweep", SCALE)
    largest: float = option(256.0, "largest ||a|| of a sweep; they double", SCALE)
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent", OPEN_UNIT)
    sweeps: int = option(40, "sweeps of the output scale", COUNT)
    share: float = option(
        0.05, "distance allowed between the loss and its floor, where n > d", OPEN_UNIT
    )
    floors: int = option(40, "initialisations for that floor", COUNT)
    floor_steps: int = option(500, "their steps", COUNT)
    races: int = option(40, "races against the standard initialisation", COUNT)
    race_steps: int = option(200, "steps of a race, at most", COUNT)

    def check(self) -> None:
        super().check()
        if not WIDTHS.fullmatch(self.widths):
            allowed = "counts with commas between, such as 4,4"
            raise InvalidArgument("widths", self.widths, allowed)
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def layers(self) -> tuple[int, ...]:
        """The widths as numbers."""
        return tuple(map(int, self.widths.split(",")))

    @property
    def output_norms(self) -> list[float]:
        """The norms ||a|| of a sweep."""
        found = [self.smallest]
        while 2 * found[-1] <= self.largest:
            found.append(2 * found[-1])
        return found
