"""The pages of a site: what the templates show, from the file of a check and the claims."""

from __future__ import annotations

import inspect
import math
import pkgutil
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from theory import registry
from theory.language.claim import Claim
from theory.language.kinds import Mode
from theory.language.mutation import fingerprint
from verify.experiments.kit import as_dict
from verify.reporting.content import Content, read
from verify.reporting.drawing import RAISED
from verify.reporting.figure import worth_drawing
from verify.reporting.site import formulas
from verify.reporting.site.source import Before, Row

WORDS = {
    "HOLDS": "holds",
    "REFUTED": "refuted",
    "REFUTED_KNOWN": "false as printed",
    "UNDERPOWERED": "underpowered",
    "VACUOUS": "vacuous",
    "OUT_OF_REGIME": "out of regime",
    "OUT_OF_REACH": "out of reach",
}
"""The state of a claim as people read it, the best first."""

MEANINGS = {
    "holds": "what was measured agrees with it, in a check that could have failed",
    "false as printed": "a published statement with a counterexample, which is found again",
    "out of reach": "its premises need more than a machine can train; the page says what",
    "refuted": "the measurements contradict the claim",
    "underpowered": "too few runs to tell",
    "vacuous": "the bound is so loose that nothing could contradict it",
    "out of regime": "a premise fails where it was measured",
}
NOT_PROSE = ("symbols", "inequalities", "identities_proof")
"""Modules of a theorem whose docstring is about code."""

SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "="}

MOVED = 0.1
"""A relative change of the tightness that is told."""


@dataclass(frozen=True)
class Premise:
    formula: str
    values: str
    word: str


@dataclass(frozen=True)
class ClaimView:
    """One claim on the page of its theorem."""

    claim: Claim
    row: Row
    home: Mapping[str, Any]
    before: Before
    theorem: str
    salt: str

    @property
    def name(self) -> str:
        return self.claim.name

    @property
    def anchor(self) -> str:
        return self.name.replace("/", "-")

    @property
    def state(self) -> str:
        return str(self.row["state"])

    @property
    def word(self) -> str:
        """The state in words; what was expected to be refuted and is not says so."""
        return WORDS.get(self.state, self.state.lower().replace("_", " "))

    @cached_property
    def statement(self) -> list[str]:
        return formulas.statement(self.claim)

    @cached_property
    def premises(self) -> list[Premise]:
        """In the order of the statement, with their values where the claim was judged."""
        written, rows = formulas.premises(self.claim), self.row["premises"]
        if len(rows) != len(written):  # they could not be evaluated
            return [Premise(each, "", "not evaluated") for each in written]
        return [
            Premise(each, _sides(row), "holds" if row["holds"] else "fails")
            for each, row in zip(written, rows, strict=True)
        ]

    @property
    def why(self) -> str:
        """What a reader must know beside the verdict."""
        return str(self.row["known_false"] or self.row["needs"] or self.row["reason"] or "")

    @property
    def measured(self) -> bool:
        return bool(self.row["checkpoints"])

    @property
    def trials(self) -> bool:
        """Whether an event was looked for in trials, in place of numbers at checkpoints."""
        return self.claim.kind.mode is Mode.PROBABILITY

    @property
    def beyond(self) -> bool:
        """Whether what was measured is on the other side of the bound, beyond doubt."""
        return str(self.row["verdict"]) == "REFUTED"

    @property
    def filled(self) -> float | None:
        """How sharp the bound is, from 0 to 1 for the bar: measured over bound, or its inverse."""
        tightness = self.row["tightness"]
        if not isinstance(tightness, float | int) or not tightness > 0:
            return None
        return min(1.0, 1 / tightness)

    def number(self, name: str) -> str:
        return shown(self.row[name])

    @property
    def factor(self) -> str:
        found = self.number("factor")
        return "never" if found == "inf" else found

    @property
    def score(self) -> str:
        """The mutation score, and whether it is of this statement."""
        known = self.before.scores.get(self.name)
        if known is None:
            return ""
        total = known.refuted + known.survived
        if not total:
            return "none of its slips is false"
        text = f"{known.score:.2f} ({known.refuted} of {total} slips caught)"
        return text if known.fingerprint == fingerprint(self.claim) else f"{text}, stale"

    @property
    def command(self) -> str:
        """The command that repeats the row."""
        words = ("--theorem", self.theorem, "--claims", self.name, "--salt", self.salt)
        return f"python -m verify check {shlex.join(words)}"

    @property
    def change(self) -> str:
        """What is another than in the file of the earlier check; empty if nothing is."""
        if self.theorem not in self.before.rows:
            return ""
        old = self.before.rows[self.theorem].get(self.name)
        if old is None:
            return "new"
        changes = []
        if old["state"] != self.state:
            changes.append(f"was {WORDS.get(old['state'], old['state'])}")
        if old["fingerprint"] != fingerprint(self.claim):
            changes.append("stated otherwise")
        ratio = _ratio(self.row["tightness"], old["tightness"])
        if abs(ratio - 1) > MOVED:
            changes.append(f"tightness was {shown(old['tightness'])}")
        return ", ".join(changes)


