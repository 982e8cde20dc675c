"""The baseline file: what each claim showed in each test, readable in a diff.

Per claim and test the verdicts, the worst tightness and the smallest detectable factor at every
salt at which they were measured; per claim the mutation score, with a fingerprint of the claim it
is of. What a run is allowed to differ by is in `verify.pytest_plugin.regression`.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from verify.pytest_plugin.gate import VERDICTS, Row
from verify.runs.scores import MutationScore

FORMAT = 2
RANK = {"HOLDS": 0, "UNDERPOWERED": 1, "VACUOUS": 1, "OUT_OF_REGIME": 2, "REFUTED": 3}
RATIOS = ("tightness", "factor")

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
    factor     by salt: the least detectable factor, the same way
    statement  a digest of what was claimed; empty in files that do not tell it
    """

    verdicts: dict[str, int]
    required: float | None
    tightness: dict[str, float | None]
    factor: dict[str, float | None]
    statement: str = ""

    @property
    def judged(self) -> int:
        return sum(self.verdicts.values())

    def up_to(self, rank: int) -> int:
        """How many verdicts are at least as good."""
        return sum(n for verdict, n in self.verdicts.items() if RANK[verdict] <= rank)

    @property
    def worst(self) -> str:
        return max(self.verdicts, key=RANK.__getitem__)

    @property
    def salts(self) -> int:
        return len(self.tightness)

    def ratios(self) -> dict[str, list[float | None]]:
        """Tightness and detectable factor, one value per salt, that of the verdicts first."""
        return {name: list(getattr(self, name).values()) for name in RATIOS}

    def told(self, statement: bool) -> str:
        """What it showed, for a line; if need be with what was claimed."""
        return f"{self}, statement {self.statement or 'not told'}" if statement else str(self)

    def __str__(self) -> str:
        verdicts = ", ".join(f"{verdict} {n}" for verdict, n in self.verdicts.items())
        first = (f"{name} {shown(values[0])}" for name, values in self.ratios().items())
        return ", ".join([verdicts, *first])


@dataclass(frozen=True)
class Baseline:
    """The content of the file; `salt` is that of the verdicts, `mutation` by claim.

    root       the folder that the names of tests are relative to, as from that of the file; None:
               the root of the run, wherever it is
    processor  that of the first salt; None: several, or not known
    """

    salt: str
    settings: dict[str, Any]
    packages: dict[str, str]
    records: dict[Key, Record]
    mutation: dict[str, MutationScore] = field(default_factory=dict)
    root: str | None = None
    processor: str | None = None

    def moved(self, renamed: Callable[[str], str], root: str) -> Baseline:
        """The same with other names of the tests, relative to `root`."""
        records = {(claim, renamed(test)): row for (claim, test), row in self.records.items()}
        return replace(self, records=records, root=root)

    def text(self) -> str:
        head: dict[str, Any] = {"format": FORMAT, "salt": self.salt}
        head |= {} if self.root is None else {"root": self.root}
        head |= {"settings": self.settings, "packages": self.packages}
        head |= {} if self.processor is None else {"processor": self.processor}
        lines = [f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
        rows = ",\n".join(f"  {_line(key, row)}" for key, row in sorted(self.records.items()))
        scores = ",\n".join(
            f"  {json.dumps(claim)}: {json.dumps(asdict(m) | {'score': round(m.score, 3)})}"
            for claim, m in sorted(self.mutation.items())
        )
        ends = [' "mutation": {', *filter(None, [scores]), " },", ' "rows": [', rows, " ]"]
        return "\n".join(["{", *lines, *ends, "}", ""])

    @classmethod
    def read(cls, path: Path) -> Baseline:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BaselineError(f"no file {path}: make it with --claims-baseline-update") from None
        except (OSError, UnicodeDecodeError) as error:
            raise BaselineError(f"{path} cannot be read: {error}") from None
        try:
            own = cls._from(json.loads(text))
            sound = own._sound and own.text() == text
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            sound = False
        if not sound:
            raise BaselineError(
                f"{path} is corrupt (or edited by hand): restore it, or remove it and make it "
                "again with --claims-baseline-update"
            )
        return own

    @classmethod
    def _from(cls, found: dict[str, Any]) -> Baseline:
        """What the JSON says; LookupError, TypeError and the like where it is another file."""
        records = {
            (row["claim"], row["test"]): Record(
                row["verdicts"], row["required"], row["tightness"], row["factor"],
                row.get("statement", ""),
            )
            for row in found["rows"]
        }  # fmt: skip
        mutation = {
            claim: MutationScore(row["refuted"], row["survived"], row["fingerprint"])
            for claim, row in found["mutation"].items()
        }
        salt, settings, packages = (found[name] for name in ("salt", "settings", "packages"))
        root, processor = found.get("root"), found.get("processor")
        return cls(salt, settings, packages, records, mutation, root, processor)

    @property
    def _sound(self) -> bool:
        """Whether every part is of its type."""
        head = (self.salt, self.root or "", self.processor or "")
        names = (*head, *(name for key in self.records for name in key))
        return (
            all(isinstance(name, str) for name in names)
            and all(map(_sound, self.records.values()))
            and all(map(_scored, self.mutation.values()))
            and {**self.settings, **self.packages} != {}
        )


def records(rows: Iterable[Row], salt: str) -> dict[Key, Record]:
    """The records of a run from its rows."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["claim"], row["test"]), []).append(row)
    found = {}
    for key, own in sorted(groups.items()):
        counts = Counter(row["verdict"] for row in own)
        verdicts = {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}
        compared = [row for row in own if row["verdict"] in ("HOLDS", "REFUTED")]
        tightness, factor = (
            {salt: _least(float(row[name]) for row in compared)} for name in RATIOS
        )
        found[key] = Record(verdicts, own[0]["required"], tightness, factor, own[0]["statement"])
    return found


def logs(values: Iterable[float | None]) -> list[float]:
    return [math.log(x) for x in values if x is not None]


def shown(ratio: float | None) -> str:
    return "none" if ratio is None else f"{ratio:.4g}"


def _least(values: Iterable[float]) -> float | None:
    """The least value that is a positive number, to four digits."""
    least = min((x for x in values if math.isfinite(x) and x > 0), default=None)
    return None if least is None else float(f"{least:.4g}")


def _line(key: Key, row: Record) -> str:
    """One row of the file; share and spread are there for the reader."""
    share = round(row.up_to(0) / row.judged, 4)
    known = logs(row.tightness.values())
    spread = float(f"{statistics.stdev(known):.2g}") if len(known) > 1 else None
    content = {"claim": key[0], "test": key[1], "judged": row.judged, "verdicts": row.verdicts}
    content |= {"share": share, "required": row.required}
    content |= {"tightness": row.tightness, "factor": row.factor}
    content |= {"spread": spread} | ({"statement": row.statement} if row.statement else {})
    return json.dumps(content, allow_nan=False)


def _sound(row: Record) -> bool:
    counts = all(name in VERDICTS and type(n) is int and n > 0 for name, n in row.verdicts.items())
    ratios = [x for values in row.ratios().values() for x in values]
    same = bool(row.tightness) and row.tightness.keys() == row.factor.keys()
    same = same and isinstance(row.statement, str)
    return counts and same and all(x is None or 0 < x < math.inf for x in ratios)


def _scored(score: MutationScore) -> bool:
    counts = (score.refuted, score.survived)
    return all(type(n) is int and n >= 0 for n in counts) and isinstance(score.fingerprint, str)
