"""A check from end to end: train, measure, judge every claim that was asked for."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from verify.experiments.kit import Observations, Progress
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict, judge_initialisations

REFUTED, NOTHING_SAID = 1, 3


@dataclass(frozen=True, eq=False)
class Outcome:
    """The verdicts of one check.

    unjudged  claims that were asked for without a verdict, and why: nothing measures their
              quantity, or it gives no value to one of their symbols
    named     whether the claims were asked for by name
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

    @property
    def exit_code(self) -> int:
        """1: refuted. 0: some claim holds, and so does every other. 3: neither.

        Where no claim is named, those out of their regime do not count.
        """
        if any(j.verdict is Verdict.REFUTED for j in self.judgements):
            return REFUTED
        counted = [
            j for j in self.judgements if self.named or j.verdict is not Verdict.OUT_OF_REGIME
        ]
        passed = counted and all(j.passed for j in counted) and not self.unjudged
        return 0 if passed else NOTHING_SAID

    @property
    def incomplete(self) -> str:
        """What stopped the measurements before their end; empty if nothing did."""
        return str(self.observations.notes.get("incomplete", ""))

    def count(self, verdict: Verdict) -> int:
        return sum(j.verdict is verdict for j in self.judgements)


def select(theorem: str, patterns: Collection[str] = ()) -> dict[str, Claim]:
    """The claims of the theorem whose names match; every pattern must match one."""
    known = registry.claims(theorem)
    found = dict.fromkeys(known, False) if patterns else dict.fromkeys(known, True)
    for pattern in patterns:
        matches = [name for name in known if name == pattern or fnmatchcase(name, pattern)]
        if not matches:
            close = get_close_matches(pattern.lower(), known, n=3, cutoff=0.3)
            hint = f"such as {', '.join(close)}" if close else "as `python -m verify list` tells"
            raise InvalidArgument("claims", pattern, f"a claim of {theorem}, {hint}")
        found |= dict.fromkeys(matches, True)
    return {name: known[name] for name, wanted in found.items() if wanted}


def check(
    theorem: str,
    configuration: Any,
    *,
    salt: str,
    budget: float,
    patterns: Collection[str] = (),
    progress: Progress | None = None,
) -> Outcome:
    """Judge the claims that match the patterns (default: all).

    Each gets an equal share of `budget`, the probability that true claims are refuted at all.
    """
    if not 0 < budget < 1:
        raise InvalidArgument("budget", budget, "in (0, 1)")
    start = time.monotonic()
    asked = select(theorem, patterns)
    observations = registry.theorem(theorem).load_experiment().observe(
        configuration,
        salt=salt,
        quantities={claim.quantity.name for claim in asked.values()},
        progress=progress,
    )  # fmt: skip
    samples = observations.samples
    lacking = {name: missing(claim, samples) for name, claim in asked.items()}
    unjudged = {name: why for name, why in lacking.items() if why}
    judged = [claim for name, claim in asked.items() if name not in unjudged]
    level = budget / max(1, len(judged))
    judgements = tuple(
        judge_initialisations(claim, observations.of(claim.quantity.name), level)
        for claim in judged
    )
    seconds = time.monotonic() - start
    return Outcome(theorem, configuration, salt, budget, asked, judgements, unjudged, observations,
                   bool(patterns), seconds)  # fmt: skip


def missing(claim: Claim, samples: Mapping[str, Sample]) -> str:
    """Why the claim cannot be judged from these samples; empty if it can."""
    sample = samples.get(claim.quantity.name)
    if sample is None:
        return f"{claim.quantity.name} is not measured"
    absent = [name for name in claim.variables if name not in sample.symbols]
    return f"no value of {', '.join(absent)}" if absent else ""
