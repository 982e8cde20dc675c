"""Oracles of single index models: every symbol and field, from what is drawn, by hand."""

from functools import lru_cache, partial
from math import sqrt

import numpy as np
from scipy.linalg import eigvalsh
from scipy.stats import chi2

from tests.oracles import Near, Oracles
from tests.theorems.single_index_models.by_hand import (
    SLOPES,
    Ingredients,
    descended,
    flowed,
    gap,
    mean_power,
    shrunk,
    spectrum,
)

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


# --- paths ---------------------------------------------------------------------------------------


@lru_cache(1)
def path(it):
    """eta, k, and w, v, kept: (steps, coordinates)."""
    Phi, size = it.whole
    eta = it.configuration.step / size
    k = it.checkpoints(eta, abs(Phi))
    found = [descended(Phi, eta, it.configuration.alpha, step) for step in k]
    return eta, k, *(np.array(part) for part in zip(*found, strict=True))


def coordinate(it):
    eta, k, w, v, _ = path(it)
    values = np.where(it.whole[0] > 0, 1, -1) * (w**2 - v**2)
    symbols = {"phi": LOOSE(it.whole[0]), "k": k[:, None], "eta": LOOSE(eta),
               "shrunk": LOOSE(w * v / it.configuration.alpha**2)}  # fmt: skip
    return {"values": LOOSE(values), "scale": LOOSE(w**2 + v**2), "symbols": symbols}


def product(it):
    _, _, w, v, kept = path(it)
    return {"values": LOOSE(w * v), "symbols": {"kept": LOOSE(kept)}}


def flow(it):
    (Phi, _), alpha = it.whole, it.configuration.alpha
    t = it.times(abs(Phi))
    b = flowed(Phi, alpha, t)
    symbols = {"phi": LOOSE(Phi), "t": LOOSE(t[:, None])}
    return {"values": LOOSE(b), "scale": LOOSE(np.sqrt(b**2 + 4 * alpha**4)), "symbols": symbols}


def flow_product(it):
    shape = it.configuration.points, len(it.whole[0])
    return {"values": LOOSE(np.full(shape, it.configuration.alpha**2))}


