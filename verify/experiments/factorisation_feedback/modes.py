"""The modes of training from zero: scalar recursions, and the curve phi of the flow.

phi' = 1 - phi^3, phi(0) = 0, so tau = F(phi) with
F(x) = log((1 + x + x^2)/(1 - x)^2)/6 + arctan(sqrt(3) x/(2 + x))/sqrt(3).
"""

from __future__ import annotations

import numpy as np

HALVINGS = 200
"""The interval of the logarithm of 1 - phi is halved until it is two neighbouring numbers."""


def recursion(u: np.ndarray, eta: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """w and q of the modes from 0, (steps + 1, modes) each."""
    w, q = np.zeros_like(u), np.zeros_like(u)
    ws, qs = [w], [q]
    for _ in range(steps):
        lack = u - q * w
        w, q = w + eta * lack, q + eta * lack * w
        ws.append(w)
        qs.append(q)
    return np.array(ws), np.array(qs)


def universal(tau: np.ndarray) -> np.ndarray:
    """phi(tau), tau >= 0, by bisection; for small tau, where F cancels, from its series."""
    tau = np.asarray(tau, dtype=np.float64)
    # in y = -log(1 - phi), which is between tau and 3 tau + 1
    low, high = tau.copy(), 3 * tau + 1
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = _elapsed(middle) < tau
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    series = tau - tau**4 / 4 + 3 * tau**7 / 28 - 57 * tau**10 / 1120
    return np.where(tau < 0.05, series, -np.expm1(-(low + high) / 2))


def _elapsed(y: np.ndarray) -> np.ndarray:
    """F(1 - exp(-y))."""
    x = -np.expm1(-y)
    return (np.log1p(x + x**2) + 2 * y) / 6 + np.arctan(np.sqrt(3) * x / (2 + x)) / np.sqrt(3)
