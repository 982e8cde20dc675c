"""A configuration made concrete: data, scalings, width and scale, and the certificates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.errors import InvalidArgument
from theory.kernels import lambda_0
from verify.data import load_problem
from verify.gradient_descent import Network
from verify.node_scaling.configuration import LARGEST, OTHERWISE, Configuration
from verify.seeds import numpy_generator


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d) and targets y (n,); `symbols`: values common to all claims, m and kappa included."""

    configuration: Configuration
    X: torch.Tensor
    y: torch.Tensor
    symbols: dict[str, Any]
    salt: str

    def network(self, purpose: str, width: int, kappa: float, trials: int) -> Network:
        """One network of coupled pairs per trial; every purpose draws its own."""
        lambdas = scalings(width, self.configuration.gamma, self.configuration.alpha)
        salts = [f"{self.salt}/{purpose} {trial}" for trial in range(trials)]
        return Network.scaled(self.X, torch.tensor(lambdas), kappa, salts)


def scalings(width: int, gamma: float, alpha: float) -> np.ndarray:
    """lambda_j of the pairs, (width/2,): gamma/m + (1-gamma) l_j/sum l with l_j = j^{-1/alpha}."""
    ordered = np.arange(1, width // 2 + 1) ** (-1 / alpha)
    return gamma / width + (1 - gamma) * ordered / (2 * ordered.sum())


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and evaluate what is known before a network is drawn."""
    problem = load_problem(
        configuration.data, samples=configuration.samples, dimension=configuration.dimension,
        targets=configuration.targets, target_scale=configuration.target_scale,
        rng=numpy_generator("data", salt),
    )  # fmt: skip
    X, y = problem.X, problem.y
    if lambda_0(X) <= 0:
        raise InvalidArgument("data", configuration.data, "such that lambda_0 > 0")
    if not y.any():
        raise InvalidArgument("targets", configuration.targets, "such that some target is not 0")
    deviation = float(np.abs(np.linalg.norm(X, axis=1) - 1).max())
    norm = float(np.linalg.norm(X, 2))
    symbols = {
        "n": problem.n, "d": problem.d, "gamma": configuration.gamma, "delta": configuration.delta,
        "epsilon": configuration.epsilon, "norm_X": norm,
        "g": float(np.linalg.norm(np.abs(X @ X.T), 2)), "y_sq": float(y @ y),
        "e0_sq": float(y @ y), "lambda_0": lambda_0(X), "C": float(np.abs(y).max()),
        "row_norm_deviation": 0.0 if deviation < 1e-6 else deviation,
        "eta": configuration.step / norm**2,
    }  # fmt: skip
    symbols |= _size(configuration, symbols)
    return Setting(configuration, torch.tensor(X), torch.tensor(y), symbols, salt)


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
