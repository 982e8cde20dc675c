"""(SH6), measured: all functions of a finite class at once, an estimator, and trained networks."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from verify.experiments.kit import Measured, Progress
from verify.experiments.sparse_deep_regression.classes import (
    evaluate,
    finest,
    log_centres,
    parameters,
    sparse,
    values,
)
from verify.experiments.sparse_deep_regression.configuration import Configuration
from verify.experiments.sparse_deep_regression.setting import Array, Setting
from verify.judging.sample import Sample

CELLS = 64
"""Inputs of trained networks: uniform on the middles of so many cells of [0, 1]."""

TRUTHS = 50
"""Random networks of which the one that varies most is the truth."""


@dataclass(frozen=True, eq=False)
class Class:
    """A finite class: functions (N, P) and the truth f0 (P,) on the P rows that inputs are."""

    functions: Array
    f0: Array

    @property
    def gaps(self) -> Array:
        """f - f0, (N, P)."""
        return self.functions - self.f0

    @property
    def risks(self) -> Array:
        """R(f), (N,)."""
        return np.asarray((self.gaps**2).mean(1))


def class_of(setting: Setting) -> Class:
    """The class of a configuration, on its rows; truth and functions are in [0, F]."""
    c, rng = setting.configuration, setting.rng("class")
    X, y, N = setting.problem.X, setting.problem.y, c.candidates
    if c.family == "networks":
        span = np.ptp(X, axis=0)
        unit = (X - X.min(0)) / np.where(span > 0, span, 1.0)
        p = (X.shape[1], *(c.width for _ in range(c.depth)))
        theta = sparse(rng, N, parameters(p), parameters(p))
        found = values(theta, p, unit[None])
        functions: Array = np.clip(c.ceiling * (0.5 + found / 2), 0, c.ceiling)
    else:
        groups = max(1, math.ceil(math.log2(N)))
        signs = (np.arange(N)[:, None] >> np.arange(groups) & 1) * 2 - 1
        bump = signs[:, np.arange(len(X)) % groups]
        functions = c.ceiling / 2 * (1 + c.amplitude * bump)
    if c.truth == "member":
        return Class(functions, functions[0])
    span = float(np.ptp(y))
    return Class(functions, c.ceiling * (y - y.min()) / (span if span > 0 else 1.0))


def temper(c: Configuration) -> tuple[float, float]:
    """t and kappa."""
    t = c.temperature / (2 * c.noise**2)
    return t, -math.expm1(-t * (1 - c.temperature) * c.ceiling**2) / c.ceiling**2


def regressions(
    rng: np.random.Generator, trials: int, n: int, cells: int, sigma: float
) -> tuple[Array, Array]:
    """How often each cell is drawn, and the sum of the noise there: (trials, cells) each.

    They are sufficient: Z_f = sum over cells of count g^2 - 2 noise g.
    """
    counts = rng.multinomial(n, np.full(cells, 1 / cells), trials)
    return counts, sigma * np.sqrt(counts) * rng.standard_normal(counts.shape)


def inequality(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(SH6) for a finite class."""
    c, own = setting.configuration, class_of(setting)
    t, kappa = temper(c)
    N, n, g, R = len(own.functions), c.draws, own.gaps, own.risks
    counts, noise = regressions(setting.rng("regressions"), c.trials, n, g.shape[1], c.noise)
    Z = counts @ (g**2).T - 2 * noise @ g.T
    bound = (t * Z + log_size(N) - math.log(c.failure)) / (n * kappa)
    chosen, excess = choose(c, Z / n, R)
    shared: dict[str, Any] = {"N": N, "n": n, "t": t, "sigma": c.noise, "F": c.ceiling}
    risk = {**shared, "R_star": R.min(), "Delta": excess, "eps_0": c.slack}
    samples = {
        "exponential": Sample(np.exp(n * kappa * R - t * Z).sum(1), shared),
        "all_at_once": Sample((bound >= R).all(1).astype(float),
                              {**shared, "delta_p": c.failure}),
        "risk": Sample(R[chosen], risk, trivial=c.ceiling**2),
    }  # fmt: skip
    return Measured(
        samples,
        notes={"mean_excess": float((Z[np.arange(len(Z)), chosen] - Z[:, R.argmin()]).mean() / n)},
    )


