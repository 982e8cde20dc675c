"""Gradient flow of shallow ReLU networks on ||f - y||^2/2, in sample space.

While no activation flips, e(t) = exp(-t Theta) e(0) and the integral of e move the state exactly. A
step of length h keeps the patterns of its start; where some flip inside it, the outputs at its
end differ from exp(-h Theta) e by a defect. A step with a larger defect than allowed is halved, and
the next one is doubled: between flips steps are exact, however long. The path therefore obeys
e' = -Theta e with kernels of patterns that it visits, but for jumps of e whose sizes are the
defects: their sum is the integration error that is reported, and a bound of ||e|| that rests on the
kernels alone holds up to it. A neuron that slides along a kink, pushed back from both sides, makes
the patterns alternate: its defects have alternating signs, and the reported sum is pessimistic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from theory.language.errors import InvalidArgument
from verify.training.gradient_descent.descent import Relu
from verify.training.gradient_descent.network import Network, summed

DEFECT = 1e-5
"""Allowed defect of a step, in units of ||e_0||."""

MOST_STEPS = 200_000


@dataclass(frozen=True)
class Flow:
    """What gradient flow showed at the given times.

    loss      (trials, times): ||f - y||^2
    error     (trials, times): sum of the defects of e so far
    lowest    (trials, times): smallest eigenvalue of the kernel
    kernels   (trials, 2, n, n): at the first and the last time
    distance  (trials, times, m): how far every neuron is from its start
    """

    loss: np.ndarray
    error: np.ndarray
    lowest: np.ndarray
    kernels: np.ndarray
    distance: np.ndarray


def flow(network: Network, y: torch.Tensor, times: np.ndarray, defect: float = DEFECT) -> Flow:
    """Gradient flow of every network of the batch on targets y (n,), seen at increasing `times`.

    InvalidArgument unless the times rise from 0 on and 0 < defect < 1.
    """
    times = np.asarray(times, dtype=np.float64)
    if times.ndim != 1 or times.size == 0 or times[0] != 0 or not (np.diff(times) > 0).all():
        raise InvalidArgument("times", times.tolist(), "increasing from 0 on")
    if not 0 < defect < 1:
        raise InvalidArgument("defect", defect, "in (0, 1)")
    found = []
    for i in range(len(network.s)):
        one = Network(network.X, network.Z_0[i : i + 1], network.s[i : i + 1])
        found.append(_Path(one, y, defect).seen(times))
    return Flow(*(np.stack([path[i] for path in found]) for i in range(5)))


class _Path:
    """One network under way: how far its weights moved, X^T c, and what follows from c."""

    def __init__(self, network: Network, y: torch.Tensor, defect: float) -> None:
        self.network, self.y, self.s = network, y, network.s[0]
        self.relu = Relu(network.Z_0[0])
        self.allowed = defect * float((network.f_0[0] - y).norm())
        self.error, self.taken, self.h = 0.0, 0, float("inf")
        self._arrive(torch.zeros_like(network.Z_0[0]))

    def seen(self, times: np.ndarray) -> tuple[np.ndarray, ...]:
        rows, moves, kernels, now = [], [], [self.kernel], 0.0
        for time in times:
            while now < time:
                now = self._step(now, float(time))
            moves.append((self.c * (self.network.G @ self.c)).sum(0).clamp(min=0.0).sqrt())
            rows.append((float(self.e.square().sum()), self.error, float(self.mu[0])))
        kernels.append(self.kernel)
        ends, moved = torch.stack(kernels).numpy(), torch.stack(moves).numpy()
        loss, error, lowest = np.array(rows).T
        return loss, error, lowest, ends, moved

    def _step(self, now: float, end: float) -> float:
        self.taken += 1
        if self.taken > MOST_STEPS:
            raise RuntimeError(f"gradient flow took more than {MOST_STEPS} steps: raise `defect`")
        h = min(self.h, end - now)
        decay = torch.exp(-h * self.mu)
        parts = self.v.T @ self.e
        integral = self.v @ (torch.where(self.mu * h > 1e-12, (1 - decay) / self.mu, h) * parts)
        c = self.c - self.s * self.active * integral[:, None]
        e = self._residual(c)[0]
        defect = float((e - self.v @ (decay * parts)).norm())
        if defect > self.allowed and h > 1e-13 * end:
            self.h = h / 2
            return now
        self.error += defect
        self._arrive(c)
        self.h = 2 * h
        return end if h == end - now else now + h

    def _residual(self, c: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gain, active = self.relu(self.network.G @ c)
        return self.network.f_0[0] + summed(gain * self.s) - self.y, active

    def _arrive(self, c: torch.Tensor) -> None:
        self.c = c
        self.e, self.active = self._residual(c)
        self.kernel = self.network.kernel(self.active[None])[0]
        mu, self.v = torch.linalg.eigh(self.kernel)
        self.mu = mu.clamp(min=0.0)
