"""The curves of the pictures of network identification, by hand."""

from functools import lru_cache

import numpy as np
import torch

from tests.oracles import Near
from tests.theorems.network_identification.by_hand import (
    SHAPES,
    height,
    iterate,
    projection,
)
from tests.theorems.network_identification.oracles import CLOSE, pipeline

GRID = [10 ** (-3.5 + i / 4) for i in range(15)]


@lru_cache
def fourth(activation):
    """max |g''''|, on a grid."""
    z = torch.linspace(-4, 4, 80_001, dtype=torch.float64, requires_grad=True)
    found = SHAPES[activation](z)
    for _ in range(4):
        (found,) = torch.autograd.grad(found.sum(), z, create_graph=True)
    return float(abs(found.detach()).max())


@lru_cache
def by_step(it):
    """Error of a Hessian, what bounds it, sine of the span, and s_m: (steps, networks, 4)."""
    c, rows = it.configuration, []
    for eps in GRID:
        row = []
        groups = zip(it.nets, it.X, it.H, it.noise("picture", c.N), it.spread, strict=True)
        for net, X, H, noise, S in groups:
            near = [net.differences(x, eps, n) for x, n in zip(X, noise, strict=True)]
            P, s = projection(near, c.neurons)
            error = max(np.linalg.norm(A - B) for A, B in zip(near, H, strict=True))
            bound = eps**2 * fourth(c.activation) / 6 * S + c.dimension * c.noise / eps**2
            sine = np.linalg.norm(P - projection(net.squares, c.neurons)[0], 2)
            row.append((error, bound, sine, s[c.neurons - 1]))
        rows.append(row)
    return np.array(rows)


def median(of):
    """Over the networks, but for rounding, which small steps enlarge; sines by 1/s_m."""

    def curve(it):
        found = by_step(it)
        lost = 3e-15 / np.array(GRID) ** 2
        if of == 2:
            lost = lost / found[..., 3].min(1)
        return Near(np.median(found[..., of], axis=1), CLOSE, absolute=lost)

    return curve


OF_DIFFERENCES = {
    "x": lambda it: GRID, "error": median(0), "bound": median(1), "sine": median(2),
}  # fmt: skip


def numbers(it):
    """Of weights: twelve up to T, and around the threshold; none."""
    D = it.configuration.sweep_dimension
    T, edge = D * (D + 1) // 2, D * (D - 1) // 2 + 1
    return sorted({0, edge - 1, edge, *(int(1 + i * (T - 1) / 11) for i in range(12))})


def stands(P, x):
    """Where the iteration ends."""
    for _ in range(500):
        before, (x, _) = x, iterate(P, x, 0.5)
        if abs(x - before).max() < 1e-10:
            break
    return x


@lru_cache
def shares(it):
    """Of weights that are found, and of ends as high that are none: (numbers, 2)."""
    c, rows = it.configuration, [(1.0, 0.0)]
    for m in numbers(it)[1:]:
        rng = it.rng(f"shares {m}")
        weights = it.unit(rng, 4, m, c.sweep_dimension)
        starts = it.unit(rng, 4, 5 * m + 10, c.sweep_dimension)
        found, spurious = [], []
        for W, begin in zip(weights, starts, strict=True):
            P, _ = projection([np.outer(w, w) for w in W], m)
            ends = [stands(P, x) for x in begin]
            near = np.array([
                [np.linalg.norm(x - (x @ w) * w) < c.accuracy for w in W] for x in ends
            ])  # fmt: skip
            found += near.any(0).tolist()
            spurious += [height(P, x) > 0.999 and not at.any()
                         for x, at in zip(ends, near, strict=True)]  # fmt: skip
        rows.append((np.mean(found), np.mean(spurious)))
    return np.array(rows)


def beyond(it):
    D = it.configuration.sweep_dimension
    return [float(m > D * (D - 1) / 2) for m in numbers(it)]


OF_SHARES = {
    "x": lambda it: [m / it.configuration.sweep_dimension**2 for m in numbers(it)],
    "found": lambda it: shares(it)[:, 0],
    "spurious": lambda it: shares(it)[:, 1],
    "threshold": beyond,
}
OF_DESCENT = {
    "x": lambda it: range(it.configuration.steps + 1),
    "exact": lambda it: Near(np.median(it.ways(it.exact_fits), axis=1), CLOSE),
    "turned": lambda it: Near(np.median(it.ways(it.turned_fits), axis=1), CLOSE),
}


def largest_error(of):
    return lambda it: Near(np.median(pipeline(it)[0][:, :, of], axis=1), 1e-6)


OF_PIPELINE = {
    "x": lambda it: np.geomspace(it.configuration.narrowest, it.configuration.widest,
                                 it.configuration.sizes),
    "weights": largest_error(0),
    "biases": largest_error(1),
}  # fmt: skip


def panel(curves, at=0):
    return {f"panels/{at}/{name}": curve for name, curve in curves.items()}
