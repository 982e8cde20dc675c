"""Oracles of feedback alignment: every symbol, field and event, by hand."""

from functools import lru_cache
from math import ceil, exp, sqrt

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.feedback_alignment import by_hand
from tests.theorems.feedback_alignment.columns import columns, each, norm, rows, steps, transport
from tests.theorems.feedback_alignment.ingredients import Ingredients
from tests.theorems.feedback_alignment.oracles_decay import (
    decayed_error,
    decayed_step,
    pull,
    saturated,
    stopped_alignment,
    stopped_error,
    tangent,
)

CLOSE = 1e-6
"""Relative rounding of flows by another integrator, and of what they give."""


def neuron(it):
    product = each(it.short, lambda net: net.b * net.beta)[..., :24]
    W = each(it.short, lambda net: net.W)[:, :, :24]
    squares = (W**2).sum(-1)
    return {
        "values": Near(product[:, 1:], 1e-8, 1e-10),
        "scale": squares[:, 1:] + squares[:, :-1],
        "symbols": {
            "product": Near(product[:, :-1], 1e-8, 1e-10), "w_sq": squares[:, :-1],
            "w_sq_next": squares[:, 1:],
            "dw_sq": Near(((W[:, 1:] - W[:, :-1]) ** 2).sum(-1), 1e-7, 1e-9),
            **transport(it, it.short),
        },
    }  # fmt: skip


def growth(it):
    overlap = each(it.short, lambda net: net.b @ net.beta)
    W = each(it.short, lambda net: net.W)
    squares, shape = (W**2).sum((2, 3)), overlap[:, 1:].shape
    moved = ((W[:, 1:] - W[:, :-1]) ** 2).sum((2, 3)).cumsum(1)
    return {
        "values": Near(overlap[:, 1:], 1e-8, 1e-10),
        "scale": squares[:, 1:],
        "symbols": {
            "overlap": rows(overlap[:, 0], shape), "W_sq": squares[:, 1:],
            "W0_sq": rows(squares[:, 0], shape), "dW_sq": Near(moved, 1e-7),
            "decayed": it.configuration.decay * (steps(shape) + 1), **transport(it, it.short),
        },
    }  # fmt: skip


def residual(it):
    X, e = it.X, each(it.short, lambda net: it.inside(net.e))
    h = -e[:, :-1] @ X
    pairs = [list(zip(path, row, strict=False)) for path, row in zip(it.short, h, strict=True)]
    carried = [[[(net.W @ x) @ (net.W @ g) for x in X] for net, g in row] for row in pairs]
    after = each([path[1:] for path in it.short], lambda net: net.b @ net.beta)
    shape = e[:, 1:].shape
    loose = {"rtol": 1e-8, "atol": 1e-9}
    return {
        "values": Near(e[:, 1:], **loose),
        "scale": 1.0,
        "symbols": {
            "e_i": Near(e[:, :-1], **loose), "y_i": it.inside(it.y) * np.ones(shape),
            "carried": Near(np.array(carried), **loose), "direct": Near(h @ X.T, **loose),
            "next_overlap": Near(after[..., None] * np.ones(shape), **loose),
            **transport(it, it.short),
        },
    }  # fmt: skip


def numbers(it):
    """s, v, q, c of every network at every step, from the residual of the linear network."""
    eta, decay, m = it.eta, it.configuration.decay, it.configuration.width
    found = []
    for net in it.nets:
        s, v, q, c = np.zeros(it.X.shape[1]), np.zeros(it.X.shape[1]), 1.0, 0.0
        row = [(s, v, q, c)]
        for _ in range(len(it.short[0]) - 1):
            W, beta = net.W + np.outer(net.b, s), q * net.beta + net.W @ v + c * net.b
            h = -(it.X @ W.T @ beta / sqrt(m) - it.y) @ it.X
            c = (1 - eta * decay) * c + eta / sqrt(m) * (s @ h)
            s, v = s + eta / sqrt(m) * h, (1 - eta * decay) * v + eta / sqrt(m) * h
            q *= 1 - eta * decay
            row.append((s, v, q, c))
        found.append(row)
    return found


