"""Two-layer ReLU networks of pairs, trained on one sample at a time, many at once.

W = kappa g + D is held as g and D: what pairs that start alike have in common never enters f, so
nothing cancels however large kappa is. The neurons h = 0 have the sign +1, those of h = 1 the sign
-1 before m^{-1/2}.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from verify.training.divergence import check_finite

SIGNS = np.array([1.0, -1.0])[:, None]


@dataclass(frozen=True, eq=False)
class Path:
    """What was seen at each step, (steps, networks), before it was taken.

    f, g       outputs of network and comparator; g is 0 without one
    loss, compared, slope   l(f), l(g), l'(f)
    active     share of the neurons that are active at x_t
    flips      neurons seen on the other side than at the start, up to here
    away       ||W* - W_{t+1}||^2
    D          W_T - W_0, (networks, 2, pairs, d)
    """

    f: np.ndarray
    g: np.ndarray
    loss: np.ndarray
    compared: np.ndarray
    slope: np.ndarray
    active: np.ndarray
    flips: np.ndarray
    away: np.ndarray
    D: np.ndarray


def loss_of(loss: str, error: np.ndarray) -> np.ndarray:
    """l at the error f - y."""
    size = np.abs(error)
    if loss == "squared":
        return error**2 / 2
    return np.where(size <= 1, error**2 / 2, size - 0.5)


def slope_of(loss: str, error: np.ndarray) -> np.ndarray:
    """l' at the error f - y."""
    return error if loss == "squared" else np.clip(error, -1.0, 1.0)


def projected(D: np.ndarray, x: np.ndarray) -> np.ndarray:
    """<d_r, x>, (networks, 2, pairs), of D (networks, 2, pairs, d) and x (networks, d)."""
    return np.asarray((D @ x[:, None, :, None])[..., 0])


def output(active: np.ndarray, along: np.ndarray) -> np.ndarray:
    """m^{-1/2} sum_r s_r 1_r <d_r, x>, (networks,)."""
    m = 2 * along.shape[-1]
    return np.asarray((SIGNS * active * along).sum((1, 2)) / math.sqrt(m))


def common(active: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The part of kappa g, pair by pair: exactly 0 where both neurons are alike."""
    pairs = active[:, 0] * u[:, 0] - active[:, 1] * u[:, 1]
    return np.asarray(pairs.sum(1) / math.sqrt(2 * u.shape[-1]))


def moved(D: np.ndarray, rate: np.ndarray, active: np.ndarray, x: np.ndarray) -> None:
    """D less rate (networks,) times the gradient of f, in place."""
    m = 2 * D.shape[2]
    D -= ((rate / math.sqrt(m))[:, None, None] * SIGNS * active)[..., None] * x[:, None, None]


def train(
    g: np.ndarray, kappa: float, x: np.ndarray, y: np.ndarray, eta: float, loss: str,
    comparator: np.ndarray | None = None,
) -> Path:  # fmt: skip
    """A step on each of x (steps, networks, d), y (steps, networks); comparator: W* - W_0.

    Diverged where a loss leaves the range of float64.
    """
    D, held = np.zeros(g.shape), np.zeros(g.shape[:-1], dtype=bool)
    rows = []
    for x_t, y_t in zip(x, y, strict=True):
        u = kappa * projected(g, x_t)
        along = projected(D, x_t)
        active = u + along > 0
        held |= active != (u > 0)
        shared = common(active, u)
        f = output(active, along) + shared
        other = 0 * f if comparator is None else output(active, projected(comparator, x_t)) + shared
        slope = slope_of(loss, f - y_t)
        moved(D, eta * slope, active, x_t)
        away = 0 * f if comparator is None else ((comparator - D) ** 2).sum((1, 2, 3))
        rows.append((f, other, loss_of(loss, f - y_t), loss_of(loss, other - y_t), slope,
                     active.mean((1, 2)), held.sum((1, 2)), away))  # fmt: skip
    seen = [np.array(each, dtype=np.float64) for each in zip(*rows, strict=True)]
    check_finite(*seen)
    return Path(*[*seen, D])


def euler(
    g: np.ndarray, kappa: float, D: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f_W(x), <grad f_W(x), W>, the sum of |terms|: the whole weights, (networks,) each."""
    W = kappa * g + D
    z = projected(W, x)
    m = 2 * z.shape[-1]
    f = (SIGNS * relu(z)).sum((1, 2)) / math.sqrt(m)
    gradient = (SIGNS * relu_slope(z))[..., None] * x[:, None, None] / math.sqrt(m)
    return f, (gradient * W).sum((1, 2, 3)), (np.abs(gradient * W)).sum((1, 2, 3))


def relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0.0)


def relu_slope(z: np.ndarray) -> np.ndarray:
    return (z > 0).astype(np.float64)
