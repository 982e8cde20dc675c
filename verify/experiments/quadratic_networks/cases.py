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


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `quadratic/...`."""
    return (_home(claim),)


def _home(claim: str) -> Configuration:
    name = claim.partition("/")[2]
    own = {
        "certified-gap": PLATEAUS, "strict-saddle": SADDLE, "local-minima": NEAR,
        "minimum-law": MINIMA, "threshold": MINIMA, "published-size": MINIMA,
        "smooth-rate": SMOOTH, "smooth-path": SMOOTH, "basin": BASIN,
        "published-rate": replace(SMOOTH, activation="square", dimension=12, positive=6,
                                     negative=6, published_samples=1.0),
        "wide-kernel": WIDE, "wide-rate": WIDE,
    }  # fmt: skip
    return own.get(name, Configuration())


def homes() -> dict[str, Home]:
    """The default, but where few neurons, other inputs or other networks are needed."""
    from theory import registry

    return {name: Home(_home(name)) for name in registry.claims("quadratic-networks")}
