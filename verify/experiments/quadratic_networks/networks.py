"""Quadratic networks, batched: loss, gradient, Hessian; descent, flow, Levenberg-Marquardt.

Weights are (..., k, d), output weights v (k,), inputs X (n, d), targets (n,) or (..., n).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

BLOWN = 1e6
"""Descent ends where a loss is this many times that at the start."""

FITTED = 1e-26
"""Levenberg-Marquardt ends where all gaps are below this share of the loss of the zero network."""


@dataclass(frozen=True, eq=False)
class Data:
    """X (n, d) and y (n,) or (trials, n): what the loss of quadratic networks depends on."""

    X: np.ndarray
    y: np.ndarray

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def d(self) -> int:
        return self.X.shape[1]

    @cached_property
    def squares(self) -> np.ndarray:
        """x_i x_i^T as rows (n, d^2)."""
        return np.einsum("ia,ib->iab", self.X, self.X).reshape(self.n, -1)

    @cached_property
    def basis(self) -> np.ndarray:
        """An orthonormal basis of the symmetric matrices, as columns (d^2, D)."""
        d, columns = self.d, []
        for a in range(d):
            for b in range(a, d):
                E = np.zeros((d, d))
                E[a, b] = E[b, a] = 1.0 if a == b else 0.5**0.5
                columns.append(E.ravel())
        return np.array(columns).T

    @cached_property
    def F(self) -> np.ndarray:
        """The inputs of the linear model in M: (n, D)."""
        return self.squares @ self.basis

    @cached_property
    def spectrum(self) -> tuple[float, float, int]:
        """t_min and t_max, eigenvalues of T = F^T F/n, and the rank of F.

        What is 0 up to rounding is 0.
        """
        D = self.F.shape[1]
        s = np.zeros(D)
        found = np.linalg.svd(self.F, compute_uv=False)
        s[: len(found)] = found
        s[s <= s[0] * max(self.F.shape) * np.finfo(float).eps] = 0.0
        return float(s[-1] ** 2 / self.n), float(s[0] ** 2 / self.n), int((s > 0).sum())

    @cached_property
    def best(self) -> np.ndarray:
        """M*: the least squares minimiser of least norm, (..., d, d)."""
        theta = np.linalg.lstsq(self.F, np.atleast_2d(self.y).T, rcond=None)[0].T
        return (theta @ self.basis.T).reshape(*self.y.shape[:-1], self.d, self.d)

    @property
    def loss_of_zero(self) -> np.ndarray:
        """||y||^2/(2n)."""
        return np.asarray((self.y**2).sum(-1) / (2 * self.n))

    def outputs(self, M: np.ndarray) -> np.ndarray:
        """<x_i x_i^T, M>, (..., n)."""
        return np.asarray(M.reshape(*M.shape[:-2], -1) @ self.squares.T)

    def averaged(self, e: np.ndarray) -> np.ndarray:
        """(1/n) sum_i e_i x_i x_i^T, (..., d, d)."""
        return np.asarray((e @ self.squares).reshape(*e.shape[:-1], self.d, self.d) / self.n)

    def gap(self, M: np.ndarray) -> np.ndarray:
        """L - L*: without the cancellation, for the residual of M* is orthogonal to the rest."""
        return np.asarray((self.outputs(M - self.best) ** 2).sum(-1) / (2 * self.n))

    def size(self, W: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The square of the outputs that cancel in the residual: rounding of a gap is relative to

        it.
        """
        low, U = np.linalg.eigh(self.best)
        bulk = second_moment(W, np.abs(v)) + (U * np.abs(low)[..., None, :]) @ np.swapaxes(
            U, -1, -2
        )
        return np.asarray(self.outputs(bulk).mean(-1) ** 2)


def second_moment(W: np.ndarray, v: np.ndarray) -> np.ndarray:
    """W^T D_v W, (..., d, d)."""
    return np.asarray(np.swapaxes(W, -1, -2) @ (v[:, None] * W))


def gradient(W: np.ndarray, v: np.ndarray, S: np.ndarray) -> np.ndarray:
    """2 D_v W S."""
    return np.asarray(2 * v[:, None] * (W @ S))


def hessian(W: np.ndarray, v: np.ndarray, data: Data) -> np.ndarray:
    """The Hessian of L at W, (..., k d, k d)."""
    *batch, k, d = W.shape
    S = data.averaged(data.outputs(second_moment(W, v)) - data.y)
    H = np.zeros((*batch, k, d, k, d))
    for row in range(k):
        H[..., row, :, row, :] = 2 * v[row] * S
    J = np.einsum("...ka,ia,ib->...ikb", v[:, None] * W, data.X, data.X)
    J = J.reshape(*batch, data.n, k * d)
    return H.reshape(*batch, k * d, k * d) + 4 / data.n * np.swapaxes(J, -1, -2) @ J


@dataclass(frozen=True, eq=False)
class Path:
    """What descent went through, at its `steps` (points,); others (points, seeds, ...)."""

    steps: np.ndarray
    W: np.ndarray
    walked: np.ndarray
    crossed: np.ndarray


