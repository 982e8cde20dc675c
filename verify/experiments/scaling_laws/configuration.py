"""The options of the scaling laws."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.vocabulary import COUNT
from verify.experiments.kit import Home, SweepOptions, option
from verify.experiments.kit.masked_trials import MaskedTrialOptions


@dataclass(frozen=True)
class Configuration(
    SweepOptions, MaskedTrialOptions,
    data="sphere", samples=4, dimension=6, rounds=6, smallest=2**9, largest=2**13,
):  # fmt: skip
    """The options of one run."""

    masks: int = option(4, "mask sequences per network", COUNT)


SUBNETS = Configuration(
    data="orthogonal", law="categorical", surrogates=2, samples=2, local_steps=4, rounds=24,
    smallest=256, largest=2048,
)  # fmt: skip
"""In the regime of (S.5)."""

NOISY = Configuration(
    data="orthogonal", samples=3, dimension=3, xi=0.9, surrogates=4, local_steps=4, rounds=45,
    target_scale=0.1, smallest=1024, largest=1024, masks=40, trials=32, tolerance=0.3,
)  # fmt: skip
"""In the regime of (S.6)."""


def homes() -> dict[str, Home]:
    """The floors have configurations of their own."""
    return {"scaling/subnet-floor": Home(SUBNETS), "scaling/floors": Home(NOISY)}
