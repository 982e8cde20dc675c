"""Where claims on tangent ridge are judged, and configurations in which slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.tangent_ridge.configuration import Configuration

DEFAULT = Configuration()
FEW = Configuration(samples=32, dimension=8, neurons=4, networks=400)
"""N d = n, and four neurons: some samples are dead."""

NOISE = Configuration(samples=20, dimension=4, neurons=4, steps=200)
ROWS = Configuration(samples=60, dimension=20, networks=400)
EDGE = Configuration(samples=80, dimension=20, neurons=32, draws=40)
GAPS = Configuration(networks=400)
SWEEP = Configuration(ridge=0.1)
NETWORK = Configuration(samples=12, dimension=10, neurons=60, ridge=0.0)
MOMENTS = Configuration(samples=4, dimension=3, degree=1, designs=20_000)
LEAST = Configuration(samples=50, dimension=25, designs=200)
SQUARE = Configuration(samples=20, dimension=20, designs=40)
"""n = d: where the self-induced term is most of the ridge."""

NEW = Configuration(samples=6, dimension=4, inputs=40_000)
LAW = Configuration(samples=20, dimension=10, designs=60, ridge=0.1, linear=1.0, noise=0.5)
SANDWICH = Configuration(samples=200, dimension=25, degree=2)
HARMONIC = Configuration(samples=50, dimension=10, neurons=40, harmonic=4, ridge=0.01)

HOMES = {
    "both-active": DEFAULT, "fluctuation": DEFAULT, "dead": FEW,
    "rank": FEW, "rank-at-most": FEW, "rank-of-part": FEW,
    "memorised": NOISE, "never-below": NOISE,
    "least-eigenvalue": ROWS, "published-eigenvalue": ROWS, "edge": EDGE,
    "gap-at-most": GAPS, "gap-law": GAPS,
    "excess-slope": SWEEP, "spread-slope": SWEEP, "published-risk": SWEEP,
    "network": NETWORK, "network-slope": NETWORK,
    "second-moment": MOMENTS, "fourth-moment": MOMENTS, "least-mean": LEAST,
    "pythagoras": NEW, "risk": NEW, "certificate": SQUARE, "published-polynomial": SQUARE,
    "risk-law": LAW, "self-induced-at-most": SANDWICH, "self-induced-at-least": SANDWICH,
    "harmonics": HARMONIC,
}  # fmt: skip

SLIPS = {
    "both-active": (FEW, replace(DEFAULT, networks=2000)),
}


def homes() -> dict[str, Home]:
    """The smallest configurations in which the claims are informative."""
    return {f"tangent/{name}": Home(configuration) for name, configuration in HOMES.items()}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `tangent/...`."""
    name = claim.partition("/")[2]
    return SLIPS.get(name, (HOMES[name],))
