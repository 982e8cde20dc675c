"""Networks f(x) = sum_k g(<w_k, x> + tau_k), values of which are asked for; Hessians, subspaces.

The leading axis numbers networks: all of them are treated at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

ACTIVATIONS = {"tanh": (1.0, 1.0), "sigmoid": (0.5, 0.5)}
"""a and b of g(t) = a tanh(b t), up to a constant."""

WORST = float(np.arctanh(np.sqrt((15 - np.sqrt(105)) / 30)))
"""Where |tanh''''| is largest."""


@dataclass(frozen=True, eq=False)
class Networks:
    """Unit weights W (B, m, D), biases tau (B, m), g(t) = a tanh(b t)."""

    W: np.ndarray
    tau: np.ndarray
    a: float
    b: float

    @property
    def D(self) -> int:
        return int(self.W.shape[-1])

    @property
    def m(self) -> int:
        return int(self.W.shape[-2])

    @property
    def rank(self) -> int:
        """That of the w_k w_k^T, if generic: min(m, T)."""
        return min(self.m, self.D * (self.D + 1) // 2)

    def inner(self, X: np.ndarray) -> np.ndarray:
        """<w_k, x> + tau_k (B, n, m) at X (B, n, D)."""
        return np.asarray(X @ np.swapaxes(self.W, -1, -2) + self.tau[..., None, :])

    def values(self, X: np.ndarray) -> np.ndarray:
        """f (B, n)."""
        return np.asarray(self.a * np.tanh(self.b * self.inner(X)).sum(-1))

    def first(self, z: np.ndarray) -> np.ndarray:
        """g'."""
        return np.asarray(self.a * self.b * (1 - np.tanh(self.b * z) ** 2))

    def second(self, z: np.ndarray) -> np.ndarray:
        """g''."""
        u = np.tanh(self.b * z)
        return np.asarray(-2 * self.a * self.b**2 * u * (1 - u**2))

    @cached_property
    def squares(self) -> np.ndarray:
        """w_k w_k^T as rows (B, m, D^2)."""
        outer = self.W[..., :, None] * self.W[..., None, :]
        return np.asarray(outer.reshape(*self.tau.shape, -1))

    def hessians(self, X: np.ndarray) -> np.ndarray:
        """(B, n, D^2)."""
        return np.asarray(self.second(self.inner(X)) @ self.squares)

    @property
    def spread(self) -> np.ndarray:
        """S (B,): sum_k sqrt(2 sum_i w_ki^6 + 2 (sum_i w_ki^4)^2)."""
        sixth, fourth = (self.W**6).sum(-1), (self.W**4).sum(-1)
        return np.asarray(np.sqrt(2 * sixth + 2 * fourth**2).sum(-1))


@dataclass(eq=False)
class Oracle:
    """All that identification may use of networks: values, each off by +-noise, and counted."""

    networks: Networks
    noise: float
    rng: np.random.Generator
    count: int = 0
    """Values asked of each network."""

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """f (B, n) at X (B, n, D)."""
        self.count += X.shape[1]
        found = self.networks.values(X)
        if not self.noise:
            return found
        return found + self.noise * self.rng.choice((-1.0, 1.0), found.shape)


def differences(oracle: Oracle, X: np.ndarray, eps: float) -> np.ndarray:
    """Hessians (B, n, D^2) at X (B, n, D) from 2 D^2 + 1 values each: four-point differences."""
    count, n, D = X.shape
    unit = np.eye(D)
    i, j = np.triu_indices(D, 1)
    sums, gaps = unit[i] + unit[j], unit[i] - unit[j]
    moves = eps * np.concatenate([sums, -sums, gaps, -gaps, 2 * unit, -2 * unit, 0 * unit[:1]])
    f = oracle((X[:, :, None] + moves).reshape(count, -1, D)).reshape(count, n, -1)
    ends = np.cumsum([len(i)] * 4 + [D] * 2)
    together, back, apart, across, up, down, here = np.split(f, ends, axis=-1)
    H = np.zeros((count, n, D, D))
    H[..., i, j] = H[..., j, i] = (together + back - apart - across) / (4 * eps**2)
    H[..., np.arange(D), np.arange(D)] = (up + down - 2 * here) / (4 * eps**2)
    return H.reshape(count, n, -1)


def subspace(rows: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """The span of symmetric rows (B, n, D^2): m leading directions U (B, m, D^2), singular values.

    In coordinates of symmetric matrices, so that directions beyond the rank are symmetric, too.
    """
    D = math.isqrt(rows.shape[-1])
    i, j = np.triu_indices(D)
    weight = np.where(i == j, 1.0, math.sqrt(2))
    _, s, Vt = np.linalg.svd(rows[..., i * D + j] * weight, full_matrices=False)
    U = np.zeros((*Vt[:, :m].shape[:2], D * D))
    U[..., i * D + j] = U[..., j * D + i] = Vt[:, :m] / weight
    return U, s


def outer(x: np.ndarray) -> np.ndarray:
    """x x^T (B, n, D^2)."""
    return np.asarray((x[..., :, None] * x[..., None, :]).reshape(*x.shape[:-1], -1))


def inside(U: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """P of rows (B, n, D^2)."""
    return np.asarray((rows @ np.swapaxes(U, -1, -2)) @ U)


def level(U: np.ndarray, x: np.ndarray) -> np.ndarray:
    """F(x) = ||P(x x^T)||^2, (B, n)."""
    return np.asarray(((outer(x) @ np.swapaxes(U, -1, -2)) ** 2).sum(-1))


def climb(U: np.ndarray, x: np.ndarray, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """P(x x^T) x + gamma x normalised, (B, n, D), and its norm before."""
    P = inside(U, outer(x)).reshape(*x.shape, x.shape[-1])
    y = np.einsum("...ij,...j->...i", P, x) + gamma * x
    norm = np.sqrt(np.einsum("...i,...i->...", y, y))
    return y / norm[..., None], norm


def upward(v: np.ndarray) -> np.ndarray:
    """v or -v (..., D), whichever has its entry of largest size positive."""
    largest = np.take_along_axis(v, np.abs(v).argmax(-1)[..., None], axis=-1)
    return np.asarray(v * np.where(largest < 0, -1.0, 1.0))


def isolation(U: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Singular values (B, m, D-1), falling, of v -> (I-P)(w v^T + v w^T) on v orthogonal to w.

    And the v (B, m, D) of the least of them, its largest entry positive; for D = 1 there is none.
    """
    count, m, D = w.shape
    Q = np.linalg.qr(np.concatenate([w[..., None], np.broadcast_to(np.eye(D), (count, m, D, D))],
                                    axis=-1))[0][..., 1:]  # fmt: skip
    pairs = w[..., :, None, None] * Q[..., None, :, :]
    pairs = (pairs + np.swapaxes(pairs, -3, -2)).reshape(count, m, D * D, D - 1)
    rows = np.swapaxes(pairs, -1, -2).reshape(count, m * (D - 1), D * D)
    rest = (rows - inside(U, rows)).reshape(count, m, D - 1, D * D)
    left, s, _ = np.linalg.svd(rest, full_matrices=False)
    if D == 1:
        return s, np.zeros_like(w)
    return s, upward((Q @ left[..., :, -1:])[..., 0])
