"""Oracles of tangent ridge: every symbol and field of every sample."""

from functools import lru_cache, partial
from math import sqrt

import numpy as np

from tests.oracles import Near, Oracles, Satisfies
from tests.theorems.tangent_ridge import oracles_degrees as degrees
from tests.theorems.tangent_ridge.by_hand import (
    B_of,
    Ingredients,
    Net,
    cosines,
    features_of,
    kernel_of,
    kernel_of_neurons,
    of_kernel,
    on_sphere,
    sees,
    silverstein,
)
from tests.theorems.tangent_ridge.oracles_degrees import CLOSE, LOOSE, LOOSER


def patterns(it, purpose, count, N):
    return [np.array([[sees(w, x) for w in W] for x in it.X])
            for W in it.neurons(purpose, count, N)]  # fmt: skip


def pairs(it):
    every = [(i, j) for i in range(it.n) for j in range(i + 1, it.n)]
    chosen = it.rng("pairs").permutation(len(every))[:20]
    return [every[i] for i in chosen]


def both_active(it):
    c = it.configuration
    shares = [[np.mean(S[i] * S[j]) for S in patterns(it, "activities", c.networks, c.neurons)]
              for i, j in pairs(it)]  # fmt: skip
    return {"values": np.array(shares),
            "symbols": {"angle": np.array([it.psi[p] for p in pairs(it)])}}  # fmt: skip


def fluctuation(it):
    c = it.configuration
    found = [((kernel_of_neurons(W, it.X) - it.K) ** 2).sum()
             for W in it.neurons("activities", c.networks, c.neurons)]  # fmt: skip
    return {"values": np.array(found)}


def dead(it):
    c = it.configuration
    found = [sum(not row.any() for row in S)
             for S in patterns(it, "activities", c.networks, c.neurons)]  # fmt: skip
    return {"values": np.array(found, dtype=float)}


def rank_of(A):
    s = np.linalg.svd(A, compute_uv=False)
    return int((s > 1e-10).sum())


def ranks(it):
    c = it.configuration
    draws = it.neurons("ranks", c.networks, c.neurons)
    fresh = on_sphere(it.rng("generic rows"), it.n, it.d)
    values = [rank_of(features_of(W, it.X)) for W in draws]
    generic = [rank_of(np.array([np.kron(row, x) for row, x in zip(S, fresh, strict=True)]))
               for S in patterns(it, "ranks", c.networks, c.neurons)]  # fmt: skip
    return {"values": np.array(values, dtype=float),
            "symbols": {"generic_rank": np.array(generic), "density": int(it.uniform)}}  # fmt: skip


def rank_by_parts(it):
    c, part, seen = it.configuration, [], []
    every = patterns(it, "ranks", c.networks, c.neurons)
    for S in every:
        count = S.sum(1)
        sets = [count == 0, count > 0, count >= 0, count <= 1]
        sets += [S[:, k % c.neurons] == 0 for k in range(6)]
        part.append([A.sum() for A in sets])
        seen.append([rank_of(S[A]) if A.any() else 0 for A in sets])
    values = np.tile(ranks(it)["values"], (10, 1))
    return {"values": values, "symbols": {"part": np.array(part).T, "seen": np.array(seen).T}}


def noise(it, purpose):
    c = it.configuration
    return c.noise * it.rng(purpose).standard_normal((c.labels, it.n))


def memorised(it):
    c, values, rank = it.configuration, [], []
    for k, W in enumerate(it.neurons("memorised", min(c.networks, 6), c.neurons)):
        U, s, _ = np.linalg.svd(features_of(W, it.X))
        U = U[:, : (s > 1e-10).sum()]
        y = noise(it, f"labels {k}")
        values.append(((y - y @ U @ U.T) ** 2).mean(1))
        rank.append(U.shape[1])
    tau_sq = c.noise**2
    return {"values": LOOSE(np.array(values)), "symbols": {"rank": np.array(rank)},
            "trivial": tau_sq, "scale": tau_sq}  # fmt: skip


def times(it, count):
    return np.unique(np.geomspace(1, it.configuration.steps, count).astype(int))


def on_the_way(it):
    (W,) = it.neurons("on the way", 1, it.configuration.neurons)
    mu, V = np.linalg.eigh(kernel_of_neurons(W, it.X))
    eta, y = it.configuration.step / mu[-1], noise(it, "on the way") @ V
    values = [((y * (1 - eta * mu) ** t) ** 2).mean(1) for t in times(it, 8)]
    return {"values": np.array(values), "symbols": {"rank": rank_of(features_of(W, it.X))}}


def least_symbols(it):
    def eigenvalues(found, at):
        theta = float(at["theta"])
        right = np.linalg.eigvalsh(theta * it.K - theta**2 / 2 * it.E2)
        return np.allclose(found, right, rtol=1e-7)

    def optimal(found, at):
        exponents = min(it.enough) * (found * (1 - it.configuration.epsilon) * it.lam_K - at["s"])
        return np.exp(exponents).sum() <= it.configuration.delta

    return {"N": N_of(it), "s": Satisfies("eigenvalues of theta K - theta^2 E2/2", eigenvalues),
            "theta": Satisfies("a theta that gives N*", optimal)}  # fmt: skip


