"""Oracles of sparse deep regression: Haar series, and rates in the number of samples."""

from functools import lru_cache
from math import ceil, log

import numpy as np

from tests.oracles import Near
from tests.theorems.sparse_deep_regression import by_hand_wavelets


def series(it):
    """Errors of the estimated coefficients (trials, functions), the coefficients, J."""
    c, rng = it.configuration, it.rng("haar")
    d, n = c.variables, c.draws
    J = by_hand_wavelets.levels(d, c.noise**2 / n) + 1
    X = rng.random((c.trials, n, d))
    Y = X.mean(-1) + c.noise * rng.standard_normal((c.trials, n))
    found = [[(psi(x) * y).mean() for psi in by_hand_wavelets.functions(d, J)]
             for x, y in zip(X, Y, strict=True)]  # fmt: skip
    true = by_hand_wavelets.of_mean(d, J)
    true[abs(true) < 1e-14] = 0.0
    return np.array(found) - true, true, J


def haar_loss(it):
    c = it.configuration
    errors, true, J = series(it)
    tail = 4.0**-J / (12 * c.variables)
    kept = true**2 > c.noise**2 / c.draws
    values = (errors[:, kept] ** 2).sum(1) + (true[~kept] ** 2).sum() + tail
    return {"values": values, "symbols": {"J": J, "kept": kept.sum()}}


def thresholded_loss(it):
    c = it.configuration
    errors, true, J = series(it)
    found, threshold = [], c.noise * (2 * log(c.draws) / c.draws) ** 0.5
    for row in errors[:40]:
        found.append(sum(e**2 if abs(e + d) > threshold else d**2
                         for e, d in zip(row, true, strict=True)))  # fmt: skip
    some = true != 0
    symbols = {"J": J, "coefficients": true[some], "gap": errors[:40, some].T,
               "terms": some.sum(), "at": np.arange(len(found))}  # fmt: skip
    return {"values": np.array(found) + 4.0**-J / (12 * c.variables), "symbols": symbols}


def least_haar_sum(it):
    c, d, found = it.configuration, it.configuration.variables, []
    sizes = [c.draws * 2**k for k in range(8)]
    for n in sizes:
        noise = c.noise**2 / n
        levels = [d * 2.0 ** (j * d) * min(noise, 2.0 ** (-j * (d + 2)) / (16 * d * d))
                  for j in range(40)]  # fmt: skip
        found.append(min(noise, 0.25) + sum(levels))
    return {"values": np.array(found), "symbols": {"n": np.array(sizes)}}


def sizes(it):
    c, found = it.configuration, [it.configuration.smallest]
    while 2 * found[-1] <= c.largest:
        found.append(2 * found[-1])
    return np.array(found)


@lru_cache
def sieve_risks(it, d=None, sweeps=None):
    c = it.configuration
    d, sweeps = d or c.variables, sweeps or c.sweeps
    rng, found = it.rng("sieve", d), []
    at = (np.arange(4096) + 0.5) / 4096
    weight = by_hand_wavelets.density(d, at)
    for _ in range(sweeps):
        row = []
        for n in sizes(it):
            u = rng.random((n, d)).mean(1)
            Y = by_hand_wavelets.h(u, c.alpha) + c.noise * rng.standard_normal(n)
            M = ceil(n ** (1 / (2 * c.alpha + 1)) - 1e-9)
            top = sum(2.0 ** (-c.alpha * k) for k in range(20))
            knots = np.clip(by_hand_wavelets.least_squares(u, Y, M), -top, top)
            f = sum(v * np.maximum(0, 1 - abs(M * at - k)) for k, v in enumerate(knots))
            row.append((weight * (f - by_hand_wavelets.h(at, c.alpha)) ** 2).sum() / weight.sum())
        found.append(row)
    return np.array(found)


def sweep(it):
    n = sizes(it)
    return {"smallest": n[0], "largest": n[-1], "sizes": len(n)}


def slope_of_sieve(it):
    c = it.configuration
    slopes = np.polyfit(np.log(sizes(it)), np.log(sieve_risks(it)).T, 1)[0]
    low = slopes <= -2 * c.alpha / (2 * c.alpha + 1) + c.tolerance
    return {"values": low.astype(float), "symbols": sweep(it)}


def counted(it):
    """Haar coefficients above the noise at both ends of the sweep, and all of them."""
    c = it.configuration
    squares = by_hand_wavelets.haar_squares(c.alpha)
    few, many = (sum(s > c.noise**2 / n for s in squares) for n in (sizes(it)[0], sizes(it)[-1]))
    return {"few": few, "many": many, "written": len(squares)}


def sieve_risk(it):
    return {"values": Near(sieve_risks(it).T, 1e-7), "symbols": {"n": sizes(it), "L": 2}}


def haar_risks(it):
    c = it.configuration
    return np.array([by_hand_wavelets.least_haar_risk(c.alpha, c.noise**2 / n) for n in sizes(it)])


def haar_risk(it):
    return {"values": haar_risks(it), "symbols": {"n": sizes(it)}}


def slope_of_haar(it):
    slope = np.polyfit(np.log(sizes(it)), np.log(haar_risks(it)), 1)[0]
    return {"values": np.array([slope]), "symbols": {**sweep(it), **counted(it)}}
