"""Neurons spread over the processes of torch.distributed.

Every process holds a run of consecutive neurons and trains them as if alone; what is summed over
neurons (outputs of surrogates: n numbers each; kernels) goes over the wire. All processes then
know the same numbers and take the same decisions. Masks are functions of seed, round and neuron,
so every process draws its own part of them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist

from theory.language.errors import InvalidArgument
from verify.training.processes import alone

PATIENCE = timedelta(minutes=10)
"""A process that is silent for so long counts as lost."""


class ProcessLostError(RuntimeError):
    """Another process of the run died or hangs."""


@dataclass(frozen=True)
class Shard:
    """The neurons first, ..., last - 1 of `total`."""

    first: int
    last: int
    total: int

    @property
    def neurons(self) -> slice:
        """Where they are among all."""
        return slice(self.first, self.last)

    def sum(self, part: torch.Tensor) -> torch.Tensor:
        """The sum over all processes."""
        return _reduced(part, dist.ReduceOp.SUM)

    def largest(self, part: torch.Tensor) -> torch.Tensor:
        """The entrywise maximum over all processes."""
        return _reduced(part, dist.ReduceOp.MAX)


def current(m: int) -> Shard | None:
    """The shard of this process of a network of m neurons; None where there is one process."""
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return None
    rank, world = dist.get_rank(), dist.get_world_size()
    if m < world:
        raise InvalidArgument("width", m, f"at least {world}: a neuron for every process")
    return Shard(m * rank // world, m * (rank + 1) // world, m)


@contextmanager
def processes() -> Iterator[None]:
    """Join the processes that torchrun started; nothing where it did not.

    They leave together: torchrun would stop the others when the first has left with an error.
    Told to stop, a process raises ProcessLostError and has time to save what it knows.
    """
    if alone():
        yield
        return
    for name in ("MASTER_ADDR", "MASTER_PORT"):
        if not os.environ.get(name):
            allowed = "set, as by torchrun; or leave RANK and WORLD_SIZE unset"
            raise InvalidArgument(name, "", allowed)
    dist.init_process_group("gloo", timeout=PATIENCE)
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
        dist.barrier()
    finally:
        signal.signal(signal.SIGTERM, before)
        dist.destroy_process_group()


def _stop(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise ProcessLostError("told to stop, as when another process of the run is lost")


def _reduced(part: torch.Tensor, operation: dist.ReduceOp.RedOpType) -> torch.Tensor:
    found = part.clone(memory_format=torch.contiguous_format)
    try:
        dist.all_reduce(found, operation)
    except (RuntimeError, ValueError) as error:  # gloo: connection closed, timed out
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun stops the rest: save first
        first = str(error).strip().partition("\n")[0]
        raise ProcessLostError(f"a process of the run is lost: {first}") from None
    return found
