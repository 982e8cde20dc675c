"""The shallow ReLU network at initialisation, and its linearisation there.

Weights are stored with the neurons on the last axis: W has shape (..., d, m).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import torch

from theory.language.errors import InvalidArgument
from verify.judging.seeds import torch_generator
from verify.training.masked.shards import Shard, current

BLOCK = 2**22
"""Pre-activations of a block; wide networks are looked at block by block."""
CACHED = 2**16
"""Pre-activations that stay in the cache of a processor between two passes."""
CHUNK = 2**20
"""Numbers drawn at a time. torch draws normal numbers in groups of 16: a multiple of these."""


@dataclass(frozen=True, eq=False)
class Network:
    """f_W(x) = m^{-1/2} sum_r a_r relu(<w_r, x>) at W_0 on the inputs X with targets y.

    X (n, d), y (n,), W_0 (d, m), a (m,), all of one dtype on one device. Of a shard W_0 and a hold
    the neurons of this process, and sums over neurons are those over all processes.
    """

    X: torch.Tensor
    y: torch.Tensor
    W_0: torch.Tensor
    a: torch.Tensor
    shard: Shard | None = None

    def __post_init__(self) -> None:
        (n, d), m = self.X.shape, self.a.numel()
        if self.W_0.shape != (d, m) or self.y.shape != (n,):
            shapes = tuple(self.W_0.shape), tuple(self.y.shape)
            raise InvalidArgument("W_0, y", shapes, f"of shapes ({d}, {m}) and ({n},)")

    @classmethod
    def draw(
        cls, X: torch.Tensor, y: torch.Tensor, m: int, kappa: float, *labels: object
    ) -> Network:
        """W_0 ~ N(0, kappa^2), a uniform on {-1, 1}, from the seed that the labels give."""
        generator = torch_generator("W_0", *labels)
        shard = current(m)
        mine = slice(0, m) if shard is None else shard.neurons

        def normal(count: int) -> torch.Tensor:
            return torch.randn(count, generator=generator, dtype=torch.float64)

        def bits(count: int) -> torch.Tensor:
            return torch.randint(0, 2, (count,), generator=generator, dtype=torch.float64)

        W_0 = _drawn(normal, X.shape[1], m, mine).mul_(kappa)
        a = _drawn(bits, 1, m, mine)[0].mul_(2.0).sub_(1.0)
        return cls(X, y, W_0.to(X), a.to(X), shard)

    @property
    def m(self) -> int:
        """The width, of all processes together."""
        return self.a.numel() if self.shard is None else self.shard.total

    @property
    def part(self) -> tuple[slice, ...]:
        """The neurons of this process, or nothing where it has all."""
        return () if self.shard is None else (self.shard.neurons,)

    def total(self, part: torch.Tensor) -> torch.Tensor:
        """A sum over neurons from that over the neurons of this process."""
        return part if self.shard is None else self.shard.sum(part)

    def largest(self, part: torch.Tensor) -> torch.Tensor:
        """A maximum over neurons from that over the neurons of this process."""
        return part if self.shard is None else self.shard.largest(part)

    @property
    def n(self) -> int:
        return self.X.shape[0]

    @cached_property
    def G(self) -> torch.Tensor:
        """Gram matrix X X^T, (n, n)."""
        return self.X @ self.X.T

    @cached_property
    def Z_0(self) -> torch.Tensor:
        """Pre-activations at W_0, (n, m); of wide networks better taken in blocks."""
        return self.X @ self.W_0

    @property
    def kept(self) -> bool:
        """Whether Z_0 is worth its memory: it is small, or smaller than W_0."""
        n, d = self.X.shape
        return d > n or n * self.a.numel() <= BLOCK

    def blocks(self, numbers: int | None = None) -> Iterator[tuple[slice, torch.Tensor]]:
        """Runs of neurons of this process, and Z_0 of each, of about so many numbers."""
        width = max(1, (numbers or BLOCK) // self.n)
        for at in range(0, self.a.numel(), width):
            part = slice(at, min(at + width, self.a.numel()))
            yield part, self.Z_0[:, part] if self.kept else self.X @ self.W_0[:, part]

    @property
    def _small(self) -> int:
        """Pre-activations of a block that sums of n by n numbers are taken over."""
        if self.X.device.type != "cpu":
            return BLOCK
        return min(BLOCK, max(CACHED, 16 * self.n**2))

    @cached_property
    def D_0(self) -> torch.Tensor:
        """Activation patterns at W_0, (n, m), bool."""
        return self.Z_0 > 0

    @cached_property
    def H(self) -> torch.Tensor:
        """Neural tangent kernel at W_0, (n, n)."""
        return self.masked_kernel(torch.ones_like(self.a)[None])[0]

    @cached_property
    def Phi(self) -> torch.Tensor:
        """Output covariance sum_r phi_r phi_r^T at W_0, (n, n)."""
        blocks = self.blocks(self._small)
        return self.total(summed(output_covariance(Z) * (Z.shape[1] / self.m) for _, Z in blocks))

    @cached_property
    def concentration(self) -> float:
        """sum_r ||phi_r||^4/(tr Phi)^2 at W_0: about 1/m, 1 where one neuron makes the output."""
        squares = (Z.clamp(min=0.0).square().sum(0) for _, Z in self.blocks(self._small))
        parts = (torch.stack([each.square().sum(), each.sum()]) for each in squares)
        fourth, second = self.total(summed(parts))
        return float(fourth / second.square().clamp(min=1e-300))

    @cached_property
    def e_0(self) -> torch.Tensor:
        """Initial residual f_{W_0}(X) - y, (n,)."""
        parts = (self.own_outputs(Z, part) for part, Z in self.blocks(self._small))
        return self.total(summed(parts)) - self.y

    @cached_property
    def spectrum(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Eigenvalues (n,), increasing and not below 0, and eigenvectors (n, n) of H."""
        mu, v = torch.linalg.eigh(self.H)
        return mu.clamp(min=0.0), v

    def outputs(self, Z: torch.Tensor) -> torch.Tensor:
        """Outputs from pre-activations (..., n, m): (..., n)."""
        return self.total(self.own_outputs(Z))

    def own_outputs(self, Z: torch.Tensor, part: slice = slice(None)) -> torch.Tensor:
        """What neurons of this process, all or a part of them, add to the outputs: (..., n)."""
        return (Z.clamp(min=0.0) * self.a[part]).sum(-1) / self.m**0.5

    def masked_kernel(self, weights: torch.Tensor) -> torch.Tensor:
        """sum_r weights_r H_r at W_0 for weights (..., m): (..., n, n)."""
        patterns = ((part, (Z > 0).to(weights)) for part, Z in self.blocks(self._small))
        parts = ((D * weights[..., None, part]) @ D.T for part, D in patterns)
        return self.total(summed(parts)) * (self.G / self.m)

    def round_map(self, zeta: float, tau: int) -> torch.Tensor:
        """P = I - (I - zeta H)^tau, (n, n)."""
        identity = torch.eye(self.n, dtype=self.H.dtype, device=self.H.device)
        return identity - torch.linalg.matrix_power(identity - zeta * self.H, tau)


