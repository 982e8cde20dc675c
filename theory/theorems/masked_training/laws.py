"""Mask laws: how many of the p surrogates hold a neuron.

Columns (neurons) are independent and the p entries of a column exchangeable, so the law of
N_r, the number of surrogates that hold neuron r, is the whole law. A new law is its name, its
probability P(N = j) and the values of xi it allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import sympy as sp

from theory.language.errors import InvalidArgument
from theory.theorems.masked_training.symbols import xi


@dataclass(frozen=True)
class MaskLaw:
    """An exchangeable law of one column of masks.

    pmf     P(N = j) for p surrogates, as a sympy expression in xi
    fixed_xi  the value of xi that p determines, or None where xi is free in (0, 1]
    """

    name: str
    pmf: Callable[[int, int], sp.Expr] = field(compare=False)
    fixed_xi: Callable[[int], sp.Expr] | None = field(default=None, compare=False)

    def activity(self, p: int) -> sp.Expr:
        """P(m = 1): the symbol xi, or its value in p."""
        return xi if self.fixed_xi is None else self.fixed_xi(_count(p))

    def theta(self, p: int) -> sp.Expr:
        """P(N >= 1)."""
        return _tidy(1 - self.pmf(0, _count(p)))

    def V(self, p: int) -> sp.Expr:
        """Var(N)/(p xi)^2."""
        return _tidy((self._mean(p, lambda j: j**2) / self._mean(p, lambda j: j) ** 2) - 1)

    def v_A(self, p: int) -> sp.Expr:
        """Var(m^l)."""
        active = self._mean(p, lambda j: j) / p
        return _tidy(active * (1 - active))

    def v_B(self, p: int) -> sp.Expr:
        """Var(m^l/N), 0/0 = 0: E[1/N; N >= 1]/p - theta^2/p^2."""
        inverse = self._mean(p, lambda j: sp.Rational(1, j) if j else sp.S.Zero)
        return _tidy(inverse / p - self.theta(p) ** 2 / p**2)

    def count_probabilities(self, p: int, activity: float) -> np.ndarray:
        """P(N = 0), ..., P(N = p) as float64; shape (p + 1,)."""
        return _count_probabilities(self, _count(p), float(activity)).copy()

    def moments(self, p: int, activity: float) -> dict[str, float]:
        """theta, V, v_A and v_B at numbers, from P(N = j) and without cancellation."""
        self.check(p, activity)
        return dict(_moments(self, p, float(activity)))

    def kurtosis(self, p: int, activity: float) -> float:
        """E(N/(p xi) - 1)^4/V^2 - 3, the excess kurtosis of N; 0 where N is constant."""
        probabilities = self.count_probabilities(p, activity)
        centred = np.arange(p + 1) / (p * activity) - 1
        variance = float(probabilities @ centred**2)
        if variance < 1e-24:
            return 0.0
        return float(probabilities @ centred**4) / variance**2 - 3

    def check(self, p: int, activity: float) -> None:
        """InvalidArgument where the law has no such p or xi."""
        if _count(p) > LARGEST_P:
            raise InvalidArgument("p", p, f"at most {LARGEST_P}: N has p + 1 values")
        if not 0 < activity <= 1:
            raise InvalidArgument("xi", activity, "in (0, 1]")
        if activity < SMALLEST_XI:
            raise InvalidArgument("xi", activity, f"at least {SMALLEST_XI:g}: no power overflows")
        if self.fixed_xi is not None:
            wanted = self.fixed_xi(_count(p))
            if abs(activity - float(wanted)) > 1e-12:
                raise InvalidArgument("xi", activity, f"{wanted} for the {self.name} law")

    def _mean(self, p: int, function: Callable[[int], sp.Expr]) -> sp.Expr:
        return sum((self.pmf(j, _count(p)) * function(j) for j in range(p + 1)), sp.S.Zero)


LARGEST_P = 4096
"""P(N = 0), ..., P(N = p) take seconds beyond this."""

SMALLEST_XI = 1e-50
"""Fourth powers of 1/xi are finite float64 numbers."""


def _binomial(j: int, p: int) -> sp.Expr:
    return sp.binomial(p, j) * xi**j * (1 - xi) ** (p - j)


BERNOULLI = MaskLaw("bernoulli", _binomial)
"""Each surrogate holds each neuron independently with probability xi: (multi-sample) dropout."""

CATEGORICAL = MaskLaw(
    "categorical", lambda j, p: sp.Integer(int(j == 1)), lambda p: sp.Rational(1, p)
)
"""Each neuron lives in exactly one surrogate: Independent Subnet Training."""

LAWS = {law.name: law for law in (BERNOULLI, CATEGORICAL)}


def law(name: str) -> MaskLaw:
    """The mask law of that name."""
    if name not in LAWS:
        raise InvalidArgument("law", name, "one of " + ", ".join(LAWS))
    return LAWS[name]


def _count(p: int) -> int:
    if p < 1 or p != int(p):
        raise InvalidArgument("p", p, "an integer >= 1")
    return int(p)


@lru_cache(maxsize=256)
def _tidy(expression: sp.Expr) -> sp.Expr:
    return sp.factor(sp.simplify(expression))


@lru_cache(maxsize=256)
def _count_probabilities(law: MaskLaw, p: int, activity: float) -> np.ndarray:
    # 40 digits: 1 - xi is right for every float, and powers stay short
    number = sp.Float(sp.Rational(activity), 40)
    return np.array([float(sp.sympify(law.pmf(j, p)).subs(xi, number)) for j in range(p + 1)])


@lru_cache(maxsize=256)
def _moments(law: MaskLaw, p: int, activity: float) -> dict[str, float]:
    pmf = law.count_probabilities(p, activity)
    j = np.arange(p + 1)
    theta = min(1.0, float(pmf[1:].sum()))
    inverse = np.where(j > 0, 1 / np.maximum(j, 1), 0.0)
    held, free = j / p * (inverse - theta / p) ** 2, (1 - j / p) * (theta / p) ** 2
    return {
        "theta": theta,
        "V": float(pmf @ (j / (p * activity) - 1) ** 2),
        "v_A": activity * (1 - activity),
        "v_B": float(pmf @ (held + free)),
    }
