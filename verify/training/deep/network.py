"""Deep networks of smooth activation, a batch of them at once, by matrices of features.

    h^l = beta_l h^{l-1} + nu_l sigma(W^l Phi(h^{l-1})),  l = 1..H, h^0 = x
    u   = kappa (<a, h^H> - its value at the start)

Phi is the identity, or gathers patches of q neighbouring pixels on a circle (convolution). Features
of one layer are a matrix with a row per sample and pixel. With g^l = d<a, h^H>/dh^l and B_l =
nu_l sigma'(z^l) o g^l the kernel is

    G = J J^T = kappa^2 (sum_l (B_l B_l^T) o (Phi_{l-1} Phi_{l-1}^T) + h^H (h^H)^T)

summed over the pixels of each pair of samples. The Jacobian J is never formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from theory.language.errors import InvalidArgument
from theory.mathematics.activations import smooth
from verify.judging.seeds import torch_generator
from verify.training.deep.activations import ACTIVATIONS


@dataclass(frozen=True)
class Design:
    """Layers of a network: what is added and what is kept in each, and the activation by name.

    beta, nu  one number per layer
    pixels    p: inputs are p pixels with d/p channels each, in this order; 1: fully connected
    patch     q: pixels of a patch, at most p
    """

    beta: tuple[float, ...]
    nu: tuple[float, ...]
    activation: str
    pixels: int = 1
    patch: int = 1

    def __post_init__(self) -> None:
        smooth(self.activation)
        if not self.nu or len(self.beta) != len(self.nu):
            raise InvalidArgument("beta", self.beta, f"as long as nu, {len(self.nu)} >= 1")
        if not 1 <= self.patch <= self.pixels:
            raise InvalidArgument("patch", self.patch, f"from 1 to pixels = {self.pixels}")

    @classmethod
    def plain(cls, depth: int, activation: str) -> Design:
        """h^l = sigma(W^l h^{l-1})."""
        return cls((0.0,) * depth, (1.0,) * depth, activation)

    @classmethod
    def fully_connected(cls, depth: int, m: int, activation: str) -> Design:
        """nu_l = sqrt(c_s/m): features of unit length at infinite width."""
        nu = (smooth(activation).c_s / m) ** 0.5
        return cls((0.0,) * depth, (nu,) * depth, activation)

    @classmethod
    def residual(
        cls, depth: int, m: int, activation: str, c_res: float, pixels: int = 1, patch: int = 1
    ) -> Design:
        """beta_l = 1, nu_l = c_res/(H sqrt(m)) from the second layer on; the first as above."""
        first, later = (smooth(activation).c_s / m) ** 0.5, c_res / (depth * m**0.5)
        beta = (0.0, *(1.0,) * (depth - 1))
        return cls(beta, (first, *(later,) * (depth - 1)), activation, pixels, patch)

    @property
    def depth(self) -> int:
        return len(self.nu)


@dataclass(frozen=True, eq=False)
class Parameters:
    """W^l of shape (S, m_l, q m_{l-1}) for l = 1..H, a of shape (S, p m_H): S networks, float64."""

    W: tuple[Tensor, ...]
    a: Tensor

    @classmethod
    def gaussian(
        cls, design: Design, d: int, widths: Sequence[int], salts: Sequence[str]
    ) -> Parameters:
        """Independent N(0, 1) entries; one network per salt."""
        sizes = [d // design.pixels, *widths]
        shapes = [(m, design.patch * before) for before, m in zip(sizes, widths, strict=False)]
        drawn = []
        for salt in salts:
            generator = torch_generator("deep", salt)
            shape = [*shapes, (design.pixels * sizes[-1],)]
            drawn.append([torch.randn(s, generator=generator, dtype=torch.float64) for s in shape])
        *W, a = (torch.stack(each) for each in zip(*drawn, strict=True))
        return cls(tuple(W), a)

    def clone(self) -> Parameters:
        """A copy with tensors of its own."""
        return Parameters(tuple(W.clone() for W in self.W), self.a.clone())

    def minus(self, other: Parameters) -> Parameters:
        """The displacement from `other`, of the same shapes."""
        pairs = zip(self.W, other.W, strict=True)
        return Parameters(tuple(W - V for W, V in pairs), self.a - other.a)

    def plus(self, flat: Tensor) -> Parameters:
        """Displaced by vectors (S, P), in the order W^1, .., W^H, a."""
        sizes = [W[0].numel() for W in self.W] + [self.a.shape[1]]
        *moved, last = torch.split(flat, sizes, dim=1)
        pairs = zip(self.W, moved, strict=True)
        return Parameters(tuple(W + v.view_as(W) for W, v in pairs), self.a + last)

    def flat(self) -> Tensor:
        """All parameters as vectors (S, P), in the same order."""
        return torch.cat([*(W.flatten(1) for W in self.W), self.a], dim=1)

    def norm(self) -> Tensor:
        """Euclidean norms of all parameters together, (S,)."""
        squares = [W.square().sum((-2, -1)) for W in self.W] + [self.a.square().sum(-1)]
        return torch.stack(squares).sum(0).sqrt()

    def part(self, which: slice) -> Parameters:
        """Some networks of the batch; the same memory."""
        return Parameters(tuple(W[which] for W in self.W), self.a[which])


@dataclass(frozen=True, eq=False)
class Network:
    """A batch of S networks at their start, on common inputs X (n, d), with gains kappa (S,).

    trained  whether each of W^1, .., W^H and a is a parameter: all, unless given
    """

    design: Design
    X: Tensor
    start: Parameters
    kappa: Tensor
    trained: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        design, p, S = self.design, self.design.pixels, len(self.start.a)
        if not self.trained:
            object.__setattr__(self, "trained", (True,) * (design.depth + 1))
        if len(self.trained) != design.depth + 1:
            raise InvalidArgument("trained", self.trained, f"of length {design.depth + 1}")
        if self.X.ndim != 2 or self.X.shape[1] % p:
            raise InvalidArgument("X", tuple(self.X.shape), f"(n, d), d a multiple of pixels = {p}")
        if self.kappa.shape != (S,):
            raise InvalidArgument("kappa", tuple(self.kappa.shape), f"of shape ({S},)")
        if len(self.start.W) != design.depth:
            raise InvalidArgument("W", len(self.start.W), f"{design.depth} matrices, one per layer")
        before = self.X.shape[1] // p
        for at, W in enumerate(self.start.W, 1):
            if W.ndim != 3 or (W.shape[0], W.shape[2]) != (S, design.patch * before):
                allowed = f"of shape ({S}, m, {design.patch * before})"
                raise InvalidArgument(f"W^{at}", tuple(W.shape), allowed)
            if design.beta[at - 1] and W.shape[1] != before:
                raise InvalidArgument(f"W^{at}", tuple(W.shape), "square: what it adds to is kept")
            before = W.shape[1]
        if self.start.a.shape != (S, p * before):
            raise InvalidArgument("a", tuple(self.start.a.shape), f"of shape ({S}, {p * before})")

    @property
    def n(self) -> int:
        """Samples."""
        return self.X.shape[0]

    def at(self, parameters: Parameters, X: Tensor | None = None) -> State:
        """The networks at other parameters, on these inputs or on others (n', d)."""
        return State(self, parameters, self.X if X is None else X)

    @cached_property
    def initial(self) -> State:
        """The networks at their start, on their inputs."""
        return self.at(self.start)

    def check_positive(self, name: str, values: Tensor) -> None:
        """InvalidArgument unless there is a finite number > 0 for each network."""
        if values.shape != self.kappa.shape or not bool(((values > 0) & values.isfinite()).all()):
            raise InvalidArgument(name, values.tolist(), "one finite number > 0 per network")

    def with_gain(self, kappa: Tensor) -> Network:
        """The same start with other gains kappa (S,)."""
        return replace(self, kappa=kappa)

    def part(self, which: slice) -> Network:
        """Some of the S networks."""
        return replace(self, start=self.start.part(which), kappa=self.kappa[which])


class State:
    """Networks at some parameters: features at once, what else is asked for when it is.

    f (S, n) is <a, h^H>. Lists over layers 1..H: `phi`, Phi(h^{l-1}) (S, n p, q m_{l-1}); `slopes`,
    sigma'(z^l); `h`, features with h^0 first, (S, n p, m_l). For inputs that all networks share, S
    is 1 in `phi[0]` and `h[0]`.
    """

    def __init__(self, network: Network, parameters: Parameters, X: Tensor) -> None:
        self.network, self.parameters, self.design = network, parameters, network.design
        self.n, p = len(X), self.design.pixels
        self.h = [X.reshape(1, self.n * p, -1)]
        self.phi, self.slopes = [], []
        sigma = ACTIVATIONS[self.design.activation]
        for beta, nu, W in zip(self.design.beta, self.design.nu, parameters.W, strict=True):
            self.phi.append(self._patches(self.h[-1]))
            value, slope = sigma(self.phi[-1] @ W.mT)
            self.slopes.append(slope)
            value = value.mul_(nu) if self.design.activation != "identity" else value * nu
            self.h.append(value if not beta else value.add_(self.h[-1], alpha=beta))
        self.last = self.h[-1].reshape(len(parameters.a), self.n, -1)
        self.f = (self.last @ parameters.a[:, :, None]).squeeze(-1)

    @cached_property
    def outputs(self) -> Tensor:
        """u (S, n), 0 at the start."""
        start = self.network.initial.f
        return self.network.kappa[:, None] * (self.f - start)

    @cached_property
    def B(self) -> list[Tensor]:
        """nu_l sigma'(z^l) o g^l, (S, n p, m_l), for l = 1..H."""
        return self._backward[1]

    @cached_property
    def g(self) -> list[Tensor]:
        """d<a, h^H>/dh^l, (S, n p, m_l), for l = 1..H."""
        return self._backward[0]

    @cached_property
    def _backward(self) -> tuple[list[Tensor], list[Tensor]]:
        design, p = self.design, self.design.pixels
        a = self.parameters.a
        pixels = a.reshape(len(a), p, -1)
        g = [pixels.expand(-1, self.n, -1) if p == 1 else pixels.repeat(1, self.n, 1)]
        B: list[Tensor] = []
        for at in reversed(range(design.depth)):
            B.insert(0, (self.slopes[at] * g[0]).mul_(design.nu[at]))
            if at:
                before = self._patches_transposed(B[0] @ self.parameters.W[at])
                beta = design.beta[at]
                g.insert(0, before.add_(g[0], alpha=beta) if beta else before)
        return g, B

    def kernel(self) -> Tensor:
        """G = J J^T, (S, n, n)."""
        found = torch.zeros_like(self.f[:, :, None]).expand(-1, -1, self.n)
        if self.network.trained[-1]:
            found = self.last @ self.last.mT
        for at in self._trained:
            B, phi = self.B[at], self.phi[at]
            found = found + self._by_sample((B @ B.mT) * (phi @ phi.mT))
        return self._gain_squared * found

    def change(self) -> Tensor:
        """(J - J_0)(J - J_0)^T, (S, n, n), from differences of features: nothing cancels."""
        start = self.network.initial
        last = (self.last - start.last) * self.network.trained[-1]
        found = last @ last.mT
        for at in self._trained:
            B, B_0, phi = self.B[at], start.B[at], self.phi[at]
            dB, dphi = B - B_0, phi - start.phi[at]
            cross = (dB @ B_0.mT) * (phi @ dphi.mT)
            part = (dB @ dB.mT) * (phi @ phi.mT) + (B_0 @ B_0.mT) * (dphi @ dphi.mT)
            found = found + self._by_sample(part + cross + cross.mT)
        return self._gain_squared * found

    def linear(self, by: Parameters) -> Tensor:
        """J times a displacement of the parameters, (S, n)."""
        found = (self.last @ by.a[:, :, None]).squeeze(-1)
        for B, phi, W in zip(self.B, self.phi, by.W, strict=True):
            terms = ((phi @ W.mT) * B).sum(-1)
            found = found + terms.reshape(len(terms), self.n, -1).sum(-1)
        return self.network.kappa[:, None] * found

    def step(self, weights: Tensor) -> None:
        """Subtract sum_i weights_i du_i/dt from what is trained, in place; weights (S, n)."""
        self._add(self.parameters, weights, -1.0)

    def pulled(self, weights: Tensor) -> Parameters:
        """sum_i weights_i du_i/dt, 0 for what is not trained; weights (S, n)."""
        start = self.parameters
        found = Parameters(tuple(map(torch.zeros_like, start.W)), torch.zeros_like(start.a))
        self._add(found, weights, 1.0)
        return found

    def _add(self, to: Parameters, weights: Tensor, alpha: float) -> None:
        """Add alpha sum_i weights_i du_i/dt, in place."""
        scaled = weights * self.network.kappa[:, None]
        B = self.B  # before a changes
        rows = scaled.repeat_interleave(self.design.pixels, dim=1)[:, :, None]
        if self.network.trained[-1]:
            to.a.add_((scaled[:, None, :] @ self.last).squeeze(1), alpha=alpha)
        for at in self._trained:
            W, left = to.W[at], (B[at] * rows).mT
            W.baddbmm_(left, self.phi[at].expand(len(W), -1, -1), alpha=alpha)

    @property
    def _trained(self) -> list[int]:
        """The layers whose weights are parameters."""
        return [at for at in range(self.design.depth) if self.network.trained[at]]

    @property
    def _gain_squared(self) -> Tensor:
        return self.network.kappa.square()[:, None, None]

    def _by_sample(self, products: Tensor) -> Tensor:
        """Sums of (S, n p, n p) over the pixels of each pair of samples."""
        p = self.design.pixels
        if p == 1:
            return products
        return products.reshape(len(products), self.n, p, self.n, p).sum((2, 4))

    def _patches(self, h: Tensor) -> Tensor:
        q, p = self.design.patch, self.design.pixels
        if q == 1:
            return h
        pixels = h.reshape(len(h), self.n, p, -1)
        gathered = [pixels.roll(-shift, dims=2) for shift in range(q)]
        return torch.cat(gathered, -1).reshape(len(h), self.n * p, -1)

    def _patches_transposed(self, rows: Tensor) -> Tensor:
        q, p = self.design.patch, self.design.pixels
        if q == 1:
            return rows
        parts = rows.reshape(len(rows), self.n, p, q, -1).unbind(3)
        spread = sum(part.roll(shift, dims=2) for shift, part in enumerate(parts))
        return torch.as_tensor(spread).reshape(len(rows), self.n * p, -1)
