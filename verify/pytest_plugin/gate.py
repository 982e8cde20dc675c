"""The gate: what a test hands its claims and samples to.

A ledger keeps what one test declares and what was judged in it; the plugin opens it before the
test and asks it at the end whether the test may pass.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.judging.budget import Budget
from verify.judging.plural import number
from verify.runs.plain import printable, scalar, text

if TYPE_CHECKING:
    from theory.language.claim import Claim
    from verify.judging.sample import Sample
    from verify.judging.verdict import Judgement
    from verify.runs.replay import Case

Row = dict[str, Any]
"""One judgement as builtin types; numbers that are not finite are strings."""

VERDICTS = ("HOLDS", "REFUTED", "VACUOUS", "UNDERPOWERED", "OUT_OF_REGIME")


class ClaimRefuted(AssertionError):
    """The measurements contradict the claim."""


class ClaimNotInformative(AssertionError):
    """The claim was not tested: its bound says nothing here, or the sample could not refute it."""


@dataclass
class Ledger:
    """What one test declares, and what was judged in it.

    level   error probability of one check
    checks  the largest number of checks before a failure
    share   the least share of HOLDS per claim; None: every judgement must be HOLDS
    label   the test in seeds, whatever folder the run starts in [default: test]
    runs    how often the test has begun: above 1 it is run again, as pytest-rerunfailures does
    """

    test: str
    level: float
    checks: int = 1
    share: float | None = None
    label: str = ""
    runs: int = 0
    rows: list[Row] = field(default_factory=list)
    failure: str = ""
    failed_in: int = 0
    _sent: int = 0

    def __post_init__(self) -> None:
        self.label = self.label or self.test
        if self.share is None:
            return
        try:
            share = float(self.share)
        except (TypeError, ValueError):
            share = math.nan
        if not 0 < share <= 1:
            from theory.language.errors import InvalidArgument

            raise InvalidArgument(
                "share", self.share, "a number above 0 and at most 1, or left out"
            )
        self.share = share

    def record(
        self, claim: Claim, judgement: Judgement, level: float, detail: str, statement: str
    ) -> None:
        """Note a judgement; `statement` is the digest of what was claimed.

        After a failure Hypothesis shrinks: its examples are not counted.
        """
        if self.failure:
            return
        judged = {**asdict(judgement), "verdict": judgement.verdict.value, "level": level}
        row: Row = {"test": self.test, "source": claim.source, "kind": str(claim.kind)}
        row |= {
            "statement": statement,
            "statistical": level > 0,
            "required": self.share,
            "detail": detail,
            **judged,
        }
        row |= {"run": self.runs} if self.runs > 1 else {}
        self.rows.append({name: scalar(value) for name, value in row.items()})

    def refusal(self) -> str:
        """Why a test that raised nothing must fail all the same; empty if it may pass."""
        if self.failure and self.failed_in < self.runs:
            return (
                f"run {self.runs} of this test, a rerun: the gate failed in run {self.failed_in} "
                f"({self.failure}), and the same seeds are no new evidence; repair the claim or "
                "the test, and leave it out of reruns"
            )
        if self.failure:
            return f"the test caught a failure of the gate: {self.failure}"
        if not self.rows:
            return "the gate judged nothing: a check that checks nothing"
        spent = sum(row["statistical"] for row in self.rows)
        reasons = []
        if spent > self.checks:
            reasons.append(self._overspent(spent))
        if self.share is not None:
            reasons += self._missed_shares(self.share)
        return "\n".join(reasons)

    def fail(self, failure: str) -> None:
        """Note the first failure of the gate, and the run of the test that it was in."""
        if not self.failure:
            self.failure, self.failed_in = failure, self.runs

    def unsent(self) -> str:
        """The rows since the last call, as JSON."""
        rows, self._sent = self.rows[self._sent :], len(self.rows)
        return json.dumps(rows, allow_nan=False)

    def _overspent(self, spent: int) -> str:
        if self.runs < 2:
            return (
                f"error budget overspent: {number(spent, 'check')}, {self.checks} declared; "
                f"declare them with @pytest.mark.claims(checks={spent})"
            )
        return (
            f"error budget overspent: {spent} checks in {self.runs} runs of this test (reruns), "
            f"{self.checks} declared, and each run spends; leave the test out of reruns, "
            f"or declare them with @pytest.mark.claims(checks={spent})"
        )

    def _missed_shares(self, share: float) -> list[str]:
        """Claims that were informative too rarely; a claim on every path must be so once."""
        found = []
        for name, rows in by_claim(self.rows).items():
            counts = Counter(row["verdict"] for row in rows)
            needed = share if rows[0]["statistical"] else 1 / len(rows)
            if counts["HOLDS"] / len(rows) < needed:
                reasons = Counter(row["reason"] for row in rows if row["verdict"] != "HOLDS")
                seen = ", ".join(f"{v} {counts[v]}" for v in VERDICTS if counts[v])
                found.append(f"  {name}: {counts['HOLDS'] / len(rows):.2f} ({seen})")
                found += [f"    {n} x {text}" for text, n in reasons.most_common(3)]
        return [f"informative share below {share:g}:", *found] if found else []


class Gate:
    """Judges claims at the level of the current test; what the fixture `gate` returns.

    `cases` gives the directory for the files of counterexamples, None where there is none.
    """

    def __init__(
        self, budget: Budget, salt: str, cases: Callable[[], Path | None] = lambda: None
    ) -> None:
        self.budget = budget
        self.salt = salt
        self.cases = cases
        self._ledger: Ledger | None = None
        self._claims: dict[str, Claim] = {}
        self._digests: dict[str, str] = {}

    def __repr__(self) -> str:  # Hypothesis prints it with a failing example
        return f"Gate({self.budget}, salt={self.salt!r})"

    @property
    def level(self) -> float:
        """The error probability of one check of the current test."""
        return self._current().level

    def seed(self, *labels: object) -> str:
        """A salt for experiments: a function of the run's salt, the test and the labels.

        Under Hypothesis give the parameters of the example as labels: each then draws its own.
        """
        return "/".join(map(str, (self.salt, self._current().label, *labels)))

    def check(
        self,
        claim: Claim,
        samples: Sample | Sequence[Sample],
        *,
        detail: object = "",
        case: Case | None = None,
    ) -> Judgement:
        """Judge the claim on a sample, or on one sample per initialisation.

        Raises ClaimRefuted, and ClaimNotInformative unless the test declares a `share`. `case`
        says where the samples came from: a refutation is then written to a file for `replay`.
        `detail` is anything that has a text; it stands in the message and in the JSON.
        Raises InvalidArgument for a claim of the name of another one, which states something else.
        """
        __tracebackhide__ = True
        from theory.language.errors import InvalidArgument
        from theory.language.kinds import Mode
        from theory.language.validity import distinct
        from verify.judging.sample import Sample
        from verify.judging.verdict import Verdict, judge_initialisations

        ledger, detail = self._current(), text(detail)
        distinct(self._claims, claim)
        samples = [samples] if isinstance(samples, Sample) else list(samples)
        if not samples:
            raise InvalidArgument("samples", samples, "a sample, or one per initialisation")
        if case is not None and case.initialisations != len(samples):
            raise InvalidArgument("case.initialisations", case.initialisations, f"{len(samples)}")
        free = claim.kind.mode is Mode.PATHWISE and not claim.confidence
        level = 0.0 if free else ledger.level
        try:
            judgement = _no_nan(judge_initialisations(claim, samples, level), samples)
        except InvalidArgument as wrong:  # of the test: its traceback ends there
            raise wrong.with_traceback(None)  # noqa: B904
        if case is not None:
            from verify.runs.counterexample import described

            detail = detail or described(case.configuration)
        ledger.record(claim, judgement, level, detail, self._digest(claim))
        if judgement.passed or (ledger.share is not None and not judgement.verdict.informative):
            return judgement
        ledger.fail(str(judgement))
        message = self._message(claim, samples, judgement, level, detail, case)
        error = ClaimRefuted if judgement.verdict is Verdict.REFUTED else ClaimNotInformative
        raise error(message)

    def _digest(self, claim: Claim) -> str:
        """That of its statement, once for each name: a name has one statement."""
        from theory.language.digest import digest

        if claim.name not in self._digests:
            self._digests[claim.name] = digest(claim)
        return self._digests[claim.name]

    def _current(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError(
                "the gate is open only in a test that takes `gate` as an argument, and in fixtures "
                "of function scope: a wider fixture has no test of its own; there, use `gate.salt`"
            )
        return self._ledger

    def _message(
        self,
        claim: Claim,
        samples: Sequence[Sample],
        judgement: Judgement,
        level: float,
        detail: str,
        case: Case | None,
    ) -> str:
        from verify.runs import counterexample
        from verify.runs.counterexample import described, facts

        shown = described(case.configuration) if case else ""
        lines = {"case": shown}
        lines |= facts(claim, samples, judgement)
        if case and judgement.verdict.value == "REFUTED":
            lines["replay"] = self._written(claim, samples, judgement, level, case)
        lines |= {
            "salt": f"{self.salt} (repeat with --claims-salt={shlex.quote(self.salt)})",
            "test": self._current().test,
            "detail": "" if detail == shown else detail,
        }
        return printable(counterexample.text(claim, judgement, lines))

    def _written(
        self,
        claim: Claim,
        samples: Sequence[Sample],
        judgement: Judgement,
        level: float,
        case: Case,
    ) -> str:
        """The command that replays the case from its file, or why there is none."""
        try:
            directory = self.cases()
            if directory is None:
                return "no file: name a directory with --claims-cases"
            from verify.runs import files, replay
            from verify.runs.invocation import command_for

            if replay.claim_named(claim.name).statement != claim.statement:
                return f"no file: {claim.name} is not the registered claim of that name"
            path = directory / _file_name(self._current().test, claim.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            content = replay.to_json(case, [(claim, samples, judgement)], level)
            files.write(str(path), content)
        except Exception as error:  # whatever fails here must not hide the refutation
            return f"no file: {type(error).__name__}: {error}"
        return command_for(case.theorem, "replay", str(path))


def by_claim(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each claim, by name."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["claim"], []).append(row)
    return dict(sorted(found.items()))


def _no_nan(judgement: Judgement, samples: Sequence[Sample]) -> Judgement:
    """REFUTED if anything measured is not finite, also in an initialisation that may fail."""
    import numpy as np

    from verify.judging.verdict import Verdict

    bad = sum(int((~np.isfinite(sample.values)).sum()) for sample in samples)
    compared = math.isfinite(judgement.bound) and math.isfinite(judgement.measured)
    if bad and judgement.verdict is not Verdict.REFUTED:
        reason = f"{bad} measured values are not finite"
    elif judgement.passed and not compared:
        reason = f"bound {judgement.bound} and measured {judgement.measured} cannot be compared"
    else:
        return judgement
    return replace(judgement, verdict=Verdict.REFUTED, reason=reason)


def _file_name(test: str, claim: str) -> str:
    """One file per test and claim, whatever characters they hold."""
    from theory.language.hashing import hashed

    readable = re.sub(r"\W+", "-", f"{test.rpartition('::')[2]}-{claim}")[:80].strip("-")
    return f"{readable}-{hashed(f'{test} {claim}', digits=8)}.json"