def first_layer(it):
    values = each(it.short, lambda net: net.W[:24] @ it.X.T)
    b = np.array([net.b[:24] for net in it.nets])
    shift = np.array([[it.X @ s for s, *_ in row] for row in numbers(it)])
    ones = np.ones(values.shape)
    return {
        "values": Near(values, 1e-8, 1e-10),
        "scale": 1.0,
        "symbols": {
            "z_0": values[:, :1] * ones, "b_r": b[:, None, :, None] * ones,
            "shift": Near(shift[:, :, None] * ones, 1e-8, 1e-9), **transport(it, it.short),
        },
    }  # fmt: skip


def second_layer(it):
    values = each(it.short, lambda net: net.beta[:24])
    b = np.array([net.b[:24] for net in it.nets])
    found, ones = numbers(it), np.ones(values.shape)
    w_v = np.array([[net.W[:24] @ v for _, v, *_ in row]
                    for net, row in zip(it.nets, found, strict=True)])  # fmt: skip
    q, c = (np.array([[at[i] for at in row] for row in found])[..., None] * ones for i in (2, 3))
    return {
        "values": Near(values, 1e-8, 1e-10),
        "scale": 1.0,
        "symbols": {
            "beta_r0": values[:, :1] * ones, "b_r": b[:, None] * ones,
            "w_v": Near(w_v, 1e-8, 1e-9), "q": q, "c": Near(c, 1e-8, 1e-9),
            **transport(it, it.short),
        },
    }  # fmt: skip


def error(it):
    values = each(it.paths, lambda net: norm(it.inside(net.e)))
    e_0 = rows(values[:, 0], values.shape)
    symbols = {**columns(it.starts, values.shape), "k": steps(values.shape),
               **transport(it, it.paths)}  # fmt: skip
    return {"values": Near(values, 1e-8, 1e-9), "trivial": e_0, "scale": e_0, "symbols": symbols}


def relu_error(it):
    values = each(it.paths, lambda net: norm(net.e))
    e_0 = rows(values[:, 0], values.shape)
    starts = [it.relu_start(net) for net in it.nets]
    symbols = {**columns(starts, values.shape), "k": steps(values.shape),
               **transport(it, it.paths)}  # fmt: skip
    return {"values": Near(values, 1e-8, 1e-9), "trivial": e_0, "scale": e_0, "symbols": symbols}


def gamma(it):
    return float(np.linalg.eigvalsh(by_hand.kernel(it.X, it.configuration.activation))[0])


def published_rate(it):
    values = each(it.paths, lambda net: norm(net.e))
    rate = 1 - it.eta * gamma(it) / 4
    kept = [all(e <= rate**k * row[0] * (1 + 1e-9) for k, e in enumerate(row)) for row in values]
    return {"values": np.array(kept, float), "symbols": transport(it, it.paths)}


def alignment(it):
    values = abs(each(it.paths, lambda net: net.cosine))
    symbols = {**columns(it.starts, values.shape), **transport(it, it.paths)}
    return {"values": Near(values, 1e-8, 1e-9), "trivial": 1.0, "symbols": symbols}


def a_0(it):
    m = it.configuration.width
    return [at["low"] + (at["overlap"] - at["B2"] * at["s_0"] ** 2 / 2) / m for at in it.starts]


def initial_rate(it):
    return {"values": np.array([rate >= 0.25 for rate in a_0(it)], float)}


def linear_start(it, shape):
    """Without the rate that is tried; with the error of the linear network."""
    found = columns(it.starts, shape) | {"e_0": Near(rows(it.flows[:, 0], shape), 1e-8)}
    return {name: value for name, value in found.items() if name != "a"}


def flow_error(it):
    values = it.flows
    symbols = {**linear_start(it, values.shape), "t": np.array(it.times) * np.ones(values.shape)}
    e_0 = rows(values[:, 0], values.shape)
    return {"values": Near(values, CLOSE, CLOSE), "trivial": e_0, "scale": e_0, "symbols": symbols}


def convergence(it):
    slow = [exp(-it.mu * t / 4) for t in it.times]
    kept = [all(e <= s * row[0] * (1 + 1e-7) for e, s in zip(row, slow, strict=True))
            for row in it.flows]  # fmt: skip
    return {"values": np.array(kept, float)}


