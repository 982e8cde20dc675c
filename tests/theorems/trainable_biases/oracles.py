"""Oracles of trainable biases: every symbol and field of every sample."""

from functools import lru_cache, partial
from math import sqrt

import numpy as np
import torch

from tests.oracles import Near, Oracles
from tests.theorems.trainable_biases.by_hand import (
    Ingredients,
    L,
    Net,
    Q,
    ascended,
    certificate,
    hermite,
)

CLOSE = partial(Near, rtol=1e-8, atol=1e-9)


# --- the kernel ----------------------------------------------------------------------------------


@lru_cache(1)
def patterns(it):
    """(draws, m, n)."""
    c = it.c
    W = it.weights("kernel", c.draws, c.width)
    return [np.array([[float(x @ w) > c.bias for x in it.X] for w in draw.T]) for draw in W]


def entry(it):
    G = np.array([it.G[p] for p in it.pairs])
    T = [(float(Q(it.c.bias)) - L(it.c.bias, x)) / 2 for x in G]
    values = np.array([it.entry_of(D) for D in patterns(it)]).T
    return {"values": values, "symbols": {"G": G, "T": Near(np.array(T), absolute=1e-13)}}


def active(it):
    return {"values": np.array([D.sum(0) for D in patterns(it)], dtype=float).T}


def share(it):
    return {"values": active(it)["values"] / it.c.width, "trivial": 1.0}


def coefficients(it):
    c = [0.0] + [hermite(it.c.bias, k) for k in range(it.c.terms + 1)]
    return {"top": it.c.terms, "c": CLOSE(np.array(c))}


def entry_of_H(it):
    pairs = it.pairs[1:] or it.pairs
    G = np.array([it.G[p] for p in pairs])
    values = np.array([(it.tau + x) * L(it.c.bias, x) for x in G])
    return {"values": Near(values, absolute=1e-13), "scale": 1e-3,
            "symbols": {"G": G, **coefficients(it)}}  # fmt: skip


def bounds(it):
    top, n = it.c.terms, it.n
    least, sums = [], []
    for k in range(top + 2):
        power = np.array([[it.G[i, j] ** k for j in range(n)] for i in range(n)])
        least.append(max(0.0, np.linalg.eigvalsh(power)[0]))
        sums.append(max(sum(abs(power[i, j]) for j in range(n) if j != i) for i in range(n)))
    apart = [min(np.linalg.norm(it.X[i] - s * it.X[j]) for s in (1, -1))
             for i in range(n) for j in range(i)]  # fmt: skip
    R_B = max(sum(abs(it.H[i, j]) for j in range(n) if j != i) for i in range(n))
    return {
        **coefficients(it), "lambda_k": Near(np.array(least[:-1]), absolute=1e-14),
        "rows": np.array(sums), "R_B": CLOSE(R_B), "apart": CLOSE(min(apart, default=2.0)),
        "s": max((abs(it.G[i, j]) for i in range(n) for j in range(i)), default=0.0),
    }  # fmt: skip


def least_of_H(it):
    mu = np.linalg.eigvalsh(it.H)
    return {"values": CLOSE(mu[:1]), "scale": CLOSE(mu[-1]), "symbols": bounds(it)}


def condition(it):
    mu = np.linalg.eigvalsh(it.H)
    return {"values": CLOSE(mu[-1:] / mu[:1]), "symbols": bounds(it)}


# --- paths ---------------------------------------------------------------------------------------


@lru_cache(1)
def followed(it):
    """One dictionary for every network."""
    c, found = it.c, []
    at = sorted({0, *np.round(np.geomspace(1, c.steps, c.points)).astype(int)})
    for net in it.nets("paths", c.seeds, c.width, c.kappa):
        K = net.kernel(it.X)
        mu, v = np.linalg.eigh(K)
        e_0 = net(torch.tensor(it.X)).detach().numpy() - it.y
        z, size = net.seen(it.X).T.detach().numpy().T, float(np.linalg.norm(e_0))
        nu, rho = certificate(z, mu[0], it.g, it.norm_X, it.length, size)
        one = {"mu": mu, "v": v, "e_0": e_0, "size": size, "nu": nu, "eta": c.step / mu[-1],
               "near": max(int((abs(row) <= it.length * rho).sum()) for row in z),
               "could": np.array([int((row > -it.length * rho).sum()) for row in z]),
               "gap": min(abs(x) for row in z for x in row), "k": at, "needed": c.steps + 1,
               "e": [], "travel": [], "fired": [], "same": []}  # fmt: skip
        for k in net.descend(it.X, it.y, one["eta"], c.steps):
            with torch.no_grad():
                e = net(torch.tensor(it.X)).numpy() - it.y
                now = net.seen(it.X).numpy()
            if np.linalg.norm(e) <= c.reduction * size and one["needed"] > c.steps:
                one["needed"] = k
            if k in at:
                one["e"].append(e)
                one["travel"].append(net.travel().max())
                one["fired"].append((now > 0).sum(1))
                one["same"].append(float(((now > 0) == (z > 0)).mean()))
        found.append(one)
    return found


