"""The curves of the pictures of networks on a line, by hand."""

from math import exp, pi, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.one_dimensional_inconsistency.oracles_odds import ROUGH, Law, shares, sizes

CLOSE = 1e-8
FURTHER = (0.0, 0.01, 0.1)
"""Offsets, beside that of the options."""


def most_ready(it):
    """The six neurons of the first network with the largest |w/a| at the start, in this order."""
    a, _, w = it.starts[0]
    return sorted(range(len(a)), key=lambda i: -abs(w[i] / a[i]))[:6]


def kink(it, neuron):
    """|b/a| of a neuron of the first network, from a millionth of xi to 1000 times the data."""
    top = 1e3 * max(map(abs, it.x))
    found = []
    for t in it.t:
        a, b, *_ = (abs(p) for p in it.ways[0][t])
        found.append(min(max(b[neuron] / a[neuron], 1e-6 * it.xi), top) if a[neuron] else top)
    return Near(np.array(found), CLOSE, 1e-9)


def of_paths(it):
    kinks = {f"kink {rank}": lambda it, i=i: kink(it, i)
             for rank, i in enumerate(most_ready(it), 1)}  # fmt: skip
    return {"x": lambda it: it.t, "point": lambda it: [it.xi] * len(it.t), **kinks}


def crosses(it, more):
    """Shares that cross at every width, at most 400 networks each drawn 8 times at most."""
    c = it.configuration
    if not more:
        return 1 - shares(it, "width", lambda m: 0.0).mean(1)
    count, copies, name = min(400, c.trials), min(8, c.copies), f"offset {c.offset + more:g}"
    return [1 - it.stays(f"{name}, {m}", count, int(m), more, copies).mean() for m in sizes(it)]


def predicted(it, more):
    law, tau = Law(it), it.configuration.horizon
    C, drift = law.reach(tau).sum() / (2 * pi), sum(law.drift(tau))
    drawn = abs(it.configuration.offset + more) * drift / (pi * law.xi)
    return Near([1 - exp(-C / sqrt(m) - sqrt(m) * drawn) for m in sizes(it)], ROUGH)


def of_odds(it):
    found = {"sweep/x": sizes}
    for more in FURTHER:
        offset = f"{it.configuration.offset + more:g}"
        found[f"sweep/offset {offset}"] = lambda it, more=more: crosses(it, more)
        found[f"sweep/law {offset}"] = lambda it, more=more: predicted(it, more)
    return found