def widths(it):
    c, found = it.configuration, []
    while not found or 2 * found[-1] <= c.largest:
        found.append(2 * found[-1] if found else c.smallest)
    return found


def gain(it):
    """Half of what ||W||^2 has grown, at eta = 1/(2 ||X||^2), after 20/(eta mu) steps."""
    c, values = it.configuration, []
    eta = 0.5 / it.norm_X**2
    count = ceil(20 / (eta * it.mu) * (1 - 1e-12))
    for m in widths(it):
        row = []
        for i in range(c.draws):
            net = by_hand.drawn(it.X, it.y, f"{it.salt}/gain {m} {i}", m, c)
            W, beta = net.W, net.beta
            for _ in range(count):
                h = (it.X @ W.T @ beta / sqrt(m) - it.y) @ it.X / sqrt(m)
                W, beta = W - eta * np.outer(net.b, h), beta - eta * W @ h
            row.append((np.sum(W**2) - np.sum(net.W**2)) / 2)
        values.append(row)
    return {"values": Near(np.array(values), 1e-6, 1e-8), "symbols": {"m": widths(it)}}


@lru_cache
def deviations(it):
    """The largest distance from the law at infinite width, in the mean: (sweeps, widths)."""
    c, at = it.configuration, widths(it)
    G, sweeps = by_hand.kernel(it.X, c.activation), max(1, c.draws // 8)
    means = []
    for m in at:
        row = []
        for sweep in range(sweeps):
            largest = []
            for i in range(8):
                salt = f"{it.salt}/deviation {m} {sweep} {i}"
                path = by_hand.drawn(it.X, it.y, salt, m, c).train(it.eta, c.decay, 60)
                law, most = path[0].e, 0.0
                for net in path:
                    most = max(most, norm(net.e - law))
                    law = law - it.eta * (c.decay * (law + it.y) + G @ law)
                largest.append(most)
            row.append(sum(largest) / 8)
        means.append(row)
    return np.array(means).T


def slopes(it):
    return [np.polyfit(np.log(widths(it)), np.log(row), 1)[0] for row in deviations(it)]


def slope_of_deviation(it):
    near = [abs(slope + 0.5) <= it.configuration.tolerance for slope in slopes(it)]
    return {"values": np.array(near, float)}


def option(name):
    return lambda it: getattr(it.configuration, name)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: len(it.X),
        "d": lambda it: it.X.shape[1],
        "m": option("width"),
        "lambda": option("decay"),
        "delta": option("delta"),
        "beta_scale": option("beta_scale"),
        "C": option("constant"),
        "tolerance": option("tolerance"),
        "smallest": option("smallest"),
        "largest": lambda it: widths(it)[-1],
        "widths": lambda it: len(widths(it)),
        "norm_X": lambda it: it.norm_X,
        "mu": lambda it: it.mu,
        "rank": lambda it: len(it.eigenvalues),
        "eta": lambda it: it.eta,
        "theta": lambda it: norm(it.theta),
        "norm_y": lambda it: norm(it.inside(it.y)),
        "gamma": lambda it: Near(max(gamma(it), 1e-300), 1e-7, absolute=1e-12),
        "curvature": lambda it: by_hand.CURVATURE.get(it.configuration.activation, 0.0),
        "kink": lambda it: by_hand.KINK.get(it.configuration.activation, 0.0),
        "kurtosis": lambda it: 1.0 if it.configuration.feedback == "signs" else 3.0,
        "correlation": lambda it: float(it.configuration.feedback == "initial"),
        "transport": lambda it: 0.0,
    },
    samples={
        "neuron": neuron,
        "growth": growth,
        "residual": residual,
        "first_layer": first_layer,
        "second_layer": second_layer,
        "error": error,
        "relu_error": relu_error,
        "published_rate": published_rate,
        "alignment": alignment,
        "initial_rate": initial_rate,
        "flow_error": flow_error,
        "convergence": convergence,
        "tangent": tangent,
        "pull": pull,
        "decayed_step": decayed_step,
        "decayed_error": decayed_error,
        "stopped_error": stopped_error,
        "stopped_alignment": stopped_alignment,
        "saturated": saturated,
        "gain": gain,
        "slope_of_deviation": slope_of_deviation,
    },
)
