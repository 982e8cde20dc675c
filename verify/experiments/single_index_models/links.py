"""Links f of single index models: five by name, any other by its formula, and their moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from theory.language.errors import InvalidArgument
from theory.language.formulas import Formula

LINKS = {
    "sine": "z + sin(z)", "cubic": "z + z**3/3", "relu": "max(z, 0)", "tanh": "tanh(2*z)",
    "sign": "sign(z)",
}  # fmt: skip
"""Formulas by name."""

REACH = 9.0
"""No index value is larger, but for a probability of 1e-18 each."""

LARGEST = 1e100
"""Responses whose squares do not overflow."""

FAR, PANELS, NODES = 38.0, (760, 1000), 20
"""Gauss-Legendre panels of width 1/10, and finer, up to where the normal density leaves float64."""

LEFT = 1e-12
"""Share of the largest integrand that may be left at the end of the panels."""

AGREE = 1e-4
"""Relative difference of both that is rounding and corners of f; with poles they differ."""


@dataclass(frozen=True)
class Moments:
    """Of f(Z), Z standard normal; inf where there is none, or none is found.

    slope   E f'(Z) = E Z f(Z), mu* of the model: 0 of even and of constant links; NaN if there is
            none
    second  E f(Z)^2
    fourth  E f(Z)^4
    """

    slope: float
    second: float
    fourth: float


@lru_cache(maxsize=64)
def link(text: str) -> Formula:
    """The link of that name or formula; InvalidArgument where it is no finite number."""
    try:
        found = Formula("link", LINKS.get(text, text))
    except InvalidArgument as error:
        raise InvalidArgument(
            "link", text, f"one of {', '.join(LINKS)}, or {error.allowed}"
        ) from None
    z = np.linspace(-REACH, REACH, 4001)
    bad = ~(np.abs(found(z)) <= LARGEST)
    if bad.any():
        at = z[bad][np.abs(z[bad]).argmin()]
        allowed = f"one of {', '.join(LINKS)}, or a formula that is finite for z in [-9, 9]"
        raise InvalidArgument("link", text, f"{allowed}: at z = {at:.4g} it is {found(at):g}")
    return found


@lru_cache(maxsize=64)
def moments(text: str) -> Moments:
    """By quadrature; exact to rounding where f is smooth on panels of width 1/10."""
    f = link(text)
    coarse, fine = (_integrals(f, panels) for panels in PANELS)
    slope, scale, second, fourth = (
        one if abs(one - other) <= AGREE * max(abs(one), size) else math.inf
        for one, other, size in zip(coarse, fine, (coarse[1], *coarse[1:]), strict=True)
    )
    if math.isinf(slope) or math.isinf(scale):
        slope = math.nan
    elif abs(slope) <= LEFT * scale:
        slope = 0.0  # of terms that cancel
    return Moments(slope, second, fourth)


def _integrals(f: Formula, panels: int) -> tuple[float, ...]:
    """E Z f(Z), E |Z f(Z)|, E f(Z)^2, E f(Z)^4; inf where an integrand is left at the ends."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(-FAR, FAR, panels + 1)
    half = np.diff(edges)[:, None] / 2
    z = (edges[:-1, None] + half * (1 + nodes)).ravel()
    weights = (half * weights).ravel() * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    with np.errstate(all="ignore"):
        y = f(z)
        found = []
        for values in (z * y, np.abs(z * y), y**2, y**4):
            parts = values * weights
            size = np.abs(parts)
            ends = max(size[:NODES].max(), size[-NODES:].max())
            exists = np.isfinite(size).all() and ends <= LEFT * size.max()
            found.append(float(parts.sum()) if exists else math.inf)
    return tuple(found)
