"""A configuration made concrete: the population of real rows, moments, draws, exact risk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from theory.mathematics.random_features import Limit, limit
from verify.experiments.multiple_random_features.configuration import Configuration
from verify.experiments.multiple_random_features.types import Features, Type, sphere
from verify.judging.seeds import numpy_generator
from verify.training.ridge import smoother, variance


class Moments(NamedTuple):
    """Of the rows: U = E z z^T (N, N), V = E z x^T (N, d), m = E z (N,)."""

    U: np.ndarray
    V: np.ndarray
    m: np.ndarray


class Risks(NamedTuple):
    """Exact given rows and weights: per unit of F_1^2, tau^2 and F_0^2."""

    bias: float
    variance: float
    constant: float


@dataclass(frozen=True, eq=False)
class Setting:
    """The options, and the population X (M, d) of real rows, of mean squared norm d."""

    configuration: Configuration
    X: np.ndarray
    description: str
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.description}

    @property
    def kinds(self) -> tuple[Type, ...]:
        return self.configuration.kinds

    @property
    def a(self) -> np.ndarray:
        return np.array([kind.a for kind in self.kinds])

    @property
    def b(self) -> np.ndarray:
        return np.array([kind.b for kind in self.kinds])

    @property
    def psi(self) -> np.ndarray:
        """N_j/d."""
        return np.array(self.configuration.counts) / self.configuration.dimension

    @property
    def c(self) -> float:
        return self.configuration.rows / self.configuration.dimension

    @property
    def spread(self) -> float:
        """Largest over least norm of the population's rows, minus 1; 0 up to rounding."""
        norms = np.linalg.norm(self.X, axis=1)
        found = float(norms.max() / norms.min() - 1)
        return found if found > 1e-9 else 0.0

    def rng(self, *purpose: Any) -> np.random.Generator:
        return numpy_generator("multiple random features", *purpose, self.salt)

    def features(self, d: int, counts: tuple[int, ...], rng: np.random.Generator) -> Features:
        return Features(sphere(sum(counts), d, rng), self.kinds, counts)

    def limit(self) -> Limit:
        """That of the options."""
        return limit(self.a, self.b, self.psi, self.c, self.configuration.ridge)


def gaussian(features: Features) -> Moments:
    """The moments of rows x ~ N(0, I)."""
    return Moments(features.U, features.V, features.mean)


def empirical(features: Features, X: np.ndarray) -> Moments:
    """The moments of a population that is listed."""
    Z = features(X)
    return Moments(Z.T @ Z / len(X), Z.T @ X / len(X), Z.mean(0))


def exact(X: np.ndarray, Z: np.ndarray, of: Moments, lam: float, power: float = 1.0) -> Risks:
    """The risk of ridge regression on rows X (n, d) with features Z (n, N), by SVD.

    power  E ||x||^2/d of the population
    """
    W = smoother(Z, lam, "svd")
    fit = W.T @ X
    bias = float(((of.U @ fit - 2 * of.V) * fit).sum() / X.shape[1] + power)
    ones = W.sum(0)
    constant = float(ones @ of.U @ ones - 2 * of.m @ ones + 1)
    return Risks(bias, float(variance(W, of.U)), constant)


def prepare(configuration: Configuration, salt: str) -> Setting:
    """The population, scaled to the mean squared norm d."""
    problem = configuration.problem(salt)
    X = problem.X * math.sqrt(problem.X.size / (problem.X**2).sum())
    return Setting(configuration, X, problem.description, salt)
