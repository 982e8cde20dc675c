"""Oracles of one neuron: every symbol and field, from what is drawn, by hand."""

from functools import lru_cache, partial
from itertools import pairwise
from math import ceil, cos, pi, sin, sqrt

import numpy as np
import torch

from tests.oracles import Near, Oracles, Satisfies
from tests.theorems.single_neuron.by_hand import (
    Ingredients,
    entries,
    formulas,
    labels,
    largest,
    mean_loss,
    relu,
    slope_at,
    white,
)

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
FINE = partial(Near, rtol=3e-7, atol=1e-9)
"""Where a maximum is found: it is flat."""

ROUNDING = Satisfies("rounding", lambda found, _: 0 <= np.max(found) < 1e-12)


def risks(it, w):
    return mean_loss(it.X, it.y, torch.tensor(w)).numpy()


# --- structure -----------------------------------------------------------------------------------


def of_points(value):
    names = ("Q", "I_w", "pull", "cross", "astray", "B", "noise", "both", "wrong", "silent")

    def sample(it):
        m = it.means
        symbols = {name: LOOSE(m[name], absolute=1e-13) for name in names}
        return {"values": LOOSE(value(m), absolute=1e-13), "symbols": symbols,
                "scale": LOOSE(it.opt + it.b**2 + m["size"])}  # fmt: skip

    return sample


# --- descent -------------------------------------------------------------------------------------


def certified(it):
    rho, c, _ = it.certificate
    return {"rho": rho, "c": LOOSE(c), "r_0": LOOSE(it.r_0)}


def distance(it):
    w = it.path[:, 0]
    values = [sqrt(sum((row - it.star) ** 2)) for row in w]
    return {"values": LOOSE(values), "symbols": {**certified(it), "k": range(len(w))},
            "trivial": LOOSE(it.b), "scale": LOOSE(it.b), "given": 1}  # fmt: skip


def descent_risk(it):
    w, r = it.path[it.steps, 0], it.radii[it.steps]
    near = []
    for radius in r:
        rows = [x @ it.star for x in it.X if abs(x @ it.star) <= radius * sqrt(x @ x)]
        near.append(sum(s * s for s in rows) / len(it.X))
    slopes = [sqrt(g @ g) for g in slope_at(it.X, it.y, w)]
    symbols = {"r_k": LOOSE(r), "B_r": LOOSE(near), "grad": LOOSE(slopes, absolute=1e-14)}
    return {"values": LOOSE(risks(it, w)), "symbols": certified(it) | symbols,
            "scale": LOOSE(it.b**2),
            "trivial": LOOSE(sum(it.y**2) / len(it.y))}  # fmt: skip


def warm_distance(it):
    return {"values": LOOSE([sqrt(sum((it.warm - it.star) ** 2))]), "scale": LOOSE(it.b)}


def warm_risk(it):
    return {"values": LOOSE(risks(it, it.warm[None])), "scale": LOOSE(it.b**2)}


def leaks(it):
    return LOOSE(max([0.0, *(abs(y) for x, y in zip(it.X, it.y, strict=True) if x @ it.star < 0)]))


def stuck(it):
    w = it.path[it.steps, 2]
    symbols = {"start": LOOSE(it.starts[2]), "leak": leaks(it), "k": np.array(it.steps)[:, None]}
    size = np.array([[sqrt(row @ row)] * len(row) for row in w])
    return {"values": LOOSE(w), "scale": LOOSE(size), "symbols": symbols}


def stuck_risk(it):
    symbols = {"leak": leaks(it), "k": it.steps, "power": LOOSE(sum(it.y**2) / len(it.y))}
    return {"values": LOOSE(risks(it, it.path[it.steps, 2])), "symbols": symbols}


def end(it):
    return {"values": LOOSE(risks(it, it.path[-1, 1][None])),
            "trivial": LOOSE(sum(it.y**2) / len(it.y))}  # fmt: skip


# --- rotation-invariant inputs -------------------------------------------------------------------


@lru_cache(1)
def angles(it):
    rng, count = it.rng("angles"), it.configuration.stationary
    return 2 * rng.random(count), pi * rng.random(count)


def integral(f):
    """Of f(z, s) where z = <w, x>, s = <w*, x>."""

    def sample(it):
        values, (norms, thetas) = [], angles(it)
        for r, theta in zip(norms, thetas, strict=True):
            w = it.b * r * np.array([cos(theta), sin(theta)])
            values.append(it.integral(lambda x, w=w: f(w @ x, it.b * x[0]), theta))
        return {"values": LOOSE(values), "symbols": {"r": norms, "theta": thetas},
                "scale": LOOSE(it.b**2 * (1 + norms**2))}  # fmt: skip

    return sample


