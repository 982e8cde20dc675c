"""Regressions: a run against the baseline, and the update of the baseline.

Another statement of a claim is a regression, as is a claim that is new or gone. At the salt and
with the packages that the file names, the numbers repeat: a verdict or a share that is worse, fewer
judgements, or another ratio (tightness, detectable factor) is a regression. At another salt or with
other packages they may move within the noise. On another processor what rounding decides may move
so, too, once the noise is measured. The noise is measured: an update at another salt adds
the ratios seen there, and once SALTS of them are known, a new log ratio must lie in their
prediction interval (Student's t), and a share must not fall by Fisher's exact test. A run that has
not changed fails by this noise with probability ALARM, split over what is compared.
Examples must be the same in each run: use a Hypothesis profile with `derandomize`. A mutation score
is not measured in a run, but one of a claim that has changed since is a regression.
"""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.judging.plural import number
from verify.pytest_plugin.baseline import RANK, RATIOS, Baseline, Key, Record, logs, shown

if TYPE_CHECKING:
    import pytest

ALARM = 1e-3
SALTS = 5
EQUAL = 1e-3
"""Relative difference of two ratios that are equal up to rounding (four digits are kept)."""

PACKAGES = ("hypothesis", "numpy", "scipy", "sympy", "torch")
"""Packages that the numbers depend on."""

UPDATE = "if this is meant, run again with --claims-baseline-update"

_SHARES = ("informative share", "share in the regime", "share not refuted")  # up to each rank


@dataclass(frozen=True)
class Run:
    """What a run showed.

    ran      tests that reported
    missing  tests of the baseline that the run selects and that do not exist any more
    failed   whether anything failed
    fingerprints  of the registered claims that have a mutation score
    file     of the baseline
    processor  that of the run
    """

    salt: str
    settings: dict[str, Any]
    packages: dict[str, str]
    records: dict[Key, Record]
    ran: frozenset[str]
    missing: frozenset[str] = frozenset()
    failed: bool = False
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    file: str = "FILE"
    processor: str | None = None


