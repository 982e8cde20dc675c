"""Where claims on network identification are judged, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.network_identification.configuration import Configuration

AXIS = Configuration(
    teacher="axes", dimension=3, neurons=1, networks=3, hessians=1, points="worst", eps=0.01
)
"""Differences err as much as they can: one neuron along an axis, where |g''''| is largest."""

NOISY = Configuration(dimension=12, neurons=1, hessians=1, networks=20, noise=3e-4, eps=0.1)
"""Noise is orthogonal to the one w w^T, but for a part."""

LINE = Configuration(dimension=1, neurons=1, networks=2, hessians=40, noise=1e-3, eps=0.02)
"""On a line some of the differences take the whole noise."""

MANY = Configuration(dimension=3, neurons=8, networks=3)
"""More neurons than dimensions of the symmetric matrices."""

SIGMOID = Configuration(activation="sigmoid", dimension=6, neurons=9, bias=1.2, radius=1.5)
DIGITS = Configuration(teacher="digits", dimension=10, neurons=20, networks=3, starts=100)
SMALL = Configuration(dimension=7, neurons=8, networks=40, starts=50, iterations=800)
"""For shares of networks."""

BESIDE = Configuration(turn=1e-5, starts=20, iterations=300)
"""Points so near that the dichotomy is an equality."""

SLOWEST = Configuration(start="slowest", reach=0.02)
ALONE = replace(SLOWEST, dimension=3, neurons=1, networks=80, fitted=1, fit_scale=1.0, steps=60,
                tilt=1e-3)  # fmt: skip
"""One bias and one point, in some networks where |g''| is largest."""

UNSHIFTED = Configuration(gamma=0.6, iterations=200, starts=20)

SLIPS = {
    "hessians": (Configuration(), MANY, SIGMOID),
    "span": (Configuration(), MANY),
    "differences": (AXIS, replace(AXIS, activation="sigmoid"), LINE, NOISY, Configuration()),
    "sine": (NOISY, Configuration()),
    "certified-sine": (NOISY, replace(NOISY, hessians=4), AXIS, Configuration()),
    "ascent": (Configuration(), UNSHIFTED),
    "monotone": (Configuration(), UNSHIFTED),
    "dichotomy": (BESIDE, Configuration()),
    "direction": (BESIDE, Configuration(turn=0.02, eps=0.003), Configuration()),
    "second-derivatives": (Configuration(), SIGMOID),
    "difference": (Configuration(), SIGMOID),
    "coefficients": (AXIS, LINE, NOISY, SIGMOID),
    "signs": (Configuration(), SIGMOID),
    "bias-step": (
        SLOWEST,
        Configuration(),
        ALONE,
        replace(ALONE, activation="sigmoid", reach=0.9, tilt=0.1),
    ),
    "slowest": (Configuration(), ALONE, replace(ALONE, activation="sigmoid", reach=0.9)),
    "basin": (SLOWEST, Configuration(), ALONE, replace(ALONE, activation="sigmoid", reach=0.9)),
    "floor": (Configuration(), ALONE, replace(ALONE, activation="sigmoid", tilt=0.02)),
    "queries": (
        Configuration(),
        replace(SMALL, networks=1, hessians=9),
        replace(MANY, starts=5, iterations=5, steps=5),
    ),
}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `identification/...`."""
    return SLIPS.get(claim.partition("/")[2], (_home(claim),))


def _home(claim: str) -> Configuration:
    name = claim.partition("/")[2]
    own = {"weights-order": SMALL, "biases-order": SMALL, "published": SMALL, "direction": BESIDE,
           "dichotomy": BESIDE}  # fmt: skip
    return own.get(name, Configuration())


def homes() -> dict[str, Home]:
    """The default, but where shares of networks or points beside weights are asked for."""
    from theory import registry

    return {name: Home(_home(name)) for name in registry.claims("network-identification")}
