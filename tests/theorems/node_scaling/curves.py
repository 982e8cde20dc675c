"""The curves of the pictures of node scalings, by hand."""

from math import exp, sqrt

import numpy as np

from tests.oracles import Near, Satisfies
from tests.theorems.node_scaling.oracles import STEPS
from tests.verify.training.gradient_descent import by_hand
from verify.experiments.kit.slopes import median_interval


def certified(it):
    """exp(-2 gamma mu t) ||y||^2 of the first network."""
    first, gamma = it.certificates[0], it.configuration.gamma
    mu = first["lambda"] - 2 * first["nu"] * it.at["g"]
    return Near([exp(-2 * gamma * mu * t) * it.at["y_sq"] for t in it.t], 1e-7)


def small(it):
    """What integration adds: nothing to speak of."""
    limit = 1e-6 * it.losses.max()
    return Satisfies("small", lambda found, _: bool(((found >= 0) & (found <= limit)).all()))


def error(it):
    """Of a mean of losses that are known up to a share STEPS."""
    found = it.losses.std(0, ddof=1) / sqrt(len(it.losses))
    return Near(found, STEPS, absolute=STEPS * it.losses.max())


OF_FLOW = {
    "x": lambda it: it.t,
    "mean_loss": lambda it: Near(it.losses.mean(0), STEPS),
    "errors/mean_loss": error,
    "bound_at_m_star": lambda it: Near(it.bound("convergence"), 1e-8),
    "certificate_of_the_first_trial": certified,
    "details/integration_error": small,
}
OF_SWEEPS = {
    "sweep/x": lambda it: it.widths,
    **{f"sweep/{name}": lambda it, name=name: Near(np.median(it.swept[name], axis=0), 1e-7)
       for name in ("distance", "kernel")},
    **{f"sweep/details/{name}": lambda it, name=name: Near(median_interval(it.slopes[name]), 1e-6)
       for name in ("distance", "kernel")},
}  # fmt: skip


def descended(it):
    """Losses of gradient descent, (trials, steps)."""
    return np.array([by_hand.squares(run.outputs, it.y) for run in it.descents])


OF_DESCENT = {
    "x": lambda it: range(it.configuration.steps + 1),
    "mean_loss": lambda it: Near(descended(it).mean(axis=0), 1e-8),
}
