"""Mask laws: moments against their closed forms and against enumeration of all masks."""

from fractions import Fraction
from functools import lru_cache
from itertools import product

import pytest
import sympy as sp

from theory import InvalidArgument
from theory.theorems.masked_training.laws import BERNOULLI, CATEGORICAL, MaskLaw, law
from theory.theorems.masked_training.symbols import xi

PAIRS = MaskLaw(  # every neuron lives in exactly two surrogates
    "pairs", lambda j, p: sp.Integer(int(j == 2)), lambda p: sp.Rational(2, p)
)


@lru_cache
def moment_of(masks, moment, p):
    return getattr(masks, moment)(p)


def zero(expression):
    return sp.cancel(expression) == 0


def inverse_mean(p):
    """E[1/N; N >= 1] for N binomial."""
    terms = [sp.binomial(p, j) * xi**j * (1 - xi) ** (p - j) / j for j in range(1, p + 1)]
    return sp.Add(*terms)


TABLE = {
    BERNOULLI: {
        "theta": lambda p: 1 - (1 - xi) ** p,
        "V": lambda p: (1 - xi) / (xi * p),
        "v_A": lambda p: xi * (1 - xi),
        "v_B": lambda p: inverse_mean(p) / p - (1 - (1 - xi) ** p) ** 2 / p**2,
    },
    CATEGORICAL: {
        "theta": lambda p: 1,
        "V": lambda p: 0,
        "v_A": lambda p: sp.Rational(p - 1, p**2),
        "v_B": lambda p: sp.Rational(p - 1, p**2),
    },
    PAIRS: {
        "theta": lambda p: 1,
        "V": lambda p: 0,
        "v_A": lambda p: sp.Rational(2 * (p - 2), p**2),
        "v_B": lambda p: sp.Rational(1, 2 * p) - sp.Rational(1, p**2),
    },
}


@pytest.mark.parametrize("p", range(1, 9))
@pytest.mark.parametrize("masks", TABLE, ids=lambda masks: masks.name)
def test_moments_are_those_of_the_table(masks, p):
    if masks is PAIRS and p == 1:
        return  # two of one surrogate: no such law
    for moment, expected in TABLE[masks].items():
        assert zero(moment_of(masks, moment, p) - expected(p)), moment


@pytest.mark.parametrize("p", [2, 5])
def test_a_wrong_table_is_noticed(p):
    theta, V, v_B = (moment_of(BERNOULLI, moment, p) for moment in ("theta", "V", "v_B"))
    assert not zero(theta - (1 - xi**p))
    assert not zero(V - (1 - xi) / xi)
    # E[1/N; N >= 1] is not theta/E[N]
    assert not zero(v_B - (theta / (xi * p**2) - theta**2 / p**2))


@pytest.mark.parametrize("p", [1, 2, 5, 8])
@pytest.mark.parametrize("activity", [Fraction(1, 3), Fraction(7, 8), Fraction(1)])
def test_bernoulli_by_enumeration(p, activity):
    """Exact rational means over all 2^p columns."""
    totals = dict.fromkeys(("theta", "N2", "share", "share2"), Fraction(0))
    for column in product((0, 1), repeat=p):
        count = sum(column)
        weight = activity**count * (1 - activity) ** (p - count)
        share = Fraction(column[0], count) if count else Fraction(0)
        for key, value in zip(totals, (min(count, 1), count**2, share, share**2), strict=True):
            totals[key] += weight * value
    enumerated = {
        "theta": totals["theta"],
        "V": totals["N2"] / (p * activity) ** 2 - 1,
        "v_A": activity * (1 - activity),
        "v_B": totals["share2"] - totals["share"] ** 2,
    }
    at = sp.Rational(activity.numerator, activity.denominator)
    for moment, value in enumerated.items():
        found = moment_of(BERNOULLI, moment, p).subs(xi, at)
        assert found == sp.Rational(value.numerator, value.denominator), moment
    moments = BERNOULLI.moments(p, float(activity))
    assert {k: moments[k] for k in enumerated} == pytest.approx(
        {k: float(v) for k, v in enumerated.items()}, abs=1e-14
    )


@pytest.mark.parametrize("p", range(2, 9))
@pytest.mark.parametrize("masks", TABLE, ids=lambda masks: masks.name)
def test_pmf_sums_to_one_with_mean_p_xi(masks, p):
    assert zero(sum(masks.pmf(j, p) for j in range(p + 1)) - 1)
    assert zero(sum(j * masks.pmf(j, p) for j in range(p + 1)) - p * masks.activity(p))
    activity = float(masks.activity(p).subs(xi, sp.Rational(3, 10)))
    counts = masks.count_probabilities(p, activity)
    assert counts.shape == (p + 1,)
    assert counts.sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize(
    ("masks", "p", "activity", "name"),
    [
        (BERNOULLI, 2, 0.0, "xi"),
        (BERNOULLI, 2, 1.1, "xi"),
        (BERNOULLI, 2, -0.5, "xi"),
        (BERNOULLI, 2, float("nan"), "xi"),
        (BERNOULLI, 0, 0.5, "p"),
        (BERNOULLI, 2.5, 0.5, "p"),
        (CATEGORICAL, 3, 0.5, "xi"),
        (CATEGORICAL, 0, 0.5, "p"),
        (PAIRS, 4, 0.25, "xi"),
    ],
)
def test_refused_arguments(masks, p, activity, name):
    with pytest.raises(InvalidArgument) as caught:
        masks.moments(p, activity)
    assert caught.value.name == name


def test_unknown_law():
    with pytest.raises(InvalidArgument, match="bernoulli, categorical"):
        law("binomial")
    assert law("categorical") is CATEGORICAL
