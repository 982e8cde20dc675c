"""Engines: ways to train all seeds that give the same numbers, and the choice between them.

plain   the trainer itself, in weight space: any device, the oracle of the others
torch   pre-activations alone, local steps by their linear recursion where no activation flips
fused   the same in one compiled kernel (numba, float64, CPU); needs the extra `fast`
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from typing import TypeVar

import torch

from theory.errors import InvalidArgument
from verify.masked_training.network import Network
from verify.masked_training.trainer import Algorithm, MaskSource, Observer, Round, train


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
    run: Callable[[torch.Tensor], Trajectory], rounds: int, seeds: torch.Tensor
) -> Iterator[Record]:
    """The records of seeds that are trained each alone, so that no batch can change a number.

    `run` gets a tensor of one seed.
    """
    split = torch.split(seeds, 1)
    done = in_threads(run, split) if seeds.device.type == "cpu" else [run(seed) for seed in split]
    names = [f.name for f in fields(Trajectory)]
    # (K, S, ...), but local has its times before the seeds
    whole = {name: torch.stack([getattr(t, name) for t in done], dim=1) for name in names}
    whole["local"] = whole["local"].transpose(1, 2)
    for k in range(rounds):
        yield Record(k, *(whole[name][k] for name in names))


CHUNK_ELEMENTS = 2**19
"""Local pre-activations of a batch of the trainer."""
NAMES = ("auto", "plain", "torch", "fused")
SMALL = 2**15
"""Local pre-activations of a seed below which batches of the trainer beat the engine torch."""
FEW_SAMPLES = 128
"""Samples up to which the fused kernel beats the matrix products of the engine torch."""


def choose(network: Network, algorithm: Algorithm, name: str = "auto") -> Engine:
    """The engine of that name; `auto` the fastest that can train this network."""
    if name not in NAMES:
        raise InvalidArgument("engine", name, "one of " + ", ".join(NAMES))
    if network.shard is not None:  # the trainer alone sums over processes
        if name not in ("auto", "plain"):
            raise InvalidArgument("engine", name, "plain: the neurons are spread over processes")
        return plain
    if name == "auto":
        name = _fastest(network, algorithm)
    if name == "plain":
        return plain
    if name == "torch":
        from verify.masked_training.sample_space import sample_space

        return sample_space
    missing = _missing(network, algorithm)
    if missing:
        raise InvalidArgument("engine", name, f"another one: {name} needs {missing}")
    from verify.masked_training.fused import fused

    return fused


def seeds_at_once(engine: Engine, network: Network, algorithm: Algorithm) -> int:
    """Seeds to give an engine at a time: the trainer's batches stay in the cache.

    The others train seed by seed; they take as many as make what is done per round between
    seeds, in the caller, small.
    """
    elements = algorithm.p * network.n * network.m
    if engine is plain:
        return max(1, CHUNK_ELEMENTS // elements)
    return torch.get_num_threads() * max(1, 8 * CHUNK_ELEMENTS // (elements * algorithm.tau))


def _fastest(network: Network, algorithm: Algorithm) -> str:
    if network.n <= FEW_SAMPLES and not _missing(network, algorithm):
        return "fused"
    return "plain" if algorithm.p * network.n * network.m < SMALL else "torch"


def _missing(network: Network, algorithm: Algorithm) -> str:
    """What the engine fused needs and has not, or nothing."""
    if importlib.util.find_spec("numba") is None:
        return "numba (pip install 'theorem-gate[fast]')"
    if network.X.device.type != "cpu" or network.X.dtype != torch.float64:
        return "float64 on the CPU"
    return "p <= 64" if algorithm.p > 64 else ""
