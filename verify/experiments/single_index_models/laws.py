"""(FY4), (FY6) by quadrature: means over the inputs, the responses given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.experiments.single_index_models.descent import descend
from verify.experiments.single_index_models.setting import Given, Setting

GRID = np.linspace(-9.0, 9.0, 4001)
WEIGHTS = np.exp(-(GRID**2) / 2) * (GRID[1] - GRID[0]) / math.sqrt(2 * math.pi)
"""Of Z: b_k(a Z) is nearly a step, for which a fine uniform grid is the right one."""


@dataclass(frozen=True)
class Quadrature:
    """Coordinates of Phi given the responses, at the nodes of Z.

    off    (nodes,), off the support
    on     (sizes, nodes), on it, of every size that coordinates of beta* have
    right  (sizes, 1): m times the size
    many   (sizes,): coordinates of that size
    """

    off: np.ndarray
    on: np.ndarray
    right: np.ndarray
    many: np.ndarray

    @classmethod
    def of(cls, setting: Setting, given: Given) -> Quadrature:
        on = np.abs(setting.beta[: setting.configuration.support]).round(14)
        sizes, many = np.unique(on, return_counts=True)
        spread = given.a * np.sqrt(np.maximum(1 - sizes**2, 0.0))
        right = given.m * sizes[:, None]
        return cls(given.a * GRID, right + spread[:, None] * GRID, right, many)

    def on_support(self, b: np.ndarray) -> tuple[float, float]:
        """Of an odd estimate b at `on`: the sum of squared errors, and of their variances."""
        error = (b - self.right) ** 2
        mean = error @ WEIGHTS
        spread = np.maximum(error**2 @ WEIGHTS - mean**2, 0.0)
        return float(self.many @ mean), float(self.many @ spread)


def moments(setting: Setting, given: Given, steps: Sequence[int]) -> dict[str, np.ndarray]:
    """Of descent, at every step: off, off_4, on, on_var, missed (steps,)."""
    at = Quadrature.of(setting, given)
    eta, _ = setting.stop(given.a * setting.z, given)
    rows = []
    for state in descend(np.vstack([at.off, at.on]), eta, setting.configuration.alpha, steps):
        off, on = state.b[0] ** 2, state.b[1:]
        missed = at.many @ ((on - at.on) ** 2 @ WEIGHTS)
        rows.append((off @ WEIGHTS, off**2 @ WEIGHTS, *at.on_support(on), missed))
    names = ("off", "off_4", "on", "on_var", "missed")
    return dict(zip(names, np.array(rows).T, strict=True))


def soft(phi: np.ndarray, lam: Any) -> np.ndarray:
    """The lasso with the loss of the model."""
    return np.asarray(np.sign(phi) * np.maximum(np.abs(phi) - lam, 0.0))
