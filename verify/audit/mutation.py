"""Mutation testing of claims: is a slip in a formula noticed?

Every mutant of a claim (see `theory.language.mutation`) is judged, as the claim itself is, on
samples from the configurations that the theorem's experiment offers, and compared with the claim
there and at points of the domain that need no training. What becomes of a mutant:

refuted    in some configuration
weaker     true: it allows all that the claim allows, in every configuration and at every point of
           the domain
implied    true: at all of them it lies above the smallest bound that the claims of the theorem give
           for the same quantity, those left out that are known to be false
slack      tighter than the claim, but wherever it is, its limit keeps ERRORS standard errors from
           the measured mean; where even the claim's own limit does not, it may lie as near. Means
           are estimated with control variates. Of an equality only the band may differ. So it
           lies between the truth and the claim in every configuration; no proof that it always does
same       equal to the claim wherever it was judged: the configurations are blind to the slip
out        it passes in no configuration: out of its regime, vacuous, underpowered or not a number;
           or it cannot be evaluated in one of them (an index out of range)
survived   none of these: it passes, and nothing shows that it is true

score = refuted/(refuted + same + survived); the strict score counts slack as survived, too.
"""

from __future__ import annotations

import enum
import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

import numpy as np
import torch

from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.kinds import Mode, Relation
from theory.language.mutation import fingerprint, mutants
from theory.language.points import NOT_A_NUMBER
from verify.audit.admitted import ROUNDING, Admitted, Domain, Remembering, equal
from verify.audit.mutation_samples import Job, Supply
from verify.experiments.kit import Experiment
from verify.judging.fields import symbols as values_of
from verify.judging.plural import number
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict, judge_initialisations
from verify.runs.check import salts_of

LEVEL = 1e-8
"""Probability that one judgement refutes a true mutant."""

ERRORS = 3.0
"""Standard errors of a mean that slack must leave."""

Judge = Callable[[Claim, Sequence[Sample], float], Judgement]


class Fate(enum.Enum):
    """What becomes of a mutant."""

    REFUTED = "refuted"
    WEAKER = "weaker"
    IMPLIED = "implied"
    SLACK = "slack"
    SAME = "same"
    SURVIVED = "survived"
    OUT = "out"


@dataclass
class Trial:
    """What is known so far of a mutant; `name` says what was changed.

    configuration  in which it was refuted, and the `salts` of its samples; `shrunk` is the simplest
                   such configuration, where asked for
    proof          WEAKER or IMPLIED, where it is known to be true
    """

    name: str
    refuted: Judgement | None = None
    configuration: Any = None
    salts: tuple[str, ...] = ()
    shrunk: Any = None
    proof: Fate | None = None
    passed: bool = False
    raised: bool = False
    judged: int = 0
    slack: bool = True
    same: bool = True

    @property
    def fate(self) -> Fate:
        if self.refuted is not None:
            return Fate.REFUTED
        if self.raised:
            return Fate.OUT
        if self.proof:
            return self.proof
        if self.judged and self.same:
            return Fate.SAME
        if not self.passed:
            return Fate.OUT
        return Fate.SLACK if self.slack else Fate.SURVIVED


@dataclass
class Score:
    """The trials of one claim. `false` are configurations that refute the claim itself."""

    claim: str
    fingerprint: str = ""
    trials: list[Trial] = field(default_factory=list)
    configurations: int = 0
    false: list[Any] = field(default_factory=list)
    finished: bool = False
    seconds: float = 0.0

    def count(self, *fates: Fate) -> int:
        return sum(trial.fate in fates for trial in self.trials)

    @property
    def value(self) -> float:
        """Share of the false mutants that are refuted; NaN where there is none."""
        return self._share(Fate.SAME, Fate.SURVIVED)

    @property
    def strict(self) -> float:
        return self._share(Fate.SAME, Fate.SURVIVED, Fate.SLACK)

    def _share(self, *alive: Fate) -> float:
        refuted, left = self.count(Fate.REFUTED), self.count(*alive)
        return refuted / (refuted + left) if refuted + left else float("nan")


