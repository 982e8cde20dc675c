"""Oracles of sparse deep regression: every symbol and field of every sample."""

from functools import lru_cache, partial
from math import ceil, log

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.sparse_deep_regression import by_hand
from tests.theorems.sparse_deep_regression import oracles_wavelets as wavelets
from tests.theorems.sparse_deep_regression.by_hand import (
    Ingredients,
    S,
    count,
    depth,
    forward,
    gap_of_ones,
    mult,
    ones,
    tree,
)
from verify.training.explicit import hoelder_sieve, product_tree

BITS = 2**20


def ms(it):
    return np.arange(1, it.configuration.m + 1)


def dyadic(rng, *shape):
    return rng.integers(0, BITS + 1, shape) / BITS


def worst_pairs(rng, m, number):
    first, second = rng.integers(0, 2**m, number), rng.integers(0, 2**m + 1, number)
    found = []
    for i, k in zip(first, second, strict=True):
        a, b = (2 * i + 1) / 2 ** (m + 1), k / 2**m
        x, y = a + b - 0.5, b - a + 0.5
        if 0 <= x <= 1 and 0 <= y <= 1:
            found.append([x, y])
    return np.array([*found, [0.5 + 0.5 ** (m + 1)] * 2])


def sawtooth_error(it):
    x = dyadic(it.rng("sawtooth"), it.configuration.points)
    values = [x * (1 - x) - S(m, x) for m in ms(it)]
    return {"values": np.array(values), "symbols": {"m": ms(it)[:, None], "x": x[None]}}


def sawtooth_supremum(it):
    grids = [np.arange(2 ** (m + 1) + 1) / 2 ** (m + 1) for m in ms(it)]
    values = [(x * (1 - x) - S(m, x)).max() for m, x in zip(ms(it), grids, strict=True)]
    return {"values": np.array(values), "symbols": {"m": ms(it)}}


def points(it):
    """Random pairs, and pairs in which one is 0 or 1."""
    rng, number = it.rng("products"), it.configuration.points
    X = dyadic(rng, number, 2)
    edges, which, to = X.copy(), rng.integers(0, 2, number), rng.integers(0, 2, number)
    for row, i, value in zip(edges, which, to, strict=True):
        row[i] = value
    return X, edges


def multiplied(it, which):
    X = points(it)[which]
    values = [mult(m, X[:, 0], X[:, 1]) for m in ms(it)]
    symbols = {"m": ms(it)[:, None], "x": X[:, 0], "y": X[:, 1]}
    return {"values": np.array(values), "symbols": symbols}


def product_supremum(it):
    found = []
    for m in ms(it):
        grid = np.arange(2 ** (m + 1) + 1) / 2 ** (m + 1)
        x, y = np.meshgrid(grid, grid)
        found.append(abs(mult(m, x, y) - x * y).max())
    return {"values": np.array(found), "symbols": {"m": ms(it)}}


def of_trees(it, quantity):
    c, rng = it.configuration, it.rng("trees")
    rs, found = np.arange(2, c.factors + 1), []
    for m in ms(it):
        row = []
        for r in rs:
            near = 1 - rng.integers(0, 16, (c.points, r)) / 2 ** (m + 2)
            worst = worst_pairs(rng, m, c.points)
            x = np.vstack([dyadic(rng, c.points, r), np.maximum(near, 0),
                           np.hstack([worst, np.ones((len(worst), r - 2))])])  # fmt: skip
            errors = abs(tree(m, list(x.T)) - x.prod(1))
            row.append({
                "product_error": errors.max(), "tree_layers": depth(r) * (m + 4),
                "tree_nonzeros": by_hand.tree_nonzeros(m, r),
                "tree_width": by_hand.tree_width(m, r),
            }[quantity])  # fmt: skip
        found.append(row)
    symbols = {"m": ms(it)[:, None], "r": rs[None], "q": np.array([[depth(r) for r in rs]])}
    scale = {"scale": 1.0} if quantity == "product_error" else {}
    values = Near(np.array(found, dtype=float), absolute=1e-14)
    return {"values": values, "symbols": symbols, **scale}


def modules(it):
    """The trees and sieves themselves: their parameters are looked at one by one."""
    c = it.configuration
    trees = [product_tree(r, int(m)) for m in ms(it) for r in range(2, c.factors + 1)]
    return trees, [module(sieve) for sieve in it.sieves]


