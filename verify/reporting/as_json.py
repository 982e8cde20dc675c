"""A check as JSON, with everything in it.

JSON has no infinities and no NaN: they are written as the strings "inf" and "-inf" and as null.
The digest is that of all else, so that a file which was changed by hand is known (`site.source`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from theory.language.claim import Claim
from theory.language.hashing import hashed
from theory.language.kinds import Mode
from theory.language.mutation import fingerprint
from verify.experiments.kit import as_dict
from verify.judging.premises import premises
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict
from verify.reporting.content import home, title, trajectory_written, written
from verify.runs.check import Outcome
from verify.runs.environment import environment
from verify.runs.plain import plain
from verify.runs.text import ordered, reason, state

FORMAT = 1
"""Of files of checks; another number where a reader of this one would misread them."""


def to_json(outcomes: Sequence[Outcome], exit_code: int) -> bytes:
    """One outcome of a given configuration, or those of all homes."""
    return encoded(content(outcomes, exit_code))


def encoded(found: Mapping[str, Any]) -> bytes:
    """Strict JSON, with its format and digest."""
    whole = plain({"format": FORMAT, "digest": "", **found})
    whole["digest"] = digest(whole)
    return (json.dumps(whole, allow_nan=False, indent=1) + "\n").encode()


def read_back(contents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a reader of the file finds: builtin types, null for NaN."""
    found = plain(contents)
    assert isinstance(found, list)
    return found


def digest(whole: Mapping[str, Any]) -> str:
    """Of all that a file of a check says but its digest, however it is laid out."""
    rest = {name: value for name, value in whole.items() if name != "digest"}
    return hashed(json.dumps(rest, sort_keys=True, separators=(",", ":")))


def content(outcomes: Sequence[Outcome], exit_code: int) -> dict[str, Any]:
    """What `to_json` writes: at homes, rows name theirs, and every home is a case for `replay`."""
    first = outcomes[0]
    facts = {
        "theorem": first.theorem,
        "title": title(outcomes),
        "exit_code": exit_code,
        "salt": first.salt,
        "budget": first.budget,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": sum(outcome.seconds for outcome in outcomes),
        "environment": environment(first.configuration),
    }
    if first.home is None:
        return facts | case(first)
    homes = [{"theorem": first.theorem, "salt": first.salt} | case(o) for o in outcomes]
    rows = [row | {"home": number} for number, at in enumerate(homes) for row in at["claims"]]
    lacking = {name: why for outcome in outcomes for name, why in outcome.unjudged.items()}
    return facts | {"claims": rows, "not_judged": lacking, "homes": homes}


def case(outcome: Outcome) -> dict[str, Any]:
    """The claims of one configuration, and what was measured there."""
    notes = outcome.observations.notes
    found = {
        "seeds": notes.get("seeds", {}),
        "claims": [_row(outcome, j) for j in ordered(outcome)],
        "not_judged": outcome.unjudged,
        "trajectory": trajectory_written(outcome.observations.trajectory),
        "picture": written(home(outcome)),
        "configuration": as_dict(outcome.configuration),
        "notes": notes,
    }
    if outcome.home is not None:
        found["initialisations"] = outcome.home.initialisations
    return found


def _row(outcome: Outcome, j: Judgement) -> dict[str, Any]:
    claim = outcome.claims[j.claim]
    known = j.verdict is not Verdict.OUT_OF_REGIME and claim.kind.mode is not Mode.PATHWISE
    sample = outcome.observations.samples.get(claim.quantity.name)
    return {
        "claim": j.claim,
        "fingerprint": fingerprint(claim),
        "verdict": j.verdict.value,
        "state": state(outcome, j).replace(" (known)", "_KNOWN"),
        "shown": state(outcome, j),
        "needs": outcome.needs.get(j.claim),
        "known_false": outcome.known_false or None,
        "reason": j.reason or ("" if j.passed else reason(outcome, j)),
        "bound": j.bound,
        "measured": j.measured,
        "lower_confidence": j.lower_confidence,
        "standard_error": j.standard_error if known else None,
        "tightness": j.tightness,
        "tightness_confidence": j.tightness_confidence,
        "factor": j.factor,
        "share": j.share,
        "level": j.level,
        "kind": str(claim.kind),
        "quantity": claim.quantity.name,
        "source": claim.source,
        "premises": [] if sample is None else _premises(claim, sample, j.position),
        "position": j.position,
        "checkpoints": j.checkpoints,
        "informative": j.informative,
    }


def _premises(claim: Claim, sample: Sample, position: int) -> list[dict[str, Any]]:
    """The premises with both sides; one that cannot be evaluated has none, and says so."""
    try:
        return [
            {"text": p.text, "left": p.left, "sign": p.sign, "right": p.right, "holds": p.holds}
            for p in premises(claim, sample, position)
        ]
    except Exception as error:  # what keeps premises from being evaluated must not cost the file
        why = f"not evaluated ({type(error).__name__}: {error})"
        return [{"text": why, "left": None, "sign": "", "right": None, "holds": None}]
