"""Oracles over Gaussian feedback, draw by draw."""

from math import sqrt

import numpy as np
from scipy.integrate import quad

from tests.oracles import Near
from tests.theorems.factorisation_feedback import by_hand
from verify.judging.seeds import numpy_generator


def gaussian(it, purpose, units, N):
    rng = numpy_generator("factorisation", purpose, it.salt)
    return rng.normal(size=(it.configuration.draws, units, N))


def spectrum(c):
    return c.signal * np.array([1 / (i + 1) for i in range(c.size)])


def drawn_error(it):
    c, sigma = it.configuration, spectrum(it.configuration)
    C = gaussian(it, "mean", max(2, c.largest_rank), c.size)
    r = range(2, max(2, c.largest_rank) + 1)
    left = [[by_hand.left(np.diag(sigma), each[:units]) for each in C] for units in r]
    total = sum(sigma**2)
    tail = [sum(sigma[i:] ** 2) for i in range(c.size + 1)]
    return {
        "values": Near(left, 1e-9, absolute=1e-12), "trivial": total, "scale": total,
        "symbols": {"units": np.array(r), "N": c.size, "tail": tail, "sigma": sigma},
    }  # fmt: skip


def one_unit_error(it):
    c, sigma = it.configuration, spectrum(it.configuration)
    C = gaussian(it, "mean", max(2, c.largest_rank), c.size)
    values = [sum(sigma**2) - sum((s * x) ** 2 * s**2 for s, x in zip(sigma, row[0], strict=True))
              / sum((sigma * row[0]) ** 2) for row in C]  # fmt: skip
    tail = [sum(sigma[i:] ** 2) for i in range(c.size + 1)]

    def integral(one):
        def density(t):
            return 1 / (1 + 2 * t * one**2) / np.prod(np.sqrt(1 + 2 * t * sigma**2))

        return quad(density, 0, np.inf, epsrel=1e-11, limit=400)[0]

    return {
        "values": values, "scale": sum(sigma**2),
        "symbols": {"r": 1, "N": c.size, "tail": tail, "sigma": sigma,
                    "J": Near([integral(one) for one in sigma], 1e-8)},
    }  # fmt: skip


def levels(it):
    """By quantity, two levels."""
    c = it.configuration
    N, r, p, tau = c.size, c.hidden, c.spikes, c.signal**2
    s = c.spike * tau
    C = gaussian(it, "levels", r, N)
    Y = np.diag([sqrt(s)] * p + [sqrt(tau)] * (N - p))
    left = np.array([by_hand.left(Y, each) for each in C])
    best = sum(sorted(np.diag(Y) ** 2)[: N - r])
    f = []
    for each in C:
        inverse = np.linalg.inv(each[:, p:] @ each[:, p:].T)
        f.append(np.linalg.eigvalsh(each[:, :p].T @ inverse @ each[:, :p])[::-1])
    at = {"N": N, "r": r, "p": p, "s": s, "tau": tau}
    one = at | {"f": Near(f, 1e-8), "c": np.arange(c.draws)}
    scale, near = N * sqrt(s * tau), {"rtol": 1e-9, "absolute": 1e-10}
    return {
        "excess": {"values": Near(left - best, **near), "scale": scale, "symbols": one},
        "excess_of_one": {"values": Near(left - best, **near), "scale": scale, "symbols": at},
        "mean_excess": {"values": Near(left - best, **near), "scale": scale, "symbols": at},
        "ratio": {"values": Near(left / best, **near), "scale": scale / best, "symbols": one},
    }


def slope_of_ratio(it):
    c, slopes = it.configuration, []
    for sweep in range(c.sweeps):
        medians = []
        for r in (2, 4, 8, 16):
            rng = numpy_generator("factorisation", "growth", r, sweep, it.salt)
            Y = np.diag([1e3] * r + [1.0] * (7 * r))
            ratios = [by_hand.left(Y, C) / (7 * r) for C in rng.normal(size=(75, r, 8 * r))]
            medians.append(np.median(ratios))
        slopes.append(np.polyfit(np.log([2, 4, 8, 16]), np.log(medians), 1)[0])
    near = [float(abs(slope - 1) <= c.tolerance) for slope in slopes]
    symbols = {"smallest": 2, "largest": 16, "widths": 4, "tolerance": c.tolerance}
    return {"values": near, "symbols": symbols}


def overlaps(it):
    """By quantity, at nearly equal error."""
    c, r = it.configuration, it.configuration.hidden
    sizes = [c.size, 2 * c.size, 4 * c.size]
    rows = {"overlap": [], "error": [], "fixed": []}
    for N in sizes:
        Y = np.diag([sqrt(1 + c.excess)] * r + [1.0] * (N - r))
        top = np.diag([1.0] * r + [0.0] * (N - r))
        C = gaussian(it, f"overlap {N}", r, N)
        P = [np.linalg.pinv(each @ Y) @ each @ Y for each in C]
        rows["overlap"].append([np.trace(top @ one) / r for one in P])
        rows["error"].append([by_hand.left(Y, each) / (N - r) for each in C])
        C = gaussian(it, f"isotropic {N}", r, N)
        P = [np.linalg.pinv(each) @ each for each in C]
        rows["fixed"].append([np.trace(top @ one) / r for one in P])
    at = {"r": r, "epsilon": c.excess}
    every = np.tile(np.array(sizes)[:, None], (1, c.draws))
    return {
        "overlap": {"values": rows["overlap"], "trivial": 1.0, "symbols": at | {"N": sizes}},
        "equal_error": {
            "values": rows["error"], "scale": max(sizes), "symbols": at | {"N": every},
        },
        "isotropic_overlap": {"values": rows["fixed"], "symbols": at | {"N": sizes}},
    }  # fmt: skip
