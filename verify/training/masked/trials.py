"""Trials: networks of any width on one problem, each drawn and trained under masks of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from theory import registry
from verify.judging.seeds import seed_tensor
from verify.problems.data import Problem
from verify.training.masked.measure import LAZY, Measurements, measure
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm


def span_coordinates(X: np.ndarray) -> np.ndarray:
    """The rows in an orthonormal basis of their span, (n, min(n, d)).

    Only X X^T matters: gradients stay in the span and W_0 is rotation invariant, so the law of
    every trajectory is the same and wide inputs cost no more than n dimensions.
    """
    return np.linalg.qr(X.T)[1].T if X.shape[0] < X.shape[1] else X


def draw_network(
    problem: Problem, width: int, kappa: float, salt: str, dtype: str, device: torch.device
) -> Network:
    """A network of its own W_0 and signs on the problem."""
    return Network.draw(*_inputs(problem, dtype, device), width, kappa, salt)


@lru_cache(maxsize=8)
def _inputs(
    problem: Problem, dtype: str, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """X and y of all networks on a problem, which is hashed by identity."""
    arrays = span_coordinates(problem.X), problem.y
    X, y = (torch.tensor(array, dtype=getattr(torch, dtype), device=device) for array in arrays)
    return X, y


@dataclass(frozen=True, eq=False)
class Trials:
    """A problem and an algorithm; networks are drawn trial by trial.

    symbols  the values that claims share, but for the width
    """

    problem: Problem
    algorithm: Algorithm
    rounds: int
    kappa: float
    dtype: str
    device: torch.device
    symbols: dict[str, Any]
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        """The problem, in words."""
        return {"problem": self.problem.description}

    def network(self, trial: int, width: int, purpose: str) -> Network:
        """The network of one trial: every purpose draws its own."""
        salt = f"{self.salt}/{purpose} {trial}"
        return draw_network(self.problem, width, self.kappa, salt, self.dtype, self.device)


def measured(
    trials: Trials, width: int, trial: int, masks: int, *, lazy: bool = True
) -> dict[str, float]:
    """What the fields of a sweep are at one width, of one network: largest over masks and rounds.

    And `floor`, the mean loss over masks and the last third of the rounds. Without `lazy`,
    distance and nu are NaN.
    """
    network = trials.network(trial, width, "sweep")
    algorithm, K = trials.algorithm, trials.rounds
    count = 1 if algorithm.xi == 1.0 else masks
    seeds = seed_tensor(count, "sweep", trials.salt, width, trial, device=network.X.device)
    found = measure(network, algorithm, K, seeds, lazy=lazy)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(found.defect > 0, found.defect / found.rho, 0.0)
    regime = dict(zip(LAZY, np.moveaxis(found.lazy, -1, 0), strict=True))
    symbols = network_symbols(trials, network)
    values = {**symbols, "alpha": float(ratios.max()), "R": float(found.displacement.max())}
    r = symbols["theta"] * -np.expm1(trials.algorithm.tau * np.log1p(-symbols["step"]))
    return {
        "alpha": values["alpha"],
        "distance": float(regime["displacement"].max()),
        "nu": float(regime["nu"].max()),
        "residuals": float(surrogate_residuals(found).sum(1).max()),
        "contraction": float(r),
        "eigenvalue": symbols["lambda"],
        "trace": float(network.Phi.trace()),
        "initial": float(network.e_0.norm()),
        "informative": _informative(values),
        "displacement": values["R"],
        "floor": float(found.loss[:, last_third(K)].mean()),
    }


def last_third(rounds: int) -> slice:
    """The rounds over which a floor is averaged."""
    return slice(-max(1, rounds // 3), None)


def surrogate_residuals(found: Measurements) -> np.ndarray:
    """max_l ||e_k + z^l_k||, (S, K)."""
    return np.linalg.norm(found.residual[:, :-1, None] + found.noise, axis=-1).max(-1)


def network_symbols(trials: Trials, network: Network) -> dict[str, Any]:
    """The symbols of a setting with those of one network at W_0; k is the last round."""
    mu, vectors = network.spectrum
    Phi = vectors.T @ network.Phi @ vectors
    return {
        **trials.symbols,
        "m": network.m,
        "mu": mu.cpu().numpy(),
        "Phi": Phi.cpu().numpy(),
        "lambda": mu[0].item(),
        "Lambda": mu[-1].item(),
        "e0_sq": network.e_0.square().sum().item(),
        "step": trials.symbols["zeta"] * mu[0].item(),
        "k": trials.rounds,
    }


def _informative(values: Mapping[str, Any]) -> bool:
    """Whether the best c brings the main bound below the initial loss."""
    claim = registry.claim("main")
    points = {**values, "c": np.logspace(-6, 3, 200)}
    holds = claim.regime(points).holds
    bound = claim.evaluate(points, where=holds).bound
    return bool(holds.any() and np.nanmin(bound) < values["e0_sq"])
