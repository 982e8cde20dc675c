"""Oracles of networks on a line."""

from functools import lru_cache

import numpy as np
import torch

from tests.oracles import Near, Oracles
from tests.theorems.one_dimensional_inconsistency.by_hand import Ingredients, Q, affine, net
from tests.theorems.one_dimensional_inconsistency.oracles_odds import (
    crossing_constant,
    scaled_crossing,
    stays,
    stays_shifted,
)

CLOSE = 1e-8
FIXED = 2e-7
"""What is left of an iteration."""


def option(name):
    return lambda it: getattr(it.configuration, name)


def eta(it):
    return it.eta(it.configuration.width)


def over(it, value):
    """Of each time and network: value(half, way, t)."""
    pairs = list(zip(it.halves, it.ways, strict=True))
    return np.array([[value(half, way, t) for half, way in pairs] for t in it.t])


def crossed(it):
    return over(it, lambda half, way, t: it.out(way)[t])


def spread(array, shape):
    return np.broadcast_to(array.reshape(array.shape + (1,) * (len(shape) - 2)), shape)


def moments_of(weights, halves):
    a, b, w, _ = weights
    th = np.stack([a, b, w], axis=1)
    return [th[side].T @ th[side] for side in halves.sides]


def moments(it):
    S = over(it, lambda half, way, t: moments_of(way[t], half))[1:]

    def before(value):
        return Near(over(it, lambda half, way, t: [value(half.rows[t - 1], s) for s in (0, 1)])[1:],
                    CLOSE, 1e-10)  # fmt: skip

    symbols = {
        "crossed": spread(crossed(it)[1:], S.shape), "eta": eta(it),
        "entry": before(lambda row, s: row["S"][s]),
        "once": before(lambda row, s: Q(row["u"][s]) @ row["S"][s] + row["S"][s] @ Q(row["u"][s])),
        "twice": before(lambda row, s: Q(row["u"][s]) @ row["S"][s] @ Q(row["u"][s])),
    }  # fmt: skip
    size = abs(S).max((2, 3, 4), keepdims=True) * np.ones(S.shape)
    return {"values": Near(S, CLOSE, 1e-10), "symbols": symbols, "scale": Near(size, CLOSE)}


def outer_bias(it):
    values = over(it, lambda half, way, t: way[t][3])[1:]
    before = {name: Near(over(it, value)[1:], CLOSE, 1e-9) for name, value in {
        "c_before": lambda half, way, t: half.rows[t - 1]["c"],
        "be_plus": lambda half, way, t: half.rows[t - 1]["u"][0][1],
        "be_minus": lambda half, way, t: half.rows[t - 1]["u"][1][1],
    }.items()}  # fmt: skip
    size = over(it, lambda half, way, t: abs(np.array(moments_of(way[t], half))).max())[1:]
    return {"values": Near(values, CLOSE, 1e-9), "scale": Near(np.sqrt(size), CLOSE),
            "symbols": {**before, "crossed": crossed(it)[1:], "eta": eta(it)}}  # fmt: skip


def gradients(it):
    values = over(it, lambda half, way, t: it.pulls(way[t], it.mu[t]))
    shape = values.shape

    def of(value):
        return Near(np.broadcast_to(over(it, value), shape), CLOSE, 1e-9)

    size = [abs(half_row["M"]).sum() + abs(half_row["h"]).sum() for half_row in
            (it.halves[0].rows[t] for t in it.t)]  # fmt: skip
    largest = [max(abs(np.array(half.rows[t]["S"])).max() for half in it.halves) for t in it.t]
    M = [abs(it.halves[0].rows[t]["M"]).sum() for t in it.t]
    scale = np.array(size) + np.array(M) * np.array(largest)
    symbols = {
        "crossed": spread(crossed(it), shape),
        "M_1": of(lambda half, way, t: half.rows[t]["M"][:, :, 0]),
        "M_2": of(lambda half, way, t: half.rows[t]["M"][:, :, 1]),
        "h": of(lambda half, way, t: half.rows[t]["h"]),
        "S_13": of(lambda half, way, t: [[S[0, 2]] * 2 for S in half.rows[t]["S"]]),
        "S_23": of(lambda half, way, t: [[S[1, 2]] * 2 for S in half.rows[t]["S"]]),
        "c": of(lambda half, way, t: [[half.rows[t]["c"]] * 2] * 2),
    }  # fmt: skip
    return {"values": Near(values, CLOSE, 1e-9), "symbols": symbols,
            "scale": Near(scale[:, None, None, None] * np.ones(shape), CLOSE)}  # fmt: skip


