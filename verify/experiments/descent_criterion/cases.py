"""Configurations in which a slip in a claim on the criterion shows; homes of claims.

One input loses least: its gradient is all of the Jacobian. With a large output layer s hardly falls
on the way, and with a small epsilon a step loses little: there rate and path are nearly attained.
Near the smallest output layer that meets the criterion s falls to a part of itself.
"""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.descent_criterion.configuration import Configuration
from verify.experiments.kit import Home

_ONE = Configuration(
    data="sphere", samples=1, dimension=2, targets="noise", widths="3", activation="identity",
    epsilon=0.02, scale=60.0, steps=120, trials=1,
)  # fmt: skip
_FEW = Configuration(data="sphere", samples=3, dimension=4, trials=2, steps=60)

PATHS = (
    _ONE,
    replace(_ONE, scale=1.05, target_scale=3.0, steps=400),
    replace(_ONE, epsilon=0.6, steps=12),  # a large output layer attains the rate for any epsilon
    replace(_ONE, widths="1", activation="tanh", scale=30.0, target_scale=4.0, epsilon=0.3),
    replace(_ONE, widths="1,1", activation="asinh", scale=3.0, target_scale=0.1, epsilon=0.6),
    replace(_ONE, widths="2,2", activation="centred-softplus", scale=1.2, step=0.4, epsilon=0.1),
    replace(_ONE, widths="1", activation="tanh", scale=1.05, target_scale=30.0, steps=600),
    _FEW,
    replace(_FEW, samples=2, widths="2,5,3", activation="leaky-tanh", hidden_weight=0.4),
)
"""For claims on every path."""

BALL = tuple(replace(each, criterion="ball") for each in PATHS)

ONE_LAYER = (
    _ONE,
    replace(_ONE, scale=1.1, epsilon=0.1, target_scale=2.0, steps=300),
    replace(_ONE, scale=1.5, epsilon=0.3, target_scale=0.2, widths="1"),
    replace(_FEW, widths="4", activation="leaky-tanh", scale=8.0),
)
"""For (C.10)."""

LAW = (
    replace(_FEW, widths="4", activation="centred-softplus", scale=10.0),
    replace(_ONE, widths="1", activation="centred-softplus", epsilon=0.4, scale=10.0),
    replace(_ONE, widths="4", activation="centred-softplus", scale=3.0, target_scale=2.0),
)
"""For (C.12)."""

LINEAR = Configuration(activation="identity", widths="4", smallest=16.0, largest=64.0)
ODD = Configuration(activation="tanh")
_VARIED = Configuration(
    data="orthogonal", samples=3, dimension=4, targets="noise", widths="1,1", steps=30,
    activation="tanh", smallest=1.0, largest=8.0,
)  # fmt: skip
_SHIFTED = replace(_VARIED, activation="centred-softplus", smallest=4.0, largest=16.0)
CLOSE = {
    "scaling-displacement": replace(_VARIED, tolerance=0.06),
    "scaling-defect-odd": replace(_VARIED, tolerance=0.25),
    "scaling-fresh-odd": replace(_VARIED, tolerance=0.3),
    "scaling-defect": replace(_SHIFTED, tolerance=0.25),
    "scaling-fresh": replace(_SHIFTED, tolerance=0.2),
}
"""Small scales, where slopes are not yet their exponents and differ by network."""

FLOOR = Configuration(data="sphere", samples=9, dimension=8)
RACE = Configuration(data="sphere", samples=10, dimension=20)
PUBLISHED = Configuration(
    data="sphere", samples=2, dimension=3, widths="2", criterion="ball", steps=300
)
NARROW = replace(_ONE, widths="1", criterion="ball", steps=200, epsilon=0.3)

_BY_CLAIM = {
    "one-layer": ONE_LAYER,
    "linear-law": LAW,
    "fresh-identity": (
        Configuration(activation="identity"), replace(_FEW, activation="identity", widths="2"),
    ),
    "scaling-displacement": (Configuration(),),
    "scaling-defect": (Configuration(),),
    "scaling-fresh": (Configuration(),),
    "scaling-defect-odd": (ODD,),
    "scaling-fresh-odd": (ODD,),
    "scaling-defect-linear": (LINEAR,),
    "floor": (FLOOR,),
    "race": (RACE,),
    "published": (PUBLISHED, NARROW, replace(NARROW, scale=2.0, target_scale=3.0)),
    "published-distance": (PUBLISHED, NARROW, replace(NARROW, scale=2.0, target_scale=3.0)),
}  # fmt: skip


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `criterion/...`."""
    name = claim.partition("/")[2]
    found = _BY_CLAIM.get(name, BALL if name.startswith("ball") else PATHS)
    if name in CLOSE:
        found = (*found, CLOSE[name])
    return found


def homes() -> dict[str, Home]:
    """The ball asks for a larger output layer than the integral does."""
    return {
        "criterion/ball*": Home(Configuration(criterion="ball")),
        "criterion/one-layer": Home(Configuration(widths="4", activation="leaky-tanh", scale=8.0)),
        "criterion/linear-law": Home(LAW[0]),
        "criterion/fresh-identity": Home(Configuration(activation="identity")),
        "criterion/scaling-defect-linear": Home(LINEAR),
        "criterion/scaling-*-odd": Home(ODD),
        "criterion/floor": Home(FLOOR),
        "criterion/race": Home(RACE),
        "criterion/published*": Home(PUBLISHED),
    }
