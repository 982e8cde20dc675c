"""The curves of the pictures of the criterion, by hand."""

from math import inf

import numpy as np

from tests.oracles import Near, Satisfies
from tests.theorems.descent_criterion import by_hand
from verify.experiments.kit.slopes import median_interval

MEASURED = "displacement", "defect", "fresh"
DEPTHS, WIDTHS = (1, 2, 4, 8), (1, 4, 16, 64)


def radii(it):
    """Of the first network, by criterion."""
    return {name: it.smallest_radius(it.nets[0], name) for name in ("integral", "ball")}


def radius(it):
    top = max(R for R in radii(it).values() if inf > R)
    return [1.2 * top * i / 239 for i in range(240)]


def lower_bound(it):
    return np.array([by_hand.profile(it.nets[0], it.X, r) for r in radius(it)])


def area(name):
    """Up to the radius of a criterion: below s, or as high as s there."""

    def row(it):
        R = radii(it)[name]
        height = by_hand.profile(it.nets[0], it.X, R) if name == "ball" else lower_bound(it)
        return np.where(np.array(radius(it)) <= R, height, 0.0)

    return row


def median_loss(which):
    return lambda it: np.median([both[which][1] for both in it.raced_both], axis=0)


def smallest_scales(shapes, criterion):
    """A* of networks of these widths: the criterion is met from there on, and hardly before.

    Sums by right end points ask for a little more than the integral, by midpoints here.
    """

    def meets(it, layers, A):
        name = f"widths {','.join(map(str, layers))}"
        best = max(it.reach(it.drawn(name, A, layers), points=32)[criterion])
        return (1 - it.configuration.epsilon) * best > it.E_0

    def test(it, found):
        each = zip(shapes(it.configuration.layers), found, strict=True)
        return all(meets(it, layers, 1.002 * A) and not meets(it, layers, 0.98 * A)
                   for layers, A in each)  # fmt: skip

    return lambda it: Satisfies(f"A* of the {criterion}", lambda found, _: test(it, found))


OF_PATHS = {
    "x": lambda it: range(it.K + 1),
    "loss": lambda it: Near(it.runs[0].loss, absolute=1e-13 * it.E_0**2),
    "law": lambda it: Near((it.runs[0].law ** 2).sum(1), absolute=1e-13 * it.E_0**2),
    "residual": lambda it: Near(np.sqrt(it.runs[0].loss), absolute=1e-13 * it.E_0),
}
OF_THE_INTEGRAL = {
    "panels/0/x": radius,
    "panels/0/s": lower_bound,
    "panels/0/integral": area("integral"),
}
OF_BOTH = OF_THE_INTEGRAL | {"panels/0/ball": area("ball")}
OF_RACES = {
    "panels/0/x": lambda it: range(it.configuration.race_steps + 1),
    "panels/0/this_start": median_loss(0),
    "panels/0/standard": median_loss(1),
    "panels/0/goal": lambda it: [1e-3] * (it.configuration.race_steps + 1),
    "panels/1/x": lambda it: DEPTHS,
    "panels/2/x": lambda it: WIDTHS,
}
for name in ("integral", "ball"):
    OF_RACES |= {
        f"panels/1/{name}": smallest_scales(lambda m: [m[:1] * H for H in DEPTHS], name),
        f"panels/2/{name}": smallest_scales(lambda m: [(k,) * len(m) for k in WIDTHS], name),
    }
OF_SWEEPS = {
    "sweep/x": lambda it: it.scales,
    **{f"sweep/{name}": lambda it, name=name: np.median(it.swept[name], axis=0)
       for name in MEASURED},
    **{f"sweep/details/{name}": lambda it, name=name: median_interval(it.slopes[name])
       for name in MEASURED},
}  # fmt: skip
OF_LINEAR_SWEEPS = OF_SWEEPS | {
    "sweep/fresh": lambda it: Satisfies(
        "rounding", lambda found, _: (found < 1e-14).all() and len(found) == len(it.scales)
    ),
    "sweep/details/fresh": lambda it: Satisfies(
        "of two slopes of rounding",
        lambda found, _: np.isfinite(found[0]) and list(found[1:]) == [-inf, inf],
    ),
}
"""Such a network is the regression, but for rounding."""
