"""The choice between the engines.

plain   the trainer itself, in weight space: any device, the oracle of the others
torch   pre-activations alone, local steps by their linear recursion where no activation flips
fused   the same compiled (numba, float64, CPU); needs the extra `fast`. Of few samples it is one
        kernel, of many the engine torch with a kernel for all that is between two products
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache

import torch

from theory.language.errors import InvalidArgument
from verify.training.masked import ENGINES
from verify.training.masked.engines.plain import plain
from verify.training.masked.engines.records import Engine
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

CHUNK_ELEMENTS = 2**19
"""Local pre-activations of a batch of the trainer."""
SMALL = 2**15
"""Local pre-activations of a seed below which batches of the trainer beat the engine torch."""
FEW_SAMPLES = 128
"""Samples up to which one fused kernel beats matrix products."""


def choose(network: Network, algorithm: Algorithm, name: str = "auto") -> Engine:
    """The engine of that name; `auto` the fastest that can train this network."""
    if name not in ENGINES:
        raise InvalidArgument("engine", name, "one of " + ", ".join(ENGINES))
    if name == "auto":
        name = _fastest(network, algorithm)
    if name == "plain":
        return plain
    if name == "torch":
        from verify.training.masked.engines.sample_space import sample_space

        return sample_space
    missing = _missing(network, algorithm)
    if missing:
        raise InvalidArgument("engine", name, f"another one: {name} needs {missing}")
    return _fused() if network.n <= FEW_SAMPLES else _fused_products()


def seeds_at_once(engine: Engine, network: Network, algorithm: Algorithm) -> int:
    """Seeds to give an engine at a time: the trainer's batches stay in the cache.

    The others train seed by seed; they take as many as make what is done per round between
    seeds, in the caller, small. All processes of a run take as many.
    """
    elements = algorithm.p * network.n * network.m
    if engine is plain:
        return max(1, CHUNK_ELEMENTS // elements)
    threads = torch.get_num_threads() if network.shard is None else 1
    return threads * max(1, 8 * CHUNK_ELEMENTS // (elements * algorithm.tau))


def _fastest(network: Network, algorithm: Algorithm) -> str:
    small = algorithm.p * network.n * network.m < SMALL
    if small and network.n > FEW_SAMPLES:
        return "plain"
    if not _missing_somewhere(network, algorithm):
        return "fused"
    return "plain" if small else "torch"


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
    from verify.training.masked.engines.fused import fused

    return fused


def _fused_products() -> Engine:
    from verify.training.masked.engines.fused_groups import fused_products

    return fused_products


def _missing_somewhere(network: Network, algorithm: Algorithm) -> bool:
    """Whether a process of the run cannot use the engine fused: all must take the same."""
    return bool(network.largest(network.y.new_tensor(bool(_missing(network, algorithm)))))


def _missing(network: Network, algorithm: Algorithm) -> str:
    """What the engine fused needs and has not, or nothing."""
    if importlib.util.find_spec("numba") is None:
        return "numba (pip install 'theorem-gate[fast]')"
    if network.X.device.type != "cpu" or network.X.dtype != torch.float64:
        return "float64 on the CPU"
    if algorithm.p > 64 and network.n <= FEW_SAMPLES:
        return "p <= 64"
    return _broken()
