"""Where claims on tangent ridge are judged, and configurations in which slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.tangent_ridge.configuration import Configuration

DEFAULT = Configuration(networks=1000)
FEW = Configuration(samples=32, dimension=8, neurons=4, networks=400)
"""N d = n, and four neurons: some samples are dead."""

NOISE = Configuration(samples=20, dimension=4, neurons=4, steps=600, labels=2000)
ROWS = Configuration(samples=60, dimension=20, networks=600, delta=0.1, constant=3.0)
EDGE = Configuration(samples=80, dimension=20, neurons=32, draws=40)
GAPS = Configuration(networks=400)
SWEEP = Configuration(smallest=12, draws=50, noise=1.0, tolerance=0.3)
NETWORK = Configuration(samples=12, dimension=10, neurons=60, ridge=0.0)
KAPPAS = replace(NETWORK, tolerance=0.4, steps=160)
MOMENTS = Configuration(samples=4, dimension=3, degree=1, designs=20_000)
LEAST = Configuration(samples=50, dimension=25, designs=200)
SQUARE = Configuration(samples=20, dimension=20, designs=40)
"""n = d: where the self-induced term is most of the ridge."""

NEW = Configuration(samples=6, dimension=4, inputs=40_000)
LAW = Configuration(samples=20, dimension=10, designs=100, quadratic=0.5)
SANDWICH = Configuration(samples=200, dimension=25, degree=2)
HARMONIC = Configuration(samples=50, dimension=10, neurons=40, harmonic=4, ridge=0.01)

HOMES = {
    "both-active": DEFAULT, "fluctuation": DEFAULT, "dead": FEW,
    "rank": FEW, "rank-at-most": FEW, "rank-of-part": FEW,
    "memorised": NOISE, "never-below": NOISE,
    "least-eigenvalue": ROWS, "published-eigenvalue": ROWS, "edge": EDGE,
    "gap-at-most": GAPS, "gap-law": GAPS,
    "excess-slope": SWEEP, "spread-slope": SWEEP, "published-risk": SWEEP,
    "network": NETWORK, "network-slope": KAPPAS,
    "second-moment": MOMENTS, "fourth-moment": MOMENTS, "least-mean": LEAST,
    "pythagoras": NEW, "risk": NEW, "certificate": SQUARE, "published-polynomial": SQUARE,
    "risk-law": LAW, "self-induced-at-most": SANDWICH, "self-induced-at-least": SANDWICH,
    "harmonics": HARMONIC,
}  # fmt: skip

OTHER = Configuration(samples=7, dimension=4, neurons=3, networks=4000)
SHARP = replace(DEFAULT, ridge=10.0, samples=12, dimension=6, neurons=3, networks=2000)
"""Large ridges make (NT5) nearly an equality."""

SLIPS = {
    "both-active": (DEFAULT, OTHER),
    "fluctuation": (DEFAULT, OTHER),
    "dead": (FEW, OTHER, replace(OTHER, neurons=1)),
    "rank-of-part": (FEW, replace(FEW, samples=12, dimension=2, neurons=3)),
    "memorised": (NOISE, replace(NOISE, noise=1.5, samples=9, neurons=2, dimension=3)),
    "never-below": (NOISE, replace(NOISE, noise=1.5, samples=9, neurons=2, dimension=3)),
    "least-eigenvalue": (ROWS, replace(ROWS, samples=2, dimension=10, epsilon=0.2)),
    "gap-at-most": (GAPS, SHARP, replace(SHARP, ridge=100.0, dimension=3)),
    "gap-law": (GAPS, replace(GAPS, ridge=1.0)),
    "network": (NETWORK, replace(NETWORK, ridge=0.3, neurons=20, steps=60)),
    "second-moment": (MOMENTS, replace(MOMENTS, samples=7, dimension=4, degree=0)),
    "fourth-moment": (
        MOMENTS, replace(MOMENTS, samples=30, dimension=2, degree=0, designs=4000),
        replace(MOMENTS, samples=12, dimension=3, degree=0),
    ),
    "least-mean": (LEAST, replace(LEAST, samples=3, dimension=4, designs=4000)),
    "pythagoras": (NEW, replace(NEW, dimension=2, degree=0, ridge=0.01)),
    "risk": (NEW, replace(NEW, dimension=2, quadratic=2.0, ridge=0.01, noise=2.0)),
    "certificate": (SQUARE, replace(SQUARE, samples=1, dimension=5),
                    replace(SQUARE, samples=8, dimension=3, ridge=0.0, degree=2)),
    "risk-law": (
        LAW, replace(LAW, noise=3.0, designs=100, ridge=0.5),
        replace(LAW, growth=2, samples=30, dimension=8, quadratic=2.0, designs=100, noise=0.2),
    ),
    "harmonics": (
        HARMONIC, replace(HARMONIC, harmonic=2, neurons=4, ridge=0.03),
        replace(HARMONIC, harmonic=1, neurons=1, samples=6, ridge=0.01),
        replace(HARMONIC, harmonic=1, neurons=40, samples=6, ridge=0.01),
    ),
}  # fmt: skip


def homes() -> dict[str, Home]:
    """The smallest configurations in which the claims are informative."""
    return {f"tangent/{name}": Home(configuration) for name, configuration in HOMES.items()}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `tangent/...`."""
    name = claim.partition("/")[2]
    return SLIPS.get(name, (HOMES[name],))
