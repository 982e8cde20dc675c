"""(SH1) to (SH4), measured: networks that multiply, and sieves for Hoelder functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of
from verify.experiments.sparse_deep_regression.configuration import Configuration
from verify.experiments.sparse_deep_regression.setting import Array, Setting
from verify.judging.sample import Sample
from verify.training.explicit import (
    ReluNetwork,
    hoelder_sieve,
    multiplication,
    product_tree,
    sawtooth,
    size_of,
)

BITS = 20
"""Inputs are multiples of 2^-BITS: then the networks that multiply do not round."""

PER_CELL = 24
"""Points between two knots."""

DUST = 1e-13
"""Coefficients that are smaller, relative to the largest, are 0: sin(2 pi) is no parameter."""

CELLS, INNER = 10, 12
"""Cells of each axis of the picture, and points in each."""


def sawtooths(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH1): the error at random points, and its supremum."""
    c, rng = setting.configuration, setting.rng("sawtooth")
    ms, x = np.arange(1, c.m + 1), dyadic(rng, c.points)
    errors, suprema = [], []
    for m in ms:
        worst = (2 * rng.integers(0, 2**m, c.points) + 1) / 2 ** (m + 1)
        at = np.concatenate([x, worst])
        error = at * (1 - at) - sawtooth(int(m)).values(at[:, None])[:, 0]
        errors.append(error[: c.points])
        suprema.append(error.max())
    samples = {
        "sawtooth_error": Sample(np.array(errors), {"m": ms[:, None], "x": x[None]}),
        "sawtooth_supremum": Sample(np.array(suprema), {"m": ms}),
    }
    return Measured(samples)


def products(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH2): Mult_m at random points, at worst points, and where a factor is 0 or 1."""
    c, rng = setting.configuration, setting.rng("products")
    ms, X = np.arange(1, c.m + 1), dyadic(rng, c.points, 2)
    edges, which = X.copy(), rng.integers(0, 2, c.points)
    edges[np.arange(c.points), which] = rng.integers(0, 2, c.points)
    found, suprema, at_edges = [], [], []
    for m in ms:
        network = multiplication(int(m))
        found.append(network.values(X)[:, 0])
        at_edges.append(network.values(edges)[:, 0])
        worst = np.vstack([X, worst_pairs(rng, int(m), c.points)])
        suprema.append(np.abs(network.values(worst)[:, 0] - worst.prod(1)).max())
    samples = {
        "product": Sample(np.array(found), {"m": ms[:, None], "x": X[:, 0], "y": X[:, 1]}),
        "product_supremum": Sample(np.array(suprema), {"m": ms}),
        "at_the_edges": Sample(
            np.array(at_edges), {"m": ms[:, None], "x": edges[:, 0], "y": edges[:, 1]}
        ),
    }
    return Measured(samples, Trajectory("x", np.zeros(0), {}, panels=[picture(c)]))


def dyadic(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 2^-BITS in [0, 1]."""
    return rng.integers(0, 2**BITS + 1, shape) / 2**BITS


def worst_pairs(rng: np.random.Generator, m: int, count: int) -> Array:
    """Pairs (x, y) at which |Mult_m - x y| is largest: e(a) at its supremum and e(b) = 0."""
    a = (2 * rng.integers(0, 2**m, count) + 1) / 2 ** (m + 1)
    b = rng.integers(0, 2**m + 1, count) / 2**m
    pairs = np.stack([a + b - 0.5, b - a + 0.5], 1)
    inside = pairs[((pairs >= 0) & (pairs <= 1)).all(1)]
    return np.vstack([inside, [[0.5 + 2.0 ** -(m + 1)] * 2]])  # a = 1/2, b = 1/2 + 2^-(m+1)


