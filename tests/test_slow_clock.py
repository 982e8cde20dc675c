"""A test that depends on the speed of the machine fails by the slow clock, and only by it."""

from pathlib import Path

HASTY = """
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import verify.command_line.progress
from verify.command_line.program import main

@pytest.fixture
def stopped(monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr(verify.command_line.progress, "time", clock)

def test_by_a_clock_that_stands_still(stopped):
    test_says_nothing()

def test_says_nothing():
    options = ["--samples", "3", "--width", "16", "--rounds", "2", "--seeds", "4", "--no-figure"]
    claims = ["--claims", "identity/noise-variance"]
    assert CliRunner().invoke(main, ["check", *options, *claims]).stderr == ""
"""


def test_a_hasty_test_is_found(pytester, monkeypatch):
    """It passes by a clock that stands still: by that of a busy machine it may not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makepyfile(HASTY)
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "tests.slow_clock", "-rA")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_says_nothing*"])
