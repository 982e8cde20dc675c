"""What a claim may hold: checked when its statement is made, so that no formula fails later.

A bound is a real expression of operations that `code` evaluates elementwise; a premise is a
condition; definitions come before their use; one name stands for one symbol.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from theory.language.code import REDUCTIONS
from theory.language.errors import InvalidArgument, cut
from theory.language.functions import KNOWN
from theory.language.laws import Distribution, DistributionFunction, Law
from theory.language.numeric import Vector

if TYPE_CHECKING:
    from theory.language.claim import Claim, Statement

OPERATIONS = (sp.Add, sp.Mul, sp.Pow, sp.Max, sp.Min, sp.Mod, sp.KroneckerDelta, sp.Piecewise)
CONDITIONS = (Relational, sp.And, sp.Or, sp.Not)
EXPRESSION = "a sympy expression or a number"


def named(what: str, name: Any) -> None:
    """Refuse a name that is no text that can be written on one line."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise InvalidArgument(what, name, "text, printable and not empty")


def checked(claim: str, statement: Statement) -> Statement:
    """The statement, with numbers as expressions; InvalidArgument says what of which claim."""
    st = _as_expressions(claim, statement)
    for condition in st.premises:
        _check_premise(claim, condition)
    _check_definitions(claim, st)
    for where, e in _formulas(st):
        for fault in _faults(e):
            raise InvalidArgument(where, e, f"computable in {claim}: {fault}")
    if not isinstance(st.index, sp.Symbol) and (st.index, st.history) != (None, None):
        why = " is a recursion" if st.history is not None else ""
        allowed = f"the symbol that numbers the checkpoints, for {claim}{why}"
        raise InvalidArgument("index", st.index, allowed)
    known: dict[str, Any] = {}
    own = [s for s in (*st.definitions, st.history, st.index) if s is not None]
    for symbol in (*own, *(s for _, e in _formulas(st) for s in free(e))):
        if known.setdefault(str(symbol), symbol) != symbol:
            allowed = f"one symbol in {claim}: two of that name have different assumptions"
            raise InvalidArgument(str(symbol), symbol, allowed)
    return st


def distinct(known: dict[str, Claim], claim: Claim) -> None:
    """Add the claim to `known`; refuse another one of its name that states something else."""
    other = known.setdefault(claim.name, claim)
    if other is not claim and _content(other) != _content(claim):
        allowed = f"the name of one claim: {_printed(other)} and {_printed(claim)} differ"
        raise InvalidArgument("claim", claim.name, allowed)


def free(e: Any, bound: frozenset[Any] = frozenset()) -> set[Any]:
    """The symbols and indexed bases of an expression, without the indices of its sums."""
    if isinstance(e, sp.Symbol | sp.IndexedBase | sp.Idx):
        return set() if e in bound else {e}
    if isinstance(e, Distribution):
        return free(e.args[1], bound | {e.args[0]})
    if isinstance(e, ExprWithLimits):
        inside = bound | {limits[0] for limits in e.limits}
        ends = [end for limits in e.limits for end in limits[1:]]
        return set().union(free(e.function, inside), *(free(end, inside) for end in ends))
    return set().union(*(free(a, bound) for a in e.args))


def _content(claim: Claim) -> tuple[Any, ...]:
    quantity = claim.quantity
    return claim.kind, quantity.name, quantity.least, claim.confidence, claim.statement


def _printed(claim: Claim) -> str:
    return f"{claim.text().splitlines()[0]} ({claim.source})"


def _formulas(st: Statement) -> Iterator[tuple[str, Any]]:
    """Everything that is evaluated, and what it is called."""
    yield "bound", st.bound
    yield from ((f"premises[{i}]", p) for i, p in enumerate(st.premises))
    for name, e in st.definitions.items():
        yield f"definitions[{name}]", e
    for part, e in st.parts.items():
        yield f"parts[{part!r}]", e
    yield from (("band", e) for e in st.band or ())
    yield from (
        (w, e) for w in ("variance", "ceiling", "initial") if (e := getattr(st, w)) is not None
    )


