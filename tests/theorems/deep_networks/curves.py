"""The curves of the pictures of deep networks under a certificate, by hand."""

import numpy as np
from scipy.linalg import expm

from tests.oracles import Near
from tests.theorems.deep_networks.paths import CLOSE


def first_law(it):
    """||(I - eta G_0)^k y|| of the first network, step by step."""
    _, at, _ = it.certified[0]
    J = it.paths[0][2][0]
    e, found = np.array(it.y), []
    for _ in range(it.configuration.steps + 1):
        found.append(np.linalg.norm(e))
        e = e - at["eta"] * J @ (J.T @ e)
    return Near(found, absolute=1e-10 * it.y_norm, **CLOSE)


OF_PATHS = {
    "x": lambda it: range(it.configuration.steps + 1),
    "residual": lambda it: Near(it.E[0], absolute=1e-10 * it.y_norm, **CLOSE),
    "linear_law": first_law,
}


def flowing(it):
    """||e|| of the first network at the looks."""
    _, E, _, _ = it.flows[0]
    return Near(np.linalg.norm(E, axis=1), absolute=1e-10 * it.y_norm, **CLOSE)


def flowing_law(it):
    _, _, J, _ = it.flows[0]
    laws = [expm(-J[0] @ J[0].T * t) @ it.y for t in (0.0, *it.times[0])]
    return Near(np.linalg.norm(laws, axis=1), absolute=1e-10 * it.y_norm, **CLOSE)


OF_FLOW = {
    "panels/0/x": lambda it: [0, *it.looks],
    "panels/0/residual": flowing,
    "panels/0/linear_law": flowing_law,
    "panels/0/majorant": lambda it: Near(
        [it.y_norm, *it.parabolas_of_flow[0]], absolute=1e-10 * it.y_norm, **CLOSE
    ),
}
"""The majorant is what the parabola attains."""
