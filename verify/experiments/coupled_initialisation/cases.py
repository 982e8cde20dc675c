"""Configurations in which a slip in a claim of coupled initialisation shows; homes of claims.

What holds with a probability is near it where the bounds behind it lose least: on one input, with
so few pairs, or so small a scale, that the event fails in a share of the trials that can be seen.
"""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.kit import Home

_ONE = Configuration(
    data="sphere", samples=1, dimension=2, targets="noise", epsilon=0.999, trials=1000, steps=20,
    logistic_steps=20,
)  # fmt: skip
"""One input: nearly any kernel will do (epsilon), but the one of pairs that are all dead."""

PATHS = (
    Configuration(trials=20),
    Configuration(data="orthogonal", samples=3, dimension=4, targets="noise", target_scale=2.0,
                  step=0.2, logistic_step=3.0, steps=15, logistic_steps=400, trials=8),
    Configuration(data="clustered", samples=4, dimension=3, step=0.7, logistic_step=2.0, steps=9,
                  logistic_steps=1500, pairs=40, init_scale=1e6, trials=8),
    replace(_ONE, pairs=3, trials=20, step=0.6, logistic_step=4.0, logistic_steps=7, steps=12),
    replace(_ONE, pairs=5, trials=8, step=0.3, logistic_step=1.5, logistic_steps=150),
    replace(_ONE, pairs=30, trials=8, step=0.1, logistic_step=0.1, logistic_steps=300,
            target_scale=0.1),
)  # fmt: skip
"""For claims on every path."""

MARGIN = (
    Configuration(trials=400),
    Configuration(data="orthogonal", samples=6, dimension=6, trials=1000, delta=0.3, steps=1),
)
"""For (A.2), whose union bound loses little."""

KERNEL = (
    replace(_ONE, delta=0.62),  # asks for one pair, which is dead half of the time
    replace(_ONE, delta=0.9, epsilon=0.1),
    replace(_ONE, delta=0.91, data="orthogonal", samples=4, dimension=4),  # for three
)
"""For (A.5), (A.10)."""

WHOLE = (
    replace(_ONE, delta=0.75),  # asks for two pairs
    replace(_ONE, delta=0.46),  # for three
    replace(_ONE, delta=0.9, epsilon=0.1, steps=40, logistic_steps=60),
    Configuration(data="orthogonal", samples=3, dimension=5, trials=60, delta=0.6),
)
"""For (A.6), (A.11)."""

FROZEN = (
    replace(_ONE, delta=0.2, pairs=400, init_scale=70.0, steps=40, step=0.5, trials=2500),
    replace(_ONE, delta=0.5, pairs=400, init_scale=28.0, steps=40, step=0.5),
    replace(_ONE, data="orthogonal", samples=8, dimension=8, delta=0.9, pairs=200,
            init_scale=300.0, step=0.5),
)  # fmt: skip
"""For (A.3), at about the scale it asks for: on one input neurons travel as far as they may."""

LOGISTIC_FROZEN = (
    replace(_ONE, delta=0.05, pairs=1, init_scale=0.0226, logistic_step=0.002, logistic_steps=1,
            trials=4000),
    replace(_ONE, delta=0.9, pairs=100, init_scale=1.26, logistic_step=0.01, logistic_steps=20),
    replace(_ONE, data="orthogonal", samples=4, dimension=4, delta=0.9, pairs=50, init_scale=3.6,
            logistic_step=0.01, logistic_steps=20),
)  # fmt: skip
"""For (A.7), at about the scale it asks for: early on the slope of the loss is near 1/2."""

PUBLISHED_SQUARED = (
    replace(_ONE, delta=0.62, pairs=1, step=0.4),
    replace(_ONE, delta=0.9, data="orthogonal", samples=2, dimension=2, pairs=7, step=0.1),
)
PUBLISHED_LOGISTIC = (
    replace(_ONE, delta=0.3, pairs=2, logistic_steps=60),
    replace(_ONE, delta=0.5, data="orthogonal", samples=2, dimension=2, pairs=4,
            logistic_steps=400, trials=400),
)  # fmt: skip
"""With 1 for C_m the published width can be too small: wider here, where the claim holds."""

OUTPUTS = (
    replace(_ONE, outputs=3000, xi=0.8, pairs=50, init_scale=3.0),
    Configuration(data="sphere", samples=3, dimension=5, outputs=3000, xi=0.5),
    Configuration(data="orthogonal", samples=8, dimension=9, outputs=3000, xi=0.3),
)
"""For (A.12), (A.13)."""

SWEEPS = (Configuration(), Configuration(data="sphere", samples=3, dimension=4, tolerance=0.3))
"""For (A.14)."""

CIRCLE = Configuration(sweeps=32)
SMALL_CIRCLE = Configuration(circle_fewest=4, circle_most=32, circle_trained=8, circle_steps=300)
"""For (A.15) to (A.17)."""

OF_CIRCLE = ("sign-changes", "least-width", "circle-margin", "width-by-margin", "features-power")

_BY_CLAIM = {
    "margin": MARGIN,
    "frozen": FROZEN,
    "kernel": KERNEL,
    "convergence": WHOLE,
    "logistic-frozen": LOGISTIC_FROZEN,
    "logistic-margin": KERNEL,
    "logistic": WHOLE,
    "contrast": OUTPUTS,
    "masked": OUTPUTS,
    "boundary": SWEEPS,
    "published-squared": PUBLISHED_SQUARED,
    "published-logistic": PUBLISHED_LOGISTIC,
    **dict.fromkeys(OF_CIRCLE, (SMALL_CIRCLE,)),
    "features-power": (CIRCLE,),
}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `coupled/...`."""
    return _BY_CLAIM.get(claim.partition("/")[2], PATHS)


def homes() -> dict[str, Home]:
    """The default is at the width and scale that the other claims require."""
    return {
        "coupled/published-squared": Home(PUBLISHED_SQUARED[0]),
        **{f"coupled/{name}": Home(CIRCLE) for name in OF_CIRCLE},
    }
