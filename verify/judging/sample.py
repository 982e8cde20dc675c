"""What an experiment hands to the judge: measured values, and the numbers of the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.judging.evidence import lower_confidence

TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
"""Relative rounding error allowed to measured values, by the dtype of the trajectories.

float64: sums over 1e5 neurons and 1e3 rounds stay below 1e-10. float32: trajectories part from
the float64 ones by up to 1e-4 in ten rounds, through activations that flip one step apart.
"""


@dataclass(frozen=True, eq=False)
class Sample:
    """Measured values of one quantity.

    values         in expectation: (checkpoints, seeds), or (seeds,) for a single one;
                   pathwise: any shape; with probability: (trials,) of 0 and 1 (1: it happened)
    symbols        values of the symbols of the claims on this quantity; scalars of shape
                   (checkpoints,) (in expectation) or the shape of `values` (pathwise) vary along
    trivial        what the quantity is known to stay under without the theorem; same shapes
    scale          the absolute size of the numbers that cancel in the quantity, for rounding
    share          the share of seeds in which the good event held to the end
    given          the leading checkpoints whose value is known before training: they test nothing
    deterministic  the seeds do not matter: there is one, and the mean is the value
    dtype          of the trajectories
    control        numbers of mean 0, one per value, that vary with the values: what estimates of
                   the mean may subtract
    """

    values: np.ndarray
    symbols: Mapping[str, Any] = field(default_factory=dict)
    trivial: Any = np.inf
    scale: Any = 0.0
    share: float = 1.0
    given: int = 0
    deterministic: bool = False
    dtype: str = "float64"
    control: np.ndarray | None = None

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.size == 0 or values.ndim == 0:
            raise InvalidArgument("values", self.values, "an array with at least one value")
        if self.dtype not in TOLERANCE:
            raise InvalidArgument("dtype", self.dtype, "one of " + ", ".join(TOLERANCE))
        if self.deterministic and np.atleast_2d(values).shape[1] != 1:
            allowed = "of shape (checkpoints, 1): one seed, for the seeds do not matter"
            raise InvalidArgument("values", values.shape, allowed)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def tolerance(self) -> float:
        return TOLERANCE[self.dtype]

    @property
    def rows(self) -> np.ndarray:
        """The values as (checkpoints, seeds)."""
        return np.atleast_2d(self.values)

    def lower_confidence(self, level: float) -> np.ndarray:
        """Lower confidence limits of the means, error `level` each; shape (checkpoints,)."""
        return _lower_confidence(self, level)


@lru_cache(maxsize=64)
def _lower_confidence(sample: Sample, level: float) -> np.ndarray:
    """Cached, for several claims speak of one sample (which is hashed by identity)."""
    if sample.deterministic:
        return sample.rows[:, 0]
    return lower_confidence(sample.rows, level)
