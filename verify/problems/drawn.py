"""The problem of a configuration, and what claims on gradient descent need to know of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from theory.mathematics.kernels import lambda_0
from verify.judging.seeds import numpy_generator
from verify.problems.data import Problem, load_problem


def drawn(configuration: Any, salt: str, *, nonzero: bool = False) -> Problem:
    """The problem that a configuration names; InvalidArgument unless lambda_0 > 0.

    With `nonzero` also where all targets are 0.
    """
    problem = load_problem(
        configuration.data, samples=configuration.samples, dimension=configuration.dimension,
        targets=configuration.targets, target_scale=configuration.target_scale,
        rng=numpy_generator("data", salt),
    )  # fmt: skip
    if lambda_0(problem.X) <= 0:
        raise InvalidArgument("data", configuration.data, "such that lambda_0 > 0")
    if nonzero and not problem.y.any():
        raise InvalidArgument("targets", configuration.targets, "such that some target is not 0")
    return problem


def geometry(problem: Problem) -> dict[str, Any]:
    """n, ||X||, g = || |X X^T| ||, lambda_0, the deviation of rows from norm 1, ||y||^2."""
    X, y = problem.X, problem.y
    deviation = float(np.abs(np.linalg.norm(X, axis=1) - 1).max())
    return {
        "n": problem.n,
        "norm_X": float(np.linalg.norm(X, 2)),
        "g": float(np.linalg.norm(np.abs(X @ X.T), 2)),
        "lambda_0": lambda_0(X),
        "row_norm_deviation": 0.0 if deviation < 1e-6 else deviation,  # rounding of unit rows
        "y_sq": float(y @ y),
    }
