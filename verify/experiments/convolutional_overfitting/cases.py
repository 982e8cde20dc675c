"""Homes of the claims on the convolutional network, and configurations in which slips show."""

from __future__ import annotations

from verify.experiments.convolutional_overfitting.configuration import Configuration
from verify.experiments.kit import Home

HARMFUL = Configuration(snr=0.3)
BENIGN = Configuration(snr=1.5)
PATCHES = Configuration(samples=6, filters=4, init=1.0, snr=0.8, steps=200, growth=0.05)
TRANSITION = Configuration(seeds=3)
"""Around the line chi = 1, whatever the SNR."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `convolution/...`."""
    return (homes()[claim].configuration,)


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
