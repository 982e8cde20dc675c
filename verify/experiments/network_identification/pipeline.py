"""From values of a network to its weights, signs and biases; errors against the step."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of
from verify.experiments.network_identification.biases import Fit, told
from verify.experiments.network_identification.directions import ends, sphere
from verify.experiments.network_identification.networks import (
    Networks,
    Oracle,
    differences,
    level,
    subspace,
)
from verify.experiments.network_identification.setting import Setting, alone
from verify.judging.sample import Sample

PIPELINE = {"queries", "weights_slope", "biases_slope"}
SAME = 0.9
"""Ends whose cosine is larger are taken for the same weight."""


@dataclass(frozen=True, eq=False)
class Identified:
    """What was recovered: weights W (B, m, D) with their signs, biases tau (B, m)."""

    W: np.ndarray
    tau: np.ndarray


def distinct(x: np.ndarray, F: np.ndarray, m: int) -> np.ndarray:
    """Up to sign, m different ones of x (starts, D): the highest of F first, then the next.

    Where fewer differ, the last ones are repeated.
    """
    kept: list[int] = []
    for i in np.argsort(-F):
        if all(abs(x[i] @ x[j]) < SAME for j in kept):
            kept.append(int(i))
        if len(kept) == m:
            break
    return np.asarray(x[kept + kept[-1:] * (m - len(kept))])


def identify(
    oracle: Oracle, X: np.ndarray, starts: np.ndarray, points: np.ndarray, *, m: int, eps: float,
    gamma: float, iterations: int, radius: float, steps: int,
) -> Identified:  # fmt: skip
    """Networks from values of theirs alone; the activation is known.

    X (B, N, D): where Hessians are taken; starts (B, starts, D) of the power iteration; points
    (B, M, D) at which biases are fitted.
    """
    U, _ = subspace(differences(oracle, X, eps), m)
    x = ends(U, starts, gamma, iterations)
    W = np.array([distinct(*each, m) for each in zip(x, level(U, x), strict=True)])
    known = oracle.networks
    telling = told(W, lambda at: differences(oracle, at, eps), radius)
    W = np.where(telling[..., None] > 0, -W, W)
    y = oracle(points)
    tau = np.zeros(W.shape[:2])
    fit = Fit(Networks(W, tau, known.a, known.b), points, y)
    eta = 1 / fit.spectrum()[0][:, -1]
    for _ in range(steps):
        tau = fit.descend(tau, eta)
    return Identified(W, tau)


def errors(nets: Networks, found: Identified) -> tuple[np.ndarray, np.ndarray]:
    """Largest distance from a true weight, and of the biases, (B,); each weight takes its nearest.

    2 where two weights have the same nearest one, or a sign is wrong.
    """
    inner = nets.W @ np.swapaxes(found.W, -1, -2)
    match = np.argmax(np.abs(inner), axis=-1)
    W = np.take_along_axis(found.W, match[..., None], axis=1)
    tau = np.take_along_axis(found.tau, match, axis=1)
    single = np.array([len(set(row)) == nets.m for row in match])
    weights = np.linalg.norm(W - nets.W, axis=-1).max(-1)
    biases = np.abs(tau - nets.tau).max(-1)
    return np.where(single, weights, 2.0), np.where(single, biases, 2.0)


def swept(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.19): sample (sizes,); (FK.20), (FK.21): samples (networks,)."""
    c, nets = setting.configuration, setting.networks
    sizes = np.geomspace(c.narrowest, c.widest, c.sizes) if c.sizes > 1 else np.array([c.widest])
    starts = sphere(setting.rng("pipeline"), c.networks, c.starts, nets.D)
    points = c.fit_scale * setting.rng("fit").standard_normal((c.networks, c.fitted, nets.D))
    X = setting.inputs(nets, "pipeline")
    counts, found = [], []
    for i, eps in enumerate(sizes):
        oracle = setting.oracle(nets, f"pipeline {i}")
        one = identify(
            oracle, X, starts, points, m=nets.rank, eps=float(eps), gamma=c.gamma,
            iterations=c.iterations, radius=c.radius, steps=c.steps,
        )  # fmt: skip
        counts.append(float(oracle.count))
        found.append(errors(nets, one))
        tell(i + 1, len(sizes))
    weights, biases = (np.array(each).T for each in zip(*found, strict=True))
    symbols = {**setting.symbols, "sizes": c.sizes, "widest": c.widest, "narrowest": c.narrowest,
               "tolerance": c.tolerance, "starts": c.starts, "R": c.radius, "tau_max": c.bias,
               "fewest": min(c.iterations, c.steps)}  # fmt: skip
    del symbols["S"]
    samples = {
        "queries": Sample(np.array(counts), {"D": nets.D, "m": nets.m, "N": c.N, "M": c.fitted})
    }
    for name, values in (("weights_slope", weights), ("biases_slope", biases)):
        slope = slopes_of(sizes, values)
        event = np.abs(slope - 2) <= c.tolerance
        samples[name] = Sample(event.astype(np.float64), symbols)
    curve = Trajectory(
        "eps", sizes, {"weights": np.median(weights, axis=0), "biases": np.median(biases, axis=0)},
        labels={"weights": "weights, median network", "biases": "biases"},
        axis="step of finite differences", quantity="largest error", scale="log",
        title=f"from values alone, $m = {nets.m}$, $D = {nets.D}$",
    )  # fmt: skip
    return Measured(samples, alone(curve), {"weights_found": float((weights < 0.5).mean())})
