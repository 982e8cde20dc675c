"""Oracles of data in a subspace: every symbol and field, by loops, autograd and quadrature."""

from functools import lru_cache, partial
from math import sqrt

import numpy as np

from tests.oracles import Near, Oracles, Satisfies
from tests.theorems.low_dimensional_data.by_hand import relu_mean, square
from tests.theorems.low_dimensional_data.by_hand_linear import Ingredients

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


def untrained_part(it, number):
    first = np.array([row[0]["W"] for row in it.networks])
    values = LOOSE(it.at_times(lambda at: at["W"])[number])
    size = it.at_times(lambda at: at["size"])[number][:, None, None]
    return {"values": values, "scale": LOOSE(size),
            "symbols": {"w_0": first, "t": it.times[number]}}  # fmt: skip


def of_law(it, number):
    J_sq = it.at_times(lambda at: square(at["J"][0]))[number]
    return {"t": it.times[number], "J_sq": LOOSE(J_sq)}


def over(above, below):
    """0 where J is."""
    return above / below if below else 0.0


def gradient(it, number):
    ratio = it.at_times(lambda at: over(square(at["across"][0]), square(at["J"][0])))
    return {"values": LOOSE(ratio[number]), "symbols": of_law(it, number)}


def sum_of_gradients(it, number):
    def together(at):
        return square(at["J"][0] + at["J"][1])

    ratio = it.at_times(lambda at: over(square(at["across"][0] + at["across"][1]), together(at)))
    symbols = {**of_law(it, number), "J_sum": LOOSE(it.at_times(together)[number])}
    return {"values": LOOSE(ratio[number]), "symbols": symbols}


AT_TIMES = {"untrained_part": untrained_part, "gradient": gradient,
            "sum_of_gradients": sum_of_gradients}  # fmt: skip
"""A sample for each of the times."""


def signs(it):
    a = it.one[2]
    return [sign for sign in (1, -1) if any(sign * a > 0)]


def part(it, sign):
    a = it.one[2]
    mine = [j for j in range(len(a)) if sign * a[j] > 0]
    values = sum(abs(a[j]) * it.hidden[:, :, j] for j in mine)
    symbols = {"s": it.s, "t": it.configuration.steps, "a_part": LOOSE(abs(a[mine])),
               "z_part": LOOSE(it.z[mine]), "m_part": len(mine)}  # fmt: skip
    radius = it.configuration.init_scale * it.one[4] * it.s
    scale = [sum(abs(a[j]) * (abs(it.z[j]) + r) for j in mine) for r in radius]
    return {"values": LOOSE(values), "symbols": symbols, "scale": LOOSE(scale)}


def squared_deviation(it):
    _, _, a, shift, decay = it.one
    r = it.configuration.init_scale * decay * it.s
    means = [sum(w * relu_mean(z, far) for w, z in zip(a, it.z, strict=True)) for far in r]
    f = it.hidden @ a + shift
    values = (f - np.array(means)[:, None] - shift) ** 2
    symbols = {"s": it.s, "t": it.configuration.steps, "a": LOOSE(a), "z": LOOSE(it.z)}
    scale = [sum((w * (abs(z) + far)) ** 2 for w, z in zip(a, it.z, strict=True)) for far in r]
    return {"values": Near(values, 1e-6, 1e-8), "symbols": symbols, "scale": LOOSE(scale)}


def size_of_pairs(it):
    """Of all that cancels: the weights, and the squared steps."""
    return it.of_pairs(lambda W, a, drift, squares: square(W) + square(a)
                       + it.configuration.step**2 * squares)  # fmt: skip


def balance(it):
    K = it.of_pairs(lambda W, a, *_: it.K(W, a))
    size = size_of_pairs(it)[..., None, None]
    first = np.array([it.K(*row[0][:2]) for row in it.pairs])
    drift = it.of_pairs(lambda W, a, drift, _: drift)
    return {"values": LOOSE(K), "scale": size, "symbols": {"K_0": first, "drift": LOOSE(drift)}}


def outer_weights(it):
    a = it.of_pairs(lambda W, a, *_: square(a))
    size = size_of_pairs(it)
    ends = [it.of_pairs(lambda W, a, *_, i=i: np.linalg.eigvalsh(it.K(W, a))[i])
            for i in (0, -1)]  # fmt: skip
    beta = it.of_pairs(lambda W, a, *_: square(it.P.T @ W.T @ a))
    symbols = {"k_min": LOOSE(ends[0]), "k_max": LOOSE(ends[1]), "beta_sq": LOOSE(beta)}
    return {"values": LOOSE(a), "scale": LOOSE(size), "symbols": symbols}


def chain(it):
    starts = [row[0] for row in it.chains]
    symbols = {
        "transversal": it.of_chains(lambda beta, *_: np.linalg.norm(it.N.T @ beta)),
        "perp": np.array([np.linalg.norm(it.N.T @ w) for w, _ in starts]),
        "delta_0": np.array([square(it.P.T @ w) - a**2 for w, a in starts]),
        "drift": it.of_chains(lambda beta, drift, *_: drift),
    }
    values = it.of_chains(lambda beta, *_: square(it.P.T @ beta))
    scale = LOOSE(it.of_chains(lambda beta, drift, scale: scale))
    symbols = {name: LOOSE(value) for name, value in symbols.items()}
    return {"values": LOOSE(values), "scale": scale, "symbols": symbols}


