"""A configuration made concrete: the problem, what is known of it, and its networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from theory.mathematics.kernels import limiting_kernels
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.training.feedback import ACTIVATIONS, LEAK, Function, Network

KURTOSIS = {"gaussian": 3.0, "signs": 1.0, "initial": 3.0}


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d) and y (n,); `symbols`: values common to all claims.

    problem  the data in words
    """

    configuration: Configuration
    X: np.ndarray
    y: np.ndarray
    symbols: Mapping[str, Any]
    salt: str
    problem: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.problem}

    def networks(self, purpose: str, width: int, count: int) -> Network:
        """Independent networks; every purpose draws its own."""
        c = self.configuration
        salts = [f"{self.salt}/{purpose} {i}" for i in range(count)]
        return Network.drawn(self.X, self.y, width, salts, activation=c.activation,
                             beta_scale=c.beta_scale, feedback=c.feedback)  # fmt: skip

    @cached_property
    def trials(self) -> Network:
        """The networks of all trials."""
        return self.networks("trial", self.configuration.width, self.configuration.trials)

    @cached_property
    def range(self) -> np.ndarray:
        """The projection on the range of X, (n, n)."""
        return self.X @ np.linalg.pinv(self.X)


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and evaluate what is known before a network is drawn."""
    problem = configuration.problem(salt, nonzero=True)
    X, y, c = problem.X, problem.y, configuration
    if c.components is not None:
        X, y = principal(X, y, c.components, whiten=c.whiten)
    values = np.linalg.svd(X, compute_uv=False)[: np.linalg.matrix_rank(X)]
    psi = ACTIVATIONS[c.activation]
    G = output_kernel(X, c.activation)
    symbols = {
        "n": X.shape[0], "d": X.shape[1], "m": c.width, "delta": c.delta, "lambda": c.decay,
        "norm_X": float(values[0]), "rank": len(values), "mu": float(values[-1]) ** 2,
        "eta": c.step / float(values[0]) ** 2, "curvature": psi.curvature, "kink": psi.kink,
        "kurtosis": KURTOSIS[c.feedback], "correlation": 1.0 if c.feedback == "initial" else 0.0,
        "beta_scale": c.beta_scale, "C": c.constant,
        "theta": float(np.linalg.norm(np.linalg.pinv(X) @ y)),
        "norm_y": float(np.linalg.norm(X @ np.linalg.pinv(X) @ y)),
        "gamma": max(float(np.linalg.eigvalsh(G)[0]), 1e-300),
    }  # fmt: skip
    return Setting(configuration, X, y, symbols, salt, problem.description)


def principal(
    X: np.ndarray, y: np.ndarray, count: int, *, whiten: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The same linear problem on its first principal components, rotated: (k, k) and (k,).

    Divided by sqrt n, so the loss is half the mean squared error, up to what no linear function
    of the components can reach. Whitened components have mean square 1.
    """
    U, s, _ = np.linalg.svd(X, full_matrices=False)
    rank = int(np.linalg.matrix_rank(X))
    if count > rank:
        raise InvalidArgument("components", count, f"at most the rank of X = {rank}")
    root = len(y) ** 0.5
    sizes = np.ones(count) if whiten else s[:count] / root
    return np.diag(sizes), np.abs(U[:, :count].T @ y) / root


def output_kernel(X: np.ndarray, activation: str) -> np.ndarray:
    """G_ij = E psi(<w, x_i>) psi(<w, x_j>), w ~ N(0, I)."""
    if activation == "linear":
        return np.asarray(X @ X.T)
    if activation in ("relu", "leaky-relu"):
        leak = LEAK if activation == "leaky-relu" else 0.0
        return np.asarray(leak * X @ X.T + (1 - leak) ** 2 * limiting_kernels(X)[1])
    return _by_quadrature(X, ACTIVATIONS[activation].psi)


def _by_quadrature(X: np.ndarray, psi: Function, points: int = 60) -> np.ndarray:
    """Gauss-Hermite quadrature in the plane of every two rows, for smooth functions."""
    x, w = np.polynomial.hermite_e.hermegauss(points)
    first, second = np.meshgrid(x, x, indexing="ij")
    weights = np.outer(w, w) / (2 * np.pi)
    norms = np.linalg.norm(X, axis=1)
    G = np.zeros((len(X), len(X)))
    for i, j in np.ndindex(*G.shape):
        cos = np.clip(X[i] @ X[j] / (norms[i] * norms[j]), -1, 1)
        other = norms[j] * (cos * first + np.sqrt(1 - cos**2) * second)
        G[i, j] = (weights * psi(norms[i] * first) * psi(other)).sum()
    return G