def output_covariance(Z: torch.Tensor) -> torch.Tensor:
    """Phi = sum_r phi_r phi_r^T from pre-activations (..., n, m): (..., n, n)."""
    relu = Z.clamp(min=0.0)
    return relu @ relu.transpose(-1, -2) / Z.shape[-1]


def summed(parts: Iterable[torch.Tensor]) -> torch.Tensor:
    """The sum of the parts, of which about log2 of their number are held at a time.

    Runs of 1, 2, 4, ... parts are added to runs as long.
    """
    runs: list[torch.Tensor] = []
    for count, part in enumerate(parts, 1):
        while count % 2 == 0:
            part, count = runs.pop() + part, count // 2
        runs.append(part)
        del part
    return sum(runs[-2::-1], runs[-1])


def _drawn(draw: Callable[[int], torch.Tensor], rows: int, m: int, mine: slice) -> torch.Tensor:
    """Some neurons of a matrix (rows, m) of numbers that are drawn row after row: (rows, .).

    They are drawn a chunk at a time: those of other processes are not held.
    """
    count = rows * m
    if count < 2 * CHUNK:
        return draw(count).reshape(rows, m)[:, mine].contiguous()
    found = torch.empty(rows, mine.stop - mine.start, dtype=torch.float64)
    at = 0
    while at < count:
        size = CHUNK if count - at >= 2 * CHUNK else count - at
        numbers = draw(size)
        for row in range(at // m, (at + size - 1) // m + 1):
            first = max(at, row * m + mine.start)
            last = min(at + size, row * m + mine.stop)
            if first < last:
                start = first - row * m - mine.start
                found[row, start : start + last - first] = numbers[first - at : last - at]
        at += size
    return found
