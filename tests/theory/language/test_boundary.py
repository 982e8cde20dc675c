"""On the boundary of its regime a claim is in its regime, up to rounding; where it is open, not."""

import numpy as np
import pytest
import sympy as sp

from theory import UPPER_EXPECTATION, Claim, FailedPremise
from theory.language.errors import apart
from theory.language.functions import EQUALITY_TOLERANCE

h, n, x = sp.symbols("h n x")
k = sp.Symbol("k", integer=True)
i = sp.Symbol("i", integer=True)
mu = sp.IndexedBase("mu")


def holds(premise, **values):
    claim = Claim.of("c", x, kind=UPPER_EXPECTATION, source="s", premises=[premise])
    return bool(claim.regime({"x": 1.0, **values}).holds)


COUNTS = np.arange(1, 400)
"""1/sqrt(n) squared times n is 1, or a rounding above or below."""


CLOSED = [
    *(h**2 * n <= 1, h**2 * n >= 1, h**2 * n - 1 <= 0, 1 - h**2 * n >= 0, sp.Eq(h**2 * n, 1)),
    *(sp.And(h**2 * n <= 1, n > 0), sp.Not(h**2 * n > 1), sp.Or(h**2 * n <= 1, n < 0)),
]


@pytest.mark.parametrize("premise", CLOSED)
def test_the_boundary_belongs_to_a_closed_regime(premise):
    claim = Claim.of("c", x, kind=UPPER_EXPECTATION, source="s", premises=[premise])
    computed = (1 / np.sqrt(COUNTS)) ** 2 * COUNTS
    assert {*np.sign(computed - 1)} == {-1.0, 0.0, 1.0}  # all three cases are there
    assert claim.regime({"x": 1.0, "n": COUNTS, "h": 1 / np.sqrt(COUNTS)}).holds.all()


@pytest.mark.parametrize(
    "premise", [h**2 * n < 1, h**2 * n > 1, 1 - h**2 * n > 0, sp.Ne(h**2 * n, 1)]
)
def test_the_boundary_belongs_to_no_open_regime(premise):
    claim = Claim.of("c", x, kind=UPPER_EXPECTATION, source="s", premises=[premise])
    assert not claim.regime({"x": 1.0, "n": COUNTS, "h": 1 / np.sqrt(COUNTS)}).holds.any()


@pytest.mark.parametrize(
    ("premise", "inside", "outside"),
    [
        (3 * h <= sp.Rational(3, 10), 0.1, 0.1 + 1e-12),
        (h <= 1e-14, 1e-14, 1.001e-14),  # tiny sides have tiny roundings
        (h >= 1e-300, 1e-300, 9e-301),
        (h < 1, 1 - 1e-14, 1.0),
        (h > 0, 5e-324, 0.0),
        (h > 1e-300, 1.0001e-300, 1e-300),
        (sp.Ne(h, 0), 1e-300, 0.0),
        (1 - h <= 1e-9, 1 - 1e-9, 1 - 1.1e-9),
        (sp.Eq(h, 0.3), 0.1 + 0.2, 0.3 + 1e-11),
        (sp.Eq(h, 0), 1e-13, 1e-11),  # a measured side whose true value is 0
    ],
    ids=str,
)
def test_only_rounding_is_allowed(premise, inside, outside):
    assert holds(premise, h=inside)
    assert not holds(premise, h=outside)


def test_rounding_is_that_of_the_summands():
    """a - b <= 0 at a = 0.1 * 3, b = 0.3: what is left of the subtraction is all rounding."""
    assert holds(h - n <= 0, h=0.1 * 3, n=0.3)
    assert not holds(h - n <= 0, h=1e-20, n=0.0)
    total = sp.Sum(mu[i], (i, 0, k - 1))
    assert holds(total <= 1, mu=np.full(10, 0.1), k=10)
    assert not holds(total <= 1, mu=np.full(10, 0.1 + 1e-12), k=10)


@pytest.mark.parametrize("premise", [h <= n, h >= n, h < n, h > n, sp.Eq(h, n), sp.Ne(h, n)])
@pytest.mark.parametrize(("left", "right"), [(np.inf, 1.0), (1.0, np.inf), (np.inf, np.inf)])
def test_infinity_is_near_nothing(premise, left, right):
    """Rounding relative to infinity would be infinite; two of them may have been any numbers."""
    assert holds(premise, h=left, n=right) is (left != right and bool(premise.func(left, right)))


@pytest.mark.parametrize("relation", [sp.Le, sp.Ge, sp.Lt, sp.Gt, sp.Eq, sp.Ne])
def test_sides_that_overflow_satisfy_nothing(relation):
    assert not holds(relation(sp.exp(2 * h), sp.exp(h)), h=1000.0)
    assert not holds(relation(-sp.exp(2 * h), -sp.exp(h)), h=1000.0)


@pytest.mark.parametrize("premise", [h <= n, h >= n, h < n, h > n, sp.Eq(h, n), sp.Ne(h, n)])
def test_what_is_no_number_satisfies_nothing(premise):
    unknown = premise.subs(h, sp.log(h))
    assert not holds(unknown, h=-1.0, n=1.0)
    assert not holds(sp.Not(unknown, evaluate=False), h=-1.0, n=1.0)


def test_no_combination_of_conditions_is_satisfied_by_what_is_no_number():
    """Not only that of one relation: `Not` of several is kept as it is written."""
    unknown = sp.log(h) < 1
    assert not holds(sp.Not(sp.And(unknown, n > 0)), h=-1.0, n=1.0)
    assert not holds(sp.Not(sp.Or(unknown, n < 0)), h=-1.0, n=1.0)
    assert not holds(sp.Not(sp.And(unknown, sp.Not(sp.Or(n < 0, unknown)))), h=-1.0, n=1.0)
    for value in (1.0, 9.0):  # where it is one, nothing changes
        assert holds(sp.Not(sp.And(unknown, n > 0)), h=value, n=1.0) is (value == 9)
        assert holds(sp.Not(sp.Or(unknown, n < 0)), h=value, n=1.0) is (value == 9)
        assert holds(sp.Not(sp.And(unknown, n > 2)), h=value, n=1.0)


def test_the_message_shows_the_digits_that_differ():
    claim = Claim.of("c", x, kind=UPPER_EXPECTATION, source="s", premises=[h**2 * n <= 1])
    (failure,) = claim.regime({"x": 1.0, "n": 3, "h": 0.57735026921}).failures
    assert str(failure) == "h**2*n <= 1 fails at h = 0.57735, n = 3: 1.0000000001 against 1"
    (failure,) = claim.regime({"x": 1.0, "n": 3, "h": 1.0}).failures
    assert str(failure) == "h**2*n <= 1 fails at h = 1, n = 3"
    assert failure.sides == (3.0, 1.0)
    assert str(FailedPremise("a or b", {})) == "a or b fails"


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        ((1.0, 2.0), ("1", "2")),
        ((1.0, 1.0 + 2**-52), ("1", "1.0000000000000002")),
        ((0.3, 0.30000001), ("0.3", "0.30000001")),
        ((1.0, 1.0), ("1", "1")),
    ],
)
def test_as_many_digits_as_tell_numbers_apart(pair, shown):
    assert apart(*pair) == shown


def test_the_tolerance_is_that_of_a_few_hundred_operations():
    assert 1e3 * np.finfo(float).eps < EQUALITY_TOLERANCE < 1e-10