def module(sieve):
    exponents = list(next(iter(sieve.polynomials.values())))
    coefficients = [[P[e] for e in exponents] for P in sieve.polynomials.values()]
    return hoelder_sieve(coefficients, exponents, sieve.M, sieve.c.m)


def entries(network):
    return [v for p in network.state_dict().values() for v in p.numpy().ravel()]


def largest_parameter(it):
    return {"values": np.array([max(map(abs, entries(net))) for part in modules(it)
                                for net in part])}  # fmt: skip


def suprema(it):
    c, rng, found = it.configuration, it.rng("sieves"), []
    for sieve in it.sieves:
        if c.variables == 1:
            x = np.linspace(0, 1, 24 * sieve.M + 1)[:, None]
        else:
            x = (rng.integers(0, sieve.M, (c.points, c.variables)) + 0.5) / sieve.M
        x = np.vstack([x, rng.random((c.points, c.variables))])
        found.append(abs(sieve.at(x) - by_hand.f_of(c, x)).max())
    return np.array(found)


def c_beta(it):
    b, low, high = it.configuration.beta, 0.0, 1.0
    for _ in range(12):
        u = np.linspace(low, high, 1001)
        g = (1 - u) * u**b + u * (1 - u) ** b
        best = u[np.argmax(g)]
        low, high = max(0, best - (high - low) / 100), min(1, best + (high - low) / 100)
    return Near(g.max(), 1e-9)


def of_sieves(it):
    c = it.configuration
    several = c.variables > 1
    K = by_hand.function(c)[1]
    if several:
        K = 2.0 if c.function == "power" else 4 * np.pi**2 / c.variables
    order = 1 if several else max(1, ceil(c.beta) - 1)
    same = {"m": c.m, "r": c.variables, "beta": c.beta, "K": K, "q": depth(order),
            "q_f": depth(c.variables + 1), "c_beta": c_beta(it)}  # fmt: skip
    return [{**same, "M": s.M, "B": s.B, "J_hat": depth(s.M), "J_out": s.J_out}
            for s in it.sieves]  # fmt: skip


def along(it):
    each = of_sieves(it)
    found = {name: np.array([one[name] for one in each]) for name in each[0] if name != "c_beta"}
    value = each[0]["c_beta"]
    return {**found, "c_beta": Near(np.full(len(each), value.value), value.rtol)}


def sieve_error(it):
    B = np.array([s.B for s in it.sieves])
    return {"values": Near(suprema(it), absolute=1e-12 * B.max()), "symbols": along(it),
            "scale": 2 * B}  # fmt: skip


def sieve_layers(it):
    values = [s.layers for s in it.sieves]
    return {"values": np.array(values, dtype=float), "symbols": along(it)}


def sieve_nonzeros(it):
    values = [sum(v != 0 for v in entries(net)) for net in modules(it)[1]]
    return {"values": np.array(values, dtype=float), "symbols": along(it)}


def slope_in_knots(it):
    M = np.array([s.M for s in it.sieves])
    slope = np.polyfit(np.log(M), np.log(suprema(it)), 1)[0]
    symbols = {**of_sieves(it)[-1], "smallest": M[0], "largest": M[-1], "sizes": len(M)}
    return {"values": Near(np.array([slope]), absolute=1e-7), "symbols": symbols}


# --- classes -------------------------------------------------------------------------------------


def pairs(it):
    c, rng, p, eps = it.configuration, it.rng("covers"), it.p, it.epsilon
    T = count(p)
    theta = rng.uniform(-1, 1, (c.pairs, T))
    signs = rng.choice([-1.0, 1.0], (c.pairs, T))
    x = rng.random((c.pairs, 1, p[0]))[:, 0]
    sizes = rng.choice([0.0, 1e-3, 0.1], (c.pairs, 1))
    less = sizes * rng.random((c.pairs, T))
    found = []
    for i in range(c.pairs):
        one, other, at = theta[i], np.clip(theta[i] + eps * signs[i], -1, 1), x[i]
        if i % 2:
            one, other = ones(p) * (1 - eps * less[i]), ones(p) * (1 - eps)
            at = 1 - less[i, : p[0]]
        found.append(abs(forward(one, p, at) - forward(other, p, at)))
    return np.array(found), rng


