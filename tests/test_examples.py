"""Derandomized examples do not depend on what else was imported."""

import sys

from hypothesis import given, settings
from hypothesis import strategies as st


def examples():
    seen = []

    @settings(max_examples=200, derandomize=True, database=None)
    @given(st.integers(), st.floats(allow_nan=False))
    def draw(i, x):
        seen.append((i, x))

    draw()
    return seen


def test_the_same_after_an_import(pytester, monkeypatch):
    before = examples()
    constants = ", ".join(str(10**6 + 7919 * i) for i in range(500))
    pytester.makepyfile(full_of_constants=f"VALUES = [{constants}]")
    pytester.syspathinsert()
    import full_of_constants

    assert sys.modules["full_of_constants"] is full_of_constants
    assert examples() == before
