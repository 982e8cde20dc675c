"""Masked training of active neurons alone: for many samples in few dimensions, outputs only.

A surrogate is as wide as it has active neurons, and nothing is kept of a round but the outputs of
the whole network. A sample's residual needs that sample alone, so a local step goes through the
samples in parts that stay in the cache: two products with (n, d) per surrogate, and little else.
The trainer of `trainer` is the oracle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

PART_ELEMENTS = 2**17
"""Pre-activations of a part of the samples: a few such arrays stay in the cache."""


@dataclass(frozen=True)
class _Part:
    """Some samples: inputs (s, d) and transposed, targets (s,)."""

    X: torch.Tensor
    XT: torch.Tensor
    y: torch.Tensor


def outputs(network: Network, algorithm: Algorithm, seed: torch.Tensor) -> Iterator[torch.Tensor]:
    """u_1, u_2, ..., each (n,), after the rounds of one seed, (1,) int64; without end."""
    if algorithm.xi == 1.0:  # every surrogate is the network
        algorithm = replace(algorithm, p=1)
    draw = algorithm.masks(network.m)
    scale = 1 / (algorithm.xi * network.m**0.5)
    W = network.W_0.T.contiguous()  # a row per neuron: those of a surrogate are gathered at once
    active = max(1, round(algorithm.xi * network.m))
    parts = _parts(network, max(1, PART_ELEMENTS // active))
    k = 0
    while True:
        masks = draw(seed, k)[0]
        change = torch.zeros_like(W)
        for mask in masks:
            held = mask.nonzero()[:, 0]
            signs = network.a[held] * scale
            change[held] += _trained(W[held], signs, parts, algorithm) - W[held]
        W = W + change / masks.sum(0).clamp_(min=1)[:, None]  # whom no surrogate held stays
        yield torch.cat([network.a @ (W @ part.XT).clamp_(min=0) for part in parts]).div_(
            network.m**0.5
        )
        k += 1


def _parts(network: Network, size: int) -> list[_Part]:
    split = zip(torch.split(network.X, size), torch.split(network.y, size), strict=True)
    return [_Part(X, X.T.contiguous(), y) for X, y in split]


def _trained(
    W: torch.Tensor, signs: torch.Tensor, parts: list[_Part], algorithm: Algorithm
) -> torch.Tensor:
    """The weights (active, d) of a surrogate after its local steps; signs: a_r/(xi sqrt(m))."""
    size = len(parts[0].X)
    room = W.new_empty(2, len(W) * size)
    step = algorithm.eta * signs[:, None]
    for _ in range(algorithm.tau):
        gradient = torch.zeros_like(W)
        for part in parts:
            Z, on = room[:, : len(W) * len(part.X)].view(2, len(W), len(part.X))
            torch.mm(W, part.XT, out=Z)
            torch.gt(Z, 0, out=on)
            g = signs @ Z.clamp_(min=0)
            # the gradient is signs * on (g - y) X: only small matrices are scaled
            gradient.addmm_(on, (g - part.y)[:, None] * part.X)
        W = W - step * gradient
    return W
