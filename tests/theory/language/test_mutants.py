"""Mutants of claims: every rule makes the slips it is there for, and no two mutants are equal."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import sympy as sp
from sympy.core.cache import clear_cache

from theory import (
    EXACT_EXPECTATION,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    Claim,
    Quantity,
    Statement,
    claim,
    claims,
)
from theory.language import mutation, points
from theory.language.mutation import (
    counts,
    exponents,
    factors,
    fingerprint,
    mutants,
    ranges,
    summands,
    symbols,
    whole,
)
from theory.language.numeric import MaxOver, Vector
from theory.language.vocabulary import COUNT, POSITIVE, UNIT, Vocabulary

x, y = sp.symbols("x y", positive=True)
k = sp.Symbol("k", nonnegative=True)
i = sp.Symbol("i", integer=True)
v = sp.IndexedBase("v", positive=True)


def changed(slips):
    return {new for _, _, new in slips}


@pytest.mark.parametrize(
    ("rule", "expression", "expected"),
    [
        (factors, x * y, {x, y, x**2 * y, x * y**2}),
        (factors, 2 * x, {x, sp.Integer(2), 2 * x**2}),
        (factors, -x, {sp.Integer(-1), -(x**2)}),
        (factors, x + y, set()),
        (
            summands,
            1 - x,
            {-x, sp.S.One, -1 - x, 1 + x, sp.S.Half - x, 1 - x / 2, 2 - x, 1 - 2 * x},
        ),
        (summands, x * y, set()),
        (exponents, (1 - x) ** k, {(1 - x) ** (k + 1), (1 - x) ** (k - 1)}),
        (exponents, sp.sqrt(x), {x ** sp.Rational(3, 2), 1 / sp.sqrt(x)}),
        (exponents, 1 / x, {sp.S.One, x**-2}),
        (ranges, sp.Sum(v[i], (i, 0, 3)), {sp.Sum(v[i], (i, 1, 3)), sp.Sum(v[i], (i, 0, 2))}),
        (ranges, MaxOver(v[i], (i, 0, 3)), {MaxOver(v[i], (i, 1, 3)), MaxOver(v[i], (i, 0, 2))}),
        (ranges, Vector(v[i], (i, 0, 3)), set()),
        (whole, x + y, {x / 2 + y / 2, 2 * x + 2 * y}),
        (whole, Vector(v[i], (i, 0, 3)), {v[i] / 2, 2 * v[i]}),
    ],
)
def test_rules_on_nodes(rule, expression, expected):
    assert changed(rule(expression)) == expected


def test_rules_on_symbols():
    words = Vocabulary()
    share, other = words.symbol("share", "", UNIT), words.symbol("other", "", UNIT)
    step, copies = words.symbol("step", "", POSITIVE), words.symbol("copies", "", COUNT)
    vector = words.indexed("vector", "", POSITIVE)
    assert changed(symbols(words["share"], words)) == {other, sp.S.One}
    assert changed(symbols(words["step"], words)) == {sp.S.One}
    assert changed(symbols(words["vector"], words)) == {step}
    assert changed(counts(words["step"], words)) == {step * copies, step / copies}
    assert changed(counts(words["vector"], words)) == set()
    assert vector != share


def toy():
    r = sp.Symbol("r", positive=True)
    return Claim.of("toy", (1 - r) ** k * x + y, kind=UPPER_EXPECTATION, source="a test",
                    definitions={r: x * y}, index=k)  # fmt: skip


def values(one):
    point = {"x": 0.31, "y": 0.57, "k": np.arange(5)}
    return tuple(np.round(np.broadcast_to(one.evaluate(point).bound, 5), 9))


@pytest.mark.parametrize("original", [toy(), claim("identity/aggregation")], ids=lambda c: c.name)
def test_mutants_differ(original):
    found = list(mutants(original))
    names = [mutant.name for mutant in found]
    assert len(set(names)) == len(names) > 15
    assert all(name.startswith(f"{original.name}~") for name in names)
    assert all(mutant.statement.premises == original.statement.premises for mutant in found)


def test_no_two_mutants_are_equal():
    found = [values(toy()), *map(values, mutants(toy()))]
    assert len(set(found)) == len(found)


def test_slips_that_people_make():
    names = {mutant.name.partition("~")[2] for mutant in mutants(toy())}
    assert {
        "bound: drop y in y + x*(1 - r)**k",
        "bound: (1 - r)**k -> (1 - r)**(1 + k)",
        "bound: negate -r in 1 - r",
        "bound: double y in y + x*(1 - r)**k",
        "r: drop y in x*y",
        "everywhere: x -> y",
    } <= names


def test_counts_named_by_the_meaning_of_a_symbol():
    names = {mutant.name for mutant in mutants(claim("identity/noise-variance"))}
    assert "identity/noise-variance~everywhere: V -> V*p" in names


def test_what_has_no_value_is_no_mutant():
    """log(x) of a negative number: a complex number, not a bound."""
    logarithm = Claim.of("log", sp.log(1 + x), kind=UPPER_EXPECTATION, source="a test")
    for mutant in mutants(logarithm):
        assert np.isfinite(mutant(x=0.3))


def beyond():
    """Reads entries up to one beyond each of two counts."""
    words = Vocabulary()
    top, other = words.symbol("top", "", COUNT), words.symbol("other", "", COUNT)
    entries = words.indexed("entries", "", POSITIVE)
    bound = sp.Sum(entries[i], (i, 0, top + 1)) + entries[other + 1]
    return Claim("beyond", "a test", UPPER_EXPECTATION, Quantity("q", "", ""),
                 lambda: Statement(bound), words, "")  # fmt: skip


def rarely():
    """A number only where x is less than a twentieth of y."""
    return Claim.of("rarely", sp.sqrt(y - 20 * x), kind=UPPER_EXPECTATION, source="a test")


@pytest.mark.parametrize("original", [beyond(), rarely()], ids=lambda c: c.name)
def test_points_are_looked_for_where_the_claim_has_a_value(original, monkeypatch):
    assert len(list(mutants(original))) > 5
    monkeypatch.setattr(points, "ATTEMPTS", 1)
    assert points.first_points(original)[1] == ()


def test_every_claim_has_a_value_at_its_points():
    """Else mutants would be compared with nothing, or there would be none."""
    assert [name for name, each in claims().items() if not points.first_points(each)[1]] == []


def test_a_part_of_the_mutants():
    few = [values(mutant) for mutant in mutants(toy(), every=5)]
    every = [values(mutant) for mutant in mutants(toy())]
    assert 0 < len(few) < len(every) / 3
    assert set(few) <= set(every)


def test_a_symbol_of_that_name_elsewhere():
    """A definition is not what another theorem calls by its name."""
    words = Vocabulary()
    assert (
        words.symbol("r", "someone else's", UNIT | sp.Interval(-1, 0))
        not in toy().statement.definitions
    )
    names = {mutant.name for mutant in mutants(toy())}
    assert {mutant.name for mutant in mutants(replace(toy(), vocabulary=words))} == names


LIMIT_LAW = "limit-law"


def test_the_fingerprint_is_the_same_in_every_process():
    code = "from theory import claim; from theory.language import mutation; import sys; "
    code += "assert 'torch' not in sys.modules; "
    code += f"print(mutation.fingerprint(claim({LIMIT_LAW!r})))"
    for seed in "12":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        run = [sys.executable, "-c", code]
        told = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
        assert told.stdout.strip() == fingerprint(claim(LIMIT_LAW))


def test_the_fingerprint_does_not_depend_on_which_of_two_equal_symbols_is_met():
    """Sympy's cache hands out the one that was there first."""
    made = [sp.Symbol("s", positive=True), sp.Symbol("s", positive=True, real=True)]
    assert made[0] == made[1]
    assert sp.srepr(made[0]) != sp.srepr(made[1])
    found = set()
    for symbol in made:
        clear_cache()
        twin = Claim.of("twin", symbol**2 + 1, kind=UPPER_PATHWISE, source="here")
        found.add(fingerprint(twin))
    assert len(found) == 1


def test_the_fingerprint_changes_with_the_statement_and_the_rules(monkeypatch):
    original, statement = toy(), toy().statement
    changes = {
        "bound": statement.bound + 1,
        "definitions": {s: e + 1 for s, e in statement.definitions.items()},
        "premises": (x > y,),
        "variance": x,
        "ceiling": y,
        "size": y,
        "index": None,
    }
    found = {fingerprint(original)}
    for field, value in changes.items():
        build = partial(replace, statement, **{field: value})
        found.add(fingerprint(replace(original, build=build)))
    for band in (None, (x, y)):  # of an equality of means alone
        build = partial(replace, statement, variance=x, band=band)
        found.add(fingerprint(replace(original, kind=EXACT_EXPECTATION, build=build)))
    assert len(found) == 3 + len(changes)
    assert fingerprint(replace(original, name="twin", summary="said otherwise")) in found
    monkeypatch.setattr(mutation, "RULES", mutation.RULES + 1)
    assert fingerprint(original) not in found
