"""A configuration made concrete."""

from __future__ import annotations

from dataclasses import dataclass

from verify.experiments.scaling_laws.configuration import Configuration
from verify.training.masked.trials import Trials


@dataclass(frozen=True, eq=False)
class Setting(Trials):
    """The trials of a configuration."""

    configuration: Configuration


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and fix the step size."""
    return Setting(**vars(configuration.trials_on(salt)), configuration=configuration)
