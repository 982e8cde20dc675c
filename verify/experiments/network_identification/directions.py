"""Power iteration in the span of Hessians, its ends, points beside weights, shares of weights."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.network_identification.networks import (
    Networks,
    climb,
    inside,
    isolation,
    level,
    outer,
    subspace,
)
from verify.experiments.network_identification.setting import Setting, alone
from verify.experiments.network_identification.subspaces import LOST
from verify.judging.sample import Sample

BESIDE = {"dichotomy", "tangent"}
STILL = 1e-13
"""Iterations end where a start moves no further."""

BLOCK = 50
"""Steps between looks at which starts still move."""

FAR = 1e6
"""Tangents are cut there."""

MAXIMUM = 0.999
"""F above it counts as a maximum in the picture."""


def sphere(rng: np.random.Generator, *shape: int) -> np.ndarray:
    x = rng.standard_normal(shape)
    return np.asarray(x / np.linalg.norm(x, axis=-1, keepdims=True))


def ends(U: np.ndarray, x: np.ndarray, gamma: float, iterations: int) -> np.ndarray:
    """Where the power iteration is after so many steps, or stands still, (B, starts, D)."""
    found, at = x.copy(), x
    which = np.broadcast_to(np.arange(x.shape[1]), x.shape[:2])
    for t in range(1, iterations + 1):
        new, _ = climb(U, at, gamma)
        moved, at = np.abs(new - at).max(-1), new
        if t % BLOCK == 0 or t == iterations:
            np.put_along_axis(found, which[..., None], at, axis=1)
            left = int((moved > STILL).sum(1).max())
            if not left:
                break
            first = np.argsort(-moved, axis=1)[:, :left]
            at = np.take_along_axis(at, first[..., None], axis=1)
            which = np.take_along_axis(which, first, axis=1)
    return found


def climbed(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.7), (FK.8): sample (steps, B, starts), the first steps and then ever fewer.

    In the span of Hessians, and in as many random subspaces of the same dimension.
    """
    c, nets, rng = setting.configuration, setting.networks, setting.rng("climb")
    D, U = nets.D, setting.span[0]
    G = rng.standard_normal((len(U), U.shape[1], D, D))
    random, _ = subspace((G + np.swapaxes(G, 2, 3)).reshape(U.shape), U.shape[1])
    U = np.concatenate([U, random])
    x = sphere(rng, len(U), c.starts, D)
    looked_at = {*range(20), *np.unique(np.geomspace(20, max(20, c.iterations), 20).astype(int))}
    rows = []
    for t in range(c.iterations):
        new, y = climb(U, x, c.gamma)
        if t in looked_at:
            rows.append((level(U, x), y, level(U, new)))
        x = new
        tell(t + 1, c.iterations)
    F, y, after = (np.array(each) for each in zip(*rows, strict=True))
    symbols = {"F": F.clip(0, 1), "y": y, "gamma": c.gamma}
    return Measured({"climb": Sample(after, symbols, scale=LOST)})


def beside(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.9), (FK.10): samples (B, points, m); at ends of iterations, and beside each weight.

    These points are turned from w_k along the v that attains s_k.
    """
    c, nets, (U, _, true) = setting.configuration, setting.networks, setting.span
    x = ends(U, sphere(setting.rng("starts"), len(U), c.starts, nets.D), c.gamma, c.iterations)
    s, v = isolation(true, nets.W)
    s_k = s[..., -1] if s.shape[-1] else np.full(s.shape[:2], np.sqrt(2))
    turned = np.cos(c.turn) * nets.W + np.sin(c.turn) * v
    x = np.concatenate([x, turned], axis=1)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    squares = outer(x)
    rest = np.linalg.norm(squares - inside(U, squares), axis=-1)
    sin, cos = angles(x, nets.W)
    shape = sin.shape
    tangent = (sin / np.maximum(cos, 1 / FAR)).clip(0, FAR)
    wide = {
        "rest": np.broadcast_to(rest.clip(0, 1)[..., None], shape),
        "theta": np.broadcast_to(setting.theta[:, None, None], shape),
        "s_k": np.broadcast_to(s_k[:, None], shape),
        "tangent": tangent,
    }
    own = np.broadcast_to(s_k[:, None], shape)
    samples = {
        "dichotomy": Sample(sin * (own * cos - sin), wide, scale=LOST),
        "tangent": Sample(tangent, wide, scale=LOST / np.maximum(own, LOST)),
    }
    return Measured(samples)


def angles(x: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """sin and cos (B, points, m) of the angles between x (B, points, D) and +-w_k (B, m, D).

    The sine from the rest, for that from the cosine has half the digits.
    """
    inner = x @ np.swapaxes(W, -1, -2)
    rest = x[:, :, None] - inner[..., None] * W[:, None]
    return np.linalg.norm(rest, axis=-1), np.abs(inner)


def found(nets: Networks, x: np.ndarray, accuracy: float) -> np.ndarray:
    """Whether each weight is that near to some x, (B, m)."""
    return np.asarray((angles(x, nets.W)[0] < accuracy).any(1))


def published(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FK.P): sample (trials,); shares of weights found against m in a smaller dimension."""
    c = setting.configuration
    nets = setting.teachers("published", c.trials, c.neurons, c.dimension)
    U, _ = subspace(nets.squares, nets.rank)
    x = ends(U, sphere(setting.rng("published starts"), c.trials, c.starts, nets.D), c.gamma,
             c.iterations)  # fmt: skip
    every = found(nets, x, c.accuracy).all(1)
    symbols = {"D": nets.D, "m": nets.m, "C": c.constant, "delta": c.delta}
    sample = Sample(np.asarray(every, dtype=np.float64), symbols)
    return Measured({"found": sample}, alone(shares(setting, tell)))


def shares(setting: Setting, tell: Progress) -> Trajectory:
    """Shares of weights found, and of ends that are near-maxima but no weights, against m/D^2."""
    c, D = setting.configuration, setting.configuration.sweep_dimension
    T, edge = D * (D + 1) // 2, D * (D - 1) // 2 + 1
    sizes = np.unique([0, *np.linspace(1, T, 12).astype(int), edge - 1, edge])
    rows = [(1.0, 0.0)]
    for i, m in enumerate(sizes[1:]):
        rng = setting.rng(f"shares {m}")
        nets = Networks(sphere(rng, 4, int(m), D), np.zeros((4, int(m))), 1.0, 1.0)
        U, _ = subspace(nets.squares, int(m))
        x = ends(U, sphere(rng, 4, 5 * int(m) + 10, D), 0.5, 500)
        near = (angles(x, nets.W)[0] < c.accuracy).any(-1)
        spurious = (level(U, x) > MAXIMUM) & ~near
        rows.append((float(found(nets, x, c.accuracy).mean()), float(spurious.mean())))
        tell(i + 2, len(sizes))
    share, spurious = np.array(rows).T
    place: dict[str, Any] = {"threshold": (sizes >= edge).astype(np.float64)}
    return Trajectory(
        "neurons", sizes / D**2, {"found": share, "spurious": spurious, **place},
        labels={"found": "weights that are found", "spurious": "ends with $F > 0.999$, no weights",
                "threshold": f"threshold: $m = {edge}$"},
        areas=("threshold",), axis="$m/D^2$", quantity="share",
        title=f"power iteration, $D = {D}$",
    )  # fmt: skip
