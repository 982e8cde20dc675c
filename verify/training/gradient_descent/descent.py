"""Full-batch gradient descent in sample space, any output weights and loss.

A neuron's weights have moved by X^T c_r, its pre-activations by G c_r, so the state is c; one step
is c_r -= eta s_r D_r loss'(f). What the outputs gained is kept apart from the initial
pre-activations, whose scale may be as large as 1e8: the gain of relu is max(d + min(z, 0),
-max(z, 0)), which loses no digit of d.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from theory.language.errors import InvalidArgument
from verify.training.gradient_descent.losses import SQUARED, Loss
from verify.training.gradient_descent.network import Network, summed
from verify.training.relu import relu_backward

CACHED = 2**16
"""Pre-activations that are trained together: their state stays in the cache."""


@dataclass(frozen=True)
class Path:
    """What training showed at iterates 0..K.

    loss      (trials, K+1): ||f - y||^2, or the logistic risk
    outputs   (trials, K+1, n)
    flips     (trials, K+1): activations seen to differ from those at the start, summed so far
    distance  (trials, m): how far every neuron is from its start at the end
    change    (trials,): spectral norm of the change of the kernel at the end
    """

    loss: np.ndarray
    outputs: np.ndarray
    flips: np.ndarray
    distance: np.ndarray
    change: np.ndarray


class Relu:
    """What relu gained over the start, and the patterns, for displacements d of Z_0."""

    def __init__(self, Z_0: torch.Tensor) -> None:
        self.off, self.floor, self.start = Z_0.clamp(max=0.0), -Z_0.clamp(min=0.0), Z_0 > 0

    def __call__(self, d: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gain = torch.maximum(d + self.off, self.floor)
        return gain, gain > self.floor


def descend(
    network: Network,
    y: torch.Tensor,
    eta: float,
    steps: int,
    loss: Loss = SQUARED,
    *,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Train every network of the batch for `steps` steps of size eta on targets y (n,).

    InvalidArgument unless eta > 0 and steps >= 0. `progress` is told the trials that are done.
    """
    if not 0 < eta < float("inf"):
        raise InvalidArgument("eta", eta, "a finite number > 0")
    if isinstance(steps, bool) or steps < 0:
        raise InvalidArgument("steps", steps, "an integer >= 0")
    found, done = [], 0
    for part in _parts(network):
        found.append(_descend(part, y, eta, steps, loss))
        done += len(part.s)
        if progress:
            progress(done)
    return Path(*(np.concatenate([part[i] for part in found]) for i in range(5)))


def _parts(network: Network) -> Iterator[Network]:
    """The batch in pieces that fit the cache."""
    size = max(1, CACHED // (network.n * network.m))
    for start in range(0, len(network.s), size):
        part = slice(start, start + size)
        yield Network(network.X, network.Z_0[part], network.s[part])


@dataclass(frozen=True, eq=False)
class Iterate:
    """Networks under way. Training goes on in the same arrays: copy what is to be kept.

    c        (trials, n, m): w_r has moved by X^T c_r
    d        (trials, n, m): pre-activations have moved by G c
    active   (trials, n, m)
    outputs  (trials, n)
    """

    c: torch.Tensor
    d: torch.Tensor
    active: torch.Tensor
    outputs: torch.Tensor


def iterates(
    network: Network, y: torch.Tensor, eta: float, steps: int, loss: Loss = SQUARED
) -> Iterator[Iterate]:
    """Iterates 0..steps of every network of the batch.

    Passes over arrays of the size of Z_0 are all the work, so that none is made twice.
    """
    relu, s, G = Relu(network.Z_0), network.s[:, None], network.G.expand(len(network.s), -1, -1)
    c = torch.zeros_like(network.Z_0)
    d, gain, work = torch.zeros_like(c), torch.empty_like(c), torch.empty_like(c)
    active = torch.empty_like(relu.start)
    # numpy compares in a fifth of torch's time
    above = partial(np.greater, gain.numpy(), relu.floor.numpy(), out=active.numpy())
    for k in range(steps + 1):
        torch.maximum(torch.add(d, relu.off, out=gain), relu.floor, out=gain)
        above()
        now = Iterate(c, d, active, network.f_0 + summed(torch.mul(gain, s, out=work)))
        yield now
        if k < steps:
            torch.mul(eta * s, loss.slope(now.outputs, y)[..., None], out=work)
            c -= relu_backward(work, gain.sub_(relu.floor))
            torch.bmm(G, c, out=d)


def endpoint(network: Network, y: torch.Tensor, eta: float, steps: int) -> Iterate:
    """The last iterate alone, of the squared loss."""
    return deque(iterates(network, y, eta, steps), maxlen=1).pop()


def _descend(
    network: Network, y: torch.Tensor, eta: float, steps: int, loss: Loss
) -> tuple[np.ndarray, ...]:
    outputs, flips, start = [], [], network.Z_0 > 0
    for now in iterates(network, y, eta, steps, loss):
        outputs.append(now.outputs)
        flips.append((now.active != start).flatten(1).sum(1, dtype=torch.int32))
    f = torch.stack(outputs, dim=1)
    moved = (now.c * now.d).sum(-2).clamp(min=0.0).sqrt()
    counted = torch.stack(flips, dim=1).cumsum(1)
    change = torch.linalg.matrix_norm(network.kernel(now.active) - network.H, ord=2)
    return tuple(x.numpy() for x in (loss.reported(f, y), f, counted, moved, change))
