"""The trainer in sample space: pre-activations Z = X W (n, m) are all its state.

A gradient step changes Z by a multiple of G V, V (n, m) the masked residuals of the active
neurons, so weights are never needed. In one round most neurons flip no activation. For these
the local residuals follow a linear recursion in R^n,

    e^l_t = e^l_0 - K^l (e^l_0 + ... + e^l_{t-1}) + (the others),
    K^l = eta/(xi^2 m) sum_r m^l_r D_r G D_r,

and a round is one product. The others are found by a bound: as long as no pattern changes, in
surrogate l the pre-activation on x_i times a_r falls by at most

    eta/(xi sqrt(m)) sum_j (G_ij^+ P^l_j + G_ij^- N^l_j),    P^l = sum_t (e^l_t)^+,  N^l alike,

and rises by at most the same with P and N exchanged. Neurons that can get to 0 so are critical and
go step by step. P and N are guessed, and the round is done again with larger ones where the paths
turn out longer: what is returned is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from verify.training.masked.engines.groups import (
    Group,
    Move,
    Steps,
    alone,
    grouped,
    side_by_side,
)
from verify.training.masked.engines.records import Record, Trajectory, in_threads, seed_by_seed
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm
from verify.training.relu import relu_backward

BLOCK = 2**17
"""Passes over Z take blocks of about this many numbers: they stay in the cache."""
HEADROOM = 1.25
"""The guessed length of the paths over that of gradient descent with the kernel at W_0."""
SLACK = 1 + 1e-9
"""What rounding may add to a path."""
MANY = 0.4
"""The share of critical neurons from which on all go step by step."""
PASSES = 4
"""Local steps of a neuron that cost as much as the linear recursion does."""


def sample_space(
    network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor
) -> Iterator[Record]:
    """The engine `torch`: any law, dtype and device."""
    return seed_by_seed(network, SampleSpace(network, algorithm).run, rounds, seeds)


@dataclass
class Paths:
    """What the local steps of all surrogates leave behind.

    outputs (tau + 1, p, n); total = sum_t e^l_t (p, n); length (2, p, n), sums of the positive
    and of the negative parts of the e^l_t;
    critical: neurons that went step by step, (m,), bool, or None for all; moves: how they moved
    """

    outputs: torch.Tensor
    total: torch.Tensor
    length: torch.Tensor
    critical: torch.Tensor | None
    moves: list[Move]


class SampleSpace:
    """Trains one seed at a time.

    `most` is the share of critical neurons beyond which all go step by step: 0 always, 1 never;
    by default the cost decides. `group` does what is between two products.
    """

    def __init__(
        self,
        network: Network,
        algorithm: Algorithm,
        most: float | None = None,
        group: type[Group] = Group,
    ) -> None:
        self.network, self.algorithm, self.group = network, algorithm, group
        n, d = network.X.shape
        self.weight_space = n >= 2 * d
        self.width = max(1, BLOCK // n)
        self.scale = 1 / (algorithm.xi * network.m**0.5)
        self.G_abs = network.G.abs()
        # of wide networks these are computed again, block by block
        self.signs = network.a * self.scale if network.kept else None
        self.relu_0 = network.Z_0.clamp(min=0.0) if network.kept else None
        self.most = (MANY if self._worthwhile() else 0.0) if most is None else most

    def run(self, rounds: int, seed: torch.Tensor) -> Trajectory:
        """The trajectory of one seed (1,)."""
        network, algorithm = self.network, self.algorithm
        done = Trajectory.empty(network, algorithm, rounds)
        Z = network.X.new_empty(network.n, network.a.numel())
        for part, Z_0 in network.blocks(BLOCK):
            Z[:, part] = Z_0
        for k in range(rounds):
            masks, held = self._masks(seed, k)
            paths = self._local_steps(Z, masks)
            done.local[k] = paths.outputs
            self._aggregate(Z, masks, held, paths)
            done.outputs[k], done.frozen_noise[k], done.displacement[k] = self._measured(Z, held)
        return done

    def _blocks(self) -> Iterator[slice]:
        """Runs of neurons, BLOCK numbers of Z each."""
        m = self.network.a.numel()
        return (slice(at, min(at + self.width, m)) for at in range(0, m, self.width))

    def _signs(self, block: slice) -> torch.Tensor:
        """Output weights of some neurons of a surrogate."""
        return self.network.a[block] * self.scale if self.signs is None else self.signs[block]

    def _masks(self, seed: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Masks of a round, (p, m), bool, and how many hold each neuron, (m,)."""
        network, algorithm = self.network, self.algorithm
        first = 0 if network.shard is None else network.shard.first
        masks = torch.empty(
            algorithm.p, network.a.numel(), dtype=torch.bool, device=network.X.device
        )
        dtype = network.a.dtype if network.kept else torch.int16
        held = torch.empty_like(masks[0], dtype=dtype)
        for block in self._blocks():
            there = slice(first + block.start, first + block.stop)
            masks[:, block] = algorithm.masks(network.m, there)(seed, k)[0]
            held[block] = masks[:, block].sum(0)
        return masks, held

    def _worthwhile(self) -> bool:
        """Whether the linear recursion spares more than its passes over Z cost."""
        network, algorithm = self.network, self.algorithm
        noise = network.Phi.diagonal() * ((1 - algorithm.xi) / algorithm.xi)
        e = (network.e_0.square() + noise).sqrt()
        reach = self._reach(HEADROOM * self._guess(network.y + e[None]))
        parts = [
            _near(Z_0, network.a[part], reach).count_nonzero()
            for part, Z_0 in network.blocks(BLOCK)
        ]
        rest = 1 - network.total(torch.stack(parts).sum()).double() / network.m
        steps = algorithm.tau * algorithm.p * algorithm.xi * rest
        return bool(steps > PASSES and rest > 1 - MANY)

    def _local_steps(self, Z: torch.Tensor, masks: torch.Tensor) -> Paths:
        """All local steps from Z (n, m) with masks (p, m), bool."""
        network, m = self.network, self.network.m
        if self.most > 0:
            length = HEADROOM * self._guess(network.total(self._outputs(Z, masks, None)))
            while True:
                critical = self._critical(Z, length)
                # what all processes do is decided by sums: one may round otherwise than another
                if network.total(critical.count_nonzero()) > min(self.most * m, m - 1):
                    break
                paths = self._paths(Z, masks, critical)
                longer = ~(paths.length * SLACK <= length)
                if not bool(network.total(longer.count_nonzero())):
                    return paths
                length = 2 * torch.maximum(length, paths.length)
        return self._paths(Z, masks, None)

    def _guess(self, g: torch.Tensor) -> torch.Tensor:
        """Lengths (2, p, n) of the paths from outputs g (p, n) if the kernel were that at W_0."""
        e = g - self.network.y
        length = e.new_zeros(2, *e.shape)
        for _ in range(self.algorithm.tau):
            length += _parts(e)
            e = e - self.algorithm.zeta * e @ self.network.H
        # for components that cross 0
        return length + 0.1 * length.sum(0).mean(1, keepdim=True)

    def _reach(self, length: torch.Tensor) -> torch.Tensor:
        """How far paths of this length (2, p, n) can move a_r z_i, down and up: (2, n)."""
        # P G^+ + N G^- is half of (P + N) |G| + (P - N) G, and with P and N exchanged alike
        both, more = length.sum(0) @ self.G_abs, (length[0] - length[1]) @ self.network.G
        moved = torch.stack((both + more, both - more))
        return 0.5 * self.algorithm.eta * self.scale * moved.amax(1)

    def _critical(self, Z: torch.Tensor, length: torch.Tensor) -> torch.Tensor:
        """Neurons that can flip within paths of this length (2, p, n): (m,), bool."""
        reach, a = self._reach(length), self.network.a
        return torch.cat([_near(Z[:, block], a[block], reach) for block in self._blocks()])

    def _outputs(
        self, Z: torch.Tensor, masks: torch.Tensor, without: torch.Tensor | None
    ) -> torch.Tensor:
        """Surrogate outputs of all neurons of this process but some, (p, n)."""
        g = Z.new_zeros(len(masks), len(Z))
        for block in self._blocks():
            held = masks[:, block] if without is None else masks[:, block] & ~without[block]
            g += (held * self._signs(block)) @ Z[:, block].clamp(min=0.0).T
        return g

    def _kernels(self, Z: torch.Tensor, masks: torch.Tensor, without: torch.Tensor) -> torch.Tensor:
        """K^l of all neurons of this process but some: (p, n, n)."""
        p, n = len(masks), len(Z)
        count = Z.new_zeros(p * n, n)
        for block in self._blocks():
            D = (Z[:, block] > 0).float()  # counts below 2^24 are exact in float32
            held = masks[:, block] & ~without[block]
            count += (held[:, None] * D).reshape(p * n, -1) @ D.T
        return count.view(p, n, n) * self.network.G * (self.algorithm.eta * self.scale**2)

    def _paths(self, Z: torch.Tensor, masks: torch.Tensor, critical: torch.Tensor | None) -> Paths:
        """The local steps: step by step for the critical neurons (None: all), else linear."""
        p, n, tau = len(masks), len(Z), self.algorithm.tau
        outputs = Z.new_empty(tau + 1, p, n)
        total, length = Z.new_zeros(p, n), Z.new_zeros(2, p, n)
        linear = kernels = None
        if critical is not None:
            linear = self._outputs(Z, masks, critical)
            kernels = self._kernels(Z, masks, critical)

        who = [(mask if critical is None else mask & critical).nonzero()[:, 0] for mask in masks]
        shared = self.network.shard is not None

        def steps(some: slice) -> Steps:
            group, rest = self._group(Z, who[some]), None
            found, sums, paths = outputs[:, some], total[some], length[:, some]
            if linear is not None and kernels is not None:
                start, K = linear[some, :, None], kernels[some]
            for t in range(tau + 1):
                if critical is not None:
                    rest = torch.baddbmm(start, K, sums[:, :, None], alpha=-1)[:, :, 0]
                group.outputs(rest, and_residuals=t < tau and not shared)
                if shared:
                    group.g.copy_((yield group.g))
                found[t] = group.g
                if t == tau:
                    break
                if shared:
                    group.residuals()
                sums += group.e
                paths += _parts(group.e)
                self._descend(group.local, group.V)
            return group.move(Z)

        groups = [steps(some) for some in grouped([len(each) for each in who])]
        if shared:
            moves = side_by_side(groups, self.network.total)
        elif Z.device.type == "cpu":
            moves = in_threads(alone, groups)
        else:
            moves = [alone(group) for group in groups]
        return Paths(outputs, total, length, critical, moves)

    def _group(self, Z: torch.Tensor, who: list[torch.Tensor]) -> Group:
        a = self.network.a
        return self.group(Z, who, [a[each] * self.scale for each in who], self.network.y)

    def _descend(self, Z: torch.Tensor, V: torch.Tensor) -> None:
        """Z -= eta G V, in weight space where that is cheaper."""
        X, G, eta = self.network.X, self.network.G, self.algorithm.eta
        if self.weight_space:
            Z.addmm_(X, X.T @ V, alpha=-eta)
        else:
            Z.addmm_(G, V, alpha=-eta)

    def _aggregate(
        self, Z: torch.Tensor, masks: torch.Tensor, held: torch.Tensor, paths: Paths
    ) -> None:
        """Average the changes into Z."""
        # patterns before the round: the critical columns move only after all is read
        if paths.critical is not None:
            for block in self._blocks():
                share = self._signs(block) / held[block].to(Z).clamp(min=1)
                V = paths.total.T @ (masks[:, block] * (share * ~paths.critical[block]))
                relu_backward(V, Z[:, block])
                self._descend(Z[:, block], V)
        self.group.average(Z, paths.moves, held)

    def _measured(
        self, Z: torch.Tensor, held: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Outputs (n,) and frozen noise (n,) of a round, and how far the phi_r have moved."""
        network, algorithm = self.network, self.algorithm
        n = len(Z)
        sums = Z.new_zeros(2 * n + 1)
        u, noise, squares = sums[:n], sums[n:-1], sums[-1]
        for block in self._blocks():
            a, relu = network.a[block], Z[:, block].clamp(min=0.0)
            if self.relu_0 is None:
                relu_0 = (network.X @ network.W_0[:, block]).clamp_(min=0.0)
            else:
                relu_0 = self.relu_0[:, block]
            u += torch.mv(relu, a)
            noise += torch.mv(relu_0, (held[block].to(Z) / (algorithm.p * algorithm.xi) - 1) * a)
            squares += relu.sub_(relu_0).square_().sum()
        sums = network.total(sums)
        root = network.m**0.5
        return sums[:n] / root, sums[n:-1] / root, sums[-1].div(network.m).sqrt()


def _parts(e: torch.Tensor) -> torch.Tensor:
    """The positive and the negative parts of e: (2, ...)."""
    return torch.stack((e, -e)).clamp_(min=0.0)


def _near(Z: torch.Tensor, a: torch.Tensor, reach: torch.Tensor) -> torch.Tensor:
    """Neurons of which a pre-activation is within its reach (2, n), down and up: (m,), bool."""
    signed, (down, up) = Z * a, reach[:, :, None]
    return ~((signed > down) | (signed < -up)).all(0)  # NaN too
