"""Pieces of configurations: the options that experiments share, each a thing of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Interval

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, UNIT
from theory.mathematics.kernels import lambda_0
from theory.theorems.masked_training.laws import LAWS, MaskLaw, law
from verify.experiments.kit.options import AtMost, Options, option
from verify.experiments.kit.slopes import doubled
from verify.judging.plural import number
from verify.judging.sample import TOLERANCE
from verify.judging.seeds import numpy_generator
from verify.problems.data import SOURCES, TARGETS, Problem, load_problem
from verify.problems.files import KINDS

if TYPE_CHECKING:
    import torch

SCALE = Interval(1e-50, 1e50)
"""Sizes whose squares neither overflow nor vanish."""

DEVICE = re.compile(r"cpu|cuda(:\d+)?")


@dataclass(frozen=True)
class ProblemOptions(Options):
    """The data that is trained on."""

    data: str = option(
        "digits", f"data set: {', '.join(SOURCES)}, or a file: a table as {KINDS} (X, y)"
    )
    target: str | None = option(
        None, "column y of a table, by name or number [default: the last]", text=True
    )
    samples: int = option(
        AtMost(8), "rows drawn from the data set (n); a file with fewer gives all", COUNT
    )
    dimension: int = option(8, "input dimension of synthetic data (d)", COUNT)
    targets: str = option("auto", "targets", choices=TARGETS)
    target_scale: float = option(0.5, "root mean square of the targets", SCALE)
    rescale: bool = option(True, "normalise rows and scale targets, or take X and y as they are")

    def problem(
        self, salt: str, *, positive_kernel: bool = False, nonzero: bool = False
    ) -> Problem:
        """The problem that the options name; its draws are a function of the salt.

        InvalidArgument where lambda_0 = 0 or all targets are 0, if asked for.
        """
        problem = load_problem(
            self.data,
            samples=self.samples,
            at_most=isinstance(self.samples, AtMost),
            dimension=self.dimension,
            targets=self.targets,
            target_scale=self.target_scale,
            rescale=self.rescale,
            target=self.target,
            rng=numpy_generator("data", salt),
        )
        if positive_kernel and lambda_0(problem.X) <= 0:
            raise InvalidArgument("data", self.data, "such that lambda_0 > 0")
        if nonzero and not problem.y.any():
            raise InvalidArgument("targets", self.targets, "such that some target is not 0")
        return problem


@dataclass(frozen=True)
class MaskOptions(Options):
    """The masks of surrogate models, and the local steps between them."""

    UNMASKED = 0.8
    """xi where neither it nor the law fixes it."""

    law: str = option("bernoulli", "mask law", choices=tuple(LAWS))
    xi: float | None = option(None, "activity probability [default: 0.8, categorical: 1/p]", UNIT)
    surrogates: int = option(4, "surrogate models per round (p)", COUNT)
    local_steps: int = option(2, "local gradient steps per round (tau)", COUNT)

    def check(self) -> None:
        super().check()
        self.mask_law.check(self.surrogates, self.activity)

    @property
    def mask_law(self) -> MaskLaw:
        return law(self.law)

    @property
    def activity(self) -> float:
        """xi, or the default of the law."""
        if self.xi is not None:
            return float(self.xi)
        fixed = self.mask_law.fixed_xi
        return self.UNMASKED if fixed is None else float(fixed(self.surrogates))


@dataclass(frozen=True)
class ComputeOptions(Options):
    """Number type and device of the trajectories."""

    dtype: str = option("float64", "number type of the trajectories", choices=tuple(TOLERANCE))
    device: str = option("cpu", "torch device: cpu, cuda or cuda:N")

    def check(self) -> None:
        super().check()
        if not DEVICE.fullmatch(self.device):
            raise InvalidArgument("device", self.device, "cpu, cuda or cuda:N")

    def torch_device(self) -> torch.device:
        """InvalidArgument where no such GPU is present."""
        import torch

        device = torch.device(self.device)
        if device.type == "cuda":
            count = torch.cuda.device_count() if torch.cuda.is_available() else 0
            if (device.index or 0) >= count:
                raise InvalidArgument(
                    "device", self.device, f"cpu: {number(count, 'GPU', 'are')} present"
                )
        return device


@dataclass(frozen=True)
class SweepOptions(Options):
    """Independent sweeps over doubling widths, each of which gives one slope."""

    smallest: int = option(256, "smallest width of a sweep", COUNT)
    largest: int = option(2048, "largest width of a sweep; they double", COUNT)
    tolerance: float = option(0.2, "distance allowed between a slope and its exponent", OPEN_UNIT)

    def check(self) -> None:
        super().check()
        if self.largest < self.smallest:
            raise InvalidArgument("largest", self.largest, f"at least smallest = {self.smallest}")

    @property
    def widths(self) -> list[int]:
        """The widths of a sweep."""
        return doubled(self.smallest, self.largest)
