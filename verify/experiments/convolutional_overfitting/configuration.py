"""The options of overfitting in a two-layer convolutional network."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE, UNIT
from verify.experiments.kit import SCALE, Options, option

DIGITS = 65
"""Dimension of patches of digits: their pixels, and the direction of the signal."""

TRAINING = 1000
"""Images that training patches are drawn from; the others are held out."""


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run; lengths are in units of the noise where nothing else is said."""

    data: str = option(
        "gaussian", "noise patches: Gaussian, or images of digits", choices=("gaussian", "digits")
    )
    design: str = option(
        "frame",
        "noise patches orthogonal to one another (norms kept), or as they are",
        choices=("frame", "plain"),
    )
    samples: int = option(16, "samples (n)", sp.Range(2, sp.oo))
    dimension: int = option(DIGITS, "dimension of a patch (d)", sp.Range(2, sp.oo))
    balance: float = option(0.5, "share of samples of class 1", UNIT)
    flips: float = option(0.0, "share of labels that are flipped", Interval(0, 1))
    snr: float = option(0.3, "||mu|| over the noise_norm (SNR)", SCALE)
    noise_norm: float = option(1.0, "root mean square norm of a noise patch", SCALE)
    filters: int = option(8, "filters of each head (m)", COUNT)
    power: float = option(3.0, "power of the activation max(0, z)^q", Interval.Lopen(2, 12))
    init: float = option(0.05, "standard deviation of noise preactivations at W_0", SCALE)
    growth: float = option(0.1, "relative growth in a step that is allowed for (h)", SCALE)
    steps: int = option(1500, "gradient steps (T)", COUNT)
    points: int = option(10, "checkpoints after W_0", COUNT)
    seeds: int = option(6, "training sets, each with a W_0 of its own", COUNT)
    tests: int = option(400, "noise patches to test on", COUNT)
    reach: float = option(20.0, "factor by which noise may grow (K)", Interval.open(1, sp.oo))
    learned: float = option(1.0, "signal S_j from which a class counts as learned", POSITIVE)
    constant: float = option(1.0, "constant of the published phases (C)", POSITIVE)

    smallest: int = option(100, "smallest dimension of a sweep", COUNT)
    largest: int = option(1600, "largest dimension of a sweep; they double", COUNT)
    sweeps: int = option(40, "sweeps over the dimension, each gives a slope", COUNT)
    problems: int = option(10, "problems at every dimension of a sweep", COUNT)
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent", OPEN_UNIT)

    def check(self) -> None:
        """Patches that fit into the space."""
        if self.data == "digits" and self.dimension != DIGITS:
            raise InvalidArgument("dimension", self.dimension, f"{DIGITS} with data = digits")
        if self.data == "digits" and self.samples > TRAINING:
            raise InvalidArgument("samples", self.samples, f"at most {TRAINING} with data = digits")
        if self.design == "frame" and self.samples >= self.dimension:
            allowed = f"below dimension = {self.dimension} in the design frame"
            raise InvalidArgument("samples", self.samples, allowed)
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")
        if self.smallest <= self.samples:
            raise InvalidArgument("smallest", self.smallest, f"above samples = {self.samples}")