def trees(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH3): largest errors and sizes of trees, (m, factors), and the largest parameter."""
    c, rng = setting.configuration, setting.rng("trees")
    ms, rs = np.arange(1, c.m + 1), np.arange(2, c.factors + 1)
    error = np.zeros((len(ms), len(rs)))
    layers, nonzeros, width, largest = (np.zeros_like(error) for _ in range(4))
    for at in np.ndindex(error.shape):
        m, r = int(ms[at[0]]), int(rs[at[1]])
        network = product_tree(r, m)
        size, x = size_of(network), factors(rng, m, r, c.points)
        error[at] = np.abs(network.values(x)[:, 0] - x.prod(1)).max()
        layers[at], nonzeros[at], largest[at] = size.layers, size.nonzeros, size.largest
        width[at] = max(size.widths[1:-1])
    symbols = {"m": ms[:, None], "r": rs[None], "q": levels(rs)[None]}
    found = {"product_error": error, "tree_layers": layers, "tree_nonzeros": nonzeros,
             "tree_width": width}  # fmt: skip
    samples = {name: Sample(values, symbols, scale=1.0 if name == "product_error" else 0.0)
               for name, values in found.items()}  # fmt: skip
    if "largest_parameter" in wanted:
        sieves = [size_of(each.network).largest for each in sieves_of(c)]
        samples["largest_parameter"] = Sample(np.concatenate([largest.ravel(), sieves]))
    return Measured(samples)


def factors(rng: np.random.Generator, m: int, r: int, count: int) -> Array:
    """Factors (some, r): anywhere, near 1, and pairs of the largest error."""
    near = 1 - rng.integers(0, 16, (count, r)) / 2 ** (m + 2)
    worst = worst_pairs(rng, m, count)
    pairs = np.ones((len(worst), r))
    pairs[:, :2] = worst
    return np.vstack([dyadic(rng, count, r), near.clip(min=0), pairs])


def levels(r: Any) -> Any:
    """ceil log2 r of numbers >= 1."""
    return np.ceil(np.log2(r)).astype(int)


@dataclass(frozen=True, eq=False)
class Sieve:
    """A sieve, what it is for, and the symbols of its bounds."""

    network: ReluNetwork
    f: Callable[[Array], Array]
    symbols: dict[str, Any]


@lru_cache(maxsize=4)
def sieves_of(c: Configuration) -> list[Sieve]:
    """For knots M, 2 M, 4 M."""
    return [sieve(c, c.first_knots * k) for k in c.sweep]


def sieve(c: Configuration, M: int) -> Sieve:
    """The sieve of M knots for the function of a configuration."""
    r, order = c.variables, math.ceil(c.beta) - 1
    grid = np.arange(M + 1) / M
    if r == 1:
        derivatives, K = one_variable(c, order)
        f = derivatives[0]
        coefficients = in_powers([g(grid) for g in derivatives], grid)
        exponents: list[tuple[int, ...]] = [(k,) for k in range(order + 1)]
    else:
        f, slopes, K = several_variables(c)
        at = np.stack(np.meshgrid(*[grid] * r, indexing="ij"), -1).reshape(-1, r)
        slope = slopes(at)
        coefficients = np.column_stack([f(at) - (slope * at).sum(1), slope])
        exponents = [(0,) * r, *(tuple(row) for row in np.eye(r, dtype=int).tolist())]
    coefficients[np.abs(coefficients) < DUST * np.abs(coefficients).max()] = 0.0
    B = float(np.abs(coefficients).sum(1).max())
    symbols = {
        "m": c.m, "r": r, "M": M, "beta": c.beta, "K": K, "B": B, "c_beta": c_beta(c.beta),
        "q": int(levels(max(1, order if r == 1 else 1))), "q_f": int(levels(r + 1)),
        "J_hat": int(levels(M)), "J_out": max(0, math.ceil(math.log2(2 * B))),
    }  # fmt: skip
    return Sieve(hoelder_sieve(coefficients, exponents, M, c.m), f, symbols)


def one_variable(c: Configuration, order: int) -> tuple[list[Callable[[Array], Array]], float]:
    """f and its derivatives up to the order, of (..., 1) or (...,), and the Hoelder constant."""
    beta = c.beta
    if c.function == "sine":
        w = 2 * math.pi
        return [lambda x, k=k: w**k * np.sin(w * x + k * math.pi / 2)  # type: ignore[misc]
                for k in range(order + 1)], w**beta  # fmt: skip
    if float(beta).is_integer():
        b = int(beta)
        return [lambda x, k=k: math.perm(b, k) * x ** (b - k)  # type: ignore[misc]
                for k in range(order + 1)], float(math.factorial(b))  # fmt: skip

    def kink(x: Array) -> Array:
        return np.asarray(np.abs(x - 1 / 3) ** beta)

    def slope(x: Array) -> Array:
        return np.asarray(beta * np.sign(x - 1 / 3) * np.abs(x - 1 / 3) ** (beta - 1))

    both: list[Callable[[Array], Array]] = [kink, slope]
    return both[: order + 1], 1.0 if order == 0 else beta * 2 ** (2 - beta)


def several_variables(
    c: Configuration,
) -> tuple[Callable[[Array], Array], Callable[[Array], Array], float]:
    """f and its gradient at rows (..., r), and the norm of the Hessian: |x|^2, or a sine."""
    r, w = c.variables, 2 * math.pi
    if c.function == "power":
        return lambda x: (x**2).sum(-1), lambda x: 2 * x, 2.0
    return (
        lambda x: np.sin(w * x.mean(-1)),
        lambda x: np.repeat(w / r * np.cos(w * x.mean(-1))[..., None], r, -1),
        w**2 / r,
    )


def in_powers(derivatives: list[Array], at: Array) -> Array:
    """Coefficients (knots, order + 1) in powers of x of the Taylor polynomials at knots."""
    found = np.zeros((len(at), len(derivatives)))
    for k, value in enumerate(derivatives):
        for i in range(k + 1):
            found[:, i] += value / math.factorial(k) * math.comb(k, i) * (-at) ** (k - i)
    return found


def c_beta(beta: float) -> float:
    """max over u of (1-u) u^beta + u (1-u)^beta."""
    u = np.linspace(0, 1, 100_001)
    return float(((1 - u) * u**beta + u * (1 - u) ** beta).max())


def approximation(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH4): errors and sizes of sieves of M, 2 M, 4 M knots, and the slope in M."""
    c, rng = setting.configuration, setting.rng("sieves")
    every = sieves_of(c)
    errors = np.array([supremum(each, rng, c.points) for each in every])
    sizes = [size_of(each.network) for each in every]
    by_M = {name: np.array([each.symbols[name] for each in every]) for name in every[0].symbols}
    M = by_M["M"]
    scale = 2 * by_M["B"]
    sweep = {**every[-1].symbols, "smallest": M[0], "largest": M[-1], "sizes": len(M),
             "tolerance": c.tolerance}  # fmt: skip
    slope = slopes_of(M, errors[None])
    samples = {
        "sieve_error": Sample(errors, by_M, scale=scale),
        "sieve_layers": Sample(np.array([s.layers for s in sizes], dtype=float), by_M),
        "sieve_nonzeros": Sample(np.array([s.nonzeros for s in sizes], dtype=float), by_M),
        "slope_in_knots": Sample(slope, sweep),
    }
    return Measured(samples)


