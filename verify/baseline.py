"""The baseline: what each claim showed in each test, kept in a file and compared after a run.

At the salt and with the packages that the file names, the numbers repeat: a verdict or a share that
is worse, fewer judgements, or another tightness is a regression. At another salt or with other
packages they may move within the noise. The noise is measured: an update at another salt adds the
tightness seen there, and once SALTS of them are known, a new log tightness must lie in their
prediction interval (Student's t), and a share must not fall by Fisher's exact test. A run that has
not changed fails by this noise with probability ALARM, split over the rows compared. Examples must
be the same in each run: use a Hypothesis profile with `derandomize`.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.gate import VERDICTS, Row

if TYPE_CHECKING:
    import pytest

FORMAT = 1
ALARM = 1e-3
SALTS = 5
EQUAL = 1e-3
"""Relative difference of two tightnesses that are equal up to rounding (four digits are kept)."""

PACKAGES = ("hypothesis", "numpy", "scipy", "sympy", "torch")
"""Packages that the numbers depend on."""

UPDATE = "if this is meant, run again with --claims-baseline-update"

_RANK = {"HOLDS": 0, "UNDERPOWERED": 1, "VACUOUS": 1, "OUT_OF_REGIME": 2, "REFUTED": 3}
_SHARES = ("informative share", "share in the regime", "share not refuted")  # up to each rank

Key = tuple[str, str]
"""A claim and a test."""


class BaselineError(ValueError):
    """The file cannot be used."""


@dataclass(frozen=True)
class Record:
    """What a claim showed in a test.

    verdicts   how many judgements had which
    required   the informative share that the test declares; None: each judgement must hold
    tightness  by salt: the least bound/measured; None if there is no such number
    """

    verdicts: dict[str, int]
    required: float | None
    tightness: dict[str, float | None]

    @property
    def judged(self) -> int:
        return sum(self.verdicts.values())

    def up_to(self, rank: int) -> int:
        """How many verdicts are at least as good."""
        return sum(n for verdict, n in self.verdicts.items() if _RANK[verdict] <= rank)

    @property
    def worst(self) -> str:
        return max(self.verdicts, key=_RANK.__getitem__)

    @property
    def logs(self) -> list[float]:
        return [math.log(x) for x in self.tightness.values() if x is not None]

    def __str__(self) -> str:
        verdicts = ", ".join(f"{verdict} {n}" for verdict, n in self.verdicts.items())
        return f"{verdicts}, tightness {_shown(next(iter(self.tightness.values())))}"


@dataclass(frozen=True)
class Baseline:
    """The content of the file; `salt` is that of the verdicts."""

    salt: str
    settings: dict[str, Any]
    packages: dict[str, str]
    records: dict[Key, Record]

    def text(self) -> str:
        head = {"format": FORMAT, "salt": self.salt}
        head |= {"settings": self.settings, "packages": self.packages}
        lines = [f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
        rows = ",\n".join(f"  {_line(key, row)}" for key, row in sorted(self.records.items()))
        return "\n".join(["{", *lines, ' "rows": [', rows, " ]", "}", ""])

    @classmethod
    def read(cls, path: Path) -> Baseline:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BaselineError(f"no file {path}: make it with --claims-baseline-update") from None
        except (OSError, UnicodeDecodeError) as error:
            raise BaselineError(f"{path} cannot be read: {error}") from None
        try:
            found = json.loads(text)
            records = {
                (row["claim"], row["test"]): Record(
                    row["verdicts"], row["required"], row["tightness"]
                )
                for row in found["rows"]
            }
            own = cls(found["salt"], found["settings"], found["packages"], records)
            sound = all(isinstance(name, str) for key in records for name in (own.salt, *key))
            sound = sound and all(map(_sound, records.values()))
            sound = sound and {**own.settings, **own.packages} != {} and own.text() == text
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            sound = False
        if not sound:
            raise BaselineError(
                f"{path} is corrupt (or edited by hand): restore it, or remove it and make it "
                "again with --claims-baseline-update"
            )
        return own


@dataclass(frozen=True)
class Run:
    """What a run showed.

    ran      tests that reported
    missing  tests of the baseline that the run selects and that do not exist any more
    failed   whether anything failed
    """

    salt: str
    settings: dict[str, Any]
    packages: dict[str, str]
    records: dict[Key, Record]
    ran: frozenset[str]
    missing: frozenset[str] = frozenset()
    failed: bool = False


@dataclass
class Outcome:
    """Lines to print, and problems that fail the run."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def records(rows: Iterable[Row], salt: str) -> dict[Key, Record]:
    """The records of a run from its rows."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["claim"], row["test"]), []).append(row)
    found = {}
    for key, own in sorted(groups.items()):
        counts = Counter(row["verdict"] for row in own)
        verdicts = {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}
        compared = (row for row in own if row["verdict"] in ("HOLDS", "REFUTED"))
        ratios = [float(row["tightness"]) for row in compared]
        least = min((x for x in ratios if math.isfinite(x) and x > 0), default=None)
        rounded = None if least is None else float(f"{least:.4g}")
        found[key] = Record(verdicts, own[0]["required"], {salt: rounded})
    return found


def compare(baseline: Baseline, run: Run) -> Outcome:
    """The regressions of a run; rows of tests that did not run are left out."""
    outcome = Outcome()
    stale = _differences(baseline.settings, run.settings)
    if stale:
        outcome.problems.append(f"the baseline is stale: {stale}; {UPDATE}")
        return outcome
    old = _touched(baseline, run)
    other = _differences({"salt": baseline.salt}, {"salt": run.salt})
    other = "; ".join(filter(None, (other, _differences(baseline.packages, run.packages))))
    outcome.lines.append(
        f"{len(old)} of {len(baseline.records)} rows compared, "
        + (f"within the noise ({other})" if other else "at the same salt and packages")
    )
    alarm = ALARM / max(2 * len(old), 1) if other else 0.0
    unknown = [key for key, row in old.items() if len(row.tightness) < SALTS] if other else []
    if unknown:
        outcome.problems.append(
            f"the noise of {len(unknown)} rows is not known ({_name(unknown[0])}, ...): update at "
            f"{SALTS} salts, first {baseline.salt}"
        )
        return outcome
    better = 0
    for key in sorted(old.keys() | run.records.keys()):
        if key not in run.records:
            found = [f"was judged ({old[key]}), is gone"]
        elif key not in old:
            found = [f"was not listed, is judged ({run.records[key]})"]
        else:
            found = _worse(old[key], run.records[key], alarm)
            better += not (found or other or _same(old[key], run.records[key]))
        outcome.problems += [f"{_name(key)}: {text}" for text in found]
    if better:
        outcome.lines.append(f"{better} rows are better than listed: update to keep it so")
    if outcome.problems:
        outcome.problems.append(UPDATE)
    return outcome


def update(baseline: Baseline | None, run: Run) -> tuple[Baseline | None, Outcome]:
    """The new baseline, None if it is refused, and what changes.

    At the salt of the baseline the rows of the tests that ran are replaced; at another the
    tightness seen there is added to them.
    """
    if run.failed:
        return None, Outcome(problems=["not written: the run failed"])
    if baseline is None:
        baseline = Baseline(run.salt, run.settings, run.packages, {})
    old = _touched(baseline, run)
    kept = {key: row for key, row in baseline.records.items() if key not in old}
    moved = _differences(baseline.settings | baseline.packages, run.settings | run.packages)
    if run.salt != baseline.salt:
        return _add_noise(baseline, run, old, moved)
    if moved and kept:
        text = f"not written: {moved}, but {len(kept)} rows did not run: update them all at once"
        return None, Outcome(problems=[text])
    lines, rows, equal = [], {}, 0
    for key in sorted(old.keys() | run.records.keys()):
        new, before = run.records.get(key), old.get(key)
        if new and before and _same(before, new):
            rows[key], equal = before, equal + 1
            continue
        rows |= {key: new} if new else {}
        change = " -> ".join(str(row or "nothing") for row in (before, new))
        lines.append(f"{_name(key)}: {change}")
    if any(
        old.get(key) and len(old[key].tightness) > 1 for key in rows if rows[key] != old.get(key)
    ):
        lines.append("the noise of changed rows is to be measured again: update at other salts")
    written = Baseline(run.salt, run.settings, run.packages, kept | rows)
    lines.insert(0, f"written: {len(written.records)} rows, {equal} of {len(old)} as before")
    return written, Outcome(lines)


def _add_noise(
    baseline: Baseline, run: Run, old: dict[Key, Record], moved: str
) -> tuple[Baseline | None, Outcome]:
    strange = sorted(old.keys() ^ run.records.keys())
    if moved or strange:
        what = moved or f"{len(strange)} rows are new or gone ({_name(strange[0])})"
        text = f"not written: {what}; update at salt {baseline.salt} first"
        return None, Outcome(problems=[text])
    rows = {
        key: replace(row, tightness=row.tightness | run.records[key].tightness)
        for key, row in old.items()
    }
    lines = [f"written: the tightness of {len(rows)} rows at salt {run.salt}"]
    return replace(baseline, records=baseline.records | rows), Outcome(lines)


def expected(config: pytest.Config, test: str) -> bool:
    """Whether the arguments of the run select the test, so that it should have been collected."""
    option = config.option
    path = config.rootpath / test.split("::")[0]
    narrowing = ("lf", "ignore", "ignore_glob", "pyargs")  # tests are left out without a trace
    if any(getattr(option, name, None) for name in narrowing):
        return not path.exists()
    if config.args_source is config.ArgsSource.TESTPATHS:
        return True
    root = config.rootpath.resolve()
    for argument in config.args:
        name, *parts = argument.split("::")
        chosen = Path(config.invocation_params.dir, name).resolve()
        if chosen.is_relative_to(root):
            node = "::".join([chosen.relative_to(root).as_posix(), *parts])
            if node in (".", test) or test.startswith((f"{node}/", f"{node}::", f"{node}[")):
                return True
    return False


def _touched(baseline: Baseline, run: Run) -> dict[Key, Record]:
    """The records of the tests that ran or should have."""
    tests = run.ran | run.missing
    return {key: row for key, row in baseline.records.items() if key[1] in tests}


def _worse(old: Record, new: Record, alarm: float) -> list[str]:
    """What is worse in the new record; alarm: probability of an error by noise, 0: no noise."""
    found = []
    if (old.required or 1) > (new.required or 1):
        found.append(f"the share required was {old.required or 'all'}, is {new.required}")
    if old.required is None and _RANK[new.worst] > _RANK[old.worst]:
        found.append(f"the verdict was {old.worst}, is {new.worst}")
    elif fallen := [rank for rank in range(3) if _fallen(old, new, rank, alarm)]:
        was, now = (
            f"{row.up_to(fallen[0]) / row.judged:.2f} ({row.up_to(fallen[0])} of {row.judged})"
            for row in (old, new)
        )
        found.append(f"the {_SHARES[fallen[0]]} was {was}, is {now}")
    if not alarm and new.judged < old.judged:
        found.append(f"judgements were {old.judged}, are {new.judged}")
    if drift := _drift(old, new, alarm):
        found.append(drift)
    return found


def _fallen(old: Record, new: Record, rank: int, alarm: float) -> bool:
    """Whether the share of verdicts up to a rank fell, beyond noise (Fisher's exact test)."""
    a, n, b, m = new.up_to(rank), new.judged, old.up_to(rank), old.judged
    if not alarm:
        return a * m < b * n
    ways = sum(math.comb(n, i) * math.comb(m, a + b - i) for i in range(a + 1))
    return ways / math.comb(n + m, a + b) < alarm


def _drift(old: Record, new: Record, alarm: float) -> str:
    """How the tightness differs from that of the baseline; empty if it does not."""
    was, (now,) = list(old.tightness.values()), new.tightness.values()
    if not alarm:
        return "" if _close(was[0], now) else f"tightness was {_shown(was[0])}, is {_shown(now)}"
    logs = old.logs
    if now is None or not logs:
        fine = None in was if now is None else False
        return "" if fine else f"tightness was {_shown(was[0])}, is {_shown(now)}"
    if len(logs) < 2:
        return ""
    from scipy.special import stdtrit

    centre, spread = statistics.fmean(logs), statistics.stdev(logs)
    wide = stdtrit(len(logs) - 1, 1 - alarm / 2) * spread * math.sqrt(1 + 1 / len(logs)) + EQUAL
    if abs(math.log(now) - centre) <= wide:
        return ""
    ends = (math.exp(centre - wide), math.exp(centre + wide))
    return f"tightness was {ends[0]:.4g} to {ends[1]:.4g} ({len(logs)} salts), is {_shown(now)}"


def _same(old: Record, new: Record) -> bool:
    was, (now,) = next(iter(old.tightness.values())), new.tightness.values()
    return (old.verdicts, old.required) == (new.verdicts, new.required) and _close(was, now)


def _close(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is now
    return abs(now - was) <= EQUAL * was


def _differences(old: dict[str, Any], new: dict[str, Any]) -> str:
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return ", ".join(f"{name} was {old.get(name)}, is {new.get(name)}" for name in names)


def _line(key: Key, row: Record) -> str:
    """One row of the file; share and spread are there for the reader."""
    share = round(row.up_to(0) / row.judged, 4)
    spread = float(f"{statistics.stdev(row.logs):.2g}") if len(row.logs) > 1 else None
    content = {"claim": key[0], "test": key[1], "judged": row.judged, "verdicts": row.verdicts}
    content |= {"share": share, "required": row.required, "tightness": row.tightness}
    return json.dumps(content | {"spread": spread}, allow_nan=False)


def _sound(row: Record) -> bool:
    counts = all(name in VERDICTS and type(n) is int and n > 0 for name, n in row.verdicts.items())
    ratios = row.tightness.values()
    return counts and bool(ratios) and all(x is None or 0 < x < math.inf for x in ratios)


def _name(key: Key) -> str:
    return f"{key[0]} in {key[1]}"


def _shown(ratio: float | None) -> str:
    return "none" if ratio is None else f"{ratio:.4g}"
