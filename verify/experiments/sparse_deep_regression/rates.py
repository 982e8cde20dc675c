"""(SH8), measured: risk against n of a network on the mean of the inputs, and of Haar series."""

from __future__ import annotations

import math
from collections.abc import Set
from functools import lru_cache

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, slopes_of
from verify.experiments.sparse_deep_regression.setting import Array, Setting
from verify.experiments.sparse_deep_regression.wavelets import pyramid
from verify.judging.sample import Sample

TERMS = 20
"""Of the function of the mean."""

RESOLUTION = {1: 15, 2: 9, 3: 6}
"""Levels of Haar functions that are written out, by dimension."""

QUADRATURE = 4096
"""Cells of the mean, for risks."""

SHOWN = 9
"""Sweeps in the picture, of other dimensions."""

LAYERS = 2
"""Hidden layers of hats: |u - k/M|, then relu(1/M - .)."""


def networks(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH8) for the sieve; the picture has d = 1, 2, 3."""
    c, d = setting.configuration, setting.configuration.variables
    sizes = np.array(doubled(c.smallest, c.largest))
    risks = sieve_risks(setting, d, c.sweeps, sizes, tell)
    slopes = slopes_of(sizes, risks)
    low = slopes <= -2 * c.alpha / (2 * c.alpha + 1) + c.tolerance
    rate = {"alpha": c.alpha, "n": sizes, "C": c.constant, "L": LAYERS}
    samples = {
        "slope_of_sieve": Sample(
            low.astype(float), {"alpha": c.alpha, "sigma": c.noise, **sweep(setting, sizes)}
        ),
        "sieve_risk": Sample(risks.T, rate),
    }
    notes = {"median_slope": float(np.median(slopes))}
    return Measured(samples, picture(setting, sizes, {d: risks}), notes=notes)


def wavelets(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH8) for Haar series."""
    c, d = setting.configuration, setting.configuration.variables
    sizes = np.array(doubled(c.smallest, c.largest))
    risks = haar_risks(d, c.alpha, c.noise, sizes)
    shared = {"alpha": c.alpha, "d": d}
    squares, _ = haar_squares(d, c.alpha)
    few, many = (int((squares > c.noise**2 / n).sum()) for n in (sizes[0], sizes[-1]))
    seen = {**shared, "few": few, "many": many, "written": len(squares)}
    samples = {
        "slope_of_haar": Sample(slopes_of(sizes, risks[None]), {**seen, **sweep(setting, sizes)}),
        "haar_risk": Sample(risks, {**shared, "n": sizes, "C": c.constant}),
    }
    return Measured(samples)


def sweep(setting: Setting, sizes: Array) -> dict[str, float]:
    """The symbols of a sweep."""
    return {"smallest": sizes[0], "largest": sizes[-1], "sizes": len(sizes),
            "tolerance": setting.configuration.tolerance}  # fmt: skip


def sieve_risks(
    setting: Setting, d: int, sweeps: int, sizes: Array, tell: Progress | None = None
) -> Array:
    """Risks of least squares over hats of the mean, (sweeps, sizes)."""
    c, rng = setting.configuration, setting.rng("sieve", d)
    found = np.zeros((sweeps, len(sizes)))
    for sweep, at in np.ndindex(found.shape):
        n = int(sizes[at])
        u = rng.random((n, d)).mean(1)
        Y = target(u, c.alpha) + c.noise * rng.standard_normal(n)
        M = math.ceil(n ** (1 / (2 * c.alpha + 1)) * (1 - 1e-12))
        top = float(target(np.zeros(1), c.alpha)[0])  # of all values, |h| <= h(0)
        found[sweep, at] = risk(least_squares(u, Y, M).clip(-top, top), d, c.alpha)
        if tell is not None:
            tell(sweep * len(sizes) + at + 1, found.size)
    return found


def target(u: Array, alpha: float) -> Array:
    """h(u) = sum_k 2^{-alpha k} cos(2 pi 2^k u)."""
    found = np.zeros_like(u)
    for k in range(TERMS):
        found += 2.0 ** (-alpha * k) * np.cos(2 * math.pi * 2**k * u)
    return found


