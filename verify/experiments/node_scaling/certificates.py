"""Certificates of one network at its start: which nodes can reach a kink, and what that leaves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from verify.training.gradient_descent import Network

SHARES = np.linspace(0.02, 0.98, 49)
"""Shares of the largest nu and omega among which the best is looked for."""


def best(network: Network, trial: int, symbols: dict[str, Any]) -> dict[str, float]:
    """lambda and theta_0; the smallest nu and omega that give a certificate; near and weight there.

    Where none does: the middle of the range, and the premise of the claim fails.
    """
    s = network.s[trial].abs().numpy()
    lam, theta_0 = _lowest(kernel(network, trial)), _lowest(network.H[trial])
    found = {"lambda": lam, "theta_0": theta_0}
    kinds = (("nu", "near", lam, symbols["gamma"], np.full(len(s), 1 / len(s)), len(s)),
             ("omega", "weight", theta_0, 1.0, s**2, 1))  # fmt: skip
    for share, held, lowest, strength, weights, unit in kinds:
        options = SHARES * lowest / (2 * symbols["g"])
        sums = [
            near(
                network, trial, _length(symbols) / strength, lowest - 2 * x * symbols["g"], weights
            )
            for x in options
        ]
        holds = np.flatnonzero(np.array(sums) <= options)
        at = holds[0] if len(holds) else len(options) // 2
        found[share], found[held] = max(float(options[at]), 1e-300), sums[at] * unit
    return found


def holds(network: Network, trial: int, lowest: float, nu: float, symbols: dict[str, Any]) -> bool:
    """(B.6): whether the certificate of gradient flow holds for lambda = `lowest` and this nu."""
    weights = np.full(network.m, 1 / network.m)
    mu = lowest - 2 * nu * symbols["g"]
    share = near(network, trial, _length(symbols) / symbols["gamma"], mu, weights)
    return _lowest(kernel(network, trial)) >= lowest and share <= nu


def near(network: Network, trial: int, length: float, mu: float, weights: np.ndarray) -> float:
    """The largest sum of weights (m,) over the nodes that can reach the kink of one input."""
    if not mu > 0:
        return float(weights.sum())
    reach = (network.Z_0[trial].abs() / network.s[trial].abs()).numpy()
    return float(((reach <= length / mu) @ weights).max())


def kernel(network: Network, trial: int) -> torch.Tensor:
    """H of one network: every node has the scaling 1/m."""
    D = (network.Z_0[trial] > 0).to(network.Z_0)
    return D @ D.T / network.m * network.G


def _length(symbols: dict[str, Any]) -> float:
    return symbols["norm_X"] * math.sqrt(symbols["e0_sq"])


def _lowest(kernel: torch.Tensor) -> float:
    return max(0.0, float(torch.linalg.eigvalsh(kernel)[0]))
