"""Homes of the claims on random features of several types, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.multiple_random_features.configuration import Configuration

RISK = Configuration(offset=0.5)
REAL = Configuration(rows=60, draws=100)
BELOW = Configuration(features="0.3,0.3", draws=200)
INTERPOLATION = Configuration(data="diabetes", samples=442, rows=20, features="1.0,1.0", draws=4000)
"""No neuron is inactive on all of these rows: they are centred."""

PEAK = Configuration()
FOURFOLD = Configuration(
    types="relu,0.05*relu,0.0015*relu", features="1,1,1", dimension=20, rows=60, ridge=2e-10,
    draws=60,
)  # fmt: skip

UNLIKE = Configuration(
    types="0.3*relu,1.5*quadratic", features="0.5,0.75", dimension=10, rows=16, ridge=0.3,
    signal=1.5, noise=1.2, draws=600,
)  # fmt: skip
"""A strong second type, and a large ridge."""

LINEAR = replace(UNLIKE, types="linear,0.5*relu", ridge=0.05)
FEW = replace(UNLIKE, features="0.25,0.125", rows=8, dimension=6, ridge=0.1)
POPULATION = Configuration(
    data="sphere", samples=24, dimension=4, types="relu,absolute", features="0.6,0.6", rows=10,
    draws=12_000,
)  # fmt: skip
"""Of hardly more rows than are drawn."""

PAIRS = replace(POPULATION, rows=2, features="1.5,1.5", replacement=True)
"""A tie of two rows leaves the other one independent: (DR4) with replacement."""

TRIED = Configuration(types="relu,0.3*quadratic", features="0.4,0.6", rows=30, dimension=12)
SLIPS: dict[str, tuple[Configuration, ...]] = {
    **dict.fromkeys(("features/risk", "features/bias", "features/variance"),
                    (RISK, UNLIKE, LINEAR)),
    **dict.fromkeys(("features/given-weights/bias", "features/given-weights/variance"),
                    (PEAK, UNLIKE, FEW)),
    "features/interpolation": (INTERPOLATION, POPULATION),
    "features/distances": (INTERPOLATION, POPULATION, PAIRS),
    "features/peak": (PEAK, TRIED),
    "features/second-peak/height": (PEAK, TRIED),
    "features/maxima": (FOURFOLD, Configuration(types="relu,relu", ridge=1e-4)),
}  # fmt: skip
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
