"""The curves of the pictures of single index models, by hand."""

from functools import partial
from math import log, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.single_index_models.by_hand import gap
from verify.experiments.kit.slopes import median_interval

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
CORNERS = partial(Near, rtol=1e-4)
"""Of thresholds, at whose corners the two grids differ by more."""

SHARES = [4.0 ** (i / 8 - 1) for i in range(17)]
FACTORS = (8, 4, 2, 1)


def threshold(phi, lam):
    return phi - np.clip(phi, -lam, lam)


def descended_to(lam, it, eta=None, m=None, a=None):
    """The law of the error where descent stops for that threshold."""
    eta = it.eta if eta is None else eta
    k = it.stop(eta, lam)
    law = it.moments(lambda phi: gap(phi, eta, it.configuration.alpha, k), m, a)
    return (it.p - it.s) * law["off"] + law["on"]


def thresholded(lam, it):
    law = it.moments(lambda phi: threshold(phi, lam))
    return (it.p - it.s) * law["off"] + law["on"]


def best_lasso(it):
    risks = [((threshold(it.Phi, share * it.lam) - it.m * it.beta) ** 2).sum(1).mean()
             for share in (0.25, 0.5, 1.0, 1.5)]  # fmt: skip
    return LOOSE(np.full(len(it.steps), min(risks)))


def more_samples(it):
    """The root of the law of the error, and of the oracle, by the number of samples."""
    errors, best = [], []
    for factor in FACTORS:
        u, y = it.responses("rates", factor * it.configuration.samples)
        size = sqrt(y @ y / len(y))
        a = size / sqrt(len(y))
        eta = it.configuration.step / size
        errors.append(sqrt(descended_to(a * it.z, it, eta, u @ y / len(y), a)))
        best.append(sqrt(it.s - 1) * a)
    return errors, best


OF_ERRORS = {
    "x": lambda it: it.steps,
    "error": lambda it: LOOSE(it.errors.mean(1)),
    "errors/error": lambda it: LOOSE(it.errors.std(1, ddof=1) / sqrt(it.configuration.draws)),
    "lasso": best_lasso,
    "oracle": lambda it: LOOSE(np.full(len(it.steps), (it.s - 1) * it.a**2)),
    "panels/0/x": lambda it: SHARES,
    "panels/0/descent": lambda it: LOOSE([descended_to(x * it.lam, it) for x in SHARES]),
    "panels/0/lasso": lambda it: CORNERS([thresholded(x * it.lam, it) for x in SHARES]),
    "panels/1/x": lambda it: [sqrt(it.s * log(it.p) / (factor * it.configuration.samples))
                              for factor in FACTORS],
    "panels/1/error": lambda it: LOOSE(more_samples(it)[0]),
    "panels/1/oracle": lambda it: LOOSE(more_samples(it)[1]),
}  # fmt: skip
OF_SWEEPS = {
    "sweep/x": lambda it: it.swept[1],
    **{f"sweep/{name}": lambda it, at=at: LOOSE(np.median(it.swept[0][..., at], axis=0))
       for at, name in enumerate(("as_they_are", "clipped"))},
    **{f"sweep/details/{name}": lambda it, at=at: LOOSE(median_interval(it.slopes[0][:, at]))
       for at, name in enumerate(("as_they_are", "clipped"))},
}  # fmt: skip


def looked_at(it):
    """Steps of the picture of paths."""
    Phi, size = it.whole
    last = it.checkpoints(it.configuration.step / size, abs(Phi))[-1]
    return sorted({int(last * i / 59) for i in range(60)})


def of_paths(ranks):
    """Of the coordinates with these ranks in size."""

    def path(it, rank):
        Phi, size = it.whole
        largest = sorted(abs(Phi), reverse=True)[rank - 1]
        eta, alpha = it.configuration.step / size, it.configuration.alpha
        return LOOSE([gap(largest, eta, alpha, k) for k in looked_at(it)])

    return {"x": looked_at} | {f"number_{rank}": partial(path, rank=rank) for rank in ranks}
