"""float64 evaluation against 50 digits, for every output of every registered claim."""

from dataclasses import replace
from functools import cache
from importlib import import_module

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.concrete.expr_with_limits import ExprWithLimits

import theory
from tests.theory.enclosure import enclosed, with_definitions
from theory.language.code import compile_numpy
from theory.language.numeric import MaxOver, Vector, exact
from theory.language.validity import free

REGISTERED = theory.claims()
RELATIVE = 1e-12
ROUNDS = 3


THEOREM = {name: t for t in theory.registry.theorems() for name in theory.claims(t)}


def point(name, seed):
    """In-regime values of every symbol of a claim, from the tests of its theorem."""
    return dict(_point(name, seed))


@cache
def _point(name, seed):
    points = import_module(f"tests.theorems.{THEOREM[name].replace('-', '_')}.points")
    return points.point(name, seed)


@cache
def outputs(claim):
    """One claim per output: the bound, its parts, band and second moment."""
    st = claim.statement
    return [
        replace(claim, build=lambda e=expression: replace(st, bound=e))
        for expression in st.outputs()
        if expression != st.initial
    ]


def numbers(found):
    """All that a claim evaluates to, in the order of its outputs."""
    rows = [found.bound, *found.parts.values(), found.lower, found.upper]
    rows += [found.variance, found.ceiling]
    return [row for row in rows if row is not None]


@pytest.mark.parametrize("name", REGISTERED)
def test_every_output_to_50_digits(name):
    """The recursions and bounds lose a few ulp per round; 1e-12 leaves a factor of ten."""
    for seed in range(4):
        fast, slow = both(name, seed)
        assert fast == pytest.approx(slow, rel=RELATIVE, abs=1e-300), f"point {seed}"


def both(name, seed):
    """All outputs of a claim at a point: in float64, and by 50 digits."""
    claim, values = REGISTERED[name], point(name, seed)
    if claim.kind.mode is theory.Mode.LAW:  # its distribution function, at some value
        claim, values = claim.at(values, 0.5 + seed)
    assert claim.regime(values).holds, claim.regime(values).failures
    if claim.statement.history is None:
        fast = [row[()] for row in numbers(claim.evaluate(values, where=np.array(True)))]
        slow = [one.evaluate_exact(values) for one in outputs(claim)]
    else:  # every output with a past of its own
        rounds = values | {"k": range(ROUNDS + 1)}
        fast = [one.evaluate(rounds).bound[-1] for one in outputs(claim)]
        slow = [one.evaluate_exact(values | {"k": ROUNDS}) for one in outputs(claim)]
    return fast, [float(each) for each in slow]


def test_a_bound_of_wrong_constant_is_noticed():
    claim, values = REGISTERED["main/displayed"], point("main/displayed", 1)
    wrong = claim.statement.bound.subs(sp.Rational(4, 5), sp.Rational(4, 5) + sp.Rational(1, 10**9))
    other = replace(claim, build=lambda: replace(claim.statement, bound=wrong))
    assert other(**values) != pytest.approx(float(claim.evaluate_exact(values)), rel=RELATIVE)


def test_tiny_defects_keep_their_digits():
    """With (1 + eps)^tau - 1 in place of expm1, nu = 1e-14 would leave two digits."""
    claim, values = REGISTERED["link-2"], point("link-2", 2)
    values |= {"nu": 1e-14, "epsilon_A": 0.0, "epsilon_B": 0.0}
    bound = float(claim.evaluate_exact(values))
    # tau_hat - tau cancels: what is lost is eps(tau), relative to rho_k, not to the defect
    assert claim(**values) == pytest.approx(bound, abs=1e-15 * values["tau"] * values["rho_k"])


def test_a_contraction_to_almost_nothing_keeps_its_digits():
    """At zeta lambda = 1 and xi = 1 the rate is (1+1/c) alpha^2: as 1 - rho it would be 0."""
    claim, values = REGISTERED["main"], point("main", 3)
    values |= {"lambda": 1.0, "Lambda": 1.0, "zeta": 1.0, "theta": 1.0, "V": 0.0, "xi": 1.0}
    values |= {"alpha": 1e-14, "c": 1e-6, "k": 1}
    assert claim(**values) == pytest.approx(float(claim.evaluate_exact(values)), rel=RELATIVE)
    assert claim(**values) > 0


