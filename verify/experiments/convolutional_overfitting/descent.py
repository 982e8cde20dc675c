"""Training of the convolutional network: gradient descent on its filters, and the gradient flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import expit

from verify.training.divergence import check_finite

PRECISION = 1e-12
"""Relative error of a step of the solver."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Some runs (R) at once.

    X      noise patches (R, n, d), orthogonal to the signal, which is mu (R,) times the last axis
    y      labels (R, n), 1 or -1; clean: those that the signal patches carry
    W      filters at the start (R, 2, m, d): of the head 1, then of the head -1
    q      power of the activation
    eta    step sizes (R,)
    """

    X: np.ndarray
    y: np.ndarray
    clean: np.ndarray
    mu: np.ndarray
    W: np.ndarray
    q: float
    eta: np.ndarray

    @cached_property
    def xi_sq(self) -> np.ndarray:
        """||xi_i||^2, (R, n)."""
        return np.asarray((self.X**2).sum(-1))

    @property
    def start(self) -> tuple[np.ndarray, np.ndarray]:
        return preactivations(self, self.W)

    def owned(self, noise: np.ndarray, *, own: bool = True) -> np.ndarray:
        """Of <w_jr, xi_i> (..., 2, m, n) those of the head of the label, or of the other one."""
        first = (self.y > 0) == own
        found = np.where(first[:, None, :], noise[..., 0, :, :], noise[..., 1, :, :])
        return np.swapaxes(found, -1, -2)

    def members(self) -> np.ndarray:
        """Whether sample i is of class j, (R, 2, n)."""
        return np.stack([self.y > 0, self.y < 0], axis=1)

    def least(self, values: np.ndarray) -> np.ndarray:
        """The least value (..., R, n) of each class, (..., R, 2); 0 of a class without samples."""
        members = self.members()
        found = np.where(members, values[..., None, :], np.inf).min(-1)
        return np.where(members.any(-1), found, 0.0)


HEADS = np.array([1.0, -1.0])


def preactivations(problem: Problem, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """<w_jr, mu> (..., R, 2, m) and <w_jr, xi_i> (..., R, 2, m, n)."""
    signal = W[..., -1] * problem.mu[:, None, None]
    return signal, W @ np.swapaxes(problem.X, -1, -2)[:, None]


def margins(problem: Problem, signal: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """y_i f_i, (..., R, n)."""
    q, m = problem.q, signal.shape[-1]
    own = problem.clean[:, None, None, :] * signal[..., None]
    total = (np.maximum(own, 0) ** q + np.maximum(noise, 0) ** q).sum(-2) / m
    return np.asarray(problem.y * (total[..., 0, :] - total[..., 1, :]))


@dataclass(frozen=True, eq=False)
class Slopes:
    """At one state: -l'_i (R, n), s'(<w_jr, y mu>) and s'(<w_jr, xi_i>) (R, 2, m, n)."""

    loss: np.ndarray
    signal: np.ndarray
    noise: np.ndarray


def slopes(problem: Problem, signal: np.ndarray, noise: np.ndarray) -> Slopes:
    q, m = problem.q, signal.shape[-1]
    own = np.maximum(problem.clean[:, None, None, :] * signal[..., None], 0)
    noise = np.maximum(noise, 0)
    own_slope, noise_slope = own ** (q - 1), noise ** (q - 1)
    total = (own_slope * own + noise_slope * noise).sum(-2) / m
    loss = expit(-problem.y * (total[:, 0] - total[:, 1]))
    return Slopes(loss, q * own_slope, q * noise_slope)


def gradient(problem: Problem, at: Slopes) -> tuple[np.ndarray, np.ndarray]:
    """Minus the gradient by its weights on signal patches (R, 2, m) and on noise (R, 2, m, n)."""
    n, m = problem.y.shape[-1], at.signal.shape[-2]
    weight = (problem.y * at.loss)[:, None, None, :] * HEADS[:, None, None] / (n * m)
    return (weight * at.signal * problem.clean[:, None, None, :]).sum(-1), weight * at.noise


