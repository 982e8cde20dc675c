"""What claims on gradient descent need to know of a problem."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.mathematics.kernels import lambda_0
from verify.problems.data import Problem


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
