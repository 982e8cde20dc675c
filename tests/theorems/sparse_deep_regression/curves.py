"""The curves of the pictures of sparse deep regression, by hand."""

from math import inf

import numpy as np

from tests.oracles import Near
from tests.theorems.sparse_deep_regression.by_hand import mult
from tests.theorems.sparse_deep_regression.by_hand_wavelets import least_haar_risk_of_mean
from tests.theorems.sparse_deep_regression.oracles_wavelets import haar_risks, sieve_risks, sizes

CELLS, INNER = 10, 12
MIDDLES = [(i + 0.5) / CELLS for i in range(CELLS)]
"""Of the cells of the unit square; so many points along a side of each."""


def errors_near(y):
    """Mean error of a product in the cells along a row, in units of its supremum 4^-(m+1)."""

    def row(it):
        m, found = min(it.configuration.m, 2), []
        for x in MIDDLES:
            inner = [((i + 0.5) / INNER - 0.5) / CELLS for i in range(INNER)]
            a, b = np.array([(x + one, y + other) for one in inner for other in inner]).T
            found.append(np.mean(abs(mult(m, a, b) - a * b)) * 4 ** (m + 1))
        return found

    return row


OF_PRODUCTS = {
    "x": lambda it: MIDDLES,
    "heights": lambda it: MIDDLES,
    **{f"y_{at}": errors_near(y) for at, y in enumerate(MIDDLES)},
}


def network(it, d):
    """Medians over the sweeps: all of them in the dimension of the options, else nine at most."""
    c = it.configuration
    sweeps = c.sweeps if d == c.variables else min(9, c.sweeps)
    return np.median(sieve_risks(it, d, sweeps), axis=0)


def haar(it, d):
    c = it.configuration
    if d == 1:
        return haar_risks(it)
    return [least_haar_risk_of_mean(d, c.alpha, c.noise**2 / n) for n in sizes(it)]


def of_rates(d):
    found = {"x": sizes}
    for name, risks in {"network": network, "haar": haar}.items():
        found[name] = lambda it, risks=risks: Near(risks(it, d), 1e-7)
        found[f"details/{name}"] = lambda it, risks=risks: Near(
            [np.polyfit(np.log(sizes(it)), np.log(risks(it, d)), 1)[0], -inf, inf], 1e-6
        )
    return found


def panels(*found):
    """In this order."""
    return {f"panels/{i}/{name}": curve for i, panel in enumerate(found)
            for name, curve in panel.items()}  # fmt: skip
