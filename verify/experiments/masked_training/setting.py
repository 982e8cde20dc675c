"""A configuration made concrete, and the constants that pilot seeds fix before the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.language.errors import InvalidArgument
from theory.mathematics.kernels import lambda_0
from theory.theorems.masked_training.laws import law
from verify.experiments.masked_training.configuration import Configuration
from verify.judging.seeds import seed_of
from verify.problems.data import Problem
from verify.training.masked import trials
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import Measurements
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

WINDOW = 2
"""alpha_j covers the pilot's defects in rounds j - 2 to j + 2: fewer pilot seeds suffice."""

PUBLISHED_CONSTANTS = {"C_m": 1.0, "C_eta": 1.0, "C_B": 1.0, "gamma": 0.5}
"""Values for constants that the published statements hide in O(.) or leave free."""


@dataclass(frozen=True, eq=False)
class Setting:
    """A configuration made concrete: data, network at W_0, algorithm."""

    configuration: Configuration
    problem: Problem
    network: Network
    algorithm: Algorithm
    salt: str

    @property
    def deterministic(self) -> bool:
        return self.algorithm.xi == 1.0

    @property
    def notes(self) -> dict[str, Any]:
        """The problem, the step sizes, the seeds."""
        return {
            "problem": self.problem.description,
            "eta": self.algorithm.eta,
            "zeta": self.algorithm.zeta,
            "xi": self.algorithm.xi,
            "seeds": {name: seed_of(name, self.salt) for name in ("data", "W_0", "pilot", "test")},
        }

    def symbols(self) -> dict[str, Any]:
        """The values known before training: data, law, step size, spectrum at W_0."""
        return dict(self._symbols)

    @cached_property
    def _symbols(self) -> dict[str, Any]:
        network, algorithm, configuration = self.network, self.algorithm, self.configuration
        mu, vectors = network.spectrum
        Phi = vectors.T @ network.Phi @ vectors
        c_j = vectors.T @ network.e_0
        moments = algorithm.law.moments(algorithm.p, algorithm.xi)
        norms = network.X.norm(dim=1)
        K = configuration.rounds
        return {
            "n": network.n,
            "d": self.problem.d,
            "m": network.m,
            "p": algorithm.p,
            "tau": algorithm.tau,
            "K": K,
            "xi": algorithm.xi,
            "eta": algorithm.eta,
            "zeta": algorithm.zeta,
            "kappa": configuration.init_scale,
            "theta": moments["theta"],
            "V": moments["V"],
            "delta": configuration.delta,
            "lambda": mu[0].item(),
            "Lambda": mu[-1].item(),
            "lambda_0": lambda_0(self.problem.X),
            "g": float(torch.linalg.matrix_norm(network.G.abs(), ord=2)),
            "mu": mu.cpu().numpy(),
            "Phi": Phi.cpu().numpy(),
            "c_j": c_j.cpu().numpy(),
            "c_sq": c_j.square().cpu().numpy(),
            "e0_sq": network.e_0.square().sum().item(),
            "excess": algorithm.law.kurtosis(algorithm.p, algorithm.xi) * network.concentration,
            "k": np.arange(K + 1),
            "row_norm_deviation": _rounded(float((norms - 1).abs().max())),
            "y_max": float(network.y.abs().max()),
            "y_sq": network.y.square().sum().item(),
            "C": (1 + float(network.y.abs().max())) * (1 + 1e-12),  # above |y| + 1 after rounding
            **PUBLISHED_CONSTANTS,
        }


def _rounded(deviation: float) -> float:
    """0 where a deviation is only the rounding of unit rows."""
    return 0.0 if deviation < 1e-6 else deviation


def draw_network(configuration: Configuration, problem: Problem, salt: str) -> Network:
    """A network of its own W_0 and signs on the problem."""
    return trials.draw_network(
        problem,
        configuration.width,
        configuration.init_scale,
        salt,
        configuration.dtype,
        configuration.torch_device(),
    )


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data, draw W_0 and fix the step size; InvalidArgument where zeta Lambda > 1."""
    problem = configuration.problem(salt)
    network = draw_network(configuration, problem, salt)
    Lambda = network.spectrum[0][-1].item()
    xi = configuration.activity
    if configuration.eta is None:
        # a kernel of 0 (no active neuron) moves nothing at any step size
        eta = xi * (configuration.zeta_lambda or 0.5) / (Lambda or 1.0)
    else:
        eta = configuration.eta
        if eta / xi * Lambda > 1:
            allowed = f"at most {xi / Lambda:.6g}, so that zeta Lambda = eta Lambda/xi <= 1"
            raise InvalidArgument("eta", eta, allowed)
    mask_law = law(configuration.law)
    algorithm = Algorithm(mask_law, configuration.surrogates, xi, configuration.local_steps, eta)
    return Setting(configuration, problem, network, algorithm, salt)


def pilot(setting: Setting, measured: Measurements) -> Thresholds:
    """alpha_j and R: the headroom times the largest value that the pilot seeds showed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(measured.defect > 0, measured.defect / measured.rho, 0.0).max(axis=0)
    padded = np.pad(ratio, WINDOW, mode="edge")
    alpha = np.lib.stride_tricks.sliding_window_view(padded, 2 * WINDOW + 1).max(axis=1)
    headroom = setting.configuration.headroom
    return Thresholds(headroom * alpha, headroom * float(measured.displacement.max()))


def best_c(symbols: Mapping[str, Any]) -> float:
    """The c that makes the main theorem smallest in the last round (1 where none is allowed)."""
    claim = registry.claim("main")
    grid = np.logspace(-6, 3, 400)
    values = {**symbols, "k": int(symbols["K"]), "c": grid}
    holds = claim.regime(values).holds
    bound = claim.evaluate(values, where=holds).bound
    return float(grid[np.nanargmin(bound)]) if holds.any() else 1.0