def assess(
    claims: Mapping[str, Claim],
    experiment: Experiment,
    *,
    salt: str,
    seconds: float = float("inf"),
    every: int = 1,
    known: Mapping[str, Claim] | None = None,
    simplify: bool = False,
    workers: int = 1,
    tell: Callable[[str], None] = lambda line: None,
    judge: Judge = judge_initialisations,
) -> list[Score]:
    """The scores of the claims; those that `seconds` leave no time for are not finished.

    `every` > 1 judges a part of the mutants; `known` are claims that prove a mutant if they imply
    it (default: `claims`); `simplify` shrinks the configurations that refute; `tell` gets lines of
    progress, `judge` is the judge.
    """
    supply = Supply(claims, experiment, salt, LEVEL)
    assessor = _Assessor(
        claims, known or claims, supply, time.monotonic() + seconds, every, simplify, tell, judge
    )
    if workers > 1:
        return _in_parallel(assessor, workers)
    scores: list[Score] = []
    for name in claims:
        if scores and assessor.late:
            break
        scores.append(assessor.score(name))
    return scores


@dataclass
class _Assessor:
    """What `assess` was asked."""

    claims: Mapping[str, Claim]
    known: Mapping[str, Claim]
    supply: Supply
    end: float
    every: int
    simplify: bool
    tell: Callable[[str], None]
    judge: Judge

    @property
    def late(self) -> bool:
        return time.monotonic() >= self.end

    def score(self, name: str) -> Score:
        start = time.monotonic()
        claim = Remembering(**{f.name: getattr(self.claims[name], f.name) for f in fields(Claim)})
        score, found = Score(name, fingerprint(claim)), dict[str, Claim]()
        for mutant in mutants(claim, every=self.every):
            what = mutant.name.partition("~")[2]
            found[what] = mutant
            score.trials.append(Trial(what))
            if self.late:
                break
        judged: list[Mapping[str, Any]] = []
        for tried, configuration in enumerate(self.supply.configurations[name]):
            left = [trial for trial in score.trials if trial.refuted is None]
            if (tried and not left) or self.late:
                break
            total = len(self.supply.configurations[name])
            self.tell(f"{name}: {len(left)} of {number(len(score.trials), 'mutant')} left, "
                      f"configuration {tried + 1} of {total}")  # fmt: skip
            samples = self.supply.samples(claim, configuration)
            if samples and self._try(score, claim, found, left, configuration, samples):
                judged += (sample.symbols_of(claim) for sample in samples)
        self._prove(score, claim, found, judged)
        if self.simplify:
            self._shrink(score, found)
        score.finished = not self.late
        score.seconds = time.monotonic() - start
        return score

    def _try(
        self,
        score: Score,
        claim: Claim,
        found: Mapping[str, Claim],
        trials: Iterable[Trial],
        configuration: Any,
        samples: Sequence[Sample],
    ) -> bool:
        """Judge the mutants that are left in one configuration; false if it says nothing."""
        own = self.judge(claim, samples, LEVEL)
        if own.verdict is Verdict.REFUTED:
            score.false.append(configuration)
            return False
        if own.verdict is Verdict.OUT_OF_REGIME and not _moving(claim):
            return False
        score.configurations += own.verdict is not Verdict.OUT_OF_REGIME
        true = [Admitted.by(claim, sample.symbols_of(claim), sample.rows) for sample in samples]
        for trial in trials:
            mutant = found[trial.name]
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    judgement = self.judge(mutant, samples, LEVEL)
                    if judgement.verdict is Verdict.REFUTED:
                        trial.refuted, trial.configuration = judgement, configuration
                        trial.salts = salts_of(self.supply.salt, len(samples))
                        continue
                    trial.passed |= judgement.verdict is Verdict.HOLDS
                    for sample, theirs in zip(samples, true, strict=True):
                        ours = Admitted.by(mutant, sample.symbols_of(mutant), sample.rows)
                        _compare(trial, claim, sample, ours, theirs)
                except NOT_A_NUMBER:
                    trial.raised = True
        return True

    def _prove(
        self,
        score: Score,
        claim: Claim,
        found: Mapping[str, Claim],
        judged: Sequence[Mapping[str, Any]],
    ) -> None:
        """Find the mutants that are true, from the numbers of the claims alone."""
        points = self.supply.experiment.mutation_points(claim.name)
        offered = [values_of(point) for point in points]
        others = [
            other
            for other in self.known.values()
            if other.quantity == claim.quantity
            and other.kind.mode is claim.kind.mode
            and other.kind.relation is not Relation.LOWER
            and not other.confidence
            and other.name != claim.name
            and not self.supply.experiment.home(other.name).known_false
        ]
        domain = Domain(claim, [*judged, *offered], others)
        left = [t for t in score.trials if t.judged and t.refuted is None and not t.raised]
        for trial in left if claim.kind.mode is not Mode.LAW else ():  # no law is weaker
            if self.late:
                break
            with warnings.catch_warnings(), suppress(*NOT_A_NUMBER):
                warnings.simplefilter("error")
                if (offered or not trial.same) and domain.weaker(found[trial.name]):
                    trial.proof = Fate.WEAKER
                elif domain.implied(found[trial.name]):
                    trial.proof = Fate.IMPLIED

    def _shrink(self, score: Score, found: Mapping[str, Claim]) -> None:
        from verify.audit.shrink import shrink

        claim = self.claims[score.claim]
        own: dict[Any, bool] = {}

        def stands(configuration: Any, samples: Sequence[Sample]) -> bool:
            if configuration not in own:
                verdict = self.judge(claim, samples, LEVEL).verdict
                own[configuration] = verdict is not Verdict.REFUTED
            return own[configuration]

        def refuted(trial: Trial, configuration: Any) -> bool:
            try:
                samples = self.supply.samples(claim, configuration)
                judgement = self.judge(found[trial.name], samples, LEVEL) if samples else None
            except (InvalidArgument, *NOT_A_NUMBER):
                return False
            refutes = judgement is not None and judgement.verdict is Verdict.REFUTED
            return refutes and stands(configuration, samples)

        for trial in score.trials:
            if trial.refuted is not None and not self.late:
                self.tell(f"{score.claim}: shrinking {trial.name}")
                trial.shrunk = shrink(trial.configuration, partial(refuted, trial))


