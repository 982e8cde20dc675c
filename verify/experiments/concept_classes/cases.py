"""Homes of the claims on concept classes, and configurations in which slips show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.concept_classes.configuration import Configuration
from verify.experiments.kit import Home

NORMS = Configuration(phi="0.3 1 0 0.4; 1; 0 0.5 0 0 0 0.2", pairs=5)
GUARANTEE = Configuration(pairs=200, steps=600, seeds=80)
HUBER = replace(GUARANTEE, phi="0 10; 10", step=1.0, steps=900)
REGRET = Configuration(pairs=100, steps=300, init_scale=1.0, seeds=8)
REAL = replace(REGRET, data="diabetes", loss="squared")
END = replace(REGRET, comparator="end", noise=3000.0, pairs=50, steps=50, init_scale=100.0)
"""Errors beyond 1, and W* = W_T: the regret bound is attained."""
SWEEPS = Configuration(steps=480, step=1.0)
PARITY = replace(NORMS, phi="0 1 0 0.4; 0 0.5 0 0 0 0.2")
LAYERS = Configuration()

ALONE = tuple(
    replace(NORMS, phi=phi, dimension=3, draws=50_000)
    for phi in ("1; 0.5", "0 1; 0 0.7", "0 0 0 1", "0 0 0 0 0 1")
)
"""Every degree by itself."""

SLIPS: dict[str, tuple[Configuration, ...]] = {
    "concepts/inner": (NORMS, *ALONE),
    "concepts/norm": ALONE,
    "concepts/at-start-at-most": (NORMS, *ALONE[:3]),
    "concepts/parity": (PARITY, *ALONE[:2]),
    "concepts/regret": (REGRET, END),
}
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `concepts/...`."""
    return SLIPS.get(claim) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    groups = {
        NORMS: ("representation", "inner", "norm", "by-terms", "at-start", "at-start-at-most"),
        LAYERS: ("random-signs", "curvature", "descends"),
        PARITY: ("parity",),
        GUARANTEE: ("frozen", "guarantee"),
        HUBER: ("frozen-huber", "guarantee-huber", "published"),
        REGRET: ("homogeneous", "telescoped", "regret"),
        SWEEPS: ("width", "samples"),
    }
    return {f"concepts/{name}": Home(at) for at, names in groups.items() for name in names}
