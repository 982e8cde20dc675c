"""Gradient descent on one ReLU neuron, the adversaries, and means on its data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from verify.training.divergence import check_finite

CONE = 0.5
"""Cosine of the angle of the cone whose labels are flipped."""

DEGREES = 2.5
"""Of freedom, of the heavy-tailed labels: a second moment, no third."""

Adversary = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""Of inputs (..., n, d), <w*, x> (..., n), a direction (..., d) and random numbers: e (..., n)."""


def relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0.0)


def at(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """<w, x> for all x: (..., n, d), (..., d) -> (..., n)."""
    return np.asarray((X @ w[..., None])[..., 0])


def _cone(X: np.ndarray, z: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return -2 * relu(z) * (at(X, v) > CONE * np.linalg.norm(X, axis=-1))


def _difference(
    X: np.ndarray, z: np.ndarray, v: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    size = np.sqrt((z**2).mean(-1, keepdims=True))
    return relu(size * at(X, v)) - relu(z)


ADVERSARY: dict[str, Adversary] = {
    "decoy": lambda X, z, v, rng: relu(at(X, v)),
    "difference": _difference,
    "sign": lambda X, z, v, rng: np.sign(at(X, v)),
    "linear": lambda X, z, v, rng: at(X, v),
    "cone": _cone,
    "constant": lambda X, z, v, rng: np.ones_like(z),
    "heavy": lambda X, z, v, rng: rng.standard_t(DEGREES, z.shape),
    "negative": lambda X, z, v, rng: -np.abs(at(X, v)),
    "independent": lambda X, z, v, rng: rng.standard_normal(z.shape),
}
RANDOM = ("heavy", "independent")
"""Adversaries whose e is not a function of x."""


def noise_of(
    name: str, X: np.ndarray, z: np.ndarray, v: np.ndarray, rng: np.random.Generator,
    *, size: float, cut: bool = False,
) -> np.ndarray:  # fmt: skip
    """e (..., n) of that adversary with E e^2 = size^2, or 0 where it has nothing to change."""
    e = ADVERSARY[name](X, z, v, rng)
    e = e * (z > 0) if cut else e
    own = np.sqrt((e**2).mean(-1, keepdims=True))
    return np.asarray(size * np.divide(e, own, out=np.zeros_like(e), where=own > 0))


def whiten(X: np.ndarray) -> np.ndarray:
    """X (..., n, d) with E x x^T = I; twice, for rounding is that of the condition at first."""
    for _ in range(2):
        values, V = np.linalg.eigh(np.swapaxes(X, -1, -2) @ X / X.shape[-2])
        X = X @ (V / np.sqrt(values)[..., None, :]) @ np.swapaxes(V, -1, -2)
    return X


def gradient(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """grad F at w (..., S, d), on X (..., n, d), y (..., n); relu'(0) = 0."""
    z = w @ np.swapaxes(X, -1, -2)
    return np.asarray(2 * ((relu(z) - y[..., None, :]) * (z > 0)) @ X / X.shape[-2])


def descend(X: np.ndarray, y: np.ndarray, w: np.ndarray, eta: float, steps: int) -> np.ndarray:
    """All iterates (steps + 1, ..., S, d) of descent from w (..., S, d); Diverged if they do."""
    path = np.empty((steps + 1, *w.shape))
    path[0] = w
    for k in range(steps):
        path[k + 1] = path[k] - eta * gradient(X, y, path[k])
    check_finite(path)
    return path


def last(X: np.ndarray, y: np.ndarray, w: np.ndarray, eta: float, steps: int) -> np.ndarray:
    """The last iterate alone."""
    for _ in range(steps):
        w = w - eta * gradient(X, y, w)
    check_finite(w)
    return w


def risk(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """F at w (..., d), on one data set."""
    return np.asarray(((relu(w @ X.T) - y) ** 2).mean(-1))


def warm(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """2 E y x, (..., d)."""
    return np.asarray(2 * (y[..., None, :] @ X)[..., 0, :] / X.shape[-2])
