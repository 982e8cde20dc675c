"""Oracles of tangent ridge: every symbol and field of every sample."""

from functools import lru_cache, partial
from math import pi, sqrt

import numpy as np
from scipy.integrate import quad

from tests.oracles import Near, Oracles, Satisfies
from tests.theorems.tangent_ridge.by_hand import (
    B_of,
    Ingredients,
    K_of,
    Net,
    Q,
    circle_mean,
    cosines,
    features_of,
    kernel_of,
    kernel_of_neurons,
    of_kernel,
    of_neurons,
    on_sphere,
    sees,
    silverstein,
)

CLOSE = partial(Near, rtol=1e-8, atol=1e-9)
LOOSE = partial(Near, rtol=1e-6, atol=1e-7)
"""On the circle: degrees above 300 are left out of the closed forms."""

LOOSER = partial(Near, rtol=1e-5, atol=3e-6)
"""Differences of such numbers."""


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


def low(it, d, t):
    gamma = it.gamma(d)
    return sum(gamma[k] * Q(d, k, t) for k in range(it.configuration.degree + 1))


def deltas(it):
    c = it.configuration
    for X in on_sphere(it.rng("designs"), c.designs, it.n, it.d):
        T = cosines(X)
        yield X, np.where(np.eye(it.n) == 1, 0.0, K_of(T) - low(it, it.d, T))


def m_4(it):
    density = quad(lambda psi: np.sin(psi) ** (it.d - 2), 0, pi)[0]
    return quad(lambda psi: (K_of(np.cos(psi)) - low(it, it.d, np.cos(psi))) ** 4
                * np.sin(psi) ** (it.d - 2) / density, 0, pi, epsabs=1e-13)[0]  # fmt: skip


def moment(power):
    def oracle(it):
        found = [np.trace(np.linalg.matrix_power(D, power)) for _, D in deltas(it)]
        return {"values": CLOSE(np.array(found)), "symbols": {"m_4": CLOSE(m_4(it))}}

    return oracle


def least_of_K(it):
    found = [np.linalg.eigvalsh(kernel_of(X))[0] for X, _ in deltas(it)]
    return {"values": CLOSE(np.array(found)), "scale": 0.5, "symbols": {"m_4": CLOSE(m_4(it))}}


def forms(it, below, above):
    """Quadratic forms by degree: of `below` up to l, of `above` beyond."""
    T, top = cosines(it.X), len(it.gamma(it.d))
    rows = [below if k <= it.configuration.degree else above for k in range(top)]
    return np.array([max(0.0, a @ Q(it.d, k, T) @ a) for k, a in enumerate(rows)])


def at_inputs(it, poly):
    Z, krr = on_sphere(it.rng("new inputs"), it.configuration.inputs, it.d), of_kernel
    alpha_l, f_poly = it.poly(it.X, it.labels)
    other = f_poly(Z) if poly else it.f_star(Z)
    values = (krr(it.X, it.alpha)(Z) - other) ** 2
    c_k = np.zeros(len(it.gamma(it.d)))
    c_k[1:3] = [it.alpha @ it.f_star(it.X, k) for k in (1, 2)]
    symbols = {"h": LOOSE(forms(it, it.alpha - alpha_l, it.alpha)),
               "a": LOOSE(forms(it, it.alpha, it.alpha)), "c_k": LOOSE(c_k)}  # fmt: skip
    return {"values": CLOSE(values), "symbols": symbols}


@lru_cache
def designs(it):
    """Distances, risks and norms of every design, by integrals over the circle."""
    c, rng, rows = it.configuration, it.rng("distances"), []
    gamma, d = it.gamma(it.d), it.d
    for _ in range(c.designs):
        X = on_sphere(rng, it.n, d)
        y = it.f_star(X) + c.noise * rng.standard_normal(it.n)
        K, T = kernel_of(X), cosines(X)
        alpha = it.solve(K, y)
        _, poly = it.poly(X, y)
        krr = of_kernel(X, alpha)
        M = sum(gamma[k] ** 2 / B_of(d, k) * Q(d, k, T) for k in range(c.degree + 1, len(gamma)))
        D = np.where(np.eye(it.n) == 1, 0.0, K - low(it, d, T))
        rows.append([
            circle_mean(lambda x, f=krr, g=poly: (f(x) - g(x)) ** 2, *X),
            circle_mean(lambda x, f=krr: (f(x) - it.f_star(x)) ** 2, *X),
            circle_mean(lambda x, f=poly: (f(x) - it.f_star(x)) ** 2, *X),
            alpha @ alpha, np.linalg.norm(M, 2), np.linalg.norm(D, 2),
        ])  # fmt: skip
    return np.array(rows).T


