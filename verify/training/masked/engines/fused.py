"""The engine `fused`: the algorithm of `sample_space` in one compiled kernel, for small n.

One sweep over Z ends a round and begins the next: it adds the changes, draws the masks, and sums
all that is measured. Z lies in blocks of LANES neurons, (blocks, n, LANES), sample by sample in a
block, so that every inner loop runs over neurons. Masks are the bits of one integer per neuron;
pairs of active samples are counted on bit planes. Blocks are summed in their order: no number
depends on threads. Needs numba (the extra `fast`); compiled once per machine, then from its cache.

Over processes the kernel stops at each sum over neurons: n numbers per surrogate and local step,
those of all surrogates together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from verify.training.masked.engines import sample_space
from verify.training.masked.engines.fused_kernel import part_by_part, train_seed
from verify.training.masked.engines.fused_layout import (
    BERNOULLI,
    CATEGORICAL,
    GIVEN,
    LANES,
    Problem,
    State,
)
from verify.training.masked.engines.records import Record, Trajectory, seed_by_seed
from verify.training.masked.masks import sample_masks
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

MANY = 0.9
"""The share of critical neurons from which on all go step by step."""
_DRAWN = {"bernoulli": BERNOULLI, "categorical": CATEGORICAL}


def fused(
    network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor
) -> Iterator[Record]:
    """The engine `fused`: any law, float64 on the CPU, p <= 64."""
    return seed_by_seed(network, Fused(network, algorithm).run, rounds, seeds)


class Fused:
    """Trains one seed at a time; `most` as in `SampleSpace`."""

    def __init__(self, network: Network, algorithm: Algorithm, most: float = MANY) -> None:
        self.network, self.algorithm = network, algorithm
        X, y, G, H, W_0, a = (
            np.ascontiguousarray(x.numpy())
            for x in (network.X, network.y, network.G, network.H, network.W_0, network.a)
        )
        (n, d), m = X.shape, network.m
        scale = 1 / (algorithm.xi * m**0.5)
        step = algorithm.eta * scale
        through_weights = n > 2 * d
        self.problem = Problem(
            W_0,
            _blocks(network.Z_0.numpy()) if network.kept else np.empty((0, n, LANES)),
            a,
            np.append(a[len(a) // LANES * LANES :], np.zeros(LANES))[:LANES],
            -X,
            y,
            G,
            H,
            np.ascontiguousarray(X if through_weights else step * G),
            np.ascontiguousarray(-step * X.T if through_weights else np.empty((0, n))),
            network.shard.first if network.shard else 0,
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
            algorithm.p if network.shard else 1,
        )

    def run(self, rounds: int, seed: torch.Tensor) -> Trajectory:
        """The trajectory of one seed (1,)."""
        network, problem = self.network, self.problem
        done = Trajectory.empty(network, self.algorithm, rounds)
        given = problem.law == GIVEN
        state = State.empty(problem)
        codes = np.zeros((len(state.codes) if given else 1, LANES), np.uint64)
        sums = np.zeros((problem.p + 3) * network.n)

        def draw(k: int) -> None:
            codes[:] = self._masks(k, seed)

        def everywhere(count: int) -> None:
            sums[:count] = network.total(torch.from_numpy(sums[:count])).numpy()

        over_processes = network.shard is not None
        train = part_by_part() if given or over_processes else train_seed
        train(
            problem, state, np.uint64(seed.item() % 2**64), codes, sums, done.local.numpy(),
            done.outputs.numpy(), done.frozen_noise.numpy(), done.displacement.numpy(),
            draw if given else None, everywhere if over_processes else None,
        )  # fmt: skip
        return done

    def _masks(self, k: int, seed: torch.Tensor) -> np.ndarray:
        """Masks of a round that the kernel cannot draw, as bits: (blocks, LANES)."""
        algorithm, network = self.algorithm, self.network
        p, xi = algorithm.p, algorithm.xi
        masks = sample_masks(algorithm.law, p, xi, network.m, seed, k, *network.part)[0].numpy()
        place = np.left_shift(np.uint64(1), np.arange(p, dtype=np.uint64))[:, None]
        return _blocks((masks * place).sum(0, dtype=np.uint64)[None])[:, 0]


def _blocks(rows: np.ndarray) -> np.ndarray:
    """(n, m) -> (blocks, n, LANES), the last block filled up with inactive neurons."""
    n, m = rows.shape
    blocks = np.empty((-(-m // LANES), n, LANES), rows.dtype)
    whole = m // LANES
    blocks[:whole] = rows[:, : whole * LANES].reshape(n, whole, LANES).swapaxes(0, 1)
    blocks[whole:] = 0
    blocks[whole:, :, : m % LANES] = rows[:, whole * LANES :]
    return blocks