def feasible_norm(omega, theta, u):
    """At a share u of the norms at which labels can make it stationary, else at a smaller angle."""
    lacks, _ = formulas()
    for i in range(200):
        angle = theta * (199 - i) / 199
        at = [lacks(1.0, omega, r, angle) - omega for r in (0.0, 1.0, 2.0)]
        curved = (at[0] - 2 * at[1] + at[2]) / 2
        roots = np.roots([curved, at[1] - at[0] - curved, at[0]])
        if np.isreal(roots).all() and max(roots) > 0:
            low, high = max(min(roots), 1e-9), max(roots)
            return low + (high - low) * u, angle
    raise AssertionError


@lru_cache(1)
def stationary(it):
    """Rows omega, C, r, theta, opt, risk of stationary points for b = 1."""
    c, rng, draws = it.configuration, it.rng("stationary"), it.rng("labels")
    rows = []
    for i in range(16):
        omega = c.calm * (c.loud / c.calm) ** (i / 15)
        C, *best = largest(omega)
        points = [(*best, 0.0)]
        while len(points) < c.stationary:
            theta, u, share = rng.random(3)
            norm = feasible_norm(omega, pi / 2 * theta, min(1.2 * u, 1.0))
            points.append((*norm, share))
        for r, theta, share in points:
            rows.append((omega, C, r, theta, *noisy(it, omega, r, theta, share, draws)))
    return np.array(rows).T


def noisy(it, omega, r, theta, share, rng):
    """opt and risk with labels on 4 x 40 points of the circle: e = p <a, x> and what is free."""
    w = r * np.array([cos(theta), sin(theta)])
    corners = sorted((x + 4 * pi) % (2 * pi) for x in
                     (-pi / 2, pi / 2, theta - pi / 2, theta + pi / 2))  # fmt: skip
    corners.append(corners[0] + 2 * pi)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    arcs = list(pairwise(corners))
    phi = np.concatenate([(a + b + (b - a) * nodes) / 2 for a, b in arcs])
    mass = np.concatenate([(b - a) * weights / 2 for a, b in arcs])
    mass = mass * [it.density(x) for x in phi]
    x = sqrt(2) * np.array([[cos(t), sin(t)] for t in phi])
    z, s = x @ w, x[:, 0]
    fire = (z > 0)[:, None] * x
    root = np.sqrt(mass)

    def free(f):
        """Least squares in place of the moments."""
        f = f - fire @ np.linalg.lstsq(root[:, None] * fire, root * f, rcond=None)[0]
        size = sqrt(mass @ f**2)
        return f / size if size > 1e-12 else 0 * f

    gap = np.maximum(z, 0) - np.maximum(s, 0)
    pulled = fire @ np.linalg.lstsq(root[:, None] * fire, root * gap, rcond=None)[0]
    worst = abs(s) * ((z > 0) != (s > 0))
    f = rng.normal(size=4)
    other = f[0] + f[1] * np.maximum(s, 0) + f[2] * x[:, 0] * x[:, 1] + f[3] * x[:, 1] ** 2
    h = free((1 - share) * free(worst) + share * free(other))
    left = omega - mass @ pulled**2
    e = pulled + (sqrt(left) * h if left > 1e-12 * omega else 0)
    return mass @ e**2, mass @ (gap - e) ** 2


def at_stationary(it):
    _, C, r, theta, opt, _ = stationary(it)
    return {"omega": LOOSE(opt), "C_w": LOOSE(C), "r": FINE(r), "theta": FINE(theta),
            "slope": ROUNDING}  # fmt: skip


def stationary_risk(it):
    *_, opt, risk = stationary(it)
    return {"values": LOOSE(it.b**2 * risk), "symbols": at_stationary(it),
            "scale": LOOSE(it.b**2 * (1 + opt))}  # fmt: skip


def stationary_opt(it):
    opt = stationary(it)[4]
    return {"values": LOOSE(it.b**2 * opt), "symbols": at_stationary(it), "scale": LOOSE(it.b**2)}


# --- sweeps --------------------------------------------------------------------------------------


