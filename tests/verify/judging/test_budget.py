"""The error budget: its parts add up to no more than the whole."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import InvalidArgument
from verify.judging.budget import Budget


def test_parts():
    budget = Budget()
    assert (budget.total, budget.tests) == (1e-6, 64)
    assert budget.per_test == 1e-6 / 64
    assert budget.per_check(10) == 1e-6 / 64 / 10


@given(total=st.floats(1e-12, 0.5), tests=st.integers(1, 1000), checks=st.integers(1, 10**6))
def test_parts_add_up(total, tests, checks):
    budget = Budget(total, tests)
    assert 0 < budget.per_check(checks) * checks * tests <= total * (1 + 1e-12)


@pytest.mark.parametrize(
    ("total", "tests", "name"),
    [
        (0, 64, "total"),
        (1, 64, "total"),
        (-1e-6, 64, "total"),
        (math.nan, 64, "total"),
        (math.inf, 64, "total"),
        ("1e-6", 64, "total"),
        (5e-324, 64, "total"),
        (1e-6, 0, "tests"),
        (1e-6, 1.5, "tests"),
        (1e-6, True, "tests"),
    ],
)
def test_invalid(total, tests, name):
    with pytest.raises(InvalidArgument, match=rf"^{name} = "):
        Budget(total, tests)


@pytest.mark.parametrize("checks", [0, -1, 2.0, True, "3", None])
def test_invalid_checks(checks):
    with pytest.raises(InvalidArgument, match=r"^checks = .* whole number"):
        Budget().per_check(checks)


def test_level_too_small():
    with pytest.raises(InvalidArgument, match="checks"):
        Budget(1e-300).per_check(10**9)
