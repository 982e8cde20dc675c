"""Training of Z W towards Y: by random feedback in steps and in the flow, and with Z optimal.

The gradient of ||Y - Z W||_F^2/2 in W is -Z^T R. Random feedback puts a fixed C for Z^T; where C is
None, steps are those of gradient descent.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.integrate import solve_ivp

from theory.language.errors import InvalidArgument

Pair = tuple[np.ndarray, np.ndarray]
"""Z (n, r) and W (r, m)."""

RELATIVE = 1e-12
"""Local error of the flow, relative to an entry."""


LARGEST = 1e100
"""Entries of iterates that diverge exceed it."""


def bounded(pair: Pair, step: float) -> Pair:
    """The iterates; InvalidArgument where the step size made them diverge."""
    if not all((np.abs(M) < LARGEST).all() for M in pair):  # NaN is not below it
        raise InvalidArgument("step", step, "so small that the iteration stays bounded")
    return pair


def feedback_step(Y: np.ndarray, C: np.ndarray, Z: np.ndarray, W: np.ndarray, eta: float) -> Pair:
    """Both matrices from the values before the step."""
    with np.errstate(over="ignore", invalid="ignore"):
        R = Y - Z @ W
        return Z + eta * R @ W.T, W + eta * C @ R


def descend(Y: np.ndarray, C: np.ndarray | None, Z: np.ndarray, W: np.ndarray, eta: float,
            steps: int) -> Pair:  # fmt: skip
    """All iterates: Z (steps + 1, n, r) and W (steps + 1, r, m)."""
    Zs, Ws = [Z], [W]
    for _ in range(steps):
        Z, W = feedback_step(Y, Z.T if C is None else C, Z, W, eta)
        Zs.append(Z)
        Ws.append(W)
    return np.array(Zs), np.array(Ws)


def ends(Y: np.ndarray, C: np.ndarray | None, Z: np.ndarray, W: np.ndarray, eta: float, most: int
         ) -> Iterator[Pair]:  # fmt: skip
    """The iterate after every hundred steps, until `most`."""
    for step in range(1, most + 1):
        Z, W = feedback_step(Y, Z.T if C is None else C, Z, W, eta)
        if step % 100 == 0 or step == most:
            yield Z, W


def descend_optimally(Y: np.ndarray, C: np.ndarray, W: np.ndarray, eta: float, steps: int) -> Pair:
    """FA*: Z = Y W^+ at every iterate; shapes as of `descend`."""
    Zs, Ws = [], []
    for step in range(steps + 1):
        Z = Y @ np.linalg.pinv(W)
        Zs.append(Z)
        Ws.append(W)
        if step < steps:
            W = W + eta * C @ (Y - Z @ W)
    return np.array(Zs), np.array(Ws)


def flow(Y: np.ndarray, C: np.ndarray, Z: np.ndarray, W: np.ndarray, times: np.ndarray) -> Pair:
    """Z' = R W^T, W' = C R at the times, which rise from 0: (times, n, r) and (times, r, m)."""
    cut = Z.size

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        z, w = state[:cut].reshape(Z.shape), state[cut:].reshape(W.shape)
        R = Y - z @ w
        return np.concatenate([(R @ w.T).ravel(), (C @ R).ravel()])

    first = np.concatenate([Z.ravel(), W.ravel()])
    found = solve_ivp(velocity, (0.0, times[-1]), first, "DOP853", times, rtol=RELATIVE, atol=1e-40)
    if not found.success:
        raise ArithmeticError(f"the flow was not integrated: {found.message}")
    states = found.y.T
    return states[:, :cut].reshape(-1, *Z.shape), states[:, cut:].reshape(-1, *W.shape)


def network(X: np.ndarray, T: np.ndarray, C: np.ndarray | None, Z: np.ndarray, W: np.ndarray,
            eta: float, steps: int) -> Pair:  # fmt: skip
    """Random feedback of the network x -> Z W x; inputs X (samples, m), targets T (samples, n).

    The squared loss is a mean over the samples; shapes as of `descend`.
    """
    Zs, Ws = [Z], [W]
    for _ in range(steps):
        hidden = X @ W.T
        e = (T - hidden @ Z.T) / len(X)
        back = Z.T if C is None else C
        Z, W = Z + eta * e.T @ hidden, W + eta * (e @ back.T).T @ X
        Zs.append(Z)
        Ws.append(W)
    return np.array(Zs), np.array(Ws)
