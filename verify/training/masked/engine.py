"""Engines: ways to train all seeds that give the same numbers, and the choice between them.

plain   the trainer itself, in weight space: any device, the oracle of the others
torch   pre-activations alone, local steps by their linear recursion where no activation flips
fused   the same in one compiled kernel (numba, float64, CPU); needs the extra `fast`
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import cache

import torch

from theory.language.errors import InvalidArgument
from verify.training.masked import ENGINES
from verify.training.masked.network import Network
from verify.training.masked.records import Engine, Record
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


CHUNK_ELEMENTS = 2**19
"""Local pre-activations of a batch of the trainer."""
SMALL = 2**15
"""Local pre-activations of a seed below which batches of the trainer beat the engine torch."""
FEW_SAMPLES = 128
"""Samples up to which the fused kernel beats the matrix products of the engine torch."""


def choose(network: Network, algorithm: Algorithm, name: str = "auto") -> Engine:
    """The engine of that name; `auto` the fastest that can train this network."""
    if name not in ENGINES:
        raise InvalidArgument("engine", name, "one of " + ", ".join(ENGINES))
    if network.shard is not None:  # the trainer alone sums over processes
        if name not in ("auto", "plain"):
            raise InvalidArgument("engine", name, "plain: the neurons are spread over processes")
        return plain
    if name == "auto":
        name = _fastest(network, algorithm)
    if name == "plain":
        return plain
    if name == "torch":
        from verify.training.masked.sample_space import sample_space

        return sample_space
    missing = _missing(network, algorithm)
    if missing:
        raise InvalidArgument("engine", name, f"another one: {name} needs {missing}")
    return _fused()


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


@cache
def _broken() -> str:
    """Why numba is here and does not work, in a line that is told once; or nothing."""
    try:
        _fused()
    except Exception as error:  # an installation may be broken in any way
        why = str(error).strip().partition("\n")[0]
        print(f"note: the engine fused is left out, for numba fails: {why}", file=sys.stderr)
        return f"a numba that works ({why})"
    return ""


def _fused() -> Engine:
    from verify.training.masked.fused import fused

    return fused


def _missing(network: Network, algorithm: Algorithm) -> str:
    """What the engine fused needs and has not, or nothing."""
    if importlib.util.find_spec("numba") is None:
        return "numba (pip install 'theorem-gate[fast]')"
    if network.X.device.type != "cpu" or network.X.dtype != torch.float64:
        return "float64 on the CPU"
    return "p <= 64" if algorithm.p > 64 else _broken()
