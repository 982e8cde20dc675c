"""Oracles of subquadratic training: every symbol and field, from what is drawn, by hand."""

from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

import numpy as np
import torch
from scipy.stats import norm

from tests.oracles import Oracles
from tests.theorems.subquadratic_training import oracles_newton as newton
from tests.theorems.subquadratic_training.by_hand import Ingredients, deep
from tests.theorems.subquadratic_training.oracles_newton import LOOSE, norms


def option(name):
    return lambda it: getattr(it.configuration, name)


def known(name):
    return lambda it: LOOSE(it.geometry[name])


# --- gradient descent ----------------------------------------------------------------------------


def firing(it, path):
    """(T, L, n)"""
    return np.array([it.fired(z) for _, z, _ in path[0]])


def trained(path, last):
    """Outputs of all steps and final weights; how far the residual has grown."""

    def sample(it):
        seen, weights = path(it)
        f = np.array([each[0] for each in seen])
        final = np.concatenate([W.ravel() for W in (weights[-1:] if last else weights)])
        size = [sqrt(sum((row - it.y) ** 2)) / sqrt(sum((f[0] - it.y) ** 2)) for row in f]
        grown = [max(size[: t + 1]) for t in range(len(size))]
        scale = [np.full(f.size, abs(f).max() + abs(it.y).max()),
                 np.full(final.size, abs(final).max())]  # fmt: skip
        values = np.concatenate([f.ravel(), final])
        return {
            "values": LOOSE(values), "scale": LOOSE(np.concatenate(scale)),
            "symbols": {"dense": LOOSE(values), "grown": LOOSE(
                np.concatenate([np.repeat(grown, f.shape[1]), np.full(final.size, grown[-1])]))},
        }  # fmt: skip

    return sample


def counts(it):
    k = firing(it, it.descent)
    return {
        "into": k[:, :-1].sum((1, 2)), "top": k[:, -1].sum(1), "bottom": k[:, 0].sum(1),
        "blocks": [sum(a @ b for a, b in pairwise(step)) for step in k],
    }  # fmt: skip


def operations(it):
    """Products of a weight and what it multiplies, neuron by neuron, sample by sample."""
    c, total = it.configuration, []
    n, d = it.X.shape
    for step in firing(it, it.descent):
        found = n * d * c.width
        for i in range(n):
            k = step[:, i]
            found += k[-1] + k[0] * d
            for below, above in pairwise(k):
                found += below * c.width + below * above + above * below
        total.append(found)
    return {"values": total, "symbols": counts(it)}


def operations_dense(it):
    c, (n, d) = it.configuration, it.X.shape
    forward = n * d * c.width + (c.layers - 1) * n * c.width**2 + n * c.width
    backward = n * d * c.width + 2 * (c.layers - 1) * n * c.width**2
    return {"values": [forward + backward] * c.steps}


def operations_lazy(it):
    top = firing(it, it.last_alone)[:, -1].sum(1)
    return {"values": (len(it.X) + 1) * top, "symbols": {"top": top}}


def on_the_way(path, layer):
    def sample(it):
        seen, _ = path(it)
        W_0, z_0 = seen[0][2][layer], seen[0][1][layer]
        near = []
        for _, _, weights in seen:
            rho = max(sqrt(row @ row) for row in weights[layer] - W_0)
            below = it.X if layer == 0 else activations(it, seen)
            near.append([sum(z_0[i] > it.b - rho * sqrt(h @ h)) for i, h in enumerate(below)])
        k = firing(it, path(it))[:, layer]
        return {"values": k, "symbols": {"near": near}}

    return sample


def activations(it, seen):
    """What the last layer sees."""
    if it.configuration.layers == 1:
        return it.X
    c_b = (1 + it.b**2) * norm.sf(it.b) - it.b * norm.pdf(it.b)
    return np.maximum(seen[0][1][-2] - it.b, 0) / sqrt(it.configuration.width * c_b)


# --- starts --------------------------------------------------------------------------------------


def fired_first(it):
    return {"values": [[k[0, 0] for k, _ in it.starts]], "symbols": {"norm_h": norms(it)[0]}}


def fired_last(it):
    seen = [max(size, 1e-300) for _, size in it.starts]
    return {"values": [k[-1, 0] for k, _ in it.starts], "symbols": {"norm_h": LOOSE(seen)}}


def event(limit):
    return lambda it: {"values": [float(max(k[0]) > limit(it.configuration))
                                  for k, _ in it.starts]}  # fmt: skip


def published_fired(it):
    c = it.configuration
    most = c.published_fired * c.width**0.8
    return {"values": [float(max(k[0]) <= most) for k, _ in it.starts]}


def forward(it):
    return {"values": [[it.configuration.width * k[:-1].sum() for k, _ in it.starts]]}


