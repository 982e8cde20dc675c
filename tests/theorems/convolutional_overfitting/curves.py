"""The curves of the pictures of the convolutional network, by hand."""

from functools import partial
from math import inf, log, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.convolutional_overfitting.by_hand import factor, loss, plus
from tests.theorems.convolutional_overfitting.oracles import GRID, slopes, transitions

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


def learned(run, k):
    return plus(max(run.signals(run.path[k])[0]))


def memorised(run, k):
    return plus(max((max(run.memories(run.path[k])[i]) for i in run.members(0)), default=0.0))


def unfitted(run, k):
    return np.mean([loss(z) for z in run.margins(run.path[k])])


def over_runs(runs, measure, error=False):
    """At the checkpoints: the mean over the runs, or its standard error."""

    def curve(it):
        rows = np.array([[measure(run, k) for run in runs(it)] for k in it.keep])
        return LOOSE(rows.std(1, ddof=1) / sqrt(rows.shape[1]) if error else rows.mean(1))

    return curve


def budget(it, which):
    """What is spent on noise and on the signal, between its limits, where both can grow most."""
    run = max(it.runs, key=lambda run: min(run.least(0), max(run.v[0])))
    r, rows = int(np.argmax(run.v[0])), []
    for k in it.keep[1:]:
        spent, H = run.spent(0, run.memories(run.path[k])), factor(max(run.growths[k]), run.q)
        rows.append((spent, run.budget(0, r, run.signals(run.path[k])), H * spent, spent / H))
    return LOOSE(np.array(rows)[:, which])


def places(n):
    """Median test losses of class 1, by place of the grid."""

    def curve(it):
        _, grid = transitions(it)[n]
        return LOOSE([
            np.median([np.mean([loss(run.patch(run.path[-1], x, 1)) for x in it.tests])
                       for run in row]) for row in grid
        ])  # fmt: skip

    return curve


def predicted(it):
    norm = it.configuration.noise_norm
    return LOOSE([np.median(thresholds) / norm for thresholds, _ in transitions(it).values()])


def first(it):
    """The least signal on the grid that is learned, by number of samples."""
    found = []
    for thresholds, grid in transitions(it).values():
        row = [min((x * threshold for x, runs in zip(GRID, grid, strict=True)
                    if runs[at].S(runs[at].path[-1], 0) > it.configuration.learned), default=inf)
               for at, threshold in enumerate(thresholds)]  # fmt: skip
        found.append(np.median(row) / it.configuration.noise_norm)
    return LOOSE(found)


def at(place):
    """The runs at that place of the grid."""
    return lambda it: transitions(it)[it.configuration.samples][1][GRID.index(place)]


def two_sides():
    found = {"x": lambda it: it.keep}
    for side, place in {"below": 0.7, "above": 1.5}.items():
        for name, measure in {"signal": learned, "noise": memorised}.items():
            found[f"{name}_{side}"] = over_runs(at(place), measure)
            found[f"errors/{name}_{side}"] = over_runs(at(place), measure, error=True)
    return found


def all_curves(sizes):
    """By place in the picture, where these are the numbers of samples of the transition."""
    own = {"signal": learned, "memory": memorised, "training_loss": unfitted}
    phases = {f"samples_{n}": places(n) for n in sizes}
    panels = [
        {"x": lambda it: it.keep,
         **{name: over_runs(lambda it: it.runs, of) for name, of in own.items()},
         **{f"errors/{name}": over_runs(lambda it: it.runs, of, error=True)
            for name, of in own.items()}},
        {name: partial(budget, which=i)
         for i, name in enumerate(("x", "budget", "at_most", "at_least"))},
        {"x": lambda it: GRID, **phases, "guess": lambda it: LOOSE([log(2)] * len(GRID))},
        {"x": lambda it: GRID, **phases, "details/line": lambda it: np.ones(len(sizes)),
         "heights": lambda it: sizes},
        {"x": lambda it: list(transitions(it)), "predicted": predicted, "learned": first},
        two_sides(),
    ]  # fmt: skip
    found = {f"panels/{i}/{name}": of for i, panel in enumerate(panels)
             for name, of in panel.items()}  # fmt: skip
    return found | {
        "sweep/x": lambda it: slopes(it)[0],
        "sweep/error": lambda it: LOOSE(np.median(slopes(it)[2], axis=0)),
        "sweep/details/error": lambda it: LOOSE([np.median(slopes(it)[1]), -inf, inf]),
    }
