"""A configuration made concrete: data, scalings, width and scale, and the certificates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from theory import registry
from verify.experiments.node_scaling.certificates import best
from verify.experiments.node_scaling.configuration import LARGEST, OTHERWISE, Configuration
from verify.problems.geometry import geometry
from verify.training.gradient_descent import Network
from verify.training.gradient_descent.network import gaussian


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d) and targets y (n,); `symbols`: values common to all claims, m and kappa included.

    problem  the data in words
    """

    configuration: Configuration
    X: torch.Tensor
    y: torch.Tensor
    symbols: dict[str, Any]
    salt: str
    problem: str

    @property
    def notes(self) -> dict[str, Any]:
        """The problem, and what the certificate asks for."""
        return {"problem": self.problem, "required": parts("node/certificate", self.symbols)}

    @cached_property
    def trial_networks(self) -> Network:
        """The networks of all trials."""
        at = self.symbols
        return self.network("trial", at["m"], at["kappa"], self.configuration.trials)

    @cached_property
    def certificates(self) -> list[dict[str, float]]:
        """The best certificate of every trial."""
        trials = range(self.configuration.trials)
        return [best(self.trial_networks, trial, self.symbols) for trial in trials]

    def network(self, purpose: str, width: int, kappa: float, trials: int) -> Network:
        """One network of coupled pairs per trial; every purpose draws its own."""
        lambdas = scalings(width, self.configuration.gamma, self.configuration.alpha)
        salts = [self.salt_of(purpose, trial) for trial in range(trials)]
        return Network.scaled(self.X, torch.tensor(lambdas), kappa, salts)

    def at_start(
        self, purpose: str, X: torch.Tensor, width: int, kappa: float, trial: int
    ) -> torch.Tensor:
        """Pre-activations of that network at other inputs X (inputs, d), (inputs, width)."""
        drawn = gaussian(X, width // 2, self.salt_of(purpose, trial))
        return kappa * drawn.repeat_interleave(2, dim=-1)

    def salt_of(self, purpose: str, trial: int) -> str:
        return f"{self.salt}/{purpose} {trial}"


def scalings(width: int, gamma: float, alpha: float) -> np.ndarray:
    """lambda_j of the pairs, (width/2,): gamma/m + (1-gamma) l_j/sum l with l_j = j^{-1/alpha}."""
    ordered = np.arange(1, width // 2 + 1) ** (-1 / alpha)
    return gamma / width + (1 - gamma) * ordered / (2 * ordered.sum())


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and evaluate what is known before a network is drawn."""
    problem = configuration.problem(salt, positive_kernel=True, nonzero=True)
    X, y = problem.X, problem.y
    symbols = {
        **geometry(problem), "d": problem.d, "gamma": configuration.gamma,
        "delta": configuration.delta, "epsilon": configuration.epsilon,
        "e0_sq": float(y @ y), "C": float(np.abs(y).max()),
    }  # fmt: skip
    symbols["eta"] = configuration.step / symbols["norm_X"] ** 2
    symbols |= _size(configuration, symbols)
    return Setting(configuration, torch.tensor(X), torch.tensor(y), symbols, salt,
                   problem.description)  # fmt: skip


def parts(claim: str, symbols: dict[str, Any]) -> dict[str, float]:
    """The parts of a claim, whether or not its premises hold; m = kappa = 1 unless given."""
    found = registry.claim(claim).evaluate({"m": 1, "kappa": 1.0, **symbols}, where=np.array(True))
    return {name: float(value) for name, value in found.parts.items()}


def _size(configuration: Configuration, symbols: dict[str, Any]) -> dict[str, Any]:
    """m and kappa: as given, else m* where kappa is so large that it does not matter."""
    required = parts("node/certificate", symbols)
    free = max(required["kernel"], required["count"])
    kappa = configuration.init_scale or math.sqrt(required["travel"] / free)
    needed = parts("node/certificate", symbols | {"kappa": kappa})["m_star"]
    even = 2 * math.ceil(needed / 2 * (1 + 1e-12)) if needed <= LARGEST else OTHERWISE
    return {"m": configuration.width or even, "kappa": kappa}
