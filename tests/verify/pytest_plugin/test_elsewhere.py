"""A run in which no test takes the plugin's fixture is the same as without the plugin."""

import os
import re
import subprocess
import sys

import numpy  # noqa: F401  (inner runs in this process must not load it a second time)
import pytest

SUITES = {
    "parameter": """
        import pytest
        @pytest.mark.parametrize("gate", ["and", "or"])
        def test_truth(gate): assert gate in ("and", "or")
        @pytest.mark.parametrize("gate", ["xor"])
        @pytest.mark.xfail(strict=True)
        def test_odd(gate): assert gate == "nor"
        """,
    "class": """
        import pytest
        class TestCell:
            @pytest.fixture
            def gate(self): return lambda x: x > 0
            def test_open(self, gate): assert gate(1)
            @pytest.mark.skip(reason="needs a GPU")
            def test_skipped(self, gate): pass
            def test_skips(self, gate): pytest.skip("no")
        """,
    "module": """
        import pytest
        @pytest.fixture(scope="module", autouse=True)
        def gate(): yield 1
        def test_a(gate): assert gate == 1
        @pytest.mark.xfail
        def test_b(): assert 0
        """,
    "indirect": """
        import pytest
        @pytest.fixture
        def gate(request): return 2 * request.param
        @pytest.mark.parametrize("gate", [1, 2], indirect=True)
        def test_a(gate): assert gate % 2 == 0
        """,
    "unittest": """
        import unittest, pytest
        @pytest.fixture
        def gate(): return 1
        @pytest.mark.usefixtures("gate")
        class TestA(unittest.TestCase):
            def test_a(self): pass
            @unittest.skip("no")
            def test_b(self): pass
        """,
    "stop": """
        import pytest
        def test_a(): pytest.exit("enough", 0)
        def test_b(): pass
        """,
    "properties": """
        import math, numpy as np
        def test_a(record_property, request):
            record_property("x", np.float64(math.inf))
        def test_b(request): pass
        """,
}
WATCH = """
    def pytest_runtest_logreport(report):
        print("report", report.nodeid, report.when, report.outcome,
              [(name, type(value).__name__, value) for name, value in report.user_properties])
"""


def told(pytester, *arguments):
    """Exit status, lines without durations and the header, and the files there."""
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rA", "-s", *arguments)
    lines = [re.sub(r"in \d+\.\d+s|=+", "", line) for line in result.outlines + result.errlines]
    lines = [line for line in lines if not line.startswith("plugins: ")]
    return result.ret, lines, sorted(os.listdir())


@pytest.mark.parametrize("suite", SUITES)
def test_a_run_is_as_without_the_plugin(pytester, suite):
    pytester.makeconftest(WATCH)
    pytester.makepyfile(SUITES[suite])
    without = told(pytester, "-p", "no:theorem_gate")
    assert told(pytester) == without
    assert without[0] == 0


@pytest.mark.parametrize("workers", ["0", "1"])
def test_threads_of_workers_are_left_alone(pytester, monkeypatch, workers):
    for name in ("OMP_NUM_THREADS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile("import os\ndef test_a(): assert 'OMP_NUM_THREADS' not in os.environ")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-n", workers)
    assert result.ret == 0
    assert "theorem-gate:" not in result.stdout.str()


def test_a_run_imports_nothing_heavy(pytester):
    """What is imported costs the time: measured by modules, for a clock depends on the machine."""
    names = ("numpy", "sympy", "scipy", "torch", "rich", "click", "hypothesis", "matplotlib",
             "theory.registry", "theory.language.claim", "theory.language.errors",
             "verify.judging.verdict", "verify.runs.check")  # fmt: skip
    pytester.makepyfile(
        f"def test_a():\n    import sys\n    assert not {set(names)} & set(sys.modules)"
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    assert result.ret == 0


OURS = {
    "override": """
        import pytest
        @pytest.fixture
        def gate(gate): return gate
        def test_a(gate): pass
        """,
    "twice": """
        import pytest
        @pytest.fixture
        def gate(gate): return gate
        class TestA:
            @pytest.fixture
            def gate(self, gate): return gate
            def test_a(self, gate): pass
        """,
    "usefixtures": """
        import pytest
        @pytest.mark.usefixtures("gate")
        def test_a(): pass
        """,
    "through": """
        import pytest
        @pytest.fixture
        def own(gate): return 1
        def test_a(own): pass
        """,
}


@pytest.mark.parametrize("suite", OURS)
def test_a_fixture_made_of_the_gate_is_the_gate(pytester, suite):
    """Must fail: such a test is the plugin's, so one that judges nothing is refused."""
    pytester.makepyfile(OURS[suite])
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["the gate judged nothing*"])


def test_both_in_one_suite(pytester):
    """Own fixtures stay the project's beside tests of the plugin, whose skips count."""
    pytester.makepyfile(SUITES["class"], test_ours="import pytest\ndef test_x(gate): pytest.skip()")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, skipped=3)
    problems = [line for line in result.outlines if line.startswith("FAILED")]
    assert problems == ["FAILED test_ours.py::test_x uses the gate, so it must not be skipped"]


def test_the_plugin_alone_is_light():
    """Of `theory` it loads what tells names, and no claim."""
    code = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import verify.pytest_plugin.plugin\n"
        "told = {'theory', 'theory.language', 'theory.language.public'}\n"
        "told |= {'theory.language.hashing'}  # hashlib alone\n"
        "new = set(sys.modules) - before - told\n"
        "own = {name if name[:6] == 'theory' else name.partition('.')[0] for name in new}\n"
        "sys.exit(', '.join(own - set(sys.stdlib_module_names) - {'verify'}) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
