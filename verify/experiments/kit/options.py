"""Options of an experiment: fields of a frozen dataclass, each with its domain.

A domain is one of the vocabulary's (COUNT, POSITIVE, UNIT, ...), or a list of choices. It is
checked once, when a configuration is made, named in the error, and shown in `--help`. Nothing here
imports torch: a configuration says what to train, it does not train.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from inspect import get_annotations
from typing import Any

import sympy as sp

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import Variable, ends


class AtMost(int):
    """A default number of rows: a smaller file gives all it has."""


def option(
    default: Any,
    help: str,  # noqa: A002 - the name that every option parser uses
    domain: sp.Set | None = None,
    *,
    choices: Sequence[str] | None = None,
    text: bool = False,
) -> Any:
    """A configuration field that is an option.

    domain   a set of numbers (a Range: integers); with the default None it may be left out
    choices  the words it may be
    text     any text; with the default None it may be left out
    """
    if default is None and domain is None and choices is None and not text:
        raise TypeError(f"{help}: an option that may be left out needs a domain")
    kind: type = str if choices or text else type(default)
    if domain is not None:
        kind = int if isinstance(domain, sp.Range) else float
    metadata = {"help": help, "kind": kind, "choices": choices, "domain": domain}
    return field(default=default, metadata=metadata)


def allowed(of: Field[Any]) -> str:
    """What the option may be, in words; empty where anything of its type."""
    if of.metadata["choices"]:
        return "one of " + ", ".join(of.metadata["choices"])
    domain = of.metadata["domain"]
    return "" if domain is None else Variable(of.name, "", domain).allowed


@dataclass(frozen=True)
class Options:
    """The base of configurations, and of pieces that several of them have.

    A subclass gives other defaults as keywords: `class Configuration(ProblemOptions, samples=5)`.
    Fields are checked against their domains when a configuration is made; relations among them
    in `check`, which a subclass may extend.
    """

    def __init_subclass__(cls, **defaults: Any) -> None:
        super().__init_subclass__()
        for name, default in defaults.items():
            bases = [base for base in cls.__mro__[1:] if is_dataclass(base)]
            found = next((f for base in bases for f in fields(base) if f.name == name), None)
            if found is None:
                raise TypeError(f"{cls.__name__}: no piece has the option {name}")
            if isinstance(found.default, AtMost):
                default = AtMost(default)
            cls.__annotations__ = {name: found.type, **get_annotations(cls)}
            setattr(cls, name, field(default=default, metadata=found.metadata))

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.metadata:
                _check(each, getattr(self, each.name))
        self.check()

    def check(self) -> None:
        """Relations among options; InvalidArgument names the one that is to change."""


def as_dict(configuration: Any) -> dict[str, Any]:
    """The configuration's fields by name, for reports."""
    return {f.name: getattr(configuration, f.name) for f in fields(configuration)}


def from_dict(configuration: type, values: dict[str, Any]) -> Any:
    """A configuration from its fields as a report has them.

    What equals a default is the default: a number of rows that was a wish stays one.
    """
    defaults = {f.name: f.default for f in fields(configuration) if f.default is not MISSING}
    given = {k: v for k, v in values.items() if k not in defaults or defaults[k] != v}
    return configuration(**given)


def _check(of: Field[Any], value: Any) -> None:
    kind, words = of.metadata["kind"], ""
    if value is None and of.default is None:
        return
    if of.metadata["choices"]:
        fits = isinstance(value, str) and value in of.metadata["choices"]
    elif of.metadata["domain"] is None:
        fits = isinstance(value, int | float if kind is float else kind)
        fits, words = fits and isinstance(value, bool) is (kind is bool), f"of type {kind.__name__}"
    elif isinstance(value, bool) or not isinstance(value, int | (kind if kind is int else float)):
        fits = False
    else:
        fits = math.isfinite(value) and _contains(of.metadata["domain"], value)
    if not fits:
        raise InvalidArgument(of.name, value, words or allowed(of))


def _contains(domain: sp.Set, value: float) -> bool:
    """Whether a finite number is in an interval or a range (sympy's own answer takes 100 us)."""
    low, high, without_low, without_high = ends(domain)
    above = value > low if without_low else value >= low
    return above and (value < high if without_high else value <= high)
