"""Data on a line: the points, the moments of both sides, what two lines can fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.kit.options import AtMost
from verify.experiments.one_dimensional_inconsistency.configuration import (
    SIX_POINTS,
    Configuration,
)
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

X = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
Y = np.array([-1.0, 2.0, -1.0, 1.0, -2.0, 1.0])
"""The publication's points: on each side of 0 the best line is 0."""

SINGULAR = 1e-12
"""Eigenvalues of M_s over the largest, below which they are 0; coefficients of fits likewise."""


@dataclass(frozen=True, eq=False)
class Line:
    """Inputs x (n,), none of them 0, and targets y (n,); the sides come right first.

    words  the data in words
    """

    x: np.ndarray
    y: np.ndarray
    words: str

    @property
    def n(self) -> int:
        return len(self.x)

    @cached_property
    def sides(self) -> np.ndarray:
        """Rows of each side, (2, n)."""
        return np.array([self.x > 0, self.x < 0])

    @cached_property
    def mu(self) -> np.ndarray:
        """The weights of the rows."""
        return np.full(self.n, 1 / self.n)

    @cached_property
    def xi(self) -> float:
        return float(np.abs(self.x).min())

    def moments(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M (2, 2, 2) and h (2, 2) of weights mu (n,)."""
        rows = np.stack([self.x, np.ones(self.n)])
        weights = self.sides * mu
        return np.einsum("sj,ij,kj->sik", weights, rows, rows), (weights * self.y) @ rows.T

    @cached_property
    def M(self) -> np.ndarray:
        return self.moments(self.mu)[0]

    @cached_property
    def h(self) -> np.ndarray:
        return self.moments(self.mu)[1]

    @cached_property
    def M_min(self) -> float:
        """Smallest eigenvalue of M_+ and M_-; 0 where one is singular."""
        found = np.linalg.eigvalsh(self.M)
        return float(found.min()) if found.min() > SINGULAR * found.max() else 0.0

    @cached_property
    def fits(self) -> np.ndarray:
        """Slope and intercept of the least-squares line of each side, (2, 2)."""
        rows = np.stack([self.x, np.ones(self.n)], axis=1)
        found = [np.linalg.lstsq(rows[s], self.y[s], rcond=None)[0] for s in self.sides]
        return np.array(found)

    @cached_property
    def v_opt(self) -> float:
        """Their largest coefficient; 0 where it is rounding."""
        largest = float(np.abs(self.fits).max())
        return largest if largest > SINGULAR * (1 + np.abs(self.y).max()) else 0.0

    @cached_property
    def lines(self) -> np.ndarray:
        """Their values at x."""
        slope, intercept = self.fits[np.argmax(self.sides, axis=0)].T
        return slope * self.x + intercept

    @cached_property
    def L_aff(self) -> float:
        return float((self.mu * (self.y - self.lines) ** 2).sum() / 2)

    def shifted(self, by: float) -> Line:
        """With targets so much larger."""
        return Line(self.x, self.y + by, self.words)


def load(configuration: Configuration, salt: str) -> Line:
    """The line that the options name."""
    c = configuration
    if c.data == SIX_POINTS:
        x, y, words = X, Y, "6 points of the publication"
    else:
        x, y, words = _feature(c, salt)
    kept = np.abs(x) > c.gap
    if not kept.any():
        raise InvalidArgument("gap", c.gap, f"below {np.abs(x).max():.6g}, the largest |x|")
    if not kept.all():
        words += f", {kept.sum()} of them with |x| > {c.gap:g}"
    line = Line(x[kept], y[kept], words)
    if c.residuals and line.v_opt:
        line = Line(line.x, line.y - line.lines, f"{words}, less the affine fits")
    return line.shifted(c.offset)


def _feature(c: Configuration, salt: str) -> tuple[np.ndarray, np.ndarray, str]:
    """One feature of a problem, and its targets."""
    problem = load_problem(
        c.data, samples=c.samples, at_most=isinstance(c.samples, AtMost), dimension=c.dimension,
        targets=c.targets, rescale=False, bounded=False, distinct=False, target=c.target,
        rng=numpy_generator("data", salt),
    )  # fmt: skip
    varies = np.flatnonzero(np.ptp(problem.X, axis=0)) + 1
    if not len(varies):
        raise InvalidArgument("data", c.data, "such that a feature varies")
    feature = int(varies[0]) if c.feature is None else c.feature
    if feature > problem.d:
        raise InvalidArgument("feature", feature, f"at most {problem.d}, the inputs of {c.data}")
    if feature not in varies:
        raise InvalidArgument("feature", feature, "another one: it has the same value everywhere")
    x, y = problem.X[:, feature - 1].copy(), problem.y.copy()
    if c.rescale:
        x = (x - x.mean()) / x.std()
        y = c.target_scale * (y - y.mean()) / (y.std() or 1.0)
    return x, y, f"{problem.description}, feature {feature}"