def median_distance(it, rng, n, omega, adversary):
    """Of 12 data sets, row by row."""
    c = it.configuration
    law = c.data if c.data in ("gaussian", "laplace", "uniform", "exponential") else "gaussian"
    X = [white(x) for x in entries(law, rng, (12, n, c.dimension))]
    X = [np.vstack([x, -x]) for x in X]
    stars, v = ([unit_row(row) for row in rng.standard_normal((12, c.dimension))] for _ in "ab")
    far = []
    for x, star, aside in zip(X, stars, v, strict=True):
        y = labels(adversary, x, star, aside, rng, sqrt(omega), c.cut)
        w = sum(2 * t * row for t, row in zip(y, x, strict=True)) / len(y)
        for _ in range(40):
            z = x @ w
            w = w - 0.5 * (2 * ((np.where(z > 0, z, 0) - y) * (z > 0)) @ x) / len(x)
        far.append(sqrt(sum((w - star) ** 2)))
    return np.array(far)


def unit_row(row):
    return row / sqrt(row @ row)


@lru_cache(1)
def slopes(it):
    """By claim: the x of a sweep, the slopes, and the medians they are of, (sweeps, x)."""
    c = it.configuration
    noises, sizes = [c.quietest * 4**j for j in range(5)], [c.smallest]
    while 2 * sizes[-1] <= c.largest:
        sizes.append(2 * sizes[-1])
    enough = ceil(2 * c.dimension / c.smallest)
    sizes = [enough * n for n in sizes]
    rows = {"noise": [], "independent": [], "adversary": []}
    for i in range(c.sweeps):
        far = [np.median(median_distance(it, it.rng(f"noise {i}"), sizes[-1], x, c.adversary))
               for x in noises]  # fmt: skip
        rows["noise"].append(far)
        for name, law in (("independent", "independent"), ("adversary", c.adversary)):
            rng = it.rng(f"{name} {i}")
            rows[name].append([median_of_squares(it, rng, n, law) for n in sizes])
    x = {name: noises if name == "noise" else sizes for name in rows}
    return {name: (x[name], [np.polyfit(np.log(x[name]), np.log(far), 1)[0] for far in found],
                   np.array(found)) for name, found in rows.items()}  # fmt: skip


def median_of_squares(it, rng, n, law):
    c = it.configuration
    return np.median(median_distance(it, rng, n, c.omega or c.quietest, law) ** 2)


def slope(name, exponent):
    def sample(it):
        x, found, _ = slopes(it)[name]
        near = [float(abs(s - exponent) <= it.configuration.tolerance) for s in found]
        return {"values": near,
                "symbols": {"smallest": x[0], "largest": x[-1], "sizes": len(x)}}  # fmt: skip

    return sample


def option(name):
    return lambda it: getattr(it.configuration, name)


ORACLES = Oracles(
    ingredients=Ingredients,
    symbols={
        "opt": lambda it: LOOSE(it.opt), "b": lambda it: LOOSE(it.b), "eta": option("step"),
        "symmetric": lambda it: 0 if it.configuration.unpaired else 1, "skewed": lambda _: ROUNDING,
        "behind": option("behind"), "C": option("constant"), "epsilon": option("excess"),
        "uneven": option("uneven"), "tolerance": option("tolerance"),
        "function": lambda it: int(it.configuration.adversary not in ("heavy", "independent")),
    },
    samples={
        "risk": of_points(lambda m: m["risk"]),
        "half_pull": of_points(lambda m: m["pull"] / 2),
        "rest": of_points(lambda m: m["Q"] - 2 * m["I_w"]),
        "alignment": of_points(lambda m: m["I_w"]),
        "distance": distance, "descent_risk": descent_risk, "warm_distance": warm_distance,
        "warm_risk": warm_risk, "stuck": stuck, "stuck_risk": stuck_risk, "end": end,
        "mean_alignment": integral(lambda z, s: (relu(z) - relu(s)) * (z > 0) * (z - s)),
        "mean_gap": integral(lambda z, s: (relu(z) - relu(s)) ** 2),
        "mean_apart": integral(lambda z, s: (z > 0) * (z - s) ** 2),
        "mean_disagreement": integral(lambda z, s: s**2 * ((z > 0) != (s > 0))),
        "stationary_risk": stationary_risk, "stationary_opt": stationary_opt,
        "slope_noise": slope("noise", 0.5), "slope_independent": slope("independent", -1.0),
        "slope_adversary": slope("adversary", 0.0),
    },
)  # fmt: skip