def b_start(it):
    return max(abs(b).max() for _, b, _ in it.starts)


def side_of(half, i):
    return 0 if i in half.sides[0] else 1


def neurons(it, value):
    """Of each time, network and neuron: value(half, way, t, i)."""
    m = it.configuration.width
    return over(it, lambda half, way, t: [value(half, way, t, i) for i in range(m)])


def weights(it):
    def row(column):
        return Near(
            neurons(it, lambda half, way, t, i: half.rows[t]["Phi"][side_of(half, i)][:, column]),
            CLOSE, 1e-9,
        )  # fmt: skip

    values = neurons(it, lambda half, way, t, i: [float(way[t][j][i]) for j in range(3)])
    first = {name: neurons(it, lambda half, way, t, i, j=j: [float(way[0][j][i])] * 3)
             for j, name in enumerate(("a_0", "b_0", "w_0"))}  # fmt: skip
    size = np.sqrt(sum(first[name] ** 2 for name in first))
    symbols = {"F_1": row(0), "F_2": row(1), "F_3": row(2), **first,
               "crossed": spread(crossed(it), values.shape)}  # fmt: skip
    return {"values": Near(values, CLOSE, 1e-9), "symbols": symbols, "scale": size}


def kinks(it):
    def entry(j, k):
        found = neurons(it, lambda half, way, t, i: half.rows[t]["Phi"][side_of(half, i)][j, k])
        return Near(found, CLOSE, 1e-9)

    values = neurons(it, lambda half, way, t, i: float(way[t][1][i] / way[t][0][i]))
    symbols = {
        "F_11": entry(0, 0), "F_13": entry(0, 2), "F_21": entry(1, 0), "F_23": entry(1, 2),
        "rho": neurons(it, lambda half, way, t, i: float(way[0][2][i] / way[0][0][i])),
        "crossed": spread(crossed(it), values.shape), "b_start": b_start(it),
    }  # fmt: skip
    return {"values": Near(values, CLOSE, 1e-9), "symbols": symbols, "scale": it.xi}


def has_crossed(it):
    def end(s, k):
        return Near(over(it, lambda half, way, t: half.intervals[t][s][k]), CLOSE)

    def rho(s, k):
        return over(it, lambda half, way, t: half.extremes[s][k])

    symbols = {"b_start": b_start(it)}
    for s, side in enumerate(("plus", "minus")):
        symbols |= {f"low_{side}": end(s, 0), f"high_{side}": end(s, 1),
                    f"least_{side}": rho(s, 0), f"most_{side}": rho(s, 1)}  # fmt: skip
    return {"values": (crossed(it) > 0) * 1.0, "symbols": symbols}


def change(it):
    def kept(way, t, i):
        a, b, w, _ = (np.atleast_1d(p) for p in way[t])
        return a[i] ** 2 + b[i] ** 2 - w[i] ** 2

    values = neurons(it, lambda half, way, t, i: kept(way, t + 1, i) - kept(way, t, i))

    def pull(k):
        return Near(neurons(it, lambda half, way, t, i: it.pulls(way[t], it.mu[t])[
            side_of(half, i)][k]), CLOSE, 1e-9)  # fmt: skip

    now = {name: neurons(it, lambda half, way, t, i, j=j: float(way[t][j][i]))
           for j, name in enumerate("abw")}  # fmt: skip
    symbols = {name: Near(value, CLOSE, 1e-9) for name, value in now.items()}
    symbols |= {"al": pull(0), "be": pull(1), "eta": eta(it),
                "crossed": spread(crossed(it), values.shape)}  # fmt: skip
    scale = 1e-5 * sum(value**2 for value in now.values())
    return {"values": Near(values, CLOSE, absolute=1e-13), "symbols": symbols,
            "scale": Near(scale, CLOSE)}  # fmt: skip


# --- certificates --------------------------------------------------------------------------------


