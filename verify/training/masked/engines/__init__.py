"""Engines: ways to train all seeds that give the same numbers, and the choice between them."""

from verify.training.masked.engines.choice import choose, seeds_at_once
from verify.training.masked.engines.plain import displacement, frozen_noise, plain
from verify.training.masked.engines.records import Engine, Record

__all__ = [
    "Engine", "Record", "choose", "displacement", "frozen_noise", "plain", "seeds_at_once",
]  # fmt: skip
