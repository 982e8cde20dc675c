"""Mutation testing of claims: is a slip in a formula noticed?

Every mutant of a claim (see `theory.mutation`) is judged, as the claim itself is, on samples from
the configurations that the theorem's experiment offers; a configuration is trained once for all
mutants of all claims. What becomes of a mutant:

refuted    in some configuration
same       equal to the claim wherever it was judged: the configurations are blind to the slip
weaker     wherever it was judged it allows all that the claim allows: it is true
out        it passes in no configuration: out of its regime, vacuous, underpowered or not a number;
           or it cannot be evaluated in one of them (an index out of range)
slack      tighter than the claim, but not below what was measured (by three standard errors): the
           claim has room for it. For an equality: only its band was changed, and still holds
           what was measured
survived   none of these: it passes though it is false

score = refuted/(refuted + same + survived); the strict score counts slack as survived, too.
"""

from __future__ import annotations

import enum
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from theory.claim import Claim, Mode, Relation
from theory.mutation import NOT_A_NUMBER, mutants
from verify.experiment import Experiment
from verify.sample import Sample
from verify.verdict import Judgement, Verdict, judge_initialisations

LEVEL = 1e-8
"""Probability that one judgement refutes a true mutant."""

ERRORS = 3.0
"""Standard errors that a bound may lie below a mean and still count as slack."""

ROUNDING = 1e-9
"""Numbers that differ by less, relatively, are equal."""


@runtime_checkable
class Mutable(Protocol):
    """An experiment that offers configurations for mutants; others are judged at the default."""

    def mutation_configurations(self, claim: str) -> Sequence[Any]:
        """Diverse configurations in which slips in that claim show."""
        ...


class Fate(enum.Enum):
    """What becomes of a mutant."""

    REFUTED = "refuted"
    WEAKER = "weaker"
    SLACK = "slack"
    SAME = "same"
    SURVIVED = "survived"
    OUT = "out"


@dataclass
class Trial:
    """A mutant, and what is known of it so far."""

    mutant: Claim
    refuted: Judgement | None = None
    configuration: Any = None
    passed: bool = False
    raised: bool = False
    judged: int = 0
    wider: bool = True
    slack: bool = True
    same: bool = True

    @property
    def name(self) -> str:
        """What was changed."""
        return self.mutant.name.partition("~")[2]

    @property
    def fate(self) -> Fate:
        if self.refuted:
            return Fate.REFUTED
        if self.raised:
            return Fate.OUT
        if self.judged and self.same:
            return Fate.SAME
        if self.judged and self.wider:
            return Fate.WEAKER
        if not self.passed:
            return Fate.OUT
        return Fate.SLACK if self.slack else Fate.SURVIVED


@dataclass
class Score:
    """The trials of one claim. `false` are configurations that refute the claim itself."""

    claim: str
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
    tell: Callable[[str], None] = lambda line: None,
    judge: Callable[[Claim, Sequence[Sample], float], Judgement] = judge_initialisations,
) -> list[Score]:
    """The scores of the claims; those that `seconds` leave no time for are not finished.

    `every` > 1 judges a part of the mutants, `tell` gets lines of progress, `judge` is the judge.
    """
    end = time.monotonic() + seconds
    supply = _Supply(claims, experiment, salt)
    scores: list[Score] = []
    for name, claim in claims.items():
        start = time.monotonic()
        if start >= end and scores:
            break
        score = Score(name)
        scores.append(score)
        for mutant in mutants(claim, every=every):
            score.trials.append(Trial(mutant))
            if time.monotonic() >= end:
                break
        tried = False
        for number, configuration in enumerate(supply.configurations[name]):
            left = [trial for trial in score.trials if not trial.refuted]
            if (tried and not left) or time.monotonic() >= end:
                break
            total = len(supply.configurations[name])
            tell(f"{name}: {len(left)} of {len(score.trials)} mutants left, "
                 f"configuration {number + 1} of {total}")  # fmt: skip
            samples = supply.samples(claim, configuration)
            tried = True
            if samples:
                _try(score, claim, left, configuration, samples, judge)
        score.finished = time.monotonic() < end
        score.seconds = time.monotonic() - start
    return scores


