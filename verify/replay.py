"""Counterexamples as files: a claim, a configuration and a salt that anyone can run again.

The file is JSON with the keys theorem, configuration, salt and claims (rows with claim, level,
verdict, bound, measured), so what `check --json` writes can be replayed as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from theory import registry
from theory.claim import Claim
from theory.errors import InvalidArgument
from verify.experiment import Observations, Progress, as_dict
from verify.verdict import Judgement, judge_initialisations


@dataclass(frozen=True)
class Recorded:
    """What a file says of one claim."""

    claim: str
    level: float
    verdict: str


@dataclass(frozen=True)
class Case:
    """A configuration with its salt, and the recorded verdicts."""

    theorem: str
    configuration: Any
    salt: str
    rows: tuple[Recorded, ...]


def load(path: str) -> Case:
    """Read a case. A file that cannot be one is an InvalidArgument `file`."""
    try:
        content = json.loads(Path(path).read_text())
    except OSError as error:
        raise InvalidArgument("file", path, f"readable ({error.strerror})") from None
    except ValueError:
        raise InvalidArgument("file", path, "JSON as `check --json` writes it") from None
    try:
        theorem = registry.theorem(content["theorem"])
        kind = theorem.load_experiment().configuration
        configuration = kind(**content["configuration"])
        rows = tuple(
            Recorded(registry.claim(row["claim"]).name, float(row["level"]), str(row["verdict"]))
            for row in content["claims"]
        )
        return Case(theorem.name, configuration, str(content["salt"]), rows)
    except InvalidArgument:
        raise
    except (KeyError, TypeError, ValueError) as error:
        allowed = "a case: theorem, configuration, salt, claims (claim, level, verdict)"
        raise InvalidArgument("file", path, f"{allowed}; {error!r}") from None


def observe(case: Case, progress: Progress | None = None) -> Observations:
    """Train the case again, for the quantities of its claims."""
    quantities = {registry.claim(row.claim).quantity.name for row in case.rows}
    experiment = registry.theorem(case.theorem).load_experiment()
    found: Observations = experiment.observe(
        case.configuration, salt=case.salt, quantities=quantities, progress=progress
    )
    return found


def judge_again(case: Case, observed: Observations) -> list[tuple[Recorded, Judgement]]:
    """The recorded rows with their verdicts now. A claim without a sample is an error."""
    pairs = []
    for row in case.rows:
        claim = registry.claim(row.claim)
        if claim.quantity.name not in observed.samples:
            raise InvalidArgument("claim", claim.name, f"measured: no {claim.quantity.name}")
        sample = observed.samples[claim.quantity.name]
        pairs.append((row, judge_initialisations(claim, [sample], row.level)))
    return pairs


def on_device(case: Case, device: str) -> Case:
    """The case on another device, where its configuration has one."""
    if "device" not in as_dict(case.configuration):
        raise InvalidArgument("device", device, f"left out: {case.theorem} has no devices")
    return replace(case, configuration=replace(case.configuration, device=device))


def to_json(
    theorem: str, configuration: Any, salt: str, claim: Claim, judgement: Judgement,
    values: Mapping[str, Any],
) -> bytes:  # fmt: skip
    """A case with one claim, its margin and the values of its symbols that are numbers."""
    margin = judgement.measured / judgement.bound if judgement.bound else float("nan")
    row = {
        "claim": claim.name,
        "source": claim.source,
        "verdict": judgement.verdict.value,
        "level": judgement.level,
        "bound": judgement.bound,
        "measured": judgement.measured,
        "lower_confidence": judgement.lower_confidence,
        "measured_over_bound": margin,
        "premises": [str(premise) for premise in claim.statement.premises],
        "values": {k: v for k, v in values.items() if isinstance(v, int | float)},
    }
    content = {
        "theorem": theorem,
        "configuration": as_dict(configuration),
        "salt": salt,
        "claims": [row],
    }
    return (json.dumps(content, indent=1) + "\n").encode()
