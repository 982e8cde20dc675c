"""The baseline in whole pytest runs, and its comparison of records."""

import json

import pytest
import scipy.special  # noqa: F401  (inner runs in this process must not load it a second time)
from hypothesis import settings

TOY = """
from verify.runs.plain import scalar

FACTORS = {"0": 1.0, "1": 1.02, "2": 1.01, "3": 0.99, "4": 0.98}

def show(gate, claim, verdict="HOLDS", tightness=1.2, factor=1.4, statement="s"):
    ledger, noise = gate._ledger, FACTORS.get(gate.salt, 1.005)
    ledger.rows.append({
        "test": ledger.test, "claim": claim, "verdict": verdict, "level": ledger.level,
        "statistical": True, "required": ledger.share, "reason": "",
        "statement": statement,
        "tightness": scalar(tightness * noise), "factor": scalar(factor * noise),
    })
"""

TESTS = """
import os, signal, time
import numpy as np
import pytest
from hypothesis import settings
from toy import show

@pytest.mark.claims(checks=2)
def test_all(gate):
    show(gate, "toy/mean")
    show(gate, "toy/path", tightness=1.0)

@pytest.mark.parametrize("i", [0, 1])
@pytest.mark.claims(checks=99, share=0.1)
def test_some(gate, i):
    for verdict in ["HOLDS"] * 16 + ["VACUOUS"] * 4:
        show(gate, "toy/mean", verdict, 1.5 + i)

def test_other(record_property):
    record_property("error", np.float64(1))
"""


OPTIONS = ("-p", "no:cacheprovider", "--claims-baseline=base.json")


def run(pytester, *arguments):
    """An inner run in this process, for speed; its workers are processes."""
    return pytester.runpytest_inprocess(*OPTIONS, *arguments)


def run_process(pytester, *arguments):
    """An inner run; the status is that of the process."""
    return pytester.runpytest_subprocess(*OPTIONS, "--hypothesis-profile=ci", *arguments)


def said(result):
    """The lines on the baseline."""
    return [line for line in result.outlines + result.errlines if "baseline" in line]


