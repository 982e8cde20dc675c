"""The options of the width requirement."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from theory.theorems.masked_training.laws import LAWS
from verify.experiments.kit.experiment import option
from verify.experiments.masked_training.configuration import Configuration as MaskedTraining
from verify.judging.sample import TOLERANCE
from verify.problems.data import SOURCES

LARGEST_WIDTH = 4_000_000
"""Without a given width, m* is trained up to here."""

OTHERWISE = 8192
"""The width where m* is larger: its claims are then out of their regime."""


@dataclass(frozen=True)
class Configuration:
    """The options of one run. Fields are checked when it is made."""

    data: str = option(
        "orthogonal",
        f"data set: {', '.join(SOURCES)}, or a file .npz (X, y) or .csv (last column y)",
    )
    samples: int = option(2, "rows drawn from the data set (n)")
    dimension: int = option(2, "input dimension of synthetic data (d)")
    targets: str = option("auto", "targets", choices=("auto", "data", "noise", "teacher"))
    target_scale: float = option(0.5, "root mean square of the targets")
    law: str = option("bernoulli", "mask law", choices=tuple(LAWS))
    xi: float | None = option(
        None, "activity probability in (0, 1] [default: 1, categorical: 1/p]", kind=float
    )
    surrogates: int = option(1, "surrogate models per round (p)")
    local_steps: int = option(1, "local gradient steps per round (tau)")
    step: float = option(0.5, "effective step size as zeta ||X||^2 in (0, 1/2]")
    width: int | None = option(None, f"hidden width (m) [default: m* up to {LARGEST_WIDTH:.0e}]",
                               kind=int)  # fmt: skip
    init_scale: float = option(1.0, "initial weight scale (kappa)")
    rounds: int = option(10, "rounds (K)")
    trials: int = option(40, "initialisations, each with masks of its own")
    seeds: int = option(1, "mask sequences per initialisation, for claims on the mean loss")
    delta: float = option(0.5, "failure probability of every claim")
    epsilon: float = option(0.25, "share of lambda_0 that the kernel at W_0 may lose")
    dtype: str = option("float64", "number type of the trajectories", choices=tuple(TOLERANCE))
    device: str = option("cpu", "torch device: cpu, cuda or cuda:N")

    def __post_init__(self) -> None:
        for name in ("trials", "seeds"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidArgument(name, value, "an integer >= 1")
        if not 0 < self.step <= 0.5:
            raise InvalidArgument("step", self.step, "in (0, 1/2]")
        if not 0 < self.epsilon < 1:
            raise InvalidArgument("epsilon", self.epsilon, "in (0, 1)")
        self.masked_training(1.0, 1)

    @property
    def activity(self) -> float:
        """xi, or the default of the law."""
        if self.xi is not None or self.law != "bernoulli":
            return self.masked_training(1.0, 1, self.xi).activity
        return 1.0

    def masked_training(self, eta: float, width: int, xi: float | None = None) -> MaskedTraining:
        """The configuration of masked training at a local step size and a width."""
        if xi is None and self.law == "bernoulli":
            xi = 1.0 if self.xi is None else self.xi
        return MaskedTraining(
            data=self.data, samples=self.samples, dimension=self.dimension, targets=self.targets,
            target_scale=self.target_scale, law=self.law, xi=xi, surrogates=self.surrogates,
            local_steps=self.local_steps, eta=eta, width=width, init_scale=self.init_scale,
            rounds=self.rounds, seeds=max(2, self.seeds), delta=self.delta, dtype=self.dtype,
            device=self.device,
        )  # fmt: skip
