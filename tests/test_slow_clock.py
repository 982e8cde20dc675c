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


STOPPED = """
import types
import verify.command_line.progress

verify.command_line.progress.time = types.SimpleNamespace(monotonic=lambda: 0.0)
"""


def test_a_hasty_test_is_found(pytester, monkeypatch):
    """It passes by a clock that stands still: by that of a busy machine it may not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makepyfile(HASTY)
    conftest = pytester.makeconftest(STOPPED)
    pytester.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=1)
    conftest.unlink()
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "tests.slow_clock")
    result.assert_outcomes(failed=1)