def certified(it, shape, axis):
    """Symbols of the certificate; networks are on that axis."""

    def each(value, **near):
        array = np.array([value(half) for half in it.halves])
        array = array.reshape((-1,) + (1,) * (len(shape) - axis - 1))
        return Near(np.broadcast_to(array, shape), **{"rtol": CLOSE, **near})

    T_0 = it.configuration.certify_at
    return {
        "room": each(lambda half: half.room(T_0)), "b_start": b_start(it), "eta": eta(it),
        "lam_max": each(lambda half: half.certificate.lam_max),
        "lam_1": each(lambda half: half.certificate.lam_1),
        "epsilon": each(lambda half: half.certificate.eps, rtol=FIXED),
        "gap": each(lambda half: 0.0 if half.certificate.holds else -1.0, absolute=1e-7),
        "growth": each(lambda half: (half.certificate.U ** 2).sum(1).max(), rtol=FIXED),
        "reach": each(lambda half: half.certificate.reach, rtol=FIXED),
        "Z_r": each(lambda half: half.certificate.Z_r),
        "Z_sq": each(lambda half: half.certificate.Z_sq),
    }  # fmt: skip


def late(it):
    return [t for t in it.t if t >= it.configuration.certify_at]


def losses(it):
    return np.array([[it.loss(way[t]) for way in it.ways] for t in late(it)])


def sums(it):
    T_0 = it.configuration.certify_at

    def carried(way, t):
        parts = [eta(it) * abs(it.pulls(way[r], it.mu[r])) for r in range(T_0, t)]
        return sum(parts, np.zeros((2, 2)))

    values = np.array([[carried(way, t) for way in it.ways] for t in late(it)])
    symbols = certified(it, values.shape, 1)
    ref = np.array([half.certificate.ref for half in it.halves])
    row = it.halves[0].certificate.row
    symbols |= {"ref": Near(np.broadcast_to(ref, values.shape), CLOSE),
                "row": np.broadcast_to(row, values.shape)}  # fmt: skip
    return {"values": Near(values, CLOSE, 1e-9), "symbols": symbols,
            "scale": Near(values.max(), CLOSE)}  # fmt: skip


def farthest_kinks(it):
    T_0, steps = it.configuration.certify_at, it.configuration.steps
    values = np.array([np.max([abs(way[t][1] / way[t][0]) for t in range(T_0, steps + 1)], axis=0)
                       for way in it.ways])  # fmt: skip
    th = np.array([half.certificate.th for half in it.halves])
    U = np.array([[half.certificate.U[side_of(half, i)] for i in range(th.shape[1])]
                  for half in it.halves])  # fmt: skip
    symbols = certified(it, values.shape, 0) | {
        "abs_a": Near(th[..., 0], CLOSE), "abs_b": Near(th[..., 1], CLOSE, 1e-9),
        "abs_w": Near(th[..., 2], CLOSE), "A": Near(U[..., 0], FIXED), "B": Near(U[..., 1], FIXED),
    }  # fmt: skip
    return {"values": Near(values, CLOSE, 1e-9), "symbols": symbols}


def size(it, found):
    return Near(found + float((it.y**2).mean()), CLOSE)


def loss(it):
    found = losses(it)
    return {"values": Near(found, CLOSE), "symbols": certified(it, found.shape, 1),
            "scale": size(it, found)}  # fmt: skip


def loss_gap(it):
    found = losses(it)
    symbols = certified(it, found.shape, 1)
    symbols |= {"t": np.array(late(it))[:, None] * np.ones(found.shape)}
    scale = Near(1e-3 * size(it, found).value, CLOSE)
    return {"values": Near(found - it.L_aff, CLOSE, absolute=1e-14), "symbols": symbols,
            "scale": scale}  # fmt: skip


# --- the minimum ---------------------------------------------------------------------------------


