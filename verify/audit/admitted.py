"""What a claim allows at given values of its symbols, and whether another one allows more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.language.claim import Claim, Evaluation
from theory.language.errors import InvalidArgument
from theory.language.kinds import Mode, Relation

ROUNDING = 1e-9
"""Numbers that differ by less, relatively, are equal."""


LAW_POINTS = np.array([-1.0, 0.0, 0.1, 0.3, 1.0, 2.5, 6.0, 15.0, 40.0])
"""Where laws are compared if nothing was measured."""


@dataclass(frozen=True)
class Admitted:
    """Where a claim speaks, the limits between which it wants the quantity, and its bound."""

    holds: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bound: np.ndarray
    banded: bool

    @classmethod
    def by(
        cls, claim: Claim, values: Mapping[str, Any], measured: np.ndarray | None = None
    ) -> Admitted:
        """At the values of its symbols; a law is its distribution function at what was measured."""
        if claim.kind.mode is Mode.LAW:
            claim, values = claim.at(values, LAW_POINTS if measured is None else measured)
        holds = claim.regime(values).holds
        if claim.kind.mode is not Mode.PATHWISE and not holds.all():
            holds = np.zeros_like(holds)
        evaluation = claim.evaluate(values, where=holds)
        low = high = bound = evaluation.bound
        banded = evaluation.lower is not None and evaluation.upper is not None
        if evaluation.lower is not None and evaluation.upper is not None:
            low, high = evaluation.lower, evaluation.upper
        if claim.kind.relation is Relation.UPPER:
            low = np.full_like(bound, -np.inf)
        if claim.kind.relation is Relation.LOWER:
            high = np.full_like(bound, np.inf)
        return cls(holds, low, high, bound, banded)

    def contains(self, other: Admitted) -> np.ndarray:
        """Where both speak and this one allows all that the other one does."""
        within = below(self.low, other.low) & below(other.high, self.high)
        return np.asarray(within & other.holds & self.holds)


def below(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a <= b, up to rounding; false where either is NaN."""
    return np.asarray(a <= b) | equal(a, b)


def equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.isclose(a, b, rtol=ROUNDING, atol=0.0)


class Remembering(Claim):
    """A claim that keeps its last evaluation: it is judged and compared at the same values."""

    def evaluate(self, values: Mapping[str, Any], *, where: np.ndarray | None = None) -> Evaluation:
        last: tuple[Any, np.ndarray, Evaluation] | None = self.__dict__.get("_last")
        if last is None or where is None or last[0] is not values or (last[1] != where).any():
            found = super().evaluate(values, where=where)
            if where is not None:
                self.__dict__["_last"] = values, where, found
            return found
        return last[2]


@dataclass
class Domain:
    """Points of a claim's domain, with what its theorem proves there of its quantity.

    `claim` and the `others`, upper bounds and equalities for the same quantity, are taken for
    true at every point; so is what they imply.
    """

    claim: Claim
    points: Sequence[Mapping[str, Any]]
    others: Iterable[Claim] = ()
    _known: dict[int, tuple[Admitted, np.ndarray]] = field(default_factory=dict)

    def weaker(self, mutant: Claim) -> bool:
        """It allows all that the claim allows at each point where it speaks."""
        return self._everywhere(mutant, implied=False)

    def implied(self, mutant: Claim) -> bool:
        """It lies above the smallest of the known upper bounds at each point where it speaks."""
        upper = self.claim.kind.relation is Relation.UPPER
        return upper and self._everywhere(mutant, implied=True)

    def _everywhere(self, mutant: Claim, *, implied: bool) -> bool:
        spoken = False
        for number, values in enumerate(self.points):
            ours = Admitted.by(mutant, values)
            if not ours.holds.any():
                continue
            spoken = True
            own, least = self._at(number, values)
            allows = below(least, ours.high) if implied else ours.contains(own)
            if not (allows | ~ours.holds).all():
                return False
        return spoken

    def _at(self, number: int, values: Mapping[str, Any]) -> tuple[Admitted, np.ndarray]:
        """What the claim allows at a point, and the smallest known upper bound."""
        if number not in self._known:
            own = Admitted.by(self.claim, values)
            least = np.where(own.holds, own.high, np.inf)
            for other in self.others:
                try:
                    found = Admitted.by(other, values)
                except InvalidArgument:  # it speaks of what has no value here
                    continue
                least = np.fmin(least, np.where(found.holds, found.high, np.inf))
            self._known[number] = own, least
        return self._known[number]
