"""Mutants of a claim: the claim with one slip in one formula.

The rules know no theorem. On every node of the expression trees of the bound (with its band), the
definitions and the initial value of a recursion: drop a factor or square it; drop, negate, halve or
double a summand; raise or lower an exponent by one; shorten a sum at either end; raise or lower a
parameter of a law by one, halve or double it; halve or double the whole; shift the index by one. On
every symbol, in one formula and everywhere: replace it by another one of its domain, by 1, by 0;
everywhere also by its product or quotient with a count. The other symbols are those of the claim,
and the counts and positive numbers that the meanings of its symbols name: V -> V*p, zeta -> eta.

Premises stay, and speak of the changed definitions. Mutants that are equal, to the original or to
each other, at points drawn from the domains are one; what cannot be evaluated is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from theory.language.claim import Claim, Statement
from theory.language.digest import written
from theory.language.errors import InvalidArgument, cut
from theory.language.hashing import hashed
from theory.language.laws import Distribution, Law
from theory.language.numeric import Vector
from theory.language.points import first_points, known_variables, numbers_at
from theory.language.text import plain_text
from theory.language.vocabulary import COUNT, Variable

Change = Callable[[Any], Any]
"""What a slip does to an expression."""

RULES = 1
"""Version of the rules: raised whenever they make other mutants of the same claim."""

EVERYWHERE = "everywhere"
LONGEST = 36
"""Characters of a formula in the name of a mutant."""


def mutants(claim: Claim, *, every: int = 1) -> Iterator[Claim]:
    """The mutants of a claim, named `<claim>~<where>: <what>`; no two are equal.

    `every` > 1 makes a part of them: one slip of so many.
    """
    points, own = first_points(claim)
    numbers, names = {own}, set[str]()
    slips: dict[tuple[Any, ...], tuple[str, Statement]] = {}
    for what, statement in _slips(claim):
        slips.setdefault(_content(statement), (what, statement))
    for content, (what, statement) in list(slips.items())[::every]:
        if any(e.has(sp.nan, sp.zoo, sp.oo) for e in content if e is not None):
            continue
        name = f"{claim.name}~{what}"
        name += f" ({len(names)})" if name in names else ""  # long formulas are shortened in names
        mutant = replace(claim, name=name, build=partial(replace, statement))
        found = numbers_at(mutant, points)
        if found and found not in numbers:
            numbers.add(found)
            names.add(name)
            yield mutant


def mutant(claim: Claim, what: str) -> Claim:
    """The mutant of the claim with that slip, as `mutants` names it after the `~`."""
    if "..." not in what:  # names of shortened formulas may be those of several slips
        for _, statement in _slips(claim, what):
            return replace(claim, name=f"{claim.name}~{what}", build=partial(replace, statement))
    for found in mutants(claim):
        if found.name == f"{claim.name}~{what}":
            return found
    raise InvalidArgument("slip", what, f"one that `mutants` makes of {claim.name}")


def fingerprint(claim: Claim) -> str:
    """A hash of what decides the mutants of a claim: its statement, its kind and the rules.

    The same in every process; a score that was measured at another fingerprint is stale.
    """
    return hashed(f"{RULES}\n{written(claim)}")


# --- rules on nodes: (what, old, new) ------------------------------------------------------------

Slip = tuple[str, Any, Any]


def factors(e: sp.Basic) -> Iterator[Slip]:
    """Drop or square a factor of a product."""
    if isinstance(e, sp.Mul):
        for factor in e.args:
            if factor != -1:
                yield f"drop {_text(factor)} in {_text(e)}", e, e / factor
            if factor.is_Symbol or isinstance(factor, sp.Indexed):
                yield f"square {_text(factor)} in {_text(e)}", e, e * factor


def summands(e: sp.Basic) -> Iterator[Slip]:
    """Drop, negate, halve or double a summand."""
    if isinstance(e, sp.Add):
        for term in e.args:
            for word, times in ("drop", 0), ("negate", -1), ("halve", sp.S.Half), ("double", 2):
                changed = sp.Add(*(times * t if t == term else t for t in e.args))
                yield f"{word} {_text(term)} in {_text(e)}", e, changed


def exponents(e: sp.Basic) -> Iterator[Slip]:
    """Raise or lower an exponent by one."""
    if isinstance(e, sp.Pow):
        for shift in (1, -1):
            changed = sp.Pow(e.base, e.exp + shift)
            yield f"{_text(e)} -> {_text(changed)}", e, changed


def ranges(e: sp.Basic) -> Iterator[Slip]:
    """Leave out the first or the last value of the index of a sum or maximum."""
    if isinstance(e, ExprWithLimits) and not isinstance(e, Vector):
        for position, (index, low, high) in enumerate(e.limits):
            for lo, hi in ((low + 1, high), (low, high - 1)):
                limits = list(e.limits)
                limits[position] = (index, lo, hi)
                what = f"{index} = {_text(lo)}..{_text(hi)} in {_text(e.function)}"
                yield what, e, e.func(e.function, *limits)


def parameters(e: sp.Basic) -> Iterator[Slip]:
    """Raise, lower, halve or double a parameter of a law."""
    if isinstance(e, Law) and not isinstance(e, Distribution):
        for position, old in enumerate(e.args):
            for new in (old + 1, old - 1, old / 2, 2 * old):
                changed = e.func(*e.args[:position], new, *e.args[position + 1 :])
                yield f"{_text(e)} -> {_text(changed)}", e, changed


NODE_RULES: tuple[Callable[[sp.Basic], Iterator[Slip]], ...] = (
    factors,
    summands,
    exponents,
    ranges,
    parameters,
)


def whole(e: sp.Basic) -> Iterator[Slip]:
    """Halve or double a formula."""
    content = e.function if isinstance(e, Vector) else e
    yield "halve", content, content / 2
    yield "double", content, 2 * content


# --- rules on symbols: (what, old, new) ----------------------------------------------------------


def symbols(variable: Variable, others: Mapping[str, Variable]) -> Iterator[Slip]:
    """Replace a symbol by a similar one, by 1, by 0."""
    old = variable.symbol
    similar = [v.symbol for v in others.values() if v.domain == variable.domain and v.symbol != old]
    scalar = [s for s in similar if s.is_Symbol]
    if variable.axes:
        bases = [v.symbol for v in others.values() if v.axes == variable.axes]
        new = [s for s in similar if s in bases] + (scalar if variable.axes == 1 else [])
    else:
        new = scalar + [c for c in (sp.S.One, sp.S.Zero) if c in variable.domain]
    for e in new:
        yield f"{_text(old)} -> {_text(e)}", old, e


def counts(variable: Variable, others: Mapping[str, Variable]) -> Iterator[Slip]:
    """Multiply or divide a symbol by a count."""
    old = variable.symbol
    if not variable.axes:
        for other in others.values():
            if other.domain == COUNT and other.symbol != old:
                for e in (old * other.symbol, old / other.symbol):
                    yield f"{_text(old)} -> {_text(e)}", old, e


# --- application ---------------------------------------------------------------------------------


def _slips(claim: Claim, only: str = "") -> Iterator[tuple[str, Statement]]:
    """Every name and changed statement, repetitions included; or those of the name `only`."""
    statement = claim.statement
    places = _places(statement)
    for place, expressions in places.items():
        yield from _named(statement, place, whole(expressions[0]), only)
        nodes = dict.fromkeys(node for e in expressions for node in _nodes(e))
        for rule in NODE_RULES:
            for node in nodes:
                yield from _named(statement, place, rule(node), only)
        if statement.index is not None:
            k = statement.index
            yield from _named(
                statement, place, ((f"{k} -> {_text(e)}", k, e) for e in (k + 1, k - 1)), only
            )
    known = known_variables(claim)
    for place, expressions in {**places, EVERYWHERE: sum(places.values(), ())}.items():
        held = {str(a) for e in expressions for a in e.atoms(sp.Symbol, sp.IndexedBase)}
        for name, variable in known.items():
            if name in held and variable.symbol not in (statement.index, statement.history):
                yield from _named(statement, place, symbols(variable, known), only)
                if place == EVERYWHERE:
                    yield from _named(statement, place, counts(variable, known), only)


def _named(
    statement: Statement, place: str, slips: Iterator[Slip], only: str
) -> Iterator[tuple[str, Statement]]:
    for what, old, new in slips:
        if only not in ("", f"{place}: {what}"):
            continue
        change = _putting(old, new)
        changed = _changed(statement, place, change)
        if changed != statement:
            yield f"{place}: {what}", changed


def _places(statement: Statement) -> dict[str, tuple[sp.Expr, ...]]:
    """The formulas by name: the band belongs to the bound."""
    places = {"bound": (statement.bound, *(statement.band or ()))}
    places |= {str(s): (e,) for s, e in statement.definitions.items()}
    if statement.initial is not None:
        places["initial"] = (statement.initial,)
    return places


def _changed(statement: Statement, place: str, change: Change) -> Statement:
    """The statement with one formula changed; the variance follows the bound."""

    def at(name: str, e: Any) -> Any:
        return change(e) if e is not None and place in (name, EVERYWHERE) else e

    band = statement.band and (at("bound", statement.band[0]), at("bound", statement.band[1]))
    return replace(
        statement,
        bound=at("bound", statement.bound),
        band=band,
        variance=at("bound", statement.variance),
        ceiling=at(EVERYWHERE, statement.ceiling),
        definitions={s: at(str(s), e) for s, e in statement.definitions.items()},
        initial=at("initial", statement.initial),
        parts={},
    )


def _putting(old: Any, new: Any) -> Change:
    """Replaces `old` everywhere but in subscripts, ranges and conditions."""

    def put(e: Any) -> Any:
        if e == old:
            return new
        if isinstance(e, sp.Indexed):
            if e.base != old:
                return e
            return new[e.indices] if isinstance(new, sp.IndexedBase) else new
        if isinstance(e, ExprWithLimits):
            function = put(e.function)
            return e if function == e.function else e.func(function, *e.limits)
        if isinstance(e, sp.Piecewise):
            return sp.Piecewise(*((put(value), condition) for value, condition in e.args))
        args = tuple(map(put, e.args))
        if args == e.args:
            return e
        if isinstance(e, sp.Max | sp.Min):  # which argument is larger is slow to find out
            return e.func(*args, evaluate=False)
        return e.func(*args)

    return put


def _nodes(e: Any) -> Iterator[sp.Basic]:
    """The nodes of an expression outside subscripts, ranges and conditions."""
    yield e
    if isinstance(e, sp.Indexed):
        return
    inner = e.args
    if isinstance(e, ExprWithLimits):
        inner = (e.function,)
    elif isinstance(e, sp.Piecewise):
        inner = tuple(value for value, _ in e.args)
    for arg in inner:
        yield from _nodes(arg)


def _content(statement: Statement) -> tuple[Any, ...]:
    """What a slip can change."""
    band = statement.band or ()
    return statement.bound, *band, statement.initial, *statement.definitions.values()


@lru_cache(maxsize=4096)
def _text(e: Any) -> str:
    return cut(plain_text(e), LONGEST)
