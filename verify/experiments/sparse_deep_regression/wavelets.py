"""(SH7), measured: Haar series for the mean of the inputs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.sparse_deep_regression.setting import Array, Setting
from verify.judging.sample import Sample

SHOWN = 40
"""Samples whose thresholded series is looked at, at most."""

SIZES = 8
"""Numbers of samples at which the closed form is looked at."""

FURTHER = 1
"""Levels of series whose coefficients are below the noise."""

CHUNK = 1 << 21
"""Numbers that are drawn at once."""


def haar_series(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH7): the best fixed set, and hard thresholds."""
    c, rng = setting.configuration, setting.rng("haar")
    d, n, sigma = c.variables, c.draws, c.noise
    J = levels(d, sigma**2 / n) + FURTHER
    true, tail = coefficients(d, J), 4.0**-J / (12 * d)
    some, found = max(1, CHUNK // (n * d)), list[Array]()
    for first in range(0, c.trials, some):
        X = rng.random((min(some, c.trials - first), n, d))
        Y = X.mean(-1) + sigma * rng.standard_normal(X.shape[:2])
        found.append(analyse(X, Y, J))
        tell(min(c.trials, first + some), c.trials)
    errors = np.concatenate(found) - true
    best = true**2 > sigma**2 / n
    loss = np.where(best, errors**2, true**2).sum(1) + tail
    few = errors[:SHOWN]
    large = np.abs(few + true) > sigma * math.sqrt(2 * math.log(n) / n)
    lost = np.where(large, few**2, true**2).sum(1) + tail
    nonzero = np.flatnonzero(true)
    shared: dict[str, Any] = {"d": d, "J": J}
    terms = {"gap": few[:, nonzero].T, "coefficients": true[nonzero], "terms": len(nonzero),
             "at": np.arange(len(few))}  # fmt: skip
    kept = {"n": n, "sigma": sigma, "kept": int(best.sum())}
    samples = {
        "haar_loss": Sample(loss, {**shared, **kept}),
        "thresholded_loss": Sample(lost, {**shared, **terms}),
    }
    return Measured(samples)


def least_sums(setting: Setting) -> Sample:
    """(SH7): what every fixed set risks at least, for n, 2 n, 4 n, ... samples."""
    c, d = setting.configuration, setting.configuration.variables
    sizes = c.draws * 2 ** np.arange(SIZES)
    sums = []
    for n in sizes:
        noise = c.noise**2 / n
        J = levels(d, noise)
        sums.append(np.minimum(noise, coefficients(d, J) ** 2).sum() + 4.0**-J / (12 * d))
    return Sample(np.array(sums), {"d": d, "n": sizes, "sigma": c.noise})


def levels(d: int, noise: float) -> int:
    """J: the coefficients of level J are not larger than the noise."""
    J = 0
    while 2.0 ** (-J * (d + 2)) > 16 * d**2 * noise:
        J += 1
    return J


def coefficients(d: int, J: int) -> Array:
    """Of the mean of the inputs, in the order of `pyramid`."""
    found = [np.array([0.5])]
    for j in range(J):
        size = -(2.0 ** (-j * (d + 2) / 2)) / (4 * d)
        found += [np.full(2 ** (j * d), size * (sum(e) == 1)) for e in directions(d)]
    return np.concatenate(found)


def directions(d: int) -> list[tuple[int, ...]]:
    """The types of Haar functions of d variables: along which of them they change sign."""
    return [e for e in itertools.product((0, 1), repeat=d) if any(e)]


def analyse(X: Array, Y: Array, J: int) -> Array:
    """Sample means of Y (trials, n) times the Haar functions at X (trials, n, d) in [0, 1).

    Of levels below J, (trials, functions); a Haar function is + on the lower half.
    """
    trials, n, d = X.shape
    cells = (X * 2**J).astype(int).clip(max=2**J - 1)
    flat = np.ravel_multi_index(tuple(np.moveaxis(cells, -1, 0)), (2**J,) * d)
    size = 2 ** (J * d)
    place = flat + size * np.arange(trials)[:, None]
    sums = np.bincount(place.ravel(), Y.ravel(), size * trials)
    return pyramid(sums.reshape((trials, *(2**J,) * d)) / n)


def pyramid(sums: Array) -> Array:
    """Haar coefficients (trials, 2^{Jd}) of integrals over cells (trials, 2^J, ..., 2^J).

    First the mean, then level by level, type by type.
    """
    trials, d, found = len(sums), sums.ndim - 1, list[Array]()
    while sums.shape[1] > 1:
        half = sums.shape[1] // 2
        split = sums.reshape((trials, *(half, 2) * d))
        halves, cubes = [2 * i + 2 for i in range(d)], [2 * i + 1 for i in range(d)]
        split = split.transpose([*halves, 0, *cubes])
        for axis in range(d):
            low, high = np.take(split, 0, axis), np.take(split, 1, axis)
            split = np.stack([low + high, low - high], axis)
        level = [split[e].reshape(trials, -1) * half ** (d / 2) for e in directions(d)]
        found.append(np.concatenate(level, axis=1))
        sums = split[(0,) * d]
    return np.concatenate([sums.reshape(trials, 1), *found[::-1]], axis=1)
