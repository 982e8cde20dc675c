"""A configuration made concrete: the data, the step size, and what the theory asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory import Claim, registry
from theory.errors import InvalidArgument
from theory.kernels import lambda_0
from theory.masked_training.laws import law
from verify.data import Problem, load_problem
from verify.masked_training.network import Network
from verify.masked_training.setting import draw_network
from verify.masked_training.trainer import Algorithm
from verify.seeds import numpy_generator
from verify.width_requirement.configuration import LARGEST_WIDTH, OTHERWISE, Configuration


@dataclass(frozen=True, eq=False)
class Setting:
    """The data of a configuration; networks are drawn trial by trial.

    symbols  the values that the claims share, but for the width
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
    problem = load_problem(
        configuration.data, samples=configuration.samples, dimension=configuration.dimension,
        targets=configuration.targets, target_scale=configuration.target_scale,
        rng=numpy_generator("data", salt),
    )  # fmt: skip
    X, xi, p = problem.X, configuration.activity, configuration.surrogates
    if lambda_0(X) <= 0:
        raise InvalidArgument("data", configuration.data, "such that lambda_0 > 0")
    norm = float(np.linalg.norm(X, 2))
    zeta = configuration.step / norm**2
    mask_law = law(configuration.law)
    algorithm = Algorithm(mask_law, p, xi, configuration.local_steps, xi * zeta)
    moments = mask_law.moments(p, xi)
    deviation = float(np.abs(np.linalg.norm(X, axis=1) - 1).max())
    symbols = {
        "n": problem.n,
        "p": p,
        "tau": configuration.local_steps,
        "K": configuration.rounds,
        "xi": xi,
        "zeta": zeta,
        "kappa": configuration.init_scale,
        "delta": configuration.delta,
        "epsilon": configuration.epsilon,
        "lambda_0": lambda_0(X),
        "norm_X": norm,
        "g": float(np.linalg.norm(np.abs(X @ X.T), 2)),
        "y_sq": float(problem.y @ problem.y),
        "row_norm_deviation": 0.0 if deviation < 1e-6 else deviation,
        **moments,
    }
    return Setting(configuration, problem, algorithm, symbols, salt)


def parts(claim: Claim, symbols: dict[str, Any]) -> dict[str, float]:
    """The parts of a claim, whatever the width."""
    found = claim.evaluate({**symbols, "m": 1}, where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}