OWN = {"eta": "eta", "nu": "nu", "near": "near", "gap": "gap", "e_0": "size"}


def own(it, axes, **more):
    """Symbols of every network, with so many further axes."""
    nets = followed(it)

    def along(values):
        return CLOSE(np.array(values).reshape(-1, *[1] * axes))

    found = {name: along([net[key] for net in nets]) for name, key in OWN.items()}
    found |= {"lambda": along([net["mu"][0] for net in nets]), "could": 0,
              "Lambda": along([net["mu"][-1] for net in nets])}  # fmt: skip
    if axes:
        k = np.array(nets[0]["k"])
        found["k"] = k.reshape(1, -1, *[1] * (axes - 1))
    return found | more


def of_nets(it, name):
    return np.array([net[name] for net in followed(it)])


def residual(it):
    size = CLOSE(of_nets(it, "size")[:, None])
    values = np.linalg.norm(of_nets(it, "e"), axis=-1)
    return {"values": CLOSE(values), "symbols": own(it, 1), "trivial": size, "scale": size}


def travel(it):
    return {"values": CLOSE(of_nets(it, "travel")), "symbols": own(it, 1)}


def fired(it):
    could = of_nets(it, "could")[:, None, :]
    return {"values": of_nets(it, "fired").astype(float), "symbols": own(it, 2, could=could),
            "trivial": float(it.c.width)}  # fmt: skip


def unchanged(it):
    return {"values": of_nets(it, "same"), "symbols": own(it, 1)}


def up_to_sign(it):
    """<v, e_k> with the sign of <v, e_0> of the sample: eigenvectors have none of their own."""
    nets = followed(it)
    return np.array([np.array(net["e"]) @ net["v"] for net in nets])


def along(it):
    """Signs of eigenvectors are those of numpy for kernels that agree to rounding."""
    nets = followed(it)
    a_0 = np.array([net["v"].T @ net["e_0"] for net in nets])[:, None, :]
    mu = np.array([net["mu"] for net in nets])[:, None, :]
    scale = of_nets(it, "size")[:, None, None]
    return {"values": CLOSE(up_to_sign(it)), "scale": CLOSE(scale),
            "symbols": own(it, 2, mu=CLOSE(mu), a_0=CLOSE(a_0))}  # fmt: skip


def steps(it):
    never = it.c.steps + 1.0
    return {"values": of_nets(it, "needed").astype(float), "symbols": own(it, 0), "trivial": never}


# --- widths --------------------------------------------------------------------------------------


def least_eigenvalue(it):
    c, m = it.c, it.c.enough or it.kernel_width()
    held = []
    for W in it.weights("least eigenvalue", c.draws, m):
        net = Net(np.ascontiguousarray(W.T), np.full(m, c.bias), np.ones(m), bool(it.tau))
        held.append(np.linalg.eigvalsh(net.kernel(it.X))[0] >= (1 - c.epsilon) * it.lambda_B)
    return {"values": np.array(held, dtype=float), "symbols": {"m": m, "eta": it.step}}


@lru_cache(1)
def at_width(it):
    c, m = it.c, it.c.enough or it.whole_width()
    found = []
    for net in it.nets("width", c.trials, m):
        e = []
        for _ in net.descend(it.X, it.y, it.step, c.steps):
            e.append(np.linalg.norm(net(torch.tensor(it.X)).detach().numpy() - it.y))
        found.append(e)
    return m, np.array(found)


def event(share):
    def oracle(it):
        m, e = at_width(it)
        rate = 1 - it.step * share(it.c.epsilon) * it.lambda_B
        held = [all(e_k <= rate**k * row[0] + 1e-9 * it.size for k, e_k in enumerate(row))
                for row in e]  # fmt: skip
        return {"values": np.array(held, dtype=float), "symbols": {"m": m, "eta": it.step}}

    return oracle


@lru_cache(1)
def distances(it):
    """Widths, and means over four networks of the distance from the law, (widths, sweeps)."""
    c = it.c
    widths = [m for m in (c.smallest * 2**k for k in range(30)) if m <= c.largest]
    eta = c.step / (2 * np.linalg.eigvalsh(it.H)[-1])
    means = []
    for m in widths:
        worst = []
        for net in it.nets("sweep", 4 * c.sweeps, m):
            K, now = net.kernel(it.X), net(torch.tensor(it.X)).detach().numpy() - it.y
            far = 0.0
            for _ in net.descend(it.X, it.y, eta, c.steps):
                e = net(torch.tensor(it.X)).detach().numpy() - it.y
                far, now = max(far, np.linalg.norm(e - now)), now - eta * K @ now
            worst.append(far / it.size)
        means.append(np.array(worst).reshape(c.sweeps, 4).mean(1))
    return widths, np.array(means)