def supremum(of: Sieve, rng: np.random.Generator, count: int) -> float:
    """The largest |f~ - f| at points within every cell, and at random points."""
    r, M = of.symbols["r"], of.symbols["M"]
    if r == 1:
        x = np.linspace(0, 1, PER_CELL * M + 1)[:, None]
    else:
        x = (rng.integers(0, M, (count, r)) + 0.5) / M
    x = np.vstack([x, rng.random((count, r))])
    f = of.f(x[:, 0] if r == 1 else x)
    return float(np.abs(of.network.values(x)[:, 0] - f).max())


def picture(c: Configuration) -> Trajectory:
    """The mean error of Mult_m over cells of the unit square, in units of its supremum."""
    x = (np.arange(CELLS * INNER) + 0.5) / (CELLS * INNER)
    X = np.stack(np.meshgrid(x, x), -1)
    m = min(c.m, 2)
    error = np.abs(multiplication(m).values(X)[..., 0] - X.prod(-1)) * 4 ** (m + 1)
    cells = error.reshape(CELLS, INNER, CELLS, INNER).mean((1, 3))
    middles = (np.arange(CELLS) + 0.5) / CELLS
    return Trajectory(
        "x", middles, {f"y_{at}": row for at, row in enumerate(cells)},
        labels={f"y_{at}": f"$y$ near {y:g}" for at, y in enumerate(middles)},
        heights=list(middles), axis="$x$", quantity="$y$",
        title=f"Error of a product, over its supremum\nmean in every cell: $m = {m}$",
    )  # fmt: skip
