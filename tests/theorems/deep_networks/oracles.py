"""Oracles of deep networks: every symbol, field and event, by explicit Jacobians."""

from functools import lru_cache

from tests.oracles import Oracles
from tests.theorems.deep_networks import flows, paths, sweeps, widths


class Ingredients(flows.Flows, sweeps.Sweeps, widths.Widths):
    """The problem and the networks, by hand."""


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols=paths.SYMBOLS,
    samples=paths.SAMPLES | flows.SAMPLES | widths.SAMPLES | sweeps.SAMPLES,
    initialisations=paths.INITIALISATIONS,
)
