"""The curves of the pictures of random feedback, by hand."""

from dataclasses import replace
from functools import lru_cache
from math import log10, sqrt

import numpy as np
from scipy.stats import beta

from tests.oracles import Near
from tests.theorems.factorisation_feedback import by_hand
from tests.theorems.factorisation_feedback import oracles_drawn as drawn
from tests.theorems.factorisation_feedback.by_hand import frobenius
from tests.theorems.factorisation_feedback.ingredients import Ingredients
from verify.judging.seeds import numpy_generator

NAN = float("nan")


def error_of_the_mean(rows):
    return np.std(rows, axis=1, ddof=1) / sqrt(len(rows[0]))


# --- the end of training ---


def by_units(of):
    """For r = 1, 2, ..., nothing where it is 0."""

    def curve(it):
        found = [of(it, r) for r in range(1, it.configuration.largest_rank + 1)]
        seen = [x if x > 1e-9 * frobenius(it.Y) else NAN for x in found]
        return Near(seen, 1e-8, gaps=True)

    return curve


def best(it):
    """||Y|| less its r largest singular values, r = 1, 2, ..."""
    squares = np.linalg.svd(it.Y, compute_uv=False) ** 2
    return [sqrt(sum(squares[r:])) for r in range(1, it.configuration.largest_rank + 1)]


OF_ENDS = {
    "x": lambda it: range(1, it.configuration.largest_rank + 1),
    "feedback": by_units(lambda it, r: frobenius(it.ends[r - 1][0].R[-1])),
    "best": by_units(lambda it, r: best(it)[r - 1]),
}
OF_ENDS_OF_DESCENT = {
    "x": OF_ENDS["x"], "best": OF_ENDS["best"], "gradient-descent": OF_ENDS["feedback"],
    "floor": by_units(lambda it, r: sqrt(by_hand.left(it.Y, it.drawn[1][:r]))),
}  # fmt: skip

# --- paths ---


def steps(it):
    return range(it.configuration.steps + 1)


def squared_errors(it):
    return [frobenius(R) ** 2 for R in it.path.R]


def of_the_other_rule(it):
    """From a Gaussian start where gradient descent would not leave 0."""
    c = it.configuration
    rule = "feedback" if it.gradient else "gradient-descent"
    start = "gaussian" if c.start == "zero" else c.start
    return squared_errors(Ingredients(replace(c, rule=rule, start=start), it.salt))


def updates(it):
    return np.sqrt(it.path.D_sq())


def slowest(it):
    return [min(it.path.D_sq()[:t]) for t in steps(it)[1:]]


OF_FLOW = {
    "flow_squared_error": lambda it: Near([frobenius(R) ** 2 for R in it.flow.R], 1e-8, 1e-9),
    "flow_update": lambda it: Near(it.flow.D_sq(), 1e-8, 1e-9),
}
OF_PATHS = {
    "update": {"x": steps, "feedback": updates},
    "slowest": {"x": lambda it: steps(it)[1:], "feedback": slowest},
    "star_update": {
        "x": lambda it: steps(it)[1:], "feedback": lambda it: np.sqrt(it.star[0].D_sq())[1:],
    },
    **{name: {"x": lambda it: it.times, "feedback": curve} for name, curve in OF_FLOW.items()},
}  # fmt: skip

# --- panels ---


def cosines(C, Z):
    """|cos(C^T, Z)|, nothing where Z = 0."""
    return [abs(np.sum(C.T * z)) / frobenius(C) / frobenius(z) if z.any() else NAN for z in Z]


def from_gaussian_starts(it):
    c, r = it.configuration, it.configuration.hidden
    _, _, eta = it.start(r)
    found = []
    for i in range(8):
        rng = numpy_generator("factorisation", f"panel {i}", r, it.salt)
        Z = c.start_scale * rng.normal(size=(len(it.Y), r))
        W = c.start_scale * rng.normal(size=(r, it.Y.shape[1]))
        path = by_hand.feedback(it.Y, it.C, Z, W, eta, c.steps)
        found.append(cosines(it.C, [Z for Z, _ in path]))
    return np.mean(found, axis=0)


