"""Where claims on sparse deep regression are judged, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.sparse_deep_regression.configuration import Configuration

DEFAULT = Configuration()
TREES = Configuration(factors=8, points=400)
SQUARE = Configuration(m=12)
"""x^2: the bound on the sieve is attained."""

PLANE = Configuration(variables=2, knots=1, m=12)
SLOPE = Configuration(m=12, beta=3.0)
COVER = Configuration(depth=2, variables=2, width=3, nonzeros=24)
EXPONENTIAL = Configuration(truth="member", family="bumps", amplitude=1.0, candidates=8, draws=10,
                            temperature=0.3, trials=2000)  # fmt: skip
CLASS = Configuration(draws=200, trials=2000)
TRAINED = Configuration(
    noise=0.3, draws=20_000, radius=0.001, nonzeros=12, failure=0.3, networks=150
)
HAAR = Configuration(variables=2, draws=4096, noise=1.0, trials=1000)
RATES = Configuration(smallest=256, largest=16_384, noise=0.5, sweeps=60, constant=3.0)
WAVELETS = replace(RATES, variables=1, sweeps=4, tolerance=0.05)

HOMES = {
    "sawtooth": DEFAULT, "sawtooth-supremum": DEFAULT,
    "product": DEFAULT, "product-supremum": DEFAULT, "zeros-and-ones": DEFAULT,
    "tree": TREES, "tree-layers": TREES, "tree-nonzeros": TREES, "tree-width": TREES,
    "parameters": TREES, "published-product": TREES,
    "hoelder": SQUARE, "published-hoelder": SQUARE, "published-nonzeros": SQUARE,
    "hoelder-layers": SQUARE, "hoelder-variables": PLANE, "hoelder-slope": SLOPE,
    "modulus": COVER, "modulus-attained": COVER, "cover": COVER, "centres": COVER,
    "published-modulus": COVER, "published-centres": COVER,
    "exponential": EXPONENTIAL, "all-at-once": CLASS,
    "inequality": CLASS, "published-inequality": replace(CLASS, draws=4000),
    "trained": TRAINED,
    "haar": HAAR, "haar-rate": HAAR, "keep-or-kill": HAAR,
    "sieve-slope": RATES, "published-rate": RATES,
    "haar-slope-at-most": WAVELETS, "haar-slope-at-least": WAVELETS,
    "published-wavelets": replace(WAVELETS, constant=0.1),
}  # fmt: skip

SLIPS: dict[str, tuple[Configuration, ...]] = {}


def homes() -> dict[str, Home]:
    """The smallest configurations in which the claims are informative."""
    return {f"sparse/{name}": Home(configuration) for name, configuration in HOMES.items()}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `sparse/...`."""
    name = claim.partition("/")[2]
    return SLIPS.get(name, (HOMES[name],))
