"""What an experiment hands to the judge: measured values, and the numbers of the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.judging import fields
from verify.judging.evidence import lower_confidence
from verify.judging.fields import TOLERANCE

__all__ = ["TOLERANCE", "Sample"]


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
    dtype          of the trajectories; left out: that of `values`
    control        numbers of mean 0, one per value, that vary with the values: what estimates of
                   the mean may subtract

    All of it is checked and copied when the sample is made. Raises InvalidArgument for a field
    out of its range or of another shape, and for numbers that float64 does not hold.
    """

    values: np.ndarray
    symbols: Mapping[str, Any] = field(default_factory=dict)
    trivial: Any = np.inf
    scale: Any = 0.0
    share: float = 1.0
    given: int = 0
    deterministic: bool = False
    dtype: str | None = None
    control: np.ndarray | None = None

    def __post_init__(self) -> None:
        values = fields.values(self.values)
        deterministic = fields.flag("deterministic", self.deterministic)
        if deterministic and np.atleast_2d(values).shape[1] != 1:
            allowed = "of shape (checkpoints, 1): one seed, for the seeds do not matter"
            raise InvalidArgument("values", values.shape, allowed)
        checked = {
            "dtype": fields.dtype(self.dtype, self.values),
            "values": values,
            "symbols": fields.symbols(self.symbols),
            "trivial": fields.along("trivial", self.trivial, values, least=-np.inf),
            "scale": fields.along("scale", self.scale, values, least=0.0),
            "share": fields.share(self.share),
            "given": fields.leading(self.given, values),
            "deterministic": deterministic,
            "control": fields.control(self.control, values),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def tolerance(self) -> float:
        assert self.dtype is not None  # made so
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
