"""Homes of the claims on single index models, and configurations in which slips show."""

from __future__ import annotations


from verify.experiments.kit import Home
from verify.experiments.single_index_models.configuration import Configuration

PATHS = Configuration(data="diabetes", samples=40, dimension=12, draws=2, support=3)
"""Of real data; nothing is drawn."""

STATISTIC = Configuration(samples=60, dimension=30, support=4, ratio=2.0, draws=1500,
                          noise_law="heavy", link="relu")  # fmt: skip
ERRORS = Configuration(dimension=100, draws=400)
MATRICES = Configuration(samples=60, dimension=12, support=3, draws=150)
SWEEPS = Configuration(samples=60, dimension=12, support=3, draws=2)

SLIPS: dict[str, tuple[Configuration, ...]] = {}
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `index/...`."""
    return SLIPS.get(claim) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    groups = {
        PATHS: ("flow", "flow-product", "product", "at-least", "at-most", "simply-at-least",
                "simply-at-most", "lasso-coordinate"),
        ERRORS: ("error", "selection", "support", "oracle", "lasso", "published",
                 "first", "last", "window"),
        STATISTIC: ("entry", "noise", "largest"),
        MATRICES: ("matrix-flow", "matrix-descent", "matrix-norm", "matrix-selection",
                   "matrix-oracle", "published-matrix"),
        SWEEPS: ("heavy-tails", "clipped"),
    }  # fmt: skip
    return {f"index/{name}": Home(at) for at, names in groups.items() for name in names}


