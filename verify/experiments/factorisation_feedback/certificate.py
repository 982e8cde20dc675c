"""(LR4): a bound of the Lyapunov function and of the weights, before training."""

from __future__ import annotations

import math
from collections.abc import Callable

from verify.experiments.factorisation_feedback.setting import Problem

MARGIN = 1e-9
"""By which bounds are moved to their safe side, so that their premises hold beyond rounding."""

BISECTIONS = 200


def certificate(problem: Problem) -> dict[str, float]:
    """L_min, x, W_max of the claims. A larger step than they certify fails their last premise."""
    at = problem.symbols
    root, U, L0, eta = math.sqrt(at["r"]), at["U_F"], at["L_0"], problem.eta

    def spread(L: float) -> float:
        """kap."""
        return float(at["K_F"] + 2 * eta * (L0 - L))

    def potential(x: float, kap: float) -> float:
        return float(max(0.0, x**2 / root - kap) ** 2 / 8 - U * x)

    def minimiser(kap: float) -> float:
        """The one positive root of x^3 = sqrt(r) kap x + 2 r ||U||_F."""
        high = math.sqrt(root * kap) + (2 * at["r"] * U) ** (1 / 3)
        return _root(lambda x: x**3 - root * kap * x - 2 * at["r"] * U, 0.0, high)

    def lack(L: float) -> float:
        """Positive where no step can have a value of L that small."""
        kap = spread(L)
        return potential(minimiser(kap), kap) - L

    depth = 1.0
    while lack(L0 - depth) < 0:
        depth *= 2
    least = L0 - _root(lambda d: lack(L0 - d), 0.0, depth)
    least -= MARGIN * (abs(least) + abs(L0) + U)
    kap = spread(least)
    x = minimiser(kap)
    high = 2 * x
    while potential(high, kap) < L0:
        high *= 2
    return {
        "L_min": least,
        "x": x,
        "W_max": _root(lambda z: potential(z, kap) - L0, x, high) * (1 + MARGIN),
    }


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function turns from negative to positive, from above, by bisection."""
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return high
