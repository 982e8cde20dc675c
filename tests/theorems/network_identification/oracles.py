"""Oracles of network identification."""

from functools import lru_cache

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.network_identification.by_hand import (
    Ingredients,
    Net,
    coefficients,
    columns,
    dual,
    end,
    height,
    isolated,
    iterate,
    projection,
    rank,
)

CLOSE = 1e-7
"""Of angles, which lose half of their digits in one of the two computations."""


def option(name):
    return lambda it: getattr(it.configuration, name)


def shape(of):
    return lambda it: {"tanh": (1.0, 1.0), "sigmoid": (0.5, 0.5)}[it.configuration.activation][of]


def ranks(it):
    c = it.configuration
    X = it.gaussian("generic points", c.N)
    return [
        [[net.hessian(x) for x in points[: n + 1]] for n in range(c.N)]
        for net, points in zip(it.nets, X, strict=True)
    ]


def alone(it):
    values = np.array([[rank(H) for H in each] for each in ranks(it)], dtype=float)
    n = np.arange(1, it.configuration.N + 1) * np.ones(values.shape)
    return {"values": values, "symbols": {"N": n, "faintest": Near(faintest(it), CLOSE)}}


def faintest(it):
    """By loops: of the points so far a neuron's largest |g''|, the least over the largest."""
    rows = []
    for net, points in zip(it.nets, it.gaussian("generic points", it.configuration.N), strict=True):
        sizes = [[abs(net.bend(k, x)) for k in range(len(net.W))] for x in points]
        largest = [[max(row[k] for row in sizes[: n + 1]) for k in range(len(net.W))]
                   for n in range(len(points))]  # fmt: skip
        rows.append([min(each) / max(each) for each in largest])
    return np.array(rows)


def joint(it):
    pairs = zip(it.nets, ranks(it), strict=True)
    return {"values": np.array([[rank(H + net.squares) for H in each] for net, each in pairs])}


def difference(it):
    pairs = zip(it.approximate, it.H, strict=True)
    values = np.array([
        [np.linalg.norm(A - H) for A, H in zip(*each, strict=True)] for each in pairs
    ])  # fmt: skip
    return {"values": Near(values, CLOSE), "scale": it.size(),
            "symbols": {"S": it.spread[:, None] * np.ones(values.shape)}}  # fmt: skip


def sine(it):
    pairs = zip(it.approximate, it.H, strict=True)
    E = np.array([np.linalg.norm(columns(A) - columns(H), 2) for A, H in pairs])
    largest = np.array([np.linalg.norm(columns(A), 2) for A in it.approximate])
    s_m = np.array([s for *_, s in it.spans])
    return {"values": Near(it.theta, CLOSE), "trivial": 1.0,
            "scale": Near(1e-5 * largest / s_m, CLOSE),
            "symbols": {"E": Near(E, CLOSE), "s_m": Near(s_m, CLOSE), "S": it.spread}}  # fmt: skip


def grid(it):
    """D, m, weights around the thresholds."""
    for D in range(1, it.configuration.largest + 1):
        T, edge = D * (D + 1) // 2, D * (D - 1) // 2 + 1
        for m in sorted({1, edge - 1, edge, edge + 1, T - 1, T, T + 1}):
            if m > 0:
                yield D, m, it.unit(it.rng(f"threshold {D} {m}"), m, D)


