"""Homes of the claims on feedback alignment, and configurations in which slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.kit import Home

DEFAULT = Configuration()
RELU = Configuration(activation="relu", samples=2, dimension=4, width=16000, beta_scale=0.0,
                     trials=4)  # fmt: skip
DECAYING = replace(DEFAULT, decay=0.3, width=50, trials=4)
WIDE = Configuration(data="orthogonal", samples=3, width=3200, steps=400, step=0.3)
FLOWING = Configuration(decay=0.3, width=100, trials=4)
HELD = Configuration(decay=0.05, width=3200, steps=100)
STOPPED = Configuration(samples=3, dimension=10, decay=0.05, width=200, steps=400)
SATURATED = Configuration(activation="relu", samples=1, dimension=3, decay=1.0, width=30,
                          step=0.02, steps=16000, trials=16)  # fmt: skip
MANY = Configuration(draws=2000, largest=1024, trials=1)
SWEEPS = Configuration(decay=0.2, draws=320, smallest=64, largest=1024, trials=1)
LIKELY = Configuration(trials=32, points=20)
NARROW = Configuration(activation="relu", samples=2, dimension=4, trials=32)


def homes() -> dict[str, Home]:
    return {
        "feedback/neuron": Home(replace(DECAYING, activation="relu")),
        "feedback/residual": Home(DECAYING),
        "feedback/*-layer": Home(DECAYING),
        "feedback/relu-rate": Home(RELU),
        "feedback/angle*": Home(FLOWING),
        "feedback/pull*": Home(FLOWING),
        "feedback/stopped-*": Home(STOPPED),
        "feedback/decayed-*": Home(HELD),
        "feedback/relu-alignment*": Home(SATURATED),
        "feedback/infinite-width": Home(SWEEPS),
        "feedback/mean-alignment": Home(MANY),
        "feedback/misaligned": Home(WIDE),
        "feedback/width": Home(LIKELY),
        "feedback/convergence": Home(LIKELY),
        "feedback/published-rate": Home(NARROW),
    }


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim."""
    home = next((h for name, h in homes().items() if name == claim), Home(DEFAULT))
    return (home.configuration,)