@lru_cache
def small(it):
    """Networks of a few neurons at the middle and at the end of training."""
    c = it.configuration
    starts = zip(*it.start(it.rng("minimum"), c.seeds, c.neurons), strict=True)
    ways = [it.descend(*one, it.eta(c.neurons), c.steps, it.mu) for one in starts]
    return [[way[c.steps // 2] for way in ways], [way[-1] for way in ways]]


@lru_cache
def around(it):
    """Random networks about the end, drawn in the same order."""
    rng, found = it.rng("around"), []
    a_end, b_end, w_end, c_end = (np.array(p) for p in zip(*small(it)[1], strict=True))
    for by in np.geomspace(1e-3, 1.0, it.configuration.around):
        a, n = a_end + by * a_end.std() * rng.standard_normal(a_end.shape), len(a_end)
        a = abs(a) * np.sign(a_end)
        b = b_end + by * b_end.std() * rng.standard_normal(a.shape)
        b = b + by * it.xi * a * rng.uniform(-1, 1, a.shape)
        most = 0.9 * it.xi * abs(a)
        kept = abs(b_end) < it.xi * abs(a_end)
        b = np.where(kept, np.minimum(np.maximum(b, -most), most), b_end)
        w = w_end + by * w_end.std() * rng.standard_normal(a.shape)
        c = c_end + by * rng.standard_normal(n)
        found.append(list(zip(a, b, w, c, strict=True)))
    return found


def loss_around(it):
    values = np.array([[it.loss(weights) for weights in row] for row in around(it)])
    end = small(it)[1]
    turned = [[int((row[i][0] * end[i][0] <= 0).sum()) for i in range(len(row))]
              for row in around(it)]  # fmt: skip
    far = [[max(abs(a[1] / a[0])) for a in row] for row in around(it)]
    return {"values": Near(values, CLOSE), "scale": size(it, values),
            "symbols": {"turned": turned, "farthest": Near(far, CLOSE)}}  # fmt: skip


def curvature(it):
    x, y = torch.tensor(it.x), torch.tensor(it.y)
    m = it.configuration.neurons

    def spectrum(weights):
        flat = torch.tensor(np.concatenate([np.atleast_1d(p) for p in weights]))

        def L(v):
            return ((net(v[:m], v[m : 2 * m], v[2 * m : -1], v[-1], x) - y) ** 2).mean() / 2

        return np.linalg.eigvalsh(torch.autograd.functional.hessian(L, flat).numpy())

    found = np.array([[spectrum(weights) for weights in row] for row in small(it)])
    u = np.array([[np.linalg.norm(it.pulls(w, it.full), axis=1) for w in row] for row in small(it)])
    symbols = {
        "u_plus": Near(u[..., 0], CLOSE), "u_minus": Near(u[..., 1], CLOSE),
        "farthest": Near([[max(abs(w[1] / w[0])) for w in row] for row in small(it)], CLOSE),
        "fewest": [[min(sum(w[0] > 0), sum(w[0] <= 0)) for w in row] for row in small(it)],
    }  # fmt: skip
    return {"values": Near(found[..., 0], CLOSE, absolute=1e-12), "symbols": symbols,
            "scale": Near(1e-3 * abs(found).max(-1), CLOSE)}  # fmt: skip


def explained(it):
    distinct = len(set(it.x.tolist()))
    enough = distinct == len(it.x) <= it.configuration.neurons + 1
    symbols = {"m": it.configuration.neurons, "n": distinct, "ties": len(it.x) - distinct}
    return {"values": [1.0 if enough else 0.0], "symbols": symbols}


def v_opt(it):
    found = max(max(map(abs, affine(it.x[on], it.y[on]))) for on in it.on)
    return found if found > 1e-10 else 0.0


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "xi": lambda it: it.xi,
        "L_aff": lambda it: Near(it.L_aff, CLOSE),
        "M_min": lambda it: min(np.linalg.eigvalsh(M)[0] for M in it.sums(it.full)[0]),
        "part": lambda it: 1 - (it.configuration.batch or len(it.x)) / len(it.x),
        "T_0": option("certify_at"),
        "he": lambda it: int(it.configuration.start == "he" and it.configuration.outer == 1),
        "step": option("step"),
        "v_opt": v_opt,
        "tau": option("horizon"),
        "kappa": option("shift"),
        "C": option("published_constant"),
        "gamma": option("published_power"),
    },
    samples={
        each.__name__: each
        for each in (moments, outer_bias, gradients, weights, kinks, has_crossed, change, sums,
                     farthest_kinks, loss, loss_gap, loss_around, curvature, explained, stays,
                     scaled_crossing, crossing_constant, stays_shifted)
    },
)  # fmt: skip