@dataclass
class Outcome:
    """Lines to print, and problems that fail the run."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def compare(baseline: Baseline, run: Run) -> Outcome:
    """The regressions of a run; rows of tests that did not run are left out."""
    outcome = Outcome()
    stale = _differences(baseline.settings, run.settings)
    if stale:
        outcome.problems.append(f"the baseline is stale: {stale}; {UPDATE}")
        return outcome
    old = _touched(baseline, run)
    if any(not row.statement for row in old.values()):
        outcome.problems.append(f"the baseline is stale: it tells no statements; {UPDATE}")
        return outcome
    other = _differences({"salt": baseline.salt}, {"salt": run.salt})
    other = "; ".join(filter(None, (other, _differences(baseline.packages, run.packages))))
    elsewhere = not other and run.processor != baseline.processor
    outcome.lines.append(
        f"{len(old)} of {number(len(baseline.records), 'row')} compared, "
        + (f"within the noise ({other})" if other else "at the same salt and packages")
        + (", on another processor" if elsewhere else "")
    )
    alarm = _noise(old) if other else 0.0
    unknown = [key for key, row in old.items() if row.salts < SALTS] if other else []
    if unknown:
        outcome.problems.append(
            f"the noise of {number(len(unknown), 'row')} is not known ({_name(unknown[0])}, ...): "
            f"update at {SALTS} salts, first {baseline.salt}"
        )
        return outcome
    better = moved = 0
    for key in sorted(old.keys() | run.records.keys()):
        if key not in run.records:
            found = [f"was judged ({old[key]}), is gone"]
        elif key not in old:
            found = [f"was not listed, is judged ({run.records[key]})"]
        else:
            found = _worse(old[key], run.records[key], alarm)
            if found and elsewhere and old[key].salts >= SALTS:
                found = _worse(old[key], run.records[key], _noise(old))
                moved += not found
            better += not (found or other or elsewhere or _same(old[key], run.records[key]))
        outcome.problems += [f"{_name(key)}: {text}" for text in found]
    outcome.problems += stale_scores(baseline, old, run)
    if moved:
        outcome.lines.append(f"{number(moved, 'row')} moved by rounding, within the noise")
    if better:
        outcome.lines.append(
            f"{number(better, 'row', 'are')} better than listed: update to keep it so"
        )
    if outcome.problems:
        outcome.problems += [_elsewhere(baseline, run)] if elsewhere else []
        outcome.problems.append(UPDATE)
    return outcome


def _elsewhere(baseline: Baseline, run: Run) -> str:
    own = baseline.processor or "not known, or several"
    return (
        f"the processor was {own}, is {run.processor}: it may round otherwise; of rows that were "
        f"updated at {SALTS} salts only what is beyond the noise is listed"
    )


def stale_scores(baseline: Baseline, old: Mapping[Key, Record], run: Run) -> list[str]:
    """The mutation scores of claims that have changed, or are gone, since they were measured."""
    judged = {claim for claim, _ in old}
    return [
        f"the mutation score of {claim} is of another statement: measure it again with "
        f"`{_measure(claim, run.file)}`"
        for claim, score in baseline.mutation.items()
        if claim in judged and run.fingerprints.get(claim) != score.fingerprint
    ]


def _measure(claim: str, file: str) -> str:
    from verify.runs.invocation import command, command_for
    from verify.runs.selection import theorems_with

    words = ("mutate", claim, "--baseline", file)
    homes = theorems_with(claim)
    return command_for(homes[0], *words) if homes else command(*words)


def update(baseline: Baseline | None, run: Run) -> tuple[Baseline | None, Outcome]:
    """The new baseline, None if it is refused, and what changes.

    At the salt of the baseline the rows of the tests that ran are replaced; at another the
    tightness seen there is added to them.
    """
    if run.failed:
        return None, Outcome(problems=["not written: the run failed"])
    if baseline is None:
        baseline = Baseline(run.salt, run.settings, run.packages, {}, processor=run.processor)
    old = _touched(baseline, run)
    kept = {key: row for key, row in baseline.records.items() if key not in old}
    moved = _differences(baseline.settings | baseline.packages, run.settings | run.packages)
    if run.salt != baseline.salt:
        return _add_noise(baseline, run, old, moved)
    if moved and kept:
        many = number(len(kept), "row")
        text = f"not written: {moved}, but {many} did not run: update them all at once"
        return None, Outcome(problems=[text])
    lines, rows, equal = [], {}, 0
    several = bool(kept) and run.processor != baseline.processor
    for key in sorted(old.keys() | run.records.keys()):
        new, before = run.records.get(key), old.get(key)
        rounded = several and new and before and _rounded(before, new, _noise(old))
        if new and before and (rounded or _same(before, new)):
            rows[key], equal = before, equal + 1
            continue
        rows |= {key: new} if new else {}
        restated = bool(new and before and new.statement != before.statement)
        change = " -> ".join(row.told(restated) if row else "nothing" for row in (before, new))
        lines.append(f"{_name(key)}: {change}")
    if any(old.get(key) and old[key].salts > 1 for key in rows if rows[key] != old.get(key)):
        lines.append("the noise of changed rows is to be measured again: update at other salts")
    records = kept | rows
    left = {claim for claim, _ in records}
    scores = {claim: score for claim, score in baseline.mutation.items() if claim in left}
    processor = None if several else run.processor
    written = Baseline(
        run.salt, run.settings, run.packages, records, scores, processor=processor
    )  # fmt: skip
    lines += stale_scores(written, rows, run)
    lines.insert(
        0, f"written: {number(len(written.records), 'row')}, {equal} of {len(old)} as before"
    )
    return written, Outcome(lines)


def _add_noise(
    baseline: Baseline, run: Run, old: dict[Key, Record], moved: str
) -> tuple[Baseline | None, Outcome]:
    strange = sorted(
        key
        for key in old.keys() | run.records.keys()
        if key not in old
        or key not in run.records
        or old[key].statement != run.records[key].statement
    )
    if moved or strange:
        many = number(len(strange), "row", "are")
        what = moved or f"{many} new, restated or gone ({_name(strange[0])})"
        text = f"not written: {what}; update at salt {baseline.salt} first"
        return None, Outcome(problems=[text])
    rows = {
        key: replace(
            row, **{name: getattr(row, name) | getattr(run.records[key], name) for name in RATIOS}
        )
        for key, row in old.items()
    }
    lines = [f"written: the ratios of {number(len(rows), 'row')} at salt {run.salt}"]
    return replace(baseline, records=baseline.records | rows), Outcome(lines)


def expected(config: pytest.Config, test: str) -> bool:
    """Whether the arguments of the run select the test, so that it should have been collected."""
    option = config.option
    name, *parts = test.split("::")
    path = Path(os.path.normpath(config.rootpath / name))
    narrowing = ("lf", "ignore", "ignore_glob", "pyargs")  # tests are left out without a trace
    if any(getattr(option, name, None) for name in narrowing):
        return not path.exists()
    if config.args_source is config.ArgsSource.TESTPATHS:
        return True
    own = "::".join(parts)
    for argument in config.args:
        name, *parts = argument.split("::")
        chosen, node = Path(config.invocation_params.dir, name).resolve(), "::".join(parts)
        if not parts and path.resolve().is_relative_to(chosen):
            return True
        if path.resolve() == chosen and (own == node or own.startswith((f"{node}::", f"{node}["))):
            return True
    return False


def _touched(baseline: Baseline, run: Run) -> dict[Key, Record]:
    """The records of the tests that ran or should have."""
    tests = run.ran | run.missing
    return {key: row for key, row in baseline.records.items() if key[1] in tests}


def _noise(old: Mapping[Key, Record]) -> float:
    """The probability of an error by noise, of each number that is compared."""
    return ALARM / max((1 + len(RATIOS)) * len(old), 1)


def _rounded(old: Record, new: Record, alarm: float) -> bool:
    """Whether rounding may be all that differs: it is within the noise, and that is known."""
    return old.salts >= SALTS and not _worse(old, new, alarm)


def _worse(old: Record, new: Record, alarm: float) -> list[str]:
    """What is worse in the new record; alarm: probability of an error by noise, 0: no noise."""
    found = []
    if old.statement != new.statement:
        found.append(f"the statement was {old.statement}, is {new.statement}")
    if (old.required or 1) > (new.required or 1):
        found.append(f"the share required was {old.required or 'all'}, is {new.required}")
    if old.required is None and RANK[new.worst] > RANK[old.worst]:
        found.append(f"the verdict was {old.worst}, is {new.worst}")
    elif fallen := [rank for rank in range(3) if _fallen(old, new, rank, alarm)]:
        was, now = (
            f"{row.up_to(fallen[0]) / row.judged:.2f} ({row.up_to(fallen[0])} of {row.judged})"
            for row in (old, new)
        )
        found.append(f"the {_SHARES[fallen[0]]} was {was}, is {now}")
    if not alarm and new.judged < old.judged:
        found.append(f"judgements were {old.judged}, are {new.judged}")
    for name, values in old.ratios().items():
        (ratio,) = new.ratios()[name]
        if drift := _drift(values, ratio, alarm):
            found.append(f"{name} was {drift}, is {shown(ratio)}")
    return found


def _fallen(old: Record, new: Record, rank: int, alarm: float) -> bool:
    """Whether the share of verdicts up to a rank fell, beyond noise (Fisher's exact test)."""
    a, n, b, m = new.up_to(rank), new.judged, old.up_to(rank), old.judged
    if not alarm:
        return a * m < b * n
    ways = sum(math.comb(n, i) * math.comb(m, a + b - i) for i in range(a + 1))
    return ways / math.comb(n + m, a + b) < alarm


def _drift(values: Sequence[float | None], now: float | None, alarm: float) -> str:
    """What a ratio was, if it now differs from its values at the salts of the baseline."""
    was, known = values[0], logs(values)
    if not alarm:
        return "" if _close(was, now) else shown(was)
    if now is None or not known:
        return "" if now is None and None in values else shown(was)
    if len(known) < 2:
        return ""
    from scipy.special import stdtrit

    centre, spread = statistics.fmean(known), statistics.stdev(known)
    wide = stdtrit(len(known) - 1, 1 - alarm / 2) * spread * math.sqrt(1 + 1 / len(known)) + EQUAL
    if abs(math.log(now) - centre) <= wide:
        return ""
    low, high = math.exp(centre - wide), math.exp(centre + wide)
    return f"{low:.4g} to {high:.4g} ({number(len(known), 'salt')})"


def _same(old: Record, new: Record) -> bool:
    if (old.verdicts, old.required, old.statement) != (new.verdicts, new.required, new.statement):
        return False
    pairs = zip(old.ratios().values(), new.ratios().values(), strict=True)
    return all(_close(was[0], now[0]) for was, now in pairs)


def _close(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is now
    return abs(now - was) <= EQUAL * was


def _differences(old: dict[str, Any], new: dict[str, Any]) -> str:
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return ", ".join(f"{name} was {old.get(name)}, is {new.get(name)}" for name in names)


def _name(key: Key) -> str:
    return f"{key[0]} in {key[1]}"
