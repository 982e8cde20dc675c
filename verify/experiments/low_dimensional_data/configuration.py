"""The options of training on data in a subspace."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sympy import Range, oo

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, POSITIVE, UNIT
from verify.experiments.kit import SCALE, ProblemOptions, option
from verify.problems.data import SOURCES, Drawn

ACTIVATIONS = ("relu", "tanh", "gelu", "softplus", "linear")
OPTIMISERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "cosine", "drop")
DRAWN_SUBSPACE = 3
"""k of drawn data unless it is given."""


@dataclass(frozen=True)
class Configuration(ProblemOptions, data="sphere", samples=30, dimension=12):
    """The options of one run; `dimension` is that of the space around the subspace."""

    subspace: int | None = option(
        None, "dimension of the subspace (k): real data is projected on so many principal "
        "directions [default: 3 of drawn data; real data as it is shipped]", COUNT
    )  # fmt: skip
    rotated: bool = option(True, "a random subspace for drawn data, or coordinate axes")

    depth: int = option(3, "layers of the network", COUNT)
    width: int = option(40, "neurons of every hidden layer (m)", COUNT)
    activation: str = option("relu", "activation", choices=ACTIVATIONS)
    init_scale: float = option(0.3, "standard deviation of the entries of W_1 (sigma)", SCALE)
    initial: str = option("gaussian", "law of the entries of W_1", choices=("gaussian", "uniform"))
    optimiser: str = option("sgd", "optimiser of the network", choices=OPTIMISERS)
    momentum: float = option(0.0, "momentum of sgd", NONNEGATIVE)
    weight_decay: float = option(0.0, "weight decay", NONNEGATIVE)
    step: float = option(0.05, "step size (eta)", POSITIVE)
    schedule: str = option(
        "constant", "step sizes of the network: all the same, falling like a cosine, or a tenth "
        "from the middle on", choices=SCHEDULES
    )  # fmt: skip
    steps: int = option(200, "steps", COUNT)
    batch: int | None = option(None, "rows of a minibatch [default: all]", COUNT)
    networks: int = option(150, "networks", COUNT)

    distance: float = option(5.0, "largest distance from the subspace", SCALE)
    redraws: int = option(4000, "redraws of the untrained part of one network", COUNT)

    norm: float = option(2.0, "norm of the target of linear networks (||beta||)", SCALE)
    layers: int = option(3, "layers of a linear chain (L)", Range(2, oo))
    start: float = option(0.1, "size of the layers of linear networks at the start", SCALE)
    variance: float = option(0.25, "variance along the target of the chain that escapes", SCALE)
    c_1: float = option(1.0, "constant of the published escape time", UNIT)
    c_2: float = option(1.0, "constant of its exponent", POSITIVE)

    noise: float = option(0.2, "standard deviation of the noise off the subspace (s)", SCALE)
    label_noise: float = option(0.5, "standard deviation of the noise of labels (tau)", SCALE)
    labels: str = option("linear", "E[y|x], a function of x_M", choices=("linear", "square"))
    intercept: bool = option(False, "fit an intercept")
    level: float | None = option(
        None, "transversal gradient that is asked for [default: sigma sqrt(q)]", POSITIVE
    )
    rows_constant: float = option(2.4, "constant of the published number of rows (C)", SCALE)
    rows_power: float = option(1.0, "power of 1/s^2 in it (alpha)", POSITIVE)
    room: float = option(1.0, "room for the norm of the noise (u)", POSITIVE)
    regressions: int = option(3000, "draws of noise and labels", COUNT)

    def check(self) -> None:
        super().check()
        if self.drawn and self.k >= self.dimension:
            allowed = f"below dimension = {self.dimension}: some direction must be left"
            raise InvalidArgument("subspace", self.k, allowed)
        if self.optimiser != "sgd" and self.momentum:
            raise InvalidArgument("momentum", self.momentum, "0 unless optimiser is sgd")
        if self.batch is not None and self.batch > self.samples:
            raise InvalidArgument("batch", self.batch, f"at most samples = {self.samples}")
        if not self.start**self.layers < self.norm / 2:
            allowed = f"such that start^layers is below norm/2 = {self.norm / 2:g}"
            raise InvalidArgument("start", self.start, allowed)

    @property
    def drawn(self) -> bool:
        """Whether the rows are drawn, in a subspace of any dimension."""
        return isinstance(SOURCES.get(self.data), Drawn)

    @property
    def k(self) -> int:
        """The dimension of the subspace of drawn data."""
        return self.subspace or DRAWN_SUBSPACE

    @property
    def rates(self) -> list[float]:
        """The step size of every step of a network, and of one more."""
        share: Callable[[int], float] = {
            "constant": lambda t: 1.0,
            "cosine": lambda t: (1 + math.cos(math.pi * t / self.steps)) / 2,
            "drop": lambda t: 1.0 if 2 * t < self.steps else 0.1,
        }[self.schedule]
        return [self.step * share(t) for t in range(self.steps + 1)]

    @property
    def times(self) -> list[int]:
        """Steps after which networks are looked at."""
        return sorted({-(-self.steps // 2), self.steps})
