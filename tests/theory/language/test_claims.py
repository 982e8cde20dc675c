"""Mechanics of claims: missing and bad values, regimes, recursions, writing, pickling."""

import pickle
import re

import numpy as np
import pytest
import sympy as sp

import theory
from theory import (
    EXACT_EXPECTATION,
    UPPER_EXPECTATION,
    Claim,
    FailedPremise,
    InvalidArgument,
    OutOfRegime,
    Quantity,
    Statement,
    Vocabulary,
    registry,
)
from theory.language.numeric import replaced
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, OPEN_UNIT, POSITIVE, UNIT

WORDS = Vocabulary()
k = WORDS.symbol("k", "round", INDEX)
n = WORDS.symbol("n", "samples", COUNT)
x = WORDS.symbol("x", "step size", POSITIVE)
q = WORDS.symbol("q", "share", UNIT)
o = WORDS.symbol("o", "open share", OPEN_UNIT)
a = WORDS.symbol("a", "start", NONNEGATIVE)
f = WORDS.symbol("f", "abbreviation")
z = WORDS.indexed("z", "noise", NONNEGATIVE)
B = sp.IndexedBase("B", nonnegative=True)

REGISTERED = theory.claims()
registered = pytest.mark.parametrize("claim", REGISTERED.values(), ids=list(REGISTERED))


def claim_of(kind=UPPER_EXPECTATION, **statement):
    content = Statement(**statement)
    return Claim("test", "here", kind, Quantity("y", "E y", "y"), lambda: content, WORDS)


DECAY = claim_of(bound=f**k * a + o, premises=(x * q <= 1, f > 0), definitions={f: 1 - x * q / 2})
GOOD = {"k": 3, "x": 1.0, "q": 0.5, "o": 0.25, "a": 2.0}
RECURSION = claim_of(bound=B[k - 1] / 2 + z[k - 1], history=B, initial=a, index=k)


def test_a_value():
    assert DECAY(**GOOD) == pytest.approx(0.75**3 * 2 + 0.25)
    np.testing.assert_allclose(DECAY(**GOOD | {"k": [0, 1]}), [2.25, 1.75])
    assert DECAY(**GOOD, unused=1) == DECAY(**GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_value_is_named_with_its_meaning(name):
    rest = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(InvalidArgument, match=WORDS[name].meaning) as caught:
        DECAY(**rest)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, float("nan")) for name in GOOD),
        *((name, "many") for name in GOOD),
        ("k", -1),
        ("k", 1.5),
        ("k", [0, 1, -2]),
        ("x", 0.0),
        ("x", -1.0),
        ("q", 0.0),
        ("q", 1.0 + 1e-15),
        ("o", 1.0),
        ("o", 0.0),
        ("a", -1e-300),
    ],
)
def test_outside_the_domain(name, value):
    with pytest.raises(InvalidArgument) as caught:
        DECAY(**GOOD | {name: value})
    assert caught.value.name == name


def test_a_vector_must_be_one():
    with pytest.raises(InvalidArgument, match="1 axis"):
        RECURSION(k=[0, 1], a=1.0, z=0.5)


def test_ends_of_domains_are_inside():
    assert np.isfinite(DECAY(**GOOD | {"k": 0, "q": 1.0, "a": 0.0}))


@pytest.mark.parametrize("values", [{"x": 4.0}, {"x": [0.5, 4.0]}, {"x": [4.0, 4.0]}])
def test_out_of_regime_names_premise_and_values(values):
    with pytest.raises(OutOfRegime) as caught:
        DECAY(**GOOD | values)
    failures = caught.value.failures
    assert [(p.premise, p.values) for p in failures] == [
        ("q*x <= 1", {"q": 0.5, "x": 4.0}),
        ("f > 0", {"f": 0.0}),
    ]
    assert "f = 0" in str(caught.value)
    assert "test" in str(caught.value)


def test_points_out_of_regime_give_no_number():
    values = GOOD | {"x": [0.5, 4.0, 1.0]}
    holds = DECAY.regime(values).holds
    assert holds.tolist() == [True, False, True]
    bound = DECAY.evaluate(values, where=holds).bound
    assert np.isnan(bound).tolist() == [False, True, False]


def test_a_premise_of_nan_fails():
    singular = claim_of(bound=a, premises=(f > 0,), definitions={f: (a - a) * 0 + a / (a - 1)})
    assert not singular.regime({"a": [0.0, 1.0]}).holds[0]
    undefined = claim_of(bound=a, premises=(f >= 0,), definitions={f: (a - 1) / (a - 1) ** 2 * 0})
    assert undefined.regime({"a": 2.0}).holds
    nan = claim_of(bound=a, premises=(f >= 0,), definitions={f: sp.sqrt(a - 1)})
    assert not nan.regime({"a": 0.5}).holds


