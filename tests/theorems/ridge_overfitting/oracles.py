"""Oracles of ridge regression: every symbol and field, by hand."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from functools import lru_cache, partial

import numpy as np
from scipy.special import roots_genlaguerre

from tests.oracles import Near, Oracles, Satisfies
from tests.theorems.ridge_overfitting.by_hand import Ingredients, mean_bias, pulled, variance

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
HEADS = ("m_low", "m_high", "T", "P", "w", "xi", "tail_trace", "norm_1", "L", "S1", "S2", "S4",
         "theta_0", "k", "lam")  # fmt: skip


def option(name):
    return lambda it: getattr(it.configuration, name)


def per_direction(it, function):
    """(designs, p) of a function of the design and the direction."""
    return it.each(lambda *design: [function(*design, i) for i in range(it.p)])


def leverage_of(it):
    return lambda Z, X, lam, A, i: X[:, i] @ np.linalg.solve(A, X[:, i])


def along(it, function):
    return it.each(lambda *design: [function(*design)] * it.p)


def variance_of_direction(it):
    V = per_direction(
        it, lambda Z, X, lam, A, i: it.l[i] * np.sum(np.linalg.solve(A, X[:, i]) ** 2)
    )
    symbols = {
        "a_min": LOOSE(along(it, it.a_min)), "h": LOOSE(per_direction(it, leverage_of(it))),
        "z_sq": per_direction(it, lambda Z, X, lam, A, i: Z[:, i] @ Z[:, i]),
    }  # fmt: skip
    return {"values": LOOSE(V), "symbols": symbols, "scale": LOOSE(V * along(it, it.lost))}


def bias_of_direction(it):
    def one(Z, X, lam, A):
        M = np.eye(it.p) - X.T @ np.linalg.solve(A, X)
        return [it.theta[i] ** 2 * sum(it.l * M[:, i] ** 2) for i in range(it.p)]

    size = it.l * it.theta**2
    symbols = {
        "a_min": LOOSE(along(it, it.a_min)), "h": LOOSE(per_direction(it, leverage_of(it))),
        "l_i": LOOSE(it.each(lambda *_: it.l)),
        "theta_i": sign_free(it, it.each(lambda *_: it.theta)),
    }  # fmt: skip
    scale = it.each(lambda *design: size * it.lost(*design))
    return {"values": LOOSE(it.each(one)), "symbols": symbols, "scale": LOOSE(scale)}


def sign_free(it, right):
    """theta, whose signs are those of eigenvectors where the population is data."""
    if it.configuration.target != "labels":
        return LOOSE(right)
    return Satisfies("theta, up to signs", lambda found, at: np.allclose(abs(found), abs(right)))


def leverage(it):
    left = sorted({int(i) for i in np.linspace(0, it.p - 1, 6)})

    def without(X, lam, i):
        rest = np.delete(X, i, axis=1)
        return rest @ rest.T + lam * np.eye(it.n)

    def q(Z, X, lam, A, i):
        return Z[:, i] @ np.linalg.inv(without(X, lam, i)) @ Z[:, i]

    def rest(Z, X, lam, A, i):
        return 1 / np.linalg.cond(without(X, lam, i))

    def rounding(Z, X, lam, A, i):
        u = it.l[i] * q(Z, X, lam, A, i)
        alone = 1e-5 * abs(u) / (rest(Z, X, lam, A, i) * (1 + u) ** 2)
        return it.lost(Z, X, lam, A) + alone

    def table(function):
        return LOOSE(it.each(lambda *design: [function(*design, i) for i in left]))

    symbols = {
        "a_min": table(lambda *design: it.a_min(*design[:-1])),
        "l_i": table(lambda *design: it.l[design[-1]]), "q": table(q), "rest": table(rest),
    }  # fmt: skip
    return {"values": table(leverage_of(it)), "symbols": symbols, "scale": table(rounding)}


def of_heads(quantity, it):
    some = it.ks >= (1 if quantity.endswith("head") else 0)
    symbols = {name: LOOSE(it.table[name][:, some], absolute=1e-12) for name in HEADS}
    size = it.table["variance"] if quantity.startswith("V") else it.configuration.energy
    size = it.table["variance"] if quantity.startswith("variance") else size
    lost = it.each(it.lost)[:, None] * np.ones(it.table["k"].shape)
    return {"values": LOOSE(it.table[quantity][:, some]), "symbols": symbols,
            "scale": LOOSE((lost * size)[:, some])}  # fmt: skip


def of_trials(it):
    l, k = it.l, it.k
    tail = {f"S{i}": sum(l[k:] ** i) for i in (1, 2, 4)}

    x, w = roots_genlaguerre(30, (it.n - k) / 2 - 1)
    return {
        "n": it.n, "p": it.p, "k": k, "lam": LOOSE(it.lam), "excess": it.excess,
        "t": it.configuration.room, "l": LOOSE(l), "theta": sign_free(it, it.theta), "L": l[k],
        **tail, "norm_1": Near(np.sqrt(sum(l[k:] * it.theta[k:] ** 2)), absolute=1e-12),
        "size_1": Near(np.sqrt(sum(it.theta[k:] ** 2)), absolute=1e-12),
        "node": LOOSE(2 * x), "nodes": 30,
        "weight": LOOSE(w / sum(w)),
        "spread": l[0] / l[-1] - 1, "energy": it.configuration.energy,
    }  # fmt: skip


def event(of):
    def oracle(it):
        found = it.risks[0 if of == "variance" else 1]
        return {"values": 1.0 * (found <= it.allowed(of)), "symbols": of_trials(it)}

    return oracle


def mean_of(which):
    return lambda it: {
        "values": LOOSE(it.risks[which][None]),
        "symbols": of_trials(it),
        "scale": it.configuration.energy * which,
    }


def in_the_limit(values, ridge=None):
    def oracle(it):
        c = it.configuration
        problem = it.proportional(c.ridge if ridge is None else ridge)
        del problem["lowest"]
        symbols = {name: LOOSE(value) for name, value in problem.items()}
        symbols |= {"n": np.array([1, 2, 4]) * c.smallest, "J": problem["J"]}
        return {"values": LOOSE(values(it)), "symbols": symbols}

    return oracle


def of_forms(which, it):
    ks = sorted({int(k) for k in np.linspace(0, it.p - 1, min(it.p, 40))})
    shape = (len(it.forms), len(ks))
    tails = {"L": [it.l[k] for k in ks]}
    tails |= {f"S{i}": [sum(it.l[k:] ** i) for k in ks] for i in (1, 2, 4)}
    symbols = {name: LOOSE(np.broadcast_to(x, shape)) for name, x in tails.items()}
    symbols["k"] = np.broadcast_to(ks, shape)
    symbols["lam"] = LOOSE(np.array([[lam] * len(ks) for lam, *_ in it.forms]), absolute=1e-12)
    values = np.array([[(kappa, g)[which]] * len(ks) for _, kappa, g in it.forms])
    return {"values": LOOSE(values), "symbols": symbols}


def of_ridges(values):
    def oracle(it):
        def star(kappa, large, small):
            over = [i for i in range(it.p) if it.l[i] >= kappa]
            under = [i for i in range(it.p) if it.l[i] < kappa]
            return sum(large(i) for i in over) + sum(small(i) for i in under)

        l, theta = it.l, it.theta
        parts = {
            "k_star": (lambda i: 1, lambda i: 0), "S2_star": (lambda i: 0, lambda i: l[i] ** 2),
            "theta_star": (lambda i: theta[i] ** 2 / l[i], lambda i: 0),
            "energy_star": (lambda i: 0, lambda i: l[i] * theta[i] ** 2),
        }  # fmt: skip
        symbols = {
            name: LOOSE(np.array([float(star(kappa, *part)) for _, kappa, _ in it.forms]))
            for name, part in parts.items()
        }
        symbols["kappa"] = LOOSE(np.array([kappa for _, kappa, _ in it.forms]))
        return {
            "values": LOOSE(np.array([values(it, *row) for row in it.forms])),
            "symbols": symbols,
        }

    return oracle


def left_of_bias(it, lam, kappa, g):
    return kappa**2 * sum(it.l * it.theta**2 / (it.l + kappa) ** 2)


NOISES = np.array([0.3, 0.8, 0.95, 1.05, 1.2, 3.0])


def at_noises(it):
    """Symbols of the phase diagram, and the limits of the risk on a grid: lam = 0, below, above."""
    critical = it.critical_noise
    size = it.configuration.energy
    s2 = NOISES * (critical if critical > 1e-4 * size else size)
    kappa = next(k for lam, k, _ in it.forms if lam == 0)
    e = np.unique(it.l)
    gamma = np.array([sum(it.l == x) for x in e]) / it.n
    E = np.array([sum((it.l * it.theta**2)[it.l == x]) for x in e])
    holds = min(x for x, y in zip(e, E, strict=True) if y > 0)
    symbols = {"J": len(e), "e": LOOSE(e), "gamma": gamma, "E": LOOSE(E), "kappa": LOOSE(kappa),
               "ridge": 0.0, "s2": LOOSE(s2), "bent": e[-1] / holds - 1}  # fmt: skip
    below = np.linspace(0.97, 0.005, 120) * it.edge
    above = -np.geomspace(0.005, 1e4, 120) * it.edge
    rows = []
    for noise in s2:
        zero = it.limit_of_risk(0.0, noise)
        rows.append((zero, *(min(it.limit_of_risk(lam, noise) for lam in side)
                             for side in (below, above))))  # fmt: skip
    return symbols, np.array(rows)


def negative_is_better(it):
    symbols, risks = at_noises(it)
    return {"values": 1.0 * (risks[:, 1] < risks[:, 0]), "symbols": symbols}


def side_of_optimum(it):
    symbols, risks = at_noises(it)
    return {"values": np.where(risks[:, 1] < risks[:, 2], -1.0, 1.0), "symbols": symbols}


def critical_noise_of_law(it):
    l, theta, k = it.l, it.theta, max(it.k, 1)
    _, kappa, g = next(row for row in it.forms if row[0] == 0)
    symbols = {
        "k": k, "kappa": LOOSE(kappa), "g_0": LOOSE(g), "l_k": l[k - 1], "S2": sum(l[k:] ** 2),
        "outside": Near(sum(l[k:] * theta[k:] ** 2) / it.configuration.energy, absolute=1e-12),
        "bias_0": LOOSE(left_of_bias(it, 0.0, kappa, g)),
    }  # fmt: skip
    values = LOOSE(np.array([it.critical_noise]), absolute=1e-12)
    return {"values": values, "symbols": symbols, "scale": it.configuration.energy}


def slope_of_risk(it):
    def cancelled(Z, X, lam, A):
        inverse = np.linalg.inv(A)
        moved = X.T @ inverse @ inverse @ X @ it.theta
        return np.linalg.norm(it.l * it.theta) * np.linalg.norm(moved)

    found = it.each(lambda Z, X, lam, A: pulled(X, lam, it.l, it.theta))
    size = it.each(cancelled) + it.configuration.noise * found[:, 1]
    symbols = {"a_min": LOOSE(it.each(it.a_min)), "pull": LOOSE(found[:, 0]),
               "fall": LOOSE(found[:, 1]), "s2": it.configuration.noise}  # fmt: skip
    return {"values": LOOSE(it.each(it.derivative)), "symbols": symbols,
            "scale": LOOSE(it.each(it.lost) * size)}  # fmt: skip


def bayes_risk(it):
    c, S = it.configuration, np.diag(it.l)
    few, best = it.designs[:10], c.noise / c.prior

    def rows(function):
        return np.array([
            [function(X, lam if r is None else r * best) for Z, X, lam, A in few]
            for r in (None, 0.0, 0.3, 1.0, 3.0)
        ])  # fmt: skip

    def risk(X, lam):
        return mean_bias(X, lam, it.l, [c.prior] * it.p) + c.noise * variance(X, lam, it.l)

    def misfit(X, lam):
        A, best_A = (np.linalg.inv(X @ X.T + r * np.eye(it.n)) for r in (lam, best))
        return np.trace(X @ S @ X.T @ A @ best_A @ A)

    def posterior(X, lam):
        return np.trace(S @ np.linalg.inv(X.T @ X / c.noise + np.eye(it.p) / c.prior))

    def least(X, lam):
        return np.linalg.eigvalsh(X @ X.T + lam * np.eye(it.n))[0]

    top = np.array([np.linalg.eigvalsh(A)[-1] for *_, A in few])
    values = rows(risk)
    symbols = {
        "a_min": LOOSE(rows(least)), "misfit": LOOSE(rows(misfit)),
        "posterior": LOOSE(rows(posterior)),
        "lam": LOOSE(rows(lambda X, lam: lam), absolute=1e-12),
    }  # fmt: skip
    scale = 1e-5 * top / rows(least) * (c.prior * sum(it.l) + values)
    return {"values": LOOSE(values), "symbols": symbols, "scale": LOOSE(scale)}


def slope_of(tail, power):
    def oracle(it):
        c = it.configuration
        near = abs(it.sweeps[tail] - power) <= c.tolerance
        count = len([n for n in (c.first * 2**i for i in range(20)) if n <= c.last])
        symbols = {
            "n_first": c.first,
            "n_last": c.first * 2 ** (count - 1),
            "n_sizes": count,
            "excess": {"gaussian": 0.0, "uniform": 1.2, "rademacher": 2.0}[c.coordinates],
        }
        return {"values": 1.0 * near, "symbols": symbols}  # fmt: skip

    return oracle


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: it.n, "C": option("published"), "c": option("published_head"),
        "cond": option("condition"), "s2": option("noise"), "t2": option("prior"),
        "tolerance": option("tolerance"),
    },
    samples={
        "variance_of_direction": variance_of_direction, "bias_of_direction": bias_of_direction,
        "leverage": leverage,
        **{name: partial(of_heads, name) for name in
           ("variance_head", "variance_tail", "variance", "bias_head", "bias_tail", "bias")},
        "variance_allowed": event("variance"), "bias_allowed": event("bias"),
        "mean_variance": mean_of(0), "flat_variance": mean_of(0), "flat_bias": mean_of(1),
        "variance_in_the_limit": in_the_limit(lambda it: it.limits[0]),
        "bias_in_the_limit": in_the_limit(lambda it: it.limits[1]),
        "critical_noise": in_the_limit(lambda it: it.critical, 0.0),
        "kappa": partial(of_forms, 0), "share": partial(of_forms, 1),
        "freedom": of_ridges(lambda it, lam, kappa, g: it.n * g),
        "bias_form": of_ridges(left_of_bias),
        "negative_is_better": negative_is_better, "side_of_optimum": side_of_optimum,
        "critical_noise_of_law": critical_noise_of_law, "slope_of_risk": slope_of_risk,
        "bayes_risk": bayes_risk, "slope_of_benign": slope_of("benign", -0.5),
        "slope_of_tempered": slope_of("tempered", 0.0),
    },
)  # fmt: skip
