"""Evaluation in float64: whatever the domains and names of the symbols, at extreme values."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy.codegen import cfunctions

from tests.theory.enclosure import FLOOR, enclosed
from theory import UPPER_EXPECTATION, Claim, InvalidArgument, Quantity, Statement, Vocabulary
from theory.language import functions
from theory.language.code import REDUCTIONS
from theory.language.numeric import MaxOver, Vector
from theory.language.vocabulary import COUNT, INDEX, POSITIVE

WORDS = Vocabulary()
k = WORDS.symbol("k", "steps", INDEX)
n = WORDS.symbol("n", "rows", COUNT)
m = WORDS.symbol("m", "width", COUNT)
x = WORDS.symbol("x", "start", POSITIVE)
i, j = sp.symbols("i j", integer=True)
z = sp.IndexedBase("z")


def of(bound, **statement):
    """A claim in the words of a vocabulary where it documents them."""
    content = Statement(bound, **statement)
    return Claim("c", "s", UPPER_EXPECTATION, Quantity("q", "q", "q"), lambda: content, WORDS)


# --- integers ------------------------------------------------------------------------------------

BEYOND_INT64 = [
    (2**k * x, {"k": [0, 62, 63, 64, 1000], "x": 1.0}),
    (n**k, {"n": 10, "k": [0, 18, 19, 300]}),
    (n * m**3, {"n": 10, "m": 2**40}),
    (n * m, {"n": 2**52, "m": 2**52}),
    (x * 2 ** (-k), {"k": [0, 1, 70], "x": 1.0}),
    (n ** (-2), {"n": 7}),
    ((n - m) ** 3, {"n": 1, "m": 2**31}),
    (sp.Sum(2**i, (i, 0, 70)), {}),
    (sp.Sum(2 ** (-i), (i, 0, 10)), {}),
    (sp.Sum(i**9, (i, 0, n)), {"n": 1000}),
    (sp.Product(i, (i, 1, n)), {"n": 30}),
    (MaxOver(m * i**3, (i, 0, n)), {"m": 2**50, "n": 50}),
    (sp.Sum((-3) ** i, (i, 0, 60)), {}),
    (sp.Mod(2**k, 3) + x, {"k": [3, 64], "x": 1.0}),
]


@pytest.mark.parametrize(("bound", "values"), BEYOND_INT64, ids=[str(b) for b, _ in BEYOND_INT64])
def test_counts_are_floats(bound, values):
    """int64 wraps from 2^63 on, and has no negative powers."""
    claim = of(bound)
    found = np.atleast_1d(claim.evaluate(values).bound)
    for at, number in enumerate(found):
        here = {name: np.broadcast_to(v, found.shape)[at].item() for name, v in values.items()}
        assert number == pytest.approx(float(claim.evaluate_exact(here)), rel=1e-14)


def test_a_premise_of_large_counts_is_judged_right():
    claim = of(x, premises=(m * m * n >= 2**k,))
    holds = claim.regime({"m": 2**22, "n": 10, "x": 1.0, "k": np.arange(44, 66)}).holds
    assert holds.tolist() == [2**at <= 2**44 * 10 for at in range(44, 66)]


TOO_LONG = [2**53 + 1, -(2**53) - 1, 2**64 + 1, [2**60 + 1], np.array([1, 2**53 + 1]), 10**400]


@pytest.mark.parametrize("value", [*TOO_LONG, np.int64(2**53 + 1)])
def test_integers_that_float64_does_not_hold_are_refused(value):
    with pytest.raises(InvalidArgument, match=r"^n = .*float64"):
        of(n + x).evaluate({"n": value, "x": 1.0})


@pytest.mark.parametrize("value", [2**53, 2**60, 10**20, 4 * 10**18, 2.0**70, np.uint64(2**63)])
def test_integers_that_float64_holds_are_taken(value):
    assert of(n + 0 * x).evaluate({"n": value}).bound == float(value)


def test_constants_keep_their_digits():
    """As text of 15 digits, 0.1 + 0.2 would be 0.3."""
    for number in (0.1 + 0.2, math.nextafter(1, 2), 1 / 3, 5e-324, 1.7976931348623157e308):
        assert of(sp.Float(number)).evaluate({}).bound == number
        assert of(number).evaluate({}).bound == number


# --- names ---------------------------------------------------------------------------------------

NAMES = [
    *(
        "pi",
        "e",
        "E",
        "inf",
        "nan",
        "euler_gamma",
        "log",
        "exp",
        "sqrt",
        "maximum",
        "numpy",
        "None",
    ),
    *("lambda", "abs", "functions", "functools", "special", "x0", "x1", "i", "compiled", "select"),
    *("a-b", "\\eta", "x y", "θ", "__name__", "I", "S"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_symbol_is_a_symbol_whatever_its_name(name):
    own, other = sp.Symbol(name, positive=True), sp.Symbol("other", positive=True)
    total = (
        sp.Sum(own / (i + 1), (i, 0, 3)) + sp.Max(own, other) + sp.log(2 + other) + sp.exp(other)
    )
    bound = total + sp.pi + sp.E + sp.EulerGamma + sp.sqrt(own) + sp.gamma(own + 1)
    claim = Claim.of("c", bound, kind=UPPER_EXPECTATION, source="s", premises=[own * sp.pi > 0])
    found = claim.evaluate({name: 0.7, "other": [0.2, 0.9]}).bound
    for value, at in zip(found, (0.2, 0.9), strict=True):
        exact = float(claim.evaluate_exact({name: 0.7, "other": at}))
        assert value == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_bases_definitions_and_indices_have_any_name(name):
    base, short = sp.IndexedBase(name), sp.Symbol(name)
    index = sp.Symbol(name, integer=True)
    w = sp.IndexedBase("w")
    cases = [
        (of(sp.Sum(base[i], (i, 0, 2)) + sp.pi), {name: [1.0, 2.0, 3.0]}, 6 + math.pi),
        (of(short * sp.pi, definitions={short: x + 1}), {"x": 1.0}, 2 * math.pi),
        (of(sp.Sum(sp.exp(index), (index, 0, 2))), {}, 1 + math.e + math.e**2),
        (of(w[1], definitions={w: Vector(sp.log(index), (index, 1, 3))}), {}, math.log(2)),
    ]
    for claim, values, expected in cases:
        if name not in WORDS:
            assert claim.evaluate(values).bound == pytest.approx(expected, rel=1e-14)


# --- functions -----------------------------------------------------------------------------------

q, p = sp.symbols("q p")
C = {f: getattr(cfunctions, f) for f in ("expm1", "log1p", "log2", "log10", "exp2", "hypot")}
PLAIN = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor", "ceiling")
SPECIAL = ("erf", "erfc", "gamma", "loggamma", "factorial", "harmonic")
INVERSE = ("asin", "acos", "atan", "atanh", "asinh")
FORMULAS = {
    **{f: getattr(sp, f)(q) for f in PLAIN + SPECIAL},
    **{f: getattr(sp, f)(q / 9) for f in INVERSE},
    **{f: C[f](q) for f in C if f != "hypot"},
    "acosh": sp.acosh(q + 1),
    "Abs": sp.Abs(q - 3),
    "hypot": C["hypot"](q, p),
    "atan2": sp.atan2(q, p),
    "binomial": sp.binomial(q, 2),
    "beta": sp.beta(q, p),
    "Heaviside": sp.Heaviside(q - 3),
}
POINTS = np.array([0.25, 1.0, 2.5, 5.0])


@pytest.mark.parametrize("name", sorted(functions.KNOWN))
def test_every_function_works_elementwise(name):
    formula = FORMULAS[name]
    claim = Claim.of(
        "c", formula, kind=UPPER_EXPECTATION, source="s", premises=[formula >= formula - 1]
    )
    assert claim.regime({"q": POINTS, "p": 0.5}).holds.all()
    found = claim.evaluate({"q": POINTS, "p": 0.5}).bound
    for value, at in zip(found, POINTS, strict=True):
        exact = float(formula.subs({q: sp.Rational(at), p: sp.Rational(1, 2)}).evalf(30))
        assert value == pytest.approx(exact, rel=4e-14, abs=1e-15)
        assert claim.evaluate({"q": at, "p": 0.5}).bound == pytest.approx(value, rel=1e-15)


K = np.arange(5)
VECTORS = [
    (sp.factorial(k), [1, 1, 2, 6, 24]),
    (sp.binomial(k, 2), [0, 0, 1, 3, 6]),
    (sp.KroneckerDelta(k, 0) + 1, [2, 1, 1, 1, 1]),
    (sp.harmonic(k), [0, 1, 1.5, 11 / 6, 25 / 12]),
    (sp.Product(1 - x / (i + 2), (i, 0, k)), np.cumprod(1 - 0.5 / (K + 2))),
    (sp.Sum(x**i, (i, 0, k)), 2 - 0.5**K),
    (sp.Sum(i * j, (i, 1, j), (j, 1, 3)), [25] * 5),
    (sp.Sum(sp.Sum(x**i, (i, 0, j)), (j, 0, k)), np.cumsum(2 - 0.5**K)),
    (sp.Sum(sp.Product(i, (i, 1, j)), (j, 0, k)), [1, 2, 4, 10, 34]),
    (sp.Sum(MaxOver(i * x, (i, 0, j)), (j, 0, k)), np.cumsum(0.5 * K)),
    (z[k] + x, np.arange(5) ** 2 + 0.5),
    (sp.Sum(z[i], (i, 0, k)), np.cumsum(K**2)),
    (sp.Piecewise((x, k < 2), (k, True)), [0.5, 0.5, 2, 3, 4]),
    (sp.Max(k, 2, x), [2, 2, 2, 3, 4]),
    (sp.Piecewise((1, (k > 1) & (x < 1) | sp.Eq(k, 0)), (0, True)), [1, 0, 1, 1, 1]),
]


@pytest.mark.parametrize(("formula", "expected"), VECTORS, ids=[str(f) for f, _ in VECTORS])
def test_formulas_of_an_index_vector(formula, expected):
    values = {"k": K, "x": 0.5, "z": K**2}
    claim = of(formula, premises=(formula >= formula, formula < 1e9))
    np.testing.assert_allclose(
        np.broadcast_to(claim.evaluate(values).bound, 5), expected, rtol=1e-14, atol=1e-16
    )
    for at, number in enumerate(np.broadcast_to(expected, 5)):
        assert float(claim.evaluate_exact(values | {"k": at})) == pytest.approx(number, abs=1e-15)
    assert not of(x, premises=(formula > 1e9,)).regime(values).holds.any()


def test_a_sum_in_a_premise_is_taken_point_by_point():
    claim = of(x, premises=(sp.Sum(x**i, (i, 0, k)) <= 4,))
    holds = claim.regime({"k": [0, 1, 2], "x": [5.0, 2.0, 1.5]}).holds
    assert holds.tolist() == [True, True, False]


@pytest.mark.parametrize(("values", "name"), [({"k": 5}, "z.shape"), ({"k": [0, 7]}, "z.shape")])
def test_an_entry_beyond_the_end_is_named(values, name):
    with pytest.raises(InvalidArgument, match=f"^{name} = ") as caught:
        of(z[k]).evaluate(values | {"z": np.ones(5)})
    assert caught.value.name == name


def test_an_entry_before_the_first_is_no_number():
    """As numpy counts from the end, -1 would be the last one."""
    assert np.isnan(of(z[k - 1]).evaluate({"k": [0, 1], "z": [1.0, 2.0]}).bound).tolist() == [
        True,
        False,
    ]
    assert not of(x, premises=(z[k - 1] > 0,)).regime({"k": 0, "z": [1.0], "x": 1.0}).holds


@pytest.mark.parametrize("end", [2.5, 1e12])
def test_ranges_are_of_integers_and_not_endless(end):
    free = sp.Symbol("free")
    with pytest.raises(InvalidArgument, match="range of i"):
        of(sp.Sum(i, (i, 0, free))).evaluate({"free": end})


# --- random expressions --------------------------------------------------------------------------

u, v = sp.symbols("u v", positive=True)
s = sp.Symbol("s", real=True)
c_1, c_2 = sp.symbols("c_1 c_2", integer=True, positive=True)
SCALARS = (u, v, s, c_1, c_2)

leaves = st.sampled_from([*SCALARS, sp.Integer(2), sp.Rational(1, 3), sp.Float(0.1), sp.pi])
positive = st.sampled_from([1e-30, 1e-15, 1e-3, 0.3, 1.0, 1 + 2**-52, 7.5, 1e6, 1e15, 1e30])
counts = st.sampled_from([1, 2, 3, 7, 64, 6210, 2**31, 2**32 + 1, 3037000500, 2**53])


def branches(inner):
    """One more operation on top."""
    low = st.integers(0, 2)
    return st.one_of(
        st.tuples(inner, inner).map(lambda t: t[0] + t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] - t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] * t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] / (1 + t[1] ** 2)),
        st.tuples(inner, st.sampled_from([2, 3, 5])).map(lambda t: t[0] ** t[1]),
        inner.map(lambda e: sp.sqrt(sp.Abs(e))),
        inner.map(lambda e: 1 / (1 + sp.Abs(e))),
        st.tuples(st.sampled_from([sp.tanh, sp.erf, sp.atan]), inner).map(lambda t: t[0](t[1])),
        inner.map(lambda e: sp.log(1 + sp.Abs(e))),
        inner.map(lambda e: sp.exp(-sp.Abs(e))),
        st.tuples(inner, inner).map(lambda t: sp.Max(*t, evaluate=False)),
        st.tuples(inner, inner).map(lambda t: sp.Min(*t, evaluate=False)),
        st.tuples(inner, inner).map(lambda t: sp.Piecewise((t[0], u < v), (t[1], True))),
        st.tuples(inner, low, low).map(lambda t: sp.Sum(t[0] * i + 2**i, (i, t[1], t[1] + t[2]))),
        st.tuples(inner, low).map(lambda t: sp.Product(1 + t[0] / (i + 1), (i, 0, t[1]))),
        st.tuples(inner, low).map(lambda t: MaxOver(t[0] * (i - 1), (i, 0, t[1] + 1))),
    )


expressions = st.recursive(leaves, branches, max_leaves=6)


rows_of_values = st.tuples(positive, positive, positive, st.booleans(), counts, counts)


@given(expressions, st.lists(rows_of_values, min_size=2, max_size=3))
def test_random_expressions_agree_with_many_digits(e, points):
    """At several points at once, as a curve is; and `evaluate_exact` with mpmath."""
    symbols = e.free_symbols - {i}
    rows = [(a, b, r if plus else -r, f, g) for a, b, r, plus, f, g in points]
    columns = {
        str(t): np.array(col) for t, col in zip(SCALARS, zip(*rows, strict=True), strict=True)
    }
    with mpmath.workdps(60):
        wanted = [enclosed(e, dict(zip(SCALARS, row, strict=True))) for row in rows]
        assume(all(wanted))
        claim = Claim.of("random", e, kind=UPPER_EXPECTATION, source="s")
        found = np.broadcast_to(claim.evaluate(columns).bound, len(rows))
        for at, (number, (value, error)) in enumerate(zip(found, wanted, strict=True)):
            assert abs(mpmath.mpf(float(number)) - value) <= error, (e, rows[at], number, value)
            here = {str(t): columns[str(t)][at].item() for t in symbols}
            exact = mpmath.mpf(claim.evaluate_exact(here, 50)._mpf_)
            assert abs(exact - value) <= FLOOR + abs(error) * mpmath.mpf("1e-20")


def test_reductions_that_the_random_expressions_hold():
    assert set(REDUCTIONS) == {"Sum", "Product", "MaxOver"}
