"""Oracles of random features of several types: every symbol and field."""

from functools import lru_cache, partial
from math import sqrt

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.multiple_random_features.by_hand import SERIES, Ingredients
from tests.theorems.multiple_random_features.by_hand_limit import fixed_point, risk_of_limit

LOOSE = partial(Near, rtol=1e-8, atol=1e-10)


def option(name):
    return lambda it: getattr(it.configuration, name)


def sizes(which):
    return lambda it: np.array([size[which] for size in it.sizes()])


def risk(it):
    c = it.configuration
    bias, variance, constant = np.moveaxis(it.limits, -1, 0)
    values = c.signal**2 * bias + c.noise**2 * variance + c.offset**2 * constant
    return {"values": LOOSE(values), "symbols": {"d": sizes(1)(it)}}


def part(which):
    return lambda it: {"values": LOOSE(it.limits[..., which]), "symbols": {"d": sizes(1)(it)}}


def given(which):
    def oracle(it):
        risks, of = it.given
        N = sum(it.counts)
        omega, C_sq = np.zeros((2, 3, 4 * N))
        for size, (U, V, _) in enumerate(of):
            values, vectors = np.linalg.eigh(U)
            omega[size, : len(values)] = values.clip(min=0)
            C_sq[size, : len(values)] = [((v @ V) ** 2).sum() for v in vectors.T]
        n = sizes(2)(it)
        kap = [it.kappa(n[size], row) for size, row in enumerate(omega)]
        symbols = {
            "t": np.arange(3), "d": sizes(1)(it), "n": n, "N": N * np.array([1, 2, 4]),
            "omega": LOOSE(omega), "kap": LOOSE(np.array(kap)),
        }  # fmt: skip
        more = {"C_sq": LOOSE(C_sq)} if which == 0 else {}
        return {"values": LOOSE(risks[..., which]), "symbols": symbols | more}

    return oracle


def ridgeless(it):
    return {"values": LOOSE(it.ridgeless), "symbols": {"d": sizes(1)(it)}}


def near(it):
    close = abs(it.ratios - 1) <= it.configuration.tolerance
    symbols = {"n": it.configuration.rows, "d": it.X.shape[1]}
    return {"values": close.all(1).astype(float), "symbols": symbols}


def of_population(it):
    _, _, Y = it.interpolation
    return {"n": it.configuration.rows, "N": Y.shape[1]}


def inverse_variance(it):
    return {"values": LOOSE(it.interpolation[0]), "symbols": of_population(it)}


def distance(it):
    _, squares, Y = it.interpolation
    symbols = {**of_population(it), "rank_Z": it.configuration.rows - 1,
               "top": LOOSE(max(y @ y for y in Y))}  # fmt: skip
    return {"values": LOOSE(squares), "symbols": symbols}


def problems(it):
    """Random problems, every other one at its threshold: lists of a, b, psi, c, lam."""
    c, rng = it.configuration, it.rng("problems")
    a, b, psi = rng.exponential(size=(3, c.draws, it.K))
    shares = rng.uniform(0.2, 5.0, c.draws)
    rows = [sum(row) * (1.0 if i % 2 else shares[i]) for i, row in enumerate(psi)]
    return list(zip(a, b, psi, rows, 10 ** rng.uniform(-8, 1, c.draws), strict=True))


def mass(it):
    values, scale, total, rows, ridges = [], [], [], [], []
    for a, b, psi, c, lam in problems(it):
        q, s = fixed_point(a, b, psi, c, lam)
        p = [f / (sqrt(lam) + y * q + x * q / (1 + q * s))
             for x, y, f in zip(a, b, psi, strict=True)]  # fmt: skip
        values.append(sqrt(lam) * (sum(p) - q))
        scale.append(sqrt(lam) * (sum(p) + q) + sum(psi) + c)
        total.append(sum(psi))
        rows.append(c)
        ridges.append(lam)
    symbols = {"total": np.array(total), "c": np.array(rows), "lam": np.array(ridges)}
    found = Near(np.array(values), rtol=1e-8, absolute=1e-12)
    return {"values": found, "symbols": symbols, "scale": LOOSE(scale)}


def changed_risk(it):
    """The same number for the problem as it was: what a change must not change."""
    c = it.configuration
    risks = np.array([risk_of_limit(*each, c.signal, c.noise) for each in problems(it)])
    variances = np.array([risk_of_limit(*each, 0.0, 1.0) for each in problems(it)])
    risks, variances = (np.tile(x, (4, 1)) for x in (risks, variances))
    return {"values": LOOSE(risks), "scale": LOOSE(risks * (1 + variances)),
            "symbols": {"R_0": LOOSE(risks)}}  # fmt: skip


def peak(it):
    lam = 1e-4 * min(it.b) / 4.0 ** np.arange(4)
    var = [risk_of_limit(it.a, it.b, it.psi, it.c, each, 0.0, 1.0) for each in lam]
    q, s = fixed_point(it.a, it.b, it.psi, sum(it.psi), 1e-30)
    return {
        "values": LOOSE((np.sqrt(lam) * var)[:, None]), "deterministic": True,
        "symbols": {"q": LOOSE(q), "s": LOOSE(s), "small": lam**-0.5},
    }  # fmt: skip


def second(of, smallest):
    def oracle(it):
        inverse = smallest * 2.0 ** np.arange(4)
        values = np.array([[of(it, 1 / each)] for each in inverse])
        symbols = {"inverse_e": inverse, "b_min": it.b[0]}
        return {"values": LOOSE(values), "symbols": symbols, "deterministic": True}

    return oracle


def spread(it):
    norms = np.sqrt((it.population**2).sum(1))
    found = max(norms) / min(norms) - 1
    return found if found > 1e-9 else 0.0


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "K": lambda it: it.K, "c": lambda it: it.c, "lam": option("ridge"),
        "psi": lambda it: it.psi, "a": lambda it: it.a, "b": lambda it: it.b,
        "q": lambda it: LOOSE(it.fixed[0]), "s": lambda it: LOOSE(it.fixed[1]),
        "F_0": option("offset"), "F_1": option("signal"), "tau": option("noise"),
        "mu_0": lambda it: max(scale * abs(SERIES[name][0]) for name, scale in it.types),
        "total": lambda it: sum(it.psi), "b_min": lambda it: min(it.b),
        "spread": lambda it: LOOSE(spread(it)), "tolerance": option("tolerance"),
        "M": lambda it: len(it.X), "replaced": lambda it: int(it.configuration.replacement),
        "rank_U": lambda it: np.linalg.matrix_rank(it.interpolation[2].T @ it.interpolation[2]),
        "share": lambda it: it.share, "alike": lambda it: len(it.scales),
        "gap": lambda it: it.gap, "narrow": lambda it: it.narrow,
        "falls": lambda it: LOOSE(min(it.falls)),
    },
    samples={
        "risk": risk, "bias": part(0), "variance": part(1),
        "bias_given": given(0), "variance_given": given(1),
        "ridgeless": ridgeless, "near": near,
        "inverse_variance": inverse_variance, "distance": distance,
        "mass": mass, "changed_risk": changed_risk, "peak": peak,
        "second_height": second(lambda it, e: e * it.strong_and_weak(e), 50.0),
        "second_width": second(lambda it, e: it.width(e) / e, 100.0),
        "maxima": lambda it: {"values": np.array([float(it.maxima)])},
        "descents": lambda it: {
            "values": it.descents,
            "symbols": {"n": it.configuration.rows, "d": it.configuration.dimension},
        },
    },
)  # fmt: skip