def _try(
    score: Score,
    claim: Claim,
    trials: Iterable[Trial],
    configuration: Any,
    samples: Sequence[Sample],
    judge: Callable[[Claim, Sequence[Sample], float], Judgement],
) -> None:
    """Judge the mutants that are left in one configuration."""
    own = judge(claim, samples, LEVEL)
    if own.verdict is Verdict.REFUTED:
        score.false.append(configuration)
        return
    score.configurations += own.verdict is not Verdict.OUT_OF_REGIME
    true = [_admitted(claim, sample) for sample in samples]
    for trial in trials:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found = judge(trial.mutant, samples, LEVEL)
                if found.verdict is Verdict.REFUTED:
                    trial.refuted, trial.configuration = found, configuration
                    continue
                trial.passed |= found.verdict is Verdict.HOLDS
                mine = [_admitted(trial.mutant, sample) for sample in samples]
            except NOT_A_NUMBER:
                trial.raised = True
                continue
        for sample, ours, theirs in zip(samples, mine, true, strict=True):
            _compare(trial, claim, sample, ours, theirs)


@dataclass(frozen=True)
class _Admitted:
    """What a claim allows at the points of a sample: where it speaks, limits, bound."""

    holds: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bound: np.ndarray
    banded: bool


def _admitted(claim: Claim, sample: Sample) -> _Admitted:
    mode, relation = claim.kind.mode, claim.kind.relation
    holds = claim.regime(sample.symbols).holds
    if mode is not Mode.PATHWISE and not holds.all():
        holds = np.zeros_like(holds)
    evaluation = claim.evaluate(sample.symbols, where=holds)
    low = high = bound = evaluation.bound
    banded = evaluation.lower is not None and evaluation.upper is not None
    if evaluation.lower is not None and evaluation.upper is not None:
        low, high = evaluation.lower, evaluation.upper
    if relation is Relation.UPPER:
        low = np.full_like(bound, -np.inf)
    if relation is Relation.LOWER:
        high = np.full_like(bound, np.inf)
    return _Admitted(holds, low, high, bound, banded)


def _compare(trial: Trial, claim: Claim, sample: Sample, ours: _Admitted, true: _Admitted) -> None:
    """Note whether the mutant is wider than the claim, within its slack, or the same."""
    if not ours.holds.any():
        return
    trial.judged += 1
    measured, error = sample.values, np.asarray(0.0)
    if claim.kind.mode is not Mode.PATHWISE:
        measured = sample.rows.mean(axis=1)
        error = ERRORS * sample.rows.std(axis=1) / np.sqrt(sample.rows.shape[1])
    outside = ~np.broadcast_to(ours.holds, np.broadcast_shapes(ours.holds.shape, measured.shape))
    contained = _below(ours.low, true.low) & _below(true.high, ours.high) & true.holds
    trial.wider &= bool((contained | ~ours.holds).all())
    equal = _equal(ours.low, true.low) & _equal(ours.high, true.high)
    untouched = _equal(ours.bound, true.bound)
    trial.same &= bool(((equal & untouched & true.holds) | ~ours.holds).all())
    room = _below(ours.low, measured + error) & _below(measured - error, ours.high)
    if claim.kind.relation is Relation.EXACT:
        room &= untouched & true.banded
    silent = np.isnan(ours.low) | np.isnan(ours.high)
    trial.slack &= bool((room | silent | outside).all())


def _below(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a <= b, up to rounding; false where either is NaN."""
    return np.asarray(a <= b) | _equal(a, b)


def _equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.isclose(a, b, rtol=ROUNDING, atol=0.0)


class _Supply:
    """The configurations of each claim, and their samples: each is trained once."""

    def __init__(self, claims: Mapping[str, Claim], experiment: Experiment, salt: str) -> None:
        self.experiment, self.salt = experiment, salt
        self.configurations: dict[str, Sequence[Any]] = {}
        self._wanted: dict[Any, set[str]] = {}
        self._observed: dict[tuple[Any, str], Mapping[str, Sample]] = {}
        for name, claim in claims.items():
            found: Sequence[Any] = ()
            if isinstance(experiment, Mutable):
                found = experiment.mutation_configurations(name)
            self.configurations[name] = found or (experiment.configuration(),)
            for configuration in self.configurations[name]:
                self._wanted.setdefault(configuration, set()).add(claim.quantity.name)

    def samples(self, claim: Claim, configuration: Any) -> list[Sample]:
        """One sample; several, with initialisations of their own, if some of these may fail."""
        first = self._observe(configuration, self.salt).get(claim.quantity.name)
        if first is None:
            return []
        if not claim.confidence:
            return [first]
        delta = float(np.max(first.symbols[claim.confidence]))
        count = int(np.ceil(np.log(LEVEL / 4) / np.log(delta)))
        more = (self._observe(configuration, f"{self.salt}/{i}") for i in range(1, count))
        return [first, *(samples[claim.quantity.name] for samples in more)]

    def _observe(self, configuration: Any, salt: str) -> Mapping[str, Sample]:
        key = configuration, salt
        if key not in self._observed:
            found = self.experiment.observe(
                configuration, salt=salt, quantities=self._wanted[configuration]
            )
            self._observed[key] = found.samples
        return self._observed[key]
