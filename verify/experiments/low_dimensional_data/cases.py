"""Homes of the claims on data in a subspace, and configurations in which slips show.

A codimension of 2 tells q from q + 1 and q - 1; weight decay makes the time matter; a small start
leaves linear layers nearly balanced, so that their bounds are sharp. Slips that the slack of (LD6)
and of the norm of the noise hides: factors 2, and norm_Xi where it is near 1.
"""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.low_dimensional_data.configuration import Configuration

DIGITS = Configuration(
    data="digits", samples=1797, batch=64, steps=60, networks=150, width=30, step=0.1
)
"""As they are shipped: three pixels are 0 in all images."""

DECAY = Configuration(weight_decay=0.1)
OFF = replace(DECAY, depth=2, distance=4.0)
LINEAR = Configuration(start=0.03, networks=24, steps=400, step=0.1)
DEEP = replace(LINEAR, layers=4, steps=300, start=0.1)
ENOUGH = Configuration(samples=60, init_scale=0.366, regressions=4000)
TOO_FEW = replace(ENOUGH, init_scale=0.364)
"""On the two sides of the crossover, n = d + 1 + tau^2/(s^2 sigma^2)."""

NOISE = replace(ENOUGH, samples=30)
SLOW = Configuration(noise=0.3, steps=400, width=20)
ESCAPE = Configuration(variance=0.1, networks=24)

LAWS = (
    Configuration(dimension=5, networks=1200, width=12, depth=2, steps=40, weight_decay=0.2,
                  activation="tanh", init_scale=0.7),
    Configuration(dimension=4, subspace=3, networks=1200, width=8, depth=3, steps=60, step=0.1,
                  weight_decay=0.1, activation="softplus"),
    Configuration(dimension=5, networks=1200, width=12, depth=2, steps=3, weight_decay=3.0,
                  step=0.1),
)  # fmt: skip
"""For (LD2)."""

MOMENTS = (
    replace(OFF, redraws=20_000),
    replace(OFF, steps=20, weight_decay=1.0, init_scale=1.5),
    replace(OFF, steps=2, weight_decay=4.0, step=0.1, init_scale=1.5, width=5, redraws=20_000),
)
"""For (LD3)."""

ESCAPES = (
    ESCAPE,
    replace(ESCAPE, layers=2, start=0.3, norm=3.0),
    replace(ESCAPE, layers=5, variance=0.25, start=0.3, norm=5.0),
    replace(ESCAPE, layers=3, start=0.3, norm=0.7, variance=0.5),
)
"""For (LD7): where beta/2 is not 1 and starts are not small, all terms matter."""

SLIPS = {
    "subspace/untrained": (
        replace(LAWS[0], networks=4),
        Configuration(optimiser="adamw", weight_decay=0.5, rotated=False, networks=4, steps=30,
                      schedule="cosine"),
    ),
    "subspace/gradient": LAWS,
    "subspace/two-points": LAWS,
    "subspace/smoothed": MOMENTS,
    "subspace/spread": MOMENTS,
    "subspace/outer-at-most": (LINEAR, replace(LINEAR, start=0.5, width=2)),
    "subspace/outer-at-least": (LINEAR, replace(LINEAR, start=0.5, width=2)),
    "subspace/chain": (DEEP, replace(DEEP, layers=2, start=0.4), replace(DEEP, start=0.6)),
    "subspace/depth": (DEEP, replace(DEEP, layers=2, norm=0.5), replace(DEEP, layers=3, norm=4.0)),
    "subspace/escape-at-least": ESCAPES,
    "subspace/escape-time": ESCAPES,
    "subspace/published-escape": (
        replace(ESCAPE, c_2=0.383), replace(ESCAPE, c_1=0.5, c_2=0.452),
    ),
    "subspace/least-squares": (
        replace(NOISE, regressions=20_000),
        replace(NOISE, intercept=True, samples=11, dimension=6, regressions=40_000),
    ),
    "subspace/least-squares-law": (
        replace(NOISE, regressions=30_000),
        replace(NOISE, samples=9, dimension=4, intercept=True, label_noise=2.0, noise=0.5,
                regressions=20_000),
    ),
    "subspace/size-of-noise": (SLOW, replace(SLOW, room=0.5), replace(SLOW, room=2.0)),
    "subspace/descent": (
        replace(NOISE, noise=1.0, steps=80), replace(NOISE, noise=2.0, dimension=5, init_scale=1.0),
    ),
}  # fmt: skip
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `subspace/...`."""
    return SLIPS.get(claim) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are trained together."""
    exponential = "the time to escape is of order 1/variance, not exponential in it"
    return {
        "subspace/untrained": Home(DIGITS),
        "subspace/gradient": Home(DIGITS),
        "subspace/two-points": Home(DECAY),
        "subspace/smoothed": Home(OFF),
        "subspace/spread": Home(OFF),
        "subspace/balance": Home(LINEAR),
        "subspace/outer-at-most": Home(LINEAR),
        "subspace/outer-at-least": Home(LINEAR),
        "subspace/chain": Home(DEEP),
        "subspace/depth": Home(DEEP),
        "subspace/escape-at-least": Home(ESCAPE),
        "subspace/escape-time": Home(ESCAPE),
        "subspace/published-escape": Home(ESCAPE, known_false=exponential),
        "subspace/least-squares": Home(ENOUGH),
        "subspace/least-squares-law": Home(ENOUGH),
        "subspace/enough-rows": Home(ENOUGH),
        "subspace/too-few-rows": Home(TOO_FEW),
        "subspace/published-rows": Home(ENOUGH),
        "subspace/descent": Home(ENOUGH),
        "subspace/speed-limit": Home(SLOW),
        "subspace/kept": Home(SLOW),
        "subspace/size-of-noise": Home(SLOW),
    }
