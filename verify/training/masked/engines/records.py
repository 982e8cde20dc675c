"""What engines give back: the records of rounds, and how seeds are trained each alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from typing import TypeVar

import torch

from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm


@dataclass(frozen=True, eq=False)
class Record:
    """What is kept of one round of S seeds; of one seed and all K rounds in a `Trajectory`.

    local         surrogate outputs g^l before each local step and after the last,
                  (tau + 1, S, p, n)
    outputs       of the whole network after the round, (S, n)
    frozen_noise  zbar with the outputs phi_r(W_0) in place of phi_r(W_k), (S, n)
    displacement  (sum_r ||phi_r(W_{k+1}) - phi_r(W_0)||^2)^{1/2}, (S,)
    """

    index: int
    local: torch.Tensor
    outputs: torch.Tensor
    frozen_noise: torch.Tensor
    displacement: torch.Tensor


T = TypeVar("T")
R = TypeVar("R")
Engine = Callable[[Network, Algorithm, int, torch.Tensor], Iterator[Record]]
"""(network, algorithm, rounds, seeds (S,) int64) -> the records of rounds 0, 1, ..."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One seed: local (K, tau + 1, p, n), outputs and frozen_noise (K, n), displacement (K,)."""

    local: torch.Tensor
    outputs: torch.Tensor
    frozen_noise: torch.Tensor
    displacement: torch.Tensor

    @classmethod
    def empty(cls, network: Network, algorithm: Algorithm, rounds: int) -> Trajectory:
        n, tau, p = network.n, algorithm.tau, algorithm.p
        new = partial(torch.empty, dtype=network.X.dtype, device=network.X.device)
        return cls(new(rounds, tau + 1, p, n), new(rounds, n), new(rounds, n), new(rounds))


def in_threads(run: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """run(item) of all items, as many at a time as torch has threads.

    Each has one: threads inside every small operation would lose more time to barriers.
    """
    threads = torch.get_num_threads()
    workers = min(threads, len(items))
    if workers == 1:
        return [run(item) for item in items]
    one = partial(torch.set_num_threads, 1)
    try:
        with ThreadPoolExecutor(workers, initializer=one) as pool:
            return list(pool.map(run, items))
    finally:  # torch keeps the number for threads to come
        torch.set_num_threads(threads)


def seed_by_seed(
    network: Network,
    run: Callable[[int, torch.Tensor], Trajectory],
    rounds: int,
    seeds: torch.Tensor,
) -> Iterator[Record]:
    """The records of seeds that are trained each alone, so that no batch can change a number.

    `run` gets the rounds and a tensor of one seed. In threads on the CPU, but in turn over
    processes: the sums of one seed must not mix with those of another.
    """
    split, one = torch.split(seeds, 1), partial(run, rounds)
    in_turn = network.shard is not None or seeds.device.type != "cpu"
    done = [one(seed) for seed in split] if in_turn else in_threads(one, split)
    names = [f.name for f in fields(Trajectory)]
    # (K, S, ...), but local has its times before the seeds
    whole = {name: torch.stack([getattr(t, name) for t in done], dim=1) for name in names}
    whole["local"] = whole["local"].transpose(1, 2)
    for k in range(rounds):
        yield Record(k, *(whole[name][k] for name in names))
