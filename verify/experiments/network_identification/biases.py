"""Signs by algebra, and biases by gradient descent from explicit starts."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.network_identification.networks import Networks, differences, upward
from verify.experiments.network_identification.setting import Setting, alone
from verify.experiments.network_identification.subspaces import LOST
from verify.judging.sample import Sample

ALGEBRA = {"coefficient", "telling", "off", "agreement"}
DESCENT = {"bias", "path"}
MEAN_SQUARE = 4 / (3 * np.sqrt(3))
"""max |tanh''|."""

ZERO = 1e-13
"""Eigenvalues of Gamma below this share of the largest are 0: more neurons than dimensions."""

FAINT = 1e-100
"""Eigenvalues of A below it are lost: descent would take infinite steps."""

SLOW = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Distances along the slowest eigenvector, in radii of the basin times `reach`."""


def coefficients(W: np.ndarray, H: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """c (B, n, m) = Gamma^-1 (w_k^T H w_k)_k of Hessians H (B, n, D^2), and diag Gamma^-1 (B, m).

    W (B, m, D), whose signs do not matter.
    """
    rows = (W[..., :, None] * W[..., None, :]).reshape(*W.shape[:-1], -1)
    inverse = np.linalg.pinv(rows @ np.swapaxes(rows, -1, -2), rcond=ZERO, hermitian=True)
    c = H @ np.swapaxes(rows, -1, -2) @ inverse
    return np.asarray(c), np.asarray(np.diagonal(inverse, axis1=-2, axis2=-1))


def told(W: np.ndarray, hessians: Any, R: float) -> np.ndarray:
    """c_k(R w_k) - c_k(-R w_k), (B, m); `hessians` gives (B, n, D^2) at points (B, n, D)."""
    m = W.shape[1]
    both = coefficients(W, hessians(np.concatenate([R * W, -R * W], axis=1)))[0]
    k = np.arange(m)
    return np.asarray(both[:, k, k] - both[:, m + k, k])


def algebra(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.11), (FK.13): samples (B, N, m); (FK.12), (FK.14): samples (B, m)."""
    c, nets, (X, H, approximate) = setting.configuration, setting.networks, setting.hessians
    signs = setting.rng("signs").choice((-1.0, 1.0), nets.tau.shape)
    W = signs[..., None] * nets.W
    exact, dual = coefficients(W, H)
    off = np.abs(coefficients(W, approximate)[0] - exact)
    telling = told(W, nets.hessians, c.radius)
    oracle = setting.oracle(nets, "signs")
    guessed = -np.sign(told(W, lambda points: differences(oracle, points, c.eps), c.radius))
    shared = setting.symbols
    lost = LOST * nets.m * np.broadcast_to(dual.max(1, keepdims=True), dual.shape)
    here = {"D": nets.D, "m": nets.m, "a": nets.a, "b": nets.b}

    def wide(values: np.ndarray) -> np.ndarray:
        return np.broadcast_to(values, exact.shape)

    S = np.broadcast_to(nets.spread[:, None], nets.tau.shape)
    spots = {"R": c.radius, "tau": nets.tau}
    size = nets.D * nets.m * nets.a / c.eps**2
    samples = {
        "coefficient": Sample(exact, {**here, "z": nets.inner(X)}, scale=wide(lost[:, None])),
        "off": Sample(off, {**shared, "S": wide(S[:, None]), "dual": wide(dual[:, None])},
                      scale=wide(lost[:, None] * size)),
        "telling": Sample(telling, {**here, **spots, "sign": signs}, scale=lost),
        "agreement": Sample(guessed * signs, {**shared, **spots, "S": S, "dual": dual}),
    }  # fmt: skip
    return Measured(samples)


@dataclass(frozen=True, eq=False)
class Fit:
    """Least squares in the biases, by weights that may not be those of the targets.

    X (B, M, D), y (B, M); W (B, m, D) are the weights of `networks`, its biases the true ones.
    """

    networks: Networks
    X: np.ndarray
    y: np.ndarray

    @property
    def slopes(self) -> np.ndarray:
        """P (B, M, m), at the true biases."""
        return self.networks.first(self.networks.inner(self.X))

    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of A (B, m), rising, and its eigenvectors (columns)."""
        P = self.slopes
        return np.linalg.eigh(np.swapaxes(P, -1, -2) @ P / P.shape[-2])

    def slowest(self) -> np.ndarray:
        """The eigenvector of the least eigenvalue (B, m)."""
        return upward(self.spectrum()[1][:, :, 0])

    def residual(self) -> np.ndarray:
        """xi (B, M)."""
        return np.asarray(self.networks.values(self.X) - self.y)

    def descend(self, tau: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """One step of gradient descent from tau (B, m) with steps eta (B,)."""
        nets, M = self.networks, self.X.shape[-2]
        u = np.tanh(nets.b * (self.X @ np.swapaxes(nets.W, -1, -2) + tau[:, None]))
        e = nets.a * (u @ np.ones(nets.m)) - self.y  # g' = a b (1 - u^2), of one tanh
        gradient = (e[:, None] @ (nets.a * nets.b * (1 - u**2)))[:, 0] / M
        return np.asarray(tau - eta[:, None] * gradient)

    def radius(self) -> np.ndarray:
        """r_0 of the basin, (B,)."""
        values = self.spectrum()[0]
        lam, Lam = values[:, 0].clip(min=0), values[:, -1]
        G_2 = self.networks.a * self.networks.b**2 * MEAN_SQUARE
        return np.asarray(2 * lam / (np.sqrt(2.25 * Lam + 2 * lam) + 1.5 * np.sqrt(Lam)) / G_2)

    def lost(self, eta: np.ndarray) -> np.ndarray:
        """The size of what is rounded in one step, (B,)."""
        nets, slopes = self.networks, np.linalg.norm(self.slopes, axis=(1, 2))
        outputs = nets.a * nets.m * slopes / math.sqrt(self.X.shape[-2])
        return np.asarray(LOST * (1 + np.linalg.norm(nets.tau, axis=1) + eta * outputs))

    def symbols(self) -> dict[str, Any]:
        """What claims on descent share, (B,) each."""
        values, xi, M = self.spectrum()[0], self.residual(), self.X.shape[-2]
        p = np.linalg.norm((self.slopes * xi[..., None]).sum(-2), axis=-1) / M
        return {"a": self.networks.a, "b": self.networks.b, "lam": values[:, 0].clip(min=0),
                "Lam": values[:, -1], "p": p, "zeta": np.sqrt((xi**2).mean(-1))}  # fmt: skip


def fit_of(setting: Setting, W: np.ndarray | None = None) -> Fit:
    """The fit of the biases, with the true weights or others."""
    c, nets = setting.configuration, setting.networks
    X = c.fit_scale * setting.rng("fit").standard_normal((len(nets.W), c.fitted, nets.D))
    own = nets if W is None else Networks(W, nets.tau, nets.a, nets.b)
    return Fit(own, X, nets.values(X))


def step_of(setting: Setting, fit: Fit) -> np.ndarray:
    """eta (B,)."""
    return np.asarray(setting.configuration.step / fit.spectrum()[0][:, -1])


def faint(setting: Setting, wanted: Set[str]) -> Measured | None:
    """Why nothing is measured of descent, where that is so: g' is 0 in float64."""
    for W in (None, turned(setting)):
        if fit_of(setting, W).spectrum()[0][:, -1].min() < FAINT:
            return Measured.outside(wanted, f"g' is below {FAINT:g} at all points of the fit")
    return None


def spread_out(symbols: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Symbols (B,) along (.., B); numbers stay."""
    return {
        name: np.broadcast_to(value, shape) if np.ndim(value) else value
        for name, value in symbols.items()
    }


def followed(fit: Fit, at: np.ndarray, eta: np.ndarray, steps: int) -> np.ndarray:
    """Distances (steps + 1, B) from the true biases along gradient descent."""
    tau = fit.networks.tau
    d = [np.linalg.norm(at - tau, axis=1)]
    for _ in range(steps):
        at = fit.descend(at, eta)
        d.append(np.linalg.norm(at - tau, axis=1))
    return np.array(d)


def descended(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.15): sample (steps, 2 B), true weights and turned ones; (FK.17): sample (steps, B)."""
    if (outside := faint(setting, wanted)) is not None:
        return outside
    c, fits = setting.configuration, (fit_of(setting), fit_of(setting, turned(setting)))
    ways, shared, lost = [], [], []
    for number, fit in enumerate(fits):
        tau, eta = fit.networks.tau, step_of(setting, fit)
        u = fit.slowest()
        if c.start == "random":
            u = setting.rng("start").standard_normal(tau.shape)
        away = c.reach * fits[0].radius() / np.linalg.norm(u, axis=1)
        ways.append(followed(fit, tau + away[:, None] * u, eta, c.steps))
        shared.append({**fit.symbols(), "eta": eta})
        lost.append(fit.lost(eta))
        tell(number + 1, len(fits))
    way, ones = ways[0], np.ones(ways[0].shape)
    added = np.minimum(len(way), 1 / np.maximum(shared[0]["eta"] * shared[0]["lam"], LOST))
    both = np.concatenate(ways, axis=1)
    joint = {name: shared[0][name] if name in ("a", "b") else
             np.concatenate([each[name] for each in shared]) for name in shared[0]}  # fmt: skip
    samples = {
        "bias": Sample(both[1:], {**spread_out(joint, both[1:].shape), "d": both[:-1]},
                       scale=np.concatenate(lost) * np.ones(both[1:].shape)),
        "path": Sample(way, {**spread_out(shared[0], way.shape), "d_0": way[0] * ones,
                             "t": np.arange(len(way))[:, None] * ones},
                       trivial=way[0] * ones, scale=lost[0] * added * ones),
    }  # fmt: skip
    series = {"exact": np.median(way, axis=1), "turned": np.median(ways[1], axis=1)}
    curve = Trajectory(
        "step", np.arange(len(way)), series, axis="steps of descent", scale="linear",
        labels={"exact": "true weights, median network", "turned": "weights turned by the tilt"},
        quantity="distance from the biases",
        title=f"biases, $m = {c.neurons}$, from {c.fitted} values",
    )  # fmt: skip
    return Measured(samples, alone(curve))


def slowest(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.16): sample (distances, B), one step from the slowest eigenvector."""
    if (outside := faint(setting, wanted)) is not None:
        return outside
    c, fit = setting.configuration, fit_of(setting)
    tau, eta, v = fit.networks.tau, step_of(setting, fit), fit.slowest()
    distances = np.array(SLOW)[:, None] * c.reach * fit.radius()
    ends = np.array([
        np.linalg.norm(fit.descend(tau + d[:, None] * v, eta) - tau, axis=1) for d in distances
    ])  # fmt: skip
    shared = {**spread_out({**fit.symbols(), "eta": eta}, ends.shape), "d": distances}
    return Measured({"slowest": Sample(ends, shared, scale=fit.lost(eta) * np.ones(ends.shape))})


def turned(setting: Setting) -> np.ndarray:
    """The true weights, each turned by the angle `tilt`."""
    W, angle = setting.networks.W, setting.configuration.tilt
    v = setting.rng("tilt").standard_normal(W.shape)
    v -= (v * W).sum(-1, keepdims=True) * W
    size = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.asarray(np.cos(angle) * W + np.sin(angle) * v / np.maximum(size, 1e-300))


def floor(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.18): sample (steps, B), descent from the true biases with weights that are turned."""
    if (outside := faint(setting, wanted)) is not None:
        return outside
    c, fit = setting.configuration, fit_of(setting, turned(setting))
    tau, eta = fit.networks.tau, step_of(setting, fit)
    way = followed(fit, tau, eta, c.steps)[1:]
    shared = spread_out({**fit.symbols(), "eta": eta}, way.shape)
    lost = fit.lost(eta) * c.steps * np.ones(way.shape)
    return Measured({"floor": Sample(way, shared, scale=lost)})