def N_of(it):
    return it.configuration.enough or min(it.enough)


def lambda_min(it):
    c = it.configuration
    found = [np.linalg.eigvalsh(kernel_of_neurons(W, it.X))[0]
             for W in it.neurons("eigenvalues", c.networks, N_of(it))]  # fmt: skip
    return {"values": Near(np.array(found), 1e-7, 1e-9), "scale": 1.0, "symbols": least_symbols(it)}


def least_eigenvalue(it):
    found = lambda_min(it)["values"].value >= (1 - it.configuration.epsilon) * it.lam_K
    return {"values": found.astype(float), "symbols": least_symbols(it)}


def by_size(it):
    c, values, edge = it.configuration, [], []
    for scale in (1, 2, 4):
        X = on_sphere(it.rng("edge", scale), scale * it.n, scale * it.d)
        p = c.neurons * scale * it.d
        edge.append(silverstein(np.linalg.eigvalsh(kernel_of(X)), p))
        rng = it.rng("edge neurons", scale)
        draws = [rng.standard_normal((c.neurons, scale * it.d)) for _ in range(c.draws)]
        values.append([np.linalg.eigvalsh(kernel_of_neurons(W, X))[0] for W in draws])
    sizes = np.array([1, 2, 4])
    symbols = {"edge": CLOSE(np.array(edge)), "n": sizes * it.n, "d": sizes * it.d}
    return {"values": CLOSE(np.array(values)), "symbols": symbols}


def gap(it, scaled=False):
    c = it.configuration
    widths = np.array([c.neurons * 2**k for k in range(3)])
    found = np.array([it.gaps("gap", c.networks, N) for N in widths])
    near, nearly = (LOOSE, LOOSER) if it.uniform else (CLOSE, CLOSE)
    v_2 = it.alpha @ (it.E2 - it.K @ it.K) @ it.alpha
    symbols = {"N": widths, "v_1": near(it.v_1), "v_2": CLOSE(v_2), "V_1": near(it.V_1)}
    Z = it.population.T if not it.uniform else None
    symbols["half"] = 0.5 if it.uniform else it.d * np.linalg.norm(Z @ Z.T, 2) / Z.shape[1]
    if scaled:
        return {"values": nearly(found * widths[:, None]), "symbols": symbols,
                "scale": near(it.krr * widths[-1])}  # fmt: skip
    krr = near(it.krr)
    return {"values": nearly(found), "symbols": symbols, "trivial": krr, "scale": krr}


def sweep(it, **more):
    return {"smallest": it.widths[0], "largest": it.widths[-1], "sizes": 4} | more


def slopes(x, values):
    return np.array([np.polyfit(np.log(x), np.log(v), 1)[0] if min(v) > 0 else -np.inf
                     for v in values])  # fmt: skip


def event(it, found, exponent):
    return (abs(found - exponent) <= it.configuration.tolerance).astype(float)


def excess(it):
    if not it.uniform:
        return None
    c, kernel = it.configuration, it.risk_of(of_kernel(it.X, it.alpha))
    each = it.risks.reshape(4, c.sweeps, c.draws)
    last = it.risks[-1] - kernel
    blur = last.std() / (sqrt(c.draws) * last.mean()) if last.mean() > 0 else 1e9
    found = slopes(it.widths, each.mean(2).T - kernel)
    return {"values": event(it, found, -1), "symbols": sweep(it, blur=Near(blur, 1e-4))}


def spread(it):
    if not it.uniform:
        return None
    c = it.configuration
    found = slopes(it.widths, it.risks.reshape(4, c.sweeps, c.draws).std(2).T)
    return {"values": event(it, found, -0.5), "symbols": sweep(it, blur=1 / sqrt(2 * c.draws))}


def risk_of_width(it):
    if not it.uniform:
        return None
    kernel = it.risk_of(of_kernel(it.X, it.alpha))
    return {"values": LOOSE(it.risks[:, : it.configuration.networks]),
            "symbols": {"N": np.array(it.widths)[:, None], "R_K": LOOSE(kernel)}}  # fmt: skip


