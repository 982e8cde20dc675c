"""The curves of the pictures of trainable biases, by hand."""

from functools import lru_cache
from math import ceil, log, nan, sqrt

import numpy as np
import torch

from tests.oracles import Near
from tests.theorems.trainable_biases.by_hand import Q
from tests.theorems.trainable_biases.oracles import CLOSE, bounds, distances, followed, of_nets
from verify.experiments.kit.slopes import median_interval

BIASES = [0.0, 0.5, 1.0, 1.5, 2.0]
GRID = [3 * i / 8 for i in range(9)]


def standard_error(rows):
    """Of means over rows; 0 for one."""
    return np.std(rows, axis=0, ddof=1) / sqrt(len(rows)) if len(rows) > 1 else 0.0 * rows[0]


# --- paths ---------------------------------------------------------------------------------------


def residuals(it):
    return np.linalg.norm(of_nets(it, "e"), axis=-1)


@lru_cache
def trained(it, B):
    """||e_k|| and the share of active neurons (steps + 1, n) of the network of this bias."""
    (net,) = it.other(bias=B).nets("picture", 1, it.c.width)
    mu, sizes, shares = np.linalg.eigvalsh(net.kernel(it.X)), [], []
    for _ in net.descend(it.X, it.y, it.c.step / mu[-1] if mu[-1] else 1.0, it.c.steps):
        with torch.no_grad():
            sizes.append(np.linalg.norm(net(torch.tensor(it.X)).numpy() - it.y))
            shares.append((net.seen(it.X) > 0).double().mean(dim=1).numpy())
    return mu, sizes, np.array(shares)


def shares(it, B):
    """At the steps that are looked at, (n, steps)."""
    return trained(it, B)[2][followed(it)[0]["k"]].T


def needed(it, B):
    _, sizes, _ = trained(it, B)
    few = [k for k, size in enumerate(sizes) if size <= it.c.reduction * sizes[0]]
    return few[0] if few else it.c.steps + 1


def foretold(it, mu):
    """(TB6)."""
    if mu[0] <= 1e-13 * mu[-1]:
        return nan
    if mu[0] == mu[-1]:
        return 1
    return max(1, ceil(log(1 / it.c.reduction) / -log(1 - mu[0] / mu[-1])))


def over_biases(value):
    return lambda it: Near(np.array([float(value(it, B)) for B in BIASES]), gaps=True)


def of_paths(first):
    """The panels are the first, and the next."""
    active, speed, looked_at = (
        f"panels/{first}",
        f"panels/{first + 1}",
        lambda it: followed(it)[0]["k"],
    )
    found = {
        "x": looked_at, f"{active}/x": looked_at, f"{speed}/x": lambda it: BIASES,
        "residual": lambda it: CLOSE(residuals(it).mean(axis=0)),
        "errors/residual": lambda it: Near(standard_error(residuals(it)), 1e-6, absolute=1e-12),
        f"{speed}/steps": over_biases(needed),
        f"{speed}/law": over_biases(lambda it, B: foretold(it, trained(it, B)[0])),
        f"{speed}/limit": over_biases(
            lambda it, B: foretold(it, np.linalg.eigvalsh(it.other(bias=B).H))
        ),
    }  # fmt: skip
    for B in BIASES:
        found[f"{active}/B = {B:g}"] = lambda it, B=B: shares(it, B).mean(axis=0)
        found[f"{active}/errors/B = {B:g}"] = lambda it, B=B: Near(
            standard_error(shares(it, B)), 1e-9, absolute=1e-15
        )
    return found


# --- the least eigenvalue ------------------------------------------------------------------------


def lower_bound(name, it):
    """(TB2)."""
    at, n, top = bounds(it), it.n, it.c.terms
    c, total = at["c"].value, (1 + it.tau) * float(Q(it.c.bias))
    w = [it.tau * c[k + 1] ** 2 + c[k] ** 2 for k in range(top + 1)]
    if name == "circles":
        return total - at["R_B"].value
    circles = [max(0.0, 1 - row) for row in at["rows"]]
    of_pairs = [max(0.0, 1 - (n - 1) * at["s"] ** k) for k in range(top + 2)]
    shares = {"schur": [*at["lambda_k"].value, circles[-1]], "rows": circles,
              "separation": of_pairs}  # fmt: skip
    return np.dot([*w, total - sum(w)], shares[name])


def positive(value):
    """Where it is."""

    def curve(it):
        found = np.array([value(it.other(bias=B)) for B in GRID])
        return Near(np.where(found > 0, found, np.nan), 1e-8, gaps=True)

    return curve


OF_KERNEL = {
    "panels/0/x": lambda it: GRID,
    "panels/0/least": positive(lambda it: it.lambda_B),
    **{f"panels/0/{name}": positive(lambda it, name=name: lower_bound(name, it))
       for name in ("schur", "rows", "separation", "circles")},
}  # fmt: skip


# --- the sweep -----------------------------------------------------------------------------------


def slopes(it):
    widths, means = distances(it)
    return np.polyfit(np.log(widths), np.log(means), 1)[0]


OF_SWEEP = {
    "sweep/x": lambda it: distances(it)[0],
    "sweep/distance": lambda it: CLOSE(np.median(distances(it)[1], axis=1)),
    "sweep/details/distance": lambda it: CLOSE(median_interval(slopes(it))),
}