@dataclass(frozen=True)
class TheoremView:
    """A page: a theorem, its claims in their order, what was trained."""

    file_content: Mapping[str, Any]
    before: Before

    @property
    def name(self) -> str:
        return str(self.file_content["theorem"])

    @property
    def file(self) -> str:
        return f"{self.name}.html"

    @cached_property
    def title(self) -> str:
        return registry.subject(self.name) or self.name

    @cached_property
    def prose(self) -> list[tuple[str, str]]:
        """Setting and statements in the words of the source, by the name of the module."""
        module = import_module(registry.theorem(self.name).claims)
        found = [("", inspect.getdoc(module) or self.name)]
        for each in pkgutil.iter_modules(getattr(module, "__path__", [])):
            text = inspect.getdoc(import_module(f"{module.__name__}.{each.name}"))
            if each.name not in NOT_PROSE and text:
                found.append((each.name.replace("_", " "), text))
        return found

    @cached_property
    def claims(self) -> list[ClaimView]:
        known, homes = registry.claims(self.name), self.file_content["homes"]
        rows = {row["claim"]: row for row in self.file_content["claims"]}
        return [
            ClaimView(known[name], rows[name], homes[rows[name]["home"]], self.before, self.name,
                      str(self.file_content["salt"]))
            for name in known if name in rows
        ]  # fmt: skip

    @property
    def not_judged(self) -> Mapping[str, str]:
        """Also claims that the file does not speak of: one of `check --claims`, or of before."""
        told = dict(self.file_content["not_judged"])
        seen = {row["claim"] for row in self.file_content["claims"]} | told.keys()
        absent = (name for name in registry.claims(self.name) if name not in seen)
        return told | dict.fromkeys(absent, "the file of the check does not speak of it")

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """How many claims are in each state, in words."""
        found = _counted(claim.word for claim in self.claims)
        return [(_of(count, word), count) for word, count in found]

    @property
    def published(self) -> list[ClaimView]:
        """The claims as they are printed elsewhere."""
        return [claim for claim in self.claims if "published" in claim.name]

    @property
    def gone(self) -> list[str]:
        """Claims of the earlier check that this one has not."""
        own = {claim.name for claim in self.claims}
        return [name for name in self.before.rows.get(self.name, ()) if name not in own]

    @property
    def changed(self) -> list[ClaimView]:
        return [claim for claim in self.claims if claim.change]

    @cached_property
    def homes(self) -> list[tuple[str, str]]:
        """What was trained: the options that differ from the defaults, and the data."""
        default = as_dict(registry.theorem(self.name).load_configuration()())
        found = []
        for home in self.file_content["homes"]:
            given = {
                name: value for name, value in home["configuration"].items()
                if default.get(name) != value and value is not None
            }  # fmt: skip
            options = ", ".join(
                f"{name.replace('_', ' ')} {f'{value:g}' if type(value) is float else value}"
                for name, value in given.items()
            )
            found.append((options or "the defaults", str(home["notes"].get("problem", ""))))
        return list(dict.fromkeys(found))

    @cached_property
    def content(self) -> Content:
        """What the picture shows."""
        return read(self.file_content)

    @property
    def picture(self) -> str:
        """The name of its file."""
        return f"{self.name}.svg"

    @property
    def picture_in_words(self) -> str:
        """For those who do not see it: what the panels show, and what the lines of bounds are."""
        homes = worth_drawing(self.content.homes)
        titles = [home.title for home in homes]
        titles += [
            panel.title for home in self.content.homes for panel in home.trajectory.all_panels
        ]
        bounds = [name for home in homes for curve in home.curves for name in curve.names]
        shown = "; ".join(dict.fromkeys(one_line(each) for each in titles if each))
        lines = f" With the bounds of {', '.join(dict.fromkeys(bounds))}." if bounds else ""
        return f"What was measured: {shown or 'how tight the bounds are'}.{lines}"

    @property
    def seconds(self) -> str:
        return f"{self.file_content['seconds']:.0f} s"


