"""The false-alarm budget of a test suite, split in one place.

A correct suite fails with probability at most `total`: each of at most `tests` statistical tests
gets an equal part, and so does each check within a test (Bonferroni). The number of tests is a
setting and not what happens to be collected: so a test is as strict alone as in the whole suite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from verify.judging.plural import number

TOTAL = 1e-6
TESTS = 64


@dataclass(frozen=True)
class Budget:
    """`total`: the probability that a correct suite fails; `tests`: how many tests share it."""

    total: float = TOTAL
    tests: int = TESTS

    def __post_init__(self) -> None:
        if not (isinstance(self.total, (int, float)) and 0 < self.total < 1):
            raise _invalid("total", self.total, "a probability between 0 and 1, both excluded")
        _check_count("tests", self.tests)
        if not self.per_test > 0:
            raise _invalid(
                "total", self.total, f"large enough to be split over {number(self.tests, 'test')}"
            )

    @property
    def per_test(self) -> float:
        """The part of one test."""
        return self.total / self.tests

    def per_check(self, checks: int) -> float:
        """The level of one check in a test that declares `checks` of them."""
        _check_count("checks", checks)
        level = self.per_test / checks
        if not math.log(1 / level) < 700:
            raise _invalid(
                "checks", checks, "small enough to leave each check a level above 1e-300"
            )
        return level


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _invalid(name, value, "a whole number, at least 1")


def _invalid(name: str, value: Any, allowed: str) -> ValueError:
    from theory.language.errors import (
        InvalidArgument,  # brings sympy, which a run without claims can spare
    )

    return InvalidArgument(name, value, allowed)
