"""Oracles of subquadratic training: every symbol and field, from what is drawn, by hand."""

from functools import lru_cache, partial
from itertools import pairwise
from math import log, sqrt

import numpy as np
import torch
from scipy.stats import norm

from tests.oracles import Near, Oracles, Satisfies
from tests.theorems.subquadratic_training.by_hand import (
    Ingredients,
    deep,
    four_sums,
    variance,
)

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


def option(name):
    return lambda it: getattr(it.configuration, name)


def known(name):
    return lambda it: LOOSE(it.geometry[name])


def norms(it):
    return [sqrt(x @ x) for x in it.X]


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


def slope_width(it):
    t = it.configuration.tolerance
    return slope(widths(it), left(it)[0], -0.5 - t, -0.5 + t)


def slope_order(it):
    t = it.configuration.tolerance
    return slope(left(it)[2], left(it)[1], 2 - t, 2 + t)


# --- Gauss-Newton --------------------------------------------------------------------------------


def rounding(it, followed):
    """1e-3 of the sums that cancel, and of what a system carries on."""
    _, paths = followed
    X, b, m = it.X, it.b_newton, it.configuration.width
    g, rows = it.geometry["g"], []
    for path in paths:
        own = []
        for t, (_, _, W) in enumerate(path):
            z = X @ W.T
            size = max(np.maximum(row - b, 0).sum() for row in z) / sqrt(m) + abs(it.y).max()
            if t:
                e, K, _ = path[t - 1]
                low = min(np.linalg.eigvalsh(K))
                size += g / low * sqrt(e @ e) if low > 0 else 0.0
            own.append(1e-3 * size)
        rows.append(own)
    return np.array(rows).T


SHAPES = ((2, 2, 1), (2, 2, 2), (2, 2, 4), (2, 3, 2), (3, 2, 3), (3, 3, 2), (2, 2, 3))

ERROR = {"rtol": 1e-7, "absolute": 1e-13}


def size_of(it, followed):
    return it.per_run(lambda e, K, W, i: sqrt(e @ e), followed)


def newton_error(it):
    e = it.per_run(lambda e, K, W, i: e)[1:]
    steps, kinks = it.steps_of(it.followed)
    wide = np.repeat(steps["least"][..., None], len(it.X), axis=2)
    scale = np.repeat(rounding(it, it.followed)[1:, :, None], len(it.X), axis=2)
    return {"values": Near(e, **ERROR), "scale": LOOSE(scale),
            "symbols": {"b": it.b_newton, "kinks": Near(kinks, rtol=1e-7, absolute=1e-11),
                        "least": LOOSE(wide)}}  # fmt: skip


def next_error(it):
    size, (steps, _) = size_of(it, it.followed), it.steps_of(it.followed)
    symbols = {"b": it.b_newton, "nu_t": steps["nu_t"], "least": LOOSE(steps["least"]),
               "e_t": Near(steps["e_t"], **ERROR)}  # fmt: skip
    return {"values": Near(size[1:], **ERROR), "scale": LOOSE(rounding(it, it.followed)[1:]),
            "trivial": Near(size[:-1], **ERROR), "symbols": symbols}  # fmt: skip


def inexact_error(it):
    size, (steps, _) = size_of(it, it.disturbed), it.steps_of(it.disturbed)
    symbols = {
        "b": it.b_newton,
        "nu_t": steps["nu_t"],
        "least": LOOSE(steps["least"]),
        "e_t": LOOSE(steps["e_t"]),
    }
    return {"values": LOOSE(size[1:]), "scale": LOOSE(rounding(it, it.disturbed)[1:]),
            "symbols": symbols}  # fmt: skip


def certified(it, wide=False):
    c = it.configuration
    shape = (c.steps + 1, c.networks)
    names = ("lambda", "first", "e_0", "nu", "close")
    found = {name: np.broadcast_to([row[j] for row in it.certificates], shape)
             for j, name in enumerate(names)}  # fmt: skip
    found["t"] = np.broadcast_to(np.arange(c.steps + 1)[:, None], shape)
    if wide:
        found = {name: np.repeat(v[..., None], len(it.X), axis=2) for name, v in found.items()}
    return {"b": it.b_newton, **{name: LOOSE(v) for name, v in found.items()}}


