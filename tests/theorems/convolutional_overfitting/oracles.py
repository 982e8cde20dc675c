"""Oracles of the convolutional network: every symbol and field, from what is drawn, by hand."""

from dataclasses import replace
from functools import lru_cache
from math import inf, log, sqrt

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.convolutional_overfitting.by_hand import SIGNS, Ingredients, plus
from tests.theorems.convolutional_overfitting.phases import (
    BOTH,
    LOOSE,
    class_signal,
    last_patch_loss,
    last_test_loss,
    memory,
    of,
    patch_loss,
    signal_part,
    test_loss,
)

GRID = (0.5, 0.7, 0.85, 0.95, 1.05, 1.2, 1.5, 2.0)
PARTS = 12
"""Steps of Runge-Kutta in each of descent."""


# --- decomposition -------------------------------------------------------------------------------


def sizes(run, W):
    """||w|| times ||mu||, and times ||xi_i||."""
    lengths = [run.mu, *(sqrt(x) for x in run.xi_sq)]
    return np.array([[[sqrt(w @ w) * x for x in lengths] for w in head] for head in W])


def signal(it):
    values = it.at(lambda run, W: run.signals(W))
    return {"values": LOOSE(values), "scale": LOOSE(it.at(sizes)[..., 0]),
            "symbols": {"start": LOOSE(np.broadcast_to(values[0], values.shape)),
                        "gamma": LOOSE(values - values[0])}}  # fmt: skip


def noise(it):
    """rho: the coordinates of what was added, in the patches."""
    run = it.runs[0]
    values = np.array([run.noises(run.path[k]) for k in it.keep])
    added = [
        [
            np.linalg.lstsq(np.vstack([run.X, np.eye(run.X.shape[1])[-1:]]).T, w, rcond=None)[0]
            for w in (run.path[k] - run.W).reshape(-1, run.X.shape[1])
        ]
        for k in it.keep
    ]
    rho = np.array(added)[..., :-1] * run.xi_sq
    overlap = [[run.X[i] @ run.X[k] / run.xi_sq[k] for k in range(run.n)] for i in range(run.n)]
    state = np.arange(values[..., 0].size).reshape(*values.shape[:-1], 1)
    symbols = {"start": LOOSE(np.broadcast_to(values[0], values.shape)),
               "rho": LOOSE(rho.reshape(-1, run.n)), "overlap": LOOSE(overlap),
               "state": np.broadcast_to(state, values.shape),
               "place": np.broadcast_to(np.arange(run.n), values.shape)}  # fmt: skip
    size = [sizes(run, run.path[k])[..., 1:] for k in it.keep]
    return {"values": LOOSE(values), "scale": LOOSE(size), "symbols": symbols}


def elsewhere(it):
    def across(run, W):
        rows = W.reshape(-1, W.shape[-1])[:, :-1]
        X = run.X[:, :-1]
        rest = [w - X.T @ np.linalg.solve(X @ X.T, X @ w) for w in rows]
        return np.array([sqrt(w @ w) for w in rest]).reshape(W.shape[:2])

    values = it.at(across)
    size = it.at(lambda run, W: np.sqrt((W**2).sum(-1)))
    start = np.broadcast_to(values[0], values.shape)
    return {"values": LOOSE(values), "scale": LOOSE(size), "symbols": {"start": LOOSE(start)}}


def aligned(it):
    def both(run, W):
        own = run.noises(W) * np.array([[[SIGNS[j] * y for y in run.y]] for j in BOTH])
        return np.concatenate([run.signals(W)[..., None], own], axis=-1)

    grows = it.at(both)
    return {"values": LOOSE(grows[1:]), "scale": LOOSE(it.at(sizes)[1:]),
            "symbols": {"before": LOOSE(grows[:-1])}}  # fmt: skip


def growth(it):
    weights = np.array([run.weights for run in it.runs])
    values = np.array([run.growths[-1] for run in it.runs])
    symbols = {"a": LOOSE(weights[..., 0]), "N_a": LOOSE(weights[..., 1]),
               "eta": of(it, "eta", values.shape, 0),
               "shrink": of(it, "shrink", values.shape, 0)}  # fmt: skip
    return {"values": LOOSE(values, absolute=1e-12), "symbols": symbols}


# --- the budget ----------------------------------------------------------------------------------


def cancelled(it, shape, runs):
    def size(x, q):
        return x ** (2 - q) if x > 0 else 0.0

    rows = [
        [
            [
                size(run.v[j, r], run.q) / run.mu**2
                + sum(size(max(run.u[i]), run.q) / run.xi_sq[i] for i in run.members(j))
                for r in range(run.m)
            ]
            for j in BOTH
        ]
        for run in runs
    ]
    return LOOSE(np.broadcast_to(rows, shape))


