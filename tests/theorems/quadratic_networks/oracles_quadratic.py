"""Samples of quadratic networks, by hand."""

from functools import lru_cache
from math import sqrt

import numpy as np
import torch

from tests.oracles import Near, Satisfies
from tests.theorems.quadratic_networks.by_hand import Quadratic, largest, nth
from verify.judging.seeds import numpy_generator

CLOSE = 1e-7


def along(it):
    g_0, sigma_d, norm_C = it.at_start
    ones = np.ones((len(it.t), it.configuration.seeds))
    return {
        "g_0": Near(g_0 * ones, CLOSE), "sigma_d": Near(sigma_d * ones, CLOSE),
        "norm_C": norm_C * ones, "eta": Near(it.eta * ones, CLOSE),
        "t": np.array(it.t)[:, None] * ones,
    }  # fmt: skip


def gaps(it, ways):
    return Near(it.over(ways, it.quadratic.gap), CLOSE, absolute=1e-14)


def sizes(it, ways, times):
    return Near(times * it.over(ways, it.quadratic.size), CLOSE)


def gap(it):
    q = it.quadratic
    own = {
        "GW": Near(it.over(it.descents, lambda W: (q.slope(W) * W.numpy()).sum()), CLOSE, 1e-9),
        "SM": Near(it.over(it.descents, lambda W: (q.S(W) * q.best).sum()), CLOSE, 1e-9),
    }
    return {"values": gaps(it, it.descents), "symbols": along(it) | own,
            "scale": sizes(it, it.descents, 1e-5)}  # fmt: skip


def global_gap(it):
    trivial = Near(it.at_start[0] * np.ones((len(it.t), it.configuration.seeds)), CLOSE)
    return {"values": gaps(it, it.descents), "symbols": along(it), "trivial": trivial,
            "scale": sizes(it, it.descents, 1e-11)}  # fmt: skip


def summed(it, value):
    """Sums over the steps before each that is looked at, (points, seeds)."""
    rows = []
    for way in it.descents:
        parts = [value(W) for W in way[:-1]]
        rows.append([np.linalg.norm(sum(parts[:t])) if t else 0.0 for t in it.t])
    return np.array(rows).T


def drift(it):
    def crossed(W):
        S, plus, minus = it.quadratic.S(W), W[: it.up].numpy(), W[it.up :].numpy()
        return plus @ S @ S @ minus.T

    norms = it.over(it.descents, lambda W: np.linalg.norm(it.C(W)))
    moved = [[np.linalg.norm(it.C(way[t]) - it.C(way[0])) for way in it.descents] for t in it.t]
    walked = summed(it, lambda W: (it.quadratic.slope(W) ** 2).sum())
    own = {"crossed": Near(summed(it, crossed), CLOSE), "walked": Near(walked, CLOSE)}
    return {"values": Near(np.array(moved), CLOSE, absolute=1e-13), "symbols": along(it) | own,
            "scale": 1e-4 * norms}  # fmt: skip


def size(it):
    both = (1, -1)
    values = it.over(it.descents, lambda W: max(largest(it.moment(W, s)) for s in both))
    return {"values": values, "symbols": along(it)}


def least(it):
    def lowest(W):
        return min(np.linalg.eigvalsh(it.moment(W, sign))[0] for sign in (1, -1))

    norms = it.over(it.descents, lambda W: np.linalg.norm(it.C(W)))
    return {"values": Near(it.over(it.descents, lowest), CLOSE), "symbols": along(it),
            "scale": 1e-4 * norms}  # fmt: skip


def moments(it):
    """The network itself one step before, for the recursion."""

    def entries(value):
        found = [[[value(way[t - 1], s) for s in (1, -1)] for way in it.descents] for t in it.t[1:]]
        return Near(np.array(found), CLOSE, 1e-9)

    def once(W, sign):
        S, A = it.quadratic.S(W), it.moment(W, sign)
        return S @ A + A @ S

    def twice(W, sign):
        S = it.quadratic.S(W)
        return S @ it.moment(W, sign) @ S

    values = np.array(
        [[[it.moment(way[t], s) for s in (1, -1)] for way in it.descents] for t in it.t[1:]]
    )
    ones = np.ones(values.shape)
    symbols = {
        "entry": entries(it.moment), "once": entries(once), "twice": entries(twice),
        "sign": np.array([1.0, -1.0])[:, None, None] * ones,
        "eta": Near(it.eta[:, None, None, None] * ones, CLOSE),
    }  # fmt: skip
    tallest = abs(values).max((-1, -2), keepdims=True) * ones
    return {"values": Near(values, CLOSE, 1e-9), "symbols": symbols, "scale": Near(tallest, CLOSE)}


