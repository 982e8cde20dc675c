"""The search for the worst case: the configuration where a claim is nearest to its bound.

Hypothesis draws configurations of the theorem and steers them by the score measured/bound; then
a local search moves single fields of the best one. Every configuration has seeds of its own, so
what is refuted on the way is refuted at the level that the budget allots to all of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import strategies as st

from theory.claim import Claim
from theory.errors import InvalidArgument
from verify.experiment import Experiment
from verify.sample import Sample
from verify.verdict import Judgement, Verdict, judge_initialisations

STEPS = (0.5, 0.8, 1.25, 2.0)
"""Factors by which the local search changes a number."""

MOST_TRIALS = 10_000
"""The budget is split over this many configurations; a search stops there."""


class _TimeIsUpError(Exception):
    """Ends the drawing: Hypothesis stops at an error where it may not shrink."""


@dataclass(frozen=True)
class Found:
    """A configuration that was tried. score = lower confidence limit/bound at its worst."""

    configuration: Any
    salt: str
    judgement: Judgement
    sample: Sample
    score: float


@dataclass
class Search:
    """The state of a search; `best` is the refuted or else the tightest configuration so far."""

    claim: Claim
    experiment: Experiment
    salt: str
    budget: float
    deadline: float
    tell: Callable[[Search], None] = lambda search: None
    best: Found | None = None
    trials: int = 0
    informative: int = 0
    phase: str = "drawing"
    share_of_climbing: float = 1 / 3

    def over(self) -> bool:
        refuted = self.best is not None and self.best.judgement.verdict is Verdict.REFUTED
        return refuted or self.trials >= MOST_TRIALS or time.monotonic() >= self.deadline

    def run(self, strategy: st.SearchStrategy[Any]) -> Found | None:
        self._draw(strategy)
        self.phase = "climbing"
        while not self.over() and self.best is not None:
            before = self.best
            for neighbour in neighbours(before.configuration):
                self.attempt(neighbour)
                if self.over():
                    break
            if self.best is before:
                break
        return self.best

    def attempt(self, configuration: Any) -> float:
        """Train and judge one configuration; its score (0 where it says nothing)."""
        self.trials += 1
        salt = f"{self.salt}/search/{configuration}"
        quantity = self.claim.quantity.name
        try:
            observed = self.experiment.observe(configuration, salt=salt, quantities={quantity})
        except InvalidArgument:  # a neighbour outside the domain
            return 0.0
        sample = observed.samples.get(quantity)
        if sample is None:
            return 0.0
        level = self.budget / MOST_TRIALS
        judgement = judge_initialisations(self.claim, [sample], level)
        score = _score(judgement)
        self.informative += judgement.verdict.informative
        if score > 0 and (self.best is None or score > self.best.score):
            self.best = Found(configuration, salt, judgement, sample, score)
        self.tell(self)
        return score

    def _draw(self, strategy: st.SearchStrategy[Any]) -> None:
        climbing = (self.deadline - time.monotonic()) * self.share_of_climbing

        @settings(
            max_examples=MOST_TRIALS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.target],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def draw(configuration: Any) -> None:
            if self.over() or time.monotonic() >= self.deadline - climbing:
                raise _TimeIsUpError
            score = self.attempt(configuration)
            if 0 < score < math.inf:
                target(math.log(score))

        with suppress(_TimeIsUpError):
            draw()


def neighbours(configuration: Any) -> Iterator[Any]:
    """The configuration with one number changed by a factor; invalid ones are left out."""
    for field in fields(configuration):
        value = getattr(configuration, field.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        for factor in STEPS:
            new = value * factor
            if isinstance(value, int):
                new = max(1, math.floor(new) if factor < 1 else math.ceil(new))
            if new == value:
                continue
            try:
                yield replace(configuration, **{field.name: new})
            except InvalidArgument:
                continue


def _score(judgement: Judgement) -> float:
    """1/tightness against the lower confidence limit; infinite where refuted."""
    if judgement.verdict is Verdict.REFUTED:
        return math.inf
    if judgement.verdict is not Verdict.HOLDS:
        return 0.0
    return 1 / judgement.tightness_confidence if judgement.tightness_confidence > 0 else 0.0
