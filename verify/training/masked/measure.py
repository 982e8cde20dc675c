"""What is measured along the rounds: residuals, noise, defects, the good event, the lazy regime."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import torch

from verify.training.masked.engines import choose, plain, seeds_at_once
from verify.training.masked.engines.records import Record
from verify.training.masked.network import Network
from verify.training.masked.shards import ProcessLostError
from verify.training.masked.trainer import Algorithm, MaskSource, Round, train

LAZY = (
    "nu",
    "epsilon_A",
    "epsilon_B",
    "stability_A",
    "stability_B",
    "displacement",  # largest ||w - w_0|| over neurons and all iterates so far
    "kernel_min",  # smallest eigenvalue of a surrogate kernel over all local iterates so far
)
"""What Link II and Theorem 2 speak of, per round."""


@dataclass(frozen=True, eq=False)
class Measurements:
    """Arrays (seeds, rounds, ...), float64. K rounds; entries at W_0, ..., W_K have K + 1.

    residual      e_k, (S, K + 1, n)
    displacement  (sum_r ||phi_r(W_k) - phi_r(W_0)||^2)^{1/2}, (S, K + 1)
    noise         z^l_k, (S, K, p, n)
    frozen_noise  zbar with the outputs phi_r(W_0) in place of phi_r(W_k), (S, K, n)
    defect        ||Delta_k||, (S, K)
    rho           ((1/p) sum_l ||e_k + z^l_k||^2)^{1/2}, (S, K)
    local_loss    mean over surrogates of ||g^l - y||^2 after sampling (first) and after each
                  local step, (S, K, tau + 1)
    spread        sum over pairs of surrogates of ||g^l - g^l'||^2, same times
    distance      sum_l ||u_k - g^l||^2 after sampling, (S, K)
    lazy          the columns LAZY, (S, K, 7); NaN where not wanted
    """

    residual: np.ndarray
    displacement: np.ndarray
    noise: np.ndarray
    frozen_noise: np.ndarray
    defect: np.ndarray
    rho: np.ndarray
    local_loss: np.ndarray
    spread: np.ndarray
    distance: np.ndarray
    lazy: np.ndarray

    @property
    def loss(self) -> np.ndarray:
        """||e_k||^2, (S, K + 1)."""
        return (self.residual**2).sum(-1)

    def sawtooth(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean loss within rounds: positions in rounds, and losses averaged over seeds.

        After sampling and after each local step the mean of the surrogates' losses, after
        aggregation the loss of the whole network.
        """
        K, steps = self.local_loss.shape[1:]
        local = self.local_loss.mean(0)
        whole = self.loss.mean(0)
        within = np.linspace(0.0, 0.9, steps)
        x = np.concatenate([[0.0], *(k + np.append(within, 1.0) for k in range(K))])
        y = np.concatenate([whole[:1], *(np.append(local[k], whole[k + 1]) for k in range(K))])
        return x, y


def measure(
    network: Network,
    algorithm: Algorithm,
    rounds: int,
    seeds: torch.Tensor,
    *,
    lazy: bool = True,
    engine: str = "auto",
    mask_source: MaskSource | None = None,
    step: Callable[[int], None] | None = None,
    trainer: Callable[..., Iterator[Round]] | None = None,
) -> Measurements:
    """Train all seeds, chunk by chunk, and measure every round.

    `lazy` adds flips and kernel deviations (Link II), which the plain trainer alone can watch;
    a `mask_source` and a `trainer` of one's own ask for it, too. `step` is told the seed-rounds
    done.
    """
    watched = lazy or mask_source is not None or trainer is not None
    run = choose(network, algorithm, "plain" if watched else engine)
    chunks = []
    for chunk in torch.split(seeds, seeds_at_once(run, network, algorithm)):
        regime = LazyRegime(network, algorithm, len(chunk)) if lazy else None
        if watched:
            records = plain(
                network, algorithm, rounds, chunk,
                observer=regime, mask_source=mask_source, trainer=trainer or train,
            )  # fmt: skip
        else:
            records = run(network, algorithm, rounds, chunk)
        try:
            chunks.append(_chunk(network, algorithm, records, len(chunk), regime, step))
        except ProcessLostError as error:
            raise IncompleteError(str(error), _joined(chunks) if chunks else None) from None
    return _joined(chunks)


class IncompleteError(ProcessLostError):
    """Training ended early; `done` holds the seeds that were finished (None: none was)."""

    def __init__(self, message: str, done: Measurements | None) -> None:
        super().__init__(message)
        self.done = done


def _joined(chunks: list[Measurements]) -> Measurements:
    names = [f.name for f in fields(Measurements)]
    return Measurements(**{n: np.concatenate([getattr(c, n) for c in chunks]) for n in names})


