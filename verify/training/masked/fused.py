"""The engine `fused`: the algorithm of `sample_space` in one compiled kernel, for small n.

One sweep over Z ends a round and begins the next: it adds the changes, draws the masks, and sums
all that is measured. Z lies in blocks of LANES neurons, (blocks, n, LANES), sample by sample in a
block, so that every inner loop runs over neurons. Masks are the bits of one integer per neuron;
pairs of active samples are counted on bit planes. Blocks are summed in their order: no number
depends on threads. Needs numba (the extra `fast`); compiled once per machine, then from its cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from verify.training.masked import sample_space
from verify.training.masked.fused_kernel import train_seed
from verify.training.masked.fused_layout import (
    BERNOULLI,
    CATEGORICAL,
    GIVEN,
    LANES,
    Problem,
    State,
)
from verify.training.masked.masks import sample_masks
from verify.training.masked.network import Network
from verify.training.masked.records import Record, Trajectory, seed_by_seed
from verify.training.masked.trainer import Algorithm

MANY = 0.9
"""The share of critical neurons from which on all go step by step."""
_DRAWN = {"bernoulli": BERNOULLI, "categorical": CATEGORICAL}


def fused(
    network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor
) -> Iterator[Record]:
    """The engine `fused`: any law, float64 on the CPU, p <= 64."""
    trainer = Fused(network, algorithm)
    return seed_by_seed(lambda seed: trainer.run(rounds, seed), rounds, seeds)


class Fused:
    """Trains one seed at a time; `most` as in `SampleSpace`."""

    def __init__(self, network: Network, algorithm: Algorithm, most: float = MANY) -> None:
        self.network, self.algorithm = network, algorithm
        X, y, G, H = (
            np.ascontiguousarray(x.numpy()) for x in (network.X, network.y, network.G, network.H)
        )
        (n, d), m = X.shape, network.m
        scale = 1 / (algorithm.xi * m**0.5)
        step = algorithm.eta * scale
        through_weights = n > 2 * d
        unit = step * np.abs(G).sum(1)
        self.problem = Problem(
            _blocks(network.Z_0.numpy()),
            _blocks(network.a.numpy()[None])[:, 0].copy(),
            y,
            G,
            H,
            np.ascontiguousarray(X if through_weights else step * G),
            np.ascontiguousarray(-step * X.T if through_weights else np.empty((0, n))),
            np.divide(1, unit, out=np.zeros(n), where=unit > 0),
            m,
            algorithm.p,
            float(algorithm.xi),
            algorithm.tau,
            float(algorithm.eta),
            scale,
            _DRAWN.get(algorithm.law.name, GIVEN),
            float(most),
            float(sample_space.HEADROOM),
            float(sample_space.SLACK),
        )

    def run(self, rounds: int, seed: torch.Tensor) -> Trajectory:
        """The trajectory of one seed (1,)."""
        done = Trajectory.empty(self.network, self.algorithm, rounds)
        train_seed(
            self.problem,
            State.start(self.problem),
            np.uint64(seed.item() % 2**64),
            self._given(rounds, seed),
            done.local.numpy(),
            done.outputs.numpy(),
            done.frozen_noise.numpy(),
            done.displacement.numpy(),
        )
        return done

    def _given(self, rounds: int, seed: torch.Tensor) -> np.ndarray:
        """Masks that the kernel cannot draw, as bits: (rounds, blocks, LANES)."""
        algorithm, m = self.algorithm, self.network.m
        if self.problem.law != GIVEN:
            return np.zeros((1, *self.problem.a.shape), np.uint64)
        place = np.left_shift(np.uint64(1), np.arange(algorithm.p, dtype=np.uint64))[:, None]
        codes = []
        for k in range(rounds):
            masks = sample_masks(algorithm.law, algorithm.p, algorithm.xi, m, seed, k)[0].numpy()
            codes.append(_blocks((masks * place).sum(0, dtype=np.uint64)[None])[:, 0])
        return np.stack(codes)


def _blocks(rows: np.ndarray) -> np.ndarray:
    """(n, m) -> (blocks, n, LANES), the last block filled up with inactive neurons."""
    n, m = rows.shape
    count = -(-m // LANES)
    padded = np.zeros((n, count * LANES), rows.dtype)
    padded[:, :m] = rows
    return np.ascontiguousarray(padded.reshape(n, count, LANES).swapaxes(0, 1))