OF_ALIGNMENT = {
    "x": steps,
    "inner": lambda it: Near([abs(np.trace(it.C @ Z)) for Z in it.path.Z], absolute=1e-13),
    "cosine": lambda it: Near(cosines(it.C, it.path.Z), absolute=1e-13, gaps=True),
}
OF_ALIGNMENT_FROM_ZERO = OF_ALIGNMENT | {"random": from_gaussian_starts}
OWN_TIMES = np.linspace(0.1, 6, 60)


def of_modes(count):
    """Every mode is phi of its own time."""
    names = ["phi", *(f"mode {i}" for i in range(1, count + 1))]
    phi = lru_cache(lambda: Near([by_hand.phi(tau) for tau in OWN_TIMES], 1e-7))
    return {"x": lambda it: OWN_TIMES, **{name: lambda it: phi() for name in names}}


# --- draws ---


def units(it):
    """Of the feedback that is drawn, from two on."""
    return range(2, max(2, it.configuration.largest_rank) + 1)


@lru_cache
def ratios(it, name):
    """What feedback leaves over the best of rank r, by draw, for a spectrum of that name."""
    N = it.configuration.size
    sigma = {"power": [1 / (i + 1) for i in range(N)], "geometric": [0.7**i for i in range(N)],
             "flat": [1.0] * N, "spiked": [1.0] + [0.1] * (N - 1)}[name]  # fmt: skip
    C = drawn.gaussian(it, f"mean of {name}", units(it)[-1], N)
    return [
        [by_hand.left(np.diag(sigma), each[:r]) / sum(x * x for x in sigma[r:]) for each in C]
        for r in units(it)
    ]


SPECTRA = ("power", "geometric", "flat", "spiked")
OF_SPECTRA = {"x": units} | {
    name: lambda it, name=name: np.mean(ratios(it, name), axis=1) for name in SPECTRA
}
OF_SPECTRA |= {
    f"errors/{name}": lambda it, name=name: Near(error_of_the_mean(ratios(it, name)),
                                                 absolute=1e-13)
    for name in SPECTRA
}  # fmt: skip
OF_MEANS = {
    "x": units,
    "error": lambda it: np.mean(drawn.drawn_error(it)["values"].value, axis=1),
    "errors/error": lambda it: error_of_the_mean(drawn.drawn_error(it)["values"].value),
    "best": lambda it: [sum(drawn.spectrum(it.configuration)[r:] ** 2) for r in units(it)],
}
OF_OVERLAPS = {
    "x": lambda it: [it.configuration.size * k for k in (1, 2, 4)],
    "overlap": lambda it: np.mean(drawn.overlaps(it)["overlap"]["values"], axis=1),
    "errors/overlap": lambda it: error_of_the_mean(drawn.overlaps(it)["overlap"]["values"]),
}


def excess(it, b):
    """Of the squared error, where the spike lies in the learnt space by b."""
    c = it.configuration
    tau, s = c.signal**2, c.spike * c.signal**2
    return (s - tau) / (1 + c.spike * b / (1 - b))


def law(it):
    c = it.configuration
    return beta(c.hidden / 2, (c.size - c.hidden) / 2)


def edges(it):
    """Of 24 bins, as wide as one another in the logarithm."""
    low, high = excess(it, law(it).isf(1e-3)), excess(it, law(it).ppf(1e-3))
    return [low * (high / low) ** (i / 24) for i in range(25)]


def shares(it):
    found = drawn.levels(it)["excess"]["values"].value
    return np.array([
        sum(low <= x < high for x in found) / len(found)
        for low, high in zip(edges(it), edges(it)[1:], strict=False)
    ])  # fmt: skip


def probabilities(it):
    c = it.configuration
    odds = [((c.spike - 1) * c.signal**2 / e - 1) / c.spike for e in edges(it)]
    return np.diff(law(it).sf([x / (1 + x) for x in odds]))


OF_EXCESS = {
    "x": lambda it: [(log10(a) + log10(b)) / 2
                     for a, b in zip(edges(it), edges(it)[1:], strict=False)],
    "drawn": shares,
    "errors/drawn": lambda it: np.sqrt(shares(it) * (1 - shares(it)) / it.configuration.draws),
    "law": lambda it: Near(probabilities(it), 1e-8),
}  # fmt: skip


def beside(*panels):
    return {f"panels/{i}/{name}": curve for i, panel in enumerate(panels)
            for name, curve in panel.items()}  # fmt: skip
