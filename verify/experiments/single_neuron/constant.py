"""C(omega) of (DK2): the worst risk of a stationary point over opt, by a search in two numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

GRID = (1500, 41)
"""Angles and norms of the first grid."""

ZOOMS, WIDTH = 14, 12
"""Refinements about the best point, and points of each on either side."""


@dataclass(frozen=True)
class Point:
    """A neuron w = r (cos theta, sin theta) beside w* = (1, 0); value: F/opt at its worst."""

    r: float
    theta: float
    value: float

    @property
    def w(self) -> np.ndarray:
        return self.r * np.array([math.cos(self.theta), math.sin(self.theta)])

    @property
    def g(self) -> np.ndarray:
        """E p x (relu(<w, x>) - relu(<w*, x>))."""
        return np.array(_g(np.array(self.r), np.array(self.theta)))

    @classmethod
    def at(cls, omega: float, theta: float, u: float) -> Point:
        """At a share u of the norms that are feasible at that angle; at the nearest if none is."""
        for angle in theta * np.linspace(1, 0, 200):
            low, high = _norms(omega, np.array(angle))
            if low <= high and high > 0:
                r = float(low + (high - low) * u)
                return cls(r, float(angle), float(worst(omega, np.array(r), np.array(angle))))
        raise AssertionError("w* itself is feasible")


def _pieces(theta: np.ndarray) -> tuple[np.ndarray, ...]:
    """J, K, B, and the coordinate of k towards w."""
    sin, cos = np.sin(theta), np.cos(theta)
    J = (sin + (math.pi - theta) * cos) / (2 * math.pi)
    K = (math.pi - theta + sin * cos) / (2 * math.pi)
    return J, K, (theta - sin * cos) / math.pi, sin**2 / (2 * math.pi)


def _g(r: np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, K, _, side = _pieces(theta)
    return r * np.cos(theta) / 2 - K, r * np.sin(theta) / 2 - side


def _norms(omega: float, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the norms r with 2 |g|^2 <= omega; the first is larger where there is none."""
    _, K, _, side = _pieces(theta)
    middle = K * np.cos(theta) + side * np.sin(theta)  # |g|^2 = (r/2 - middle)^2 + the rest
    left = omega / 2 - (K * np.sin(theta) - side * np.cos(theta)) ** 2
    half = np.sqrt(np.maximum(left, 0.0))
    low = np.where(left >= 0, np.maximum(2 * (middle - half), 1e-9), 1.0)
    return low, np.where(left >= 0, 2 * (middle + half), 0.0)


def worst(omega: float, r: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """F/opt at a stationary point for the worst labels."""
    J, K, B, side = _pieces(theta)
    g = _g(r, theta)
    rest = (r**2 + 1) / 2 - 2 * r * J - 2 * (r**2 / 2 - r * (np.cos(theta) / 2 + J) + K)
    inner = -g[0] * B / 2 + g[1] * side
    room = np.maximum(omega - 2 * (g[0] ** 2 + g[1] ** 2), 0.0)
    free = np.maximum(B - 2 * (B**2 / 4 + side**2), 0.0)
    return np.asarray((omega + rest + 4 * inner + 2 * np.sqrt(room * free)) / omega)


@lru_cache(maxsize=256)
def supremum(omega: float) -> Point:
    """The worst stationary point at an angle of at most pi/2: its value is C(omega)."""
    shares = np.linspace(0, 1, GRID[0])
    theta, u = math.pi / 2 * shares**2, np.linspace(0, 1, GRID[1])
    wide, tall = theta[-1], 1.0
    best = (-np.inf, 0.0, 0.0, 0.0)
    for zoom in range(ZOOMS):
        low, high = _norms(omega, theta)
        r = low[:, None] + (high - low)[:, None] * u
        values = np.where((low <= high)[:, None], worst(omega, r, theta[:, None]), -np.inf)
        i, j = np.unravel_index(int(values.argmax()), values.shape)
        best = max(best, (float(values[i, j]), float(r[i, j]), float(theta[i]), float(u[j])))
        wide, tall = (wide / 50, 0.05) if zoom == 0 else (wide / 4, tall / 4)
        around = np.linspace(-1, 1, 2 * WIDTH + 1)
        theta = np.clip(best[2] + wide * around, 0, math.pi / 2)
        u = np.clip(best[3] + tall * around, 0, 1)
    return Point(best[1], best[2], best[0])
