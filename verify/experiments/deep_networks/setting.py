"""What deep networks are trained on, and networks by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from theory.language.errors import InvalidArgument
from verify.experiments.deep_networks.certificate import Certificate, certify
from verify.experiments.deep_networks.configuration import Configuration
from verify.problems.data import Problem
from verify.training.deep import Design, Network, Parameters


@dataclass(frozen=True, eq=False)
class Setting:
    """The problem, and the networks of the main run; all is a function of the salt."""

    configuration: Configuration
    problem: Problem
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.problem.description}

    @property
    def y(self) -> np.ndarray:
        return self.problem.y

    @cached_property
    def X(self) -> torch.Tensor:
        return torch.tensor(self.problem.X)

    def design(self, architecture: str, activation: str, depth: int, m: int) -> Design:
        """The layers of an architecture."""
        c = self.configuration
        if architecture == "fc":
            return Design.fully_connected(depth, m, activation)
        pixels = (c.pixels, c.patch) if architecture == "conv" else (1, 1)
        return Design.residual(depth, m, activation, c.c_res, *pixels)

    def networks(self, design: Design, m: int, salts: Sequence[str]) -> Network:
        """One network of gain 1 per salt."""
        own = [f"{self.salt}/{salt}" for salt in salts]
        start = Parameters.gaussian(design, self.problem.d, [m] * design.depth, own)
        return Network(design, self.X, start, torch.ones(len(own), dtype=torch.float64))

    @cached_property
    def certificate(self) -> Certificate:
        """That of the main run."""
        c = self.configuration
        design = self.design(c.architecture, c.activation, c.depth, c.width)
        salts = [f"seed {i}" for i in range(c.seeds)]
        made = self.networks(design, c.width, salts)
        return certify(made, self.y, gain=c.gain, lipschitz=c.lipschitz, step=c.step)

    @property
    def shared(self) -> dict[str, Any]:
        """Symbols of the problem."""
        X, y = self.problem.X, self.y
        deviation = float(np.abs(np.linalg.norm(X, axis=1) - 1).max())
        return {
            "n": self.problem.n,
            "norm_X": float(np.linalg.norm(X, 2)),
            "y_norm": float(np.linalg.norm(y)),
            "row_norm_deviation": 0.0 if deviation < 1e-6 else deviation,
        }


def prepare(configuration: Configuration, salt: str) -> Setting:
    """The problem; nothing is drawn for a network yet."""
    problem = configuration.problem(salt, nonzero=True)
    if configuration.architecture == "conv" and problem.d % configuration.pixels:
        allowed = f"a divisor of the input dimension {problem.d}"
        raise InvalidArgument("pixels", configuration.pixels, allowed)
    return Setting(configuration, problem, salt)