def _moving(claim: Claim) -> bool:
    """Whether premises speak of definitions: then a slip in one of these moves the regime."""
    defined = {str(s) for s in claim.statement.definitions}
    return any(str(s) in defined for q in claim.statement.premises for s in q.free_symbols)


def _compare(trial: Trial, claim: Claim, sample: Sample, ours: Admitted, true: Admitted) -> None:
    """Note whether the mutant is the same as the claim, and whether it leaves slack."""
    if not ours.holds.any():
        return
    trial.judged += 1
    if claim.kind.mode is Mode.LAW:  # laws that differ at all are different laws
        trial.same &= bool((equal(ours.bound, true.bound) | ~ours.holds).all())
        trial.slack = False
        return
    measured, error = sample.values, np.asarray(0.0)
    if claim.kind.mode is not Mode.PATHWISE:
        rows = sample.rows if sample.control is None else sample.rows - sample.control
        measured = rows.mean(axis=1)
        error = ERRORS * rows.std(axis=1) / np.sqrt(rows.shape[1])
    untouched = equal(ours.bound, true.bound)
    alike = equal(ours.low, true.low) & equal(ours.high, true.high) & untouched & true.holds
    trial.same &= bool((alike | ~ours.holds).all())
    error = error + ROUNDING * np.abs(measured)
    room = _room(measured - ours.low, measured - true.low, error)
    room &= _room(ours.high - measured, true.high - measured, error)
    if claim.kind.relation is Relation.EXACT:
        room &= untouched & true.banded
    silent = np.isnan(ours.low) | np.isnan(ours.high)
    held = room | silent | ours.contains(true) | ~ours.holds
    trial.slack &= bool(held.all())


def _room(ours: np.ndarray, true: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Whether a mutant's limit is clear of the mean, or as near to it as the claim's own limit."""
    clear = ours >= error
    near = (true < error) & (ours >= -error)
    return clear | near


# --- several processes ---------------------------------------------------------------------------

_assessor: _Assessor | None = None
"""In a worker: what it works on."""


def _in_parallel(assessor: _Assessor, workers: int) -> list[Score]:
    """Train, then assess claim by claim, in forked processes: claims cannot be pickled."""
    context = multiprocessing.get_context("fork")
    for _ in range(2):  # the first samples tell how many more there must be
        jobs = list(assessor.supply.jobs())
        with context.Pool(workers, _start, (assessor,)) as pool:
            for done, found in enumerate(pool.imap_unordered(_train, jobs), start=1):
                assessor.supply.keep([found])
                assessor.tell(f"trained {done} of {number(len(jobs), 'configuration')}")
    with context.Pool(workers, _start, (assessor,)) as pool:
        return list(pool.imap(_score, assessor.claims, chunksize=1))


def _start(assessor: _Assessor) -> None:
    global _assessor
    _assessor = assessor
    torch.set_num_threads(1)


def _train(job: Job) -> tuple[Job, Mapping[str, Sample]]:
    assert _assessor is not None
    return _assessor.supply.train(job)


def _score(name: str) -> Score:
    assert _assessor is not None
    return _assessor.score(name)
