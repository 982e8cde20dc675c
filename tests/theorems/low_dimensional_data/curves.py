"""The curves of the pictures of data in a subspace, by hand."""

from functools import partial
from math import prod, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.low_dimensional_data.by_hand import relu_mean, square

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


def gradients(it):
    """||N^T grad f||^2 at the first input: (times, networks)."""
    return it.at_times(lambda at: square(at["across"][0]))


def law(it):
    """q sigma^2 f_t^2 ||J_t||^2, the mean over the networks."""
    c, means = it.configuration, it.at_times(lambda at: square(at["J"][0])).mean(1)
    kept = [prod(1 - rate * c.weight_decay for rate in it.rates[:t]) for t in it.times]
    return LOOSE(it.q * (c.init_scale * np.array(kept)) ** 2 * means)


OF_NETWORKS = {
    "x": lambda it: it.times,
    "measured": lambda it: LOOSE(gradients(it).mean(1)),
    "errors/measured": lambda it: LOOSE(gradients(it).std(1, ddof=1) / sqrt(len(it.networks))),
    "law": law,
}


def off(it):
    """f off the subspace (distances, redraws), and its means."""
    _, _, a, shift, decay = it.one
    radius = it.configuration.init_scale * decay * it.s
    means = [sum(w * relu_mean(z, far) for w, z in zip(a, it.z, strict=True)) + shift
             for far in radius]  # fmt: skip
    return it.hidden @ a + shift, np.array(means)


def band(it):
    f, means = off(it)
    return np.sqrt(((f - means[:, None]) ** 2).mean(1))


OF_DISTANCES = {
    "x": lambda it: it.s,
    "measured": lambda it: LOOSE(abs(off(it)[0].mean(1))),
    "errors/measured": lambda it: LOOSE(off(it)[0].std(1) / sqrt(it.configuration.redraws)),
    "mean": lambda it: LOOSE(abs(off(it)[1])),
    "band": lambda it: LOOSE(band(it)),
    "errors/band": lambda it: LOOSE(band(it) / sqrt(2 * it.configuration.redraws)),
}
