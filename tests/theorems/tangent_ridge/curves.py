"""The curves of the pictures of tangent ridge, by hand."""

from functools import lru_cache
from math import ceil, sqrt

import numpy as np

from tests.theorems.tangent_ridge.by_hand import (
    B_of,
    features_of,
    kernel_of_neurons,
    of_kernel,
    sees,
)
from tests.theorems.tangent_ridge.oracles import rank_of
from tests.theorems.tangent_ridge.oracles_degrees import CLOSE, LOOSE, LOOSER

# --- the transition ------------------------------------------------------------------------------


@lru_cache
def transition(it):
    """Per width: N, the share of labels that is left, least eigenvalues, the share of the dead."""
    last, rows = max(12, ceil(16 * it.n / it.d)), []
    for N in sorted({int(last ** (i / 11) + 1e-9) for i in range(12)}):
        draws = it.neurons("picture", 12, N)
        rows.append((
            N, np.mean([1 - rank_of(features_of(W, it.X)) / it.n for W in draws]),
            [max(0.0, np.linalg.eigvalsh(kernel_of_neurons(W, it.X))[0]) for W in draws],
            np.mean([[not any(sees(w, x) for w in W) for x in it.X] for W in draws]),
        ))  # fmt: skip
    N, left, least, dead = zip(*rows, strict=True)
    return np.array(N), np.array(left), np.array(least), np.array(dead)


OF_TRANSITION = {
    "x": lambda it: transition(it)[0] * it.d / it.n,
    "left": lambda it: transition(it)[1],
    "least": lambda it: CLOSE(transition(it)[2].mean(axis=1) / np.linalg.eigvalsh(it.K)[0]),
    "dead": lambda it: transition(it)[3],
}


# --- N neurons and infinitely many ---------------------------------------------------------------


def numbers(it):
    N = it.configuration.neurons
    return sorted({max(1, N // 4), max(1, N // 2), N, 2 * N, 4 * N})


def few(it):
    return max(2, it.configuration.networks // 8)


@lru_cache
def gaps(it):
    """All networks of the claims where they have so many neurons, else a few."""
    c = it.configuration
    return [it.gaps("few", few(it), N) if N in numbers(it)[:-3] else it.gaps("gap", c.networks, N)
            for N in numbers(it)]  # fmt: skip


def distance(it):
    return (LOOSER if it.uniform else CLOSE)([found.mean() for found in gaps(it)])


def law(it):
    return (LOOSE if it.uniform else CLOSE)([it.V_1 / N for N in numbers(it)])


def bound(it):
    """(NT5)."""
    v_2, Z = it.alpha @ (it.E2 - it.K @ it.K) @ it.alpha, None if it.uniform else it.population
    half = 0.5 if it.uniform else it.d * np.linalg.norm(Z.T @ Z, 2) / len(Z)
    both = sqrt(max(0.0, it.v_1)) + sqrt(v_2 * half / (4 * it.configuration.ridge * it.d))
    return (LOOSE if it.uniform else CLOSE)([both**2 / N for N in numbers(it)])


@lru_cache
def risks(it):
    """Mean of R_N by number of neurons, and the risk of infinitely many."""
    found = [it.risks_of("excess", few(it), N).mean() for N in numbers(it)]
    return np.array(found), it.risk_of(of_kernel(it.X, it.alpha))


def excess(it):
    mean, kernel = risks(it)
    return LOOSER(np.maximum(mean - kernel, 0.0))


OF_ROWS = {
    "x": lambda it: np.array(numbers(it)) * it.d / it.n,
    "gap": distance,
    "law": law,
    "bound": bound,
}
OF_CIRCLE = OF_ROWS | {"excess": excess}


# --- the staircase -------------------------------------------------------------------------------


def rows(it):
    return [round(it.d ** (0.3 + 2.3 * i / 24)) for i in range(25)]


def risk(degree, induced=True):
    """The law of kernel ridge; of polynomials up to a degree, with the ridge of the others."""

    def curve(it):
        c, gamma, found = it.configuration, it.gamma(it.d), []
        top = len(gamma) if degree is None else degree + 1
        mu = [gamma[k] / B_of(it.d, k) for k in range(top)]
        more = 0.0 if degree is None or not induced else 0.5 - sum(gamma[: degree + 1])
        for n in rows(it):
            kap = it.root(n, it.d, c.ridge + more, degree)
            g = sum(B_of(it.d, k) * (x / (x + kap)) ** 2 for k, x in enumerate(mu)) / n
            left = sum(F * ((kap / (mu[k] + kap)) ** 2 if k < top else 1.0)
                       for k, F in ((1, c.linear), (2, c.quadratic)))  # fmt: skip
            found.append((left + c.noise**2 * g) / (1 - g))
        return LOOSE(found)

    return curve


OF_STAIRCASE = {
    "x": lambda it: np.log(rows(it)) / np.log(it.d),
    "kernel": risk(None),
    **{f"degree {degree}": risk(degree) for degree in range(3)},
    "plain": risk(1, induced=False),
}
