"""A configuration made concrete: the data, the step size, and what the theory asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory import Claim, registry
from verify.experiments.width_requirement.configuration import (
    LARGEST_WIDTH,
    OTHERWISE,
    Configuration,
)
from verify.training.masked.trials import Trials


@dataclass(frozen=True, eq=False)
class Setting(Trials):
    """The trials of a configuration, and the width that is trained."""

    configuration: Configuration

    @cached_property
    def required(self) -> dict[str, float]:
        """m*, its parts, and the constants of the good event (Link III)."""
        return parts(registry.claim("width/good-event"), self.symbols)

    @property
    def width(self) -> int:
        """The width that is trained."""
        if self.configuration.width is not None:
            return self.configuration.width
        needed = self.required["m_star"]
        return math.ceil(needed) if needed <= LARGEST_WIDTH else OTHERWISE

    @property
    def notes(self) -> dict[str, Any]:
        return {**super().notes, "required": self.required, "width": self.width}


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and fix the step size."""
    return Setting(**vars(configuration.trials_on(salt)), configuration=configuration)


def parts(claim: Claim, symbols: dict[str, Any]) -> dict[str, float]:
    """The parts of a claim, whatever the width."""
    found = claim.evaluate({**symbols, "m": 1}, where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}
