"""A configuration made concrete: the target, its samples, and networks at the start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import erf, erfc

from theory.language.errors import InvalidArgument
from theory.theorems.concept_classes.symbols import DEGREES
from verify.experiments.concept_classes.configuration import Configuration
from verify.experiments.concept_classes.target import Target, drawn, unit
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

MOST = 2e10
"""Neurons times steps times networks times dimension that are trained at most; and operations on
the kernels of real data.
"""

FAR = 40.0
"""No Gaussian number is further out: the density is 0 in float64."""


@dataclass(frozen=True, eq=False)
class Setting:
    configuration: Configuration
    target: Target
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        c = self.configuration
        return {"problem": f"phi = {c.phi}, d = {c.dimension}, noise {c.noise:g}; "
                           f"regret on {c.data}"}  # fmt: skip

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("concept classes", purpose, self.salt)

    def inputs(self, purpose: str, *shape: int) -> np.ndarray:
        """Uniform on the sphere, (*shape, d)."""
        x = self.rng(purpose).standard_normal((*shape, self.configuration.dimension))
        return unit(x)

    def stream(
        self, purpose: str, steps: int, seeds: int, noise: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fresh samples x (steps, seeds, d), y (steps, seeds)."""
        x = self.inputs(f"inputs {purpose}", steps, seeds)
        errors = self.rng(f"noise {purpose}").standard_normal((steps, seeds))
        return x, self.target(x) + noise * errors

    @cached_property
    def real(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of real data, normalised, (rows, d), and targets (rows,)."""
        c = self.configuration
        found = load_problem(c.data, samples=c.rows, rng=self.rng("rows"))
        return unit(found.X), found.y

    def rows(self, seeds: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of real data in turn, in an order of its own for every network and pass."""
        X, y = self.real
        rng, T = self.rng("orders"), self.configuration.steps
        passes = math.ceil(T / len(y))
        orders = [[rng.permutation(len(y)) for _ in range(passes)] for _ in range(seeds)]
        at = np.array([np.concatenate(each)[:T] for each in orders]).T
        return X[at], y[at]

    def weights(self, purpose: str, seeds: int, pairs: int, d: int | None = None) -> np.ndarray:
        """g (seeds, 2, pairs, d): W_0 over kappa."""
        c, rng = self.configuration, self.rng(f"weights {purpose}")
        d = d or c.dimension
        if c.coupled:
            g = rng.standard_normal((seeds, 1, pairs, d))
            return np.broadcast_to(g, (seeds, 2, pairs, d))
        return rng.standard_normal((seeds, 2, pairs, d))

    def opt(self, loss: str, noise: float) -> float:
        """The population loss of the target, of Gaussian noise."""
        if loss == "squared" or noise < 1 / FAR:
            return noise**2 / 2
        c = 1 / noise
        density = math.exp(-(c**2) / 2) / math.sqrt(2 * math.pi)
        inside = noise**2 / 2 * (erf(c / math.sqrt(2)) - 2 * c * density)
        return float(inside + 2 * noise * density - erfc(c / math.sqrt(2)) / 2)

    @cached_property
    def of_target(self) -> dict[str, Any]:
        """The symbols of the target."""
        c = self.configuration
        growth = np.abs(self.target.phi) @ (np.array(DEGREES) + 1.0) ** 1.75
        return {**dict(zip((f"q_{k}" for k in DEGREES), self.target.q, strict=True)),
                "d": c.dimension, "p": len(self.target.a), "C_s": float(growth.max()),
                "C": c.constant, "coupled": int(c.coupled)}  # fmt: skip


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Random directions of the target."""
    c = configuration
    work = 2.0 * c.pairs * c.steps * c.seeds * c.dimension
    if work > MOST:
        raise InvalidArgument("steps", c.steps, f"such that pairs, steps, seeds and dimension "
                              f"come to at most {MOST:g} operations, not {work:g}")  # fmt: skip
    kernels = float(c.rows) ** 2 * c.seeds * (2 * c.pairs + c.rows)
    if c.data != "teacher" and kernels > MOST:
        raise InvalidArgument("rows", c.rows, f"such that kernels of {c.seeds} networks (seeds) "
                              f"take at most {MOST:g} operations, not {kernels:g}")  # fmt: skip
    rng = numpy_generator("concept classes", "target", salt)
    return Setting(c, drawn(c.coefficients, c.dimension, rng), salt)