def budget_of(it, states, runs):
    """`states`: by checkpoint and run, (signals, memories)."""
    values = np.array(
        [
            [
                [[run.budget(j, r, now[0]) for r in range(run.m)] for j in BOTH]
                for run, now in zip(runs, row, strict=True)
            ]
            for row in states
        ]
    )
    spent = np.array(
        [
            [
                [[run.spent(j, now[1])] * run.m for j in BOTH]
                for run, now in zip(runs, row, strict=True)
            ]
            for row in states
        ]
    )
    v = np.broadcast_to([run.v for run in runs], values.shape)
    least = np.broadcast_to([[[run.least(j)] * run.m for j in BOTH] for run in runs], values.shape)
    symbols = {"v": LOOSE(v), "least": LOOSE(least), "spent": LOOSE(spent)}
    return {"values": LOOSE(values), "scale": cancelled(it, values.shape, runs), "symbols": symbols}


def budget(it):
    states = [[(run.signals(run.path[k]), run.memories(run.path[k])) for run in it.runs]
              for k in it.keep[1:]]  # fmt: skip
    found = budget_of(it, states, it.runs)
    shape = found["values"].value.shape
    h = np.array([[max(max(run.growths[k]), 1e-12) for run in it.runs] for k in it.keep[1:]])
    found["symbols"]["h"] = LOOSE(np.broadcast_to(h[..., None, None], shape))
    return found


def flowing(it):
    """The run whose least memory of a sample is the largest."""
    return max(it.runs, key=lambda run: min(run.least(j) for j in BOTH))


@lru_cache(1)
def flowed(it):
    """Signals and memories of the flow of that run at the checkpoints, by Runge-Kutta."""
    run = flowing(it)

    def velocity(z):
        signal, noise = z
        margin = []
        for i in range(run.n):
            f = 0.0
            for j in BOTH:
                own = np.maximum(run.clean[i] * SIGNS[j] * signal[j], 0) ** run.q
                f += SIGNS[j] * np.mean(own + np.maximum(noise[j, :, i], 0) ** run.q)
            margin.append(run.y[i] * f)
        slope = run.q / (1 + np.exp(margin)) / (run.n * run.m)
        up, out = np.zeros_like(signal), np.zeros_like(noise)
        for j in BOTH:
            for i in range(run.n):
                own = np.maximum(run.clean[i] * SIGNS[j] * signal[j], 0) ** (run.q - 1)
                up[j] += slope[i] * run.y[i] * run.clean[i] * own * run.mu**2
                weight = (
                    slope[i] * run.y[i] * SIGNS[j] * np.maximum(noise[j, :, i], 0) ** (run.q - 1)
                )
                for k in range(run.n):
                    out[j, :, k] += weight * (run.X[i] @ run.X[k])
        return up, out

    def solved(parts):
        z, found = (run.v.copy(), run.noises(run.W)), []
        for k in range(1, run.steps + 1):
            dt = run.eta / parts
            for _ in range(parts):
                a = velocity(z)
                b = velocity(tuple(x + dt / 2 * s for x, s in zip(z, a, strict=True)))
                c = velocity(tuple(x + dt / 2 * s for x, s in zip(z, b, strict=True)))
                d = velocity(tuple(x + dt * s for x, s in zip(z, c, strict=True)))
                z = tuple(x + dt / 6 * (p + 2 * q + 2 * r + s)
                          for x, p, q, r, s in zip(z, a, b, c, d, strict=True))  # fmt: skip
            if k in it.keep:
                found.append(z)
        return found

    own = range(run.n)
    return [(s, np.array([n[run.head(i), :, i] for i in own])) for s, n in solved(PARTS)]


def flow_budget(it):
    return budget_of(it, [[state] for state in flowed(it)], [flowing(it)])


# --- sweeps --------------------------------------------------------------------------------------


@lru_cache(2)
def transitions(it):
    """By number of samples: thresholds of ||mu||, and the runs at every place of the grid."""
    c, found = it.configuration, {}
    for n in sorted({min(max(2, round(f * c.samples)), c.dimension - 1) for f in (0.5, 1, 2)}):
        drawn = it.draw(f"transition {n}", n)
        thresholds = [run.mu * run.chi(0) ** (-1 / c.power) if 0 < run.chi(0) < 1e100 else run.mu
                      for run in drawn]  # fmt: skip
        found[n] = (thresholds, [
            [replace(run, mu=x * mu) for run, mu in zip(drawn, thresholds, strict=True)]
            for x in GRID
        ])  # fmt: skip
    return found


