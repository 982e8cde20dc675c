"""(DR6): the risk over the number of features, its limit, and every descent."""

from __future__ import annotations

import math
from collections.abc import Set

import numpy as np

from theory.mathematics.random_features import limit
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.multiple_random_features.risks import drawn, once, trials
from verify.experiments.multiple_random_features.setting import Setting, gaussian
from verify.experiments.multiple_random_features.types import Features, Type, sphere
from verify.judging.sample import Sample

FAR, NEAR = np.geomspace(0.02, 8, 160), np.geomspace(1e-5, 0.45, 50)
"""N/n of the grid: everywhere, and relative distances from each N = n/k."""

END = 2.0
"""N/n after the last maximum, where its fall is measured."""

POINTS, FEW = 16, 8
"""Of the picture: N besides maxima and minima, and draws at most."""

Kinds = tuple[Type, ...]


def ridge(setting: Setting, kinds: Kinds) -> float:
    """That of the options for all types; for fewer it grows with the weakest: e^2 lam for e z."""
    least = min(kind.b for kind in kinds)
    return setting.configuration.ridge * (least / (setting.b.min() or 1.0) if least else 1.0)


def limit_at(setting: Setting, kinds: Kinds, x: np.ndarray) -> np.ndarray:
    """The limit of the risk with x n features of each type."""
    at = setting.configuration
    a, b = np.array([kind.a for kind in kinds]), np.array([kind.b for kind in kinds])
    psi = setting.c * x[:, None] * np.ones(len(kinds))
    return limit(a, b, psi, setting.c, ridge(setting, kinds)).risk(at.signal, at.noise)


def turns(setting: Setting, kinds: Kinds) -> tuple[np.ndarray, np.ndarray]:
    """N/n of the interior maxima and minima of the limit, on a grid that is fine near each n/k."""
    k = np.arange(1, len(kinds) + 1)[:, None]
    around = np.hstack([(1 - NEAR) / k, 1 / k, (1 + NEAR) / k])
    x = np.unique(np.concatenate([FAR, around.ravel()]))
    rises = np.diff(limit_at(setting, kinds, x)) > 0
    inside = x[1:-1]
    return inside[rises[:-1] & ~rises[1:]], inside[~rises[:-1] & rises[1:]]


def scales(setting: Setting) -> dict[str, float]:
    """What (DR6) asks of the types."""
    pairs = sorted({(kind.a, kind.b) for kind in setting.kinds}, key=sum, reverse=True)
    roots = np.sqrt(pairs)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(roots[1:] > 0, roots[1:] / roots[:-1], 0.0)
    gap = float(ratios.max(initial=0.0))
    narrow = float(ratios[roots[1:] > 0].min(initial=1.0))
    return {
        "alike": len(pairs), "gap": gap, "narrow": narrow, "b_min": setting.b.min(),
        "K": len(setting.kinds), "lam": setting.configuration.ridge,
    }  # fmt: skip


def maxima(setting: Setting) -> Sample:
    """(DR6): how many there are."""
    found, _ = turns(setting, setting.kinds)
    return Sample(np.array([float(len(found))]), scales(setting))


def descents(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR6): whether every fall is seen, per draw of weights and rows at every point."""
    at = setting.configuration
    tops, falls = neighbours(setting)
    points = np.unique(falls)
    right = dict(zip(points, limit_at(setting, setting.kinds, points / at.rows), strict=True))
    ratios = np.array([right[top] / right[bottom] for top, bottom in falls])
    rng, seen = setting.rng("descents"), np.zeros(at.draws)
    for draw in trials(setting, tell):
        here = {N: measured(setting, setting.kinds, int(N), rng) for N in points}
        every = np.array([here[top] / here[bottom] for top, bottom in falls])
        seen[draw] = bool(len(falls)) and bool((every >= ratios / 2).all())
    least = float(ratios.min(initial=np.inf if len(falls) else 1.0))
    values = scales(setting) | {"falls": least, "n": at.rows, "d": at.dimension}
    return Measured({"descents": Sample(seen, values)}, curves(setting, tops, points))


def neighbours(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """N at the maxima, and the pairs (N at a maximum, N at a minimum beside it): (pairs, 2)."""
    rows = setting.configuration.rows
    tops, bottoms = turns(setting, setting.kinds)
    bottoms = np.append(bottoms, END)
    pairs = []
    for top in tops:
        left, right = bottoms[bottoms < top], bottoms[bottoms > top]
        pairs += [(top, end[place]) for end, place in ((left, -1), (right, 0)) if len(end)]
    whole = np.maximum(np.rint(rows * np.array(pairs).reshape(-1, 2)), 1).astype(int)
    return np.unique(whole[:, 0]), whole


def measured(setting: Setting, kinds: Kinds, N: int, rng: np.random.Generator) -> float:
    """The exact risk with N features of each type, for fresh weights and rows."""
    at = setting.configuration
    counts = (N,) * len(kinds)
    features = Features(sphere(sum(counts), at.dimension, rng), kinds, counts)
    found = once(features, at.rows, gaussian(features), ridge(setting, kinds), rng)
    return at.signal**2 * found.bias + at.noise**2 * found.variance


def curves(setting: Setting, tops: np.ndarray, points: np.ndarray) -> Trajectory:
    """The risk over N with the first type, the first two, ..., and the limits of them."""
    at, rng = setting.configuration, setting.rng("curves")
    between = np.linspace(max(1, at.rows / 20), END * at.rows, POINTS).round().astype(int)
    N = np.unique(np.concatenate([between, points, tops]).astype(int))
    draws = max(2, min(FEW, at.draws))
    series: dict[str, np.ndarray] = {}
    limits, errors = dict(series), dict(series)
    labels: dict[str, str] = {}
    for k in range(1, len(setting.kinds) + 1):
        kinds = setting.kinds[:k]
        found = np.array([[measured(setting, kinds, x, rng) for _ in range(draws)] for x in N])
        series[f"types_{k}"] = found.mean(1)
        errors[f"types_{k}"] = found.std(1) / math.sqrt(draws - 1)
        limits[f"limit_{k}"] = limit_at(setting, kinds, N / at.rows)
        words = ",".join(at.types.split(",")[:k])
        labels |= {f"types_{k}": f"{words}, measured", f"limit_{k}": f"{words}, limit"}
    return Trajectory(
        "features", N, series | limits, errors=errors, labels=labels,
        axis="features $N$ of each type", quantity="risk",
        title=drawn(setting, "risk over the number of features"),
    )  # fmt: skip
