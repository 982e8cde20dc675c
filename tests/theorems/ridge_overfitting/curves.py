"""The curves of the pictures of ridge regression, by hand."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from functools import lru_cache, partial
from math import exp, sqrt

import numpy as np
from scipy.special import roots_genlaguerre

from tests.oracles import Near
from tests.theorems.ridge_overfitting.by_hand import bias, fixed_point, variance
from tests.theorems.ridge_overfitting.oracles import LOOSE
from verify.experiments.kit.slopes import median_interval

GAPS = partial(Near, rtol=1e-7, gaps=True)


def limit(it):
    """Of the variance."""
    _, g, _ = fixed_point(it.n, it.lam, it.l)
    return g / (1 - g)


# --- given the design ----------------------------------------------------------------------------


def certified(it):
    """Heads with a certificate in all designs."""
    return (it.table["m_low"] > 0).all(axis=0)


def of_heads(value):
    """A function of the names in the table, or a number, for these heads."""

    def curve(it):
        found = value(it) * np.ones(it.table["k"].shape)
        return LOOSE(found.mean(axis=0)[certified(it)])

    return curve


def certificate(it):
    """(RO.4) and (RO.5), (designs, heads)."""
    at = it.table
    return at["m_high"] / at["m_low"] * at["T"] + at["tail_trace"] / at["m_low"] ** 2


OF_HEADS = {
    "x": lambda it: it.ks[certified(it)],
    "measured": of_heads(lambda it: it.table["variance"]),
    "certificate": of_heads(certificate),
    "limit": of_heads(limit),
    "errors/certificate": of_heads(lambda it: 0.0),
}


# --- bounds for Gaussian rows --------------------------------------------------------------------


def at_least(it, k):
    """(RO.11), node by node and direction by direction; nan out of its regime."""
    l, n, t = it.l, it.n, it.configuration.room
    if it.excess or it.lam < 0:
        return float("nan")
    L, S1 = max(l[k:]), sum(l[k:])
    high = (sqrt(S1) + sqrt(n * L) + t * sqrt(L)) ** 2 + it.lam
    nodes, weights = roots_genlaguerre(30, (n - k) / 2 - 1)
    total = 0.0
    for chi, weight in zip(2 * nodes, weights / sum(weights), strict=True):
        total += weight * sum((x * chi / (high + x * chi)) ** 2 / (chi + k) for x in l)
    return (1 - exp(-(t**2) / 2)) * total


@lru_cache
def two_sided(it):
    """Rows (k, at most, at least) where one of them is known."""
    rows = [(k, it.allowed("variance", k), at_least(it, k))
            for k in range(min(it.n, it.p, 4 * it.k + 5))]  # fmt: skip
    return np.array([row for row in rows if not np.isnan(row[1:]).all()]).T


def of_trials(value):
    return lambda it: LOOSE(value(it) * np.ones(two_sided(it)[0].shape))


OF_TRIALS = {
    "x": lambda it: two_sided(it)[0],
    "measured": of_trials(lambda it: it.risks[0].mean()),
    "at_most": lambda it: GAPS(two_sided(it)[1]),
    "at_least": lambda it: GAPS(two_sided(it)[2]),
    "limit": of_trials(limit),
    "errors/measured": of_trials(lambda it: it.risks[0].std(ddof=1) / sqrt(len(it.risks[0]))),
    "errors/at_most": of_trials(lambda it: 0.0),
    "errors/at_least": of_trials(lambda it: 0.0),
}


# --- negative ridge ------------------------------------------------------------------------------

NOISES = [0.1 * 40 ** (i / 16) for i in range(17)]
RIDGES = [-0.9 + 0.02 * i for i in range(96)] + [1.02 * (20 / 1.02) ** (i / 59) for i in range(60)]
SHOWN = [-0.85 + 0.05 * i for i in range(58)]


@lru_cache
def in_the_limit(it, lam):
    """B and V."""
    kappa, g, _ = fixed_point(it.n, lam, it.l)
    left = kappa**2 * sum(it.l * it.theta**2 / (it.l + kappa) ** 2)
    return left / (1 - g), g / (1 - g)


@lru_cache
def over_designs(it, lam):
    """Means of B and V over 30 designs; infinite where a matrix is not positive."""
    X = it.coordinates(it.rng("phase"), (30, it.n, it.p)) * np.sqrt(it.l)
    if min(np.linalg.eigvalsh(x @ x.T)[0] for x in X) + lam <= 0:
        return np.inf, np.inf
    return (np.mean([bias(x, lam, it.l, it.theta) for x in X]),
            np.mean([variance(x, lam, it.l) for x in X]))  # fmt: skip


def best_ridge(of):
    """The best of the ridges, from the edge in units of it, for every noise."""

    def curve(it):
        found = np.array([of(it, -r * it.edge) for r in RIDGES])
        risks = [found @ (1, s * it.critical_noise) for s in NOISES]
        return np.array([1 + RIDGES[int(risk.argmin())] for risk in risks])

    return curve


def relative(share):
    """The limit of the risk over that without ridge, at this share of the critical noise."""

    def curve(it):
        at = np.array([1.0, share * it.critical_noise])
        zero = at @ in_the_limit(it, 0.0)
        return LOOSE([at @ in_the_limit(it, -r * it.edge) / zero for r in SHOWN])

    return curve


OF_DIAGRAM = {
    "x": lambda it: NOISES,
    "measured": best_ridge(over_designs),
    "limit": best_ridge(in_the_limit),
    "none": lambda it: [1.0] * 17,
    "errors/limit": lambda it: [0.0] * 17,
}
OF_RISKS = {
    "panels/0/x": lambda it: SHOWN,
    **{f"panels/0/{share:g}": relative(share) for share in (0.3, 1.0, 3.0)},
}


# --- sweeps --------------------------------------------------------------------------------------


def law(tail):
    def curve(it):
        found = []
        for n, l in it.swept[tail][0]:
            _, g, _ = fixed_point(n, 0.0, l)
            found.append(g / (1 - g))
        return LOOSE(found)

    return curve


OF_SWEEPS = {"sweep/x": lambda it: [n for n, _ in it.swept["benign"][0]]}
for _tail in ("benign", "tempered", "catastrophic"):
    OF_SWEEPS |= {
        f"sweep/{_tail}": lambda it, tail=_tail: LOOSE(np.median(it.swept[tail][1], axis=1)),
        f"sweep/limit of {_tail}": law(_tail),
        f"sweep/details/{_tail}": lambda it, tail=_tail: LOOSE(median_interval(it.sweeps[tail])),
    }
