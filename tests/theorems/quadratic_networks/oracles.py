"""Oracles of quadratic and smooth networks."""

from functools import lru_cache

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.quadratic_networks import oracles_quadratic as quadratic
from tests.theorems.quadratic_networks import oracles_smooth as smooth
from tests.theorems.quadratic_networks.by_hand import Ingredients, largest
from tests.theorems.quadratic_networks.oracles_quadratic import CLOSE


def option(name):
    return lambda it: getattr(it.configuration, name)


def trace(sign):
    return lambda it: sum(max(0.0, sign * x) for x in np.linalg.eigvalsh(it.quadratic.best))


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: it.quadratic.n,
        "d": lambda it: it.quadratic.d,
        "k": lambda it: len(it.v),
        "k_plus": option("positive"),
        "k_minus": option("negative"),
        "c": option("output"),
        "q": option("q"),
        "delta": option("delta"),
        "b_0": lambda it: it.least_slope,
        "v_plus": lambda it: min(float(a) for a in it.v if a > 0),
        "v_minus": lambda it: min(-float(a) for a in it.v if a < 0),
        "uneven": lambda it: float(it.v.abs().max() / it.v.abs().min()) - 1,
        "trace_plus": lambda it: Near(trace(1)(it), CLOSE),
        "trace_minus": lambda it: Near(trace(-1)(it), CLOSE),
        "norm_M": lambda it: Near(largest(it.quadratic.best), CLOSE),
        "t_min": lambda it: Near(it.quadratic.spectrum[0], CLOSE),
        "t_max": lambda it: it.quadratic.spectrum[1],
    },
    samples={
        **{name: getattr(quadratic, name) for name in
           ("gap", "global_gap", "drift", "size", "least", "moments", "gap_here", "curvature",
            "flow_gap", "explained", "minimum", "gained")},
        **{name: getattr(smooth, name) for name in
           ("error", "path", "planted_loss", "discriminant")},
        "rank_of_square": smooth.ranks("square"), "rank_of_smooth": smooth.ranks("smooth"),
        "wide_kernel": smooth.event("kernel"), "wide_rate": smooth.event("below"),
    },
)  # fmt: skip
