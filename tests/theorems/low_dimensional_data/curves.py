"""The curves of the pictures of data in a subspace, by hand."""

from dataclasses import replace
from functools import lru_cache, partial
from math import prod, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.low_dimensional_data.by_hand import relu_mean, square

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
GAPS = partial(Near, rtol=1e-7, gaps=True)


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


# --- regressions ---------------------------------------------------------------------------------


def levels(it):
    return [it.configuration.noise * 2.0**i for i in range(-3, 4)]


def rows(it):
    return [int(it.n * share) for share in (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)]


def crossover(at):
    """Of these (name, noise, rows): nothing where there is no law, and where no solution is one."""

    def free(it, n):
        return n - it.d - int(it.configuration.intercept)

    def measured(it):
        few, found = max(1, it.configuration.regressions // 20), []
        for x, s, n in at(it):
            unique = free(it, n) >= 0
            found.append(it.regressed(f"picture {x:g}", s, few, n).mean() if unique else np.nan)
        return GAPS(found)

    def law(it):
        tau = it.configuration.label_noise
        return GAPS([tau**2 * it.q / (s**2 * (free(it, n) - 1)) if free(it, n) > 1 else np.nan
                     for _, s, n in at(it)])  # fmt: skip

    return {
        "x": lambda it: [x for x, *_ in at(it)], "measured": measured, "law": law,
        "untrained": lambda it: [it.configuration.init_scale**2 * it.q] * len(at(it)),
    }  # fmt: skip


OF_NOISE = crossover(lambda it: [(s, s, it.n) for s in levels(it)])
OF_ROW_NUMBERS = crossover(lambda it: [(n, it.configuration.noise, n) for n in rows(it)])


# --- noisy rows ----------------------------------------------------------------------------------


def kept(it):
    """The mean over the networks of 1 - lost, where each is positive."""
    c, norm = it.configuration, np.linalg.norm(it.Xi, 2)
    first = np.array([net["first"] for net in it.speed])
    lost = c.step * norm * it.of_speed("residuals") * it.of_speed("a_max") / (it.n * first)
    return GAPS(np.where(lost < 1, 1 - lost, np.nan).mean(axis=1))


OF_SPEED = {
    "x": lambda it: it.speed_times,
    "kept": lambda it: LOOSE(it.of_speed("share").mean(axis=1)),
    "errors/kept": lambda it: LOOSE(it.of_speed("share").std(1, ddof=1) / sqrt(len(it.speed))),
    "bound": kept,
}


# --- chains --------------------------------------------------------------------------------------

LAYERS, NORMS = (2, 3, 4, 5), (0.5, 1.0, 2.0)


@lru_cache
def at_rest(it, norm):
    """One chain of every depth."""
    found = []
    for L in LAYERS:
        c = replace(it.configuration, layers=L, norm=norm, start=0.4, networks=1)
        found += type(it)(c, it.salt).settled(it.sizes[0])
    return np.array(found)


OF_CHAINS = {"x": lambda it: LAYERS}
for _norm in NORMS:
    OF_CHAINS |= {
        f"norm {_norm:g}": lambda it, norm=_norm: Near(at_rest(it, norm), 1e-7),
        f"law {_norm:g}": lambda it, norm=_norm: [norm ** ((L - 1) / L) for L in LAYERS],
        f"errors/norm {_norm:g}": lambda it: [0.0] * 4,
    }
