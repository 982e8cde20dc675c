"""Gradient flow of shallow ReLU networks on ||f - y||^2/2, in sample space, event by event.

While no neuron meets a kink, w_r' = -s_r X^T q_r with q_r = D_r e: e' = -Theta e is linear with a
constant kernel, and exp(-t Theta) e and its integral move the state exactly. The first time at
which a pre-activation reaches 0 is a root of sums of exponentials (see `crossing`).

At a kink of input i that is pushed back from both sides a neuron slides along it. Its relu has
there a slope theta_i in [0, 1], the one that keeps z_i = 0 (a solution in Filippov's sense, the
limit of small steps of descent): q_S = -G_SS^{-1} G_SA e_A for its slid inputs S and its active
ones A. So the flow stays linear, with a kernel that is symmetric and positive semidefinite, until
a theta_i = q_i/e_i leaves [0, 1].

The outputs of the moved network are compared with exp(-t Theta) e at every stop. They differ by
rounding, or by a kink that was missed: the differences are jumps of a path that else obeys e' =
-Theta e, and what jumped decays at least like the smallest eigenvalue. Their sum, so decayed, is
the reported error of e.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch

from theory.language.errors import InvalidArgument
from verify.training.gradient_descent.crossing import first_crossing, integrals
from verify.training.gradient_descent.network import Network

MOST_EVENTS = 200_000
"""Kinks that one network may meet."""

OFF, ON, SLIDING = 0, 1, 2
"""What a neuron does at an input: its pre-activation is below, above or held at 0."""

SHORTEST = 1e-14
"""Times are told apart down to this share of the shortest time constant."""

ROUNDING = 1e-12
"""Relative rounding of velocities at a kink."""


@dataclass(frozen=True)
class Flow:
    """What gradient flow showed at the given times.

    loss      (trials, times): ||f - y||^2
    error     (trials, times): bound of the integration error of f - y, in norm
    lowest    (trials, times): smallest eigenvalue of the kernel sum_r s_r^2 D_r G D_r
    kernels   (trials, 2, n, n): that kernel at the first and the last time
    distance  (trials, times, m): how far every neuron is from its start
    c         (trials, n, m): at the last time w_r has moved by X^T c_r
    """

    loss: np.ndarray
    error: np.ndarray
    lowest: np.ndarray
    kernels: np.ndarray
    distance: np.ndarray
    c: np.ndarray

    @property
    def loss_error(self) -> np.ndarray:
        """Bound of the integration error of the loss, (trials, times)."""
        return self.error * (2 * np.sqrt(self.loss) + self.error)


def flow(network: Network, y: torch.Tensor, times: np.ndarray) -> Flow:
    """Gradient flow of every network of the batch on targets y (n,), seen at increasing `times`.

    InvalidArgument unless the times rise from 0 on. RuntimeError after `MOST_EVENTS` kinks.
    """
    times = np.asarray(times, dtype=np.float64)
    if times.ndim != 1 or times.size == 0 or times[0] != 0 or not (np.diff(times) > 0).all():
        raise InvalidArgument("times", times.tolist(), "increasing from 0 on")
    G, f_0, target = network.G.numpy(), network.f_0.numpy(), y.numpy()
    found = [
        _Path(G, Z_0, s, start - target).seen(times)
        for Z_0, s, start in zip(network.Z_0.numpy(), network.s.numpy(), f_0, strict=True)
    ]
    return Flow(*(np.stack([path[i] for path in found]) for i in range(6)))


class _Path:
    """One network under way: its weights have moved by X^T c_r, its pre-activations by G c_r.

    mode  (n, m): OFF, ON or SLIDING
    slid  by neuron that slides: the (n, n) matrix of e -> q_r
    """

    def __init__(self, G: np.ndarray, Z_0: np.ndarray, s: np.ndarray, e_0: np.ndarray) -> None:
        self.G, self.Z_0, self.s, self.e_0 = G, Z_0, s, e_0
        self.below, self.above = Z_0.clip(max=0.0), -Z_0.clip(min=0.0)
        self.c, self.d, self.e = np.zeros_like(Z_0), np.zeros_like(Z_0), e_0
        self.mode = (Z_0 > 0).astype(np.int8)
        self.slid: dict[int, np.ndarray] = {}
        self.error, self.events, self.ahead, self.horizon = 0.0, 0, np.inf, np.inf
        self._turn()

    def seen(self, times: np.ndarray) -> tuple[np.ndarray, ...]:
        rows, moves, kernels, now, self.horizon = [], [], [self.defined], 0.0, float(times[-1])
        for time in times:
            while now < time:
                now = self._step(now, float(time))
            moves.append(np.sqrt((self.c * self.d).sum(0).clip(min=0.0)))
            lowest = max(0.0, float(np.linalg.eigvalsh(self.defined)[0]))
            rows.append((float(self.e @ self.e), self.error, lowest))
        kernels.append(self.defined)
        loss, error, lowest = np.array(rows).T
        return loss, error, lowest, np.array(kernels), np.array(moves), self.c.copy()

    def _step(self, now: float, end: float) -> float:
        """To the next kink, or as far ahead as one is looked for; the time there."""
        h = min(self.ahead, end - now)
        found = self._next_kink(h)
        if found is None:
            self._move(h)
            self.ahead = max(self.ahead, 2 * h)
            return end if h == end - now else now + h
        at, r, i, mode = found
        self._move(at)
        self._settle(r, i, mode)
        self._turn()
        self.ahead = max(2 * at, h / 2)
        self.events += 1
        if self.events > MOST_EVENTS:
            raise RuntimeError(f"gradient flow met more than {MOST_EVENTS} kinks")
        return min(now + at, end)

    def _turn(self) -> None:
        """The kernels of new modes, and the eigenvalues of the one that moves e."""
        self.D = (self.mode == ON).astype(np.float64)
        self.defined = (self.D * self.s**2) @ self.D.T * self.G
        self.sliders = np.array(list(self.slid), dtype=np.int64)
        self.place = np.full(len(self.s), -1)
        self.place[self.sliders] = np.arange(len(self.sliders))
        self.M = np.array(list(self.slid.values())).reshape(-1, *self.G.shape)
        held = (self.mode[:, self.sliders] == SLIDING).T[:, :, None]
        strength = (self.D[:, self.sliders] * self.s[self.sliders] ** 2).T[:, :, None]
        kernel = self.defined + (strength * (self.G @ (held * self.M))).sum(0)
        mu, self.v = np.linalg.eigh(kernel)
        self.mu = mu.clip(min=0.0)

    def _move(self, h: float) -> None:
        """By a time h in which no mode changes."""
        parts = self.v.T @ self.e
        linear = self.v @ (np.exp(-h * self.mu) * parts)
        integral = self.v @ (integrals(self.mu, h) * parts)
        q = self.D * integral[:, None]
        q[:, self.sliders] = (self.M @ integral).T
        self.c -= self.s * q
        self.d = self.G @ self.c
        gain = np.maximum(self.d + self.below, self.above) * self.s
        if gain.shape[1] % 2 == 0:  # pairs cancel
            gain = gain[:, ::2] + gain[:, 1::2]
        self.e = self.e_0 + gain.sum(1)
        self.error = self.error * float(np.exp(-h * self.mu[0]))
        self.error += float(np.linalg.norm(self.e - linear))

    def _next_kink(self, h: float) -> tuple[float, int, int, int] | None:
        """When in (0, h] the first mode ends, at which neuron and input, and what it becomes.

        A pre-activation that reaches 0 has its mode yet to be found: SLIDING stands for that.
        """
        parts = self.v.T @ self.e
        most = np.abs(self.v * parts) @ integrals(self.mu, h)  # of |int e|
        z, sliding = self.Z_0 + self.d, self.mode[:, self.sliders] == SLIDING
        near = np.abs(z) <= np.abs(self.s) * (np.abs(self.G) @ most)[:, None]
        near[:, self.sliders] = ~sliding
        inputs, neurons = near.nonzero()
        if not len(inputs) and not len(self.sliders):
            return None
        side = np.where(self.mode[inputs, neurons] == ON, 1.0, -1.0)
        room = (side * z[inputs, neurons]).clip(min=0.0)
        moved = self.G[inputs] * self.D[:, neurons].T
        of = self.place[neurons]
        slides = of >= 0
        moved[slides] = np.einsum("cj,cjk->ck", self.G[inputs[slides]], self.M[of[slides]])
        slopes = (side * self.s[neurons])[:, None] * (moved @ self.v) * parts
        # the slope of relu at a kink: 0 <= s q_i <= s e_i
        at, kinks = sliding.T.nonzero()
        sliders = self.sliders[at]
        q = self.M[at, kinks]
        inside = np.concatenate([q, np.eye(len(self.G))[kinks] - q]) @ self.v * parts
        inside *= np.tile(np.sign(self.s[sliders]), 2)[:, None]
        room = np.concatenate([room, inside.sum(1).clip(min=0.0)])
        slopes = np.concatenate([slopes, inside * self.mu])
        shortest = SHORTEST / max(self.mu[-1], 1 / self.horizon)
        found = first_crossing(room, slopes, self.mu, h, shortest)
        if found is None:
            return None
        time, which = found
        if which < len(inputs):
            return time, int(neurons[which]), int(inputs[which]), SLIDING
        mode, which = divmod(which - len(inputs), len(kinks))
        return time, int(sliders[which]), int(kinks[which]), (OFF, ON)[mode]

    def _settle(self, r: int, i: int, mode: int) -> None:
        """New modes of neuron r, which reached the kink i or, with `mode` not SLIDING, leaves it.

        At its kinks T they solve the variational inequality of the flow: OFF only where z' <= 0,
        ON only where z' >= 0, SLIDING where z' = 0 for a slope in [0, 1]. One exists (Stampacchia);
        those with the fewest changes are tried first, and the one that leaves least violated taken.
        At weight 0, where all kinks meet, a neuron goes straight on if that is one, else it stays:
        relu is flat at 0.
        """
        before, everywhere = self.mode[:, r].copy(), range(len(self.e))
        z = np.abs(self.Z_0[:, r] + self.d[:, r])
        if z.max() <= ROUNDING * np.abs(self.Z_0[:, r]).max():
            through = np.where(before == SLIDING, SLIDING, 1 - before)
            at_rest = self._violation(through, r, everywhere) > 0
            self._put(r, np.full_like(before, OFF) if at_rest else through)
            return
        held = np.flatnonzero(before == SLIDING).tolist()
        kinks = [i, *(j for j in held if j != i)]
        options = [[1 - before[i], SLIDING, before[i]] if mode == SLIDING else [mode]]
        options += [[SLIDING, OFF, ON]] * (len(kinks) - 1)
        best, least = before, np.inf
        for chosen in product(*options):
            modes = before.copy()
            modes[kinks] = chosen
            violated = self._violation(modes, r, kinks)
            if violated < least:
                best, least = modes, violated
            if least == 0:
                break
        self._put(r, best)

    def _put(self, r: int, modes: np.ndarray) -> None:
        self.mode[:, r] = modes
        self.slid.pop(r, None)
        if (modes == SLIDING).any():
            self.slid[r] = self._response(modes)

    def _response(self, mode: np.ndarray) -> np.ndarray:
        """The matrix of e -> q for a neuron of the given modes (n,)."""
        M = np.diag((mode == ON).astype(np.float64))
        held, on = mode == SLIDING, mode == ON
        if held.any():
            inverse = np.linalg.pinv(self.G[np.ix_(held, held)], hermitian=True)
            M[np.ix_(held, on)] = -inverse @ self.G[np.ix_(held, on)]
        return M

    def _violation(self, mode: np.ndarray, r: int, kinks: Iterable[int]) -> float:
        """By how much the modes at the kinks contradict the velocities there, beyond rounding."""
        q = self._response(mode) @ self.e
        sign, z = np.sign(self.s[r]), -np.sign(self.s[r]) * (self.G @ q)
        worst = 0.0
        for i in kinks:
            outside = max(-sign * q[i], sign * (q[i] - self.e[i]))
            wrong = {OFF: z[i], ON: -z[i], SLIDING: outside}
            worst = max(worst, float(wrong[int(mode[i])]))
        return worst if worst > ROUNDING * float(np.linalg.norm(self.e)) else 0.0
