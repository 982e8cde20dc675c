"""A test that depends on the speed of the machine fails by the slow clock, and only by it."""

from pathlib import Path

HASTY = """
from click.testing import CliRunner
from verify.command_line.program import main

def test_says_nothing():
    options = ["--samples", "3", "--width", "16", "--rounds", "2", "--seeds", "4", "--no-figure"]
    claims = ["--claims", "identity/noise-variance"]
    assert CliRunner().invoke(main, ["check", *options, *claims]).stderr == ""
"""


def test_a_hasty_test_is_found(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makepyfile(HASTY)
    for options, failed in (((), 0), (("-p", "tests.slow_clock"), 1)):
        result = pytester.runpytest_subprocess("-p", "no:xdist", *options)
        result.assert_outcomes(passed=1 - failed, failed=failed)
