"""Trials of masked training at any width: their options, and how they are prepared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sympy import Interval

from theory.language.vocabulary import COUNT, OPEN_UNIT
from verify.experiments.kit.options import option
from verify.experiments.kit.pieces import SCALE, ComputeOptions, MaskOptions, ProblemOptions
from verify.problems.geometry import geometry

if TYPE_CHECKING:
    from verify.training.masked.trials import Trials


@dataclass(frozen=True)
class MaskedTrialOptions(ComputeOptions, MaskOptions, ProblemOptions, surrogates=1, local_steps=1):
    """Initialisations, each with masks of its own, at any width."""

    UNMASKED = 1.0

    xi: float | None = option(
        None, "activity probability [default: 1, categorical: 1/p]", Interval.Lopen(0, 1)
    )
    step: float = option(0.5, "effective step size as zeta ||X||^2", Interval.Lopen(0, 0.5))
    init_scale: float = option(1.0, "initial weight scale (kappa)", SCALE)
    rounds: int = option(10, "rounds (K)", COUNT)
    trials: int = option(40, "initialisations, each with masks of its own", COUNT)
    delta: float = option(0.5, "failure probability of every claim", OPEN_UNIT)
    epsilon: float = option(0.25, "share of lambda_0 that the kernel at W_0 may lose", OPEN_UNIT)

    def trials_on(self, salt: str) -> Trials:
        """The data, the step size, and the values that claims share; R is that of (III.11)."""
        from verify.training.masked.trainer import Algorithm
        from verify.training.masked.trials import Trials

        problem = self.problem(salt, positive_kernel=True)
        xi, p, shape = self.activity, self.surrogates, geometry(problem)
        zeta = self.step / shape["norm_X"] ** 2
        symbols: dict[str, Any] = {
            **shape,
            "p": p,
            "tau": self.local_steps,
            "K": self.rounds,
            "xi": xi,
            "zeta": zeta,
            "kappa": self.init_scale,
            "delta": self.delta,
            "epsilon": self.epsilon,
            "R": self.init_scale * math.sqrt(shape["n"]) / 10,
            **self.mask_law.moments(p, xi),
        }
        algorithm = Algorithm(self.mask_law, p, xi, self.local_steps, xi * zeta)
        return Trials(
            problem, algorithm, self.rounds, self.init_scale, self.dtype, self.torch_device(),
            symbols, salt,
        )  # fmt: skip
