"""Ranks, finite differences, the span that they give, thresholds in m."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import numpy as np

from theory.registry import claim
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.network_identification.networks import (
    differences,
    isolation,
    level,
    subspace,
)
from verify.experiments.network_identification.setting import Setting, alone, sine
from verify.judging.sample import Sample

RANKS = {"rank", "joint_rank"}
DIFFERENCES = {"difference", "sine"}
THRESHOLDS = {"everywhere", "flat"}

ZERO = 1e-9
"""Singular values below this share of the largest, and 1 - F below it, are 0."""

LOST = 1e-5
"""Times 1e-9, the tolerance of float64, what rounding loses of a number."""

TINY = 1e-300
"""Added to what may be 0 in a denominator."""

GRID = np.logspace(-3.5, 0, 15)
"""Steps of finite differences in the picture."""


def rank(rows: np.ndarray) -> np.ndarray:
    """(B,)"""
    s = np.linalg.svd(rows, compute_uv=False)
    return np.asarray((s > ZERO * s[:, :1]).sum(-1))


def ranks(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.1), (FK.2): samples (B, N) over the number of Hessians, at Gaussian points."""
    c, nets = setting.configuration, setting.networks
    X = setting.rng("generic points").standard_normal((c.networks, c.N, nets.D))
    H, size = nets.hessians(X), np.abs(nets.second(nets.inner(X)))
    largest = np.maximum.accumulate(size, axis=1)
    faintest = largest.min(-1) / np.maximum(largest.max(-1), TINY)
    alone, joint = [], []
    for n in range(1, H.shape[1] + 1):
        alone.append(rank(H[:, :n]))
        joint.append(rank(np.concatenate([H[:, :n], nets.squares], axis=1)))
        tell(n, H.shape[1])
    values = np.array(alone, dtype=np.float64).T
    symbols = {"D": nets.D, "m": nets.m}
    samples = {
        "rank": Sample(
            values,
            {**symbols, "N": np.arange(1, c.N + 1) * np.ones(values.shape), "faintest": faintest},
        ),
        "joint_rank": Sample(np.array(joint, dtype=np.float64).T, symbols),
    }
    return Measured(samples)


def differentiated(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.3): sample (B, N); (FK.4): sample (B,); errors against the step."""
    c, nets, (X, H, approximate) = setting.configuration, setting.networks, setting.hessians
    errors = approximate - H
    values = np.linalg.norm(errors, axis=-1)
    shared = setting.symbols
    size = nets.D * nets.m * nets.a / c.eps**2
    S = np.broadcast_to(nets.spread[:, None], values.shape)
    E, s_m = np.linalg.norm(errors, 2, axis=(1, 2)), setting.span[1]
    largest = np.linalg.norm(approximate, 2, axis=(1, 2))
    lost = LOST * largest / np.maximum(s_m, LOST * largest + TINY)
    samples = {
        "difference": Sample(values, {**shared, "S": S}, scale=LOST * size),
        "sine": Sample(setting.theta, {**shared, "E": E, "s_m": s_m}, trivial=1.0, scale=lost),
    }
    return Measured(samples, alone(curves(setting, X, H, tell)))


def curves(setting: Setting, X: np.ndarray, H: np.ndarray, tell: Progress) -> Trajectory:
    """Errors of Hessians and of their span against the step, in the median network."""
    c, nets, true = setting.configuration, setting.networks, setting.span[2]
    bound = claim("identification/differences")
    found = []
    for i, eps in enumerate(GRID):
        approximate = differences(setting.oracle(nets, "picture"), X, float(eps))
        U, _ = subspace(approximate, true.shape[1])
        error = np.linalg.norm(approximate - H, axis=-1).max(1)
        at = replace(setting, configuration=replace(c, eps=float(eps))).symbols
        h = bound.evaluate(at).bound
        found.append([np.median(each) for each in (error, sine(U, true), h)])
        tell(i + 1, len(GRID))
    error, angle, h = np.array(found).T
    return Trajectory(
        "eps", GRID, {"error": error, "bound": h, "sine": angle}, scale="log",
        labels={"error": "largest error of a Hessian", "bound": "what is certified of it",
                "sine": "sine of their span with that of the weights"},
        axis="step of finite differences", quantity="error",
        title=f"Hessians, $m = {nets.m}$, $D = {nets.D}$",
    )  # fmt: skip


def thresholds(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.5): sample (networks,); (FK.6): sample (weights,), around both thresholds in m."""
    c = setting.configuration
    everywhere, flat = [], []
    for D in range(1, c.largest + 1):
        T, edge = D * (D + 1) // 2, D * (D - 1) // 2 + 1
        for m in sorted({n for n in (1, edge - 1, edge, edge + 1, T - 1, T, T + 1) if n > 0}):
            nets = sphere(setting, D, m)
            U, _ = subspace(nets, min(m, T))
            x = setting.rng(f"sphere {D} {m}").standard_normal((1, 200, D))
            x /= np.linalg.norm(x, axis=-1, keepdims=True)
            everywhere.append((D, m, float((level(U, x) > 1 - ZERO).all())))
            w = setting.rng(f"threshold {D} {m}").standard_normal((1, m, D))
            s, _ = isolation(U, w / np.linalg.norm(w, axis=-1, keepdims=True))
            flat += [(D, m, float(n)) for n in (s[0] < ZERO).sum(-1)]
        tell(D, c.largest)
    samples = {}
    for name, rows in (("everywhere", everywhere), ("flat", flat)):
        D_, m_, values = np.array(rows).T
        samples[name] = Sample(values, {"D": D_, "m": m_})
    return Measured(samples)


def sphere(setting: Setting, D: int, m: int) -> np.ndarray:
    """w_k w_k^T (1, m, D^2) of m weights, uniform whatever the teacher."""
    w = setting.rng(f"threshold {D} {m}").standard_normal((m, D))
    w /= np.linalg.norm(w, axis=-1, keepdims=True)
    return np.asarray((w[:, :, None] * w[:, None, :]).reshape(1, m, D * D))
