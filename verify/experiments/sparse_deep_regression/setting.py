"""What is known before anything is measured: the rows, and generators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.experiments.sparse_deep_regression.configuration import Configuration
from verify.judging.seeds import numpy_generator
from verify.problems.data import Problem

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Setting:
    """A configuration, its rows and targets, and what its draws are a function of."""

    configuration: Configuration
    problem: Problem
    salt: str

    def rng(self, *purpose: Any) -> np.random.Generator:
        return numpy_generator("sparse deep regression", *purpose, self.salt)

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.problem.description}


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the rows; nothing is trained."""
    return Setting(configuration, configuration.problem(salt), salt)
