"""Homes of the claims on the convolutional network, and configurations in which slips show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.convolutional_overfitting.configuration import Configuration
from verify.experiments.kit import Home

HARMFUL = Configuration(snr=0.3)
BENIGN = Configuration(snr=2.5)
PATCHES = Configuration(samples=6, filters=4, init=1.0, snr=0.8, steps=200, growth=0.05)
TRANSITION = Configuration(seeds=3)
"""Around the line chi = 1, whatever the SNR."""


STEEP = replace(HARMFUL, samples=4, dimension=8, filters=2, power=2.4, init=0.4, growth=1.0,
                snr=0.6, steps=300, seeds=20, tests=40)  # fmt: skip
"""Large steps from a start that is not small, few samples and filters: all terms matter."""

SHORT = replace(STEEP, power=4.0, steps=8, growth=0.5)
"""Where the step term and log T of (CN2) are not small beside one another."""

CROSSING = replace(STEEP, learned=0.3, growth=0.3, init=0.6, seeds=30)
"""Signals at W_0 near those that count as learned."""

SLIPS: dict[str, tuple[Configuration, ...]] = {
    "noise-at-most": (STEEP, SHORT, replace(SHORT, growth=5.0)),
    "signal-at-most": (BENIGN, replace(STEEP, snr=3.0), replace(SHORT, snr=4.0)),
    "growth": (STEEP, SHORT, replace(STEEP, snr=3.0)),
    "conservation-at-least": (STEEP, replace(STEEP, growth=5.0)),
    "conservation-at-most": (STEEP, replace(STEEP, growth=5.0)),
    "harmful-filter": (HARMFUL, replace(STEEP, snr=0.3, growth=0.1)),
    "harmful-signal": (HARMFUL, replace(STEEP, snr=0.3, growth=0.1)),
    "benign-signal": (BENIGN, replace(STEEP, snr=2.0, growth=0.1)),
    "benign-test": (BENIGN, replace(STEEP, snr=3.0, growth=0.1, tests=4000)),
    "benign-noise": (BENIGN, replace(STEEP, snr=6.0, growth=0.1, init=0.05, reach=5.0)),
    "benign-test-before": (BENIGN, replace(STEEP, snr=6.0, growth=0.1, init=0.05, reach=5.0)),
    "learned": (TRANSITION, CROSSING, replace(CROSSING, growth=2.0, power=4.0)),
    "not-learned": (TRANSITION, CROSSING, replace(CROSSING, growth=2.0, power=4.0)),
}  # fmt: skip
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `convolution/...`."""
    return SLIPS.get(claim.partition("/")[2]) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    groups = {
        HARMFUL: ("signal", "noise", "elsewhere", "monotone", "noise-at-most", "growth",
                  "conservation-at-most", "conservation-at-least", "conservation",
                  "harmful-filter", "harmful-signal", "harmful-test", "published-harmful"),
        BENIGN: ("signal-at-most", "benign-signal", "benign-test", "benign-noise",
                 "benign-test-before", "published-benign"),
        TRANSITION: ("learned", "not-learned"),
        PATCHES: ("gaussian-patches",),
    }  # fmt: skip
    return {f"convolution/{name}": Home(at) for at, names in groups.items() for name in names}
