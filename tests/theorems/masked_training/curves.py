"""The curves of the pictures of masked training, by hand."""

from math import sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.masked_training.oracles import ORACLES, mean_squares


def error_of_the_mean(it):
    """Of the losses of the test seeds."""
    return [sqrt(sum((row - sum(row) / len(row)) ** 2) / (len(row) - 1) / len(row))
            for row in it.losses]  # fmt: skip


def limit_law(it):
    """Of the loss; no number where neurons that change sides are so few that it is not claimed."""
    c = it.configuration
    if ORACLES.symbols["excess"](it) > 1 / it.start.n:
        return Near(np.full(c.rounds + 1, np.nan), gaps=True)
    return mean_squares(it.start, it.zeta, c.local_steps, it.moments, c.rounds)


def inside_rounds(it):
    """Positions in rounds and mean losses: after sampling, local steps, and aggregation."""
    steps, tests = it.configuration.local_steps, len(it.tests)
    local = [sum(run.local_loss(t) for run in it.tests) / tests for t in range(steps + 1)]
    x, y = [0.0], [sum(it.losses[0]) / tests]
    for k in range(it.configuration.rounds):
        for t in range(steps + 1):
            x.append(k + 0.9 * t / steps)
            y.append(local[t][k])
        x.append(k + 1)
        y.append(sum(it.losses[k + 1]) / tests)
    return x, y


OF_ONE_SEED = {
    "x": lambda it: range(it.configuration.rounds + 1),
    "mean_loss": lambda it: [sum(row) / len(row) for row in it.losses],
    "limit_law": limit_law,
    "details/good_event": lambda it: [sum(row) / len(row) for row in it.good.T],
    "within/x": lambda it: inside_rounds(it)[0],
    "within/sawtooth_loss": lambda it: inside_rounds(it)[1],
}
OF_SEEDS = {**OF_ONE_SEED, "errors/mean_loss": error_of_the_mean}
