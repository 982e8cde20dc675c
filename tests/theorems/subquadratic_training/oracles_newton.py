"""Oracles of Gauss-Newton and of sketches."""

from functools import lru_cache, partial
from math import log, sqrt

import numpy as np

from tests.oracles import Near, Satisfies
from tests.theorems.subquadratic_training.by_hand import four_sums, variance

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


def norms(it):
    return [sqrt(x @ x) for x in it.X]


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

    def long(e, K, W, i):
        return 1e-3 * max(sqrt(row @ row) for row in W)

    return {"values": LOOSE(it.per_run(far)), "scale": LOOSE(it.per_run(long)),
            "symbols": certified(it)}  # fmt: skip


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
    return {"values": np.array(events, float), "symbols": {"b": it.b_newton}}


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