@pytest.mark.parametrize(("right", "holds"), [(0.3, True), (0.3 + 1e-13, True), (0.31, False)])
def test_equalities_allow_rounding_only(right, holds):
    equal = claim_of(bound=a, premises=(sp.Eq(a, x),))
    assert bool(equal.regime({"a": 0.1 + 0.2, "x": right}).holds) is holds


def test_recursion():
    z = [0.5, 1.0, 2.0]
    found = RECURSION(k=[0, 1, 2, 3], a=4.0, z=z)
    np.testing.assert_allclose(found, [4, 2.5, 2.25, 3.125])
    assert float(RECURSION.evaluate_exact({"k": 3, "a": 4.0, "z": z})) == 3.125


@pytest.mark.parametrize("index", [3, [1, 2, 3], [0, 2], [0, 1, 1], [[0, 1]]])
def test_a_recursion_needs_every_index(index):
    with pytest.raises(InvalidArgument, match=r"0, 1, \.\.\., K"):
        RECURSION(k=index, a=4.0, z=[0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    "bad",
    [
        claim_of(EXACT_EXPECTATION, bound=a),
        claim_of(bound=a, history=B, index=k),
        claim_of(bound=a, initial=a, index=k),
    ],
)
def test_incomplete_statements(bad):
    with pytest.raises(ValueError, match=r"variance|come together"):
        bad(a=1.0)


def test_a_claim_from_a_bound_at_hand():
    free = sp.Symbol("free")
    assert Claim.of("quick", free**2, kind=UPPER_EXPECTATION, source="here")(free=-3.0) == 9


def test_the_index_of_a_sum_is_no_symbol_to_replace():
    """What is replaced is replaced at once, as by subs with `simultaneous`."""
    j, n = sp.symbols("j n", integer=True, positive=True)
    total = sp.Sum(x**j, (j, 1, n)) + x
    assert replaced(total, {j: 3, x: 2, n: 4}) == sp.Sum(2**j, (j, 1, 4)) + 2
    swapped = {x: k, k: x}
    assert replaced(x <= k + 1, swapped) == (x <= k + 1).subs(swapped, simultaneous=True)
    assert replaced(x**2 >= 0, {x: sp.Symbol("t", real=True)}) is sp.true


def test_substitution_reaches_everything():
    st = claim_of(bound=f * a, premises=(a <= x,), definitions={f: a}, parts={"p": a}).statement
    put = st.subs({a: 2 * x}, sp.Eq(k, 1))
    assert (put.bound, put.definitions, put.parts) == (2 * f * x, {f: 2 * x}, {"p": 2 * x})
    assert put.premises[0] == sp.Eq(k, 1)
    assert st.subs({a: x}).premises == ()


@pytest.mark.parametrize("count", [10, 10_000, 10**6])
def test_powers_of_counts_do_not_wrap(count):
    """int64 ends at 9.2e18, so a required width n^5 could turn negative and pass."""
    wide = claim_of(bound=n**5 * a, premises=(x >= n**5,))
    assert wide(n=count, a=1.0, x=1e300) == pytest.approx(float(count) ** 5)
    assert not wide.regime({"n": count, "x": 1.0, "a": 1.0}).holds


@registered
def test_every_symbol_is_documented(claim):
    assert claim.variables or claim.statement.bound.is_number
    for name, variable in claim.variables.items():
        assert name in claim.vocabulary, name
        assert variable.meaning, name
    if claim.confidence:
        assert claim.confidence in claim.variables


@registered
def test_text_and_latex(claim):
    text, latex = claim.text(), claim.latex()
    assert text.startswith(f"{claim.quantity.text} {claim.kind.sign} ")
    assert len(text.splitlines()) >= 1 + len(claim.statement.definitions)
    assert latex.startswith("\\begin{aligned}")
    assert claim.quantity.latex in latex
    for written in (text, latex):
        assert "IndexedBase" not in written
        assert "ExprWithLimits" not in written


@registered
def test_words(claim):
    assert claim.summary
    assert re.search(r"arXiv \d{4}\.\d{5}", claim.source)


def test_undocumented_symbols_are_noticed():
    stray = claim_of(bound=a + sp.Symbol("stray"))
    assert not stray.variables["stray"].meaning


@pytest.mark.parametrize(
    "error",
    [
        InvalidArgument("x", -1.0, "positive"),
        OutOfRegime("main", [FailedPremise("x < 1", {"x": 2.0})]),
    ],
)
def test_errors_survive_pickling(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


def test_vocabulary_defines_a_symbol_once():
    with pytest.raises(ValueError, match="already"):
        WORDS.symbol("x", "again", POSITIVE)


def test_a_claim_shows_itself_as_a_formula():
    claim = registry.claim("coupled/rate")
    assert claim._repr_latex_() == f"$${claim.latex()}$$"
    assert r"\left(1 - \eta" in claim.latex()
