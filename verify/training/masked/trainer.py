"""The trainer: masked training of a shallow ReLU network, batched over seeds and surrogates.

One round: draw masks m^l_r; surrogate l is g^l = (xi sqrt(m))^{-1} sum_r a_r m^l_r relu(X w_r);
each takes tau gradient steps of size eta on ||g^l - y||^2/2; then every neuron averages its change
over the surrogates that held it, and a neuron that none held stays. Gradients are analytic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch

from theory.theorems.masked_training.laws import MaskLaw
from verify.training.masked.masks import sample_masks
from verify.training.masked.network import Network

MaskSource = Callable[[torch.Tensor, int], torch.Tensor]
"""(seeds, round index) -> masks, bool, (len(seeds), p, m)."""


class Observer(Protocol):
    """Sees every iterate of a batch of S seeds; for measurements that need more than outputs."""

    def local(self, L: torch.Tensor, Z: torch.Tensor, masks: torch.Tensor) -> None:
        """Weights (S, p or 1, d, m) and pre-activations (S, p or 1, n, m) of the surrogates."""

    def aggregated(self, W: torch.Tensor, Z: torch.Tensor) -> None:
        """Weights (S, d, m) and pre-activations (S, n, m) after the round."""


@dataclass(frozen=True)
class Algorithm:
    """The hyperparameters of masked training; zeta = eta/xi is the effective step size."""

    law: MaskLaw
    p: int
    xi: float
    tau: int
    eta: float

    @property
    def zeta(self) -> float:
        return self.eta / self.xi

    def masks(self, m: int, *part: slice) -> MaskSource:
        """Masks of a network of m neurons, or of a part of them."""
        return lambda seeds, k: sample_masks(self.law, self.p, self.xi, m, seeds, k, *part)


@dataclass
class Round:
    """One round of a batch of S seeds, from W to W_next (S, d, m).

    masks    (S, p, m), in the dtype of the weights
    Z, Z_next  pre-activations before and after, (S, n, m)
    local    surrogate outputs g^l before each local step and after the last, (tau + 1, S, p, n)
    """

    index: int
    masks: torch.Tensor
    Z: torch.Tensor
    local: torch.Tensor
    W_next: torch.Tensor
    Z_next: torch.Tensor


def local_training(
    network: Network,
    algorithm: Algorithm,
    W: torch.Tensor,
    Z: torch.Tensor,
    masks: torch.Tensor,
    observer: Observer | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The tau local steps of all surrogates: trained weights (S, p, d, m) and outputs g^l."""
    X, y = network.X, network.y
    signs = (masks * network.a) / (algorithm.xi * network.m**0.5)  # (S, p, m)
    step = algorithm.eta * X.T
    L, Z = W[:, None], Z[:, None]  # all surrogates start from W
    outputs = []
    for t in range(algorithm.tau + 1):
        if observer:
            observer.local(L, Z, masks)
        on = Z > 0
        # a sum, not a matrix product: BLAS may order it by the place of a seed in the batch
        g = network.total((Z.clamp(min=0.0) * signs[:, :, None]).sum(-1))  # (S, p, n)
        outputs.append(g)
        if t == algorithm.tau:
            break
        gradient = on * signs[:, :, None] * (g - y)[..., None]  # dloss/dZ, (S, p, n, m)
        L = L - step @ gradient
        Z = X @ L
    return L, torch.stack(outputs)


def aggregate(W: torch.Tensor, L: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Each neuron averages its change over the surrogates that held it: (S, d, m)."""
    count = masks.sum(dim=1, keepdim=True).clamp(min=1.0)  # a neuron that none held stays
    return W + ((L - W[:, None]) * masks[:, :, None]).sum(dim=1) / count


def train(
    network: Network,
    algorithm: Algorithm,
    rounds: int,
    seeds: torch.Tensor,
    *,
    observer: Observer | None = None,
    mask_source: MaskSource | None = None,
) -> Iterator[Round]:
    """The rounds of a batch of seeds, one after the other; all start from W_0.

    seeds (S,) int64; a seed gives the same numbers in any batch. `mask_source` replaces the law.
    """
    draw = mask_source or algorithm.masks(network.m, *network.part)
    W = network.W_0.expand(len(seeds), *network.W_0.shape)
    Z = network.X @ W
    for k in range(rounds):
        masks = draw(seeds, k).to(W.dtype)
        L, local = local_training(network, algorithm, W, Z, masks, observer)
        W_next = aggregate(W, L, masks)
        Z_next = network.X @ W_next
        if observer:
            observer.aggregated(W_next, Z_next)
        yield Round(k, masks, Z, local, W_next, Z_next)
        W, Z = W_next, Z_next
