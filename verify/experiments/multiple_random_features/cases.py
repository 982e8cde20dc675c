"""Homes of the claims on random features of several types, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.multiple_random_features.configuration import Configuration

RISK = Configuration(offset=0.5)
REAL = Configuration(rows=60, draws=100)
BELOW = Configuration(features="0.3,0.3", draws=200)
INTERPOLATION = Configuration(rows=20, features="1.0,1.0", draws=4000)
PEAK = Configuration()
FOURFOLD = Configuration(
    types="relu,0.05*relu,0.0015*relu", features="1,1,1", dimension=18, rows=60, ridge=1e-10,
    draws=60,
)  # fmt: skip

SLIPS: dict[str, tuple[Configuration, ...]] = {}
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `features/...`."""
    return SLIPS.get(claim) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    return {
        "features/risk": Home(RISK),
        "features/bias": Home(RISK),
        "features/variance": Home(RISK),
        "features/mass-balance": Home(PEAK),
        "features/invariance": Home(PEAK),
        "features/given-weights/bias": Home(PEAK),
        "features/given-weights/variance": Home(PEAK),
        "features/real-rows": Home(REAL),
        "features/ridgeless": Home(BELOW),
        "features/interpolation": Home(INTERPOLATION),
        "features/distances": Home(INTERPOLATION),
        "features/peak": Home(PEAK),
        "features/second-peak/height": Home(PEAK),
        "features/second-peak/width": Home(PEAK),
        "features/maxima": Home(FOURFOLD),
        "features/descents": Home(FOURFOLD),
    }


__all__ = ["homes", "replace", "slips"]
