"""The options of the width requirement."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.vocabulary import COUNT
from verify.experiments.kit import option
from verify.experiments.kit.masked_trials import MaskedTrialOptions

LARGEST_WIDTH = 4_000_000
"""Without a given width, m* is trained up to here."""

OTHERWISE = 8192
"""The width where m* is larger: its claims are then out of their regime."""


@dataclass(frozen=True)
class Configuration(MaskedTrialOptions, data="orthogonal", samples=2, dimension=2):
    """The options of one run."""

    width: int | None = option(
        None, f"hidden width (m) [default: m* up to {LARGEST_WIDTH:.0e}]", COUNT
    )
    seeds: int = option(1, "mask sequences per initialisation, for claims on the mean loss", COUNT)
