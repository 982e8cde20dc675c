"""Oracles of concept classes: every symbol and field, from what is drawn, by hand."""

from functools import lru_cache, partial
from itertools import product
from math import sqrt

import numpy as np
import torch
from scipy.integrate import quad
from scipy.stats import norm as normal

from tests.oracles import Near, Oracles
from tests.theorems.concept_classes.by_hand import (
    STEP,
    Ingredients,
    Pseudo,
    grid,
    layers,
    loss_and_slope,
    represent,
    three,
)

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
DEGREES = (0, 1, 3, 5)
RHO = [-1.0, -0.99, -0.6, -0.1, 0.0, 0.3, 0.8, 1.0]


def size(phi):
    return sqrt(sum((c / STEP[k]) ** 2 for k, c in phi.items()))


def column(rows, k):
    return np.array([[phi.get(k, 0.0)] for phi in rows])


def represented(it):
    def mean(phi, rho):
        def over(z):
            rest = sqrt(1 - rho**2)
            share = normal.cdf(rho * z / rest) if rest else float(rho * z > 0)
            return represent(phi, z) * share * normal.pdf(z)

        return quad(over, -12, 12, points=[-0.3, 0, 0.3], limit=400, epsabs=1e-12)[0]

    phis = [phi for _, phi, *_ in it.terms]
    values = [[mean(phi, rho) for rho in RHO] for phi in phis]
    scale = [[size(phi)] * len(RHO) for phi in phis]
    symbols = {f"phi_{k}": column(phis, k) for k in DEGREES}
    return {"values": LOOSE(values), "scale": LOOSE(scale), "symbols": {**symbols, "rho": RHO}}


def inner(it):
    phis = [phi for _, phi, *_ in it.terms]
    pairs = [(phis[i], phis[j]) for i in range(len(phis)) for j in range(i, len(phis))]
    z, weights = grid(2, 14)
    values = [[weights @ (represent(f, z[:, 0]) *
                          represent(g, rho * z[:, 0] + sqrt(1 - rho**2) * z[:, 1]))
               for rho in RHO] for f, g in pairs]  # fmt: skip
    symbols = {f"phi_{k}": column([f for f, _ in pairs], k) for k in DEGREES}
    symbols |= {f"psi_{k}": column([g for _, g in pairs], k) for k in DEGREES}
    scale = [[size(f) * size(g)] * len(RHO) for f, g in pairs]
    return {"values": LOOSE(values), "scale": LOOSE(scale), "symbols": {**symbols, "rho": RHO}}


def B(it):
    terms = sum(abs(a) * size(phi) for a, phi, *_ in it.terms)
    return {"values": LOOSE([sqrt(it.norm_moments[0])]), "symbols": {"terms": LOOSE(terms)}}


def norm(it):
    c = it.configuration
    g = it.rng("norm").standard_normal((c.draws, c.dimension))
    values = [sum(it.H(each) ** 2) for each in g]
    return {"values": LOOSE([values]), "symbols": {"norm_var": LOOSE(it.norm_moments[1])}}


def r_of(it):
    return {
        f"r_{k}": LOOSE([it.by_degree(k, lambda v, z, x=x: (v @ x) * (z @ x)) for x in it.points],
                        absolute=1e-15)
        for k in DEGREES
    }  # fmt: skip


def half(it):
    found = [it.half_moments(x)[0] for x in it.points]
    even = any(0 in phi for _, phi, *_ in it.terms)
    odd = any(set(phi) - {0} for _, phi, *_ in it.terms)
    symbols = {**r_of(it), "mixed": int(even and odd)}
    return {"values": LOOSE(found), "scale": LOOSE(found), "symbols": symbols}