def _as_expressions(claim: str, st: Statement) -> Statement:
    """Numbers become expressions; what is neither is refused."""

    def put(where: str, e: Any) -> Any:
        if isinstance(e, sp.Expr):
            return e
        if type(e) not in (bool, np.bool_):
            if isinstance(e, numbers.Rational):
                return sp.Rational(int(e.numerator), int(e.denominator))
            if isinstance(e, numbers.Real):
                return sp.Float(float(e))
        hint = "; a relation belongs to the premises" if isinstance(e, Relational) else ""
        raise InvalidArgument(where, e, f"{EXPRESSION} in {claim}{hint}")

    if not isinstance(st.definitions, Mapping) or not isinstance(st.parts, Mapping):
        raise InvalidArgument("definitions, parts", type(st.parts), f"dictionaries in {claim}")
    if isinstance(st.premises, str | Relational) or not isinstance(st.premises, Iterable):
        raise InvalidArgument("premises", st.premises, f"a list of relations in {claim}")
    for part in st.parts:
        named(f"a name of the parts of {claim}", part)
    if st.band is not None and (not isinstance(st.band, tuple | list) or len(st.band) != 2):
        raise InvalidArgument("band", st.band, f"a pair (lower, upper) in {claim}")
    # a premise that sympy made true holds for all values that the assumptions allow
    premises = tuple(p for p in st.premises if p is not sp.true)
    return replace(st.mapped(put), premises=premises)


def _check_premise(claim: str, condition: Any) -> None:
    if condition is sp.false:
        allowed = f"possible in {claim}: it contradicts the assumptions of its symbols"
        raise InvalidArgument("premises", condition, allowed)
    if not isinstance(condition, (*CONDITIONS, BooleanAtom)):
        allowed = f"relations such as x <= 1 or Eq(x, 1), in {claim}"
        raise InvalidArgument("premises", condition, allowed)
    for part in sp.preorder_traversal(condition):
        if isinstance(part, CONDITIONS) and not isinstance(part, Relational):
            for inner in part.args:
                _check_premise(claim, inner)
        elif isinstance(part, Relational) and not all(isinstance(s, sp.Expr) for s in part.args):
            raise InvalidArgument("premises", part, f"a relation of numbers, in {claim}")


def _check_definitions(claim: str, st: Statement) -> None:
    later = set(st.definitions)
    for name, content in st.definitions.items():
        if not isinstance(name, sp.Symbol | sp.IndexedBase):
            raise InvalidArgument("definitions", name, f"symbols that {claim} defines")
        if isinstance(content, Vector) is not isinstance(name, sp.IndexedBase):
            allowed = f"a Vector in {claim} if and only if it defines an IndexedBase"
            raise InvalidArgument(f"definitions[{name}]", content, allowed)
        if early := sorted(map(str, later & free(content))):
            allowed = f"after the definition of {', '.join(early)}, which it uses, in {claim}"
            raise InvalidArgument(f"definitions[{name}]", content, allowed)
        later.discard(name)


def _faults(e: Any) -> Iterator[str]:
    """Why the expression cannot be evaluated; nothing if it can."""
    kind = type(e).__name__
    inner = e.args
    if isinstance(e, sp.Symbol):
        unreal = e.is_extended_real is False or e.is_irrational or not e.is_commutative
        if unreal:
            yield f"{e} is assumed to be no real number that float64 holds"
        return
    if isinstance(e, sp.Number):
        value = float(e) if e is not sp.nan else np.nan
        if np.isnan(value) or (np.isinf(value) and not e.is_infinite) or (value == 0 and e != 0):
            yield f"float64 does not hold the constant {_short(e)}"
        return
    if isinstance(e, sp.Indexed):
        inner = e.indices
    elif isinstance(e, ExprWithLimits) and (kind in REDUCTIONS or isinstance(e, Vector)):
        yield from _range_faults(e)
        inner = (e.function, *(end for limits in e.limits for end in limits[1:]))
    elif isinstance(e, sp.Piecewise):
        # a branch may say that nothing is known there: NaN
        inner = [part for pair in e.args for part in pair.args if part is not sp.nan]
    elif not _known(e, kind):
        yield f"{kind} in {_short(e)} has no elementwise float64 function"
        return
    for part in inner:
        yield from _faults(part)


def _known(e: Any, kind: str) -> bool:
    if isinstance(e, AppliedUndef):
        return False
    if kind == "harmonic" and len(e.args) > 1:
        return False
    plain = (*OPERATIONS, *CONDITIONS, BooleanAtom, sp.NumberSymbol, sp.Idx)
    return isinstance(e, (*plain, Law, DistributionFunction)) or kind in KNOWN


def _range_faults(e: Any) -> Iterator[str]:
    for limits in e.limits:
        if len(limits) != 3 or any(end.has(sp.oo, -sp.oo) for end in limits[1:]):
            yield f"{type(e).__name__} has no finite range: write its closed form"
            return


def _short(e: Any) -> str:
    return cut(str(e), 40)