def certified_error(it):
    size = size_of(it, it.followed)
    return {"values": Near(size, **ERROR), "scale": LOOSE(rounding(it, it.followed)),
            "trivial": LOOSE(np.broadcast_to(size[:1], size.shape)),
            "symbols": certified(it)}  # fmt: skip


def moved(it):
    nets, _ = it.followed

    def far(e, K, W, i):
        return max(sqrt(row @ row) for row in W - nets[i][0].numpy())

    return {"values": LOOSE(it.per_run(far)), "symbols": certified(it)}


def certified_fired(it):
    fired = it.per_run(lambda e, K, W, i: [sum(row > it.b_newton) for row in it.X @ W.T])
    sure = np.array([row[5] for row in it.certificates])
    return {
        "values": fired,
        "symbols": {**certified(it, True), "sure": np.broadcast_to(sure, fired.shape)},
    }


def third(it):
    c, events = it.configuration, []
    for done in range(0, c.trials, 20):
        _, paths = it.newton(f"third {done}", min(20, c.trials - done), c.width)
        for path in paths:
            sizes = [sqrt(e @ e) for e, _, _ in path]
            events.append(all(s <= it.geometry["norm_y"] / 3**t + 1e-12
                              for t, s in enumerate(sizes)))  # fmt: skip
    short = 0.0 if c.independent else min(norms(it))
    return {"values": np.array(events, float), "symbols": {"short": LOOSE(short), "b": it.b_newton}}


# --- sketches ------------------------------------------------------------------------------------


@lru_cache(1)
def enumerated(it):
    rng, ones, pairs = it.rng("enumerated"), [], []
    for p, q, s in SHAPES:
        for last in (False, False, True):
            u, w, v, x = (rng.standard_normal(size) for size in (p, p, q, q))
            X, Y = rng.standard_normal((2, p, q))
            w, x, Y = (u, v, X) if last else (w, x, Y)
            few = p * q * s <= 12
            exact = variance(np.outer(u, v), np.outer(w, x), s) if few else None
            ones.append((exact, sum(u * w), sum(v * x), sum((u * w) ** 2), sum((v * x) ** 2),
                         sum(u**2) * sum(w**2), sum(v**2) * sum(x**2), s))  # fmt: skip
            pairs.append((variance(X, Y, s) if few else None, *four_sums(X, Y), s))
    return ones, pairs


def enumerated_values(rows):
    """Where the enumeration by loops is quick; others are told by the claim itself."""
    quick = {i: row[0] for i, row in enumerate(rows) if row[0] is not None}

    def test(found, _):
        return all(abs(found[i] - right) < 1e-9 * (1 + right) for i, right in quick.items())

    return Satisfies(f"{len(quick)} variances by enumeration", test)


def sketch_variance(it):
    ones, _ = enumerated(it)
    columns = np.array([row[1:] for row in ones]).T
    names = ("c_1", "c_2", "k_1", "k_2", "N_1", "N_2", "s")
    return {"values": enumerated_values(ones), "scale": LOOSE(columns[4] * columns[5]),
            "symbols": dict(zip(names, map(LOOSE, columns), strict=True))}  # fmt: skip


def matrix_variance(it):
    _, pairs = enumerated(it)
    columns = np.array([row[1:] for row in pairs]).T
    names = ("columns", "rows", "entries", "swapped", "s")
    return {"values": enumerated_values(pairs), "scale": LOOSE(abs(columns[:4]).sum(0)),
            "symbols": dict(zip(names, map(LOOSE, columns), strict=True))}  # fmt: skip


@lru_cache(1)
def moments(it):
    """By draw: the squared distance of the singular values' squares from 1."""
    draws = it.tensor_sketches("sketches", it.configuration.trials)
    return [sum((it.isometry(S) ** 2 - 1) ** 2) for S in draws]


@lru_cache(1)
def four(it):
    """The sums over pairs of columns of a basis; they do not depend on which."""
    J, K, _ = it.jacobian
    values, U = np.linalg.eigh(K)
    half = U / np.sqrt(values) @ U.T
    Q = np.tensordot(half, J, 1)
    return np.sum([four_sums(A, B) for A in Q for B in Q], axis=0)