def log_size(N: int) -> float:
    """The price of choosing among N functions."""
    return math.log(N)


def choose(c: Configuration, empirical: Array, R: Array) -> tuple[Array, float]:
    """The estimator's function in every trial (trials,), and Delta.

    empirical  Z_f/n, (trials, N)
    """
    if c.estimator == "least":
        return empirical.argmin(1), 0.0
    near = empirical <= empirical.min(1, keepdims=True) + c.tolerated
    return np.where(near, R, -1.0).argmax(1), c.tolerated


def trained(setting: Setting) -> Sample:
    """(SH6) for networks of one input, trained by Adam: an event each."""
    c, rng = setting.configuration, setting.rng("trained")
    p = (1, *(c.width for _ in range(c.depth)))
    T, F = parameters(p), c.ceiling
    s = min(c.nonzeros, T)
    x = ((np.arange(CELLS) + 0.5) / CELLS)[:, None]
    f0 = truth(rng, p, s, x, F)
    counts, noise, sizes = data(rng, c)
    theta = adam(rng, c, p, s, x, counts, counts * f0 + noise)
    g = np.clip(values(theta, p, x[None]), 0, F) - f0
    Z = (counts * g**2 - 2 * noise * g).sum(1)
    bound = of_cover(c, Z, sizes, log_centres(T, s, finest(p, c.radius)))
    R, (t, _) = (g**2).mean(1), temper(c)
    return Sample((bound >= R).astype(float), {"t": t, "sigma": c.noise, "delta_p": c.failure})


def of_cover(c: Configuration, Z: Array, sizes: Array, entropy: float) -> Array:
    """What R(f^) is at most, of Z_f^, mean |noise| and the logarithm of the number of centres."""
    t, kappa = temper(c)
    near = Z / c.draws + 2 * c.radius * (c.ceiling + sizes)
    return np.asarray(
        2 * c.ceiling * c.radius + (t * near + (entropy - math.log(c.failure)) / c.draws) / kappa
    )


def data(rng: np.random.Generator, c: Configuration) -> tuple[Array, Array, Array]:
    """For every network how often each cell is drawn, the sum of the noise there, (networks,
    CELLS), and the mean of its absolute values, (networks,)."""
    cells = rng.integers(0, CELLS, (c.networks, c.draws))
    noise = c.noise * rng.standard_normal(cells.shape)
    place = (cells + CELLS * np.arange(c.networks)[:, None]).ravel()
    size, shape = CELLS * c.networks, (c.networks, CELLS)
    counts = np.bincount(place, minlength=size).reshape(shape)
    sums = np.asarray(np.bincount(place, noise.ravel(), size).reshape(shape))
    return counts, sums, np.abs(noise).mean(1)


def truth(rng: np.random.Generator, p: tuple[int, ...], s: int, x: Array, F: float) -> Array:
    """The values (CELLS,) of a network of the class, clipped to [0, F]."""
    found = np.clip(values(sparse(rng, TRUTHS, parameters(p), s), p, x[None]), 0, F)
    return np.asarray(found[found.std(1).argmax()])


def adam(
    rng: np.random.Generator, c: Configuration, p: tuple[int, ...], s: int, x: Array,
    counts: Array, sums: Array,
) -> Array:  # fmt: skip
    """Sparse networks (networks, T) after some steps on the squares of what they miss.

    Parameters stay in [-1, 1]; those that start at 0 stay there. The sum of squares needs counts
    and sums of Y in each cell alone.
    """
    theta = torch.from_numpy(sparse(rng, c.networks, parameters(p), s)).requires_grad_()
    kept, inputs = (theta != 0).double(), torch.from_numpy(x)[None]
    weight, label = torch.from_numpy(counts / c.draws), torch.from_numpy(sums / c.draws)
    optimiser = torch.optim.Adam([theta], lr=c.step)
    for _ in range(c.steps):
        optimiser.zero_grad()
        f = evaluate(theta, p, inputs)
        (weight * f**2 - 2 * label * f).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        with torch.no_grad():
            theta.clamp_(-1, 1).mul_(kept)
    return np.asarray(theta.detach().numpy())
