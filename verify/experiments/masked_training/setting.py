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
from verify.judging.seeds import numpy_generator
from verify.problems.data import Problem, load_problem
from verify.training.masked.measure import Measurements
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

WINDOW = 2
"""alpha_j covers the pilot's defects in rounds j - 2 to j + 2: fewer pilot seeds suffice."""

PUBLISHED_CONSTANTS = {"C_m": 1.0, "C_eta": 1.0, "C_B": 1.0, "gamma": 0.5}
"""Values for constants that the published statements hide in O(.) or leave free."""


@dataclass(frozen=True)
class Thresholds:
    """The constants of the good event: alpha_j (K,) and R, fixed before the test seeds run."""

    alpha: np.ndarray
    R: float

    def good_event(self, measured: Measurements) -> np.ndarray:
        """Whether G_k holds, decided by rounds < k: (S, K + 1), decreasing in k."""
        small = measured.defect <= self.alpha * measured.rho
        near = measured.displacement <= self.R
        held = np.concatenate([near[:, :1], small & near[:, :-1]], axis=1)
        return np.logical_and.accumulate(held, axis=1)


@dataclass(frozen=True, eq=False)
class Setting:
    """A configuration made concrete: data, network at W_0, algorithm."""

    configuration: Configuration
    problem: Problem
    network: Network
    algorithm: Algorithm

    @property
    def deterministic(self) -> bool:
        return self.algorithm.xi == 1.0

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


def span_coordinates(X: np.ndarray) -> np.ndarray:
    """The rows in an orthonormal basis of their span, (n, min(n, d)).

    Only X X^T matters: gradients stay in the span and W_0 is rotation invariant, so the law of
    every trajectory is the same and wide inputs cost no more than n dimensions.
    """
    return np.linalg.qr(X.T)[1].T if X.shape[0] < X.shape[1] else X


def draw_network(configuration: Configuration, problem: Problem, salt: str) -> Network:
    """A network of its own W_0 and signs on the problem."""
    device, dtype = configuration.torch_device(), getattr(torch, configuration.dtype)
    inputs = span_coordinates(problem.X), problem.y
    X, y = (torch.tensor(array, dtype=dtype, device=device) for array in inputs)
    return Network.draw(X, y, configuration.width, configuration.init_scale, salt)


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data, draw W_0 and fix the step size; InvalidArgument where zeta Lambda > 1."""
    problem = load_problem(
        configuration.data,
        samples=configuration.samples,
        dimension=configuration.dimension,
        targets=configuration.targets,
        target_scale=configuration.target_scale,
        rescale=configuration.rescale,
        rng=numpy_generator("data", salt),
    )
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
    return Setting(configuration, problem, network, algorithm)


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
