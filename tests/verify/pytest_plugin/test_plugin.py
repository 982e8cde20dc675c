"""The plugin in whole pytest runs: what must fail the run does, with workers and without."""

import json
import re
import subprocess
import sys

import numpy  # noqa: F401  (inner runs in this process must not load it a second time)
import pytest
import scipy.special  # noqa: F401
import sympy  # noqa: F401

import verify.judging.verdict
import verify.pytest_plugin.controller as _controller
import verify.runs.counterexample  # noqa: F401

TOY = """
import numpy as np
import sympy as sp
from theory import UPPER_EXPECTATION, UPPER_PATHWISE, Claim
from verify.judging.sample import Sample

b = sp.Symbol("b")
MEAN = Claim.of("toy/mean", b, kind=UPPER_EXPECTATION, source="toy, (1)", premises=[b > 0])
PATH = Claim.of("toy/path", b, kind=UPPER_PATHWISE, source="toy, (2)", premises=[b > 0])

def sample(mean=1.5, bound=2.0):
    spread = np.random.default_rng(1).uniform(0.9, 1.1, (1, 400))
    return Sample(mean * spread, {"b": bound}, trivial=100.0)
"""

VERDICTS = """
import math
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from toy import MEAN, PATH, sample
from verify.pytest_plugin.gate import ClaimRefuted

def test_holds(gate):
    gate.check(MEAN, sample())

@pytest.mark.parametrize("bound", [2.0, 3.0])
@pytest.mark.claims(checks=2)
def test_holds_twice(gate, bound):
    gate.check(MEAN, sample(bound=bound))
    gate.check(MEAN, sample(bound=bound))
    gate.check(PATH, sample(bound=bound))

@pytest.mark.claims(checks=4, share=0.5)
def test_share_reached(gate):
    for bound in (2.0, 2.0, 1000.0, -1.0):
        gate.check(MEAN, sample(bound=bound))

def test_x_refuted(gate):
    gate.check(MEAN, sample(mean=3.0))

def test_x_vacuous(gate):
    gate.check(MEAN, sample(bound=1000.0))

@pytest.mark.claims(checks=3, share=0.5)
def test_x_share_missed(gate):
    for bound in (2.0, 1000.0, -1.0):
        gate.check(MEAN, sample(bound=bound))

def test_x_overspent(gate):
    gate.check(MEAN, sample())
    gate.check(MEAN, sample())

def test_x_unused(gate):
    gate.seed()

def test_x_nan(gate):
    gate.check(MEAN, sample(mean=math.nan))

def test_x_caught(gate):
    with pytest.raises(ClaimRefuted):
        gate.check(MEAN, sample(mean=3.0))

@pytest.mark.claims(check=3)
def test_x_marker(gate):
    gate.check(MEAN, sample())

@pytest.fixture(scope="module")
def shared(gate):
    return gate.seed("data")

def test_x_wide_fixture(gate, shared):
    gate.check(MEAN, sample())

@pytest.fixture
def own(gate):
    gate.check(MEAN, sample())
    return gate.seed("data")

def test_own_fixture(gate, own):
    assert own == "0/test_verdicts.py::test_own_fixture/data"

def test_numpy_property(record_property):
    record_property("error", np.float64(0.1))

def test_x_numpy_property(record_property):
    record_property("error", np.float64(0.1))
    assert False

drawn = settings(max_examples=20, derandomize=True, deadline=None, database=None,
                 suppress_health_check=list(HealthCheck), report_multiple_bugs=False)

@pytest.mark.claims(checks=20, share=0.3)
@drawn
@given(bound=st.floats(1.0, 110.0))
def test_given(gate, bound):
    gate.check(MEAN, sample(mean=0.9, bound=bound))

@pytest.mark.claims(checks=20, share=0.3)
@drawn
@given(mean=st.floats(0.5, 50.0))
def test_x_given(gate, mean):
    gate.check(MEAN, sample(mean=mean))
"""

FAILURES = {
    "test_x_refuted": "toy/mean: REFUTED",
    "test_x_vacuous": "toy/mean: VACUOUS",
    "test_x_share_missed": "toy/mean: 0.33 (HOLDS 1, VACUOUS 1, OUT_OF_REGIME 1)",
    "test_x_overspent": "error budget overspent: 2 checks, 1 declared",
    "test_x_unused": "the gate judged nothing",
    "test_x_nan": "400 of 400 measured values are not finite",
    "test_x_caught": "the test caught a failure of the gate: toy/mean: REFUTED",
    "test_x_marker": "write @pytest.mark.claims(checks=..., share=...)",
    "test_x_wide_fixture": "a wider fixture has no test of its own",
    "test_x_numpy_property": "assert False",
    "test_x_given": "mean=3.0",
}

