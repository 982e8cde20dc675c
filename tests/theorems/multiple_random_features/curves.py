"""The curves of the pictures of random features of several types, by hand."""

from functools import lru_cache
from math import sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.multiple_random_features.by_hand import exact
from tests.theorems.multiple_random_features.by_hand_limit import fixed_point, risk_of_limit
from tests.theorems.multiple_random_features.oracles import LOOSE, sizes

TINY = 1e-6
"""Relative rounding with ridges near that of the moments."""
HALVINGS = 2.0 ** np.arange(4)

# --- the risk over the number of features ---


def points(it):
    """Features of each type: 16 numbers up to 2 n, and those at maxima and minima."""
    n = it.configuration.rows
    least = max(1, n / 20)
    between = {round(least + (2 * n - least) * i / 15) for i in range(16)}
    return sorted(between | {N for pair in it.turns for N in pair})


def ridge(it, k):
    """In proportion to the weakest of k types."""
    return it.configuration.ridge * min(it.b[:k]) / min(it.b)


@lru_cache
def measured(it):
    """Of one type, of two, ...: (points, draws) each."""
    c, rng, found = it.configuration, it.rng("curves"), []
    for k in range(1, it.K + 1):
        rows = []
        for N in points(it):
            row = []
            for _ in range(max(2, min(8, c.draws))):
                neurons = it.neurons(c.dimension, [N] * k, rng, it.types[:k])
                X = rng.standard_normal((c.rows, c.dimension))
                of = it.gaussian(neurons)
                bias, variance, _ = exact(X, it.features(neurons, X), *of, ridge(it, k))
                row.append(c.signal**2 * bias + c.noise**2 * variance)
            rows.append(row)
        found.append(np.array(rows))
    return found


def error_of_the_mean(rows):
    return rows.std(1, ddof=1) / sqrt(len(rows[0]))


def limits(it, k):
    c = it.configuration
    return [risk_of_limit(it.a[:k], it.b[:k], [N / c.dimension] * k, it.c, ridge(it, k),
                          c.signal, c.noise) for N in points(it)]  # fmt: skip


def of_descents(types):
    found = {"x": points}
    for k in range(1, types + 1):
        found |= {
            f"types_{k}": lambda it, k=k: Near(measured(it)[k - 1].mean(1), TINY),
            f"errors/types_{k}": lambda it, k=k: Near(error_of_the_mean(measured(it)[k - 1]), TINY),
            f"limit_{k}": lambda it, k=k: LOOSE(limits(it, k)),
        }
    return found


# --- distances from limits, over the size ---


@lru_cache
def of_the_limit(it):
    """Risks over their limits, by name: (sizes, draws)."""
    c = it.configuration
    bias, variance, constant = np.moveaxis(it.limits, -1, 0)
    risk = c.signal**2 * bias + c.noise**2 * variance + c.offset**2 * constant
    of = it.a, it.b, it.psi, it.c, c.ridge
    return {"risk": risk / risk_of_limit(*of, c.signal, c.noise),
            "bias": bias / risk_of_limit(*of, 1.0, 0.0),
            "variance": variance / risk_of_limit(*of, 0.0, 1.0)}  # fmt: skip


@lru_cache
def of_the_law(it):
    """The same over (DR3), one network at each size."""
    risks, of = it.given
    found = {"bias": [], "variance": []}
    for (_, d, n, _), (U, V, _), risk in zip(it.sizes(), of, risks, strict=True):
        omega, u = np.linalg.eigh(U)
        kap = it.kappa(n, omega)
        g = sum((w / (w + kap)) ** 2 for w in omega) / n
        seen = sum((w + 2 * kap) / (w + kap) ** 2 * sum((V.T @ v) ** 2) / d
                   for w, v in zip(omega, u.T, strict=True))  # fmt: skip
        found["bias"].append(risk[:, 0] / ((1 - seen) / (1 - g)))
        found["variance"].append(risk[:, 1] / (g / (1 - g)))
    return {name: np.array(rows) for name, rows in found.items()}


def distance(rows):
    return abs(rows.mean(1) - 1)


def against_size(ratios, *names):
    def order(it):
        first = max(distance(rows)[0] for rows in ratios(it).values())
        return Near([first, first / 2, first / 4], absolute=1e-8)

    found = {"x": sizes(1), "order": order}
    for name in names:
        found[name] = lambda it, name=name: Near(distance(ratios(it)[name]), absolute=1e-8)
        found[f"errors/{name}"] = lambda it, name=name: LOOSE(error_of_the_mean(ratios(it)[name]))
    return found


OF_THE_LIMIT = against_size(of_the_limit, "risk", "bias", "variance")
OF_THE_LAW = against_size(of_the_law, "bias", "variance")

# --- peaks of the limit ---


def small(it):
    """Ridges."""
    return 1e-4 * min(it.b) / HALVINGS**2


def peak(it):
    return [risk_of_limit(it.a, it.b, it.psi, it.c, lam, 0.0, 1.0) for lam in small(it)]


def law(it):
    q, _ = fixed_point(it.a, it.b, it.psi, sum(it.psi), 1e-30)
    return [it.c / (2 * q * sqrt(lam)) for lam in small(it)]


OF_PEAK = {
    "x": lambda it: [1 / sqrt(lam) for lam in small(it)],
    "variance": lambda it: LOOSE(peak(it)),
    "law": lambda it: LOOSE(law(it)),
}
OF_SECOND_PEAK = {
    "x": lambda it: 50 * HALVINGS,
    "variance": lambda it: LOOSE([it.strong_and_weak(e) for e in 0.02 / HALVINGS]),
    "law": lambda it: 25 * HALVINGS * sqrt(it.counts[0] / it.counts[1]),
}


def beside(*panels):
    return {f"panels/{i}/{name}": curve for i, panel in enumerate(panels)
            for name, curve in panel.items()}  # fmt: skip