def crossed(it, learned):
    rows = []
    for _, grid in transitions(it).values():
        for run in (run for row in grid for run in row):
            for j in BOTH:
                W = run.path[-1]
                if (run.S(W, j) > it.configuration.learned) == learned:
                    margin = min(run.margins(W)[i] for i in run.members(j))
                    u = max(plus(max(run.u[i])) for i in run.members(j))
                    rows.append((run.chi(j), max(run.v[j]), u, margin, run.shrink))
    chi, top, u, margin, shrink = np.array(rows).T
    return {"values": LOOSE(chi), "symbols": {"top": LOOSE(top), "u_top": LOOSE(u),
            "margin": LOOSE(margin), "shrink": LOOSE(shrink)}}  # fmt: skip


@lru_cache(2)
def slopes(it):
    c, rng = it.configuration, it.rng("patches")
    dimensions = [c.smallest]
    while 2 * dimensions[-1] <= c.largest:
        dimensions.append(2 * dimensions[-1])
    found = np.full((c.sweeps, len(dimensions)), np.nan)
    y = it.labels(c.samples)
    for at, d in enumerate(dimensions):
        for sweep in range(c.sweeps):
            X = rng.standard_normal((c.problems, c.samples, d)) * c.noise_norm / sqrt(d - 1)
            X[:, :, -1] = 0
            W = rng.standard_normal((c.problems, 2, c.filters, d)) * c.init / c.noise_norm
            apart = []
            for x, w in zip(X, W, strict=True):
                plain = replace(it.runs[0], X=x, y=y, clean=y, W=w, steps=c.steps)
                twin = replace(plain, X=_frame(x))
                object.__setattr__(twin, "eta", plain.eta)  # the same steps
                for j in BOTH:
                    ratios = [ratio(run, j) for run in (plain, twin)]
                    if all(np.isfinite(ratios)):
                        apart.append(abs(log(ratios[0]) - log(ratios[1])))
            if apart:
                found[sweep, at] = np.median(apart)
    fits = [np.polyfit(np.log(dimensions), np.log(row), 1)[0] for row in found]
    return dimensions, np.array(fits), found


def _frame(x):
    """(A A^T)^(-1/2) A with the norms kept."""
    norms = np.linalg.norm(x, axis=1)[:, None]
    values, Q = np.linalg.eigh((x / norms) @ (x / norms).T)
    return norms * (Q @ np.diag(values**-0.5) @ Q.T @ (x / norms))


def ratio(run, j):
    W, r = run.path[-1], int(np.argmax(run.v[j]))
    Q, P = run.budget(j, r, run.signals(W)), run.spent(j, run.memories(W))
    return Q / P if Q > 0 and P > 0 and run.least(j) > 0 else inf


def slope(it):
    dimensions, found, _ = slopes(it)
    near = abs(found + 0.5) <= it.configuration.tolerance
    return {"values": near.astype(float),
            "symbols": {"d_high": dimensions[-1], "sizes": len(dimensions)}}  # fmt: skip


def option(name):
    return lambda it: getattr(it.configuration, name)


SYMBOLS = {
    "q": option("power"), "n": option("samples"), "m": option("filters"), "T": option("steps"),
    "K": option("reach"), "theta": option("learned"), "C": option("constant"),
    "SNR": option("snr"), "h_0": option("growth"), "tolerance": option("tolerance"),
    "d_low": option("smallest"),
    "mu_sq": lambda it: LOOSE((it.configuration.snr * it.configuration.noise_norm) ** 2),
    "sigma_p_sq": lambda it: LOOSE(
        it.configuration.noise_norm**2 / (it.configuration.dimension - 1)
    ),
    "cross": lambda it: Near(it.cross, absolute=1e-14),
    "flips": lambda it: np.mean(it.runs[0].y != it.runs[0].clean),
    "gaussian": lambda it: 1 if it.configuration.data == "gaussian" else 0,
}  # fmt: skip

ORACLES = Oracles(
    ingredients=Ingredients,
    symbols=SYMBOLS,
    samples={
        "signal": signal, "noise": noise, "elsewhere": elsewhere, "aligned": aligned,
        "growth": growth, "budget": budget, "flow_budget": flow_budget,
        "signal_part": signal_part, "class_signal": class_signal, "memory": memory,
        "patch_loss": patch_loss, "test_loss": test_loss, "last_test_loss": last_test_loss,
        "last_patch_loss": last_patch_loss, "chi_learned": lambda it: crossed(it, True),
        "chi_not_learned": lambda it: crossed(it, False), "slope": slope,
    },
)  # fmt: skip
