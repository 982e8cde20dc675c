"""Proofs of the inequalities of a theorem, on their whole domain, by machine.

An inequality is PROVED when z3 finds no real point of its domain where it fails (nonlinear real
arithmetic is decidable, so that is a proof, not a search); an integer is a real number there,
and induction on it has a base and a step, each proved so. What is cited must be proved before and
hold where it is cited. REFUTED comes with rational values, checked by exact substitution.
"""

from __future__ import annotations

import enum
import itertools
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from theory.algebra.inequalities import Inequality, Unproved, Use, conjuncts
from theory.language.errors import InvalidArgument
from verify.audit.reals import Reals, Undefined

SEARCHED, LARGEST = 20, 6
"""Tuples of integers tried for a counterexample, and by how much they exceed the least ones."""


class Status(enum.Enum):
    """What is known of an inequality."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNPROVED = "unproved"


@dataclass(frozen=True)
class Proof:
    """The outcome for one inequality; `seconds` is what it took.

    counterexample  REFUTED: a rational point of the domain where the statement fails
    reason          UNPROVED: what could not be shown
    """

    inequality: Inequality
    status: Status
    method: str
    seconds: float
    counterexample: Mapping[sp.Symbol, sp.Rational] = field(default_factory=dict)
    reason: str = ""

    def __str__(self) -> str:
        text = f"{self.inequality.name}: {self.status.value}"
        if self.status is Status.REFUTED:
            at = ", ".join(f"{s} = {v}" for s, v in self.counterexample.items())
            return f"{text}: {self.inequality.statement} fails at {at}"
        return text + (f": {self.reason}" if self.reason else "")


class _Gap(Exception):
    """A step that the solver did not prove."""


def prove(inequality: Inequality, proved: Mapping[str, Inequality] | None = None) -> Proof:
    """Prove or refute an inequality, given those of `proved` that it cites."""
    start = time.perf_counter()
    status, reason, point = Status.PROVED, "", {}
    cited = dict(_cited(inequality, proved or {}))
    try:
        _prove(inequality, cited)
    except (_Gap, Undefined) as gap:
        point = counterexample(inequality)
        status, reason = (Status.REFUTED, "") if point else (Status.UNPROVED, str(gap))
    seconds = time.perf_counter() - start
    return Proof(inequality, status, _method(inequality), seconds, point, reason)


def prove_all(inequalities: Iterable[Inequality]) -> Iterator[Proof]:
    """The proofs in the order given; each inequality may cite those proved before it."""
    proved: dict[str, Inequality] = {}
    known: set[str] = set()
    for inequality in inequalities:
        missing = sorted({use.name for use in inequality.given} - set(proved))
        if missing and set(missing) <= known:
            reason = f"rests on {', '.join(missing)}, not proved"
            proof = Proof(inequality, Status.UNPROVED, _method(inequality), 0.0, reason=reason)
        else:
            proof = prove(inequality, proved)
        known.add(inequality.name)
        if proof.status is Status.PROVED:
            proved[inequality.name] = inequality
        yield proof


def counterexample(inequality: Inequality) -> dict[sp.Symbol, sp.Rational]:
    """A rational point of the domain where the statement fails, by exact substitution; or none."""
    integers = [s for s in inequality.symbols if s.is_integer]
    for values in _small(integers):
        statement, domain = inequality.at(values)
        if sp.false in domain:
            continue
        free = tuple(s for s in inequality.symbols if s not in values)
        for relation in conjuncts(statement):
            if relation is sp.true:
                continue
            point = {**values, **_search(relation, domain, free)}
            if len(point) == len(inequality.symbols) and fails_at(inequality, point):
                return point
    return {}


def fails_at(inequality: Inequality, point: Mapping[sp.Symbol, sp.Rational]) -> bool:
    """Whether the statement fails at a point of the domain, by exact substitution in sympy."""
    try:
        statement, domain = inequality.at(point)
    except TypeError:  # sympy compares no value that is undefined or not real
        return False
    assumed = all(_admits(symbol, value) for symbol, value in point.items())
    return assumed and all(d is sp.true for d in domain) and statement is sp.false


def table(proofs: Iterable[Proof], unproved: Iterable[Unproved] = (), width: int = 100) -> str:
    """Name, status, time, where used and method; then the steps that are not algebra, and why."""
    line, rows, total, count = "{:<25} {:<8} {:>5}  ".format, [], 0.0, 0
    for proof in proofs:
        entry, total, count = proof.inequality, total + proof.seconds, count + 1
        head = line(entry.name, proof.status.value, f"{proof.seconds:.2f}")
        text = f"{entry.used_in} [{proof.method}]"
        rows.append(textwrap.fill(text, width, initial_indent=head, subsequent_indent=" " * 42))
        if proof.status is not Status.PROVED:
            rows.append(textwrap.fill(str(proof), width, initial_indent="  ",
                                      subsequent_indent="    "))  # fmt: skip
    rows.insert(0, line("inequality", "status", "s") + "used in [method]")
    rows.append(f"{count} {'inequality' if count == 1 else 'inequalities'}, {total:.1f} s")
    outside = list(unproved)
    if outside:
        rows.append("\nnot proved here, and why")
    for step in outside:
        text = f"{step.name} ({step.used_in}): {step.statement}. {step.reason}"
        rows.append(textwrap.fill(text, width, initial_indent="  ", subsequent_indent="    "))
    return "\n".join(rows)


def _cited(
    inequality: Inequality, proved: Mapping[str, Inequality]
) -> Iterator[tuple[str, Inequality]]:
    for use in inequality.given:
        if use.name not in proved:
            name = f"given of {inequality.name}"
            raise InvalidArgument(name, use.name, "an inequality that is proved before")
        yield use.name, proved[use.name]


def _prove(inequality: Inequality, cited: Mapping[str, Inequality]) -> None:
    if not _has_points(inequality):
        raise _Gap("no point of its domain was found")
    t = inequality.induction
    if t is None:
        return _follows(inequality, {}, cited)
    _follows(inequality, {t: _first(t)}, {})
    return _follows(inequality, {t: t + 1}, cited, step=True)


def _follows(
    inequality: Inequality,
    values: Mapping[sp.Symbol, Any],
    cited: Mapping[str, Inequality],
    *,
    step: bool = False,
) -> None:
    """The statement at `values` follows from the domain there, the uses and the hypothesis."""
    statement, domain = inequality.at(values)
    if sp.false in domain:
        return
    reals = Reals()
    for relation in domain:
        reals.suppose(relation)
    if step:
        for relation in inequality.domain:
            _establish(reals, relation, "needed of the step before")
            reals.suppose(relation)
        for relation in conjuncts(inequality.statement):
            reals.suppose(relation)
    for use in inequality.given:
        if use.name in cited:
            _cite(reals, use, cited[use.name])
    for relation in conjuncts(statement):
        _establish(reals, relation, "the step" if step else "the claim")


def _cite(reals: Reals, use: Use, lemma: Inequality) -> None:
    """Suppose an inequality at other values of its symbols, once it is shown to apply there."""
    statement, domain = lemma.at(use.at)
    where = f"for {use.name}"
    for symbol in lemma.symbols:
        value = sp.sympify(use.at.get(symbol, symbol))
        if symbol.is_integer and not value.is_integer:
            raise InvalidArgument(f"{symbol} of {use.name}", value, "an integer")
        if symbol.is_positive:
            _establish(reals, value >= 1 if symbol.is_integer else value > 0, where)
        elif symbol.is_nonnegative:
            _establish(reals, value >= 0, where)
    for relation in domain:
        _establish(reals, relation, where)
    for relation in conjuncts(statement):
        reals.suppose(relation)


def _establish(reals: Reals, relation: Any, what: str) -> None:
    answer = reals.entails(relation)
    if not answer:
        why = "does not follow from what is known" if answer is False else "is beyond the effort"
        raise _Gap(f"{what}: {relation} {why}")


def _has_points(inequality: Inequality) -> bool:
    integers = [s for s in inequality.symbols if s.is_integer]
    for values in _small(integers):
        _, domain = inequality.at(values)
        free = tuple(s for s in inequality.symbols if s not in values)
        if sp.false not in domain and (not free or _search(sp.false, domain, free)):
            return True
    return False


def _search(
    relation: Any, domain: tuple[Any, ...], free: tuple[sp.Symbol, ...]
) -> dict[sp.Symbol, sp.Rational]:
    """A point of the domain where the relation fails, rounded to rationals; may be empty."""
    reals = Reals(searching=True)
    for known in domain:
        reals.suppose(known)
    return reals.violation(relation, free)


def _small(integers: list[sp.Symbol]) -> Iterator[dict[sp.Symbol, sp.Integer]]:
    """Values of integer symbols, small ones first."""
    least = [_first(s) for s in integers]
    found = (
        dict(zip(integers, map(sp.Integer, values), strict=True))
        for extra in range(LARGEST + 1)
        for values in itertools.product(*(range(low, low + extra + 1) for low in least))
        if sum(values) == sum(least) + extra
    )
    return itertools.islice(found, SEARCHED if integers else 1)


def _first(t: sp.Symbol) -> int:
    if not (t.is_integer and t.is_nonnegative):
        raise InvalidArgument("integer symbol", t, "assumed to be nonnegative or positive")
    return 1 if t.is_positive else 0


def _admits(symbol: sp.Symbol, value: sp.Rational) -> bool:
    """Whether the value is what is assumed of the symbol."""
    return all(getattr(value, f"is_{what}") is so for what, so in symbol.assumptions0.items())


def _method(inequality: Inequality) -> str:
    method = f"induction on {inequality.induction}" if inequality.induction else "z3"
    names = list(dict.fromkeys(use.name for use in inequality.given))
    return method + (f", by {', '.join(names)}" if names else "")
