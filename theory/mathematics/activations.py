"""Smooth activations, with the exact bounds of their derivatives that certificates need.

    s1 = sup |sigma'|, s2 = sup |sigma''|, c_s = 1/E sigma(z)^2 for z ~ N(0, 1)

Where s2 is attained: tanh at tanh(z) = 3^{-1/2}, erf(z/sqrt(2)) at z = 1, softplus at 0, asinh at
z = 2^{-1/2}. sigma' rises, or falls in |z|: on [-Z, Z] it is smallest at an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import sympy as sp

from theory.language.errors import InvalidArgument

z = sp.Symbol("z", real=True)
_GRID = np.linspace(-14, 14, 2801)
"""The trapezoidal rule converges exponentially here: poles at distance pi/2 cost exp(-987)."""


@dataclass(frozen=True)
class Smooth:
    """An activation: sigma as an expression in `z`, s1 and s2 as exact numbers."""

    name: str
    sigma: sp.Expr
    first: sp.Expr
    second: sp.Expr

    @property
    def s1(self) -> float:
        """sup |sigma'|."""
        return float(self.first)

    @property
    def s2(self) -> float:
        """sup |sigma''|."""
        return float(self.second)

    @cached_property
    def c_s(self) -> float:
        """1/E sigma(z)^2, z ~ N(0, 1)."""
        from math import erf

        names = [{"erf": np.vectorize(erf)}, "numpy"]
        squares = np.asarray(sp.lambdify(z, self.sigma, names)(_GRID)) ** 2
        density = np.exp(-(_GRID**2) / 2) / np.sqrt(2 * np.pi)
        return float(1 / ((squares * density).sum() * (_GRID[1] - _GRID[0])))


@cache
def _all() -> Mapping[str, Smooth]:
    root = 3 * sp.sqrt(3)
    top = sp.sqrt(2 / sp.pi)
    one = sp.S.One
    leak = sp.Rational(1, 10)
    made = (
        Smooth("tanh", sp.tanh(z), one, 4 / root),
        Smooth("erf", sp.erf(z / sp.sqrt(2)), top, top * sp.exp(-sp.S.Half)),
        Smooth("softplus", sp.log(1 + sp.exp(z)), one, sp.Rational(1, 4)),
        Smooth("centred-softplus", sp.log((1 + sp.exp(z)) / 2), one, sp.Rational(1, 4)),
        Smooth("asinh", sp.asinh(z), one, 2 / root),
        Smooth("leaky-tanh", leak * z + (1 - leak) * sp.tanh(z), one, (1 - leak) * 4 / root),
        Smooth("identity", z, one, sp.S.Zero),
    )
    return {each.name: each for each in made}


NAMES = ("tanh", "erf", "softplus", "centred-softplus", "asinh", "leaky-tanh", "identity")


def smooth(name: str) -> Smooth:
    """The activation of that name; InvalidArgument lists the known ones."""
    if name not in NAMES:
        raise InvalidArgument("activation", name, "one of " + ", ".join(NAMES))
    return _all()[name]


def constants(name: str) -> Mapping[str, float]:
    """s1, s2 and c_s by name."""
    found = smooth(name)
    return {"s1": found.s1, "s2": found.s2, "c_s": found.c_s}
