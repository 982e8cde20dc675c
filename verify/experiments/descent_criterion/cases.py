"""Configurations in which a slip in a claim on the criterion shows; homes of claims."""

from __future__ import annotations

from verify.experiments.descent_criterion.configuration import Configuration
from verify.experiments.kit import Home


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `criterion/...`."""
    return (Configuration(),)


SPHERE = Configuration(data="sphere", samples=4, trials=2)
RACE = Configuration(data="sphere", samples=10, dimension=20)
FLOOR = Configuration(data="sphere", samples=9, dimension=8)
LINEAR = Configuration(activation="identity", widths="4", smallest=16.0, largest=64.0)
FEW = Configuration(data="sphere", samples=2, dimension=3, widths="2", criterion="ball", steps=300)


def homes() -> dict[str, Home]:
    """The ball asks for a larger output layer than the integral does."""
    return {
        "criterion/ball*": Home(Configuration(criterion="ball")),
        "criterion/one-layer": Home(Configuration(widths="4", activation="leaky-tanh", scale=8.0)),
        "criterion/fresh-identity": Home(Configuration(activation="identity")),
        "criterion/linear-law": Home(Configuration(scale=16.0)),
        "criterion/scaling-defect-linear": Home(LINEAR),
        "criterion/scaling-*-odd": Home(Configuration(activation="tanh")),
        "criterion/floor": Home(FLOOR),
        "criterion/race": Home(RACE),
        "criterion/published*": Home(FEW),
    }
