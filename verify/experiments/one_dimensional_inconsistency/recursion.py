"""Thirteen numbers instead of a network: S_s (3 x 3, symmetric) of both sides, and c.

Arrays: S (N, 2, 3, 3), c (N,), u = (al_s, be_s) (N, 2, 2), M (2, 2, 2), h (2, 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from verify.experiments.one_dimensional_inconsistency.setting import Weights

LARGE = 1e30
"""A recursion that is beyond it has diverged, and stands still."""

FAR = 1e15
"""The ends of an interval that has none."""


@dataclass(frozen=True, eq=False)
class Moments:
    """The thirteen numbers of N networks, and what moved their neurons here.

    Phi   (N, 2, 3, 3), th_i = Phi_s th_i(0)
    low   (N, 2), ends of I_s so far, and high
    """

    S: np.ndarray
    c: np.ndarray
    Phi: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def gradients(self, M: np.ndarray, h: np.ndarray) -> np.ndarray:
        """u (N, 2, 2)."""
        v = np.stack([self.S[..., 0, 2], self.S[..., 1, 2] + self.c[:, None]], axis=-1)
        return np.einsum("sij,nsj->nsi", M, v) - h

    @property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends of I_s as numbers, (N, 2) each; of an empty one the left is above the right."""
        low, high = (np.nan_to_num(end, nan=sign * FAR) for sign, end in
                     ((1, self.low), (-1, self.high)))  # fmt: skip
        return np.clip(low, -FAR, FAR), np.clip(high, -FAR, FAR)

    def room(self, rho_low: np.ndarray, rho_high: np.ndarray) -> np.ndarray:
        """Least distance of rho in [rho_low, rho_high] (N, 2) from the ends, (N,)."""
        low, high = self.ends
        return np.asarray(np.minimum(rho_low - low, high - rho_high).min(axis=-1))


def sums_of(net: Weights, first: np.ndarray) -> np.ndarray:
    """S (N, 2, 3, 3) of networks; neurons belong to the side of their `first` a (N, m)."""
    th = np.stack([net.a, net.b, net.w], axis=-1)
    sides = ((first > 0)[..., None] * th, (first < 0)[..., None] * th)
    return np.stack([np.swapaxes(part, 1, 2) @ th for part in sides], axis=1)


def moments_of(start: Weights) -> Moments:
    """Of networks where they start."""
    S = sums_of(start, start.a)
    c, shape = start.c, S.shape[:2]
    Phi = np.broadcast_to(np.eye(3), (*shape, 3, 3))
    return Moments(S, c, Phi, np.full(shape, -np.inf), np.full(shape, np.inf))


def matrix(u: np.ndarray) -> np.ndarray:
    """Q_s of u_s, (..., 3, 3)."""
    Q = np.zeros((*u.shape[:-1], 3, 3))
    Q[..., :2, 2] = Q[..., 2, :2] = u
    return Q


def follow(
    start: Moments,
    xi: float,
    eta: float,
    sums: Callable[[int], tuple[np.ndarray, np.ndarray]],
    steps: int,
) -> Iterator[Moments]:
    """The numbers after 0, 1, ..., `steps` steps; `sums` gives M and h of each."""
    now = start
    for step in range(steps + 1):
        low, high = half_lines(now, xi)
        now = Moments(now.S, now.c, now.Phi, low, high)
        yield now
        u = now.gradients(*sums(step))
        moves = np.abs(now.S).max(axis=(1, 2, 3)) < LARGE
        u = np.where(moves[:, None, None], u, 0.0)
        K = np.eye(3) - eta * matrix(u)
        now = Moments(K @ now.S @ K, now.c - eta * u[..., 1].sum(axis=1), K @ now.Phi, low, high)


def half_lines(now: Moments, xi: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends of I_s, with the half-lines xi (F_11 + F_13 rho) -+ (F_21 + F_23 rho) > 0 of now."""
    low, high = now.low, now.high
    for sign in (-1.0, 1.0):
        base = xi * now.Phi[..., 0, 0] + sign * now.Phi[..., 1, 0]
        slope = xi * now.Phi[..., 0, 2] + sign * now.Phi[..., 1, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            end = -base / slope
        low = np.where(slope > 0, np.maximum(low, end), low)
        high = np.where(slope < 0, np.minimum(high, end), high)
        high = np.where((slope == 0) & ~(base > 0), -np.inf, high)
    return low, high


def extremes(a: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest w_i/a_i of each side, (N, 2); 0 where it has no neurons."""
    rho = w / a
    ends = []
    for on in (a > 0, a < 0):
        some = on.any(axis=1)
        ends.append((np.where(some, np.where(on, rho, np.inf).min(axis=1), 0.0),
                     np.where(some, np.where(on, rho, -np.inf).max(axis=1), 0.0)))  # fmt: skip
    return np.stack([e[0] for e in ends], 1), np.stack([e[1] for e in ends], 1)