def everywhere(it):
    rows = [(D, m, rank([np.outer(w, w) for w in W]) == D * (D + 1) // 2) for D, m, W in grid(it)]
    D, m, values = np.array(rows, dtype=float).T
    return {"values": values, "symbols": {"D": D, "m": m}}


def flat(it):
    """The dimension of an intersection, from three ranks."""
    rows = []
    for D, m, W in grid(it):
        squares = [np.outer(w, w) for w in W]
        for w in W:
            across = np.eye(D) - np.outer(w, w)
            sums = [np.outer(w, v) + np.outer(v, w) for v in across]
            tangent = [each for each in sums if np.linalg.norm(each) > 1e-9]
            common = (D - 1) + rank(squares) - rank(squares + tangent)
            rows.append((D, m, common))
    D, m, values = np.array(rows, dtype=float).T
    return {"values": values, "symbols": {"D": D, "m": m}}


def climb(it):
    c, D, rng = it.configuration, it.configuration.dimension, it.rng("climb")
    G = rng.standard_normal((c.networks, c.neurons, D, D))
    spans = [P for P, *_ in it.spans] + [projection([g + g.T for g in each], c.neurons)[0]
                                         for each in G]  # fmt: skip
    starts = it.unit(rng, len(spans), c.starts, D)
    kept = {*range(20), *np.geomspace(20, max(20, c.iterations), 20).astype(int).tolist()}
    F, y, after = [], [], []
    x = [list(each) for each in starts]
    for t in range(c.iterations):
        moved = [
            [iterate(P, one, c.gamma) for one in each] for P, each in zip(spans, x, strict=True)
        ]
        if t in kept:
            F.append([[height(P, one) for one in each] for P, each in zip(spans, x, strict=True)])
            y.append([[norm for _, norm in each] for each in moved])
        x = [[one for one, _ in each] for each in moved]
        if t in kept:
            after.append(
                [[height(P, one) for one in each] for P, each in zip(spans, x, strict=True)]
            )
    near = {"F": Near(np.array(F), CLOSE), "y": Near(np.array(y), CLOSE)}
    return {"values": Near(np.array(after), CLOSE), "symbols": near, "scale": 1e-5}


@lru_cache
def beside(it):
    """By network: s_k, and at each point rest, sines and cosines."""
    c, found = it.configuration, []
    starts = it.unit(it.rng("starts"), c.networks, c.starts, c.dimension)
    for net, (P, Q, _), x in zip(it.nets, it.spans, starts, strict=True):
        ends = [end(P, one, c.gamma, c.iterations) for one in x]
        alone = [isolated(Q, w) for w in net.W]
        turned = [np.cos(c.turn) * w + np.sin(c.turn) * v
                  for w, (_, v) in zip(net.W, alone, strict=True)]  # fmt: skip
        points = [one / np.linalg.norm(one) for one in ends + turned]
        outside = np.eye(c.dimension**2) - P
        rest = [np.linalg.norm(outside @ np.outer(one, one).ravel()) for one in points]
        sin = [[np.linalg.norm(one - (one @ w) * w) for w in net.W] for one in points]
        cos = [[abs(one @ w) for w in net.W] for one in points]
        found.append(([s for s, _ in alone], rest, sin, cos))
    return [np.array(each) for each in zip(*found, strict=True)]


def near_weights(tangents):
    def of(it):
        s, rest, sin, cos = beside(it)
        wide = np.ones(sin.shape)
        tangent = sin / cos
        symbols = {
            "rest": Near(rest[:, :, None] * wide, CLOSE, absolute=1e-12),
            "theta": Near(it.theta[:, None, None] * wide, CLOSE),
            "s_k": Near(s[:, None] * wide, CLOSE),
            "tangent": Near(tangent, CLOSE),
        }
        if tangents:
            return {"values": Near(tangent, CLOSE), "symbols": symbols,
                    "scale": Near(1e-5 / (s[:, None] * wide), CLOSE)}  # fmt: skip
        return {"values": Near(sin * (s[:, None] * cos - sin), CLOSE, absolute=1e-11),
                "symbols": symbols, "scale": 1e-5}  # fmt: skip

    return of


def found(it):
    c, values = it.configuration, []
    starts = it.unit(it.rng("published starts"), c.trials, c.starts, c.dimension)
    for net, x in zip(it.networks("published", c.trials), starts, strict=True):
        P, _ = projection(net.squares, c.neurons)
        ends = [end(P, one, c.gamma, c.iterations) for one in x]
        sines = [min(np.linalg.norm(e - (e @ w) * w) for e in ends) for w in net.W]
        values.append(float(max(sines) < c.accuracy))
    return {"values": np.array(values)}


def signed(it):
    c = it.configuration
    signs = it.rng("signs").choice((-1.0, 1.0), (c.networks, c.neurons))
    return signs, [s[:, None] * net.W for s, net in zip(signs, it.nets, strict=True)]


def duals(it):
    return np.array([dual(net.W) for net in it.nets])


def coefficient(it):
    _, W = signed(it)
    values = np.array([[coefficients(w, H) for H in each] for w, each in zip(W, it.H, strict=True)])
    z = np.array([[net.W @ x + net.tau for x in points]
                  for net, points in zip(it.nets, it.X, strict=True)])  # fmt: skip
    lost = 1e-5 * it.configuration.neurons * duals(it).max(1)
    return {"values": values, "symbols": {"z": z},
            "scale": Near(lost[:, None, None] * np.ones(values.shape), CLOSE)}  # fmt: skip


def off(it):
    pairs = zip(it.nets, it.H, it.approximate, strict=True)
    values = np.array([
        [abs(coefficients(net.W, A - H)) for H, A in zip(exact, near, strict=True)]
        for net, exact, near in pairs
    ])  # fmt: skip
    ones = np.ones(values.shape)
    lost = 1e-5 * it.configuration.neurons * duals(it).max(1)
    return {"values": Near(values, CLOSE, 1e-8),
            "scale": Near(lost[:, None, None] * it.size() / 1e-5 * ones, CLOSE),
            "symbols": {"S": it.spread[:, None, None] * ones,
                        "dual": Near(duals(it)[:, None] * ones, CLOSE)}}  # fmt: skip


def tell(it, differences):
    c, found = it.configuration, []
    noise = it.noise("signs", 2 * c.neurons) if differences else [None] * c.networks
    for net, W, off in zip(it.nets, signed(it)[1], noise, strict=True):
        row = []
        for k, w in enumerate(W):
            points = c.radius * w, -c.radius * w
            if differences:
                H = [net.differences(points[0], c.eps, off[k]),
                     net.differences(points[1], c.eps, off[c.neurons + k])]  # fmt: skip
            else:
                H = [net.hessian(x) for x in points]
            row.append(coefficients(W, H[0])[k] - coefficients(W, H[1])[k])
        found.append(row)
    return np.array(found)


def biases_of(it):
    return {"tau": np.array([net.tau for net in it.nets])}


def telling(it):
    values = tell(it, differences=False)
    lost = 1e-5 * it.configuration.neurons * duals(it).max(1)
    return {"values": values, "scale": Near(lost[:, None] * np.ones(values.shape), CLOSE),
            "symbols": {"sign": signed(it)[0], **biases_of(it)}}  # fmt: skip


def agreement(it):
    values = -np.sign(tell(it, differences=True)) * signed(it)[0]
    symbols = {"S": it.spread[:, None] * np.ones(values.shape), "dual": Near(duals(it), CLOSE)}
    return {"values": values, "symbols": {**symbols, **biases_of(it)}}


def known(fits, form):
    """Symbols of descent, along an array of that shape (.., B)."""
    ones = np.ones(form)
    return {
        "lam": Near(np.array([fit.spectrum[0] for fit in fits]) * ones, CLOSE),
        "Lam": np.array([fit.spectrum[1] for fit in fits]) * ones,
        "p": Near(np.array([np.linalg.norm(fit.P.T @ fit.xi) / len(fit.y) for fit in fits]) * ones,
                  CLOSE, absolute=1e-14),
        "zeta": Near(np.array([np.sqrt(np.mean(fit.xi**2)) for fit in fits]) * ones, CLOSE,
                     absolute=1e-14),
    }  # fmt: skip


def etas(it, fits, form):
    return np.array([it.configuration.step / fit.spectrum[1] for fit in fits]) * np.ones(form)


def bias(it):
    fits = it.exact_fits + it.turned_fits
    way = np.hstack([it.ways(it.exact_fits), it.ways(it.turned_fits)])
    form = way[1:].shape
    scale = np.array([it.lost(fit) for fit in fits]) * np.ones(form)
    symbols = {**known(fits, form), "eta": etas(it, fits, form), "d": Near(way[:-1], CLOSE)}
    return {"values": Near(way[1:], CLOSE), "symbols": symbols, "scale": scale}


def path(it):
    c, fits, way = it.configuration, it.exact_fits, it.ways(it.exact_fits)
    ones = np.ones(way.shape)
    rate = np.array([c.step / fit.spectrum[1] * fit.spectrum[0] for fit in fits])
    scale = np.array([it.lost(fit) for fit in fits]) * np.minimum(c.steps + 1, 1 / rate) * ones
    symbols = {**known(fits, way.shape), "eta": etas(it, fits, way.shape)}
    symbols |= {"d_0": Near(way[0] * ones, CLOSE), "t": np.arange(c.steps + 1)[:, None] * ones}
    return {"values": Near(way, CLOSE), "symbols": symbols, "scale": Near(scale, CLOSE),
            "trivial": Near(way[0] * ones, CLOSE)}  # fmt: skip


def slowest(it):
    c, fits, values, d = it.configuration, it.exact_fits, [], []
    for fit in fits:
        d.append(
            [share * c.reach * fit.radius for share in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)]
        )
        ends = [fit.steps(fit.net.tau + r * fit.spectrum[2], c.step / fit.spectrum[1], 1)[-1]
                for r in d[-1]]  # fmt: skip
        values.append([np.linalg.norm(end - fit.net.tau) for end in ends])
    values, d = np.array(values).T, np.array(d).T
    symbols = {**known(fits, d.shape), "eta": etas(it, fits, d.shape), "d": Near(d, CLOSE)}
    scale = np.array([it.lost(fit) for fit in fits]) * np.ones(d.shape)
    return {"values": Near(values, CLOSE), "symbols": symbols, "scale": scale}


def floor(it):
    c, fits = it.configuration, it.turned_fits
    ways = [fit.steps(fit.net.tau, c.step / fit.spectrum[1], c.steps)[1:] - fit.net.tau
            for fit in fits]  # fmt: skip
    values = np.array([np.linalg.norm(way, axis=1) for way in ways]).T
    scale = np.array([it.lost(fit) for fit in fits]) * c.steps * np.ones(values.shape)
    symbols = {**known(fits, values.shape), "eta": etas(it, fits, values.shape)}
    return {"values": Near(values, CLOSE), "symbols": symbols, "scale": scale}


@lru_cache
def pipeline(it):
    """Largest errors (weights, biases) by network and step, and values asked for."""
    c, D, m = it.configuration, it.configuration.dimension, it.configuration.neurons
    starts = it.unit(it.rng("pipeline"), c.networks, c.starts, D)
    fits, X = c.fit_scale * it.gaussian("fit", c.fitted), it.gaussian("points of pipeline", c.N)
    errors, asked = [], []
    for eps in np.geomspace(c.narrowest, c.widest, c.sizes):
        row = []
        for net, x, near, points in zip(it.nets, starts, X, fits, strict=True):
            P, _ = projection([net.differences(one, eps) for one in near], m)
            ends = [end(P, one, c.gamma, c.iterations) for one in x]
            kept = []
            for one in sorted(ends, key=lambda one: -height(P, one)):
                if len(kept) < m and all(abs(one @ other) < 0.9 for other in kept):
                    kept.append(one)
            kept += kept[-1:] * (m - len(kept))
            W = []
            for k, w in enumerate(kept):
                up, down = (coefficients(kept, net.differences(s * c.radius * w, eps))[k]
                            for s in (1, -1))  # fmt: skip
                W.append(w if up < down else -w)
            fit_of = Net(np.array(W), np.zeros(m), c.activation)
            row.append(compared(net, np.array(W), fitted(fit_of, net, points, c.steps)))
        errors.append(row)
        asked.append((c.N + 2 * len(W)) * (4 * D * (D - 1) // 2 + 2 * D + 1) + c.fitted)
    return np.array(errors), np.array(asked, dtype=float)


def fitted(start, net, points, steps):
    from tests.theorems.network_identification.by_hand import Fit

    fit = Fit(start, points, np.array([net.value(x) for x in points]))
    return fit.steps(start.tau, 1 / fit.spectrum[1], steps)[-1]


def compared(net, W, tau):
    which = [int(np.argmax(abs(W @ w))) for w in net.W]
    if len(set(which)) < len(which):
        return 2.0, 2.0
    pairs = list(enumerate(which))
    return (max(np.linalg.norm(W[j] - net.W[k]) for k, j in pairs),
            max(abs(tau[j] - net.tau[k]) for k, j in pairs))  # fmt: skip


def slope(of):
    def events(it):
        c, errors = it.configuration, pipeline(it)[0][:, :, of]
        x = np.log(np.geomspace(c.narrowest, c.widest, c.sizes))
        slopes = [np.polyfit(x, np.log(each), 1)[0] for each in errors.T]
        return {"values": np.array([float(abs(s - 2) <= c.tolerance) for s in slopes])}

    return events


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "D": option("dimension"), "m": option("neurons"), "N": option("N"), "M": option("fitted"),
        "a": shape(0), "b": shape(1), "eps": option("eps"), "nu": option("noise"),
        "gamma": option("gamma"), "delta": option("delta"), "C": option("constant"),
        "R": option("radius"), "sizes": option("sizes"), "widest": option("widest"),
        "narrowest": option("narrowest"), "tolerance": option("tolerance"),
        "starts": option("starts"), "tau_max": option("bias"),
        "fewest": lambda it: sorted([it.configuration.iterations, it.configuration.steps])[0],
    },
    samples={
        "rank": alone, "joint_rank": joint, "difference": difference, "sine": sine,
        "everywhere": everywhere, "flat": flat, "climb": climb, "dichotomy": near_weights(False),
        "tangent": near_weights(True), "found": found, "coefficient": coefficient, "off": off,
        "telling": telling, "agreement": agreement, "bias": bias, "path": path,
        "slowest": slowest, "floor": floor,
        "queries": lambda it: {"values": pipeline(it)[1]},
        "weights_slope": slope(0), "biases_slope": slope(1),
    },
)  # fmt: skip
