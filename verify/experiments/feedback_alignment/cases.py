"""Homes of the claims on feedback alignment, and configurations in which slips in them show.

In one dimension a certificate loses least: A_t is a number, and all of its parts matter.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.kit import Home

DEFAULT = Configuration()
RELU = Configuration(data="orthogonal", activation="relu", samples=2, dimension=4, width=16000,
                     beta_scale=0.0, trials=4)  # fmt: skip
DECAYING = replace(DEFAULT, decay=0.3, width=50, trials=4)
WIDE = Configuration(data="orthogonal", samples=3, width=3200, steps=400, step=0.3, smallest=100,
                     largest=12800)  # fmt: skip
FLOWING = Configuration(decay=0.3, width=100, trials=4)
HELD = Configuration(decay=0.05, width=3200, steps=100)
STOPPED = Configuration(data="orthogonal", samples=3, dimension=10, decay=0.1, width=200)
SATURATED = Configuration(activation="relu", samples=1, dimension=3, decay=1.0, width=30,
                          step=0.02, steps=16000, trials=16)  # fmt: skip
MANY = Configuration(draws=2000, largest=1024, trials=1)
SWEEPS = Configuration(decay=0.2, draws=320, smallest=64, largest=1024, trials=1)
LIKELY = Configuration(trials=32, points=20)
NARROW = Configuration(activation="relu", samples=2, dimension=4, trials=32)
LINE = Configuration(data="sphere", samples=1, dimension=1, width=200, trials=40, steps=40)
SCALED = replace(LINE, data="diabetes", samples=442, components=1)
"""On a line too, with mu < 1."""
ROWS = Configuration(samples=40, dimension=2, width=100, trials=16)
"""More rows than dimensions: 1 < mu < ||X||^2."""
STRONG = Configuration(data="orthogonal", samples=2, decay=20.0, width=30, trials=2)
"""A decay that is far above mu."""

HOMES = {
    "feedback/neuron": replace(DECAYING, activation="relu"),
    "feedback/residual": DECAYING,
    "feedback/*-layer": DECAYING,
    "feedback/relu-rate": RELU,
    "feedback/angle*": FLOWING,
    "feedback/pull*": FLOWING,
    "feedback/stopped-*": STOPPED,
    "feedback/decayed-*": HELD,
    "feedback/relu-alignment*": SATURATED,
    "feedback/infinite-width": SWEEPS,
    "feedback/mean-alignment": MANY,
    "feedback/misaligned": WIDE,
    "feedback/width": LIKELY,
    "feedback/convergence": LIKELY,
    "feedback/published-rate": NARROW,
}

SLIPS = {
    "feedback/flow-rate": (
        replace(SCALED, width=20, horizon=3.0),
        replace(LINE, width=20, horizon=3.0),
        replace(LINE, width=5, horizon=3.0, target_scale=3.0),
        replace(LINE, width=60, horizon=3.0, beta_scale=6.0, target_scale=0.1),
    ),
    "feedback/mean-alignment": (replace(MANY, target_scale=0.1),),
    "feedback/misaligned": (
        replace(LINE, width=60, target_scale=0.3),
        replace(LINE, step=0.5),
        SCALED,
        ROWS,
    ),
    "feedback/rate": (replace(LINE, step=0.5), SCALED, ROWS),
    "feedback/stopped-rate": (
        Configuration(decay=0.3, stop=1.0),
        replace(LINE, decay=0.3),
        replace(ROWS, decay=0.3),
    ),
    "feedback/stopped-alignment": (
        replace(SCALED, decay=0.2, trials=16, step=0.5, stop=1.0),
        replace(ROWS, decay=1.0, stop=0.3, width=400),
        replace(LINE, decay=0.6, trials=16, step=0.5, stop=1.0),
        replace(LINE, decay=0.6, trials=16, step=0.5, stop=0.3, width=30, target_scale=0.3),
        replace(STOPPED, decay=0.3, samples=2, dimension=3, stop=2.0),
    ),
    "feedback/decayed-*": (
        replace(LINE, decay=0.3, width=3000, trials=16, step=0.5, steps=10),
        replace(LINE, decay=0.02, width=800, trials=16, step=0.2, target_scale=3.0),
        replace(SCALED, decay=0.1, width=3000, trials=16, step=0.5, steps=10),
        replace(ROWS, decay=2.0, width=3000, steps=20),
        replace(LINE, decay=4.0, width=3000, trials=16),
    ),
    "feedback/relu-alignment*": (
        replace(
            SATURATED, width=10, dimension=1, target_scale=2.0, step=0.01, steps=6000, decay=2.0
        ),
        replace(SATURATED, width=10, target_scale=2.0, step=0.014, steps=600, decay=20.0),
    ),
    "feedback/angle*": (
        replace(FLOWING, decay=0.07, width=30, samples=2, target_scale=3.0),
        STRONG,
        replace(FLOWING, data="diabetes", samples=442, components=8, trials=2),
        replace(ROWS, decay=20.0, width=30, trials=2),
    ),
    "feedback/pull*": (
        replace(FLOWING, decay=0.07, width=30, samples=2, target_scale=3.0),
        STRONG,
        replace(FLOWING, data="diabetes", samples=442, components=8, trials=2),
        replace(ROWS, decay=20.0, width=30, trials=2),
    ),
}
"""Beside the home."""


def homes() -> dict[str, Home]:
    """Where each claim is in its regime and quick; the others at the defaults."""
    return {pattern: Home(configuration) for pattern, configuration in HOMES.items()}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim."""
    home = [c for pattern, c in HOMES.items() if fnmatchcase(claim, pattern)] or [DEFAULT]
    more = [each for pattern, each in SLIPS.items() if fnmatchcase(claim, pattern)]
    return (home[0], *(more[0] if more else ()))
