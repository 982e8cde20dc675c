"""Where claims on sparse deep regression are judged, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.sparse_deep_regression.configuration import Configuration

DEFAULT = Configuration()
TREES = Configuration(factors=8, points=400)
SQUARE = Configuration(m=12)
"""x^2: the bound on the sieve is attained."""

PLANE = Configuration(variables=2, m=12)
SLOPE = Configuration(m=12, beta=3.0)
COVER = Configuration(depth=2, variables=2, width=3, nonzeros=24)
EXPONENTIAL = Configuration(truth="member", family="bumps", amplitude=1.0, candidates=8, draws=10,
                            temperature=0.3, trials=2000)  # fmt: skip
CLASS = Configuration(draws=200, trials=2000)
TRAINED = Configuration(
    noise=0.3, draws=20_000, radius=0.001, nonzeros=12, failure=0.3, networks=150
)
HAAR = Configuration(variables=2, draws=4096, noise=1.0, trials=1000)
RATES = Configuration(smallest=256, largest=8192, noise=0.5, sweeps=45, constant=3.0)
WAVELETS = replace(RATES, largest=32_768, tolerance=0.05)

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

ROUGH = Configuration(m=10, beta=0.7)
QUARTIC = Configuration(m=1, beta=4.0, knots=1)
"""The tree of monomials is deeper than the hats."""

COARSE = Configuration(m=1, knots=16)
"""Products, not the Taylor polynomials, make the error."""

SPACE = Configuration(variables=3, m=2, points=200)
SLIPS = {
    "hoelder": (SQUARE, ROUGH, QUARTIC, COARSE, replace(SQUARE, beta=1.0, knots=1)),
    "hoelder-variables": (PLANE, SPACE, replace(SPACE, variables=2, m=1)),
    "hoelder-layers": (SQUARE, QUARTIC, PLANE, replace(QUARTIC, beta=6.0, m=3), ROUGH),
    "published-hoelder": (SQUARE, ROUGH, PLANE),
    "published-nonzeros": (SQUARE, ROUGH, PLANE),
    "centres": (COVER, replace(COVER, nonzeros=2, radius=0.3), replace(COVER, radius=1e3)),
    "cover": (COVER, replace(COVER, depth=1, variables=3, nonzeros=99)),
    "modulus": (COVER, replace(COVER, depth=1, variables=1, width=2, radius=1.0)),
    "inequality": (CLASS, replace(CLASS, estimator="worst", ceiling=2.0, noise=0.5),
                   replace(CLASS, family="bumps", candidates=1)),
    "haar": (HAAR, replace(HAAR, variables=1, draws=8192, trials=600),
             replace(HAAR, variables=3, draws=2048, trials=1000),
             replace(HAAR, draws=2, trials=50)),
    "haar-rate": (HAAR, replace(HAAR, variables=1), replace(HAAR, variables=3, noise=0.3)),
    "keep-or-kill": (HAAR, replace(HAAR, variables=1, draws=64)),
    "sieve-slope": (RATES, replace(RATES, tolerance=0.03)),
    "haar-slope-at-most": (WAVELETS, replace(WAVELETS, variables=2)),
    "haar-slope-at-least": (WAVELETS, replace(WAVELETS, variables=2),
                            replace(WAVELETS, variables=3, alpha=0.9, noise=0.25)),
    "published-rate": (RATES, replace(RATES, alpha=0.9)),
    "published-wavelets": (replace(WAVELETS, constant=0.1),
                           replace(WAVELETS, variables=2, constant=0.5)),
}  # fmt: skip


def homes() -> dict[str, Home]:
    """The smallest configurations in which the claims are informative."""
    return {f"sparse/{name}": Home(configuration) for name, configuration in HOMES.items()}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `sparse/...`."""
    name = claim.partition("/")[2]
    return SLIPS.get(name, (HOMES[name],))