def of_designs(which):
    def oracle(it):
        found = designs(it)
        names = ("R_poly", "alpha_sq", "norm_M", "norm_D")
        mu = max(it.gamma(it.d)[k] / B_of(it.d, k) for k in range(it.configuration.degree + 1))
        symbols = {name: CLOSE(v) for name, v in zip(names, found[2:], strict=True)}
        return {"values": LOOSE(found[which]), "symbols": {**symbols, "mu_max": mu}}

    return oracle


def mean_risk(it):
    c, values, kap, gammas, Bs = it.configuration, [], [], [], []
    sizes = [(it.n * s**c.growth, it.d * s) for s in (1, 2, 4)]
    for n, d in sizes:
        rng, gamma = it.rng("law", n, d), it.gamma(d)
        B = np.array([B_of(d, k) for k in range(301)])
        full = np.concatenate([gamma, np.zeros(301 - len(gamma))])
        row = []
        for _ in range(c.designs):
            X = on_sphere(rng, n, d)
            T, S = cosines(X), np.linalg.inv(kernel_of(X) + c.ridge * np.eye(n))
            M = sum(full[k] ** 2 / B[k] * Q(d, k, T) for k in range(len(gamma)))
            risk = c.noise**2 * np.trace(S @ M @ S)
            for k, F in ((1, c.linear), (2, c.quadratic)):
                Qk = Q(d, k, T)
                crossed = np.trace(S @ Qk) * full[k] / B[k]
                risk += F * (1 - 2 * crossed + np.trace(S @ M @ S @ Qk))
            row.append(risk)
        values.append(row)
        kap.append(it.root(n, d, c.ridge))
        gammas.append(full)
        Bs.append(B)
    symbols = {
        "n": np.array([n for n, _ in sizes]), "at": np.arange(3), "top": 300,
        "gammas": Near(np.array(gammas).T, 1e-5, absolute=1e-8),
        "B_by_size": Near(np.array(Bs).T, 1e-9), "kap": Near(np.array(kap), 1e-6),
    }  # fmt: skip
    return {"values": LOOSE(np.array(values)), "symbols": symbols}


def effective_ridge(it):
    c, d, gamma = it.configuration, it.d, it.gamma(it.d)
    n = np.unique(np.round(np.geomspace(1, it.n * d, 25)))
    tail = 0.5 - gamma[: c.degree + 1].sum()
    mu = max(gamma[k] / B_of(d, k) for k in range(c.degree + 1, len(gamma)))
    kap = np.array([it.root(x, d, c.ridge) for x in n])
    most = [it.root(x, d, c.ridge + tail, c.degree) for x in n]
    least = [it.root(x, d, c.ridge + tail * k / (k + mu), c.degree)
             for x, k in zip(n, kap, strict=True)]  # fmt: skip
    symbols = {"kap_l": CLOSE(np.array(most)), "kap_less": CLOSE(np.array(least))}
    return {"values": CLOSE(kap), "symbols": symbols}


def harmonics(it):
    """The two targets of degree k on the circle."""
    c, found = it.configuration, []
    k = c.harmonic
    for W in it.neurons("harmonics", min(c.networks, 20), c.neurons):
        total = 0.0
        for wave in (np.cos, np.sin):

            def f_star(x, wave=wave):
                return sqrt(2) * wave(k * np.arctan2(x[:, 1], x[:, 0]))

            f = of_neurons(W, it.X, it.solve(kernel_of_neurons(W, it.X), f_star(it.X)))
            total += circle_mean(lambda x, f=f, g=f_star: (f(x) - g(x)) ** 2, *W) / 2
        found.append(total)
    return {"values": CLOSE(np.array(found)), "scale": 1.0, "symbols": {"B_k": 2.0}}


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
        "second_moment": moment(2), "fourth_moment": moment(4), "least_of_K": least_of_K,
        "distance_at_inputs": partial(at_inputs, poly=True),
        "error_at_inputs": partial(at_inputs, poly=False),
        "distance": of_designs(0), "risk_of_kernel": of_designs(1), "mean_risk": mean_risk,
        "effective_ridge": effective_ridge, "harmonics": harmonics,
    },
)  # fmt: skip
