"""Homes of the claims on subquadratic training, and configurations in which slips show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.subquadratic_training.configuration import Configuration

DESCENT = Configuration()
DEEP = replace(DESCENT, layers=3, width=128, step=0.1, steps=9)
STARTS = Configuration(samples=3, trials=300)
FEW = Configuration(samples=2, width=32, sparsity=0.4, trials=2000)
"""So narrow that more than m^(1-c) neurons may fire."""

COSTS = Configuration(sweeps=30)
NEWTON = Configuration(samples=3, width=20_000, threshold=0.7, target_scale=0.05, networks=6)
PAIRS = replace(NEWTON, width=2_000, trials=400)
WIDTH = Configuration(
    data="orthogonal",
    samples=2,
    width=4_000,
    threshold=0.7,
    target_scale=0.04,
    trials=60,
    steps=4,
)
LEFT = Configuration(samples=3, threshold=0.5, target_scale=1.0, smallest=256, largest=4096,
                     sweeps=30)  # fmt: skip
SKETCH = Configuration(samples=3, width=64, threshold=0.3, rows=31, trials=2000)
STRETCHED = Configuration(
    samples=4, width=128, threshold=0.3, rows=256, stretch=3.0, trials=300, networks=8,
)  # fmt: skip

GROUPS: dict[Configuration, tuple[str, ...]] = {
    DESCENT: ("kept", "kept-last", "sparse", "lazy", "count", "count-dense", "count-lazy",
              "published-cost"),
    STARTS: ("fired", "fired-deep", "fired-mean", "leading", "leading-at-most",
             "published-fired"),
    FEW: ("fired-tail",),
    COSTS: ("fired-slope", "slope-sparse", "slope-dense"),
    replace(COSTS, layers=1): ("slope-lazy",),
    PAIRS: ("kept-law",),
    NEWTON: ("flips", "one-step", "certificate", "moved", "certified-sparse", "inexact",
             "published-rate"),
    WIDTH: ("width",),
    LEFT: ("slope-width", "slope-order"),
    SKETCH: ("sketch", "sketch-matrices", "sketch-subspace", "sketch-failure",
             "published-sketch"),
    STRETCHED: ("preconditioned", "gaussian-sketch"),
}  # fmt: skip
"""Claims that are judged together, by their configuration."""

SMALL = replace(STARTS, width=6, sparsity=0.05, trials=1500)
SHORT = replace(SMALL, data="diabetes", rescale=False, sparsity=0.002)
"""Rows that are shorter than 1."""

TWO = replace(FEW, samples=1, width=2, sparsity=0.1, trials=12_000)
"""The bound on the tail is as sharp as it gets, to a factor of 6."""

MANY = replace(NEWTON, samples=1, dimension=2, width=40, threshold=0.2, target_scale=0.1,
               networks=300)  # fmt: skip
"""Small networks: in some of them flips are as bad as they can be."""

_LAW = (STARTS, SMALL, SHORT, replace(SMALL, layers=3))
_NEWTON = (NEWTON, MANY)
_STEPS = (*_NEWTON, replace(MANY, samples=2, independent=True))
SLIPS: dict[str, tuple[Configuration, ...]] = {
    "fired": _LAW,
    "fired-deep": _LAW,
    "fired-tail": (FEW, TWO),
    "kept-law": (PAIRS, replace(PAIRS, width=12, threshold=0.3, target_scale=0.02, trials=2000)),
    "count": (DESCENT, DEEP),
    "count-dense": (DESCENT, DEEP),
    **dict.fromkeys(("one-step", "inexact"), _STEPS),
    **dict.fromkeys(("certificate", "moved"), _NEWTON),
}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `subquadratic/...`."""
    return SLIPS.get(claim.partition("/")[2]) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    return {f"subquadratic/{name}": Home(at) for at, names in GROUPS.items() for name in names}