@pytest.fixture
def toy(pytester, monkeypatch):
    """A suite with its baseline, in base.json."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    pytester.makeini("[pytest]\nfilterwarnings = error")
    pytester.makepyfile(toy=TOY, test_toy=TESTS)
    profile = settings._current_profile
    settings.load_profile("ci")
    yield pytester
    settings.load_profile(profile)


@pytest.fixture
def made(toy):
    result = run(toy, "--claims-baseline-update")
    assert result.ret == 0
    assert said(result)[0] == "baseline: written: 4 rows, 0 of 0 as before"
    return toy


ALL = "FAILED baseline: {} in test_toy.py::test_all: {}"
SOME = "FAILED baseline: toy/mean in test_toy.py::test_some[[]0]: {}"
SHOWN = 'show(gate, "toy/mean")'
SHARE = '["HOLDS"] * 16 + ["VACUOUS"] * 4'
PATH = '    show(gate, "toy/path", tightness=1.0)'

EDITS = {
    "same": ("", "", 0, "baseline: 4 of 4 rows compared, at the same salt and packages"),
    "verdict": (SHOWN, 'show(gate, "toy/mean", "VACUOUS")', 1,
                ALL.format("toy/mean", "the verdict was HOLDS, is VACUOUS")),
    "worst": (SHOWN, SHOWN + '; show(gate, "toy/mean", "OUT_OF_REGIME")', 1,
              ALL.format("toy/mean", "the verdict was HOLDS, is OUT_OF_REGIME")),
    "tightness": (SHOWN, 'show(gate, "toy/mean", tightness=1.23)', 1,
                  ALL.format("toy/mean", "tightness was 1.2, is 1.23")),
    "factor": (SHOWN, 'show(gate, "toy/mean", factor=1.5)', 1,
               ALL.format("toy/mean", "factor was 1.4, is 1.5")),
    "rounding": (SHOWN, 'show(gate, "toy/mean", tightness=1.2001)', 0, "*4 of 4 rows compared*"),
    "infinite": (SHOWN, 'show(gate, "toy/mean", tightness=float("inf"))', 1,
                 ALL.format("toy/mean", "tightness was 1.2, is none")),
    "share": (SHARE, '["HOLDS"] * 15 + ["VACUOUS"] * 5', 1,
              SOME.format("the informative share was 0.80 (16 of 20), is 0.75 (15 of 20)")),
    "regime": (SHARE, '["HOLDS"] * 16 + ["VACUOUS"] * 3 + ["OUT_OF_REGIME"]', 1,
               SOME.format("the share in the regime was 1.00 (20 of 20), is 0.95 (19 of 20)")),
    "fewer": (SHARE, '["HOLDS"] * 8 + ["VACUOUS"] * 2', 1,
              SOME.format("judgements were 20, are 10")),
    "required": ("share=0.1", "share=0.05", 1, SOME.format("the share required was 0.1, is 0.05")),
    "better": (SHARE, '["HOLDS"] * 20', 0, "baseline: 2 rows are better than listed*"),
    "restated": (SHOWN, 'show(gate, "toy/mean", statement="t")', 1,
                 ALL.format("toy/mean", "the statement was s, is t")),
    "gone": (PATH, "", 1, ALL.format("toy/path", "was judged (HOLDS 1, *factor 1.4), is gone")),
    "renamed": ("toy/path", "toy/way", 1,
                ALL.format("toy/way", "was not listed, is judged (HOLDS 1, *factor 1.4)")),
    "new": (PATH, PATH + '\n    show(gate, "toy/new")', 1,
            ALL.format("toy/new", "was not listed, is judged (HOLDS 1, *factor 1.4)")),
    "test-gone": ("test_all", "test_any", 1, ALL.format("toy/mean", "was judged (*), is gone")),
    "gate-gone": ("some(gate, i):", "some(i):\n    return", 1,
                  SOME.format("was judged (*), is gone")),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITS)
def test_changed_suites(made, case):
    old, new, status, line = EDITS[case]
    assert old in TESTS
    made.makepyfile(test_toy=TESTS.replace(old, new))
    result = run(made)
    assert result.ret == status
    pytest.LineMatcher(said(result)).fnmatch_lines([line])
    if status:
        assert said(result)[-1].startswith("FAILED baseline: if this is meant, run again with")


ARGUMENTS = {
    "keyword": ("-k all", 0, "baseline: 2 of 4 rows compared*"),
    "no-claim": ("-k other", 0, "baseline: 0 of 4 rows compared*"),
    "deselect": ("--deselect test_toy.py::test_all", 0, "baseline: 2 of 4 rows compared*"),
    "path": ("test_toy.py", 0, "baseline: 4 of 4 rows compared*"),
    "test": ("test_toy.py::test_some", 0, "baseline: 2 of 4 rows compared*"),
    "parameter": ("test_toy.py::test_some[0]", 0, "baseline: 1 of 4 rows compared*"),
    "directory": ("sub", 0, "baseline: 0 of 4 rows compared*"),
    "ignore": ("--ignore=test_toy.py", 0, "baseline: 0 of 4 rows compared*"),
    "budget": ("--claims-budget=1e-7", 1, "FAILED baseline: the baseline is stale: budget was*"),
    "unmeasured": ("--claims-salt=7", 1, "*the noise of 4 rows is not known*update at 5 salts*"),
    "missing": ("--claims-baseline=no.json", 4, "*no file *no.json: make it with*-update*"),
    "corrupt": ("--claims-baseline=bad.json", 4, "*bad.json is corrupt*"),
    "each": ("-n 2 --dist each", 4, "*--dist each*"),
    "collect": ("--collect-only", 0, "* --claims-baseline*"),
}  # fmt: skip


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments(made, case):
    arguments, status, line = ARGUMENTS[case]
    (made.path / "bad.json").write_text((made.path / "base.json").read_text()[:-20])
    made.mkdir("sub").joinpath("test_sub.py").write_text("def test_a(): pass")
    result = run(made, *arguments.split())
    assert result.ret == status
    if case == "collect":
        assert "rows" not in result.stdout.str()
    else:
        pytest.LineMatcher(said(result)).fnmatch_lines([line])


def test_without_a_file(pytester):
    pytester.makepyfile("def test_a(): pass")
    result = pytester.runpytest_inprocess("--claims-baseline-update")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--claims-baseline-update needs --claims-baseline=FILE"])


@pytest.mark.parametrize("arguments", ["", "-k all"])
def test_workers_agree(made, arguments):
    text = TESTS.replace(SHOWN, "").replace(SHARE, '["HOLDS"] * 9')
    made.makepyfile(test_toy=text)
    alone = run(made, *arguments.split())
    workers = run(made, "-n", "2", "--hypothesis-profile=ci", *arguments.split())
    assert said(alone) == said(workers)
    assert alone.ret == workers.ret == 1


PROFILE = """
from hypothesis import settings
settings.register_profile("own")
settings.load_profile("own")
"""

# A worker that writes leaves a file of its own.
WORKER = """
import pathlib
import verify.runs.files

