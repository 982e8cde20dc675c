"""Points of a claim's domain, and its numbers there: whether two claims differ at all."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from theory.language.claim import Claim
from theory.language.kinds import Mode
from theory.language.vocabulary import COUNT, POSITIVE, Variable, undocumented

POINTS, LENGTH, ROUNDS, ATTEMPTS = 3, 9, 4, 8
"""Points at which mutants are compared; counts there, at least; values of the index; sets of
points that are tried until the claim has a value there."""

VALUES = (-1.0, 0.0, 0.3, 1.0, 2.5, 6.0, 15.0)
"""Where the distribution functions of laws are compared."""

NOT_A_NUMBER = (ArithmeticError, LookupError, NameError, TypeError, ValueError, RuntimeWarning)
"""What evaluating a formula with a slip in it may raise."""


def known_variables(claim: Claim) -> dict[str, Variable]:
    """Symbols of the claim, its definitions, and symbols that their meanings name."""
    found = dict(claim.variables)
    for s in claim.statement.definitions:
        named = claim.vocabulary.get(str(s))
        if named is None or named.symbol != s:  # a symbol of its own, of that name
            named = undocumented(s)
        found[str(s)] = named
    for variable in tuple(found.values()):
        for word in re.findall(r"\w+", variable.meaning):
            named = claim.vocabulary.get(word)
            if named is not None and named.domain in (COUNT, POSITIVE):
                found.setdefault(word, named)
    return dict(sorted(found.items()))


def first_points(claim: Claim) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Points at which the claim has a value, and its numbers there; the first such ones."""
    for attempt in range(ATTEMPTS):
        points = _points(claim, attempt)
        if numbers := numbers_at(claim, points):
            break
    return points, numbers


def _points(claim: Claim, attempt: int = 0) -> list[dict[str, Any]]:
    """Values for every symbol a mutant may hold; the counts of a point differ.

    In later attempts there are more entries, for a claim may read some beyond its counts, and
    values of several sizes, for it may be no number at the first ones.
    """
    known, index = known_variables(claim), str(claim.statement.index)
    points, most = [], max(LENGTH, len(known))
    for seed in range(POINTS):
        rng = np.random.default_rng(seed + POINTS * attempt)
        counts = iter(rng.permutation(np.arange(2, 2 + most)).tolist())
        point: dict[str, Any] = {}
        for name, variable in known.items():
            low = _least(variable)
            shape = (1 + most * (1 + attempt),) * variable.axes  # a count may be theirs
            if variable.integer:
                point[name] = next(counts)
            else:
                up = 0 if variable.domain.sup.is_finite else attempt / 2
                size = 10 ** rng.uniform(-attempt / 2, up) if attempt else 1.0
                point[name] = low + size * rng.uniform(0.1, 0.9, shape)
            if variable.symbol.assumptions0.get("extended_negative"):
                point[name] = -point[name]
        for name in ("n", "K"):
            if name in point:
                point[name] = 3 + 2 * seed if name == "n" else 4 + seed
        if index in point:
            start = max(int(_least(known[index])), int(known[index].symbol.is_positive is True))
            point[index] = start + np.arange(ROUNDS)
        points.append(point)
    return points


def _least(variable: Variable) -> float:
    """The smallest value of its domain that is not negative."""
    return max(0.0, float(variable.domain.inf)) if variable.domain.inf.is_finite else 0.0


def numbers_at(claim: Claim, points: list[dict[str, Any]]) -> tuple[str, ...]:
    """The bound and its band at the points, to eight digits; empty if it has no value there."""
    found: list[float] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a complex number that lost its imaginary part
        try:
            for numeric, point in _numeric(claim, points):
                evaluation = numeric.evaluate(point, where=np.array(True))
                for row in (evaluation.bound, evaluation.lower, evaluation.upper):
                    found += [] if row is None else np.broadcast_to(row, (ROUNDS,)).tolist()
        except NOT_A_NUMBER:
            return ()
    return tuple(f"{x:.7e}" for x in found) if np.isfinite(found).any() else ()


def _numeric(claim: Claim, points: list[dict[str, Any]]) -> Iterator[tuple[Claim, dict[str, Any]]]:
    """The claim at the points; the distribution function of a law, at several values each."""
    if claim.kind.mode is not Mode.LAW:
        yield from ((claim, point) for point in points)
        return
    yield from (claim.at(point, x) for point in points for x in VALUES)