@dataclass(frozen=True)
class SiteView:
    """The front page."""

    theorems: Sequence[TheoremView]
    before: Before

    @property
    def counts(self) -> list[tuple[str, int, str]]:
        words = [claim.word for theorem in self.theorems for claim in theorem.claims]
        return [
            (_of(count, word), count, MEANINGS.get(word, "")) for word, count in _counted(words)
        ]

    @property
    def known_false(self) -> list[ClaimView]:
        return [c for t in self.theorems for c in t.claims if c.row["known_false"]]

    @property
    def changed(self) -> list[ClaimView]:
        return [c for t in self.theorems for c in t.changed]

    @property
    def gone(self) -> list[str]:
        return [name for theorem in self.theorems for name in theorem.gone]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """When and with what it was measured."""
        first = self.theorems[0].file_content
        where = first["environment"]
        budget = sum(float(theorem.file_content["budget"]) for theorem in self.theorems)
        facts = [
            ("measured", str(first["when"]).replace("T", " ").replace("+00:00", " UTC")),
            ("probability that a true claim is refuted", f"{shown(budget)} in all"),
            ("salt of the random numbers", str(first["salt"])),
        ]
        return facts + [(name.replace("_", " "), str(v)) for name, v in where.items() if v]


def one_line(title: str) -> str:
    """The title of a panel without line breaks and mathtext's dollars."""
    return title.replace("\n", ", ").replace(r"\$", "\0").replace("$", "").replace("\0", "$")


def shown(value: Any) -> str:
    """A number in a table."""
    if isinstance(value, bool) or not isinstance(value, float | int):
        return "none" if value is None else str(value)
    if math.isfinite(value) and value == int(value) and abs(value) < 1e6:
        return str(int(value))
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(RAISED)}" if exponent else mantissa


def _sides(row: Row) -> str:
    sign = SIGNS.get(row["sign"], row["sign"])
    return f"{shown(row['left'])} {sign} {shown(row['right'])}" if sign else ""


def _counted(words: Iterable[str]) -> list[tuple[str, int]]:
    """In the order of WORDS; what is unexpected last."""
    order = [*WORDS.values()]
    found = Counter(words)
    return sorted(found.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else 99)


def _of(count: int, word: str) -> str:
    """The word after its number: 1 holds, 2 hold."""
    return "hold" if word == "holds" and count > 1 else word


def _ratio(new: Any, old: Any) -> float:
    """new/old; 1 where one of the two is no number to compare."""
    if not all(isinstance(x, float | int) and x for x in (new, old)):
        return 1.0
    return float(new) / float(old)
