"""The curves of the pictures of coupled initialisation, by hand."""

from math import sqrt

import numpy as np

from tests.oracles import Near
from verify.experiments.kit.slopes import median_interval


def path_of(values, steps, bound):
    """Of the picture of a training: the mean with its error, the first path, the bound."""
    return {
        "x": steps,
        "mean_loss": lambda it: Near(values(it).mean(0), 1e-8),
        "first_trial": lambda it: Near(values(it)[0], 1e-8, 1e-9),
        "bound_at_N_star": lambda it: Near(it.bounds[bound][1], 1e-8),
        "errors/mean_loss": lambda it: Near(
            values(it).std(0, ddof=1) / sqrt(len(values(it))), 1e-6, absolute=1e-12
        ),
    }


OF_LOSSES = path_of(lambda it: it.losses, lambda it: np.arange(it.squared["K"] + 1), "convergence")
OF_SQUARED = {
    **OF_LOSSES,
    "sweep/x": lambda it: it.widths,
    "sweep/deviation": lambda it: Near(np.median(it.deviations, axis=0), 1e-7),
    "sweep/details/deviation": lambda it: Near(median_interval(it.slopes), 1e-6),
}
OF_LOGISTIC = path_of(
    lambda it: it.risks[:, 1:], lambda it: np.arange(1, it.logistic["K"] + 1), "logistic"
)
"""Curves of pictures, by place."""