@lru_cache
def curved(it):
    q, ways = it.quadratic, it.ways(it.steady)
    lowest = it.over(ways, q.lowest)
    found = {"lowest": lowest, "gap": gaps(it, ways),
             "loss": it.over(ways, lambda W: float(q.loss(W))),
             "scale": sizes(it, ways, 1e-5)}  # fmt: skip
    signed = {"plus": slice(it.up), "minus": slice(it.up, None)}
    GW = it.over(ways, lambda W: (q.slope(W) * W.numpy()).sum())
    symbols = {"gamma": Near((-lowest).clip(min=0), CLOSE, absolute=1e-12), "gap": found["gap"],
               "GW": Near(GW, CLOSE, 1e-9)}  # fmt: skip
    for name, rows in signed.items():
        scaled = it.over(ways, lambda W, rows=rows: nth((it.v[:, None] * W).numpy()[rows], q.d))
        G = it.over(ways, lambda W, rows=rows: largest(q.slope(W)[rows]))
        symbols |= {f"sigma_{name}": Near(scaled, CLOSE, absolute=1e-14),
                    f"G_{name}": Near(G, CLOSE, 1e-9)}  # fmt: skip
    nuclear = abs(np.linalg.eigvalsh(q.best)).sum()
    spread = it.over(ways, q.widest)
    sizes_ = it.over(ways, q.size)
    found["error"] = 1e-5 * (spread + 4 * float(it.v.abs().min()) * sizes_ / nuclear)
    return found | {"symbols": symbols}


def gap_here(it):
    found = curved(it)
    return {"values": found["gap"], "symbols": found["symbols"], "scale": found["scale"],
            "trivial": Near(found["loss"], CLOSE)}  # fmt: skip


def curvature(it):
    found = curved(it)
    return {"values": Near(-found["lowest"], CLOSE, absolute=1e-12), "symbols": found["symbols"],
            "scale": Near(found["error"], CLOSE)}  # fmt: skip


def flow_gap(it):
    """A, B by their own d x d equation: A' = -2 c (S A + A S), B' = 2 c (S B + B S)."""
    from scipy.integrate import solve_ivp

    q, c = it.quadratic, it.configuration
    X, y, d = q.X.numpy(), q.y.numpy(), q.d
    values, times, sizes = [], [], []
    g_0, sigma_d, norm_C = it.at_start
    for seed, W in enumerate(it.starts):
        mu = (largest(q.best) + sqrt(2 * g_0[seed] / q.spectrum[0])) / c.output
        beta = (mu + sqrt(mu**2 + 4 * norm_C[seed] ** 2)) / 2
        rate = 16 * c.output**2 * q.spectrum[0] * sigma_d[seed] ** 2 / beta
        t = np.linspace(0, min(c.horizon / rate, 1000 * it.steady[seed]), c.points + 1)

        def down(_, flat):
            A, B = flat.reshape(2, d, d)
            e = np.einsum("ia,ab,ib->i", X, c.output * (A - B), X) - y
            S = X.T @ (e[:, None] * X) / len(X)
            return np.concatenate([(-2 * c.output * (S @ A + A @ S)).ravel(),
                                   (2 * c.output * (S @ B + B @ S)).ravel()])  # fmt: skip

        first = np.concatenate([it.moment(W, s).ravel() for s in (1, -1)])
        found = solve_ivp(down, (0, t[-1]), first, "Radau", t, rtol=1e-9, atol=1e-12).y.T
        gaps_, sizes_ = [], []
        for flat in found:
            A, B = flat.reshape(2, d, d)
            f = np.array([x @ (c.output * (A - B) - q.best) @ x for x in X])
            gaps_.append((f**2).sum() / (2 * len(X)))
            values_, U = np.linalg.eigh(q.best)
            bulk = c.output * (A + B) + (U * abs(values_)) @ U.T
            sizes_.append(np.mean([x @ bulk @ x for x in X]) ** 2)
        values.append(gaps_)
        times.append(t)
        sizes.append(sizes_)
    values, sizes = np.array(values).T, np.array(sizes).T
    ones = np.ones(values.shape)
    symbols = {"time": Near(np.array(times).T, CLOSE), "g_0": Near(g_0 * ones, CLOSE),
               "sigma_d": Near(sigma_d * ones, CLOSE), "norm_C": norm_C * ones,
               "eta": Near(it.eta * ones, CLOSE)}  # fmt: skip
    scale = (2e-9 * np.sqrt(2 * values * sizes) + 1e-18 * sizes) / 1e-9
    return {"values": Near(values, 1e-4, absolute=1e-15), "symbols": symbols,
            "trivial": Near(g_0 * ones, CLOSE), "scale": Near(scale, 1e-3)}  # fmt: skip


