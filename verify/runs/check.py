"""A check from end to end: train, measure, judge every claim that was asked for."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.kinds import Mode
from verify.experiments.kit import Experiment, Home, Observations, Progress, nothing
from verify.judging.judgement import html_table
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict, judge_initialisations
from verify.runs.codes import NOTHING_SAID, REFUTED
from verify.runs.reach import needed
from verify.runs.selection import select


@dataclass(frozen=True, eq=False)
class Outcome:
    """The verdicts of one check, in one configuration.

    unjudged  claims that were asked for without a verdict, and why: nothing measures their
              quantity, or it gives no value to one of their symbols. Where the experiment says that
              no measurement can be in the regime, that is a verdict: OUT_OF_REGIME
    named     whether the claims were asked for by name
    home      where the claims are at home, if they were judged there
    needs     of claims whose home is out of reach: what it would take, such as "m >= 5e14"
    """

    theorem: str
    configuration: Any
    salt: str
    budget: float
    claims: Mapping[str, Claim]
    judgements: tuple[Judgement, ...]
    unjudged: Mapping[str, str]
    observations: Observations
    named: bool
    seconds: float
    home: Home | None = None
    needs: Mapping[str, str] = field(default_factory=dict)

    @property
    def known_false(self) -> str:
        """What is known to be wrong with its claims as printed, if anything is."""
        return "" if self.home is None else self.home.known_false

    def fails(self, judgement: Judgement) -> bool:
        """A claim that is refuted; one that is known to be false and is not.

        What was measured must contradict it: where it is no number, nothing is found again.
        """
        refuted = judgement.verdict is Verdict.REFUTED
        if not self.known_false:
            return refuted
        return not (refuted and math.isfinite(judgement.measured))

    def counts(self, judgement: Judgement) -> bool:
        """Whether the claim must hold for a pass.

        Not what is out of reach; nor, where claims are not named, what is out of its regime in a
        configuration that was given.
        """
        if judgement.claim in self.needs:
            return False
        out = judgement.verdict is Verdict.OUT_OF_REGIME
        return not (out and self.home is None and not self.named)

    @property
    def exit_code(self) -> int:
        """1: something fails. 0: all that counts holds, and that is not nothing. 3: neither."""
        return exit_code((self,))

    @property
    def incomplete(self) -> str:
        """What stopped the measurements before their end; empty if nothing did."""
        return str(self.observations.notes.get("incomplete", ""))

    def _repr_html_(self) -> str:
        """What notebooks show: a row per claim, and why others were not judged."""
        from verify.runs.text import ordered, state

        table = html_table((j, state(self, j)) for j in ordered(self))
        lacking = "".join(f"<p>{escape(f'{n}: not judged, {w}')}</p>"
                          for n, w in self.unjudged.items())  # fmt: skip
        return table + lacking

    def count(self, verdict: Verdict) -> int:
        return sum(j.verdict is verdict for j in self.judgements)


def exit_code(outcomes: Collection[Outcome]) -> int:
    """Of several outcomes: 1 if something fails, 0 if all that counts holds, else 3."""
    judged = [(outcome, j) for outcome in outcomes for j in outcome.judgements]
    if any(outcome.fails(j) for outcome, j in judged):
        return REFUTED
    counted = [outcome.known_false or j.passed for outcome, j in judged if outcome.counts(j)]
    passed = counted and all(counted) and not any(outcome.unjudged for outcome in outcomes)
    return 0 if passed else NOTHING_SAID


def check(
    theorem: str,
    configuration: Any,
    *,
    salt: str,
    budget: float,
    patterns: Collection[str] = (),
    progress: Progress | None = None,
) -> Outcome:
    """Judge the claims that match the patterns (default: all) in one configuration.

    Each gets an equal share of `budget`, the probability that true claims are refuted at all.
    """
    check_budget(budget)
    start = time.monotonic()
    asked = select(theorem, patterns)
    experiment = registry.theorem(theorem).load_experiment()
    observed = experiment.observe(
        configuration, salt=salt, quantities=_quantities(asked), progress=progress
    )
    found = _judged(asked, observed, None, budget)
    return Outcome(theorem, configuration, salt, budget, asked, *found, observed, bool(patterns),
                   time.monotonic() - start)  # fmt: skip


def at_home(
    theorem: str,
    *,
    salt: str,
    budget: float,
    patterns: Collection[str] = (),
    progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Judge every claim that matches at its home; one outcome per home.

    Each claim gets an equal share of `budget`. Homes of one configuration are trained once. Where
    the training of one fails, its claims are not judged, and the others are.
    """
    check_budget(budget)
    asked = select(theorem, patterns)
    experiment = registry.theorem(theorem).load_experiment()
    homes: dict[Home, dict[str, Claim]] = {}
    trained: dict[Home, dict[str, Claim]] = {}
    for name, claim in asked.items():
        home = experiment.home(name)
        homes.setdefault(home, {})[name] = claim
        trained.setdefault(home.training, {})[name] = claim
    observed = {}
    for number, (home, claims) in enumerate(trained.items()):
        told = _part(progress, number, len(trained))
        observed[home] = _observed(experiment, home, _quantities(claims), salt, told)
    outcomes = []
    for home, claims in homes.items():
        configuration, found, seconds = observed[home.training]
        judgements, unjudged = _judged(claims, found, budget / len(asked), budget)
        seconds *= len(claims) / len(trained[home.training])
        needs = _needs(home, claims, judgements, found)
        outcomes.append(
            Outcome(theorem, configuration, salt, budget, claims, judgements, unjudged, found,
                    bool(patterns), seconds, home, needs)
        )  # fmt: skip
    return tuple(outcomes)


