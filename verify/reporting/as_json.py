"""A check as JSON, with everything in it.

JSON has no infinities and no NaN: they are written as the strings "inf" and "-inf" and as null.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from theory.language.claim import Mode
from verify.experiments.kit import Trajectory, as_dict
from verify.judging.verdict import Judgement, Verdict
from verify.runs.check import Outcome
from verify.runs.environment import environment
from verify.runs.plain import plain
from verify.runs.text import ordered, reason, state


def to_json(outcomes: Sequence[Outcome], exit_code: int) -> bytes:
    """One outcome of a given configuration, or those of all homes."""
    return encoded(content(outcomes, exit_code))


def encoded(found: Any) -> bytes:
    """Strict JSON."""
    return (json.dumps(plain(found), allow_nan=False, indent=1) + "\n").encode()


def content(outcomes: Sequence[Outcome], exit_code: int) -> dict[str, Any]:
    """What `to_json` writes: at homes, rows name theirs, and every home is a case for `replay`."""
    first = outcomes[0]
    facts = {
        "theorem": first.theorem,
        "exit_code": exit_code,
        "salt": first.salt,
        "budget": first.budget,
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
        "trajectory": _trajectory(outcome.observations.trajectory),
        "configuration": as_dict(outcome.configuration),
        "notes": notes,
    }
    if outcome.home is not None:
        found["initialisations"] = outcome.home.initialisations
    return found


def _row(outcome: Outcome, j: Judgement) -> dict[str, Any]:
    claim = outcome.claims[j.claim]
    known = j.verdict is not Verdict.OUT_OF_REGIME and claim.kind.mode is not Mode.PATHWISE
    return {
        "claim": j.claim,
        "verdict": j.verdict.value,
        "state": state(outcome, j).replace(" (known)", "_KNOWN"),
        "needs": outcome.needs.get(j.claim),
        "known_false": outcome.known_false(j) or None,
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
        "position": j.position,
        "checkpoints": j.checkpoints,
        "informative": j.informative,
    }


def _trajectory(trajectory: Trajectory) -> dict[str, Any]:
    found = {trajectory.index: trajectory.x, **trajectory.series, "details": trajectory.details}
    found["standard_errors"] = trajectory.errors
    for name, more in ("within", trajectory.within), ("sweep", trajectory.sweep):
        if more is not None:
            found[name] = _trajectory(more)
    return found