@lru_cache
def sized(it):
    """By size: the exact minimum for labels that are noise, which training must find."""
    c, d = it.configuration, it.quadratic.d
    D = d * (d + 1) // 2
    rows = []
    for n in sorted({1, max(1, D // 2), max(1, D - 1), D, D + 1, D + 2, D + d, 2 * D}):
        X, _ = it.loaded(f"{it.salt}/size {n}", n)
        labels = numpy_generator(f"labels {n}", it.salt).standard_normal((c.trials, n))
        rank = np.linalg.matrix_rank((X @ X.T) ** 2)
        losses, zeros = [], []
        for y in c.target_scale * labels:
            q = Quadratic(torch.tensor(X), torch.tensor(y), it.v)
            losses.append(q.loss_of_best)
            zeros.append(float((y**2).sum() / (2 * n)))
        rows.append((n, rank, np.array(losses), np.array(zeros)))
    return rows


def of_sizes(it, rows):
    ones = np.ones((len(rows), it.configuration.trials))
    n, rank = (np.array([row[i] for row in rows])[:, None] * ones for i in (0, 1))
    c = it.configuration
    return {"n": n, "rank": rank, "gap": Near(0 * ones, absolute=1e-20), "s": c.target_scale,
            "c_n": c.published_samples}  # fmt: skip


def explained(it):
    rows = sized(it)
    values = np.array([1 - losses / zeros for _, _, losses, zeros in rows])
    scale = np.array([1 + 1e-3 * it.configuration.target_scale**2 / zeros for *_, zeros in rows])
    return {"values": Near(values, CLOSE, absolute=1e-9), "symbols": of_sizes(it, rows),
            "scale": scale}  # fmt: skip


def minimum(it):
    d, s = it.quadratic.d, it.configuration.target_scale
    rows = [row for row in sized(it) if row[0] > d * (d + 1) // 2]
    values = np.array([2 * n * losses / s**2 for n, _, losses, _ in rows])
    return {"values": Near(values, CLOSE), "symbols": of_sizes(it, rows), "scale": 1e-4}


def gained(it):
    """Where training found a minimum, everything; slopes and curvatures to their rounding."""
    d, trials = it.quadratic.d, it.configuration.trials
    neurons = np.arange(1, d + 2)[:, None] * np.ones((d + 1, trials))

    def whole(found, symbols):
        enough = symbols["k_plus"] >= d
        return bool((abs(found - 1)[enough] < 1e-9).all() and (found < 1 + 1e-9).all())

    return {
        "values": Satisfies("1 with d neurons of each sign, else at most 1", whole),
        "symbols": {
            "k_plus": neurons,
            "k_minus": neurons,
            "slope": Satisfies("0 there", lambda found, at: bool(
                (found[at["k_plus"] >= d] < 1e-12).all() and (found >= 0).all())),
            "bend": Satisfies("0 there", lambda found, at: bool(
                (found[at["k_plus"] >= d] < 1e-12).all() and (found >= 0).all())),
        },
        "scale": 1.0,
    }  # fmt: skip