def pytest_configure(config):
    if hasattr(config, "workerinput"):
        verify.runs.files.write = lambda *_: pathlib.Path("base.worker").touch()
"""


def test_update(toy):
    """The file is the same with workers and without; it says what changed; only it is written."""
    base = toy.path / "base.json"
    toy.makeconftest(WORKER)
    toy.makepyfile(test_toy=PROFILE + TESTS)
    texts = []
    for workers in ("0", "2"):
        assert run(toy, "-n", workers, "--claims-baseline-update").ret == 0
        texts.append(base.read_text())
        base.unlink()
    assert texts[0] == texts[1]
    base.write_text(texts[0])
    assert json.loads(texts[0])["settings"]["profile"] == "own"
    changed = PROFILE + TESTS.replace(SHOWN, "").replace(SHARE, '["HOLDS"] * 20')
    toy.makepyfile(test_toy=changed)
    result = run(toy, "-n", "2", "--claims-baseline-update", "-k", "all or 0")
    assert result.ret == 0
    assert said(result) == [
        "baseline: written: 3 rows, 1 of 3 as before",
        "baseline: toy/mean in test_toy.py::test_all: "
        "HOLDS 1, tightness 1.2, factor 1.4 -> nothing",
        "baseline: toy/mean in test_toy.py::test_some[0]: "
        "HOLDS 16, VACUOUS 4, tightness 1.5, factor 1.4 -> HOLDS 20, tightness 1.5, factor 1.4",
    ]
    assert {path.name for path in toy.path.glob("*base*")} == {"base.json"}
    rows = json.loads(base.read_text())["rows"]
    assert [row["judged"] for row in rows] == [20, 20, 1]


LAST = 'record_property("error", np.float64(1))'
FAILING = {
    "failure": (LAST, "assert False", ""),
    "skip": ("def test_all(gate):", "def test_all(gate):\n    pytest.skip()", ""),
    "collection": ("import os", "import no_such_module", ""),
    "stop": (LAST, "assert False", "-x"),
    "crash": (LAST, "os._exit(0)", "-n 2"),
}


@pytest.mark.parametrize("case", FAILING)
def test_update_is_refused_when_the_run_fails(made, case):
    old, new, arguments = FAILING[case]
    before = (made.path / "base.json").read_text()
    made.makepyfile(test_toy=TESTS.replace(old, new))
    result = run(made, "--claims-baseline-update", *arguments.split())
    assert result.ret not in (0, 5)
    assert (made.path / "base.json").read_text() == before
    pytest.LineMatcher(said(result)).fnmatch_lines(["FAILED baseline: not *: the run *"])
    if case == "crash":
        result.stdout.fnmatch_lines(["FAILED worker gw* went down*"])


def test_a_module_that_cannot_be_imported(made):
    """What it would have judged is unknown, so nothing is called gone."""
    made.makepyfile(test_broken="import no_such_module")
    result = run(made, "--continue-on-collection-errors")
    assert result.ret == 1
    assert said(result) == ["FAILED baseline: not compared: the run did not finish"]


DYING = {
    "exit": ("os._exit(0)", "FAILED the process was left by os._exit(0) in *::test_other (call)"),
    "hang": ("signal.alarm(1); time.sleep(60)", "*"),
}


@pytest.mark.parametrize("case", DYING)
def test_a_run_that_dies_fails_and_writes_nothing(made, case):
    new, line = DYING[case]
    before = (made.path / "base.json").read_text()
    made.makepyfile(test_toy=TESTS.replace(LAST, new))
    result = run_process(made, "--claims-baseline-update")
    assert result.ret not in (0, 5)
    assert (made.path / "base.json").read_text() == before
    result.stdout.fnmatch_lines([line])


def test_a_child_process_may_leave(made):
    child = "child = os.fork() or os._exit(0); assert os.waitpid(child, 0)[1] == 0"
    made.makepyfile(test_toy=TESTS.replace(LAST, child))
    assert run_process(made).ret == 0


def test_a_stale_file_is_made_anew(made):
    """As docs/continuous-integration.md says: the tests with claims, at five salts."""
    stale = TESTS.replace("test_all", "test_any").replace("toy/path", "toy/way")
    made.makepyfile(test_toy=stale.replace("test_some", "test_few"))
    split = ("-o", "claims_tests=99", "-m", "claims")
    result = run(made, *split)
    assert result.ret == 1
    assert said(result)[0].startswith(
        "FAILED baseline: the baseline is stale: tests was 64, is 99; if this is meant, run again"
    )
    assert run(made, *split, "--claims-salt=1", "--claims-baseline-update").ret == 1  # 0 is first
    for salt in "01234":
        result = run(made, *split, f"--claims-salt={salt}", "--claims-baseline-update")
        assert result.ret == 0
        result.stdout.fnmatch_lines(["*3 passed, 1 deselected*"])
    found = json.loads((made.path / "base.json").read_text())
    assert {row["test"].partition("[")[0] for row in found["rows"]} == {
        "test_toy.py::test_any", "test_toy.py::test_few"
    }  # fmt: skip
    assert all(list(row["factor"]) == list("01234") for row in found["rows"])
    for salt in "09":
        result = run(made, *split[:2], f"--claims-salt={salt}")
        assert result.ret == 0, said(result)
        assert said(result)[0].startswith("baseline: 4 of 4 rows compared")


def test_noise(made):
    for salt in "1234":
        result = run(made, f"--claims-salt={salt}", "--claims-baseline-update")
        assert said(result) == [f"baseline: written: the ratios of 4 rows at salt {salt}"]
    row = json.loads((made.path / "base.json").read_text())["rows"][0]
    assert row["tightness"] == {"0": 1.2, "1": 1.224, "2": 1.212, "3": 1.188, "4": 1.176}
    result = run(made, "--claims-salt=9")
    assert result.ret == 0
    assert said(result) == ["baseline: 4 of 4 rows compared, within the noise (salt was 0, is 9)"]
    made.makepyfile(test_toy=TESTS.replace(SHOWN, 'show(gate, "toy/mean", tightness=2.4)'))
    result = run(made, "--claims-salt=9")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [ALL.format("toy/mean", "tightness was 0.9041 to 1.592 (5 salts), is 2.412")]
    )
    result = run(made, "--claims-baseline-update")
    result.stdout.fnmatch_lines(["*the noise of changed rows is to be measured again*"])
    assert run(made, "--claims-salt=9").ret == 1