def slope(it):
    widths, means = distances(it)
    slopes = np.polyfit(np.log(widths), np.log(means), 1)[0]
    symbols = {"smallest": widths[0], "largest": widths[-1], "widths": len(widths),
               "tolerance": it.c.tolerance}  # fmt: skip
    return {"values": (abs(slopes + 0.5) <= it.c.tolerance).astype(float), "symbols": symbols}


# --- classes -------------------------------------------------------------------------------------


def signs(it, purpose):
    return it.rng(purpose).choice((-1.0, 1.0), (it.c.trials, it.n))


def of_class(it):
    (net,) = it.nets("class", 1, it.c.width)
    z = net.seen(it.X).detach().numpy()
    return {"R": it.radii[0], "R_w": it.radii[1], "z": CLOSE(z), "p": float((z > 0).mean())}


def linear(it):
    (net,) = it.nets("class", 1, it.c.width)
    J = net.jacobian(it.X)
    values = [it.c.radius / it.n * np.linalg.norm(J.T @ s) for s in signs(it, "signs")]
    return {"values": CLOSE(np.array(values)), "symbols": of_class(it)}


def supremum(it):
    values = []
    for s in signs(it, "signs"):
        (net,) = it.nets("class", 1, it.c.width)
        values.append(ascended(net, it.X, s, *it.radii, it.c.ascents))
    return {"values": CLOSE(np.array(values)), "symbols": of_class(it)}


def supremum_of_starts(it):
    values = []
    for number, s in enumerate(signs(it, "signs of starts")):
        (net,) = it.nets(f"start {number}", 1, it.c.width)
        values.append(ascended(net, it.X, s, *it.radii, it.c.ascents))
    return {"values": CLOSE(np.array(values)),
            "symbols": {"R": it.radii[0], "R_w": it.radii[1]}}  # fmt: skip


@lru_cache(1)
def risks(it):
    """One sample for every trial."""
    c, rng, found = it.c, it.rng("samples"), []
    X, y, m = it.population.X, it.population.y, it.c.width
    R, R_w = it.radii
    for _ in range(c.trials):
        if c.signs == "coupled":
            W = np.repeat(rng.standard_normal((m // 2, X.shape[1])), 2, axis=0)
            a = np.tile([1.0, -1.0], m // 2)
        else:
            W = rng.standard_normal((m, X.shape[1]))
            a = rng.choice((-1.0, 1.0), m)
        rows = rng.integers(0, len(X), it.n)
        net = Net(W, np.full(m, c.bias), a, bool(it.tau))
        z = net.seen(X[rows]).detach().numpy()
        top = np.linalg.eigvalsh(net.kernel(X[rows]))[-1]
        kept = [p.detach().clone() for p in net.parameters()]
        for _ in net.descend(X[rows], y[rows], c.step / top, c.steps):
            travel = net.travel()
            if np.linalg.norm(travel) > R or travel.max() > R_w:
                break
            kept = [p.detach().clone() for p in net.parameters()]
        with torch.no_grad():
            for p, value in zip(net.parameters(), kept, strict=True):
                p.copy_(value)
            loss = np.minimum(abs(net(torch.tensor(X)).numpy() - y), 1)
        soft = sum(max(0.0, it.length * R_w - abs(x)) for x in z.ravel())
        R_S = R * it.length * sqrt((z > 0).mean() / it.n) + soft / (it.n * sqrt(m))
        mean = Near(float(np.mean([loss[i] for i in rows])), absolute=1e-13)
        symbols = {"R": R, "R_w": R_w, "R_S": CLOSE(R_S), "mean_loss": mean}
        found.append({"values": CLOSE(np.array([loss.mean()])), "trivial": 1.0,
                      "symbols": symbols})  # fmt: skip
    return found


def option(name):
    return lambda it: getattr(it.configuration, name)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: it.n, "m": option("width"), "B": option("bias"), "tau": lambda it: it.tau,
        "C": option("constant"), "norm_X": lambda it: it.norm_X, "g": lambda it: it.g,
        "epsilon": option("epsilon"), "delta": option("delta"), "r": option("reduction"),
        "coupled": lambda it: int(it.c.signs == "coupled"), "e_0": lambda it: it.size,
        "y": lambda it: it.size, "lambda_B": lambda it: CLOSE(it.lambda_B),
    },
    samples={
        "entry": entry, "active": active, "share": share, "entry_of_H": entry_of_H,
        "least_of_H": least_of_H, "condition": condition, "residual": residual, "travel": travel,
        "fired": fired, "unchanged": unchanged, "along": along, "steps": steps,
        "least_eigenvalue": least_eigenvalue, "slope": slope,
        "theorem": event(lambda eps: (1 - eps) / 2), "published_theorem": event(lambda _: 1 / 4),
        "linear": linear, "supremum": supremum, "supremum_of_starts": supremum_of_starts,
        "risk": lambda it: risks(it)[0],
    },
    initialisations={"risk": lambda it: risks(it)[1:]},
)  # fmt: skip
