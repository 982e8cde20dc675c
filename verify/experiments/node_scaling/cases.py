"""Configurations in which a slip in a claim on unequal node scalings shows.

On one input a certificate loses least: where nothing flips loss, kernel and distance are those of
its formulas but for the smallest nu and omega that are looked for; where some nodes flip, these
matter. One node that holds nearly all of the unequal share makes gamma matter where it is dead.
"""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.node_scaling.configuration import Configuration

_ONE = Configuration(
    data="sphere", samples=1, dimension=3, targets="noise", gamma=1.0, width=200, init_scale=1e6,
    horizon=12.0, points=20, steps=8, trials=12,
)  # fmt: skip
_FLIPS = replace(_ONE, width=2000, steps=14, trials=6)

PATHS = (
    _ONE,
    replace(_ONE, target_scale=0.05, step=0.3, width=60, horizon=6.0),
    replace(_ONE, target_scale=4.0, step=0.6, horizon=3.0, steps=7),
    replace(_ONE, gamma=0.2, alpha=0.05, horizon=4.0),
    replace(_ONE, gamma=0.6, alpha=0.3, target_scale=2.0, horizon=8.0),
    replace(_FLIPS, target_scale=0.05, init_scale=0.035, horizon=2.0),
    replace(_FLIPS, target_scale=3.0, init_scale=2.7, horizon=4.0),
    replace(_FLIPS, target_scale=1.0, init_scale=0.75),
    replace(_ONE, data="orthogonal", samples=3, dimension=4, width=600, horizon=8.0),
    Configuration(trials=8, width=4000, init_scale=1e5),
)
"""For claims on every path."""

WIDTH = (
    replace(_ONE, delta=0.9, epsilon=0.1, gamma=0.5, width=None, init_scale=None, trials=600,
            horizon=4.0, points=4),
    replace(_ONE, delta=0.45, epsilon=0.05, width=None, init_scale=None, trials=400, horizon=4.0,
            points=4),
    Configuration(data="orthogonal", samples=2, dimension=3, delta=0.6, trials=60, points=6),
)  # fmt: skip
"""For (B.6), (B.7): a small epsilon asks for the least width that the kernel needs."""

NTK = (
    Configuration(data="sphere", target_scale=1.0, gamma=1.0),
    Configuration(data="orthogonal", samples=2, dimension=3, gamma=1.0),
)
FEATURES = (replace(NTK[0], gamma=0.5), replace(NTK[0], gamma=0.1))
"""For (B.8) to (B.11)."""

CLOSE = {
    "ntk-distance": (replace(NTK[0], tolerance=0.03),),
    "feature-distance": (replace(FEATURES[0], tolerance=0.05),),
}
"""Tolerances that some sweeps miss: the slopes of kernels scatter as it is."""

PRUNED = (NTK[0], FEATURES[1])
TRANSFER = (Configuration(gamma=1.0),)
"""For (B.13), (B.T)."""

UNREACHABLE = ("node/published-loss", "node/published-distance")
"""Their width is above 1e12 on any data: they are out of their regime wherever one can train."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `node/...`; none where it is unreachable."""
    if claim in UNREACHABLE:
        return ()
    name = claim.partition("/")[2]
    if name in ("pruning-power", "transfer"):
        return PRUNED if name == "pruning-power" else TRANSFER
    if name in ("certificate", "convergence"):
        return WIDTH
    if name.startswith(("ntk", "feature")):
        return (NTK if name.startswith("ntk") else FEATURES) + CLOSE.get(name, ())
    return PATHS


def homes() -> dict[str, Home]:
    """The default is at m*; what is learnt has a gamma of its own."""
    return {
        "node/pruning-power": Home(FEATURES[1]),
        "node/transfer": Home(TRANSFER[0]),
        "node/ntk-*": Home(NTK[0]),
        "node/feature-*": Home(FEATURES[0]),
        "node/published-*": Home(Configuration(init_scale=1.0), unreachable="m"),
    }
