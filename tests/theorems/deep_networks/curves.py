"""The curves of the pictures of deep networks, by hand."""

import numpy as np
from scipy.linalg import expm

from tests.oracles import Near
from tests.theorems.deep_networks.paths import CLOSE
from tests.theorems.deep_networks.sweeps import OF_DEPTH, WIDTHS, slope
from verify.experiments.kit.slopes import median_interval


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
OF_FEW_PATHS = OF_PATHS | {
    "majorant": lambda it: Near(it.parabolas[0], absolute=1e-10 * it.y_norm, **CLOSE)
}
"""Where the residual is not what a claim bounds."""


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


# --- sweeps --------------------------------------------------------------------------------------

OF_WIDTHS = {"sweep/x": lambda it: it.widths}
for _name in WIDTHS:
    _short = _name.removeprefix("slope_of_")
    OF_WIDTHS |= {
        f"sweep/{_short}": lambda it, n=_name: Near(np.median(it.in_width(n), axis=0), **CLOSE),
        f"sweep/details/{_short}": lambda it, n=_name: Near(
            median_interval(it.width_slopes(n)), **CLOSE
        ),
    }


def defects(architecture):
    """Medians over the sweeps."""
    return lambda it: Near(np.median(it.defects_in_depth(architecture), axis=0), **CLOSE)


def falls(architecture):
    """Slopes of the defects in log H."""

    def interval(it):
        rows = it.defects_in_depth(architecture)
        return Near(median_interval([slope(np.log(it.depths), row) for row in rows]), **CLOSE)

    return interval


def of_depths(names):
    """Of these slopes; those in H itself, of what is exponential, are not written."""
    found = {"sweep/x": lambda it: it.depths, "panels/0/x": lambda it: it.depths}
    for name in names:
        short = name.removeprefix("slope_of_")
        found[f"sweep/{short}"] = lambda it, n=name: Near(
            np.median(it.in_depth(n), axis=0), **CLOSE
        )
        if OF_DEPTH[name][3]:
            found[f"sweep/details/{short}"] = lambda it, n=name: Near(
                median_interval(it.depth_slopes(n)), **CLOSE
            )
    for architecture in ("fc", "resnet"):
        found[f"panels/0/{architecture}_defect"] = defects(architecture)
        found[f"panels/0/details/{architecture}_defect"] = falls(architecture)
    return found
