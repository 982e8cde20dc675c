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
LIKELY = Configuration(trials=32, points=20)
NARROW = Configuration(activation="relu", samples=2, dimension=4, trials=32)


def homes() -> dict[str, Home]:
    return {
        "feedback/neuron": Home(replace(DECAYING, activation="relu")),
        "feedback/residual": Home(DECAYING),
        "feedback/*-layer": Home(DECAYING),
        "feedback/relu-rate": Home(RELU),
        "feedback/misaligned": Home(WIDE),
        "feedback/width": Home(LIKELY),
        "feedback/convergence": Home(LIKELY),
        "feedback/published-rate": Home(NARROW),
    }


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim."""
    home = next((h for name, h in homes().items() if name == claim), Home(DEFAULT))
    return (home.configuration,)
