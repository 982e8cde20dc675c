"""Bounds of judged claims as curves over the index of a trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory.language.claim import Claim
from verify.judging.verdict import Verdict
from verify.runs.check import Outcome
from verify.runs.text import state


@dataclass(frozen=True)
class Curve:
    """The bound of judged claims over the trajectory's index; `band` at finite size, if any.

    names     of the claims: several where they have the same bound
    refuted   whether the first of them is
    state     the verdict as the table shows it
    measured  what it is a bound of, where that is another network than the curves show
    """

    names: tuple[str, ...]
    refuted: bool
    state: str
    bound: np.ndarray
    band: tuple[np.ndarray, np.ndarray] | None = None
    measured: np.ndarray | None = None


def curves(outcome: Outcome) -> list[Curve]:
    """The judged claims whose bound is a curve over the trajectory's index."""
    found: list[Curve] = []
    for curve in _every_curve(outcome):
        for at, other in enumerate(found):
            if _same(curve, other):
                found[at] = replace(other, names=other.names + curve.names)
                break
        else:
            found.append(curve)
    return found


def _same(one: Curve, other: Curve) -> bool:
    """Whether one line can show both."""
    alone = all(c.band is None and c.measured is None for c in (one, other))
    return alone and one.state == other.state and np.array_equal(one.bound, other.bound)


def _every_curve(outcome: Outcome) -> Iterator[Curve]:
    shape = outcome.observations.trajectory.x.shape
    for judgement in outcome.judgements:
        claim, verdict = outcome.claims[judgement.claim], judgement.verdict
        if verdict is Verdict.OUT_OF_REGIME or claim.statement.index is None:
            continue
        symbols = outcome.observations.samples[claim.quantity.name].symbols_of(claim)
        found = claim.evaluate(symbols, where=claim.regime(symbols).holds)
        if found.bound.shape not in ((), shape):
            continue
        rows = [np.broadcast_to(r, shape) for r in (found.lower, found.upper) if r is not None]
        band = (rows[0], rows[1]) if len(rows) == 2 else None
        bound = np.broadcast_to(found.bound, shape)
        yield Curve((claim.name,), verdict is Verdict.REFUTED, state(outcome, judgement), bound,
                    band, _first_initialisation(outcome, claim, bound))  # fmt: skip


def _first_initialisation(outcome: Outcome, claim: Claim, bound: np.ndarray) -> np.ndarray | None:
    """The mean path of the network that the bound is of, if no curve shows it."""
    trajectory, name = outcome.observations.trajectory, claim.quantity.name
    values = outcome.observations.samples[name].values
    if name not in outcome.observations.initialisations or len(values) != len(trajectory.x):
        return None
    mean = values.mean(axis=-1) if values.ndim == 2 else values
    shown = any(np.allclose(mean, series) for series in (bound, *trajectory.series.values()))
    return None if shown else mean