def network(it):
    c, values, flips, size, mus, etas, targets = it.configuration, [], [], [], [], [], []
    for W in it.neurons("network", min(c.networks, 6), c.neurons):
        mu, V = np.linalg.eigh(kernel_of_neurons(W, it.X))
        eta, net = c.step / (mu[-1] + c.ridge), Net(W, c.kappa)
        size.append(sqrt(np.mean([[float(w @ x) ** 2 for x in it.X] for w in c.kappa * W])))
        before, changed, row, counts = it.X @ net.W.detach().numpy().T > 0, 0, [], []
        for t, _ in enumerate(net.fit(it.X, it.labels, eta, c.ridge, c.steps), 1):
            after = it.X @ net.W.detach().numpy().T > 0
            changed, before = changed + (after != before).sum(), after
            if t in times(it, 6):
                row.append(net(np_tensor(it.X)).detach().numpy() @ V)
                counts.append([changed])
        values.append(row)
        flips.append(counts)
        mus.append(mu.clip(0))
        etas.append([eta])
        targets.append(it.labels @ V)
    values = np.swapaxes(values, 0, 1)

    def same(found, at):
        return np.allclose(abs(found), abs(values), rtol=1e-8, atol=1e-11 * c.kappa)

    def along(found, at):
        return np.allclose(abs(found), abs(np.array(targets)), rtol=1e-6)

    symbols = {
        "t": times(it, 6)[:, None, None], "eta": np.array(etas), "mu": CLOSE(np.array(mus)),
        "c": Satisfies("labels along eigenvectors, up to sign", along),
        "flips": np.swapaxes(flips, 0, 1),
    }  # fmt: skip
    scale = np.broadcast_to(np.array(size)[:, None], values.shape)
    return {"values": Satisfies("outputs of the network, up to sign", same), "symbols": symbols,
            "scale": scale}  # fmt: skip


def np_tensor(X):
    import torch

    return torch.tensor(X)


def slope_of_network(it):
    c = it.configuration
    Z = on_sphere(it.rng("new inputs"), 300, it.d)
    steps, found = max(1, c.steps // 8), []
    for kappa in (4, 8, 16, 32):
        row = []
        for W in it.neurons("networks of sweeps", 10 * c.sweeps, c.neurons):
            K, Phi = kernel_of_neurons(W, it.X), features_of(W, it.X)
            eta = c.step / (np.linalg.norm(K, 2) + c.ridge)
            theta, net = np.zeros(Phi.shape[1]), Net(W, kappa)
            for _ in net.fit(it.X, it.labels, eta, c.ridge, steps):
                theta = theta - eta * (Phi.T @ (Phi @ theta - it.labels) + c.ridge * theta)
            left = net(np_tensor(Z)).detach().numpy() - features_of(W, Z) @ theta
            row.append((left**2).mean())
        found.append(row)
    last = np.array(found[-1])
    blur = last.std() / (sqrt(10) * last.mean()) if last.mean() > 0 else 1e9
    each = np.array(found).reshape(4, c.sweeps, 10).mean(2).T
    return {"values": event(it, slopes([4, 8, 16, 32], each), -1),
            "symbols": {"smallest": 4, "largest": 32, "sizes": 4,
                        "blur": Near(blur, 1e-7)}}  # fmt: skip


def option(name):
    return lambda it: getattr(it.configuration, name)


def energies(it):
    F = np.zeros(len(it.gamma(it.d)))
    F[1:3] = it.configuration.linear, it.configuration.quadratic
    return F


class Oracled(Ingredients):
    @property
    def lam_K(self):
        return np.linalg.eigvalsh(self.K)[0]


ORACLES = Oracles(
    ingredients=lru_cache(Oracled),
    symbols={
        "n": lambda it: it.n, "d": lambda it: it.d, "N": option("neurons"),
        "lambda": option("ridge"), "tau_sq": lambda it: it.configuration.noise**2,
        "uniform": lambda it: int(it.uniform), "C": option("constant"),
        "T": lambda it: cosines(it.X), "angles": lambda it: Near(it.psi, absolute=1e-12),
        "lambda_K": lambda it: CLOSE(it.lam_K), "epsilon": option("epsilon"),
        "delta": option("delta"), "norm_T": lambda it: np.linalg.norm(it.X, 2) ** 2,
        "tolerance": option("tolerance"), "l": option("degree"),
        "top": lambda it: len(it.gamma(it.d)) - 1,
        "gamma": lambda it: Near(it.gamma(it.d), 1e-7, absolute=1e-10),
        "B": lambda it: np.array([B_of(it.d, k) for k in range(len(it.gamma(it.d)))]),
        "F": energies,
    },
    samples={
        "both_active": both_active, "fluctuation": fluctuation, "dead": dead, "rank": ranks,
        "rank_by_parts": rank_by_parts, "memorised": memorised, "on_the_way": on_the_way,
        "least_eigenvalue": least_eigenvalue, "lambda_min": lambda_min,
        "lambda_min_by_size": by_size, "gap": gap, "scaled_gap": partial(gap, scaled=True),
        "slope_of_excess": excess, "slope_of_spread": spread, "risk_of_width": risk_of_width,
        "network": network, "slope_of_network": slope_of_network,
        "second_moment": degrees.moment(2), "fourth_moment": degrees.moment(4),
        "least_of_K": degrees.least_of_K,
        "distance_at_inputs": partial(degrees.at_inputs, poly=True),
        "error_at_inputs": partial(degrees.at_inputs, poly=False),
        "distance": degrees.of_designs(0), "risk_of_kernel": degrees.of_designs(1),
        "mean_risk": degrees.mean_risk,
        "effective_ridge": degrees.effective_ridge, "harmonics": degrees.harmonics,
    },
)  # fmt: skip
