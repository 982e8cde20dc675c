"""Samples of smooth networks, by hand."""

from functools import lru_cache

import numpy as np
import torch

from tests.oracles import Near
from tests.theorems.quadratic_networks.by_hand import activated, jacobian, largest, nth, outputs
from verify.judging.seeds import numpy_generator

FINE = 1e-7


def certified(it):
    """Symbols of the runs near planted networks."""
    c = it.configuration
    names = ("kappa", "b", "e_0", "f_0", "eta", "distance", "L_0")
    ones = np.ones((len(it.t), c.seeds))
    each = {name: Near(np.array([at[name] for _, _, at in it.certificates]) * ones, FINE)
            for name in names}  # fmt: skip
    return each | {
        "t": np.array(it.t)[:, None] * ones, "ell": it.ell(it.quadratic.X.numpy()),
        "c_n": c.published_samples, "c_r": c.published_rate, "R_0": c.published_distance,
    }  # fmt: skip


def errors(it):
    found = []
    for (_, y, _), way in zip(it.certificates, it.runs, strict=True):
        found.append([float((outputs(way[t], it.v, it.quadratic.X, it.phi) - y).norm())
                      for t in it.t])  # fmt: skip
    return np.array(found).T


def lost(it):
    """Rounding of an error, in units of 1e-9."""
    norms = [float(y.norm()) + at["f_0"] for _, y, at in it.certificates]
    return 1e-5 * np.array(norms) * np.ones((len(it.t), 1))


def error(it):
    values = errors(it)
    return {"values": Near(values, FINE), "symbols": certified(it), "scale": Near(lost(it), FINE),
            "trivial": Near(values[0] * np.ones(values.shape), FINE)}  # fmt: skip


def path(it):
    rows = []
    for way in it.runs:
        lengths = [float((a - b).norm()) for a, b in zip(way[1:], way, strict=False)]
        rows.append([sum(lengths[:t]) for t in it.t])
    return {"values": Near(np.array(rows).T, FINE), "symbols": certified(it)}


def planted_loss(it):
    values, n = errors(it), it.quadratic.n
    first = values[0] * np.ones(values.shape)
    scale = (lost(it) * values + 1e-9 * lost(it) ** 2) / n
    return {"values": Near(values**2 / (2 * n), FINE), "symbols": certified(it),
            "trivial": Near(first**2 / (2 * n), FINE), "scale": Near(scale, FINE)}  # fmt: skip


@lru_cache
def discriminant(it):
    """The radius by bisection of the bound of (Q.17)."""
    c, d = it.configuration, it.quadratic.d
    k, q = c.positive + c.negative, c.q
    X, _ = it.loaded(f"{it.salt}/basin", min(k * d, 60))
    every = sorted({round(1 + i * (len(X) - 1) / (min(len(X), c.points) - 1))
                    for i in range(min(len(X), c.points))})  # fmt: skip
    rows = []
    for n in every:
        inner = torch.tensor(X[:n])
        ell, row = it.ell(X[:n]), []
        for W, u in zip(it.planted, it.directions(f"basin {n}", inner), strict=True):
            J = jacobian(W, it.v, inner, it.phi)
            kappa, b = nth(J, n) if n <= k * d else 0.0, largest(J)
            low, high = 0.0, kappa / ell
            for _ in range(200):
                r = (low + high) / 2
                inside = (kappa - ell * r) ** 2 > 2 * ell * (b + ell * r / 2) * r / q
                low, high = (r, high) if inside else (low, r)
            r = c.reach * low
            here = W + r * u
            e_0 = float(
                (outputs(here, it.v, inner, it.phi) - outputs(W, it.v, inner, it.phi)).norm()
            )
            least_ = nth(jacobian(here, it.v, inner, it.phi), n)
            row.append((least_**2 - 2 * ell * e_0 / q, kappa, b, ell, r, n))
        rows.append(row)
    values, *symbols = np.moveaxis(np.array(rows), -1, 0)
    names = ("kappa_star", "b_star", "ell", "r", "n")
    return {
        "values": Near(values, FINE, 1e-9),
        "symbols": {name: Near(one, 1e-7, 1e-12) for name, one in zip(names, symbols, strict=True)},
        "scale": Near(1e-4 * symbols[1] ** 2, 1e-9),
    }


def ranks(name):
    def of(it):
        c, found = it.configuration, []
        rng = numpy_generator(f"rank_of_{name}", it.salt)
        smooth = c.activation if c.activation not in ("square", "linear") else "softplus"
        phi = torch.square if name == "square" else activated(smooth, c.leak)
        for d in range(1, it.quadratic.d + 1):
            for k in range(1, it.quadratic.d + 3):
                # pairs of rows of W, and of a row with itself, that are not used before
                D = sum(max(0, d - i) for i in range(k)) if name == "square" else k * d
                for n in sorted({max(1, D - 1), D, D + 1, D + 4}):
                    X, W = rng.standard_normal((n, d)), rng.standard_normal((k, d))
                    v = torch.tensor([(-1.0) ** i for i in range(k)], dtype=torch.float64)
                    J = jacobian(torch.tensor(W), v, torch.tensor(X), phi)
                    found.append((d, k, n, np.linalg.matrix_rank(J, tol=1e-10 * largest(J))))
        d, k, n, rank = np.array(found, dtype=float).T
        return {"values": rank, "symbols": {"d": d, "k": k, "n": n}}

    return of


def event(name):
    def of(it):
        own = {"eta": Near(it.wide["eta"], 1e-9), "rest": it.wide["rest"],
               "v_sq": it.wide["v_sq"]}  # fmt: skip
        return {"values": np.array(it.wide[name], dtype=float), "symbols": own}

    return of
