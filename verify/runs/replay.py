"""Counterexamples as files: claims, a configuration and a salt that anyone can run again.

The file is JSON with the keys theorem, configuration, salt and claims (rows with claim, level,
verdict, bound, measured), so what `check --json` writes can be replayed as it is; `initialisations`
above 1 asks for as many networks, with salts of their own. A claim is a registered one, one of its
mutants, `main~bound: V -> 0` (see `theory.language.mutation`), or one without some of its premises,
`main~without rho > 0` (a pattern: `m >= *`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.mutation import mutant
from theory.language.text import plain_text
from verify.experiments.kit import Observations, Progress, as_dict, from_dict
from verify.judging.premises import premise_lines
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict, judge_initialisations
from verify.runs.check import out_of_regime, outside_judgement, salts_of
from verify.runs.counterexample import margin
from verify.runs.plain import scalar

WITHOUT = "without "
"""Begins, after the `~`, the name of a claim without some of its premises."""


@dataclass(frozen=True)
class Recorded:
    """What a file says of one claim; `known_false` says its home, if the file is of there."""

    claim: str
    level: float
    verdict: str
    bound: float = math.nan
    measured: float = math.nan
    known_false: str = ""


@dataclass(frozen=True)
class Case:
    """Where samples come from, enough to draw them again; `rows`: the recorded verdicts."""

    theorem: str
    configuration: Any
    salt: str
    initialisations: int = 1
    rows: tuple[Recorded, ...] = ()

    @property
    def salts(self) -> tuple[str, ...]:
        """One salt per initialisation."""
        return salts_of(self.salt, self.initialisations)


@dataclass(frozen=True)
class Replayed:
    """A recorded row, and what came of it now."""

    recorded: Recorded
    claim: Claim
    samples: Sequence[Sample]
    judgement: Judgement

    @property
    def same(self) -> bool:
        return self.recorded.verdict == self.judgement.verdict.value

    @property
    def fails(self) -> bool:
        """A claim that is refuted, unless by numbers where it is known to be false."""
        known = self.recorded.known_false and math.isfinite(self.judgement.measured)
        return self.judgement.verdict is Verdict.REFUTED and not known


@lru_cache(maxsize=64)
def claim_named(name: str) -> Claim:
    """The registered claim, its mutant, or the claim without some premises, of that name."""
    original, _, change = name.partition("~")
    found = registry.claim(original)
    if not change:
        return found
    if change.startswith(WITHOUT):
        return without(found, change.removeprefix(WITHOUT))
    return mutant(found, change)


def without(claim: Claim, patterns: str) -> Claim:
    """The claim without the premises that match (patterns, or premises as `show` prints them,
    separated by semicolons): a stronger claim, which need not be true."""
    statement = claim.statement
    kept = {plain_text(premise): premise for premise in statement.premises}
    for pattern in patterns.split("; "):
        matching = [text for text in kept if text == pattern or fnmatchcase(text, pattern)]
        if not matching:
            allowed = f"a premise of {claim.name}, or a pattern for one: {'; '.join(kept)}"
            raise InvalidArgument("premise", pattern, allowed)
        for text in matching:
            del kept[text]
    name, left = f"{claim.name}~{WITHOUT}{patterns}", tuple(kept.values())
    return replace(claim, name=name, build=lambda: replace(statement, premises=left))


def load(path: str) -> Case:
    """Read a case. A file that cannot be one is an InvalidArgument `file`."""
    return _case(path, _content(path))


def load_all(path: str) -> list[Case]:
    """The cases of a file: one per home of a check at homes, those of all theorems of `--all`.

    A home where nothing was judged is no case, unless there is no other.
    """
    found = _single(_content(path))
    judged = [each for each in found if not (isinstance(each, dict) and each.get("claims") == [])]
    return [_case(path, content) for content in judged or found]


def _single(content: Any) -> list[Any]:
    nested = content.get("theorems", content.get("homes")) if isinstance(content, dict) else None
    if not isinstance(nested, list):
        return [content]
    return [each for inner in nested for each in _single(inner)]


def _content(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidArgument("file", path, f"readable ({error.strerror})") from None
    except ValueError:
        raise InvalidArgument("file", path, "JSON as `check --json` writes it") from None


def _case(path: str, content: Any) -> Case:
    try:
        theorem = _theorem(content["theorem"])
        configuration = from_dict(theorem.load_configuration(), content["configuration"])
        count = content.get("initialisations", 1)
        rows = tuple(_recorded(row, theorem, configuration) for row in content["claims"])
        salt = content["salt"]
    except InvalidArgument:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        allowed = "a case: theorem, configuration, salt, claims (claim, level, verdict)"
        raise InvalidArgument("file", path, f"{allowed}; {error!r}") from None
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InvalidArgument("initialisations", count, "an integer >= 1")
    if not isinstance(salt, str):
        raise InvalidArgument("salt", salt, "text")
    if not rows:
        raise InvalidArgument("claims", [], "at least one claim: there is nothing to replay")
    return Case(theorem.name, configuration, salt, count, rows)


def _theorem(name: str) -> registry.Theorem:
    try:
        return registry.theorem(name)
    except InvalidArgument as error:
        allowed = f"{error.allowed}; or replayed by the program that registers it"
        raise InvalidArgument("theorem", name, allowed) from None


def observe(case: Case, progress: Progress | None = None) -> list[Observations]:
    """Train the case again, for the quantities of its claims; one per initialisation."""
    quantities = {claim_named(row.claim).quantity.name for row in case.rows}
    experiment = registry.theorem(case.theorem).load_experiment()
    return [
        experiment.observe(case.configuration, salt=salt, quantities=quantities, progress=progress)
        for salt in case.salts
    ]


def judge_again(case: Case, observed: Sequence[Observations]) -> list[Replayed]:
    """The recorded rows with their verdicts now. A claim without a sample is an error."""
    found = []
    for row in case.rows:
        claim = claim_named(row.claim)
        quantity = claim.quantity.name
        outside = [why for each in observed if (why := out_of_regime(claim, each))]
        if len(outside) == len(observed):
            judgement = outside_judgement(claim, outside[0], row.level)
            found.append(Replayed(row, claim, [], judgement))
            continue
        if any(quantity not in each.samples for each in observed):
            raise InvalidArgument("claim", claim.name, f"measured: no {quantity}")
        samples = [each.samples[quantity] for each in observed]
        judgement = judge_initialisations(claim, samples, row.level)
        found.append(Replayed(row, claim, samples, judgement))
    return found


def on_device(case: Case, device: str) -> Case:
    """The case on another device, where its configuration has one."""
    if "device" not in as_dict(case.configuration):
        raise InvalidArgument("device", device, f"left out: {case.theorem} has no devices")
    return replace(case, configuration=replace(case.configuration, device=device))


def to_json(
    case: Case, judged: Sequence[tuple[Claim, Sequence[Sample], Judgement]], level: float
) -> bytes:
    """The case with the verdicts at `level`, margins, premises and values of its claims."""
    content = {
        "theorem": case.theorem,
        "configuration": as_dict(case.configuration),
        "salt": case.salt,
        "initialisations": case.initialisations,
        "claims": [_row(*each, level) for each in judged],
    }
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()


def _row(
    claim: Claim, samples: Sequence[Sample], judgement: Judgement, level: float
) -> dict[str, Any]:
    symbols = samples[0].symbols
    row = {
        "claim": claim.name,
        "source": claim.source,
        "verdict": judgement.verdict.value,
        "level": level,
        "bound": judgement.bound,
        "measured": judgement.measured,
        "lower_confidence": judgement.lower_confidence,
        "measured_over_bound": margin(judgement),
        "premises": premise_lines(claim, samples[0], judgement.position),
        "values": {k: scalar(v) for k, v in symbols.items() if isinstance(v, int | float)},
    }
    return {name: scalar(value) for name, value in row.items()}


def _recorded(row: dict[str, Any], theorem: registry.Theorem, configuration: Any) -> Recorded:
    level, verdict = float(row["level"]), str(row["verdict"])
    if not 0 <= level < 1:
        raise InvalidArgument("level", level, "in [0, 1)")
    if verdict not in Verdict.__members__:
        raise InvalidArgument("verdict", verdict, "one of " + ", ".join(Verdict.__members__))
    bound, measured = (
        math.nan if row.get(x) is None else float(row[x]) for x in ("bound", "measured")
    )
    name = claim_named(row["claim"]).name
    home = theorem.load_experiment().home(name)
    known = home.known_false if home.configuration == configuration else ""
    return Recorded(name, level, verdict, bound, measured, known)
