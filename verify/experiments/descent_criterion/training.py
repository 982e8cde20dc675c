"""Training of fixed-width networks, and what is measured on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from verify.experiments.descent_criterion.setting import Setting, Start
from verify.training.deep import Network, states

DIVERGED, OVERFLOW = 1e200, 1e100
"""Entries of a kernel beyond which its eigenvalues are 0; what is measured where numbers end."""


@dataclass(frozen=True)
class Run:
    """S networks, steps 0..K.

    e         (S, K+1, n) residuals
    lengths   (S, K) steps d_k
    singular  (S, K+1) smallest singular value of J_k
    distance  (S, K+1) ||t_k - t_0||
    to_last   (S, K+1) ||t_k - t_K||
    gram      (S, n, n) J_0 J_0^T
    fresh     (S, FRESH) predictions of fresh inputs at the end
    """

    e: np.ndarray
    lengths: np.ndarray
    singular: np.ndarray
    distance: np.ndarray
    to_last: np.ndarray
    gram: np.ndarray
    fresh: np.ndarray

    @property
    def path(self) -> np.ndarray:
        """rho_k, (S, K+1)."""
        return np.concatenate([0 * self.lengths[:, :1], self.lengths.cumsum(1)], 1)

    @property
    def remaining(self) -> np.ndarray:
        """The path from k on, (S, K+1), added up from its end: nothing cancels."""
        later = np.flip(np.flip(self.lengths, 1).cumsum(1), 1)
        return np.concatenate([later, 0 * self.lengths[:, :1]], 1)


def train(
    setting: Setting, starts: Sequence[Start], eta: np.ndarray, steps: int, *, spectra: bool = True
) -> Run:
    """Gradient descent of every network, with step sizes eta (S,).

    Without `spectra` the kernels are spared: no singular values and no gram.
    """
    network, y = setting.network(starts), torch.tensor(setting.y)
    e, kernels, points = [], [], []
    fresh = torch.zeros(0)
    for k, (state, residual) in enumerate(states(network, y, torch.tensor(eta), steps)):
        e.append(residual)
        if spectra:
            kernels.append(state.kernel())
        points.append(_flat(state.parameters.W, state.parameters.a))
        if k == steps:
            fresh = network.at(state.parameters, torch.tensor(setting.fresh)).f
    t, residuals = torch.stack(points, 1), torch.stack(e, 1)
    G = torch.stack(kernels, 1) if spectra else t.new_zeros(len(t), 1, 0, 0)
    smallest = _lowest(G) if spectra else t.new_zeros(len(t), 0)
    lengths = (t[:, 1:] - t[:, :-1]).norm(dim=-1)
    found = (residuals, lengths, smallest, (t - t[:, :1]).norm(dim=-1),
             (t - t[:, -1:]).norm(dim=-1), G[:, 0], fresh)  # fmt: skip
    return Run(*(each.nan_to_num(OVERFLOW).clamp(-OVERFLOW, OVERFLOW).numpy() for each in found))


def residuals(network: Network, y: np.ndarray, eta: np.ndarray, steps: int) -> np.ndarray:
    """||e_k||^2, (S, steps+1), of any networks."""
    path = states(network, torch.tensor(y), torch.tensor(eta), steps)
    return torch.stack([e.square().sum(-1) for _, e in path], 1).numpy()


def law(setting: Setting, starts: Sequence[Start], eta: np.ndarray, steps: int) -> np.ndarray:
    """l_k = -(I - eta |q|^2 X X^T)^k y, (S, steps+1, n)."""
    mu, V = np.linalg.eigh(setting.X @ setting.X.T)
    c = V.T @ setting.y
    rates = 1 - np.array([start.q_sq for start in starts])[:, None] * eta[:, None] * mu
    return np.asarray(-(rates[:, None] ** np.arange(steps + 1)[:, None] * c) @ V.T)


def _lowest(G: torch.Tensor) -> torch.Tensor:
    """The root of the smallest eigenvalue, 0 where training has diverged."""
    finite = (G.abs() < DIVERGED).all(-1).all(-1)
    kept = torch.where(finite[..., None, None], G, 0.0)
    return torch.linalg.eigvalsh(kept)[..., 0].clamp(min=0.0).sqrt()


def _flat(W: Sequence[torch.Tensor], a: torch.Tensor) -> torch.Tensor:
    return torch.cat([each.flatten(1) for each in (*W, a)], 1).clone()