def _chunk(
    network: Network,
    algorithm: Algorithm,
    records: Iterable[Record],
    size: int,
    regime: LazyRegime | None,
    step: Callable[[int], None] | None,
) -> Measurements:
    theta = algorithm.law.moments(algorithm.p, algorithm.xi)["theta"]
    P = network.round_map(algorithm.zeta, algorithm.tau)
    e = network.e_0.expand(size, -1)
    rows: dict[str, list[torch.Tensor]] = {f.name: [] for f in fields(Measurements)}
    rows["residual"].append(e)
    rows["displacement"].append(torch.zeros_like(e[:, 0]))
    for this in records:
        z = this.local[0] - (e + network.y)[:, None]
        surrogate = e[:, None] + z
        e_next = this.outputs - network.y
        predicted = e - theta * (e + z.mean(1)) @ P
        local = (this.local - network.y).movedim(0, 1)  # (S, tau + 1, p, n)
        rows["residual"].append(e_next)
        rows["displacement"].append(this.displacement)
        rows["noise"].append(z)
        rows["frozen_noise"].append(this.frozen_noise)
        rows["defect"].append((e_next - predicted).norm(dim=-1))
        rows["rho"].append(surrogate.square().sum(-1).mean(-1).sqrt())
        rows["local_loss"].append(local.square().sum(-1).mean(-1))
        rows["spread"].append(_pair_spread(local))
        rows["distance"].append(z.square().sum((-1, -2)))
        rows["lazy"].append(
            regime.columns() if regime else e.new_full((size, len(LAZY)), torch.nan)
        )
        e = e_next
        if step:
            step(size)
    stacked = {name: torch.stack(row, dim=1) for name, row in rows.items()}
    return Measurements(**{k: v.double().cpu().numpy() for k, v in stacked.items()})


def _pair_spread(g: torch.Tensor) -> torch.Tensor:
    """sum_{l'<l} ||g^l - g^l'||^2 over the last axis but one, without cancellation."""
    centred = g - g.mean(-2, keepdim=True)
    return g.shape[-2] * centred.square().sum((-1, -2))


class LazyRegime:
    """Watches a batch of S seeds leave the linear regime: an observer of the trainer.

    flipped (S, n, m)  neurons whose activation left that of W_0 at some iterate so far
    moved (S,)         largest ||w - w_0|| so far
    masks (S, p, m)    of the round
    kernel_min (S,)    smallest eigenvalue of a surrogate kernel sum_r m^l_r H_r so far
    """

    def __init__(self, network: Network, algorithm: Algorithm, size: int) -> None:
        self.network, self.algorithm = network, algorithm
        self.theta = algorithm.law.moments(algorithm.p, algorithm.xi)["theta"]
        self.flipped = torch.zeros_like(network.D_0).repeat(size, 1, 1)
        self.moved = network.e_0.new_zeros(size)
        self.kernel_min = network.e_0.new_full((size,), torch.inf)
        self.masks = network.e_0.new_zeros(size, algorithm.p, network.a.numel())

    def local(self, L: torch.Tensor, Z: torch.Tensor, masks: torch.Tensor) -> None:
        """Note a local step: weights L and preactivations Z of every surrogate, their masks."""
        self.masks = masks
        active = masks[:, :, None]
        on = Z > 0
        self.flipped |= ((on ^ self.network.D_0) & (active > 0)).any(dim=1)
        distance = (L - self.network.W_0).square().sum(-2).amax((-1, -2)).sqrt()
        self.moved = torch.maximum(self.moved, distance)
        pattern = on.to(masks)
        kernel = self.network.total((pattern * active) @ pattern.transpose(-1, -2))
        kernel = kernel * (self.network.G / self.network.m)
        smallest = torch.linalg.eigvalsh(kernel)[..., 0].amin(1)
        self.kernel_min = torch.minimum(self.kernel_min, smallest)

    def aggregated(self, W: torch.Tensor, Z: torch.Tensor) -> None:
        """Note the preactivations Z of the network after an aggregation."""
        self.flipped |= (Z > 0) ^ self.network.D_0

    def columns(self) -> torch.Tensor:
        """The columns LAZY after a round: (S, 7)."""
        masks = self.masks
        network, p, xi, m = self.network, self.algorithm.p, self.algorithm.xi, self.network.m
        share = masks / masks.sum(1, keepdim=True).clamp(min=1.0)  # m^l_r/N_r
        flipped = self.flipped.to(masks)
        held = flipped @ masks.transpose(1, 2) / (xi * m)
        averaged = flipped @ share.transpose(1, 2) * (p / m)
        nu = network.total(torch.stack([held, averaged])).amax((0, 2, 3))
        A = network.masked_kernel(masks) / xi**2
        B = network.masked_kernel(share)
        eps_A = torch.linalg.matrix_norm(A - network.H / xi, ord=2).amax(1)
        eps_B = torch.linalg.matrix_norm(B - self.theta / p * network.H, ord=2).amax(1)
        stability_A = self.algorithm.eta * torch.linalg.eigvalsh(A)[..., -1].amax(1)
        stability_B = p * self.algorithm.zeta * torch.linalg.eigvalsh(B)[..., -1].amax(1)
        moved = network.largest(self.moved)
        rows = (nu, eps_A, eps_B, stability_A, stability_B, moved, self.kernel_min)
        return torch.stack(rows, dim=1)
