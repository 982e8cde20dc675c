"""A configuration made concrete: the line, the step size, weights at the start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.one_dimensional_inconsistency.configuration import Configuration
from verify.experiments.one_dimensional_inconsistency.line import Line, load
from verify.judging.seeds import numpy_generator


@dataclass(frozen=True, eq=False)
class Weights:
    """Networks f(x) = c + sum_i w_i relu(a_i x + b_i): a, b, w (N, m), c (N,)."""

    a: np.ndarray
    b: np.ndarray
    w: np.ndarray
    c: np.ndarray

    def copy(self) -> Weights:
        return Weights(self.a.copy(), self.b.copy(), self.w.copy(), self.c.copy())


@dataclass(frozen=True, eq=False)
class Setting:
    configuration: Configuration
    line: Line
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.line.words}

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator(purpose, self.salt)

    @property
    def he(self) -> int:
        """1 for the initialisation of He."""
        return int(self.configuration.start == "he" and self.configuration.outer == 1.0)

    def eta(self, width: int) -> float:
        """The step size: `step` over the largest eigenvalue of A_ref M."""
        outer = self.configuration.outer**2
        S_11, S_33 = (1.0, width * outer) if self.configuration.start == "swapped" else (
            float(width), outer)  # fmt: skip
        A = np.diag([S_11 + S_33, S_33 + 1, S_11 + S_33, S_33 + 1])
        A[1, 3] = A[3, 1] = 1.0
        M = np.zeros((4, 4))
        M[:2, :2], M[2:, 2:] = self.line.M
        return self.configuration.step / float(np.linalg.eigvals(A @ M).real.max())

    def weights(self, rng: np.random.Generator, count: int, width: int) -> Weights:
        """W_0 of `count` networks, by the option `start`."""
        c = self.configuration
        a, w = rng.standard_normal((2, count, width)) * math.sqrt(2)
        b = np.zeros((count, width))
        if c.start == "swapped":
            a = a / math.sqrt(width)
        else:
            w = w / math.sqrt(width)
        if c.start == "spread":
            b = -a * rng.uniform(self.line.x.min(), self.line.x.max(), (count, width))
        return Weights(a, b, c.outer * w, np.zeros(count))

    @cached_property
    def batches(self) -> np.ndarray | None:
        """Weights mu (steps + 2, n) of minibatches, the same for all networks; None: all rows."""
        c, n = self.configuration, self.line.n
        if c.batch is None or c.batch == n:
            return None
        if c.batch > n:
            raise InvalidArgument("batch", c.batch, f"at most {n}, the number of rows")
        rows = self.rng("batches").random((c.steps + 2, n)).argsort(axis=1)[:, : c.batch]
        mu = np.zeros((c.steps + 2, n))
        np.put_along_axis(mu, rows, 1 / c.batch, axis=1)
        return mu

    def mu(self, step: int) -> np.ndarray:
        """The weights of the rows in that step."""
        return self.line.mu if self.batches is None else self.batches[step]

    def sums(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """M and h of that step."""
        if self.batches is None:
            return self.line.M, self.line.h
        return self.line.moments(self.batches[step])

    @property
    def part(self) -> float:
        """The share of the rows that a step leaves out."""
        c = self.configuration
        return 0.0 if c.batch is None else 1 - c.batch / self.line.n


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data; nothing is trained."""
    setting = Setting(configuration, load(configuration, salt), salt)
    _ = setting.batches  # a batch larger than the data is refused here
    return setting