def additions(problem: Problem, at: Slopes) -> tuple[np.ndarray, np.ndarray]:
    """What one step adds to gamma (R, 2, m) and to rho (R, 2, m, n), by the recursions."""
    n, m = problem.y.shape[-1], at.signal.shape[-2]
    size = (problem.eta / (n * m))[:, None, None]
    agree = (problem.y * problem.clean * at.loss)[:, None, None, :]
    gamma = size * (agree * at.signal).sum(-1) * (problem.mu**2)[:, None, None]
    signs = HEADS[:, None, None] * problem.y[:, None, None, :]
    loss, norms = at.loss[:, None, None, :], problem.xi_sq[:, None, None, :]
    return gamma, size[..., None] * signs * loss * at.noise * norms


@dataclass(frozen=True, eq=False)
class Path:
    """At checkpoints (K): filters, what the recursions have added, growth so far.

    W       (K, R, 2, m, d)
    gamma   (K, R, 2, m); rho (K, R, 2, m, n)
    growth  largest relative growth in a step of what was positive, (K, R, n + 2): of the memory
            of each patch, of the signals of class 1 and of class -1
    """

    steps: np.ndarray
    W: np.ndarray
    gamma: np.ndarray
    rho: np.ndarray
    growth: np.ndarray


def descend(problem: Problem, keep: Sequence[int], *, recursions: bool = True) -> Path:
    """Gradient descent on the filters; Diverged where it leaves the range of float64.

    Without `recursions` the filters alone are followed; all else is NaN.
    """
    W = problem.W.copy()
    signal, noise = preactivations(problem, W)
    gamma, rho = np.zeros_like(signal), np.zeros_like(noise)
    growth = np.zeros((*problem.y.shape[:1], problem.y.shape[1] + 2))
    eta, aligned = problem.eta[:, None, None], _aligned(problem, signal, noise)
    if not recursions:
        for each in (gamma, rho, growth):
            each.fill(np.nan)
    found: list[tuple[np.ndarray, ...]] = []
    for step in range(keep[-1] + 1):
        if step in keep:
            check_finite(W)
            found.append(tuple(each.copy() for each in (W, gamma, rho, growth)))
        if step == keep[-1]:
            break
        at = slopes(problem, signal, noise)
        on_signal, on_noise = gradient(problem, at)
        W += (eta[..., None] * on_noise) @ problem.X[:, None]
        W[..., -1] += eta * on_signal * problem.mu[:, None, None]
        signal, noise = preactivations(problem, W)
        if recursions:
            added = additions(problem, at)
            gamma += added[0]
            rho += added[1]
            before, aligned = aligned, _aligned(problem, signal, noise)
            np.maximum(growth, _relative(before, aligned), out=growth)
    parts = (np.array(part) for part in zip(*found, strict=True))
    return Path(np.array(keep), *parts)


def _aligned(problem: Problem, signal: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """u_ri and v_jr, (R, n + 2, m)."""
    return np.concatenate([problem.owned(noise), HEADS[:, None] * signal], axis=1)


def _relative(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    positive = before > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(positive, after / before - 1, 0.0).max(-1))


def flow(problem: Problem, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The preactivations of the gradient flow of one run, (times, 2, m) and (times, 2, m, n)."""
    signal, noise = problem.start
    gram = problem.X @ np.swapaxes(problem.X, -1, -2)
    many = signal.size

    def velocity(_: float, z: np.ndarray) -> np.ndarray:
        state = z[:many].reshape(signal.shape), z[many:].reshape(noise.shape)
        on_signal, on_noise = gradient(problem, slopes(problem, *state))
        moved = problem.mu[:, None, None] ** 2 * on_signal, on_noise @ gram[:, None]
        return np.concatenate([each.ravel() for each in moved])

    z = np.concatenate([signal.ravel(), noise.ravel()])
    found = solve_ivp(
        velocity, (0.0, float(times[-1])), z, method="DOP853", t_eval=times, rtol=PRECISION,
        atol=PRECISION * float(np.abs(z).max()),
    )  # fmt: skip
    if not found.success:
        raise ArithmeticError(f"the flow was not solved: {found.message}")
    z = found.y.T
    return (z[:, :many].reshape(-1, *signal.shape[1:]),
            z[:, many:].reshape(-1, *noise.shape[1:]))  # fmt: skip
