"""The curves of the pictures of one neuron, by hand."""

from functools import partial
from math import cos, pi, sin, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.single_neuron.by_hand import descended, unit
from tests.theorems.single_neuron.oracles import risks, slopes, stationary
from verify.experiments.kit.slopes import median_interval

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
ANGLES = [pi * i / 12 for i in range(13)]


def far(at):
    """Distances from w* of the path number `at`."""
    return lambda it: LOOSE([sqrt(sum((w - it.star) ** 2)) for w in it.path[:, at]])


def ends(norm):
    """F over F(0) after descent from that norm, by angle in the plane of w* and another."""

    def row(it):
        aside = unit(it.rng("basin"), len(it.star))
        aside = aside - (aside @ it.star) / it.b**2 * it.star
        aside = 0 * aside if len(aside) == 1 else aside / sqrt(aside @ aside) * it.b
        starts = np.array([norm * (cos(t) * it.star + sin(t) * aside) for t in ANGLES])
        c = it.configuration
        last = descended(it.X, it.y, starts, c.step, c.steps)[-1]
        return LOOSE(risks(it, last) / (it.y @ it.y / len(it.y)))

    return row


def noises(it):
    c = it.configuration
    return [c.calm * (c.loud / c.calm) ** (i / 15) for i in range(16)]


def worst_made(it):
    *_, opt, risk = stationary(it)
    return LOOSE((risk / opt).reshape(16, -1).max(1))


def intervals(it, name):
    return median_interval(np.array(slopes(it)[name][1]))


OF_PATHS = {
    "x": lambda it: range(it.configuration.steps + 1),
    **{name: far(at) for at, name in enumerate(("distance", "warm", "behind"))},
    "panels/0/x": lambda it: ANGLES,
    **{f"panels/0/norm {norm}": ends(norm) for norm in (0.1, 0.5, 1.5)},
}  # fmt: skip
OF_CONSTANTS = {
    "panels/1/x": noises,
    "panels/1/constant": lambda it: LOOSE(stationary(it)[1].reshape(16, -1)[:, 0]),
    "panels/1/found": worst_made,
    "panels/1/four": lambda it: np.full(16, 4.0),
}
OF_SWEEPS = {
    "sweep/x": lambda it: slopes(it)["adversary"][0],
    **{f"sweep/{name}": lambda it, name=name: LOOSE(np.median(slopes(it)[name][2], axis=0))
       for name in ("independent", "adversary")},
    **{f"sweep/details/{name}": lambda it, name=name: LOOSE(intervals(it, name))
       for name in ("independent", "adversary")},
}  # fmt: skip
