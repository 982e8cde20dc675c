"""How far float64 may be from the truth of a formula: an enclosure that follows its operations.

Every operation may lose a few roundings of its result and passes on the errors of its arguments, so
a formula that cancels gets a wide enclosure, and one that does not a tight one.
"""

from functools import cache

import mpmath
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.concrete.expr_with_limits import ExprWithLimits

from theory.language.numeric import MaxOver, Vector

EPS = mpmath.mpf(2) ** -52
FLOOR, CEILING = mpmath.mpf("1e-290"), mpmath.mpf("1e290")
LEAST_FACTOR, BITS = FLOOR * 1e9, 290 / 0.30103
DIGITS = 100
MONOTONE = {
    sp.exp: mpmath.exp,
    sp.log: mpmath.log,
    sp.tanh: mpmath.tanh,
    sp.erf: mpmath.erf,
    sp.atan: mpmath.atan,
    log1p: mpmath.log1p,
    expm1: mpmath.expm1,
    sp.floor: mpmath.floor,
    sp.ceiling: mpmath.ceil,
}


class OutOfRangeError(Exception):
    """Some operation leaves the range of float64, or cannot be enclosed."""


def enclosed(expression, at):
    """(value, error) of the expression at numbers and arrays; None where it cannot be enclosed.

    Entries of `at` are numbers, or such pairs, or arrays of either.
    """
    try:
        with mpmath.workdps(DIGITS):
            return _enclosed(expression, _Values(at))
    except OutOfRangeError:
        return None


def with_definitions(definitions, at):
    """`at` and the enclosures of the definitions, in their order; what has none is left out."""
    found = dict(at)
    for name, content in definitions.items():
        if isinstance(content, Vector):
            ((index, low, high),) = content.limits
            ends = (int(enclosed(end, found)[0]) for end in (low, high))
            first, last = ends
            entry = [
                enclosed(content.function, {**found, index: t}) for t in range(first, last + 1)
            ]
        else:
            entry = enclosed(content, found)
        found[name] = entry
    return found


class _Values(dict):
    """Values by symbol, those of running indices among them; what was computed from them is kept.

    So what does not depend on an index is computed once, not at every value of the index.
    """

    def __init__(self, at, running=(), kept=None):
        super().__init__(at)
        self.running, self.kept = running, {} if kept is None else kept

    def inside(self, index, t):
        return _Values({**self, index: t}, (*self.running, index), self.kept)

    def key(self, e):
        return e, *((i, self[i]) for i in self.running if i in _symbols(e))


@cache
def _symbols(e):
    return e.free_symbols


@cache
def _summand(e):
    """What a sum, product or maximum runs over, and its outermost range."""
    *inner, limits = e.limits
    return e.func(e.function, *inner) if inner else e.function, limits


def _number(entry):
    if entry is None:
        raise OutOfRangeError
    if isinstance(entry, tuple):
        return entry
    return mpmath.mpf(entry), mpmath.mpf(0)


def _enclosed(e, at):
    if not e.args:
        return _rounded(e, at)
    key = at.key(e)
    if key not in at.kept:
        at.kept[key] = _rounded(e, at)
    return at.kept[key]


def _rounded(e, at):
    value, error = _operation(e, at)
    if not (isinstance(value, mpmath.mpf) and abs(value) + error < CEILING):
        raise OutOfRangeError(e)
    return value, error + 4 * EPS * abs(value) + FLOOR


@cache
def _constant(e):
    return mpmath.mpf(sp.Float(e, DIGITS)._mpf_)


def _operation(e, at):
    if isinstance(e, sp.Indexed):
        entry = at[e.base]
        for place in e.indices:
            entry = entry[int(_operation(place, at)[0])]
        return _number(entry)
    if e in at:
        return _number(at[e])
    if e.is_Number or e.is_NumberSymbol:
        if e.is_infinite:
            raise OutOfRangeError(e)
        return _constant(e), mpmath.mpf(0)
    if isinstance(e, sp.Piecewise):
        for part, condition in e.args:
            if _true(condition, at):
                return _enclosed(part, at)
        raise OutOfRangeError(e)  # no branch: NaN in float64
    if isinstance(e, ExprWithLimits):
        body, (index, low, high) = _summand(e)
        ends = int(_operation(low, at)[0]), int(_operation(high, at)[0]) + 1
        parts = [_enclosed(body, at.inside(index, t)) for t in range(*ends)]
        kind = {sp.Sum: sp.Add, sp.Product: sp.Mul, MaxOver: sp.Max}[type(e)]
    else:
        parts, kind = [_enclosed(a, at) for a in e.args], e.func
    values, errors = zip(*parts, strict=True) if parts else ((), ())
    if kind is sp.Add:
        total = sum(errors) + len(parts) * EPS * sum(map(abs, values))
        return mpmath.mpf(sum(values)), mpmath.mpf(total)
    if kind is sp.Mul:
        sizes = [abs(x) + d for x, d in parts]
        # in whatever order they are multiplied, nothing leaves the range of float64
        if sum(abs(mpmath.mag(x)) for x in sizes if x > LEAST_FACTOR) >= BITS:
            raise OutOfRangeError(e)
        largest = mpmath.fprod(sizes) * (1 + len(parts) * EPS)
        return mpmath.fprod(values), largest - abs(mpmath.fprod(values))
    if kind in (sp.Max, sp.Min):
        return (max if kind is sp.Max else min)(values), max(errors)
    if kind is sp.Abs:
        return abs(values[0]), errors[0]
    if kind is sp.binomial and not any(x != int(x) for x in values):
        found = mpmath.binomial(*values)
        return found, 1000 * EPS * found
    return _by_ends(e, kind, parts)


def _by_ends(e, kind, parts):
    """Powers and monotone functions: the value and those at the ends of the enclosures."""
    base, off = parts[0]
    ends = [base - off, base, base + off]
    if kind is sp.Pow:
        power, drift = parts[1]
        drift = mpmath.mpf(0) if e.exp.is_number else drift
        whole = power == int(power) and drift == 0
        if not whole:
            ends = [max(t, mpmath.mpf(0)) for t in ends]
        if (power - drift <= 0 and abs(base) <= 2 * off) or (not whole and base < 0):
            raise OutOfRangeError(e)
        found = [
            t**p for t in ends for p in ((power,) if whole else (power - drift, power + drift))
        ]
        middle = base**power
        if abs(base) <= off:
            found.append(mpmath.mpf(0))
        return middle, max(abs(t - middle) for t in found)
    poles = {sp.log: 0, log1p: -1}
    if kind not in MONOTONE or (kind in poles and base - poles[kind] <= 2 * off):
        raise OutOfRangeError(e)
    found = [MONOTONE[kind](t) for t in ends]
    return found[1], max(abs(t - found[1]) for t in found)


def _true(condition, at):
    """Whether a comparison holds whatever the errors of its sides."""
    if condition in (sp.true, sp.false):
        return condition is sp.true
    if isinstance(condition, sp.And | sp.Or):
        found = [_true(part, at) for part in condition.args]
        return all(found) if isinstance(condition, sp.And) else any(found)
    (left, a), (right, b) = (_operation(side, at) for side in (condition.lhs, condition.rhs))
    if abs(left - right) <= 4 * (a + b) and (a + b) > 0:
        raise OutOfRangeError(condition)
    return bool(condition.func(sp.Float(left, DIGITS), sp.Float(right, DIGITS)))
