"""Oracles of (NT7) to (NT9): polynomials, the self-induced ridge, harmonics."""

from functools import lru_cache, partial
from math import pi, sqrt

import numpy as np
from scipy.integrate import quad

from tests.oracles import Near
from tests.theorems.tangent_ridge.by_hand import (
    B_of,
    K_of,
    Q,
    circle_mean,
    cosines,
    kernel_of,
    kernel_of_neurons,
    of_kernel,
    of_neurons,
    on_sphere,
)

CLOSE = partial(Near, rtol=1e-8, atol=1e-9)
LOOSE = partial(Near, rtol=1e-6, atol=1e-7)
"""On the circle: degrees above 300 are left out of the closed forms."""

LOOSER = partial(Near, rtol=1e-5, atol=3e-6)
"""Differences of such numbers."""


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
