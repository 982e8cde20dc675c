"""(HS6), (HS7): what the odds of a crossing are to leading order, by quadrature."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

ANGLES, TIMES = 2000, 600
"""Of the Gaussian average in the plane, and of the largest over time."""

ERROR = 1e-4
"""Relative error of what is averaged: by doubling both."""

COUPLED = np.array([[2.0, 1.0], [1.0, 2.0]])
"""A_q."""


@dataclass(frozen=True, eq=False)
class Leading:
    """Of sides with moments M (2, 2, 2), M_s > 0, and nearest data point xi."""

    M: np.ndarray
    xi: float

    @property
    def chi(self) -> np.ndarray:
        """Sx/Sxx (2,)."""
        return np.asarray(self.M[:, 0, 1] / self.M[:, 0, 0])

    @property
    def D(self) -> np.ndarray:
        """S1 - Sx^2/Sxx (2,)."""
        return np.asarray(self.M[:, 1, 1] - self.M[:, 0, 1] ** 2 / self.M[:, 0, 0])

    def decay(self, t: np.ndarray) -> np.ndarray:
        """exp(-D A_q t), (len(t), 2, 2)."""
        values, vectors = np.linalg.eig(self.D[:, None] * COUPLED)
        return np.einsum("ij,tj,jk->tik", vectors, np.exp(-np.outer(t, values)),
                         np.linalg.inv(vectors)).real  # fmt: skip

    def times(self, tau: float) -> np.ndarray:
        """From 0 to tau: fine where the fast mode decays."""
        return tau * np.linspace(0.0, 1.0, TIMES if tau else 1) ** 2

    def reach(self, tau: float) -> np.ndarray:
        """E[up_s + dn_s] (2,): homogeneous in p ~ N(0, 2 I), so an average over angles."""
        angles = np.arange(ANGLES) * (2 * math.pi / ANGLES)
        p = np.stack([np.cos(angles), np.sin(angles)])
        B = np.einsum("tij,ja->tia", self.decay(self.times(tau)), self.chi[:, None] * p) / self.xi
        size = np.abs(B).max(axis=0)
        total = sum(np.maximum(sign * p + size, 0.0) for sign in (1.0, -1.0))
        return np.asarray(math.sqrt(math.pi) * total.mean(axis=1))

    def drift(self, tau: float) -> np.ndarray:
        """Largest |B_s(t)| for t <= tau (2,), of an offset of 1."""
        end = np.linalg.solve(COUPLED, np.ones(2))
        return np.asarray(np.abs(end - self.decay(self.times(tau)) @ end).max(axis=0))

    def constant(self, tau: float) -> float:
        """C."""
        return float(self.reach(tau).sum() / (2 * math.pi))

    def crossing(self, m: np.ndarray, offset: float, tau: float) -> np.ndarray:
        """P(some kink crosses by tau) at widths m, both together."""
        drawn = abs(offset) * np.sqrt(m) * self.drift(tau).sum() / (math.pi * self.xi)
        return np.asarray(-np.expm1(-self.constant(tau) / np.sqrt(m) - drawn))