def descend(
    W: np.ndarray,
    v: np.ndarray,
    data: Data,
    eta: np.ndarray,
    steps: Sequence[int],
    *,
    sums: bool = True,
) -> Path:
    """Gradient descent from W (seeds, k, d) with steps eta (seeds,), seen after `steps` of them.

    `walked` is sum ||G_s||_F^2, `crossed` the norm of sum W_+ S_s^2 W_-^T; without `sums` both are
    NaN. It ends where a loss is BLOWN times that at the start: what comes then is no number.
    """
    wanted, eta = set(steps), eta[:, None, None]
    up = int((v > 0).sum())
    nothing = 0.0 if sums else np.nan
    walked, crossed = np.full(len(W), nothing), np.full((len(W), up, len(v) - up), nothing)
    seen: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    limit = np.inf
    for step in range(max(steps) + 1):
        e = data.outputs(second_moment(W, v)) - data.y
        loss = (e**2).sum(-1)
        limit = BLOWN * (loss.max() + (data.y**2).sum(-1).max()) if step == 0 else limit
        blown = not (loss <= limit).all()
        if step in wanted or blown:
            seen.append((step, W, walked, np.linalg.norm(crossed, axis=(1, 2))))
        if blown:
            break
        S = data.averaged(e)
        G = gradient(W, v, S)
        if sums:
            WS = W @ S
            crossed = crossed + WS[:, :up] @ np.swapaxes(WS[:, up:], 1, 2)
            walked = walked + (G**2).sum((1, 2))
        W = W - eta * G
    at, *rest = zip(*seen, strict=True)
    return Path(np.array(at), *map(np.array, rest))


def recursion(
    A: np.ndarray, B: np.ndarray, c: float, data: Data, eta: np.ndarray, steps: Sequence[int]
) -> dict[str, np.ndarray]:
    """The d x d recursion from A, B (seeds, d, d), before the steps that are asked for.

    entry, once, twice: A and B, S A + A S and S A S, (points, seeds, 2, d, d).
    """
    wanted, seen = set(steps), []
    both, signs = np.stack([A, B], axis=1), np.array([1.0, -1.0])[:, None, None]
    identity, eta = np.eye(data.d), eta[:, None, None, None]
    for step in range(1, max(steps) + 1):
        S = data.averaged(data.outputs(c * (both[:, 0] - both[:, 1])) - data.y)[:, None]
        if step in wanted:
            seen.append((both, S @ both + both @ S, S @ both @ S))
        P = identity - 2 * eta * c * signs * S
        both = P @ both @ P
    return dict(
        zip(("entry", "once", "twice"), map(np.array, zip(*seen, strict=True)), strict=True)
    )


def flow(W: np.ndarray, v: np.ndarray, data: Data, times: np.ndarray) -> np.ndarray:
    """Gradient flow of L from one W (k, d), at the times (points, k, d)."""
    from scipy.integrate import solve_ivp

    def down(_: float, flat: np.ndarray) -> np.ndarray:
        at = flat.reshape(W.shape)
        S = data.averaged(data.outputs(second_moment(at, v)) - data.y)
        return -gradient(at, v, S).ravel()

    with np.errstate(over="ignore", invalid="ignore"):  # of steps that are then refused
        found = solve_ivp(down, (0.0, float(times[-1])), W.ravel(), "DOP853", times, rtol=1e-11,
                          atol=1e-13 * float(np.abs(W).max()))  # fmt: skip
    return np.asarray(found.y.T.reshape(-1, *W.shape))


def levenberg_marquardt(W: np.ndarray, v: np.ndarray, data: Data, steps: int) -> np.ndarray:
    """W (trials, k, d) after so many damped Gauss-Newton steps on the outputs.

    The residual of M* is orthogonal to every Jacobian, so a step for y is one for the outputs of
    M*: with these no rounding of that residual is divided by a small damping.
    """
    targets, inner = data.outputs(data.best), data.X @ data.X.T
    size = np.maximum(data.loss_of_zero, 1e-300)

    def residual(W: np.ndarray) -> np.ndarray:
        return data.outputs(second_moment(W, v)) - targets

    e = residual(W)
    loss, damping = (e**2).sum(-1), np.full(len(W), 1e-2)
    for _ in range(steps):
        Z = v * (data.X @ np.swapaxes(W, 1, 2))
        JJ = 4 * inner * (Z @ np.swapaxes(Z, 1, 2))
        level = np.trace(JJ, axis1=1, axis2=2) / data.n
        shift = (damping * level + 1e-300)[:, None, None] * np.eye(data.n)
        a = np.linalg.solve(JJ + shift, e[..., None])[..., 0]
        new = W - gradient(W, v, data.n * data.averaged(a))
        e_new = residual(new)
        loss_new = (e_new**2).sum(-1)
        better = loss_new < loss
        W = np.where(better[:, None, None], new, W)
        e, loss = np.where(better[:, None], e_new, e), np.where(better, loss_new, loss)
        damping = np.clip(np.where(better, damping / 4, damping * 3), 1e-10, 1e6)
        if (loss <= 2 * data.n * FITTED * size).all():
            break
    return W
