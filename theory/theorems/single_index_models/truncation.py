"""Responses with heavy tails: what clipping them is good for.

Setting
    y = f(<x, beta*>) + noise of a symmetric Pareto law, P(|noise| > u) = u^-nu for u >= 1; the
    responses clipped to [-tau, tau] or not; the inputs Gaussian. The noise of Phi is a = ||y||/n
    times a Gaussian vector (FY3), whatever the tail. A sweep takes the median of a over some draws
    at every number of samples n.

Statement
    (FY8)  The slope of log a in log n is max(1/nu - 1, -1/2), of the median and of every other
           quantile, and -1/2 for clipped responses. P(|slope - exponent| <= tolerance) >= 1/2.
           Clipping changes m alone, never the direction of m beta*: with a finite second moment
           (nu > 2) and Gaussian inputs there is nothing to be gained by it.

    Proof. sum y_i^2 is of order n for nu > 2 and of order n^(2/nu) below.

Kind
    **Lower bounds, with probability**: of one sweep.

Premises
    At least three numbers of samples over a factor of at least 8; a link whose own tail is not
    seen there, E f(Z)^4 <= n (E f(Z)^2)^2 at the smallest number of samples n; nu away from 2,
    where the slope is approached slowly. For nu < 2 also: the noise is seen there, for a share
    1/(1 + sigma^2 n^(2/nu - 1)/E f(Z)^2) of the way from -1/2 is still to go, which must be within
    the tolerance, and some of the noise is clipped there, n (sigma/tau)^nu >= 1.

Source
    Derived, after Fan, Yang, Yu (arXiv 2007.08322), who clip at (n/log p)^(1/4) (recalled).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import LOWER_PROBABILITY
from theory.theorems.single_index_models.symbols import (
    SOURCE,
    VOCABULARY,
    f_4,
    f_sq,
    largest,
    sigma,
    sizes,
    smallest,
    tail,
    tau,
    tolerance,
)

_SWEEP = (sizes >= 3, largest >= 8 * smallest, f_4 <= smallest * f_sq**2)


def _slope(exponent: sp.Expr, *premises: sp.Basic) -> Statement:
    parts = {
        "exponent": exponent,
        "lowest": exponent - tolerance,
        "highest": exponent + tolerance,
    }
    return Statement(sp.S.Half, (*_SWEEP, *premises), parts=parts)


def as_they_are() -> Statement:
    """(FY8), not clipped."""
    away = sp.Abs(tail - 2) >= sp.Rational(2, 5)
    left = (1 / tail - sp.S.Half) * f_sq / (f_sq + sigma**2 * smallest ** (2 / tail - 1))
    seen = sp.Or(tail > 2, left <= tolerance)
    return _slope(sp.Max(1 / tail - 1, -sp.S.Half), tail > 1, away, seen)


def clipped() -> Statement:
    """(FY8), clipped."""
    return _slope(-sp.S.Half, sp.Or(tail > 2, smallest * (sigma / tau) ** tail >= 1))


def _quantity(name: str, words: str) -> Quantity:
    return Quantity(
        f"slope_{name}",
        f"P(|slope of {words} - exponent| <= tolerance)",
        rf"\mathbb{{P}}\left[|\text{{slope of {words}}} - \text{{exponent}}| "
        r"\le \text{tolerance}\right]",
    )


CLAIMS = (
    Claim(
        "index/heavy-tails", f"(FY8), {SOURCE}", LOWER_PROBABILITY, _quantity("as_they_are", "a"),
        as_they_are, VOCABULARY, "heavy tails slow the noise of the statistic down",
    ),
    Claim(
        "index/clipped", f"(FY8), {SOURCE}", LOWER_PROBABILITY,
        _quantity("clipped", "a, clipped"), clipped, VOCABULARY, "clipping restores it",
    ),
)  # fmt: skip
