"""Mutation scores, as baselines and pages keep them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MutationScore:
    """Slips of a claim: how many were refuted, how many passed, and of which statement."""

    refuted: int
    survived: int
    fingerprint: str

    @property
    def score(self) -> float:
        return self.refuted / max(1, self.refuted + self.survived)
