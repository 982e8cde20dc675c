"""A configuration made concrete: the data, the step size, and what the theory asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory import Claim, registry
from theory.theorems.masked_training.laws import law
from verify.experiments.masked_training.setting import draw_network
from verify.experiments.width_requirement.configuration import (
    LARGEST_WIDTH,
    OTHERWISE,
    Configuration,
)
from verify.problems.data import Problem
from verify.problems.drawn import drawn, geometry
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm


@dataclass(frozen=True, eq=False)
class Setting:
    """The data of a configuration; networks are drawn trial by trial.

    symbols  the values that the claims share, but for the width; R is that of (III.11)
    """

    configuration: Configuration
    problem: Problem
    algorithm: Algorithm
    symbols: dict[str, Any]
    salt: str

    @cached_property
    def required(self) -> dict[str, float]:
        """m*, its parts, and the constants of the good event (Link III)."""
        return parts(registry.claim("width/good-event"), self.symbols)

    @property
    def width(self) -> int:
        """The width that is trained."""
        if self.configuration.width is not None:
            return self.configuration.width
        needed = self.required["m_star"]
        return math.ceil(needed) if needed <= LARGEST_WIDTH else OTHERWISE

    def network(self, trial: int, width: int, purpose: str) -> Network:
        """The network of one trial: every purpose draws its own."""
        made = self.configuration.masked_training(self.algorithm.eta, width)
        return draw_network(made, self.problem, f"{self.salt}/{purpose} {trial}")


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and fix the step size."""
    problem = drawn(configuration, salt)
    xi, p = configuration.activity, configuration.surrogates
    shape = geometry(problem)
    zeta = configuration.step / shape["norm_X"] ** 2
    mask_law = law(configuration.law)
    algorithm = Algorithm(mask_law, p, xi, configuration.local_steps, xi * zeta)
    moments = mask_law.moments(p, xi)
    symbols = {
        **shape,
        "p": p,
        "tau": configuration.local_steps,
        "K": configuration.rounds,
        "xi": xi,
        "zeta": zeta,
        "kappa": configuration.init_scale,
        "delta": configuration.delta,
        "epsilon": configuration.epsilon,
        "R": configuration.init_scale * math.sqrt(shape["n"]) / 10,
        **moments,
    }
    return Setting(configuration, problem, algorithm, symbols, salt)


def parts(claim: Claim, symbols: dict[str, Any]) -> dict[str, float]:
    """The parts of a claim, whatever the width."""
    found = claim.evaluate({**symbols, "m": 1}, where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}
