"""Full-batch gradient descent on ||e||^2/2, e = u - y, of a batch of deep networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from theory.language.errors import InvalidArgument
from verify.training.deep.network import Network, State

CACHED = 2**18
"""Weights that are trained together: they and what one step reads stay in the cache."""


@dataclass(frozen=True)
class Path:
    """What training showed. S networks, steps 0..K; `looks` are the steps looked at closely.

    e         (S, K+1, n) residuals u_k - y
    lengths   (S, K) steps d_k = ||t_{k+1} - t_k||; nan where they were spared
    looks     (looks,)
    kernel    (S, looks, n, n) J_k J_k^T
    change    (S, looks) ||J_k - J_0||
    distance  (S, looks) ||t_k - t_0||
    linear    (S, looks, n) J_0 (t_k - t_0)
    """

    e: np.ndarray
    lengths: np.ndarray
    looks: np.ndarray
    kernel: np.ndarray
    change: np.ndarray
    distance: np.ndarray
    linear: np.ndarray


def states(network: Network, y: Tensor, eta: Tensor, steps: int) -> Iterator[tuple[State, Tensor]]:
    """The networks and their residuals (S, n) at steps 0..steps; step sizes eta (S,).

    Targets y are (n,), or (S, n) where each network has its own.

    The parameters of a state change in place when the next one is asked for.
    InvalidArgument unless every eta is a finite number > 0, and steps >= 0.
    """
    network.check_positive("eta", eta)
    if isinstance(steps, bool) or steps < 0:
        raise InvalidArgument("steps", steps, "an integer >= 0")
    if y.shape not in ((network.n,), (len(eta), network.n)):
        allowed = f"of shape ({network.n},) or ({len(eta)}, {network.n})"
        raise InvalidArgument("y", tuple(y.shape), allowed)
    parameters = network.start.clone()
    for k in range(steps + 1):
        state = network.at(parameters)
        e = state.outputs - y
        yield state, e
        if k < steps:
            state.step(eta[:, None] * e)


def descend(
    network: Network,
    y: Tensor,
    eta: Tensor,
    steps: int,
    looks: Sequence[int] = (),
    *,
    lengths: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Train every network of the batch; `progress` is told the networks that are done.

    Without `lengths` kernels are formed at looks alone.
    """
    S, size = len(network.kappa), at_once(network)
    found = []
    for first in range(0, S, size):
        part = slice(first, first + size)
        own = y if y.ndim == 1 else y[part]
        found.append(_descend(network.part(part), own, eta[part], steps, set(looks), lengths))
        if progress:
            progress(min(S, first + size))
    e, d, *rest = (np.concatenate(each) for each in zip(*found, strict=True))
    return Path(e, d, np.array(sorted(set(looks)), dtype=np.int64), *rest)


def at_once(network: Network) -> int:
    """Networks of the batch that are trained together."""
    weights = sum(W[0].numel() for W in network.start.W) + network.start.a.shape[1]
    return max(1, CACHED // weights)


def _descend(
    network: Network, y: Tensor, eta: Tensor, steps: int, looks: set[int], measured: bool
) -> tuple[np.ndarray, ...]:
    start, n = network.initial, network.n
    residuals, lengths = [], []
    kernels, changes, distances, linear = [], [], [], []
    for k, (state, e) in enumerate(states(network, y, eta, steps)):
        residuals.append(e)
        if not measured and k not in looks:
            lengths.append(torch.full_like(eta, torch.nan))
            continue
        G = state.kernel()
        squares = ((G @ e[:, :, None]).squeeze(-1) * e).sum(-1)
        lengths.append(eta * squares.clamp(min=0.0).sqrt())
        if k not in looks:
            continue
        moved = state.parameters.minus(network.start)
        kernels.append(G)
        changes.append(torch.linalg.eigvalsh(state.change())[:, -1].clamp(min=0.0).sqrt())
        distances.append(moved.norm())
        linear.append(start.linear(moved))
    S = len(eta)

    def stacked(parts: list[Tensor], *shape: int) -> np.ndarray:
        return (torch.stack(parts, 1) if parts else torch.zeros(S, 0, *shape)).double().numpy()

    return (
        stacked(residuals), stacked(lengths[:-1]), stacked(kernels, n, n), stacked(changes),
        stacked(distances), stacked(linear, n),
    )  # fmt: skip
