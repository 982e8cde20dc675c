"""The options of random feedback in matrix factorisation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE
from verify.experiments.kit import SCALE, Options, option

DATA = ("synthetic", "digits", "diabetes", "wine", "cancer")
SPECTRA = ("power", "geometric", "flat", "spiked", "gaussian")
RULES = ("feedback", "gradient-descent")
LAWS = ("gaussian", "signs", "orthogonal")
STARTS = ("zero", "gaussian", "feedback")


@dataclass(frozen=True)
class Configuration(Options):
    """The options of one run: Y (n, m) of rank k, feedback C (r, n), a start, a step size."""

    data: str = option(
        "synthetic", "Y: synthetic, or the whitened regression of real data", choices=DATA
    )
    outputs: int = option(12, "rows of Y (n), if synthetic", COUNT)
    inputs: int = option(
        12, "columns of Y (m); of real data whitened components, as many as there are", COUNT
    )
    rank: int = option(8, "rank of Y (k), if synthetic", COUNT)
    spectrum: str = option(
        "power", "singular values of a synthetic Y, and of what feedback is drawn for",
        choices=SPECTRA,
    )  # fmt: skip
    signal: float = option(1.0, "factor of Y", SCALE)
    rule: str = option(
        "feedback",
        "what carries the error back to W in steps: the fixed feedback C, or Z^T "
        "(flows, FA* and draws: C)",
        choices=RULES,
    )  # fmt: skip
    hidden: int = option(4, "hidden units (r)", COUNT)
    law: str = option("gaussian", "law of the feedback C", choices=LAWS)
    feedback_scale: float = option(1.0, "factor of C", SCALE)
    start: str = option(
        "zero", "Z and W at the start: zero, gaussian (both), feedback (W = 0, Z = zeta C^T)",
        choices=STARTS,
    )  # fmt: skip
    start_scale: float = option(0.1, "factor of a Gaussian start, or zeta", POSITIVE)
    step: float = option(
        0.2,
        "step size times (2 u_max)^{2/3} + ||W_0||^2 + ||C Z_0||, where U = C Y; "
        "of gradient descent times 2 ||Y|| + ||W_0||^2 + ||Z_0||^2",
        POSITIVE,
    )
    steps: int = option(200, "steps of a path", COUNT)
    horizon: float = option(
        6.0, "end of the flow as time times u_min^{2/3}/2^{1/3}, the unit of its slowest mode",
        POSITIVE,
    )  # fmt: skip
    points: int = option(40, "times at which the flow is seen", COUNT)
    largest_rank: int = option(10, "trained to the end: hidden units from 1 to this", COUNT)
    most_steps: int = option(40_000, "steps to the end, at most", COUNT)
    size: int = option(40, "rows and columns of the Y for which feedback is drawn (N)", COUNT)
    draws: int = option(1000, "draws of Gaussian feedback", COUNT)
    spikes: int = option(1, "large singular values of a Y of two levels (p)", COUNT)
    spike: float = option(
        50.0,
        "their squares over those of the others, which are signal^2 (s/tau)",
        sp.Interval(1, 1e9),
    )
    excess: float = option(
        0.1, "by which r squared singular values exceed 1 (epsilon)", sp.Interval(0, 1e6)
    )
    sweeps: int = option(40, "sweeps of the hidden units, each gives a slope", COUNT)
    tolerance: float = option(0.25, "distance allowed between a slope and 1", OPEN_UNIT)

    def check(self) -> None:
        """Ranks that matrices of these sizes have."""
        super().check()
        if self.rank > min(self.outputs, self.inputs):
            allowed = f"at most outputs = {self.outputs} and inputs = {self.inputs}"
            raise InvalidArgument("rank", self.rank, allowed)
        if self.rule == "gradient-descent" and self.start == "zero":
            allowed = "gaussian or feedback with gradient-descent, which does not leave 0"
            raise InvalidArgument("start", self.start, allowed)
        if self.size < 2 * max(self.hidden, self.spikes):
            allowed = f"at least twice hidden = {self.hidden} and spikes = {self.spikes}"
            raise InvalidArgument("size", self.size, allowed)