@lru_cache(1)
def pairs(it):
    """signal, noise, first, last."""
    (Phi, size), c = it.whole, it.configuration
    ordered = sorted(abs(Phi), reverse=True)
    many = max(1, min(c.support, len(ordered) // 2))
    rows = []
    for signal, noise in zip(ordered[:many], ordered[many : 2 * many], strict=True):
        first = last = 0
        while gap(signal, c.step / size, c.alpha, first) < signal - c.near:
            first += 1
        while noise > c.growth and gap(noise, c.step / size, c.alpha, last + 1) <= c.growth:
            last += 1
        rows.append((signal, noise, first, last))
    return np.array(rows).T


def of_pairs(it, values, **more):
    signal, noise, *_ = pairs(it)
    Phi, size = it.whole
    real = {"diabetes": 442, "digits": 1797}
    if it.configuration.data.endswith(".csv"):
        real[it.configuration.data] = len(np.loadtxt(it.configuration.data, str)) - 1
    weakest = abs(it.m) * min(abs(x) for x in it.beta[: it.s])
    symbols = {"signal": LOOSE(signal), "noise": LOOSE(noise), "M_0": LOOSE(size), "p": len(Phi),
               "eta": LOOSE(it.configuration.step / size),
               "n": real.get(it.configuration.data, it.configuration.samples),
               "weakest": 0.0 if it.configuration.data in real else LOOSE(weakest)}  # fmt: skip
    return {"values": values, "symbols": symbols, **more}


def window(it):
    _, _, first, last = pairs(it)
    return of_pairs(it, last - first, scale=last + first)


def lasso_coordinate(it):
    Phi = it.whole[0]
    lam = max(abs(Phi)) * np.array([0.1, 0.3, 0.5, 0.8])
    values = [[shrunk(phi, each) for phi in Phi] for each in lam]
    return {"values": LOOSE(values), "scale": LOOSE(max(abs(Phi))),
            "symbols": {"phi": LOOSE(Phi), "lam": LOOSE(lam[:, None])}}  # fmt: skip


# --- what is drawn -------------------------------------------------------------------------------


def entry(it):
    Phi, m, a = it.fresh
    at = [0, it.s - 1, it.p - 1]
    return {"values": LOOSE(Phi[:, at].T),
            "symbols": {"m": LOOSE(m), "a": LOOSE(a), "b_j": it.beta[at][:, None],
                        "precision": LOOSE(it.precision[at, at][:, None])}}  # fmt: skip


def noise(it):
    Phi, m, a = it.fresh
    rows = zip(Phi, m, a, strict=True)
    apart = [(row - x * it.beta) / y for row, x, y in rows]
    return {"values": LOOSE([row @ it.covariance @ row for row in apart])}


def largest(it):
    Phi, _, a = it.fresh
    return {"values": [float(max(abs(row[it.s :])) <= x * it.z)
                       for row, x in zip(Phi, a, strict=True)]}  # fmt: skip


def start(it):
    return LOOSE(it.m**2 * sum(it.beta**2))


def error(it):
    law = {name: LOOSE(values, absolute=1e-14) for name, values in it.law.items()}
    return {"values": LOOSE(it.errors), "trivial": start(it), "symbols": {**law, "k": it.steps}}


def stopped(it):
    at = it.steps.index(it.stopped)
    law = {name: LOOSE(values[at], absolute=1e-14) for name, values in it.law.items()}
    return {"values": LOOSE(it.errors[[at]]), "trivial": start(it), "symbols": law}


def selection(it):
    alpha, s = it.configuration.alpha, it.s
    known = it.a * sqrt(chi2(s - 1).ppf(1 - it.configuration.delta)) if s > 1 else 0
    good = []
    for row in it.Phi:
        b = gap(row, it.eta, alpha, it.stopped)
        lacks = [it.lacking(abs(phi), it.eta, it.stopped) for phi in row[:s]]
        limit = known + sqrt(sum(x * x for x in lacks))
        limit += sqrt(it.p - s) * it.configuration.growth
        good.append(float(sqrt(sum((b - it.m * it.beta) ** 2)) <= limit))
    return {"values": good}


def support(it):
    right = []
    for row in it.Phi:
        b = abs(gap(row, it.eta, it.configuration.alpha, it.stopped))
        wrong = any(b[it.s :] > it.lam / 2)
        for phi, found in zip(row[: it.s], b[: it.s], strict=True):
            sure = abs(phi) - it.lacking(abs(phi), it.eta, it.stopped) > it.lam / 2
            wrong |= sure and found <= it.lam / 2
        right.append(float(not wrong))
    return {"values": right}


def lasso_error(it):
    lam = it.lam * np.array([0.25, 0.5, 1.0, 1.5])
    values = [[sum((np.vectorize(shrunk)(row, x) - it.m * it.beta) ** 2) for row in it.Phi]
              for x in lam]  # fmt: skip
    spread = [it.moments(lambda phi, x=x: np.vectorize(shrunk)(phi, x))["on_var"] for x in lam]
    symbols = {"lam": LOOSE(lam), "on_var": Near(spread, rtol=1e-4)}  # with corners
    return {"values": LOOSE(values), "trivial": start(it), "symbols": symbols}


# --- matrices ------------------------------------------------------------------------------------


@lru_cache(1)
def matrix_path(it):
    """eta, k, eigenvalues, and w, v of each: (steps, d)."""
    _, a, Phi = it.matrices(1)
    eta = it.configuration.step / (a * sqrt(it.configuration.matrix_samples))
    values, _ = spectrum(Phi[0])
    k = it.checkpoints(eta, abs(values))
    found = [descended(values, eta, it.configuration.alpha, step)[:2] for step in k]
    return eta, k, values, *(np.array(each) for each in zip(*found, strict=True))


def diagonal(rows):
    return np.array([np.diag(row) for row in rows])


def matrix_entry(it):
    *_, w, v = matrix_path(it)
    b, size = diagonal(w**2 - v**2), (w**2 + v**2).sum(1)[:, None, None]
    return {"values": Near(b, 1e-7, 1e-9), "scale": LOOSE(size + 0 * b),
            "symbols": {"alone": LOOSE(b)}}  # fmt: skip


def matrix_flow(it):
    _, _, values, *_ = matrix_path(it)
    alpha, t = it.configuration.alpha, it.times(abs(values))
    b = flowed(values, alpha, t)
    size = np.sqrt(b**2 + 4 * alpha**4).sum(1)[:, None, None]
    symbols = {"phi": LOOSE(np.diag(values)), "t": LOOSE(t[:, None, None])}
    return {"values": LOOSE(diagonal(b)), "scale": LOOSE(size + 0 * diagonal(b)),
            "symbols": symbols}  # fmt: skip


@lru_cache(1)
def of_matrices(it):
    """m, a, Phi, the distances of B_k, symbols, the limit of the error."""
    c = it.configuration
    m, a, Phi, eta, stop, B = it.matrix_errors(1)
    size = max(abs(eigvalsh(each)).max() for each in Phi)
    symbols = {"n": c.matrix_samples, "a": LOOSE(a), "M_0": LOOSE(a * sqrt(c.matrix_samples)),
               "speed": LOOSE(eta * sqrt(size**2 + 4 * c.alpha**4))}  # fmt: skip
    error = [sqrt(((each - m * it.B) ** 2).sum()) for each in B]
    limits = []
    for each in Phi:
        top = sorted(abs(eigvalsh(each)))[-c.rank :]
        lacks = sqrt(sum(it.lacking(x, eta, stop) ** 2 for x in top))
        rest = sqrt(c.size - c.rank) * c.growth
        limits.append(2 * sqrt(2 * c.rank) * it.matrix_lam(a) + lacks + rest)
    return m, a, Phi, np.array(error), symbols, np.array(limits)


def matrix_norm(it):
    m, a, Phi, _, symbols, _ = of_matrices(it)
    norms = [abs(eigvalsh(each - m * it.B)).max() for each in Phi]
    return {"values": [float(x <= it.matrix_lam(a)) for x in norms], "symbols": symbols}


def matrix_selection(it):
    *_, error, symbols, limits = of_matrices(it)
    return {"values": (error <= limits).astype(float), "symbols": symbols}


def matrix_stopped(it):
    m, *_, error, symbols, _ = of_matrices(it)
    return {"values": LOOSE(error[None] ** 2), "trivial": LOOSE(m**2), "symbols": symbols}


def matrix_error(it):
    c, rows, left = it.configuration, [], 0.0
    for factor in (1, 2, 4):
        m, a, Phi, _, _, B = it.matrix_errors(factor)
        rows.append([((each - m * it.B) ** 2).sum() / a**2 for each in B])
        for each, found in zip(Phi, B, strict=True):
            values, Q = spectrum(each)
            top = np.argsort(-abs(values))[: c.rank]
            best = sum(values[i] * np.outer(Q[:, i], Q[:, i]) for i in top)
            left = max(left, ((found - best) ** 2).sum() / a**2)
    _, a, *_ = it.matrices(1)
    symbols = {"n": 4 * c.matrix_samples, "a": LOOSE(it.matrices(4)[1]), "left": LOOSE(left),
               "M_0": LOOSE(it.matrices(4)[1] * sqrt(4 * c.matrix_samples)),
               "samples": [c.matrix_samples * f for f in (1, 2, 4)]}  # fmt: skip
    return {"values": LOOSE(rows), "symbols": symbols}


# --- sweeps --------------------------------------------------------------------------------------


def slope(it, which, exponent):
    slopes, sizes = it.slopes
    near = abs(slopes[:, which] - exponent) <= it.configuration.tolerance
    return {"values": near.astype(float), "symbols": {"largest": sizes[-1]}}


def exponent(it):
    return max(1 / it.configuration.tail - 1, -0.5)


def option(name):
    return lambda it: getattr(it.configuration, name)


SYMBOLS = {
    **{name: option(name) for name in ("alpha", "delta", "near", "smallest", "tolerance")},
    "epsilon": option("growth"), "n": option("samples"), "C": option("constant"),
    "nu": option("tail"), "C_1": option("constant_first"), "C_2": option("constant_last"),
    "d": option("size"), "r": option("rank"),
    "p": lambda it: it.p, "s": lambda it: it.s, "m": lambda it: LOOSE(it.m),
    "a": lambda it: LOOSE(it.a), "z": lambda it: it.z, "lam": lambda it: LOOSE(it.lam),
    "eta": lambda it: LOOSE(it.eta), "M_0": lambda it: LOOSE(it.size),
    "b": lambda it: it.beta[: it.s],
    "kurtosis": lambda it: 0.0 if it.configuration.inputs == "gaussian" else 3.0,
    "tied": lambda it: 1 if it.configuration.tied else 0,
    "speed": lambda it: LOOSE(
        it.eta * max(sqrt(x**2 + 4 * it.configuration.alpha**4) for x in it.Phi.ravel())
    ),
    "s_0": lambda it: sum(abs(it.m * x) > it.lam for x in it.beta[: it.s]),
    "s_1": lambda it: sum(abs(it.m * x) <= it.lam for x in it.beta[: it.s]),
    "sizes": lambda it: len(it.slopes[1]), "sigma": option("noise"),
    "tau": lambda it: it.configuration.tau or 4.0,
    "rho": option("correlation"), "mu": lambda it: SLOPES[it.configuration.link],
    "f_sq": lambda it: LOOSE(mean_power(it.configuration.link, 2)),
    "f_4": lambda it: LOOSE(mean_power(it.configuration.link, 4)),
}  # fmt: skip

ORACLES = Oracles(
    ingredients=Ingredients,
    symbols=SYMBOLS,
    samples={
        "coordinate": coordinate, "product": product, "flow": flow, "flow_product": flow_product,
        "first": lambda it: of_pairs(it, pairs(it)[2]),
        "last": lambda it: of_pairs(it, pairs(it)[3]), "window": window,
        "lasso_coordinate": lasso_coordinate, "entry": entry, "noise": noise, "largest": largest,
        "error": error, "stopped": stopped, "selection": selection, "support": support,
        "lasso_error": lasso_error, "matrix_entry": matrix_entry, "matrix_flow": matrix_flow,
        "matrix_norm": matrix_norm, "matrix_selection": matrix_selection,
        "matrix_stopped": matrix_stopped, "matrix_error": matrix_error,
        "slope_as_they_are": lambda it: slope(it, 0, exponent(it)),
        "slope_clipped": lambda it: slope(it, 1, -0.5),
    },
)  # fmt: skip
