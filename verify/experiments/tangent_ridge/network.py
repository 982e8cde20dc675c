"""(NT.N), measured: a ReLU network in coupled pairs, trained by gradient descent."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.kit.slopes import doubled, slopes_of
from verify.experiments.tangent_ridge.risk import blur, near
from verify.experiments.tangent_ridge.setting import Array, Rows, Setting, on_sphere
from verify.judging.sample import Sample

NETWORKS = 6
"""Networks that are followed, at most."""

TIMES = 6
"""Steps at which they are looked at, at most."""

KAPPAS = (4, 32)
"""Smallest and largest scale of the sweep on new inputs."""

SWEPT = 8
"""Steps of a sweep: so many times fewer."""

NEW = 300
"""New inputs of a sweep."""

EACH = 10
"""Networks of a sweep, the same pairs at every scale: their mean gives one slope."""


@dataclass(eq=False)
class Network:
    """Networks of N pairs; weights W (networks, 2 N, d), the second half with minus signs."""

    W: Array
    start: Array

    @classmethod
    def coupled(cls, pairs: Array) -> Network:
        """From the common weights (networks, N, d)."""
        W = np.concatenate([pairs, pairs], axis=1)
        return cls(W.copy(), W)

    @property
    def signs(self) -> Array:
        half = self.W.shape[1] // 2
        return np.repeat([1.0, -1.0], half) / np.sqrt(2 * half)

    def __call__(self, X: Array) -> Array:
        """Outputs at unit rows (n, d), (networks, n): |x| = sqrt d is divided out."""
        return np.asarray(self.signs @ np.maximum(self.W @ X.T, 0))

    def step(self, X: Array, y: Array, eta: Array, lam: float) -> None:
        """Of descent on |y - f|^2/2 + lam |W - W_0|^2/2."""
        active = self.W @ X.T > 0
        error = self(X) - y
        slope = (self.signs[:, None] * active * error[:, None, :]) @ X
        self.W = self.W - eta[:, None, None] * (slope + lam * (self.W - self.start))


def step_sizes(setting: Setting, K: Array) -> Array:
    """A share of 1/(lambda_max(K_N) + lambda), (networks,)."""
    top = np.linalg.norm(K, 2, axis=(-2, -1)) + setting.lam
    return np.asarray(setting.configuration.step / np.where(top > 0, top, 1.0))


def on_rows(setting: Setting) -> Sample:
    """Outputs on training rows along the eigenvectors of K_N, (times, networks, n)."""
    c, rows, y = setting.configuration, setting.rows, setting.y
    pairs = np.concatenate([*setting.drawn("network", min(c.networks, NETWORKS), c.neurons)])
    S = rows.active(pairs)
    K = rows.of_neurons(S)
    mu, V = np.linalg.eigh(K)
    eta, network = step_sizes(setting, K), Network.coupled(c.kappa * pairs)
    size = np.sqrt(((network.W @ rows.X.T) ** 2).mean((1, 2)))
    times = np.unique(np.geomspace(1, c.steps, TIMES).astype(int))
    found, flips = [], []
    changed = np.zeros(len(pairs))
    before = network.W @ rows.X.T > 0
    for t in range(1, c.steps + 1):
        network.step(rows.X, y, eta, setting.lam)
        after = network.W @ rows.X.T > 0
        changed += (after != before).sum((1, 2))
        before = after
        if t in times:
            found.append((network(rows.X)[:, None, :] @ V)[:, 0])
            flips.append(changed.copy())
    symbols = {
        "t": times[:, None, None], "eta": eta[:, None], "lambda": c.ridge,
        "mu": mu.clip(min=0.0), "c": y @ V, "flips": np.array(flips)[..., None],
    }  # fmt: skip
    scale = np.broadcast_to(size[:, None], np.shape(found))
    return Sample(np.array(found), symbols, scale=scale)


def on_new_inputs(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Slopes of the mean square distance to the tangent model against kappa: event per sweep."""
    c, rows = setting.configuration, setting.rows
    kappas = doubled(*KAPPAS)
    steps = max(1, c.steps // SWEPT)
    Z = on_sphere(setting.rng("new inputs"), NEW, rows.d)
    parts = []
    for at, kappa in enumerate(kappas):
        drawn = setting.drawn("networks of sweeps", EACH * c.sweeps, c.neurons)
        each = np.concatenate([distance(setting, kappa, pairs, Z, steps) for pairs in drawn])
        parts.append(each.reshape(c.sweeps, EACH).mean(1))
        tell(at + 1, len(kappas))
    found = np.array(parts).T
    symbols = {"smallest": kappas[0], "largest": kappas[-1], "sizes": len(kappas),
               "tolerance": c.tolerance, "blur": blur(each, EACH)}  # fmt: skip
    slopes = slopes_of(np.array(kappas), found)
    notes = {
        "slope_of_network": float(np.median(slopes)),
        "distance_of_network": dict(zip(map(str, kappas), found.mean(0).tolist(), strict=True)),
    }
    return Measured({"slope_of_network": near(slopes, -1.0, c.tolerance, symbols)}, notes=notes)


def distance(setting: Setting, kappa: float, pairs: Array, Z: Array, steps: int) -> Array:
    """Mean over Z of (f_network - f_tangent)^2 after so many steps, (networks,)."""
    rows, y = setting.rows, setting.y
    S = rows.active(pairs)
    K = rows.of_neurons(S)
    eta, network = step_sizes(setting, K), Network.coupled(kappa * pairs)
    dual = np.zeros((len(pairs), rows.n))
    for _ in range(steps):
        network.step(rows.X, y, eta, setting.lam)
        slope = y - (K @ dual[..., None])[..., 0] - setting.lam * dual
        dual = dual + eta[:, None] * slope
    k = Rows(Z).active(pairs) @ np.swapaxes(S, -1, -2) / S.shape[-1] * (Z @ rows.X.T)
    tangent = (k @ dual[..., None])[..., 0]
    return np.asarray(((network(Z) - tangent) ** 2).mean(-1))
