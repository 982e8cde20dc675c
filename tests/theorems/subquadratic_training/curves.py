"""The curves of the pictures of subquadratic training, by hand."""

from functools import lru_cache
from math import log, sqrt

import numpy as np
import torch
from scipy.stats import norm

from tests.oracles import Near, Satisfies
from tests.theorems.subquadratic_training.by_hand import gauss_newton, shallow
from tests.theorems.subquadratic_training.oracles import costs, firing, widths
from tests.theorems.subquadratic_training.oracles_newton import LOOSE, energy
from verify.experiments.kit.slopes import median_interval

TIMES = Satisfies("seconds", lambda found, _: bool((found >= 1e-9).all() and (found < 1e9).all()))

# --- gradient descent ----------------------------------------------------------------------------


def steps(it):
    return range(it.configuration.steps)


def residual(it):
    return LOOSE([sqrt(sum((f - it.y) ** 2)) for f, *_ in it.descent[0]])


def share(layer):
    """Of neurons that fire in that layer, over the samples."""

    def curve(it):
        return [step[layer].mean() / it.configuration.width for step in firing(it, it.descent)]

    return curve


def of_descent(layers):
    layer = {f"panels/0/layer_{i + 1}": share(i) for i in range(layers)}
    return {"x": steps, "residual": residual, "panels/0/x": steps, **layer}


# --- costs ---------------------------------------------------------------------------------------


def law(it):
    (n, d), c = it.X.shape, it.configuration.sparsity
    return [n * (m * d + m**2 * norm.sf(sqrt(2 * c * log(m)))) for m in widths(it)]


def slope(name):
    def curve(it):
        rows = costs(it)[name]
        found = [np.polyfit(np.log(widths(it)), np.log(row), 1)[0] if row.all() else -np.inf
                 for row in rows]  # fmt: skip
        return LOOSE(median_interval(np.array(found)))

    return curve


def of_costs(panel):
    """With the times, which nothing foretells, in that panel."""
    found = {"sweep/x": widths, "sweep/law": law, f"panels/{panel}/x": widths}
    for name in ("dense", "sparse", "lazy"):
        found[f"sweep/{name}"] = lambda it, name=name: np.median(costs(it)[name], axis=0)
        found[f"sweep/details/{name}"] = slope(name)
    return found | {f"panels/{panel}/{name}": lambda it: TIMES for name in ("dense", "sparse")}


# --- Gauss-Newton --------------------------------------------------------------------------------


def shown(it):
    """The first network that has a certificate, and whether there is one."""
    m = it.configuration.width
    held = [i for i, row in enumerate(it.certificates) if row[4] <= row[3] * m]
    return (held[0], True) if held else (0, False)


def network(it, run=None):
    run = shown(it)[0] if run is None else run
    sizes = [sqrt(e @ e) for e, *_ in it.followed[1][run]]
    return Near(np.maximum(sizes, 1e-17), 1e-7, absolute=1e-13)


@lru_cache
def descents(it):
    """||e_t|| of gradient descent on every network, (runs, steps + 1)."""
    found, X, y = [], torch.tensor(it.X), torch.tensor(it.y)
    for W, a in it.followed[0]:
        sizes = []
        for _ in range(it.configuration.steps + 1):
            e, K, _ = gauss_newton(W, a, it.b_newton, X, it.y, 0)[0]
            sizes.append(sqrt(e @ e))
            here = W.clone().requires_grad_()
            loss = ((shallow(here, a, it.b_newton, X) - y) ** 2).sum() / 2
            W = W - torch.autograd.grad(loss, here)[0] / np.linalg.eigvalsh(K)[-1]
        found.append(sizes)
    return np.array(found)


def bound(it):
    """(ST5c)."""
    lam, _, e_0, nu, *_ = it.certificates[shown(it)[0]]
    q = nu * it.geometry["g"] / (lam - 2 * nu * it.geometry["g"])
    return LOOSE([max(q**t * e_0, 1e-17) for t in range(it.configuration.steps + 1)])


UNCERTIFIED = {
    "x": lambda it: range(it.configuration.steps + 1),
    "network": network,
    "descent": lambda it: LOOSE(np.maximum(descents(it).mean(axis=0), 1e-17)),
}
OF_NEWTON = UNCERTIFIED | {"bound": bound}


# --- sketches ------------------------------------------------------------------------------------

solved = lru_cache(energy)


def error(it, run=0):
    found = solved(it)["values"].value[:, run]
    return Near(np.maximum(found, 1e-17 * found[0]), 1e-7, absolute=1e-9 * found[0])


def at_most(it):
    gamma, first = solved(it)["symbols"]["gamma"].value[0, 0], error(it).value[0]
    times = range(len(it.X) + 1)
    return LOOSE([first * min(1.0, 2 * gamma**t) for t in times])


OF_SKETCH = {"x": lambda it: range(len(it.X) + 1), "energy": error, "bound": at_most}
