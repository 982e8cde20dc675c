"""Gauss-Newton steps of one hidden layer of shifted ReLUs, many networks at once.

f(x) = m^{-1/2} sum_r a_r relu(<w_r, x> - b), e = f - y, J the Jacobian (n x m d), K = J J^T.
W' = W - J^T kappa with K kappa = e, exactly or up to a residual.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
SINGULAR = 1e-13
"""A kernel whose least eigenvalue is a smaller share of its largest is singular: no step."""


@dataclass(frozen=True)
class Networks:
    """Inputs X (n, d), output signs a (runs, m), threshold b."""

    X: Array
    a: Array
    b: float

    @property
    def m(self) -> int:
        """Neurons."""
        return int(self.a.shape[1])

    def preactivations(self, W: Array) -> Array:
        """<w_r, x_i>, (runs, m, n)."""
        return np.asarray(W @ self.X.T)

    def outputs(self, z: Array) -> Array:
        """f, (runs, n), from preactivations."""
        raised = np.maximum(z - self.b, 0)
        return np.asarray((self.a[:, None, :] @ raised)[:, 0] / math.sqrt(self.m))

    def kernel(self, z: Array) -> Array:
        """K, (runs, n, n)."""
        D = (z > self.b).astype(np.float64)
        return np.asarray(np.swapaxes(D, 1, 2) @ D / self.m * (self.X @ self.X.T))

    def pulled(self, z: Array, kappa: Array) -> Array:
        """J^T kappa, (runs, m, d)."""
        parts = (z > self.b) * kappa[:, None, :] * self.a[:, :, None]
        return np.asarray(parts @ self.X / math.sqrt(self.m))


@dataclass(frozen=True)
class Path:
    """Along the steps t = 0, ..., T; `flips`, `kinks` belong to the step from t to t + 1.

    errors  e, (T + 1, runs, n)
    least   lambda_min(K_t), (T + 1, runs)
    flips   neurons that flip on each sample, (T, runs, n)
    kinks   sum of a_r |z_{t+1} - b| over them, (T, runs, n)
    fired   neurons that fire on each sample, (T + 1, runs, n)
    moved   largest distance of a neuron from its start, (T + 1, runs)
    longest largest norm of a neuron, (T + 1, runs)
    first   largest first step of a neuron, (runs,)
    scale   largest sum of |summands| of an output so far, (T + 1, runs)
    """

    errors: Array
    least: Array
    flips: Array
    kinks: Array
    fired: Array
    moved: Array
    longest: Array
    first: Array
    scale: Array


def _sums(values: Array) -> Array:
    """Over the neurons, (runs, m, n) -> (runs, n); products are faster than sums across rows."""
    return np.asarray(np.ones(values.shape[1]) @ values.astype(np.float64, copy=False))


def _longest(rows: Array) -> Array:
    """The largest norm of a neuron, (runs, m, d) -> (runs,)."""
    return np.asarray(np.sqrt(np.einsum("rmd,rmd->rm", rows, rows).max(1)))


Solve = Callable[[Array, Array], Array]
"""(K, e) -> kappa, for each run."""


def exactly(K: Array, e: Array) -> Array:
    """K^{-1} e; 0 where K is singular."""
    values = np.linalg.eigvalsh(K)
    good = values[:, 0] > SINGULAR * np.maximum(values[:, -1], 1e-300)
    safe = np.where(good[:, None, None], K, np.eye(K.shape[-1]))
    return np.asarray(np.where(good[:, None], np.linalg.solve(safe, e[:, :, None])[:, :, 0], 0.0))


def residuals(nets: Networks, W: Array, y: Array, steps: int, solve: Solve = exactly) -> Array:
    """The errors of `gauss_newton` alone, (T + 1, runs, n)."""
    z = nets.preactivations(W)
    e = [nets.outputs(z) - y]
    for _ in range(steps):
        W = W - nets.pulled(z, solve(nets.kernel(z), e[-1]))
        z = nets.preactivations(W)
        e.append(nets.outputs(z) - y)
    return np.array(e)


def gauss_newton(nets: Networks, W: Array, y: Array, steps: int, solve: Solve = exactly) -> Path:
    """`steps` steps from W (runs, m, d) for targets y (n,) or (runs, n)."""
    start, z = W, nets.preactivations(W)
    rows: dict[str, list[Array]] = {
        name: []
        for name in ("errors", "least", "flips", "kinks", "fired", "moved", "longest", "scale")
    }
    first = np.zeros(len(W))

    def look() -> tuple[Array, Array]:
        e, K = nets.outputs(z) - y, nets.kernel(z)
        rows["errors"].append(e)
        rows["least"].append(np.maximum(np.linalg.eigvalsh(K)[:, 0], 0.0))
        rows["fired"].append(_sums(z > nets.b))
        rows["moved"].append(_longest(W - start))
        rows["longest"].append(_longest(W))
        size = _sums(np.maximum(z - nets.b, 0)).max(1) / math.sqrt(nets.m)
        rows["scale"].append(size + np.abs(y).max())
        return e, K

    e, K = look()
    for t in range(steps):
        move = nets.pulled(z, solve(K, e))
        W, before = W - move, z
        z = nets.preactivations(W)
        flipped = (z > nets.b) != (before > nets.b)
        rows["flips"].append(_sums(flipped))
        rows["kinks"].append((nets.a[:, None, :] @ (np.abs(z - nets.b) * flipped))[:, 0])
        if t == 0:
            first = _longest(move)
        e, K = look()
    found = {name: np.array(values) for name, values in rows.items()}
    return Path(first=first, **found)
