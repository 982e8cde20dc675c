"""Where claims on quadratic and smooth networks are judged, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.quadratic_networks.configuration import Configuration

SHARP = Configuration(
    dimension=3, labels="bottom", target_scale=0.03, positive=5, negative=5, start="orthonormal",
    init_scale=1.0, steps=500,
)  # fmt: skip
"""The rate of (Q.10) is sharp: W_+ = W_- has orthonormal columns, y is along the bottom of T."""

DIABETES = Configuration(data="diabetes", samples=442, features=3, targets="auto", steps=2000)
NEAR = Configuration(start="independent", positive=5, negative=5, init_scale=0.3)
"""A few neurons, for the Hessian."""

PLATEAUS = replace(NEAR, init_scale=0.01, steps=600)
"""Small weights leave saddles one after the other."""

SADDLE = replace(NEAR, start="saddle")
MINIMA = Configuration(
    dimension=3, positive=4, negative=4, start="independent", steps=150, trials=300
)
SMOOTH = Configuration(dimension=20, samples=15, positive=20, negative=20, steps=200)
WORST = replace(SMOOTH, direction="least", reach=0.1, q=0.95, seeds=4, steps=1500)
BASIN = Configuration(dimension=6, positive=4, negative=4, seeds=4)
WIDE = Configuration(
    dimension=100, samples=8, positive=10, negative=10, activation="leaky", leak=0.8, steps=40,
    trials=60, start="independent",
)  # fmt: skip


SQUARES = replace(SMOOTH, activation="square", dimension=12, positive=6, negative=6,
                  published_samples=1.0)  # fmt: skip

LINE = Configuration(dimension=1, samples=1, positive=3, negative=3, output=1.4, steps=60)
"""One input on a line: the rate is attained."""

OTHER = Configuration(dimension=3, samples=12, positive=9, negative=9, output=1.7)
UNEVEN = replace(NEAR, uneven=2.0, output=0.6)
EXACTLY = replace(NEAR, positive=4, negative=4, steps=100)

DESCENTS = (
    Configuration(), SHARP, replace(SHARP, dimension=2, output=0.4, target_scale=0.003), LINE,
    replace(LINE, target_scale=0.1, output=0.2, init_scale=2.0), OTHER, DIABETES,
)  # fmt: skip
CURVED = (
    PLATEAUS, SADDLE, UNEVEN, replace(UNEVEN, start="saddle"), EXACTLY,
    replace(EXACTLY, positive=5, output=2.5), replace(EXACTLY, start="saddle"),
    replace(LINE, positive=1, negative=1, start="independent"),
)  # fmt: skip
NEARBY = (
    SMOOTH, WORST, replace(WORST, activation="square", output=0.3), SQUARES,
    replace(WORST, activation="tanh", reach=0.5, q=0.8, samples=6, dimension=8),
    replace(WORST, activation="linear", reach=0.5, samples=1, dimension=2, positive=1, negative=1),
    replace(WORST, activation="leaky", samples=1, dimension=3, reach=0.9, step=0.6),
    replace(WORST, activation="linear", q=0.05, samples=1, dimension=2, positive=1, negative=1,
            steps=60),
    replace(WORST, activation="square", dimension=1, samples=1, positive=1, negative=0, seeds=8,
            start="independent", direction="random", q=0.98, reach=0.9, steps=3000),
)  # fmt: skip
BASINS = (
    BASIN, replace(BASIN, direction="top", reach=1.0),
    replace(BASIN, activation="square", direction="top", output=3.0, q=0.9),
)  # fmt: skip
SLIPS = {
    "certified-gap": CURVED,
    "strict-saddle": CURVED[:4],
    "smooth-rate": NEARBY,
    "smooth-path": NEARBY,
    "published-rate": (SQUARES, replace(SQUARES, published_rate=0.05)),
    "basin": BASINS,
    "minimum-law": (MINIMA, replace(MINIMA, dimension=2, target_scale=3.0)),
}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `quadratic/...`."""
    name, home = claim.partition("/")[2], _home(claim)
    if name.startswith(("global", "flow", "imbalance", "recursion", "gap")):
        return DESCENTS
    return SLIPS.get(name, (home,))


def _home(claim: str) -> Configuration:
    name = claim.partition("/")[2]
    own = {
        "certified-gap": PLATEAUS, "strict-saddle": SADDLE, "local-minima": NEAR,
        "minimum-law": MINIMA, "threshold": MINIMA, "published-size": MINIMA,
        "smooth-rate": SMOOTH, "smooth-path": SMOOTH, "basin": BASIN,
        "global-size": SHARP,
        "flow-rate": SHARP,
        "global-least": DIABETES,
        "global-drift": DIABETES,
        "published-rate": SQUARES, "wide-kernel": WIDE, "wide-rate": WIDE,
    }  # fmt: skip
    return own.get(name, Configuration())


def homes() -> dict[str, Home]:
    """The default, but where few neurons, other inputs or other networks are needed."""
    from theory import registry

    return {name: Home(_home(name)) for name in registry.claims("quadratic-networks")}