def kept_pairs(it):
    c, x = it.configuration, it.X[0]
    half = it.rng("kept").standard_normal((c.trials, c.width // 2, len(x)))
    level = it.b_newton - it.reach * sqrt(x @ x)
    symbols = {"pairs": c.width // 2, "norm_h": sqrt(x @ x), "reach": LOOSE(it.reach),
               "b": it.b_newton}  # fmt: skip
    return {"values": [sum(row @ x > level for row in W) for W in half], "symbols": symbols}


# --- sweeps --------------------------------------------------------------------------------------


def widths(it):
    found = [it.configuration.smallest]
    while 2 * found[-1] <= it.configuration.largest:
        found.append(2 * found[-1])
    return found


@lru_cache(1)
def costs(it):
    """By name (sweeps, widths), from formulas and the neurons that fire."""
    c, (n, d) = it.configuration, it.X.shape
    found = {name: np.empty((c.sweeps, len(widths(it)))) for name in
             ("fired", "sparse", "dense", "lazy")}  # fmt: skip
    for i in range(c.sweeps):
        rng = it.rng(f"costs {i}")
        for j, m in enumerate(widths(it)):
            weights, a = it.drawn(rng, m)
            b = sqrt(2 * c.sparsity * log(m))
            k = it.fired([z.numpy() for z in deep(weights, a, b, torch.tensor(it.X))[1]], b)
            found["fired"][i, j] = k[0].mean()
            found["lazy"][i, j] = (n + 1) * k[-1].sum()
            found["dense"][i, j] = n * m * (2 * d + 3 * (c.layers - 1) * m + 1)
            pairs = sum(a @ b for a, b in pairwise(k))
            found["sparse"][i, j] = (
                n * m * d + m * k[:-1].sum() + 2 * pairs + k[-1].sum() + d * k[0].sum()
            )
    return found


def slope(x, values, low, high):
    found = [np.polyfit(np.log(x), np.log(row), 1)[0] if row.all() else -np.inf for row in values]
    return {"values": [float(low <= s <= high) for s in found],
            "symbols": {"smallest": min(x), "largest": max(x), "sizes": len(x)}}  # fmt: skip


def swept(name, low, high):
    def sample(it):
        ends = low(it.configuration), high(it.configuration)
        return slope(widths(it), costs(it)[name], *ends)

    return sample


@lru_cache(1)
def left(it):
    """||e_1||/||e_0||^2 by width, ||e_1|| by scale of the targets."""
    c, scales = it.configuration, (1, 0.5, 0.25, 0.125)

    def squares(purpose, m, scale):
        _, paths = it.newton(purpose, 20, m, scale * it.y, 1)
        return [sqrt(np.mean([p[t][0] @ p[t][0] for p in paths])) for t in (0, 1)]

    over_m, over_e, first = [], [], []
    for i in range(c.sweeps):
        pairs = [squares(f"width {i} {m}", m, 1.0) for m in widths(it)]
        over_m.append([e_1 / e_0**2 for e_0, e_1 in pairs])
        pairs = [squares(f"order {i}", widths(it)[-1], scale) for scale in scales]
        over_e.append([e_1 for _, e_1 in pairs])
        first.append([e_0 for e_0, _ in pairs])
    return np.array(over_m), np.array(over_e), scales


def of_newton(it, found):
    return {**found, "symbols": {**found["symbols"], "b": it.b_newton, "m": widths(it)[-1]}}


def slope_width(it):
    t = it.configuration.tolerance
    return of_newton(it, slope(widths(it), left(it)[0], -0.5 - t, -0.5 + t))


def slope_order(it):
    t = it.configuration.tolerance
    return of_newton(it, slope(left(it)[2], left(it)[1], 2 - t, 2 + t))


def single(it):
    """Neurons of the first network that no other one cancels."""
    W, a = it.coupled("networks", 1, it.configuration.width)[0]
    same = (W[:, None] == W).all(-1) & (a[:, None] == -a)
    return int((~same.any(1)).sum())


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: len(it.X), "d": lambda it: it.X.shape[1], "m": option("width"),
        "L": option("layers"), "c": option("sparsity"), "s": option("rows"),
        "long": lambda it: LOOSE(max(norms(it))), "short": lambda it: LOOSE(min(norms(it))),
        "b": lambda it: it.b, "epsilon": option("epsilon"), "delta": option("delta"),
        "epsilon_0": option("residual"), "far": option("far"), "tolerance": option("tolerance"),
        "C_f": option("published_fired"), "C_e": option("published_chance"),
        "single": single, "C_m": option("published_width"), "C_c": option("published_cost"),
        "alpha": option("published_gain"),
        **{name: known(name) for name in ("g", "norm_G", "norm_X", "norm_y", "lambda_b")},
    },
    samples={
        "sparse": trained(lambda it: it.descent, False),
        "lazy": trained(lambda it: it.last_alone, True),
        "operations": operations, "operations_dense": operations_dense,
        "operations_lazy": operations_lazy,
        "fired_on_the_way": on_the_way(lambda it: it.descent, 0),
        "fired_above": on_the_way(lambda it: it.last_alone, -1),
        "fired_first": fired_first, "fired_last": fired_last,
        "fired_many": event(lambda c: c.width ** (1 - c.sparsity)),
        "published_fired": published_fired, "forward": forward, "kept_pairs": kept_pairs,
        "slope_fired": swept("fired", lambda c: -np.inf, lambda c: 1 - c.sparsity),
        "slope_sparse": swept("sparse", lambda c: -np.inf, lambda c: 2 - c.sparsity),
        "slope_lazy": swept("lazy", lambda c: -np.inf, lambda c: 1 - c.sparsity),
        "slope_dense": swept("dense", lambda c: 2 - c.tolerance, lambda c: 2 + c.tolerance),
        "slope_width": slope_width, "slope_order": slope_order,
        "newton_error": newton.newton_error, "next_error": newton.next_error,
        "certified_error": newton.certified_error, "moved": newton.moved,
        "certified_fired": newton.certified_fired,
        "inexact_error": newton.inexact_error, "third": newton.third,
        "sketch_variance": newton.sketch_variance, "matrix_variance": newton.matrix_variance,
        "sketch_moment": newton.of_sketches(lambda it: [newton.moments(it)]),
        "sketch_far": newton.of_sketches(
            lambda it: [float(x > it.configuration.far**2) for x in newton.moments(it)]),
        "energy": newton.energy, "gaussian_close": newton.gaussian_close,
    },
)  # fmt: skip
