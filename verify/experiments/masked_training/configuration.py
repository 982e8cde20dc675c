"""The options of a masked training experiment."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from theory.language.errors import InvalidArgument
from theory.theorems.masked_training.laws import LAWS, law
from verify.experiments.kit.experiment import option
from verify.judging.sample import TOLERANCE
from verify.problems.data import SOURCES
from verify.training.masked.engine import NAMES


@dataclass(frozen=True)
class Configuration:
    """What to train on, how, and how often. Fields are checked when it is made."""

    data: str = option(
        "diabetes", f"data set: {', '.join(SOURCES)}, or a file .npz (X, y) or .csv (last column y)"
    )
    samples: int = option(8, "rows drawn from the data set (n)")
    dimension: int = option(8, "input dimension of synthetic data (d)")
    targets: str = option("auto", "targets", choices=("auto", "data", "noise", "teacher"))
    target_scale: float = option(0.5, "root mean square of the targets")
    rescale: bool = option(True, "normalise rows and scale targets, or take X and y as they are")
    law: str = option("bernoulli", "mask law", choices=tuple(LAWS))
    xi: float | None = option(
        None, "activity probability in (0, 1] [default: 0.8, categorical: 1/p]", kind=float
    )
    surrogates: int = option(4, "surrogate models per round (p)")
    local_steps: int = option(2, "local gradient steps per round (tau)")
    zeta_lambda: float | None = option(
        None, "step size as zeta Lambda in (0, 1] [default: 0.5]", kind=float
    )
    eta: float | None = option(None, "local step size, instead of --zeta-lambda", kind=float)
    width: int = option(8192, "hidden width (m)")
    init_scale: float = option(0.2, "initial weight scale (kappa)")
    rounds: int = option(30, "rounds (K)")
    seeds: int = option(96, "test seeds: mask sequences")
    watched: int = option(8, "test seeds whose every iterate is watched, for claims on every path")
    pilot_seeds: int = option(16, "pilot seeds, which fix alpha_j and R before the test")
    headroom: float = option(1.5, "alpha_j and R as multiples of the largest pilot value")
    delta: float = option(0.1, "failure probability of claims that hold with probability 1 - delta")
    dtype: str = option("float64", "number type of the trajectories", choices=tuple(TOLERANCE))
    engine: str = option("auto", "trainer: auto is the fastest that fits", choices=NAMES)
    device: str = option("cpu", "torch device: cpu, cuda or cuda:N")

    def __post_init__(self) -> None:
        for name in ("samples", "dimension", "surrogates", "local_steps", "width", "rounds",
                     "seeds", "watched", "pilot_seeds"):  # fmt: skip
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidArgument(name, value, "an integer >= 1")
        for name in ("target_scale", "init_scale", "headroom"):
            value = getattr(self, name)
            if not 1e-50 <= value <= 1e50:
                raise InvalidArgument(name, value, "a number from 1e-50 to 1e50")
        if not 0 < self.delta < 1:
            raise InvalidArgument("delta", self.delta, "in (0, 1)")
        if self.headroom < 1:
            raise InvalidArgument("headroom", self.headroom, "at least 1")
        if self.seeds < 2:
            raise InvalidArgument("seeds", self.seeds, "an integer >= 2")
        if self.dtype not in TOLERANCE:
            raise InvalidArgument("dtype", self.dtype, "one of " + ", ".join(TOLERANCE))
        if self.engine not in NAMES:
            raise InvalidArgument("engine", self.engine, "one of " + ", ".join(NAMES))
        if self.eta is not None and self.zeta_lambda is not None:
            raise InvalidArgument("eta", self.eta, "left out where zeta_lambda is given")
        if self.zeta_lambda is not None and not 0 < self.zeta_lambda <= 1:
            raise InvalidArgument("zeta_lambda", self.zeta_lambda, "in (0, 1]")
        if self.eta is not None and not 0 < self.eta < float("inf"):
            raise InvalidArgument("eta", self.eta, "a positive number")
        law(self.law).check(self.surrogates, self.activity)
        self.torch_device()

    @property
    def activity(self) -> float:
        """xi, or the default of the law."""
        if self.xi is not None:
            return float(self.xi)
        fixed = law(self.law).fixed_xi
        return 0.8 if fixed is None else float(fixed(self.surrogates))

    def torch_device(self) -> torch.device:
        try:
            device = torch.device(self.device)
        except RuntimeError:
            raise InvalidArgument("device", self.device, "cpu, cuda or cuda:N") from None
        if device.type not in ("cpu", "cuda"):
            raise InvalidArgument("device", self.device, "cpu, cuda or cuda:N")
        if device.type == "cuda":
            count = torch.cuda.device_count() if torch.cuda.is_available() else 0
            if (device.index or 0) >= count:
                raise InvalidArgument("device", self.device, f"cpu: {count} GPUs are present")
        return device