def least_squares(u: Array, Y: Array, M: int) -> Array:
    """Values at the knots 0, 1/M, ..., 1 of the best combination of hats; the smallest one.

    Knots on either side of an empty cell do not know one another: a system for each run of knots.
    """
    cell = np.minimum((u * M).astype(int), M - 1)
    right = u * M - cell
    sums = [np.bincount(cell, w, M) for w in ((1 - right) ** 2, right * (1 - right), right**2)]
    b, own = np.zeros(M + 1), np.zeros(M + 1)
    b[:-1] += np.bincount(cell, (1 - right) * Y, M)
    b[1:] += np.bincount(cell, right * Y, M)
    own[:-1] += sums[0]
    own[1:] += sums[2]
    knots = np.zeros(M + 1)
    for run in np.split(np.arange(M + 1), np.flatnonzero(sums[1] == 0) + 1):
        beside = sums[1][run[:-1]]
        G = np.diag(own[run]) + np.diag(beside, 1) + np.diag(beside, -1)
        knots[run] = np.linalg.lstsq(G, b[run], rcond=1e-12)[0]
    return knots


@lru_cache(maxsize=8)
def law_of_mean(d: int) -> tuple[Array, Array]:
    """Middles of cells of [0, 1], and the density of the mean of d uniform numbers there, over
    its sum."""
    u = (np.arange(QUADRATURE) + 0.5) / QUADRATURE
    density = sum(
        (-1) ** k * math.comb(d, k) * np.maximum(d * u - k, 0.0) ** (d - 1) * (d * u > k)
        for k in range(d + 1)
    )  # fmt: skip
    return u, density / density.sum()


def risk(knots: Array, d: int, alpha: float) -> float:
    """E (f - f0)^2 of a piecewise linear function of the mean."""
    u, weights = law_of_mean(d)
    f = np.interp(u, np.linspace(0, 1, len(knots)), knots)
    return float(weights @ (f - target(u, alpha)) ** 2)


def haar_risks(d: int, alpha: float, sigma: float, sizes: Array) -> Array:
    """Least risk of Haar series with sample means, by size: sum of min(sigma^2/n, d_l^2)."""
    squares, tail = haar_squares(d, alpha)
    return np.array([np.minimum(squares, sigma**2 / n).sum() + tail for n in sizes])


@lru_cache(maxsize=8)
def haar_squares(d: int, alpha: float) -> tuple[Array, float]:
    """Squares of the Haar coefficients of h(mean), and the energy of the levels left out."""
    J = RESOLUTION[d]
    w, places = 2.0**-J, np.indices((2**J,) * d).sum(0)
    middle = (np.arange(d * 2**J) + d / 2) * w / d  # the mean of the inputs, by sum of indices
    along = np.zeros(len(middle))
    for k in range(TERMS):
        omega = 2 * math.pi * 2**k
        shrunk = np.sinc(omega * w / (2 * math.pi * d)) ** d
        along += 2.0 ** (-alpha * k) * np.cos(omega * middle) * shrunk
    squares = pyramid(along[places][None] * w**d)[0] ** 2
    return squares, max(0.0, energy(d, alpha) - float(squares.sum()))


def energy(d: int, alpha: float) -> float:
    """E h(mean)^2, by characteristic functions."""
    k = np.arange(TERMS)
    omega = 2 * math.pi * 2.0**k
    weight = 2.0 ** (-alpha * k)

    def mean_cos(o: Array) -> Array:
        half = np.exp(0.5j * o) * np.sinc(o / (2 * math.pi * d)) ** d
        return np.asarray(half.real)

    both = mean_cos(omega[:, None] - omega) + mean_cos(omega[:, None] + omega)
    return float(weight @ both @ weight / 2)


def picture(setting: Setting, sizes: Array, known: dict[int, Array]) -> Trajectory:
    """Risk against n of the network and of Haar series, d = 1, 2, 3, a panel each.

    known  risks of the configuration's own dimension, whose panel is the first
    """
    c, panels = setting.configuration, []
    few = min(SHOWN, c.sweeps)
    for d in sorted((1, 2, 3), key=lambda d: d not in known):
        risks = known[d] if d in known else sieve_risks(setting, d, few, sizes)
        series = {"network": np.median(risks, 0),
                  "haar": haar_risks(d, c.alpha, c.noise, sizes)}  # fmt: skip
        title = heading("A network and Haar series", "h(mean x)",
                        {"d": d, r"\alpha": c.alpha, r"\sigma": c.noise})  # fmt: skip
        slopes = {
            "network": np.array([*_slope(sizes, series["network"])]),
            "haar": np.array([*_slope(sizes, series["haar"])]),
        }
        panels.append(Trajectory(
            "n", sizes, series, slopes, title=title, axis="samples $n$", quantity=f"risk, d = {d}",
            labels={"network": "network, least squares", "haar": "Haar, best coefficients"},
        ))  # fmt: skip
    return Trajectory("n", sizes, {}, panels=panels)


def _slope(sizes: Array, values: Array) -> tuple[float, float, float]:
    """A slope without an interval."""
    return float(slopes_of(sizes, values[None])[0]), -math.inf, math.inf
