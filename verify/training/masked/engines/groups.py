"""The local steps of `sample_space`, the engine `torch`: some surrogates together.

The engine `fused` takes them for many samples, with passes of its own (`fused_groups`).

A matrix product of few columns is slow, for G is read again for each, so that narrow surrogates
share one. What is done between two products goes through the samples in runs that stay in the
cache: an output needs the pre-activations on its own sample alone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch

from verify.training.relu import relu_backward

COLUMNS = 1500
"""Neurons from which on wider products are hardly faster."""
ROWS = 2**17
"""Pre-activations of a run of samples, of one surrogate or several."""

Move = tuple[torch.Tensor, torch.Tensor]
"""Critical neurons (C,) of some surrogates and the change of their Z (n, C)."""


def grouped(widths: Sequence[int]) -> list[slice]:
    """Runs of surrogates whose neurons make wide products; whatever the number of threads is.

    An even number of runs, the longer ones first: two threads end together.
    """
    p = len(widths)
    count = min(p, max(2, 2 * -(-sum(widths) // (2 * COLUMNS))))
    edges = [0]
    for i in range(count):
        edges.append(edges[-1] + p // count + (i < p % count))
    return [slice(*pair) for pair in pairwise(edges)]


class Group:
    """The neurons of some surrogates that go step by step.

    who    which they are (C,), surrogate by surrogate
    local  their pre-activations (n, C); V (n, C) is room
    g      the outputs of the surrogates, (q, n); e, the same less the targets
    """

    def __init__(
        self,
        Z: torch.Tensor,
        who: Sequence[torch.Tensor],
        signs: Sequence[torch.Tensor],
        y: torch.Tensor,
    ) -> None:
        self.who = torch.cat(list(who))
        self.local, self.V = (self._room(Z, len(self.who)) for _ in range(2))
        self.g, self.e = Z.new_empty(2, len(who), len(Z))
        self.y = y
        self._start(Z, [len(each) for each in who], signs)

    @staticmethod
    def _room(Z: torch.Tensor, columns: int) -> torch.Tensor:
        return Z.new_empty(len(Z), columns)

    def _start(self, Z: torch.Tensor, widths: list[int], signs: Sequence[torch.Tensor]) -> None:
        torch.gather(Z, 1, self.who.expand(len(Z), -1), out=self.local)
        self.runs = list(self._runs(widths, signs))

    def _runs(self, widths: list[int], signs: Sequence[torch.Tensor]) -> Iterator[_Run]:
        """Views, made once: to slice takes as long as to work on a short run."""
        size = max(1, ROWS // max(1, len(self.who)))
        for at in range(0, len(self.y), size):
            rows = slice(at, at + size)
            g, e, V = self.g[:, rows], self.e[:, rows], self.V[rows]
            own = list(zip(torch.split(V, widths, dim=1), signs, g, e, strict=True))
            yield _Run(rows, self.local[rows], V, g, e, self.y[rows], own)

    def outputs(self, rest: torch.Tensor | None, and_residuals: bool) -> None:
        """g, the outputs of these neurons and `rest` (q, n); if told so the residuals, too."""
        for run in self.runs:
            self._outputs(run, rest)
            if and_residuals:
                self._residuals(run)

    def residuals(self) -> None:
        """e, and V: signs times e where a neuron is active."""
        for run in self.runs:
            self._residuals(run)

    def move(self, Z: torch.Tensor) -> Move:
        """How these neurons have moved from Z; `local` is lost."""
        return self.who, self.local.sub_(Z.gather(1, self.who.expand(len(Z), -1)))

    @staticmethod
    def average(Z: torch.Tensor, moves: Sequence[Move], held: torch.Tensor) -> None:
        """Add to Z (n, m) the moves, of every neuron over the number (m,) of those it has."""
        for who, change in moves:
            change.div_(held[who].to(Z))
            Z.scatter_add_(1, who.expand(len(Z), -1), change)

    def _outputs(self, run: _Run, rest: torch.Tensor | None) -> None:
        torch.clamp(run.local, min=0.0, out=run.V)
        for relu, signs, g, _ in run.own:
            torch.mv(relu, signs, out=g)
        if rest is not None:
            run.g.add_(rest[:, run.rows])

    def _residuals(self, run: _Run) -> None:
        torch.sub(run.g, run.y, out=run.e)
        for V, signs, _, e in run.own:
            torch.outer(e, signs, out=V)
        relu_backward(run.V, run.local)


class _Run(NamedTuple):
    """Some samples of a group: views of its arrays; `own`, V, signs, g and e of each surrogate."""

    rows: slice
    local: torch.Tensor
    V: torch.Tensor
    g: torch.Tensor
    e: torch.Tensor
    y: torch.Tensor
    own: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]


Steps = Generator[torch.Tensor, torch.Tensor, Move]
"""The local steps of a group: gives its outputs (q, n) over the neurons of this process, and gets
those over all; returns its move."""


def alone(steps: Steps) -> Move:
    """The move of surrogates whose neurons are all here, so that they ask for no sum."""
    try:
        next(steps)
    except StopIteration as done:
        move: Move = done.value
        return move
    raise RuntimeError("surrogates of one process asked for a sum over processes")


def side_by_side(
    runs: Sequence[Steps], total: Callable[[torch.Tensor], torch.Tensor]
) -> list[Move]:
    """The moves of groups that step together: one sum over processes for all of them."""
    outputs = [next(run) for run in runs]
    sizes = [len(g) for g in outputs]
    moves: list[Move] = []
    while not moves:
        sums = torch.split(total(torch.cat(outputs)), sizes)
        outputs = []
        for run, g in zip(runs, sums, strict=True):
            try:
                outputs.append(run.send(g))
            except StopIteration as done:
                moves.append(done.value)
    return moves