def transversal_of_chain(it):
    values = np.array([it.settled(size) for size in it.sizes])
    return {"values": Near(values, 1e-7), "symbols": {"N": np.array(it.sizes), "delta_0": 0.0}}


def escape_time(it):
    values = np.array([it.escape(start, it.sizes[0]) for start in it.starts])
    return {"values": LOOSE(values), "symbols": {"start": np.array(it.starts)}}


def escape_times(it):
    values = np.array([[it.escape(it.starts[0], size)] for size in it.sizes])
    symbols = {"start": it.starts[0], "N": np.array(it.sizes)}
    return {"values": LOOSE(values), "deterministic": True, "symbols": symbols}


def descent(it):
    X, *_ = it.noisy
    lam, V = np.linalg.eigh(X.T @ X / it.n)
    H, c = V.T @ it.N @ it.N.T @ V, V.T @ it.target

    def projector(found, at):
        signed = found * np.outer(at["c"], at["c"])
        return np.allclose(signed, H * np.outer(c, c)) and np.allclose(abs(found), abs(H))

    symbols = {
        "t": np.array(it.descent_times),
        "lam": LOOSE(lam),
        "H": Satisfies("V^T N N^T V, up to signs of V", projector),
        "c": Satisfies("V^T beta, up to signs", lambda found, at: np.allclose(abs(found), abs(c))),
    }
    return {"values": LOOSE(it.descent), "symbols": symbols}


def moved(it):
    largest = max(net["first"] for net in it.speed)
    symbols = {"norm_Xi": norm_Xi(it), "path": LOOSE(it.of_speed("path"))}
    return {"values": LOOSE(it.of_speed("moved")), "scale": largest, "symbols": symbols}


def kept_share(it):
    symbols = {name: LOOSE(it.of_speed(name)) for name in ("residuals", "a_max")}
    symbols["untrained"] = np.array([net["first"] for net in it.speed])
    return {"values": LOOSE(it.of_speed("share")), "symbols": {"norm_Xi": norm_Xi(it), **symbols}}


def norm_Xi(it):
    return Near(sqrt(np.linalg.eigvalsh(it.Xi.T @ it.Xi)[-1]), 1e-8)


def size_of_noise(it):
    c, rng = it.configuration, it.rng("size")
    limit = c.noise * (sqrt(it.n) + sqrt(it.q) + c.room)
    draws = c.noise * rng.standard_normal((min(c.regressions, 1000), it.n, it.q))
    return {"values": np.array([float(np.linalg.norm(Xi, 2) <= limit) for Xi in draws])}


def option(name):
    return lambda it: getattr(it.configuration, name)


def tilt(it):
    Q = it.P @ it.P.T
    return max(abs(Q[i, j]) for i in range(it.d) for j in range(it.d) if i != j)


def rank(it):
    inside = it.X @ it.P
    inside = inside - inside.mean(0) if it.configuration.intercept else inside
    return int((np.linalg.svd(inside, compute_uv=False) > 1e-10).sum())


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: it.n, "d": lambda it: it.d, "q": lambda it: it.q, "m": option("width"),
        "L": option("layers"), "eta": option("step"),
        "rates": lambda it: Near(it.rates, 1e-9, absolute=1e-15), "sigma": option("init_scale"),
        "omega": option("weight_decay"), "momentum": option("momentum"),
        "adaptive": lambda it: int(it.configuration.optimiser in ("adam", "adamw")),
        "coupled": lambda it: int(it.configuration.optimiser in ("adam", "sgd")),
        "tilt": lambda it: Near(tilt(it), absolute=1e-15),
        "kurtosis": lambda it: {"gaussian": 0.0, "uniform": 9 / 5 - 3}[it.configuration.initial],
        "off": lambda it: 0.0,
        "lam_max": lambda it: Near(np.linalg.eigvalsh(it.S)[-1], 1e-9),
        "B": option("norm"), "beta": option("norm"), "s_sq": option("variance"),
        "c_1": option("c_1"), "c_2": option("c_2"), "s_xi": option("noise"),
        "tau": option("label_noise"), "u": option("room"),
        "C": option("rows_constant"), "alpha": option("rows_power"),
        "intercept": lambda it: int(it.configuration.intercept),
        "rank": rank, "bent": lambda it: Near(it.bent, 1e-7),
        "epsilon": lambda it: it.configuration.level
        or it.configuration.init_scale * sqrt(it.q),
    },
    samples={
        **{name: lambda it, at=at: at(it, 0) for name, at in AT_TIMES.items()},
        "part_off_subspace": lambda it: part(it, signs(it)[0]),
        "squared_deviation": squared_deviation, "balance": balance,
        "outer_weights": outer_weights, "chain": chain,
        "transversal_of_chain": transversal_of_chain, "escape_time": escape_time,
        "escape_times": escape_times,
        "least_squares": lambda it: {"values": LOOSE(it.least_squares)},
        "descent": descent, "moved": moved, "kept_share": kept_share,
        "size_of_noise": size_of_noise,
    },
    initialisations={
        "part_off_subspace": lambda it: [part(it, s) for s in signs(it)[1:]],
        **{name: lambda it, at=at: [at(it, i) for i in range(1, len(it.times))]
           for name, at in AT_TIMES.items()},
    },
)  # fmt: skip
