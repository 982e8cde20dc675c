"""Homes of the claims on single index models, and configurations in which slips show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.single_index_models.configuration import Configuration

PATHS = Configuration(data="diabetes", samples=40, dimension=12, draws=2, support=3)
"""Of real data; nothing is drawn."""

STATISTIC = Configuration(samples=60, dimension=30, support=4, ratio=2.0, draws=1500,
                          noise_law="heavy", link="relu")  # fmt: skip
ERRORS = Configuration(samples=1000, dimension=60, draws=800)
ORACLE = Configuration(samples=600, dimension=40, draws=2000, delta=0.01)
MATRICES = Configuration(samples=60, dimension=12, support=3, draws=800)
SWEEPS = Configuration(samples=60, dimension=12, support=3, draws=2)

NEAR = replace(PATHS, alpha=0.3, growth=0.2)
"""A start that is not small: all terms of the closed form matter."""

STARTS = (PATHS, NEAR, replace(PATHS, alpha=0.5, growth=0.5, step=0.1))
WINDOWS = (
    ERRORS,
    replace(PATHS, alpha=0.05, growth=0.05, near=0.2),
    replace(PATHS, alpha=0.1, growth=0.02, near=0.05),
)
SMALL = Configuration(samples=4, dimension=3, support=2, draws=20_000, ratio=3.0)
"""Few coordinates: p - s, p - 1 and s - 1 tell from their neighbours."""

LASSO = (
    replace(SMALL, samples=20, draws=30_000, link="cubic"),
    replace(SMALL, samples=8, dimension=6, draws=30_000, delta=0.5, noise=2.0),
    replace(SMALL, samples=10, dimension=5, draws=30_000, delta=0.9, noise=1.0, link="relu"),
)
STEEP = Configuration(samples=400, dimension=20, support=4, draws=4000, alpha=1e-40)
"""So near to the origin what exceeds lam by little is found at the stop: (FY5) is sharp."""

SLIPS: dict[str, tuple[Configuration, ...]] = {
    "index/flow": STARTS,
    "index/at-least": STARTS,
    "index/at-most": STARTS,
    "index/simply-at-least": STARTS,
    "index/simply-at-most": STARTS,
    "index/first": WINDOWS,
    "index/last": WINDOWS,
    "index/window": WINDOWS,
    "index/largest": (replace(SMALL, delta=0.5), replace(SMALL, dimension=6, delta=0.5)),
    "index/noise": (STATISTIC, SMALL),
    "index/entry": (STATISTIC, SMALL, replace(SMALL, correlation=-0.6)),
    "index/error": (ERRORS, replace(SMALL, draws=8000)),
    "index/selection": (ERRORS, STEEP),
    "index/oracle": (
        replace(SMALL, dimension=6, support=3, samples=300, draws=8000, delta=0.01),
        replace(SMALL, dimension=6, support=3, samples=300, draws=8000, ratio=1.0, delta=0.5),
    ),
    "index/lasso": LASSO,
    "index/matrix-flow": (MATRICES, replace(MATRICES, alpha=0.3, growth=0.2, draws=2),
                          replace(MATRICES, alpha=0.5, growth=0.5, draws=2, step=0.1)),
    "index/matrix-oracle": tuple(
        replace(MATRICES, size=size, rank=rank, matrix_samples=samples, draws=8000)
        for size, rank, samples in ((3, 2, 400), (2, 2, 400), (2, 1, 150))
    ),
}  # fmt: skip
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `index/...`."""
    return SLIPS.get(claim) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    groups = {
        PATHS: ("flow", "flow-product", "product", "at-least", "at-most", "simply-at-least",
                "simply-at-most", "lasso-coordinate"),
        ERRORS: ("error", "selection", "support", "lasso", "published",
                 "first", "last", "window", "published-first", "published-last"),
        ORACLE: ("oracle",),
        STATISTIC: ("entry", "noise", "largest"),
        MATRICES: ("matrix-flow", "matrix-descent", "matrix-norm", "matrix-selection",
                   "matrix-oracle", "published-matrix"),
        SWEEPS: ("heavy-tails", "clipped"),
    }  # fmt: skip
    return {f"index/{name}": Home(at) for at, names in groups.items() for name in names}
