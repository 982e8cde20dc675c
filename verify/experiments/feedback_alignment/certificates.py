"""What a network's start certifies: the numbers of the certificates, and the best rate to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from theory import registry
from verify.training.feedback import Network

SHARES = np.linspace(0.01, 1, 100)
"""Of the largest rate that may hold: among these the best is looked for."""

RELU_SHARES = np.linspace(0.05, 1, 20)

Columns = dict[str, np.ndarray]
"""By symbol, one value per network."""


def start(network: Network, X: np.ndarray, y: np.ndarray, inside: np.ndarray) -> Columns:
    """The numbers of one network at its start, for linear networks; `inside`: range of X."""
    W, b, beta, m = network.W, network.b, network.beta, network.W.shape[1]
    B2, overlap = (b * b).sum(-1), network.overlap
    pull = np.einsum("smd,sm->sd", W, b)
    W_p = W - b[..., None] * (pull / B2[:, None])[:, None, :]
    singular = np.linalg.svd(W_p, compute_uv=False)
    square = singular.shape[1] == X.shape[1]  # else W_p^T W_p is singular
    return {
        "e_0": np.linalg.norm(network.residual @ inside, axis=1),
        "B2": B2,
        "overlap": overlap,
        "s_0": np.linalg.norm(pull, axis=1) / B2,
        "low": singular[:, -1] ** 2 / m if square else np.zeros(len(B2)),
        "high": singular[:, 0] ** 2 / m,
        "beta_p": np.linalg.norm(beta - b * (overlap / B2)[:, None], axis=1),
        "W_p": singular[:, 0],
        "W_p_theta": np.linalg.norm(W_p @ np.linalg.pinv(X) @ y, axis=1),
    }


def best(claim: str, symbols: Mapping[str, Any], columns: Columns) -> np.ndarray:
    """The largest rate a that certifies, per network; where none does, half of what may hold.

    At the step "k" of the symbols, if there is one; else at the start.
    """
    most = columns["low"] + columns["overlap"] / symbols["m"]
    tried = np.maximum(most, 1e-300)[:, None] * SHARES
    along = {name: np.broadcast_to(v[:, None], tried.shape) for name, v in columns.items()}
    holds = registry.claim(claim).regime({"k": 0, **symbols, **along, "a": tried}).holds
    return _largest(tried, np.broadcast_to(holds, tried.shape))


def relu(network: Network, symbols: Mapping[str, Any]) -> Columns:
    """The certificate of a ReLU network: its numbers at the best rate that is tried."""
    m, Psi, b, beta = network.W.shape[1], network.hidden, network.b, network.beta
    D = network.activation.slope(network.inputs)
    gram = network.X @ network.X.T
    singular = np.linalg.svd(Psi, compute_uv=False)
    narrow = m < len(gram)
    sigma_min = np.zeros(len(b)) if narrow else singular[:, -1]
    weighted = np.einsum("sm,sim,sjm->sij", b * beta, D, D) * gram / m
    T = np.einsum("sm,skm,sim,sjm->sikj", b, Psi, D, D) * gram[:, None, :] / m**1.5
    T = T.reshape(len(b), len(gram), -1)
    found = {
        "e_0": np.linalg.norm(network.residual, axis=1),
        "B2": (b * b).sum(-1),
        "sigma_min": sigma_min,
        "sigma_max": singular[:, 0],
        "norm_H": np.linalg.norm(weighted, 2, axis=(1, 2)),
        "norm_T": np.linalg.norm(T, 2, axis=(1, 2)),
    }
    most = sigma_min**2 / m - found["norm_H"]
    tried = np.maximum(most, 1e-300)[:, None] * RELU_SHARES
    flips = np.stack([_flips(network, found["e_0"] / a, symbols["norm_X"]) for a in tried.T], 1)
    along = {name: np.broadcast_to(v[:, None], tried.shape) for name, v in found.items()}
    at = {**symbols, **along, "k": 0, "a": tried, "norm_F": flips}
    holds = np.broadcast_to(registry.claim("feedback/relu-rate").regime(at).holds, tried.shape)
    a = _largest(tried, holds)
    norm_F = np.take_along_axis(flips, np.argmax(tried == a[:, None], axis=1)[:, None], 1)[:, 0]
    return {**found, "a": a, "norm_F": norm_F}


def _flips(network: Network, rho: np.ndarray, norm_X: float) -> np.ndarray:
    """||F||: what neurons that can flip change, if the sum of eta ||e|| is at most rho (S,)."""
    gram, b = np.abs(network.X @ network.X.T), np.abs(network.b)
    m = b.shape[1]
    norms = np.sqrt(np.diag(gram))
    far = b * (norm_X * rho / m**0.5)[:, None]
    near = np.abs(network.inputs) <= far[:, None, :] * norms[:, None]
    length = np.linalg.norm(network.hidden, axis=1)  # psi_r, (S, m)
    weights = b * np.abs(network.beta) + b * length * (rho / m**0.5)[:, None]
    nu = (near * weights[:, None, :]).sum(-1) / m
    return np.asarray(np.linalg.norm(gram * (nu[:, :, None] + nu[:, None, :]), 2, axis=(1, 2)))


def _largest(tried: np.ndarray, holds: np.ndarray) -> np.ndarray:
    middle = tried[:, tried.shape[1] // 2]
    return np.where(holds.any(1), np.where(holds, tried, 0.0).max(1), middle)
