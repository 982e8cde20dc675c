"""The search for the worst case: the configuration where a claim is nearest to its bound.

Hypothesis draws configurations of the theorem and steers them by the score; then a local search
moves single fields of the best one. Every configuration has seeds of its own, so what is refuted
on the way is refuted at the level that the budget allots to all of them. With `most` trials and no
deadline the same salt gives the same search.

The score is lower confidence limit/bound where that is largest; of a frequency, the share of
failures over the share allowed. A claim that may fail in a share delta of the initialisations gets
as many of them as a refutation needs, and the score that this share exceeds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings, target
from hypothesis import strategies as st

from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.kinds import Mode, Relation
from verify.experiments.kit import Experiment
from verify.judging.sample import Sample
from verify.judging.seeds import seed_of
from verify.judging.verdict import Judgement, Verdict, judge_initialisations, judge_one
from verify.runs.replay import Case

STEPS = (0.5, 0.8, 1.25, 2.0)
"""Factors by which the local search changes a number."""

MOST_TRIALS = 10_000
"""The budget is split over this many configurations; a search stops there."""

ABOVE = math.nextafter(1.0, 2.0)
"""The least score of what is refuted."""

MOST_INITIALISATIONS = 400
SCREENED = 4
"""Initialisations that must be nearer to the bound than `best` before all are tried."""
LOOKS = 4
"""Where too many initialisations fail but not yet enough, so many times more are tried."""


class _TimeIsUpError(Exception):
    """Ends the drawing: Hypothesis stops at an error where it may not shrink."""


@dataclass(frozen=True)
class Found:
    """A configuration that was tried, one sample per initialisation, and its score."""

    configuration: Any
    salt: str
    judgement: Judgement
    samples: Sequence[Sample]
    score: float

    @property
    def refuted(self) -> bool:
        return self.judgement.verdict is Verdict.REFUTED

    @property
    def order(self) -> tuple[bool, float]:
        """The larger, the worse for the claim."""
        return self.refuted, self.score


@dataclass
class Search:
    """The state of a search; `best` is the refuted or else the tightest configuration so far.

    most   trials, over which the budget is split
    below  only checkpoints count whose bound is below this share of the trivial one
    """

    claim: Claim
    experiment: Experiment
    salt: str
    budget: float
    deadline: float
    most: int = MOST_TRIALS
    below: float = 1.0
    tell: Callable[[Search], None] = lambda search: None
    best: Found | None = None
    trials: int = 0
    informative: int = 0
    phase: str = "drawing"
    share_of_climbing: float = 1 / 3

    @property
    def level(self) -> float:
        """Of one judgement: each configuration has up to three."""
        return self.budget / (3 * self.most)

    def over(self) -> bool:
        refuted = self.best is not None and self.best.refuted
        return refuted or self.trials >= self.most or time.monotonic() >= self.deadline

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
        try:
            first = self._sample(configuration, salt)
            found = 0.0 if first is None else self._score(first)
            self.informative += found > 0
            if first is not None and found > self._known:
                found = self._improve(configuration, salt, first, found)
        except InvalidArgument:  # a neighbour outside the domain
            return 0.0
        self.tell(self)
        return found

    def _improve(self, configuration: Any, salt: str, first: Sample, found: float) -> float:
        """Keep what is refuted, or nearer to its bound than `best` in enough initialisations."""
        samples, known = [first], self._known
        judgement = judge_initialisations(self.claim, samples, self.level)
        if self.claim.confidence:
            delta = float(np.max(first.symbols[self.claim.confidence]))
            enough = initialisations(delta, self.level)
            for count in (SCREENED, enough, LOOKS * enough):
                case = Case("", configuration, salt, count)
                more = (self._sample(configuration, own) for own in case.salts[len(samples) :])
                samples += [sample for sample in more if sample is not None]
                scores = sorted(map(self._score, samples), reverse=True)
                found = scores[int(delta * len(scores))]
                if found <= known:
                    return found
                judgement = judge_initialisations(self.claim, samples, self.level)
                if count >= enough and (found <= 1 or judgement.verdict is Verdict.REFUTED):
                    break
        if judgement.verdict is Verdict.OUT_OF_REGIME:  # one of the initialisations is
            return 0.0
        new = Found(configuration, salt, judgement, samples, found)
        if self.best is None or new.order > self.best.order:
            self.best = new
        return found

    @property
    def _known(self) -> float:
        """The score from which a configuration is looked at: whatever is above 1 may be refuted."""
        return min(self.best.score, 1.0) if self.best else 0.0

    def _sample(self, configuration: Any, salt: str) -> Sample | None:
        quantity = self.claim.quantity.name
        observed = self.experiment.observe(configuration, salt=salt, quantities={quantity})
        return observed.samples.get(quantity)

    def _score(self, sample: Sample) -> float:
        strict = replace(sample, trivial=np.asarray(sample.trivial) * self.below)
        judgement = judge_one(self.claim, strict, self.level)
        return score(self.claim, judgement)

    def _draw(self, strategy: st.SearchStrategy[Any]) -> None:
        climbing = self.share_of_climbing
        last = self.most * (1 - climbing)
        end = time.monotonic() + (self.deadline - time.monotonic()) * (1 - climbing)

        @settings(
            max_examples=MOST_TRIALS,
            deadline=None,
            database=None,
            derandomize=False,  # the seed decides
            verbosity=Verbosity.quiet,
            phases=[Phase.generate, Phase.target],
            suppress_health_check=list(HealthCheck),
        )
        @seed(seed_of("search", self.salt, self.claim.name))
        @given(strategy)
        def draw(configuration: Any) -> None:
            climb = self.best is not None and (self.trials >= last or time.monotonic() >= end)
            if climb or self.over():
                raise _TimeIsUpError
            found = self.attempt(configuration)
            if 0 < found < math.inf:
                target(math.log(found))

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


def initialisations(delta: float, level: float) -> int:
    """Half more than refute, if all fail, a claim that may fail in a share delta of them."""
    return min(MOST_INITIALISATIONS, math.ceil(1.5 * math.log(level / 4) / math.log(delta)))


def score(claim: Claim, judgement: Judgement) -> float:
    """How near the claim is to being violated; above 1 it is. 0: the sample says nothing."""
    if not judgement.verdict.informative:
        return 0.0
    refuted = judgement.verdict is Verdict.REFUTED
    if claim.kind.mode is Mode.PROBABILITY:
        share, allowed = judgement.measured, judgement.bound
        if claim.kind.relation is Relation.LOWER or (
            claim.kind.relation is Relation.EXACT and share < allowed
        ):
            share, allowed = 1 - share, 1 - allowed
        return max(share / allowed, 1e-6) if allowed > 0 else math.inf if refuted else 0.0
    ratio = judgement.tightness_confidence
    if not ratio > 0:
        return math.inf if refuted else 0.0
    # an equality is refuted from both sides, and in a mean its ratio says nothing of it
    return max(1 / ratio, ratio, ABOVE) if refuted else 1 / ratio
