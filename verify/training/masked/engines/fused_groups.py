"""The engine `fused` for many samples: `sample_space`, compiled between its matrix products.

What lies between two products goes through the pre-activations once: a row of a surrogate stays
in the cache from its output to its gradients, which the next product reads. Needs numba.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from verify.training.masked.engines.fused_layout import entry
from verify.training.masked.engines.groups import Group, Move
from verify.training.masked.engines.records import Record, in_threads, seed_by_seed
from verify.training.masked.engines.sample_space import SampleSpace
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm


def fused_products(
    network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor
) -> Iterator[Record]:
    """The engine `fused` for many samples: any law, float64 on the CPU."""
    return seed_by_seed(
        network, SampleSpace(network, algorithm, group=FusedGroup).run, rounds, seeds
    )


class FusedGroup(Group):
    """A group whose passes are compiled: all in one run of samples, row by row."""

    @staticmethod
    def _room(Z: torch.Tensor, columns: int) -> torch.Tensor:
        """Rows begin at full vectors of the processor: products are up to 3 % faster.

        An odd number of vectors keeps rows apart in the cache.
        """
        return Z.new_empty(len(Z), 8 * (-(-columns // 8) | 1))[:, :columns]

    def _start(self, Z: torch.Tensor, widths: list[int], signs: Sequence[torch.Tensor]) -> None:
        self.none = torch.zeros_like(self.g)
        edges = torch.tensor([0, *widths]).cumsum(0)
        # whole rows, of which the compiler knows that they are contiguous
        local, V = (_whole(each) for each in (self.local, self.V))
        arrays = torch.cat(list(signs)), edges, self.y.contiguous(), self.g, self.e
        self.arrays = [local, V, *(each.numpy() for each in arrays)]
        _gather(Z.numpy(), self.who.numpy(), local)

    def outputs(self, rest: torch.Tensor | None, and_residuals: bool) -> None:
        rest = self.none if rest is None else rest.contiguous()
        _pass(*self.arrays, rest.numpy(), True, and_residuals)

    def residuals(self) -> None:
        _pass(*self.arrays, self.none.numpy(), False, True)

    def move(self, Z: torch.Tensor) -> Move:
        """These neurons and where they are now: `average` subtracts."""
        return self.who, self.local

    @staticmethod
    def average(Z: torch.Tensor, moves: Sequence[Move], held: torch.Tensor) -> None:
        def some(rows: slice) -> None:
            z, z_0 = Z.numpy()[rows], Z[rows].clone().numpy()
            for who, local in moves:
                _add(z, z_0, who.numpy(), _whole(local)[rows], held[who].to(Z).numpy())

        half = len(Z) // 2  # two threads may take a half of the samples each
        in_threads(some, [slice(0, half), slice(half, len(Z))])


def _whole(part: torch.Tensor) -> Any:
    """The array (n, .) of which this is the first columns."""
    return part.as_strided((len(part), part.stride(0)), (part.stride(0), 1)).numpy()


@entry
def _pass(
    local: Any, V: Any, signs: Any, edges: Any, y: Any, g: Any, e: Any, rest: Any,
    outputs: bool, residuals: bool,
) -> None:  # fmt: skip
    """Group.outputs, Group.residuals, or both; surrogate q has the columns from edges[q] on."""
    for i in range(len(local)):
        for q in range(len(g)):
            some = slice(edges[q], edges[q + 1])
            z, v, s = local[i, some], V[i, some], signs[some]  # slices let the compiler use vectors
            if outputs:
                total = 0.0
                for r in range(len(z)):
                    total += (0.0 if z[r] <= 0.0 else z[r]) * s[r]  # NaN stays NaN
                g[q, i] = total + rest[q, i]
            if residuals:
                e[q, i] = residual = g[q, i] - y[i]
                for r in range(len(z)):
                    v[r] = 0.0 if z[r] <= 0.0 else residual * s[r]


@entry
def _gather(Z: Any, who: Any, local: Any) -> None:
    for i in range(len(Z)):
        z, own = Z[i], local[i]
        for r in range(len(who)):
            own[r] = z[who[r]]


@entry
def _add(Z: Any, start: Any, who: Any, local: Any, held: Any) -> None:
    """What neurons have moved from the start over how many move them, added to Z."""
    for i in range(len(Z)):
        z, z_0, own = Z[i], start[i], local[i]
        for r in range(len(who)):
            own[r] = (own[r] - z_0[who[r]]) / held[r]
        for r in range(len(who)):
            z[who[r]] += own[r]
