"""A configuration made concrete: data, labels, step sizes, and what the theory asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.mathematics.kernels import limiting_kernels
from verify.experiments.coupled_initialisation.configuration import (
    LARGEST,
    OTHERWISE,
    Configuration,
)
from verify.problems.geometry import geometry
from verify.training.gradient_descent import Network, margin

NOTED = ("N", "kappa", "eta")


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d), targets y (n,) and labels (n,) of +-1; `shared`: values common to all claims.

    problem  the data in words
    """

    configuration: Configuration
    X: torch.Tensor
    y: torch.Tensor
    labels: torch.Tensor
    H_inf: np.ndarray
    shared: dict[str, Any]
    salt: str
    problem: str

    def symbols(self, *, logistic: bool = False) -> dict[str, Any]:
        """The values of a training run, with the N and kappa that its theorem requires."""
        configuration = self.configuration
        claim = "coupled/logistic" if logistic else "coupled/convergence"
        step = configuration.logistic_step if logistic else configuration.step
        values = dict(self.shared)
        values["eta"] = step if logistic else step / values["norm_X"] ** 2
        values["K"] = configuration.logistic_steps if logistic else configuration.steps
        values["N"] = configuration.pairs or _trainable(parts(claim, values)["N_star"])
        values["kappa"] = configuration.init_scale or parts(claim, values)["kappa_star"]
        return values

    @property
    def notes(self) -> dict[str, Any]:
        """The problem, N and kappa of both trainings."""
        runs = {"squared": self.symbols(), "logistic": self.symbols(logistic=True)}
        required = {run: {s: float(at[s]) for s in NOTED} for run, at in runs.items()}
        return {"problem": self.problem, "required": required}

    def network(self, symbols: dict[str, Any], purpose: str) -> Network:
        """One coupled network per trial; every purpose draws its own."""
        salts = self.salts(purpose, self.configuration.trials)
        return Network.coupled(self.X, symbols["N"], symbols["kappa"], salts)

    def salts(self, purpose: str, count: int) -> list[str]:
        return [f"{self.salt}/{purpose} {trial}" for trial in range(count)]


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and evaluate what is known before a network is drawn."""
    problem = configuration.problem(salt, positive_kernel=True, nonzero=True)
    X, y = problem.X, problem.y
    labels = np.where(y > y.mean(), 1.0, -1.0)
    H_inf = limiting_kernels(X)[0]
    shared = {
        **geometry(problem),
        "gamma_inf": margin(H_inf, labels).low,
        "delta": configuration.delta,
        "epsilon": configuration.epsilon,
        "C_m": 1.0,
        "C_eta": 1.0,
        "C_T": 1.0,
        "risk": configuration.risk,
    }
    inputs, targets, classes = (torch.tensor(array) for array in (X, y, labels))
    words = problem.description
    return Setting(configuration, inputs, targets, classes, H_inf, shared, salt, words)


def parts(claim: str, symbols: dict[str, Any]) -> dict[str, float]:
    """The parts of a claim, whether or not its premises hold; N = kappa = 1 unless given."""
    found = registry.claim(claim).evaluate({"N": 1, "kappa": 1.0, **symbols}, where=np.array(True))
    return {name: float(value) for name, value in found.parts.items()}


def _trainable(required: float) -> int:
    return max(1, math.ceil(required)) if required <= LARGEST else OTHERWISE
