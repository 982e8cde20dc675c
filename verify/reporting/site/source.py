"""What a site is made from: the JSON of a check, read with care, and what it is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from theory import registry
from theory.language.errors import InvalidArgument
from theory.language.mutation import fingerprint
from verify.reporting.as_json import FORMAT, digest
from verify.runs.environment import version
from verify.runs.scores import MutationScore

PACKAGE = "theorem-gate"
WANTED = f"what `check --all --json` of {PACKAGE} {version(PACKAGE)} wrote"
COMPARED = ("state", "fingerprint", "tightness")
"""What of a row a later check is compared with."""
ROUNDED = 6e-4
"""Of mutation scores, which a baseline writes to three digits."""
SHOWN = 5
"""Names in an error, of claims that differ."""

Row = Mapping[str, Any]


def theorems(path: str) -> list[dict[str, Any]]:
    """The checks of the file: those of all theorems, or the one of a theorem at its homes.

    InvalidArgument `file` with what is wrong: not JSON or cut short, of another format or version,
    changed by hand, of claims that are not stated like that here.
    """
    whole = _read(path, "file")
    if whole.get("format") != FORMAT:
        raise InvalidArgument("file", path, f"{WANTED} (its format is {whole.get('format')!r})")
    if whole.get("digest") != digest(whole):
        raise InvalidArgument("file", path, f"{WANTED}, unchanged since (its digest differs)")
    found = whole.get("theorems", [whole])
    if any("title" not in each for each in found):
        raise InvalidArgument("file", path, f"{WANTED} (another command wrote it)")
    if any("homes" not in each for each in found):
        raise InvalidArgument("file", path, f"{WANTED} (it is of one given configuration)")
    for each in found:
        written = each["environment"][PACKAGE]
        if written != version(PACKAGE):
            raise InvalidArgument("file", path, f"{WANTED} (it was written by {written})")
    if others := [each["theorem"] for each in found if each["theorem"] not in registry.theorems()]:
        raise InvalidArgument("file", path, f"of theorems known here, not {', '.join(others)}")
    if others := list(_stated_otherwise(found)):
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        names = ", ".join(others[:SHOWN]) + more
        raise InvalidArgument("file", path, f"of the claims as they are stated here, not {names}")
    return found


@dataclass(frozen=True)
class Before:
    """What to compare with: rows of an earlier check by theorem and claim, mutation scores."""

    rows: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    scores: Mapping[str, MutationScore] = field(default_factory=dict)
    when: str = ""


def before(paths: Sequence[str]) -> Before:
    """Of files of earlier checks, of `mutate`, and baselines of the pytest plugin, which keep
    mutation scores.

    An earlier check may be of another version, and of claims that have changed.
    """
    rows: dict[str, dict[str, Row]] = {}
    scores: dict[str, MutationScore] = {}
    when = ""
    for path in paths:
        whole = _read(path, "baseline")
        if "rules" in whole and whole.get("every", 1) != 1:  # a part may be the part that is caught
            raise InvalidArgument("baseline", path, "scores of all slips: `mutate` without --every")
        try:
            if "mutation" in whole or "rules" in whole:
                scores |= _scores(whole)
                continue
            if whole["digest"] != digest(whole):
                raise ValueError
            for each in whole.get("theorems", [whole]):
                rows[each["theorem"]] = {
                    row["claim"]: {name: row[name] for name in COMPARED} for row in each["claims"]
                }
                when = each["when"]
        except (AttributeError, LookupError, TypeError, ValueError):
            allowed = ("an earlier file of `check --json` or `mutate --json`, or a baseline of "
                       "claims, unchanged")  # fmt: skip
            raise InvalidArgument("baseline", path, allowed) from None
    return Before(rows, scores, when)


def _scores(whole: Mapping[str, Any]) -> dict[str, MutationScore]:
    """Of a baseline of the pytest plugin, or of a file of `mutate`, where it has finished."""
    if "mutation" in whole:
        rows = whole["mutation"].items()
    else:
        finished = [row for row in whole["claims"] if row["finished"]]
        rows = [(row["claim"], {**row, **row["counts"]}) for row in finished]
    return {claim: _score(row) for claim, row in rows}


def _score(row: Row) -> MutationScore:
    """ValueError if the share that was written is not that of the numbers."""
    survived = int(row["survived"]) + int(row.get("same", 0))
    found = MutationScore(int(row["refuted"]), survived, str(row["fingerprint"]))
    if abs(float(row["score"] or 0) - found.score) > ROUNDED:
        raise ValueError
    return found


def _read(path: str, name: str) -> dict[str, Any]:
    try:
        whole = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidArgument(name, path, f"a file that can be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        allowed = f"JSON, whole ({error}: cut short, or something else)"
        raise InvalidArgument(name, path, allowed) from None
    if not isinstance(whole, dict):
        raise InvalidArgument(name, path, WANTED)
    return whole


def _stated_otherwise(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The claims that this version does not have, or states in another way."""
    for each in found:
        known = registry.claims(each["theorem"])
        for row in each["claims"]:
            claim = known.get(row["claim"])
            if claim is None or fingerprint(claim) != row["fingerprint"]:
                yield row["claim"]
