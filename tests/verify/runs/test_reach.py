"""The least value that a claim would take whose regime no machine reaches."""

import numpy as np
import pytest
import sympy as sp

from theory import UPPER_EXPECTATION, Claim
from verify.runs.reach import needed

n, m, delta = sp.symbols("n m delta", positive=True)
AT = {"n": 5, "delta": 1e-3, "m": 64}
LEAST = {
    "in the open": ([m >= 1000 * n**2 / delta**4], 2.5e16),
    "a root": ([sp.sqrt(m) >= n / delta], 2.5e7),
    "strictly": ([m > 10**9], 1e9),
    "the larger of two": ([m >= 10**5, m >= 10**7], 1e7),
    "what holds already asks for nothing": ([m >= 10, m >= 10**7], 1e7),
    # m = 10^9 log(m): -10^9 W_{-1}(-10^{-9})
    "on both sides": (
        [m >= 10**9 * sp.log(m)], float(sp.N(-(10**9) * sp.LambertW(-sp.Rational(1, 10**9), -1)))
    ),
}  # fmt: skip


def claim(premises):
    return Claim.of("reach", n, kind=UPPER_EXPECTATION, source="here", premises=premises)


@pytest.mark.parametrize("what", LEAST)
def test_the_least_that_is_needed(what):
    """To a per cent, and what two digits lose."""
    premises, least = LEAST[what]
    text = needed(claim(premises), AT, "m")
    name, value = text.split(" >= ")
    assert name == "m"
    assert 0.95 * least <= float(value) <= 1.01 * 1.05 * least


def test_every_trial_is_served():
    """Values that vary over the trials: the largest need counts."""
    text = needed(claim([m >= n / delta**2]), AT | {"n": np.array([[5, 2], [3, 50]])}, "m")
    assert text == "m >= 5e+07"


def test_a_vector_in_a_premise():
    a, j = sp.IndexedBase("a", real=True), sp.Symbol("j", integer=True)
    text = needed(claim([m >= sp.Sum(a[j], (j, 0, 2)) * 10**9]), AT | {"a": [1.0, 2.0, 3.0]}, "m")
    assert text == "m >= 6e+09"


def test_what_no_value_reaches():
    never = claim([m >= 10**7, m * delta <= 1e-6])
    assert needed(never, AT, "m") == ""
    other = claim([n >= 9, m >= 10**7])
    assert needed(other, AT, "m") == ""
