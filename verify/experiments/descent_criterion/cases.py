"""Configurations in which a slip in a claim on the criterion shows; homes of claims."""

from __future__ import annotations

from verify.experiments.descent_criterion.configuration import Configuration
from verify.experiments.kit import Home


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `criterion/...`."""
    return (Configuration(),)


def homes() -> dict[str, Home]:
    """The ball asks for a larger output layer than the integral does."""
    return {
        "criterion/ball*": Home(Configuration(criterion="ball")),
        "criterion/one-layer": Home(Configuration(widths="4", activation="leaky-tanh")),
        "criterion/linear-law": Home(Configuration(scale=8.0)),
    }
