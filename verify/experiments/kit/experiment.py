"""What the harness asks of a theorem's experiment.

claim + configuration -> evaluated bound; configuration -> samples; both -> verdict -> report.
A theorem brings a configuration (a dataclass whose fields are its options), a trainer, and the
samples of the quantities that its claims speak of. Nothing here knows any theorem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np

from verify.judging.sample import Sample


class Progress(Protocol):
    """Receives the work done and the work in all, in any unit."""

    def __call__(self, done: float, total: float) -> None: ...


@dataclass(frozen=True)
class Trajectory:
    """Curves for the report: `series` over `x` (the name of the index is `index`).

    details  more arrays, which are not curves over `x`
    errors   standard errors of those series that are means
    within   curves over a finer index, for a panel of their own
    sweep    medians over sweeps of the width `x`, for a panel of their own; its `details` are the
             median slopes in log-log by series, each with the ends of its interval
    """

    index: str
    x: np.ndarray
    series: Mapping[str, np.ndarray]
    details: Mapping[str, np.ndarray] = field(default_factory=dict)
    errors: Mapping[str, np.ndarray] = field(default_factory=dict)
    within: Trajectory | None = None
    sweep: Trajectory | None = None


@dataclass(frozen=True)
class Observations:
    """Samples by the name of their quantity, curves, and facts worth printing.

    initialisations  for claims that may fail for a share of initialisations: samples of a
                     quantity from further ones
    """

    samples: Mapping[str, Sample]
    trajectory: Trajectory
    notes: Mapping[str, Any] = field(default_factory=dict)
    initialisations: Mapping[str, Sequence[Sample]] = field(default_factory=dict)

    def of(self, quantity: str) -> list[Sample]:
        """All samples of a quantity, one per initialisation."""
        return [self.samples[quantity], *self.initialisations.get(quantity, ())]


class Experiment(Protocol):
    """The experiment of one theorem."""

    configuration: type
    """A frozen dataclass; every field made by `option` is an option of the command line."""

    def observe(
        self,
        configuration: Any,
        *,
        salt: str,
        quantities: Set[str] | None = None,
        progress: Progress | None = None,
    ) -> Observations:
        """Train and measure. `quantities` (default: all) names what is wanted."""
        ...

    def strategy(self, claim: str) -> Any:
        """A Hypothesis strategy of configurations in which the claim can be informative."""
        ...

    def preview(self, configuration: Any) -> Any:
        """The configuration with as few seeds as give the values of all symbols."""
        ...


def option(
    default: Any,
    help: str,  # noqa: A002 - the name that every option parser uses
    *,
    flag: str | None = None,
    kind: type | None = None,
    choices: Sequence[str] | None = None,
) -> Any:
    """A configuration field that is an option: `kind` is its type where the default is None."""
    metadata = {"help": help, "flag": flag, "kind": kind or type(default), "choices": choices}
    return field(default=default, metadata=metadata)


def as_dict(configuration: Any) -> dict[str, Any]:
    """The configuration's fields by name, for reports."""
    return {f.name: getattr(configuration, f.name) for f in fields(configuration)}