HEADER = "theorem-gate: error budget 1e-06 over 64 tests, salt 0, threads 1"


OPTIONS = ("-p", "no:cacheprovider", "-rA")


def run(pytester, *arguments):
    """An inner run in this process, for speed; its workers are processes."""
    return pytester.runpytest_inprocess(*OPTIONS, *arguments)


def run_process(pytester, *arguments):
    """An inner run; the status is that of the process."""
    return pytester.runpytest_subprocess(*OPTIONS, *arguments)


def section(result):
    """The lines of the terminal section, without its rule."""
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if re.fullmatch(r"=+ theorem-gate =+", line))
    end = next(i for i, line in enumerate(lines) if i > start and line.startswith("==="))
    return lines[start + 1 : end]


@pytest.fixture
def toy(pytester, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    pytester.makeini("[pytest]\nfilterwarnings = error")
    pytester.makepyfile(toy=TOY)
    return pytester


def test_verdicts(toy):
    toy.makepyfile(test_verdicts=VERDICTS)
    outcomes, tables, files = [], [], []
    for workers in ("0", "2"):
        result = run_process(toy, "-n", workers, "--claims-json=out.json")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines([HEADER + "*"])
        result.stdout.no_fnmatch_line("*Flaky*")
        text = result.stdout.str()
        for message in FAILURES.values():
            assert message in text
        found = re.findall(r"^(PASSED|FAILED|ERROR) test_verdicts.py::(\w+)", text, re.M)
        outcomes.append({name: outcome for outcome, name in found})
        tables.append(section(result))
        files.append(json.loads((toy.path / "out.json").read_text()))
    assert outcomes[0] == outcomes[1]
    assert tables[0] == tables[1]
    failed = {name for name, outcome in outcomes[0].items() if outcome != "PASSED"}
    assert failed == set(FAILURES)
    assert max(map(len, tables[0])) <= 100
    check_file(*files)


def check_file(alone, workers):
    assert alone == workers
    assert alone["settings"] == {"budget": 1e-6, "tests": 64, "salt": "0"}
    assert alone["exit_status"] == 1
    assert alone["environment"]["pytest"] == pytest.__version__
    rows = alone["rows"]
    own = [r for r in rows if r["test"].endswith("test_holds_twice[2.0]")]
    assert [r["claim"] for r in own] == ["toy/mean", "toy/mean", "toy/path"]
    assert [r["level"] for r in own] == [1e-6 / 64 / 2] * 2 + [0]
    shrunk = [r["verdict"] for r in rows if r["test"].endswith("test_x_given")]
    assert shrunk.count("REFUTED") == 1
    assert shrunk[-1] == "REFUTED"
    for name, summary in alone["claims"].items():
        judged = [r for r in rows if r["claim"] == name]
        assert summary["judgements"] == len(judged) == sum(summary["verdicts"].values())
        assert summary["spent"] == sum(r["level"] for r in judged)
        tightest = min(r["tightness"] for r in judged if isinstance(r["tightness"], float))
        assert summary["tightness"] == tightest


def test_selection_leaves_the_level(toy):
    toy.makepyfile(test_verdicts=VERDICTS)
    result = run(toy, "-k", "test_holds", "--claims-json=out.json")
    assert result.ret == 0
    rows = json.loads((toy.path / "out.json").read_text())["rows"]
    assert [r["level"] for r in rows] == [1e-6 / 64, *[1e-6 / 64 / 2, 1e-6 / 64 / 2, 0] * 2]
    assert section(result)[-1] == (
        "error budget spent: 4.69e-08 of 1e-06 (7 judgements in 3 tests), salt 0"
    )


LIGHT = "import os, pytest\n"
# a run is the plugin's if a test of it uses the gate; of what is judged here nothing need be loaded
JUDGED = (
    LIGHT
    + """
def test_0(gate):
    gate._ledger.rows.append({
        "test": gate._ledger.test, "claim": "toy/mean", "verdict": "HOLDS", "level": gate.level,
        "statistical": True, "required": None, "reason": "", "tightness": 1.2, "factor": 1.4,
        "statement": "0123",
    })
"""
)
SIX = JUDGED + "@pytest.mark.parametrize('i', range(6))\ndef test_i(i, record_property):\n"
LAST = JUDGED + "def test_a(): pass\ndef test_b(record_property):\n"
REPORTED = """
open("reported", "a").close()
CONTROLS = []

def pytest_configure(config):  # the environment is that of the worker which runs this very test
    CONTROLS.append(not hasattr(config, "workerinput"))

def pytest_runtest_logreport(report):
    if CONTROLS == [True] and report.when == "teardown":
        with open("reported", "a") as file:
            print(report.nodeid, file=file)
"""
# a worker that is lost may take the run with it, so all others must have reported before
LOST = """
    import time
    for _ in range(10_000):
        if len(open("reported").readlines()) == OTHERS:
            break
        time.sleep(0.05)
    record_property("x", object())
"""
FAILS = LAST + LOST.replace("OTHERS", "2") + "    assert 0"
OTHER = "    if os.environ['PYTEST_XDIST_WORKER'] == 'gw1': return"
IN_ONE = LAST + OTHER + LOST.replace("OTHERS", "5")

NAMESAKES = """
import os
import sympy as sp
from theory import UPPER_PATHWISE, Claim
from verify.judging.sample import Sample

def check(gate, test):
    worker = os.environ.get("PYTEST_XDIST_WORKER", test)
    if worker not in (test, "gw0" if test == "a" else "gw1"):
        gate.check(Claim.of("other", sp.S(2), kind=UPPER_PATHWISE, source="toy"), Sample([1.0], {}))
        return
    bound = {"a": 2, "b": 3}[test]
    gate.check(Claim.of("toy", sp.S(bound), kind=UPPER_PATHWISE, source="toy"), Sample([1.0], {}))

def test_a(gate): check(gate, "a")
def test_b(gate): check(gate, "b")
"""

RUNS = {
    "skip": ("@pytest.mark.skip\ndef test_a(gate): pass", "", 1, "*::test_a uses*not be skipped"),
    "skip-call": ("def test_a(gate): pytest.skip()", "", 1, "*::test_a uses*not be skipped"),
    "xfail": ("@pytest.mark.xfail\ndef test_a(gate): assert 0", "", 1, "*not be marked xfail"),
    "skip-workers": (
        "def test_a(gate): pytest.skip()\n@pytest.mark.xfail\ndef test_b(gate): assert 0",
        "-n 2",
        1,
        "*not be *ed",
    ),
    "skip-other": ("@pytest.mark.skip\ndef test_a(): pass", "", 0, "*1 skipped*"),
    "crash": (SIX + "    if i == 2: os._exit(0)", "-n 2", 1, "FAILED worker gw* went down:*"),
    "lost": (FAILS, "-n 2", 1, "*1 of 3 collected tests did not report: *::test_b"),
    "lost-gate": ("def test_a(gate, record_property): record_property('x', object())", "-n 1", 1,
                  "*not report*"),
    "lost-file": (FAILS, "-n 2 --dist loadfile", 1, "*did not report: *::test_b"),
    "lost-each": (IN_ONE, "-n 2 --dist each", 1,
                  "*1 of 3 collected tests did not report: *::test_b"),
    # xdist ends with an error of its own, unless the others had reported before it heard of it
    "lost-some": (SIX + "    if i == 2: record_property('x', object())", "-n 2", (1, 3),
                  "*of 7 collected tests did not report: *"),
    "exit": (SIX + "    if i == 2: pytest.exit('', 0)", "", 1, "*4 of 7 * did not report*"),
    "stop": (SIX + "    assert i < 2", "-x", 1, "*3 of 7 *, for the run stopped early: *"),
    "stop-workers": (SIX + "    assert i != 2", "-n 2 -x", 2, "*stopping after 1 failures*"),
    "many": ("@pytest.mark.parametrize('i', range(65))\ndef test_a(gate, i): pass", "", 4,
             "*65 tests use the gate, but claims_tests = 64: set claims_tests*"),
    "many-workers": ("@pytest.mark.parametrize('i', range(65))\ndef test_a(gate, i): pass", "-n 2",
                     4, "*65 tests use the gate, but claims_tests = 64: set claims_tests*"),
    "many-allowed": ("@pytest.mark.parametrize('i', range(65))\ndef test_a(gate, i): pass",
                     "-o claims_tests=65 -x", 1, "*over 65 tests*"),
    "budget": ("def test_a(): pass", "--claims-budget=0", 4, "*--claims-budget*total = 0.0*"),
    "tests": ("def test_a(): pass", "-o claims_tests=0", 4, "*claims_tests*tests = 0*"),
    "directory": ("def test_a(): pass", "--claims-json=no/such", 4,
                  "*--claims-json*No such file or directory*"),
    "collect-only": ("def test_a(gate): pass", "--collect-only", 0, "*1 test collected*"),
    "setup-only": ("def test_a(gate): pass", "--setup-only", 0, "*"),
    "without-xdist": ("def test_a(gate): pass", "-p no:xdist", 1, "*judged nothing*"),
    "repeat": ("def test_a(gate): pass", "--dist each -n 2", 1, "*2 failed*"),
    "selected": ("def test_a(gate): pass\ndef test_b(): pass", "-m claims", 1,
                 "*1 failed, 1 deselected*"),
    "one-name": (NAMESAKES.replace('os.environ.get("PYTEST_XDIST_WORKER", test)', "test"), "", 1,
                 "*must be the name of one claim*"),
    # each worker knows the claim of its own test alone
    "one-name-workers": (NAMESAKES, "-n 2 --dist each", 1,
                         "FAILED toy must be the name of one claim: it differs in *::test_a and *"),
    "nothing-left": ("def test_a(gate): pass", "-n 2 -k none", 5, "*no tests ran*"),
}  # fmt: skip


PROCESSES = ("skip", "lost-gate", "lost-some", "many")
"""Those whose process is looked at: of each status one, and a worker that dies alone."""


@pytest.mark.parametrize("case", RUNS)
def test_runs(toy, case):
    source, arguments, status, line = RUNS[case]
    start = run_process if case in PROCESSES else run
    toy.makeconftest(REPORTED)
    toy.makepyfile(LIGHT + source)
    result = start(toy, *arguments.split())
    assert result.ret in (status if isinstance(status, tuple) else (status,))
    pytest.LineMatcher(result.outlines + result.errlines).fnmatch_lines([line])


def test_seed_is_that_of_the_plain_run_in_groups(pytester):
    pytester.makepyfile(
        "import pytest\n"
        "@pytest.mark.xdist_group('x')\n"
        "def test_a(gate): assert gate.seed('b') == '0/test_seed_is_that_of_the_plain_run_in_groups"
        ".py::test_a/b'"
    )
    result = run(pytester, "-n", "1", "--dist", "loadgroup")
    result.stdout.fnmatch_lines(["the gate judged nothing*"])


def test_random_salt(pytester, monkeypatch):
    pytester.makepyfile(
        "import os, pathlib\n"
        "def test_a(gate):\n"
        "    pathlib.Path(os.environ.get('PYTEST_XDIST_WORKER', 'alone')).write_text(gate.salt)"
    )
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    salts = []
    for arguments, names in (("-n 2 --dist each", ("gw0", "gw1")), ("-n 0", ("alone",))):
        result = run(pytester, *arguments.split(), "--claims-salt=random")
        (printed,) = re.findall(r"salt (\w+)", result.stdout.str())
        salts += {printed, *((pytester.path / name).read_text() for name in names)}
    assert len(salts) == len(set(salts)) == 2


def test_threads(toy, pytester, monkeypatch):
    for name in ("OMP_NUM_THREADS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeconftest(
        "import os, sys, types\n"
        "CALLS = []\n"
        "sys.modules['torch'] = types.SimpleNamespace(\n"
        "    set_num_threads=CALLS.append, Tensor=type('Tensor', (), {}))\n"
    )
    pytester.makepyfile(
        "import conftest, os\n"
        "def test_a(gate):\n"
        "    from toy import MEAN, sample\n"
        "    gate.check(MEAN, sample())\n"
        "    set_up = os.environ.get('OMP_NUM_THREADS'), conftest.CALLS[-1:]\n"
        "    assert set_up == (('1', [1]) if 'PYTEST_XDIST_WORKER' in os.environ else (None, []))\n"
    )
    assert run(pytester, "-n", "1").ret == 0
    assert run(pytester, "-p", "no:xdist").ret == 0


RERUN = """
import pytest
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        item._initrequest()
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
    return True
"""


def test_refutation_outlives_a_repetition(toy):
    toy.makeconftest(RERUN)
    toy.makepyfile(
        "from toy import MEAN, sample\n"
        "means = [3.0, 1.5]\n"
        "def test_a(gate): gate.check(MEAN, sample(mean=means.pop(0)))\n"
    )
    result = run(toy)
    assert result.ret == 1
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["run 2 of this test, a rerun: the gate failed in run 1 (toy/mean: REFUTED*"]
    )


def test_dead_run_leaves_no_file(pytester):
    (pytester.path / "out.json").write_text("from an earlier run")
    pytester.makepyfile("import os\ndef test_a(): os._exit(0)")
    run_process(pytester, "--claims-json=out.json")
    assert not (pytester.path / "out.json").exists()


def test_file_is_written_whole(pytester, monkeypatch):
    monkeypatch.setattr(_controller, "versions", lambda _: {"x": object()})
    pytester.makepyfile("def test_a(gate): pass")
    result = run(pytester, "--claims-json=out.json")
    assert result.ret != 0
    assert not list(pytester.path.glob("*out.json*"))


def test_import_is_light():
    code = (
        "import sys, verify.pytest_plugin.plugin\n"
        "heavy = {'torch', 'sympy', 'scipy', 'numpy', 'hypothesis', 'theory.registry',\n"
        "         'theory.language.claim', 'theory.language.errors'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
