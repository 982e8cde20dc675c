"""Sparse ReLU networks as torch modules, what is counted in them, and how they are put together.

A `Part` is a network in the making: hidden layers, then an affine readout. Parts are joined one
after the other or side by side; `ReluNetwork` is what comes out. Matrices of the readout and of
the next layer are multiplied, so that joining costs no layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.linalg import block_diag

from theory.language.errors import InvalidArgument

Array = np.ndarray
Layer = tuple[Array, Array]
"""W (p', p) and v (p',): h -> relu(W h - v)."""


class ReluNetwork(torch.nn.Module):
    """x -> W_L relu(W_{L-1} ... relu(W_0 x - v_1) ... - v_L), in float64.

    weights  W_0, ..., W_L, of shapes (p_1, p_0), ..., (p_{L+1}, p_L)
    shifts   v_1, ..., v_L, of shapes (p_1,), ..., (p_L,); none at the output

    Maps (..., p_0) to (..., p_{L+1}). InvalidArgument for shapes that do not fit.
    """

    def __init__(self, weights: Sequence[Array], shifts: Sequence[Array]) -> None:
        super().__init__()
        inner = [W.shape for W in weights]
        if len(shifts) != len(weights) - 1:
            raise InvalidArgument(
                "shifts", len(shifts), f"{len(weights) - 1}: one per hidden layer"
            )
        for at, v in enumerate(shifts):
            if v.shape != inner[at][:1] or inner[at + 1][1] != inner[at][0]:
                raise InvalidArgument(
                    "shifts", v.shape, f"{inner[at][:1]}, as the weights around it"
                )
        self.weights = torch.nn.ParameterList(
            [torch.tensor(W, dtype=torch.float64) for W in weights]
        )
        self.shifts = torch.nn.ParameterList([torch.tensor(v, dtype=torch.float64) for v in shifts])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for W, v in zip(self.weights, self.shifts, strict=False):
            x = torch.relu(x @ W.T - v)
        return x @ self.weights[-1].T

    @torch.no_grad()
    def values(self, x: Array) -> Array:
        """At rows x (..., p_0): (..., p_{L+1}), as numpy arrays."""
        return np.asarray(self(torch.as_tensor(x, dtype=torch.float64)).numpy())


@dataclass(frozen=True)
class Size:
    """What is counted in the parameters of a network.

    layers    hidden layers (L)
    widths    p_0, ..., p_{L+1}
    nonzeros  parameters that are not 0 (s)
    largest   the largest absolute value of a parameter
    """

    layers: int
    widths: tuple[int, ...]
    nonzeros: int
    largest: float


def size_of(network: torch.nn.Module) -> Size:
    """Count layers, widths and nonzeros in the parameters of a module.

    Any chain of layers: its matrices, in the order of `parameters()`, are W_0, ..., W_L.
    InvalidArgument where they do not follow one another.
    """
    parameters = [p.detach() for p in network.parameters()]
    shapes = [tuple(p.shape) for p in parameters if p.ndim == 2]
    if not shapes or any(b[1] != a[0] for a, b in pairwise(shapes)):
        raise InvalidArgument("network", shapes, "matrices that follow one another")
    return Size(
        layers=len(shapes) - 1,
        widths=(shapes[0][1], *(rows for rows, _ in shapes)),
        nonzeros=sum(int(torch.count_nonzero(p)) for p in parameters),
        largest=max((float(p.abs().max()) for p in parameters if p.numel()), default=0.0),
    )


@dataclass(frozen=True, eq=False)
class Part:
    """Hidden layers, then the readout h -> A h + c."""

    layers: tuple[Layer, ...]
    A: Array
    c: Array

    @classmethod
    def affine(cls, A: ArrayLike, c: ArrayLike = 0.0) -> Part:
        """A readout of the inputs alone."""
        A = np.asarray(A, dtype=np.float64)
        return cls((), A, np.broadcast_to(np.asarray(c, dtype=np.float64), A.shape[:1]))

    def relu(self, W: ArrayLike, v: ArrayLike = 0.0) -> Part:
        """One more hidden layer relu(W y - v) of the readout y; it is read out as it is."""
        W = np.asarray(W, dtype=np.float64)
        layer = (W @ self.A, np.broadcast_to(np.asarray(v), W.shape[:1]) - W @ self.c)
        return Part((*self.layers, layer), np.eye(len(W)), np.zeros(len(W)))

    def read(self, A: ArrayLike, c: ArrayLike = 0.0) -> Part:
        """The readout A y + c of the readout y."""
        A = np.asarray(A, dtype=np.float64)
        return Part(self.layers, A @ self.A, A @ self.c + np.asarray(c))

    def then(self, other: Part) -> Part:
        """Another part that takes this readout as its inputs."""
        if not other.layers:
            return self.read(other.A, other.c)
        W, v = other.layers[0]
        first = (W @ self.A, v - W @ self.c)
        return Part((*self.layers, first, *other.layers[1:]), other.A, other.c)

    def carried(self, depth: int) -> Part:
        """The same readout, which must not be negative, after so many layers."""
        found = self
        while len(found.layers) < depth:
            found = found.relu(np.eye(len(found.A)))
        return found

    def grown(self, factor: float) -> Part:
        """factor > 0 times the readout, which must not be negative, by weights of at most 1.

        Every layer doubles: two copies of each number are added.
        """
        doublings = max(0, math.ceil(math.log2(factor)))
        found, k = self, len(self.A)
        for at in range(doublings):
            W = np.vstack([np.eye(k), np.eye(k)]) * (factor / 2**doublings if at == 0 else 1.0)
            found = found.relu(W).read(np.hstack([np.eye(k), np.eye(k)]))
        return found if doublings else found.read(factor * np.eye(k))

    def network(self) -> ReluNetwork:
        """The module; its readout must have no constant."""
        if self.c.any():
            raise InvalidArgument("c", self.c, "0: the class has no shift at the output")
        return ReluNetwork([*(W for W, _ in self.layers), self.A], [v for _, v in self.layers])


def side_by_side(parts: Sequence[Part]) -> Part:
    """Parts of one depth, each on inputs of its own."""
    layers = tuple(
        (block_diag(*(W for W, _ in level)), np.concatenate([v for _, v in level]))
        for level in zip(*(part.layers for part in parts), strict=True)
    )
    return Part(layers, block_diag(*(p.A for p in parts)), np.concatenate([p.c for p in parts]))
