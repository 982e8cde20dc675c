"""The engine `plain`: the trainer itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from verify.training.masked.engines.records import Record
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm, MaskSource, Observer, Round, train


def plain(
    network: Network,
    algorithm: Algorithm,
    rounds: int,
    seeds: torch.Tensor,
    *,
    observer: Observer | None = None,
    mask_source: MaskSource | None = None,
    trainer: Callable[..., Iterator[Round]] = train,
) -> Iterator[Record]:
    """The records of the trainer, which alone lets an observer watch every iterate."""
    run = trainer(network, algorithm, rounds, seeds, observer=observer, mask_source=mask_source)
    for this in run:
        yield Record(
            this.index,
            this.local,
            network.outputs(this.Z_next),
            frozen_noise(network, algorithm, this.masks),
            displacement(network, this.Z_next),
        )


def frozen_noise(network: Network, algorithm: Algorithm, masks: torch.Tensor) -> torch.Tensor:
    """sum_r (N_r/(p xi) - 1) phi_r(W_0) for masks (S, p, m): (S, n)."""
    held = masks.mean(1) / algorithm.xi - 1
    noise = (held * network.a) @ network.Z_0.clamp(min=0.0).T
    return network.total(noise) / network.m**0.5


def displacement(network: Network, Z: torch.Tensor) -> torch.Tensor:
    """(sum_r ||phi_r(W) - phi_r(W_0)||^2)^{1/2} from pre-activations (S, n, m): (S,)."""
    moved = Z.clamp(min=0.0) - network.Z_0.clamp(min=0.0)
    return network.total(moved.square().sum((-1, -2))).div(network.m).sqrt()
