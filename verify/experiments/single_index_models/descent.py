"""Descent and flow of b = w o w - v o v towards Phi: coordinates or matrices, many at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from theory.language.errors import InvalidArgument

MOST_STEPS = 100_000
BLOCK = 16384
"""Coordinates that stay in the cache from step to step."""

PRECISION = 3e-14
"""Relative error of one step of the solver."""


@dataclass(frozen=True)
class State:
    """After k steps: w and v (...), and kept, the product of 1 - eta^2 (phi - b_i)^2."""

    k: int
    w: np.ndarray
    v: np.ndarray
    kept: np.ndarray

    @property
    def b(self) -> np.ndarray:
        return np.asarray(self.w**2 - self.v**2)


def check_steps(steps: float, name: str, value: float) -> int:
    """So many steps, if they are not too many; the option to change is named."""
    if not steps <= MOST_STEPS:
        raise InvalidArgument(name, value, f"such that {MOST_STEPS} steps are enough")
    return int(steps)


def states(phi: np.ndarray, eta: float, alpha: float) -> Iterator[State]:
    """All states of descent from w = v = alpha, for ever; the arrays are used again."""
    w, v, kept = np.full_like(phi, alpha), np.full_like(phi, alpha), np.ones_like(phi)
    moved, factor = np.empty_like(phi), np.empty_like(phi)
    k = 0
    while True:
        yield State(k, w, v, kept)
        np.multiply(w, w, out=moved)
        np.multiply(v, v, out=factor)
        moved -= factor
        np.subtract(phi, moved, out=moved)
        moved *= eta  # eta (phi - (w^2 - v^2))
        w *= np.add(1.0, moved, out=factor)
        v *= np.subtract(1.0, moved, out=factor)
        moved *= moved
        kept *= np.subtract(1.0, moved, out=moved)
        k += 1


def descend(phi: np.ndarray, eta: float, alpha: float, steps: Iterable[int]) -> list[State]:
    """The states after these numbers of steps, in their order; BLOCK coordinates at once."""
    wanted, phi = sorted(set(steps)), np.asarray(phi, dtype=np.float64)
    blocks = np.array_split(phi.ravel(), max(1, math.ceil(phi.size / BLOCK)))
    found = zip(*(_descend(block, eta, alpha, wanted) for block in blocks), strict=True)
    return [
        State(k, *(np.concatenate(each).reshape(phi.shape) for each in zip(*parts, strict=True)))
        for k, parts in zip(wanted, found, strict=True)
    ]


def _descend(
    phi: np.ndarray, eta: float, alpha: float, wanted: list[int]
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = []
    for state in states(phi, eta, alpha):
        if state.k in wanted:
            found.append((state.w.copy(), state.v.copy(), state.kept.copy()))
        if state.k >= wanted[-1]:
            return found
    raise AssertionError("states do not end")


def descend_matrices(
    Phi: np.ndarray, eta: float, alpha: float, steps: Iterable[int]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(W, V), each (..., d, d), after these numbers of steps from alpha I."""
    wanted = sorted(set(steps))
    W = alpha * np.broadcast_to(np.eye(Phi.shape[-1]), Phi.shape).copy()
    V, found = W.copy(), []
    for k in range(wanted[-1] + 1):
        if k in wanted:
            found.append((W, V))
        moved = eta * (Phi - square(W) + square(V))
        W, V = W + moved @ W, V - moved @ V
    return found


def square(W: np.ndarray) -> np.ndarray:
    """W W^T."""
    return np.asarray(W @ np.swapaxes(W, -1, -2))


def flow(phi: np.ndarray, alpha: float, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """w and v of the flow, (times, coordinates) each, by an explicit solver of order 8."""

    def velocity(w: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved = phi - (w * w - v * v)
        return moved * w, -moved * v

    start = np.full_like(phi, alpha)
    return _solved(velocity, start, start, times, 1e-290)


def flow_of_matrices(
    Phi: np.ndarray, alpha: float, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W and V of the flow, (times, d, d) each."""

    def velocity(W: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved = Phi - square(W) + square(V)
        return moved @ W, -moved @ V

    start = alpha * np.eye(len(Phi))
    return _solved(velocity, start, start, times, PRECISION * alpha)


def _solved(
    velocity: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    w: np.ndarray,
    v: np.ndarray,
    times: np.ndarray,
    precision: float,
) -> tuple[np.ndarray, np.ndarray]:
    shape = (2, *w.shape)

    def right(_: float, x: np.ndarray) -> np.ndarray:
        moved = np.empty(shape)
        moved[0], moved[1] = velocity(*x.reshape(shape))
        return moved.ravel()

    found = solve_ivp(right, (0.0, float(times[-1])), np.concatenate([w.ravel(), v.ravel()]),
                      method="DOP853", t_eval=times, rtol=PRECISION, atol=precision)  # fmt: skip
    path = found.y.T.reshape(-1, *shape)
    return path[:, 0], path[:, 1]
