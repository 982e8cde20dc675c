"""The gate: what a test hands its claims and samples to.

A ledger keeps what one test declares and what was judged in it; the plugin opens it before the
test and asks it at the end whether the test may pass.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from verify.budget import Budget

if TYPE_CHECKING:
    from theory.claim import Claim
    from verify.sample import Sample
    from verify.verdict import Judgement

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
    """

    test: str
    level: float
    checks: int = 1
    share: float | None = None
    rows: list[Row] = field(default_factory=list)
    failure: str = ""
    _sent: int = 0

    def __post_init__(self) -> None:
        if self.share is not None and not 0 < self.share <= 1:
            from theory.errors import InvalidArgument

            raise InvalidArgument(
                "share", self.share, "a number above 0 and at most 1, or left out"
            )

    def record(self, claim: Claim, judgement: Judgement, level: float, detail: str) -> None:
        """Note a judgement. After a failure Hypothesis shrinks: its examples are not counted."""
        if self.failure:
            return
        numbers = {**asdict(judgement), "verdict": judgement.verdict.value, "level": level}
        row: Row = {"test": self.test, "source": claim.source, "kind": str(claim.kind)}
        row |= {"statistical": level > 0, "required": self.share, "detail": detail, **numbers}
        self.rows.append({name: plain(value) for name, value in row.items()})

    def refusal(self) -> str:
        """Why a test that raised nothing must fail all the same; empty if it may pass."""
        if self.failure:
            return f"the test caught a failure of the gate: {self.failure}"
        if not self.rows:
            return "the gate judged nothing: a check that checks nothing"
        spent = sum(row["statistical"] for row in self.rows)
        reasons = []
        if spent > self.checks:
            reasons.append(
                f"error budget overspent: {spent} checks, {self.checks} declared; "
                f"declare them with @pytest.mark.claims(checks={spent})"
            )
        if self.share is not None:
            reasons += self._missed_shares(self.share)
        return "\n".join(reasons)

    def unsent(self) -> str:
        """The rows since the last call, as JSON."""
        rows, self._sent = self.rows[self._sent :], len(self.rows)
        return json.dumps(rows, allow_nan=False)

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
    """Judges claims at the level of the current test; what the fixture `gate` returns."""

    def __init__(self, budget: Budget, salt: str) -> None:
        self.budget = budget
        self.salt = salt
        self._ledger: Ledger | None = None

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
        return "/".join(map(str, (self.salt, self._current().test, *labels)))

    def check(
        self, claim: Claim, samples: Sample | Sequence[Sample], *, detail: str = ""
    ) -> Judgement:
        """Judge the claim on a sample, or on one sample per initialisation.

        Raises ClaimRefuted, and ClaimNotInformative unless the test declares a `share`.
        """
        __tracebackhide__ = True
        from theory.claim import Mode
        from theory.errors import InvalidArgument
        from verify.sample import Sample
        from verify.verdict import Verdict, judge_initialisations

        ledger = self._current()
        samples = [samples] if isinstance(samples, Sample) else list(samples)
        if not samples:
            raise InvalidArgument("samples", samples, "a sample, or one per initialisation")
        free = claim.kind.mode is Mode.PATHWISE and not claim.confidence
        level = 0.0 if free else ledger.level
        judgement = _no_nan(judge_initialisations(claim, samples, level), samples)
        ledger.record(claim, judgement, level, detail)
        if judgement.passed or (ledger.share is not None and not judgement.verdict.informative):
            return judgement
        ledger.failure = ledger.failure or str(judgement)
        message = self._message(claim, samples, judgement, level, detail)
        error = ClaimRefuted if judgement.verdict is Verdict.REFUTED else ClaimNotInformative
        raise error(message)

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
    ) -> str:
        j = judgement
        lines = {
            "source": claim.source,
            "claim": f"{claim.quantity.text} {claim.kind.sign} bound ({claim.kind})",
            "reason": j.reason,
        }
        if j.checkpoints:
            lines |= {
                "bound": f"{j.bound:.6g}",
                "measured": f"{j.measured:.6g} (standard error {j.standard_error:.2g})",
                "lower limit": f"{j.lower_confidence:.6g} at level {level:.3g}",
                "checkpoint": f"{j.position} of {j.checkpoints}",
            }
        lines |= {
            "values": _values(claim, samples, j.position),
            "salt": f"{self.salt} (repeat with --claims-salt={self.salt})",
            "test": self._current().test,
            "detail": detail,
        }
        body = "\n".join(f"  {name:<11} {text}" for name, text in lines.items() if text)
        return f"{claim.name}: {j.verdict.value}\n{body}"


def plain(value: Any) -> Any:
    """The value as a builtin type that JSON has; inf and nan as strings."""
    value = value.item() if getattr(value, "ndim", None) == 0 else value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def by_claim(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each claim, by name."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["claim"], []).append(row)
    return dict(sorted(found.items()))


def _no_nan(judgement: Judgement, samples: Sequence[Sample]) -> Judgement:
    """REFUTED if anything measured is not finite, also in an initialisation that may fail."""
    import numpy as np

    from verify.verdict import Verdict

    bad = sum(int((~np.isfinite(sample.values)).sum()) for sample in samples)
    compared = math.isfinite(judgement.bound) and math.isfinite(judgement.measured)
    if bad and judgement.verdict is not Verdict.REFUTED:
        reason = f"{bad} measured values are not finite"
    elif judgement.passed and not compared:
        reason = f"bound {judgement.bound} and measured {judgement.measured} cannot be compared"
    else:
        return judgement
    return replace(judgement, verdict=Verdict.REFUTED, reason=reason)


def _values(claim: Claim, samples: Sequence[Sample], position: int) -> str:
    """The values of the claim's symbols at a checkpoint; a range where initialisations differ."""
    from theory.claim import Mode

    pathwise = claim.kind.mode is Mode.PATHWISE
    found = []
    for name in claim.variables:
        seen = []
        for sample in samples:
            shape = sample.values.shape if pathwise else sample.rows.shape[:1]
            seen += _at(sample.symbols.get(name, math.nan), shape, position)
        low, high = min(seen, default=math.nan), max(seen, default=math.nan)
        found.append(f"{name} = {low:.6g}" + (f" .. {high:.6g}" if high > low else ""))
    return ", ".join(found)


def _at(value: Any, shape: tuple[int, ...], position: int) -> list[float]:
    """The value at a position among checkpoints of this shape; all of it if it has another."""
    import numpy as np

    array = np.asarray(value, dtype=np.float64)
    try:
        return [float(np.broadcast_to(array, shape).flat[position])]
    except ValueError:
        return [float(x) for x in array.flat]
