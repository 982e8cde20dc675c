"""Where claims on deep networks are at home, and where a slip in one shows.

On one input at a large gain a network is nearly linear: budget, rate and path are nearly attained.
With the least gain that certifies, what curvature takes matters most. The bounds of the defect, of
the linear model and of the Jacobian keep a slack of 10 to 1000 everywhere: a wrong factor 2 in them
does not show on networks. They are tried on quadratic maps, where they are attained.
"""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.deep_networks.configuration import Configuration
from verify.experiments.kit import Home

_ONE = Configuration(
    data="sphere", samples=1, dimension=3, targets="noise", architecture="fc", depth=1, width=64,
    steps=40, seeds=2,
)  # fmt: skip
PATHS = (
    replace(_ONE, gain=100.0),
    replace(_ONE, gain=100.0, step=0.2),
    replace(_ONE, gain=1.02, step=0.3, steps=200),
    replace(_ONE, depth=2, gain=3.0, target_scale=4.0, steps=15),
    replace(_ONE, data="orthogonal", samples=3, dimension=4, gain=30.0, step=0.7),
    Configuration(samples=4, width=64, depth=2, gain=1.2, seeds=2, steps=100),
)
"""For claims on every path."""

FLOW = Configuration(samples=4, width=64, depth=2, gain=3.0, steps=100, looks=12, seeds=2)
SWEEPS = Configuration(samples=4, depth=2, smallest=16)
DEPTH = Configuration(samples=4, deepest=8, smallest=32)
WIDTH = Configuration(samples=2, steps=100)
CONVOLUTION = Configuration(architecture="conv", depth=2, width=32, samples=4)

TIGHT_WIDTH = (
    replace(WIDTH, data="sphere", samples=1, dimension=2, delta=0.9, epsilon=0.02, trials=600,
            target_scale=0.01, steps=10),
    replace(WIDTH, data="sphere", samples=1, dimension=2, delta=0.6, epsilon=0.05, trials=1000,
            target_scale=0.01, steps=10, step=0.01),
    replace(WIDTH, data="orthogonal", dimension=3, delta=0.9, epsilon=0.05, trials=300,
            target_scale=0.05, steps=10),
    WIDTH,
)  # fmt: skip
"""For (DG5): a small epsilon asks for the least width that the kernel needs."""

PUBLISHED = {
    "deep/published-fully-connected": Configuration(
        data="orthogonal", samples=2, dimension=3, depth=3, width=128, steps=100),
    "deep/published-residual": Configuration(
        data="sphere", samples=1, targets="noise", depth=2, width=256, steps=100),
}  # fmt: skip
"""With 1 for all constants their width is out of reach but for very few inputs."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `deep/...`."""
    home = homes_by_claim().get(claim, Configuration())
    if claim.startswith("deep/width"):
        return TIGHT_WIDTH
    if claim == "deep/convolution":
        one = replace(CONVOLUTION, data="sphere", samples=1, seeds=2)
        return (CONVOLUTION, replace(one, gain=100.0, steps=40),
                replace(one, gain=1.02, step=0.3, steps=200),
                replace(one, gain=3.0, target_scale=4.0, steps=15))  # fmt: skip
    if claim in PUBLISHED:
        two = replace(home, data="orthogonal", samples=2, dimension=3, depth=1, targets="noise")
        return (home, replace(home, delta=0.9, width=2 * home.width), two)
    if home == SWEEPS:
        return (home, replace(home, tolerance=0.05))
    if home == DEPTH:
        return (home,)
    if claim in ("deep/half-rate", "deep/flow-half-rate"):
        return tuple(each for each in PATHS if each.gain >= 3)
    return PATHS


def homes_by_claim() -> dict[str, Configuration]:
    """Configurations by claim, where not the default."""
    found = {
        "deep/half-rate": Configuration(gain=3.0),
        "deep/law": Configuration(gain=20.0),
        "deep/flow-law": replace(FLOW, gain=20.0),
        "deep/flow-*": FLOW,
        "deep/convolution": CONVOLUTION,
        "deep/width": WIDTH,
        "deep/width-kernel": WIDTH,
        "deep/infinite-width": SWEEPS,
        "deep/defect-gain": SWEEPS,
    }
    found |= dict.fromkeys((f"deep/{x}-width" for x in ("gain", "defect", "kernel", "start")),
                           SWEEPS)  # fmt: skip
    depth = ("resnet", "resnet-softplus", "norms", "jacobians", "softplus")
    return found | PUBLISHED | dict.fromkeys((f"deep/depth-{x}" for x in depth), DEPTH)


def homes() -> dict[str, Home]:
    """The default is 1.5 kappa*; the linear law says more at a larger gain."""
    return {name: Home(configuration) for name, configuration in homes_by_claim().items()}