def at_start(it):
    c = it.configuration
    many = max(1, c.draws // 10)
    g, rows = it.weights("start 0", many, c.pairs), []
    for x in it.points:
        row = []
        for net in g:
            on = [(neuron, sign) for half, sign in zip(net, (1, -1), strict=True)
                  for neuron in half if neuron @ x > 0]  # fmt: skip
            f = sum(it.H(neuron) @ x for neuron, _ in on) / (2 * c.pairs)
            row.append((f - it.F(x)) ** 2)
        rows.append(row)
    moments = np.array([it.half_moments(x) for x in it.points]).T
    symbols = {**r_of(it), "F": LOOSE([it.F(x) for x in it.points])}
    symbols |= {f"half_{k}": LOOSE(moments[i]) for i, k in enumerate((2, 3, 4))}
    return {"values": LOOSE(rows), "symbols": symbols}


def trivial(it, loss):
    _, y = it.stream("before training", 4000, 1, it.configuration.noise)
    return LOOSE(np.mean([loss_and_slope(loss, each, 0.0)[0] for each in y[:, 0]]))


def of(it, loss):
    kappa, labels, *_ = it.guaranteed[loss]
    return {"kappa": LOOSE(kappa), "labels": LOOSE(labels), "OPT": LOOSE(it.opt(loss))}


def frozen(it, loss):
    return {"values": it.guaranteed[loss][3], "symbols": of(it, loss)}


def guaranteed(it, loss, every=False):
    *_, losses, good = it.guaranteed[loss]
    mean = losses.mean(0)
    found = {"trivial": trivial(it, loss), "symbols": of(it, loss)}
    if every:
        return {**found, "values": LOOSE([mean])}
    return {**found, "values": LOOSE([mean * good]), "share": np.mean(good)}


@lru_cache(1)
def regrets(it):
    """T, (T, seeds) of sum l'(f-g), sum |l'|(|f|+|g|), mean losses, symbols."""
    T, paths, starts, _ = it.regret
    f, g, losses, compared, slope, active, _, away = paths.transpose(1, 2, 0)
    eta, many = it.configuration.step, len(starts)

    def upto(values):
        return np.array([values[:t].sum(0) for t in T])

    at = np.array(T)[:, None]
    symbols = {
        "T": at, "eta": eta, "start": LOOSE(np.tile(starts, (len(T), 1)).reshape(-1, many)),
        "end": LOOSE(away[np.array(T) - 1], absolute=1e-12),
        "gradients": LOOSE(upto(slope**2 * active)),
        "compared": LOOSE(upto(compared) / at),
    }  # fmt: skip
    gain, size = upto(slope * (f - g)), upto(abs(slope) * (abs(f) + abs(g)))
    size = size + (starts + away[np.array(T) - 1]) / (2 * eta)
    return gain, size, upto(losses) / at, symbols


def telescoped(it):
    gain, size, _, symbols = regrets(it)
    return {"values": LOOSE(gain), "scale": LOOSE(size), "symbols": symbols}


def regret(it):
    *_, losses, symbols = regrets(it)
    return {"values": LOOSE(losses), "symbols": symbols}


def output(it):
    f, product, terms = it.regret[3]
    return {"values": LOOSE(f), "scale": LOOSE(terms), "symbols": {"euler": LOOSE(product)}}


def slope(it, name):
    sizes, found = it.slopes[name]
    c = it.configuration
    lowest, highest = {"width": (-c.tolerance, c.tolerance),
                       "samples": (-1 - 2 * c.tolerance, -0.5)}[name]  # fmt: skip
    symbols = {"smallest": sizes[0], "largest": sizes[-1], "sizes": len(sizes)}
    if name == "samples":
        squares = [it.F(x) ** 2 for x in it.unit("power", 4000)]
        symbols |= {"N": max(1, c.smallest // 2), "power": LOOSE(np.mean(squares))}
    return {"values": [float(lowest <= x <= highest) for x in found], "symbols": symbols}


def signed(it):
    c, rng, rows = it.configuration, it.rng("random signs"), []
    m = c.hidden
    for x in it.unit("random signs", c.nets):
        W, V, a = layers(rng, m, c.dimension)
        dW = c.change * rng.standard_normal(W.shape)
        dV = c.change * rng.standard_normal(V.shape) * sqrt(2 / m)
        mean = np.mean([three(W + np.diag(s) @ dW, V + dV @ np.diag(s), a, x)
                        for s in product((-1, 1), repeat=m)])  # fmt: skip
        h, on = np.maximum(W @ x, 0), W @ x > 0
        second = sum(a[k] * (V[k] @ h > 0) * dV[k, r] * on[r] * (dW[r] @ x)
                     for k in range(m) for r in range(m))  # fmt: skip
        first = min(abs(W[r] @ x) - abs(dW[r] @ x) for r in range(m))
        rooms = []
        for k in range(m):
            lost = sum(on[r] * abs(V[k, r] * (dW[r] @ x)) for r in range(m))
            lost += sum(abs(dV[k, r]) * (h[r] + on[r] * abs(dW[r] @ x)) for r in range(m))
            rooms.append(abs(V[k] @ h) - lost)
        terms = sum(abs(a[k] * V[k, r]) * h[r] for k in range(m) for r in range(m))
        rows.append((mean, three(W, V, a, x), second, first, min(rooms), terms))
    mean, f_0, second, first, rooms, terms = np.array(rows).T
    symbols = {"f_0": LOOSE(f_0), "second": LOOSE(second), "room_1": LOOSE(first),
               "room_2": LOOSE(rooms)}  # fmt: skip
    return {"values": LOOSE(mean), "scale": LOOSE(terms), "symbols": symbols}


@lru_cache(1)
def curved(it):
    """(networks, points): values of both quantities, symbols, scale."""
    c, rng, rows = it.configuration, it.rng("curvature"), []
    for at in range(c.descents):
        W, V, a = layers(rng, c.hidden, c.dimension)
        X = it.unit(f"curvature {at}", 10)
        pseudo = Pseudo(W, V, a, X, np.array([it.F(x) for x in X]))

        def start(size, W=W, V=V):
            parts = [size * rng.standard_normal(W.shape), size * rng.standard_normal(V.shape)]
            return torch.tensor(np.concatenate([part.ravel() for part in parts]))

        best = pseudo.descend(start(0.3), 0.2, 400)[-1]
        path = pseudo.descend(start(0.03), 0.2, 200)
        other, row = pseudo.residuals(best), []
        for theta in (0 * best, *(path[k] for k in (0, 20, 50, 100, 200))):
            theta = theta.clone().requires_grad_(True)
            gradient = torch.autograd.grad(pseudo.loss(theta), theta)[0]
            theta = theta.detach()
            H = torch.autograd.functional.hessian(pseudo.loss, theta)
            curves = []
            for s in product((-1.0, 1.0), repeat=c.hidden):
                direction = pseudo.signed(best, s)
                curves.append(float(direction @ H @ direction))
            e, along = pseudo.residuals(theta), float(gradient @ theta)
            C_1 = pseudo.variance(theta, best)
            row.append((
                np.mean(curves) / 2 - along / 2, float(torch.linalg.eigvalsh(H)[0]),
                float(pseudo.loss(theta)), float(pseudo.loss(best)), C_1, along,
                float((e * other).mean()), float((best**2).sum()),
                np.mean(np.abs(curves)) + float((e * e).mean()) + C_1,
            ))  # fmt: skip
        rows.append(row)
    return np.moveaxis(np.array(rows), -1, 0)


def of_curvature(it, which):
    found = curved(it)
    names = ("L", "L_star", "C_1", "slope", "product", "size")
    symbols = {name: LOOSE(found[2 + i]) for i, name in enumerate(names)}
    return {"values": LOOSE(found[which]), "scale": LOOSE(found[8]), "symbols": symbols}


def option(name):
    return lambda it: getattr(it.configuration, name)


SYMBOLS = {
    **{f"q_{k}": lambda it, k=k: LOOSE(it.by_degree(k, np.dot), absolute=1e-15) for k in DEGREES},
    "d": option("dimension"), "N": option("pairs"), "eta": option("step"), "T": option("steps"),
    "delta": option("delta"), "tolerance": option("tolerance"), "C": option("constant"),
    "coupled": lambda it: 1 if it.configuration.coupled else 0,
    "p": lambda it: len(it.terms),
    "C_s": lambda it: LOOSE(max(
        sum(abs(x) * (k + 1) ** 1.75 for k, x in phi.items()) for _, phi, *_ in it.terms
    )),
}  # fmt: skip

ORACLES = Oracles(
    ingredients=Ingredients,
    symbols=SYMBOLS,
    samples={
        "represented": represented, "inner": inner, "B": B, "norm": norm, "half": half,
        "at_start": at_start, "output": output, "telescoped": telescoped, "regret": regret,
        "squared": lambda it: guaranteed(it, "squared"),
        "huber": lambda it: guaranteed(it, "huber"),
        "huber_all": lambda it: guaranteed(it, "huber", every=True),
        "frozen": lambda it: frozen(it, "squared"),
        "frozen_huber": lambda it: frozen(it, "huber"),
        "slope_width": lambda it: slope(it, "width"),
        "slope_samples": lambda it: slope(it, "samples"),
        "signed": signed, "curvature": lambda it: of_curvature(it, 0),
        "least": lambda it: of_curvature(it, 1),
    },
)  # fmt: skip


# --- curves --------------------------------------------------------------------------------------


def looked_at(it, many=40):
    last = it.configuration.steps
    return sorted({round(last ** (i / (many - 1))) for i in range(many)})


def so_far(it):
    """Mean losses (numbers of samples, seeds), 0 for runs that are not good."""
    *_, losses, good = it.guaranteed["squared"]
    return np.array([losses[:T].mean(0) * good for T in looked_at(it)])


def bound(it, T, N, opt):
    c = it.configuration
    B_sq = it.norm_moments[0]
    known = opt + B_sq / (2 * c.dimension * N) + B_sq / (2 * c.step * T)
    return known / (1 - c.step * it.share(N, T))


def sweep(it):
    """Medians over the sweeps, and guarantees without noise, by width."""
    widths, _ = it.slopes["width"]
    guarantees = [bound(it, it.configuration.steps, max(1, m // 2), 0.0) for m in widths]
    return np.median(it.by_width, axis=1), guarantees


def of_regret(it):
    T, paths, starts, _ = it.regret
    c, rows = it.configuration, []
    for t in T:
        loss, compared = paths[:, 2, :t].mean(), paths[:, 3, :t].mean()
        gradients = (paths[:, 4, :t] ** 2 * paths[:, 5, :t]).sum(1).mean()
        away = starts.mean() / (2 * c.step * t) + c.step * gradients / (2 * t)
        rows.append((loss, compared + away, compared))
    return T, np.array(rows).T


CURVES = {
    "x": looked_at,
    "loss": lambda it: LOOSE(so_far(it).mean(1)),
    "errors/loss": lambda it: LOOSE(so_far(it).std(1, ddof=1) / sqrt(it.configuration.seeds)),
    "guarantee": lambda it: LOOSE(
        [bound(it, T, it.configuration.pairs, it.opt("squared")) for T in looked_at(it)]
    ),
    "best": lambda it: LOOSE([it.opt("squared")] * len(looked_at(it))),
    "sweep/x": lambda it: it.slopes["width"][0],
    "sweep/width": lambda it: LOOSE(sweep(it)[0]),
    "sweep/guarantee": lambda it: LOOSE(sweep(it)[1]),
    "sweep/details/width": lambda it: LOOSE([np.median(it.slopes["width"][1]), -np.inf, np.inf]),
}
OF_REGRET = {
    "x": lambda it: of_regret(it)[0],
    "loss": lambda it: LOOSE(of_regret(it)[1][0]),
    "bound": lambda it: LOOSE(of_regret(it)[1][1]),
    "comparator": lambda it: LOOSE(of_regret(it)[1][2]),
}
"""Of the picture of the regret alone."""