i, j, n = sp.symbols("i j n", integer=True, nonnegative=True)
z, w = sp.IndexedBase("z", real=True), sp.IndexedBase("w", real=True)
Z = np.array([0.5, -2.0, 3.0])
REDUCTIONS = [
    (sp.Sum(z[i], (i, 0, n - 1)), lambda z: z.sum()),
    (sp.Sum(z[i] ** 2, (i, 1, n - 1)), lambda z: (z[1:] ** 2).sum()),
    (sp.Sum(7, (i, 0, n - 1)), lambda z: 7 * len(z)),
    (sp.Sum(z[i], (i, 0, -1)), lambda z: 0),
    (sp.Sum(z[i] * z[j], (i, 0, n - 1), (j, 0, n - 1)), lambda z: z.sum() ** 2),
    (sp.Sum(z[j] ** i, (i, 0, 2), (j, 1, 2)), lambda z: sum((z[1:] ** i).sum() for i in range(3))),
    (sp.Sum(sp.Sum(z[i], (i, 0, n - 1)) * z[j], (j, 0, n - 1)), lambda z: z.sum() ** 2),
    (sp.Sum(z[i], (i, 0, n - 1)) + sp.Sum(z[j], (j, 0, 1)), lambda z: z.sum() + z[:2].sum()),
    (MaxOver(z[i], (i, 0, n - 1)), lambda z: z.max()),
    (MaxOver(-z[i], (i, 0, 1)), lambda z: (-z[:2]).max()),
    (MaxOver(4 * n, (i, 0, n - 1)), lambda z: 4 * len(z)),
    (sp.Sum(MaxOver(z[i] * j, (i, 0, n - 1)), (j, 0, n - 1)), lambda z: z.max() * 3),
    (MaxOver(sp.Sum(z[i] * z[j], (i, 0, n - 1)), (j, 0, n - 1)), lambda z: (z * z.sum()).max()),
    (sp.sqrt(sp.Sum(z[i] ** 2, (i, 0, n - 1))) / n, lambda z: np.linalg.norm(z) / len(z)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"), REDUCTIONS, ids=[str(e) for e, _ in REDUCTIONS]
)
def test_reductions(expression, expected):
    (found,) = compile_numpy([n, z], [expression])(3, Z)
    assert found == pytest.approx(expected(Z), rel=1e-14)
    assert float(exact(expression, {n: 3, z: Z})) == pytest.approx(expected(Z), rel=1e-14)


@pytest.mark.parametrize(
    "body",
    [z[i] ** 2, sp.Integer(2), sp.Sum(z[i] * z[j], (j, 0, n - 1)), 1 + sp.Sum(z[j], (j, 0, i - 1))],
)
def test_vectors(body):
    """A vector is computed once, and means the same written out."""
    definitions = {w: Vector(body, (i, 0, n - 1))}
    total = sp.Sum(w[i] * (i + 1), (i, 0, n - 1))
    (found,) = compile_numpy([n, z, w], [total])(
        3, Z, *compile_numpy([n, z], [w], definitions)(3, Z)
    )
    written_out = theory.Statement(total, definitions=definitions).expand(total)
    assert not written_out.has(w)
    slow = float(exact(written_out, {n: 3, z: Z}))
    assert found == pytest.approx(slow, rel=1e-14)
    assert float(exact(total, {n: 3, z: Z}, definitions=definitions)) == slow


def test_definitions_are_taken_in_their_order():
    """Scalars of vectors of scalars; what is not used is not asked for."""
    a, b, unknown = sp.symbols("a b unknown")
    definitions = {
        a: sp.sqrt(n),
        w: Vector(a * z[i], (i, 1, n - 1)),
        unknown: sp.Symbol("nothing"),
        b: w[1] * w[2] / a,
    }
    here = {n: 3, z: Z}
    wanted = exact(sp.sqrt(n) * z[1] * z[2], here)
    assert exact(b, here, definitions=definitions) == wanted
    assert exact(b, here, definitions=definitions | {w: Vector(z[i], (i, 1, 2))}) != wanted


@pytest.mark.parametrize("expression", [MaxOver(z[i], (i, 0, n - 1))])
def test_an_empty_maximum_is_an_error(expression):
    """As no number would be right."""
    with pytest.raises(ValueError, match="zero-size"):
        compile_numpy([n, z], [expression])(0, Z)


def test_exact_takes_floats_as_they_are():
    x = sp.Symbol("x", real=True)
    assert exact(x * 10, {x: 0.1}) != 1
    assert abs(exact(x * 10, {x: 0.1}) - 1) < 1e-15


SHIFTS = (0, 0, 1, -1, 5, -5, 12, -12)
"""Powers of ten by which values are moved; one byte of an example chooses one."""


def moved(variable, value, shift, fixed):
    """A value of the same domain, orders of magnitude away; ranges of sums stay as they are."""
    if variable.name in fixed or (variable.integer and shift < 0):
        return value
    if variable.integer:
        return value * 16**shift
    if variable.domain.sup == 1:
        return value * 10.0**shift if shift < 0 else 1 - (1 - value) * 10.0**-shift
    return np.maximum(np.asarray(value) * 10.0**shift, float(variable.domain.inf))


@cache
def fixed_in(name):
    """The names of the symbols in ranges, subscripts and exponents of a claim."""
    content, held = REGISTERED[name].statement, set()
    for e in [*content.outputs(), *content.definitions.values()]:
        for node in sp.preorder_traversal(e):
            if isinstance(node, ExprWithLimits):
                held |= {s for limits in node.limits for end in limits[1:] for s in free(end)}
            elif isinstance(node, sp.Indexed):
                held |= {s for place in node.indices for s in free(place)}
            elif isinstance(node, sp.Pow):
                held |= free(node.exp)
    return {str(s) for s in held}


WITH_A_PAST = {
    "limit-law", "link-1/scalar", "link-1/sharp", "deep/majorant", "deep/parabola",
    "criterion/majorant", "neuron/certificate",
}  # fmt: skip
PLAIN = [name for name in REGISTERED if name not in WITH_A_PAST]  # no statement is built for it
NOWHERE = bytes(40)


def compared(name, seed, shifts):
    """Every output of a claim with its enclosure, at values that are moved."""
    claim, values = REGISTERED[name], point(name, seed)
    if claim.kind.mode is theory.Mode.LAW:
        claim, values = claim.at(values, 0.5 + seed)
    content, fixed = claim.statement, fixed_in(name)
    pairs = zip(claim.variables.items(), shifts, strict=False)
    far = {
        key: moved(v, values[key], SHIFTS[byte % len(SHIFTS)], fixed) for (key, v), byte in pairs
    }
    at = with_definitions(
        content.definitions, {v.symbol: far[key] for key, v in claim.variables.items()}
    )
    found = claim.evaluate(far, where=np.array(True))
    pairs = zip(content.outputs(), numbers(found), strict=True)
    return [(float(number), enclosed(e, at)) for e, number in pairs]


@pytest.mark.parametrize("name", PLAIN)
@given(seed=st.integers(0, 3), shifts=st.binary(min_size=40, max_size=40))
@settings(max_examples=10)
def test_every_output_at_extreme_values(name, seed, shifts):
    """Out of its regime, too: float64 is off by no more than its operations explain."""
    for number, wanted in compared(name, seed, shifts):
        if wanted is not None:  # some operation leaves the range of float64: see below
            assert abs(mpmath.mpf(number) - wanted[0]) <= wanted[1], (number, wanted)


def test_which_claims_have_a_past():
    assert {name for name, c in REGISTERED.items() if c.statement.history} == WITH_A_PAST


def test_enclosures_are_there_and_tight():
    """Where nothing is moved, nearly every output has one, and it leaves no room for a slip."""
    found = [row for name in PLAIN for row in compared(name, 1, NOWHERE)]
    known = [wanted for _, wanted in found if wanted is not None]
    assert len(known) > 0.9 * len(found)
    tight = [error < 1e-9 * abs(value) for value, error in known if value != 0]
    assert sum(tight) > 0.9 * len(tight)
