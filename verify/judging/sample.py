"""What an experiment hands to the judge: measured values, and the numbers of the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.evaluation import Values
from verify.judging import fields
from verify.judging.evidence import lower_confidence
from verify.judging.fields import TOLERANCE

__all__ = ["TOLERANCE", "Sample"]


@dataclass(frozen=True, eq=False)
class Sample:
    """Measured values of one quantity.

    values         in expectation: (checkpoints, runs), or (runs,) for a single one;
                   pathwise: any shape; with probability: (trials,) of 0 and 1 (1: it happened)
    symbols        values of the symbols of the claims on this quantity: a number, or one per
                   checkpoint; pathwise and in law also one per run, or of the shape of `values`
                   (pathwise, with as many runs as checkpoints: one per run)
    trivial        what the quantity is known to stay under without the theorem; same shapes
    scale          the absolute size of the numbers that cancel in the quantity, for rounding
    share          the share of runs in which the good event held to the end
    given          the leading checkpoints whose value is known before training: they test nothing;
                   0 where there are none, as of trials and of sizes
    deterministic  chance plays no part: there is one run, and the mean is the value
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
            allowed = "of shape (checkpoints, 1): one run, for chance plays no part"
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
        """The values as (checkpoints, runs)."""
        return np.atleast_2d(self.values)

    def symbols_of(self, claim: Claim) -> Mapping[str, Any]:
        """The symbols as the claim takes them: a number per checkpoint is that of every run."""
        points, found = fields.points_of(claim, self), {}
        for name, variable in claim.variables.items():
            value = self.symbols.get(name)
            if not variable.axes and (made := fields.column(value, points)) is not value:
                found[name] = made
        return Values({**self.symbols, **found}) if found else self.symbols

    def lower_confidence(self, level: float) -> np.ndarray:
        """Lower confidence limits of the means, error `level` each; shape (checkpoints,)."""
        return _lower_confidence(self, level)


@lru_cache(maxsize=64)
def _lower_confidence(sample: Sample, level: float) -> np.ndarray:
    """Cached, for several claims speak of one sample (which is hashed by identity)."""
    if sample.deterministic:
        return sample.rows[:, 0]
    return lower_confidence(sample.rows, level)
