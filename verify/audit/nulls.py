"""Laws at the boundary of a true claim: nonnegative random numbers with mean exactly 1.

A test of "E[X] <= b" errs most often where E[X] = b; a false-alarm rate measured there bounds the
rate of every true claim of the same shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

EIGENVALUES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.008)
"""Of a Gaussian quadratic form by default: a spectrum that decays like that of a kernel."""

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


@dataclass(frozen=True)
class Law:
    """`draw(rng, shape)` gives independent numbers >= 0 of mean 1 and this variance."""

    name: str
    variance: float
    draw: Draw


def gamma(shape: float) -> Law:
    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        return rng.gamma(shape, 1 / shape, size)

    name = "exponential" if shape == 1 else f"gamma({shape:g})"
    return Law(name, 1 / shape, draw)


def lognormal(sigma: float) -> Law:
    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        return rng.lognormal(-(sigma**2) / 2, sigma, size)

    return Law(f"lognormal({sigma:g})", math.expm1(sigma**2), draw)


def pareto(tail: float) -> Law:
    """Of infinite variance for tail <= 2."""

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        return (tail - 1) * rng.pareto(tail, size)

    variance = tail / (tail - 2) if tail > 2 else math.inf
    return Law(f"pareto({tail:g})", variance, draw)


def two_points(low: float, high: float) -> Law:
    """`low` or `high`, low < 1 < high: for low = 0 the worst law of a test from below."""
    share = (1 - low) / (high - low)

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        return np.where(rng.random(size) < share, high, low)

    return Law(f"{low:g} or {high:g}", (high - 1) * (1 - low), draw)


def quadratic_form(eigenvalues: Sequence[float] = EIGENVALUES) -> Law:
    """The sum of mu_i g_i^2 for Gaussian g: the loss of a linear recursion with Gaussian noise."""
    weights = np.asarray(eigenvalues, dtype=np.float64)
    weights = weights / weights.sum()

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        total = np.zeros(size)
        for weight in weights:
            total += weight * rng.standard_normal(size) ** 2
        return total

    return Law("quadratic form", 2 * float((weights**2).sum()), draw)


def laws(eigenvalues: Sequence[float] = EIGENVALUES) -> tuple[Law, ...]:
    """From nearly constant to heavy-tailed, with the two worst cases."""
    return (
        gamma(400), gamma(1), lognormal(1.5), pareto(1.5), two_points(0, 2), two_points(0, 100),
        quadratic_form(eigenvalues),
    )  # fmt: skip
