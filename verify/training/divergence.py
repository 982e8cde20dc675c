"""Trajectories that leave the range of float64."""

from __future__ import annotations

import numpy as np


class Diverged(ArithmeticError):
    """A trajectory left the range of float64: its steps are too large."""


def check_finite(*arrays: np.ndarray) -> None:
    """Raise Diverged unless all numbers are finite."""
    if not all(np.isfinite(each).all() for each in arrays):
        raise Diverged("a trajectory left the range of float64: smaller steps are needed")