def modulus(it):
    scale = gap_of_ones(it.p, 1.0)
    return {"values": Near(pairs(it)[0], absolute=1e-13 * scale), "scale": scale}


def extreme_pair(it):
    scale = gap_of_ones(it.p, 1.0)
    value = np.array([gap_of_ones(it.p, it.epsilon)])
    return {"values": Near(value, absolute=1e-13 * scale), "scale": scale}


def distance_to_centre(it):
    c, p, eps = it.configuration, it.p, it.epsilon
    T, rng = count(p), pairs(it)[1]
    s = min(c.nonzeros, T)
    theta = rng.uniform(-1, 1, (c.pairs, T))
    order = rng.random((c.pairs, T))
    x = rng.random((c.pairs, 8, p[0]))
    found = []
    for i in range(c.pairs):
        own = np.where(order[i] <= np.sort(order[i])[s - 1], theta[i], 0.0)
        if i % 2:
            own = np.where(own == 0, 0.0, ones(p))
        x[i, 0] = 1.0
        near = by_hand.to_grid(own, eps)
        found.append(max(abs(forward(own, p, at) - forward(near, p, at)) for at in x[i]))
    return {"values": Near(np.array(found), absolute=1e-13), "scale": 1.0}


def centres(it):
    s = min(it.configuration.nonzeros, count(it.p))
    return {"values": np.array([by_hand.log_centres(count(it.p), s, it.epsilon)])}


# --- oracle inequality ---------------------------------------------------------------------------


def exponential(it):
    level = it.configuration.draws * it.kappa * it.R - it.t * it.Z
    return {"values": np.exp(level).sum(1)}


def all_at_once(it):
    c = it.configuration
    bound = (it.t * it.Z + log(c.candidates / c.failure)) / (c.draws * it.kappa)
    return {"values": np.array([float(all(row >= it.R)) for row in bound])}


def risk(it):
    c, found = it.configuration, []
    for row in it.Z / c.draws:
        if c.estimator == "least":
            found.append(it.R[np.argmin(row)])
        else:
            found.append(max(R for R, z in zip(it.R, row, strict=True)
                             if z <= min(row) + c.tolerated))  # fmt: skip
    excess = 0.0 if c.estimator == "least" else c.tolerated
    return {"values": np.array(found), "trivial": c.ceiling**2,
            "symbols": {"R_star": min(it.R), "Delta": excess}}  # fmt: skip


def option(name):
    return lambda it: getattr(it.configuration, name)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "L": option("depth"), "p": lambda it: np.array(it.p), "epsilon": lambda it: it.epsilon,
        "delta": option("radius"), "T": lambda it: count(it.p),
        "s": lambda it: min(it.configuration.nonzeros, count(it.p)),
        "n": option("draws"), "N": option("candidates"), "F": option("ceiling"),
        "sigma": option("noise"), "t": lambda it: it.t, "delta_p": option("failure"),
        "eps_0": option("slack"), "d": option("variables"), "alpha": option("alpha"),
        "tolerance": option("tolerance"), "C": option("constant"),
    },
    samples={
        "sawtooth_error": sawtooth_error, "sawtooth_supremum": sawtooth_supremum,
        "product": partial(multiplied, which=0), "at_the_edges": partial(multiplied, which=1),
        "product_supremum": product_supremum,
        **{name: partial(of_trees, quantity=name) for name in (
            "product_error", "tree_layers", "tree_nonzeros", "tree_width")},
        "largest_parameter": largest_parameter, "sieve_error": sieve_error,
        "sieve_layers": sieve_layers, "sieve_nonzeros": sieve_nonzeros,
        "slope_in_knots": slope_in_knots,
        "modulus": modulus, "extreme_pair": extreme_pair,
        "distance_to_centre": distance_to_centre, "centres": centres,
        "exponential": exponential, "all_at_once": all_at_once, "risk": risk,
        "trained": lambda it: {"values": it.trained[0]},
        "haar_loss": wavelets.haar_loss, "thresholded_loss": wavelets.thresholded_loss,
        "least_haar_sum": wavelets.least_haar_sum, "slope_of_sieve": wavelets.slope_of_sieve,
        "sieve_risk": wavelets.sieve_risk, "slope_of_haar": wavelets.slope_of_haar,
        "haar_risk": wavelets.haar_risk,
    },
)  # fmt: skip
