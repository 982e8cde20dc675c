"""Networks of one class F(L, p, s), many at once; their cover; (SH5), measured.

Parameters are rows theta (..., T): W_0, v_1, W_1, ..., v_L, W_L, matrices row by row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from scipy.optimize import brentq

from verify.experiments.kit import Measured, Progress
from verify.experiments.sparse_deep_regression.setting import Array, Setting
from verify.judging.sample import Sample
from verify.training.explicit import ReluNetwork

INPUTS = 8
"""At which a network is compared with its centre."""


def parameters(p: Sequence[int]) -> int:
    """T, for widths p_0, ..., p_L and one output."""
    return sum(b * (a + 1) for a, b in pairwise(p)) + p[-1]


def evaluate(theta: torch.Tensor, p: Sequence[int], x: torch.Tensor) -> torch.Tensor:
    """Networks (..., T) at inputs (..., points, p_0): (..., points)."""
    at = 0
    for below, above in pairwise(p):
        W = theta[..., at : at + above * below].reshape(*theta.shape[:-1], above, below)
        at += above * below
        v = theta[..., None, at : at + above]
        at += above
        x = torch.relu(x @ W.transpose(-1, -2) - v)
    return (x @ theta[..., at:, None])[..., 0]


def values(theta: Array, p: Sequence[int], x: Array) -> Array:
    """`evaluate` of numpy arrays."""
    return np.asarray(evaluate(torch.from_numpy(theta), p, torch.from_numpy(x)).numpy())


def as_module(theta: Array, p: Sequence[int]) -> ReluNetwork:
    """One network (T,) as a module."""
    weights, shifts, at = [], [], 0
    for below, above in pairwise(p):
        weights.append(theta[at : at + above * below].reshape(above, below))
        at += above * below
        shifts.append(theta[at : at + above])
        at += above
    return ReluNetwork([*weights, theta[None, at:]], shifts)


def modulus(p: Sequence[int], eps: float) -> float:
    """M(eps), layer by layer: u bounds the values, d their differences."""
    u, d = 1.0, 0.0
    for width in p[:-1]:
        u, d = width * u + 1, width * (d + eps * (u - d)) + eps
    return p[-1] * (d + eps * (u - d))


def finest(p: Sequence[int], delta: float) -> float:
    """The eps <= 1 with M(eps) = delta, or 1."""
    if modulus(p, 1.0) <= delta:
        return 1.0
    return float(brentq(lambda eps: modulus(p, eps) - delta, 0.0, 1.0, xtol=1e-300, rtol=1e-14))


def places(eps: float) -> int:
    """Points of a grid of which one is within eps of every number in [-1, 1]: ceil(1/eps).

    They are the middles of as many cells of one length.
    """
    return math.ceil(1 / eps)


def log_centres(T: int, s: int, eps: float) -> float:
    """log of the number of centres: of the ways to choose at most s parameters and their values.

    One parameter after the other: the coefficients of (1 + g z)^T up to z^s, g places.
    """
    g, ways, scale = float(places(eps)), np.zeros(min(s, T) + 1), 0.0
    ways[0] = 1.0
    for _ in range(T):
        ways[1:] += g * ways[:-1].copy()
        top = ways.max()
        ways, scale = ways / top, scale + math.log(top)
    return scale + math.log(ways.sum())


def sparse(rng: np.random.Generator, count: int, T: int, s: int) -> Array:
    """Random parameters (count, T), s of them not 0 (all for s >= T)."""
    theta = rng.uniform(-1, 1, (count, T))
    order = rng.random((count, T)).argsort(axis=1).argsort(axis=1)
    return np.where(order < s, theta, 0.0)


def covers(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH5): pairs of near networks, the extreme pair, centres and how far they are."""
    c, rng = setting.configuration, setting.rng("covers")
    p, T = c.widths, parameters(c.widths)
    s = min(c.nonzeros, T)
    eps = finest(p, c.radius)
    shared: dict[str, Any] = {"L": c.depth, "p": np.array(p), "epsilon": eps}
    theta, other, x = near_pairs(rng, c.pairs, p, eps)
    pairs = np.abs(values(theta, p, x) - values(other, p, x))[:, 0]
    ones = extreme(p)
    extremes = [float(as_module(each, p).values(np.ones(p[0]))[0]) for each in (
        ones, ones * (1 - eps))]  # fmt: skip
    few = few_parameters(rng, c.pairs, p, s)
    at = rng.random((c.pairs, INPUTS, p[0]))
    at[:, 0] = 1.0
    to_centre = np.abs(values(few, p, at) - values(centre(few, eps), p, at)).max(-1)
    size = {**shared, "delta": c.radius, "T": T, "s": s}
    samples = {
        "modulus": Sample(pairs, shared, scale=modulus(p, 1.0)),
        "extreme_pair": Sample(np.array([abs(extremes[0] - extremes[1])]), shared,
                               scale=modulus(p, 1.0)),
        "distance_to_centre": Sample(to_centre, {**shared, "delta": c.radius}, scale=1.0),
        "centres": Sample(np.array([log_centres(T, s, eps)]), size),
    }  # fmt: skip
    return Measured(samples)


def near_pairs(
    rng: np.random.Generator, count: int, p: Sequence[int], eps: float
) -> tuple[Array, Array, Array]:
    """Pairs of parameters within eps, and inputs (count, 1, p_0).

    Half are anywhere; half are all ones that shrink, by eps or a little less, at inputs near 1.
    """
    T = parameters(p)
    theta = rng.uniform(-1, 1, (count, T))
    other = np.clip(theta + eps * rng.choice([-1.0, 1.0], theta.shape), -1, 1)
    x = rng.random((count, 1, p[0]))
    hostile = np.arange(count) % 2 == 1
    less = rng.choice([0.0, 1e-3, 0.1], (count, 1)) * rng.random(theta.shape)
    theta[hostile] = extreme(p) * (1 - eps * less[hostile])
    other[hostile] = extreme(p) * (1 - eps)
    x[hostile] = 1 - less[hostile, None, : p[0]]
    return theta, other, x


def few_parameters(rng: np.random.Generator, count: int, p: Sequence[int], s: int) -> Array:
    """Parameters (count, T), s of them not 0: anything, and ones (shifts -1)."""
    few = sparse(rng, count, parameters(p), s)
    hostile = np.arange(count) % 2 == 1
    few[hostile] = np.where(few[hostile] == 0, 0.0, extreme(p))
    return few


def extreme(p: Sequence[int]) -> Array:
    """All weights 1 and all shifts -1."""
    found, at = np.ones(parameters(p)), 0
    for below, above in pairwise(p):
        at += above * below
        found[at : at + above] = -1.0
        at += above
    return found


def centre(theta: Array, eps: float) -> Array:
    """Parameters that are not 0 moved to the nearest point of the grid."""
    count = places(eps)
    place = np.clip(np.floor((theta + 1) / 2 * count), 0, count - 1)
    return np.where(theta == 0, 0.0, -1 + (2 * place + 1) / count)
