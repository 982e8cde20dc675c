"""A configuration made concrete: eigenvalues, target, and how rows are drawn."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from theory.mathematics.deterministic_equivalent import Equivalent, Spectrum, edge, equivalent
from verify.experiments.ridge_overfitting.configuration import Configuration
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem
from verify.training import ridge

EXCESS = {"gaussian": 0.0, "rademacher": 2.0, "uniform": 1.2}
"""Absolute excess kurtosis."""

ROWS = 10**9
"""All rows of a data set, at most."""

NUMBERS = 4_000_000
"""Of a batch of designs, at most."""

SMALL = 1e-9
"""Eigenvalues of data below this share of the largest are 0: features that depend on others."""

LEVELS = 12
"""Different eigenvalues of a power spectrum, where it has multiplicities."""


@dataclass(frozen=True, eq=False)
class Population:
    """Eigenvalues l (p,), the largest first; theta (p,); rows z (N, p) of data, or their law."""

    l: np.ndarray
    theta: np.ndarray
    rows: np.ndarray | None
    coordinates: str
    description: str

    @property
    def p(self) -> int:
        return len(self.l)

    @property
    def excess(self) -> float:
        """0 for Gaussian coordinates."""
        if self.rows is None:
            return EXCESS[self.coordinates]
        return float(np.abs((self.rows**4).mean(0) - 3).max())

    def draw(self, rng: np.random.Generator, designs: int, n: int) -> np.ndarray:
        """Z (designs, n, p): independent rows of covariance I."""
        if self.rows is not None:
            return self.rows[rng.integers(len(self.rows), size=(designs, n))]
        return coordinates(rng, self.coordinates, (designs, n, self.p))


def coordinates(rng: np.random.Generator, law: str, shape: tuple[int, ...]) -> np.ndarray:
    """Independent numbers of mean 0 and variance 1."""
    if law == "rademacher":
        return rng.choice(np.array([-1.0, 1.0]), shape)
    if law == "uniform":
        return rng.uniform(-math.sqrt(3), math.sqrt(3), shape)
    return rng.standard_normal(shape)


@dataclass(frozen=True, eq=False)
class Setting:
    """What all measurements start from."""

    configuration: Configuration
    population: Population
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.population.description}

    @property
    def n(self) -> int:
        return self.configuration.samples

    @property
    def k(self) -> int:
        """Directions of the head; some tail is left."""
        return min(self.configuration.heads, self.population.p - 1)

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("ridge overfitting", purpose, self.salt)

    @cached_property
    def spectrum(self) -> Spectrum:
        return Spectrum(self.population.l)

    @cached_property
    def edge(self) -> float:
        """lam_c for n samples; 0 where it is lost in rounding."""
        found = float(edge(self.n, self.spectrum)[0])
        return found if found < -SMALL * self.population.l.sum() else 0.0

    @property
    def lam(self) -> float:
        """The ridge where it cannot depend on the design: below 0 a share of lam_c."""
        share = self.configuration.ridge
        return float(share * self.population.l.sum() if share >= 0 else -share * self.edge)

    def equivalent(self) -> Equivalent:
        return equivalent(self.n, self.lam, self.spectrum)

    def tails(self, ks: np.ndarray) -> dict[str, np.ndarray]:
        """L, S1, S2, S4 of the tails after k directions, of the shape of ks."""
        l = self.population.l
        sums = {f"S{power}": l[::-1].cumsum()[::-1] if power == 1 else
                (l**power)[::-1].cumsum()[::-1] for power in (1, 2, 4)}  # fmt: skip
        return {"L": l[ks], **{name: found[ks] for name, found in sums.items()}}

    def batches(self, rng: np.random.Generator, count: int) -> Iterator[np.ndarray]:
        """Z of `count` designs in all, as many at once as fit."""
        at_once = max(1, NUMBERS // (self.n * self.population.p))
        for start in range(0, count, at_once):
            yield self.population.draw(rng, min(at_once, count - start), self.n)


def fitted(X: np.ndarray, lam: np.ndarray | float) -> np.ndarray:
    """W of designs (designs, n, p); of singular ones, which repeat rows, by the pseudo-inverse."""
    W = ridge.smoother(X, lam)
    singular = ~np.isfinite(W).all((1, 2))
    if singular.any():
        W[singular] = ridge.smoother(X[singular], np.broadcast_to(lam, len(X))[singular], "svd")
    return W


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Eigenvalues and target; InvalidArgument where data cannot be read, or has one direction."""
    if configuration.drawn:
        l, rows = eigenvalues(configuration), None
        words = f"{configuration.population} spectrum, p = {len(l)}"
        labels = np.zeros(len(l))
    else:
        l, rows, labels, words = of_data(configuration, salt)
    heads = min(configuration.heads, len(l) - 1)
    signs = numpy_generator("ridge overfitting", "signs", salt).choice([-1.0, 1.0], len(l))
    energies = aligned(configuration.target, l, heads)
    theta = labels if configuration.target == "labels" else signs * np.sqrt(energies / l)
    theta = theta * np.sqrt(configuration.energy / (l * theta**2).sum())
    population = Population(l, theta, rows, configuration.coordinates, words)
    return Setting(configuration, population, salt)


def eigenvalues(configuration: Configuration) -> np.ndarray:
    """Of a drawn population, (p,)."""
    p, k = configuration.dimension, configuration.heads
    if configuration.population == "power":
        return np.arange(1, p + 1) ** -configuration.decay
    if configuration.population == "flat":
        return np.ones(p)
    return np.sort(np.where(np.arange(p) < k, 1.0, configuration.tail))[::-1]


def aligned(target: str, l: np.ndarray, heads: int) -> np.ndarray:
    """Energies l theta^2 (p,) of a target, of sum 1: even in the head, or theta^2 even."""
    index = np.arange(len(l))
    if target == "head" and heads:
        return np.where(index < heads, 1.0, 0.0) / heads
    weights = l * (index >= heads) if target == "tail" else l
    return weights / weights.sum()


def of_data(
    configuration: Configuration, salt: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """Eigenvalues, rows z, target and description of the quadratic features of a data set.

    The features are the scores along the leading principal directions, of variance 1, and all
    their products. Sigma is their second moment over all rows; the target is the best linear one.
    """
    name = configuration.population
    rng = numpy_generator("data", salt)
    try:
        problem = load_problem(name, samples=ROWS, at_most=True, rng=rng)
    except InvalidArgument as error:
        given = "population" if error.name == "data" else error.name
        raise InvalidArgument(given, name if given == "population" else error.value,
                              error.allowed) from None  # fmt: skip
    centred = problem.X - problem.X.mean(0)
    U, s, _ = np.linalg.svd(centred, full_matrices=False)
    most = int((s > SMALL * s[0]).sum())
    scores = U[:, : min(configuration.features, most)] * math.sqrt(len(U))
    first, second = np.triu_indices(scores.shape[1])
    products = np.hstack([scores, scores[:, first] * scores[:, second]])
    U, s, _ = np.linalg.svd(products / math.sqrt(len(U)), full_matrices=False)
    kept = s > SMALL * s[0]
    if kept.sum() < 2:
        raise InvalidArgument("features", configuration.features, "such that p is at least 2")
    rows, l = U[:, kept] * math.sqrt(len(U)), s[kept] ** 2
    labels = rows.T @ problem.y / len(rows) / np.sqrt(l)
    words = f"quadratic features of {problem.description}; p = {len(l)}"
    return l, rows, labels, words