def of_sketches(values):
    def sample(it):
        names = ("columns", "rows", "entries", "swapped")
        sums = {name: LOOSE(x) for name, x in zip(names, four(it), strict=True)}
        return {"values": LOOSE(values(it)), "symbols": {**sums, "n": len(it.X)}}

    return sample


def energy(it):
    """Conjugate gradients minimise: over Krylov spaces, by least squares."""
    c, (J, K, e) = it.configuration, it.jacobian
    n = len(K)
    if c.sketch == "tensor":
        draws = it.tensor_sketches("preconditioner", c.networks)
    else:
        G = it.rng("preconditioner").standard_normal((c.networks, c.rows, J[0].size))
        draws = [S @ J.reshape(n, -1).T / sqrt(c.rows) for S in G]
    right, L = np.linalg.solve(K, e), np.linalg.cholesky(K).T
    values, gammas = [], []
    for S in draws:
        own = it.isometry(S)
        gammas.append(max(1 - own[0], own[-1] - 1))
        M = S.T @ S if gammas[-1] < 1 else K + np.eye(n)
        space, here = [], np.linalg.solve(M, e)
        found = [sqrt(right @ K @ right)]
        for _ in range(n):
            space.append(here / np.linalg.norm(here))
            basis = np.linalg.qr(np.array(space).T)[0]
            best = basis @ np.linalg.lstsq(L @ basis, L @ right, rcond=None)[0]
            found.append(np.linalg.norm(L @ (best - right)))
            here = np.linalg.solve(M, K @ basis[:, -1])
        values.append(found)
    values, shape = np.array(values).T, (n + 1, c.networks)
    first = np.broadcast_to(values[:1], shape)
    return {"values": Near(values, rtol=1e-7, absolute=1e-9 * values[0, 0]), "scale": LOOSE(first),
            "trivial": LOOSE(first),
            "symbols": {"t": np.broadcast_to(np.arange(n + 1)[:, None], shape),
                        "gamma": LOOSE(np.broadcast_to(gammas, shape)),
                        "E_0": LOOSE(first)}}  # fmt: skip


def gaussian_close(it):
    c, (J, K, _) = it.configuration, it.jacobian
    n = len(K)
    values, U = np.linalg.eigh(K)
    Q = J.reshape(n, -1).T @ U / np.sqrt(values)
    gamma = sqrt(n / c.rows) + sqrt(2 * log(2 / c.delta) / c.rows)
    S = it.rng("gaussian").standard_normal((c.trials, c.rows, len(Q)))
    found = [np.sqrt(np.linalg.eigvalsh(Q.T @ each.T @ each @ Q / c.rows)) for each in S]
    return {"values": [float(abs(v - 1).max() <= gamma) for v in found],
            "symbols": {"n": n}}  # fmt: skip


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: len(it.X), "d": lambda it: it.X.shape[1], "m": option("width"),
        "L": option("layers"), "c": option("sparsity"), "s": option("rows"),
        "long": lambda it: LOOSE(max(norms(it))), "short": lambda it: LOOSE(min(norms(it))),
        "b": lambda it: it.b, "epsilon": option("epsilon"), "delta": option("delta"),
        "epsilon_0": option("residual"), "far": option("far"), "tolerance": option("tolerance"),
        "C_f": option("published_fired"), "C_e": option("published_chance"),
        "C_m": option("published_width"), "C_c": option("published_cost"),
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
        "newton_error": newton_error, "next_error": next_error,
        "certified_error": certified_error, "moved": moved, "certified_fired": certified_fired,
        "inexact_error": inexact_error, "third": third,
        "sketch_variance": sketch_variance, "matrix_variance": matrix_variance,
        "sketch_moment": of_sketches(lambda it: [moments(it)]),
        "sketch_far": of_sketches(
            lambda it: [float(x > it.configuration.far**2) for x in moments(it)]),
        "energy": energy, "gaussian_close": gaussian_close,
    },
)  # fmt: skip