def check_budget(budget: float) -> None:
    if not 0 < budget < 1:
        raise InvalidArgument("budget", budget, "in (0, 1)")


def salts_of(salt: str, initialisations: int) -> tuple[str, ...]:
    """One salt per initialisation."""
    return salt, *(f"{salt}/{i}" for i in range(1, initialisations))


def missing(
    claim: Claim, samples: Mapping[str, Sample], reasons: Mapping[str, str] | None = None
) -> str:
    """Why the claim cannot be judged from these samples; empty if it can.

    reasons  by quantity: why there is no sample, where that is known
    """
    sample = samples.get(claim.quantity.name)
    if sample is None:
        why = (reasons or {}).get(claim.quantity.name)
        return f"{claim.quantity.name} is not measured" + (f": {why}" if why else "")
    absent = [name for name in claim.variables if name not in sample.symbols]
    return f"no value of {', '.join(absent)}" if absent else ""


def out_of_regime(claim: Claim, observed: Observations) -> str:
    """What the claim needs that this configuration cannot give; empty if it was measured."""
    if claim.quantity.name in observed.samples:
        return ""
    return observed.out_of_regime.get(claim.quantity.name, "")


def outside_judgement(claim: Claim, reason: str, level: float) -> Judgement:
    """That of a claim of which no measurement can be in its regime."""
    level = 0.0 if claim.kind.mode is Mode.PATHWISE else level
    return Judgement(claim.name, Verdict.OUT_OF_REGIME, reason, level=level)


def _observed(
    experiment: Experiment,
    home: Home,
    quantities: set[str],
    salt: str,
    progress: Progress | None,
) -> tuple[Any, Observations, float]:
    """The configuration that was trained, what was measured there, and the seconds it took.

    What fails altogether measures nothing, and the notes say why: other homes are not lost.
    """
    start = time.monotonic()
    configuration = home.configuration
    if home.unreachable:
        configuration = experiment.preview(configuration)
    try:
        found = [
            experiment.observe(
                configuration,
                salt=own,
                quantities=quantities,
                progress=_part(progress, number, home.initialisations),
            )
            for number, own in enumerate(salts_of(salt, home.initialisations))
        ]
    except InvalidArgument:
        raise
    except Exception as error:
        return configuration, nothing(quantities, error), time.monotonic() - start
    return configuration, _joined(found), time.monotonic() - start


def _needs(
    home: Home,
    claims: Mapping[str, Claim],
    judgements: Collection[Judgement],
    observations: Observations,
) -> dict[str, str]:
    """Of claims whose home is out of reach: what it would take.

    Not of those whose premises fail for another reason, which are no more excused than at any home.
    """
    if not home.unreachable:
        return {}
    found = {}
    for j in judgements:
        sample = observations.samples.get(claims[j.claim].quantity.name)
        if j.verdict is Verdict.OUT_OF_REGIME and sample is not None:
            found[j.claim] = needed(claims[j.claim], sample.symbols, home.unreachable)
    return {claim: needs for claim, needs in found.items() if needs}


def _quantities(claims: Mapping[str, Claim]) -> set[str]:
    return {claim.quantity.name for claim in claims.values()}


def _judged(
    asked: Mapping[str, Claim], observed: Observations, level: float | None, budget: float
) -> tuple[tuple[Judgement, ...], dict[str, str]]:
    """Judgements, and what cannot be judged; without a level the judged ones share the budget."""
    lacking = {name: missing(claim, observed.samples, observed.unmeasured)
               for name, claim in asked.items()}  # fmt: skip
    outside = {
        name: why for name, claim in asked.items() if (why := out_of_regime(claim, observed))
    }
    unjudged = {name: why for name, why in lacking.items() if why and name not in outside}
    judged = [claim for name, claim in asked.items() if name not in unjudged]
    each = budget / max(1, len(judged)) if level is None else level
    judgements = tuple(
        outside_judgement(claim, outside[claim.name], each)
        if claim.name in outside
        else judge_initialisations(claim, observed.of(claim.quantity.name), each)
        for claim in judged
    )
    return judgements, unjudged


def _joined(observed: list[Observations]) -> Observations:
    """Those of several initialisations as one: curves and notes of the first."""
    first = observed[0]
    names = [name for name in first.samples if all(name in each.samples for each in observed)]
    samples = {name: [s for each in observed for s in each.of(name)] for name in names}
    incomplete = next((n for e in observed if (n := e.notes.get("incomplete"))), None)
    notes = {**first.notes, **({"incomplete": incomplete} if incomplete else {})}
    known = [each.samples.keys() | each.out_of_regime.keys() for each in observed]
    said = {name: why for each in observed for name, why in each.out_of_regime.items()}
    unmeasured = {name: why for each in observed for name, why in each.unmeasured.items()}
    outside = {name: why for name, why in said.items() if all(name in each for each in known)}
    return replace(
        first,
        samples={name: found[0] for name, found in samples.items()},
        notes=notes,
        initialisations={n: tuple(found[1:]) for n, found in samples.items() if len(found) > 1},
        out_of_regime=outside,
        unmeasured=unmeasured,
    )


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    """The progress of one of `count` equal parts."""
    if progress is None:
        return None
    return lambda done, total: progress(number + done / total, count)
