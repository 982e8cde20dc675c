"""What the plugin writes, and what it is called: files, text, names of tests, runs again."""

import json
import os
import stat

import numpy  # noqa: F401  (inner runs in this process must not load it a second time)
import pytest
import scipy.special  # noqa: F401
import sympy  # noqa: F401

import verify.judging.verdict
import verify.runs.files  # noqa: F401

TOY = """
import numpy as np
import pytest
import sympy as sp
from theory import UPPER_EXPECTATION, Claim
from verify import Sample

b = sp.Symbol("b", positive=True)
MEAN = Claim.of("toy/mean", b, kind=UPPER_EXPECTATION, source="toy, (1)")

def sample(mean=1.5, bound=2.0):
    spread = np.random.default_rng(1).uniform(0.9, 1.1, (1, 400))
    return Sample(mean * spread, {"b": bound}, trivial=100.0)
"""
ONE = "def test_a(gate): gate.check(MEAN, sample())"


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)


def run(pytester, *arguments, source=ONE):
    if source:
        pytester.makepyfile(test_toy=TOY + source)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def rows(pytester):
    return json.loads((pytester.path / "o.json").read_text())["rows"]


# ---- files


def test_json_through_a_link_and_into_a_pipe(pytester):
    os.mkdir("sub")
    os.symlink("sub/there", "link")
    os.mkfifo("pipe")
    assert run(pytester, "--claims-json=link").ret == 0
    assert (pytester.path / "link").is_symlink()
    assert json.loads((pytester.path / "sub/there").read_text())["collected"] == 1
    end = os.open("pipe", os.O_RDWR)
    try:
        assert run(pytester, "--claims-json=pipe").ret == 0
        assert json.loads(os.read(end, 10**5))["collected"] == 1
    finally:
        os.close(end)
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


REFUSED = {
    "json-folder": "--claims-json=sub",
    "json-nowhere": "--claims-json=no/such",
    "json-proc": "--claims-json=/proc/o.json",
    "baseline-folder": "--claims-baseline=sub --claims-baseline-update",
    "baseline-nowhere": "--claims-baseline=no/such --claims-baseline-update",
    "cases-file": "--claims-cases=file",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_place_that_takes_no_file_is_refused_before_the_run(pytester, case):
    os.mkdir("sub")
    (pytester.path / "file").touch()
    result = run(pytester, *REFUSED[case].split(), source="def test_a(): open('ran', 'w')")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if "must be" in line]
    assert REFUSED[case].partition("=")[0] in line
    assert not os.path.exists("ran")


@pytest.mark.parametrize(
    "options", ["--claims-json=o.json", "--claims-baseline=b.json --claims-baseline-update"]
)
def test_a_failure_to_write_does_not_lose_the_table(pytester, monkeypatch, options):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("verify.runs.files._replace", full)
    result = run(pytester, *options.split())
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["toy/mean * 1 *", "FAILED *not written: No space left*"])


def test_the_json_is_not_the_baseline(pytester):
    assert run(pytester, "--claims-baseline=b.json", "--claims-baseline-update").ret == 0
    before = (pytester.path / "b.json").read_text()
    result = run(pytester, "--claims-baseline=b.json", "--claims-json=./b.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert (pytester.path / "b.json").read_text() == before


@pytest.mark.parametrize("update", [False, True])
def test_written_is_said_of_files_that_are_there(pytester, monkeypatch, update):
    options = ["--claims-baseline=b.json", "--claims-baseline-update"] if update else []
    for rank, size, there in (("1", "", True), ("1", "2", False)):
        monkeypatch.setenv("RANK", rank)
        monkeypatch.setenv("WORLD_SIZE", size)
        result = run(pytester, "--claims-json=o.json", *options)
        assert result.ret == 0
        assert os.path.exists("o.json") is there
        assert os.path.exists("b.json") is (there and update)
        said = "baseline: written" in result.stdout.str()
        assert said is (there and update)
        assert ("not written: the first process" in result.stdout.str()) is not there
        for name in ("o.json", "b.json"):
            (pytester.path / name).unlink(missing_ok=True)


LISTINGS = ("--collect-only", "--fixtures", "--fixtures-per-test", "--markers", "--help",
            "--setup-plan", "--setup-only", "--cache-show")  # fmt: skip


@pytest.mark.parametrize("option", LISTINGS)
def test_listings_say_nothing_of_the_plugin_and_touch_no_file(pytester, option):
    (pytester.path / "o.json").write_text("kept")
    pytester.makepyfile(test_toy=TOY + ONE + "\n@pytest.mark.skip\ndef test_b(gate): pass")
    extra = ["-o", "claims_tests=1", "--claims-json=o.json", "--claims-baseline=none.json",
             "--claims-cases=o.json"]  # fmt: skip
    plugins = () if option == "--cache-show" else ("-p", "no:cacheprovider")
    result = pytester.runpytest_inprocess(*plugins, option, *extra)
    assert result.ret == 0
    assert (pytester.path / "o.json").read_text() == "kept"
    for sign in ("FAILED", "did not report", "theorem-gate: error", "= theorem-gate ="):
        assert sign not in result.stdout.str()


def test_a_run_without_listing_is_not_quiet(pytester):
    """Must fail: what a listing does not say, a run does."""
    result = run(pytester, "-o", "claims_tests=1", source=ONE + "\ndef test_b(gate): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert run(pytester, "--claims-baseline=none.json").ret == pytest.ExitCode.USAGE_ERROR


# ---- text

DETAILS = {
    "path": ("__import__('pathlib').Path('run-7')", "run-7"),
    "number": ("np.float64(0.5)", "0.5"),
    "infinite": ("float('inf')", "inf"),
    "none": ("None", "None"),
    "bytes": (r"b'\xff'", r"b'\xff'"),
    "dict": ("{1: {2}}", "{1: {2}}"),
    "surrogate": (r"'a\ud800b'", "a\\ud800b"),
    "control": (r"'\x1b[31m\x00\n'", "\x1b[31m\x00\n"),
    "words": ("'naïve ∀'", "naïve ∀"),
}


@pytest.mark.parametrize("case", DETAILS)
def test_details_reach_the_file_as_text(pytester, case):
    value, expected = DETAILS[case]
    source = (
        f"D = {value}\n"
        "def test_a(gate): gate.check(MEAN, sample(), detail=D)\n"
        "def test_b(gate): gate.check(MEAN, sample(mean=3.0), detail=D)\n"
    )
    result = run(pytester, "--claims-json=o.json", "--junitxml=o.xml", source=source)
    result.assert_outcomes(passed=1, failed=1)
    assert [row["detail"] for row in rows(pytester)] == [expected] * 2
    assert "\x1b[31m" not in "\n".join(result.outlines)
    (pytester.path / "o.json").read_bytes().decode("ascii")


ALONE = {
    "detail": "gate.check(MEAN, sample(), detail=Silent())",
    "share": "gate.check(MEAN, sample())",
    "claim": "gate.check(Claim.of(None, b, kind=UPPER_EXPECTATION, source=''), sample())",
    "name": r"gate.check(Claim.of('a\ud800', b, kind=UPPER_EXPECTATION, source=''), sample())",
}


@pytest.mark.parametrize("case", ALONE)
def test_what_is_no_text_fails_its_test_alone(pytester, case):
    marker = "@pytest.mark.claims(share=object())\n" if case == "share" else ""
    source = (
        "class Silent:\n    def __str__(self): raise ValueError('no text')\n"
        f"{marker}def test_a(gate): {ALONE[case]}\n"
        "def test_b(gate): gate.check(MEAN, sample())\n"
    )
    result = run(pytester, "--claims-json=o.json", source=source)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes()["passed"] == 1
    assert [row["test"] for row in rows(pytester)] == ["test_toy.py::test_b"]


@pytest.mark.parametrize("share", ["np.float64(0.5)", "__import__('fractions').Fraction(1, 2)"])
def test_numbers_of_any_type_reach_the_file(pytester, share):
    source = f"@pytest.mark.claims(share={share})\n{ONE}"
    assert run(pytester, "--claims-json=o.json", source=source).ret == 0
    assert [row["required"] for row in rows(pytester)] == [0.5]


def test_a_salt_that_is_no_text(pytester):
    assert run(pytester, "--claims-salt=\udcff").ret == pytest.ExitCode.USAGE_ERROR


# ---- names of tests

FOLDERS = {
    "same": ("proj", ["test_toy.py", "--claims-baseline=../b.json"]),
    "space": ("proj", ["test_toy.py", "--claims-baseline", "../b.json"]),
    "above": (".", ["proj/test_toy.py", "--claims-baseline=b.json"]),
    "all": (".", ["--claims-baseline=b.json"]),
    "rootdir": (".", ["proj", "--rootdir=other", "--claims-baseline=b.json"]),
    "file": (".", ["proj", "-c", "other/own.ini", "--claims-baseline=b.json"]),
    "link": (".", ["link/test_toy.py", "--claims-baseline=b.json"]),
    "below": ("proj/sub", ["..", "--claims-baseline", "../../b.json"]),
}
SEEDED = """
import pathlib
def test_a(gate):
    gate.check(MEAN, sample())
    with open(pathlib.Path(__file__).parent / "seeds", "a") as file: print(gate.seed(), file=file)
class TestB:
    @pytest.mark.parametrize("p", ["a/b::c"])
    def test_b(self, gate, p): gate.check(MEAN, sample())
"""


@pytest.mark.parametrize("case", FOLDERS)
@pytest.mark.parametrize("marked", [False, True])
def test_the_folder_of_the_run_does_not_matter(pytester, monkeypatch, case, marked):
    """Written from one folder, compared from another; the seeds are the same too."""
    project = pytester.mkdir("proj")
    (project / "sub").mkdir()
    if case == "link":
        os.symlink("proj", "link")
    (project / "test_toy.py").write_text(TOY + SEEDED)
    pytester.mkdir("other").joinpath("own.ini").write_text("[pytest]\n")
    if marked:
        (project / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(project)
    made = ["test_toy.py", "--claims-baseline=../b.json", "--claims-baseline-update"]
    assert run(pytester, *made, source="").ret == 0
    monkeypatch.chdir(pytester.path / FOLDERS[case][0])
    result = run(pytester, *FOLDERS[case][1], source="")
    result.stdout.fnmatch_lines(["baseline: 2 of 2 rows compared, at the same salt and packages"])
    assert result.ret == 0
    assert (project / "seeds").read_text().splitlines() == ["0/test_toy.py::test_a"] * 2
    before = (pytester.path / "b.json").read_text()
    assert run(pytester, *FOLDERS[case][1], "--claims-baseline-update", source="").ret == 0
    assert (pytester.path / "b.json").read_text() == before


@pytest.mark.parametrize("case", FOLDERS)
def test_a_test_that_is_gone_is_missed_from_every_folder(pytester, monkeypatch, case):
    """Must fail: the names are translated, not forgotten."""
    project = pytester.mkdir("proj")
    (project / "sub").mkdir()
    if case == "link":
        os.symlink("proj", "link")
    (project / "test_toy.py").write_text(TOY + SEEDED)
    pytester.mkdir("other").joinpath("own.ini").write_text("[pytest]\n")
    monkeypatch.chdir(project)
    made = ["test_toy.py", "--claims-baseline=../b.json", "--claims-baseline-update"]
    assert run(pytester, *made, source="").ret == 0
    (project / "test_toy.py").write_text(TOY + SEEDED.replace("test_b", "test_c"))
    monkeypatch.chdir(pytester.path / FOLDERS[case][0])
    result = run(pytester, *FOLDERS[case][1], source="")
    result.stdout.fnmatch_lines(["FAILED baseline: toy/mean in *::test_b* is gone"])
    result.stdout.fnmatch_lines(["FAILED baseline: toy/mean in *::test_c* was not listed*"])


def test_a_file_that_runs_by_two_names_has_two_rows(pytester):
    pytester.mkdir("proj").joinpath("test_toy.py").write_text(TOY + SEEDED)
    os.symlink("proj", "link")
    both = ["--claims-baseline=b.json", "--claims-baseline-update"]
    result = run(pytester, *both, source="")
    result.stdout.fnmatch_lines(["baseline: written: 4 rows*"])
    assert run(pytester, "--claims-baseline=b.json", source="").ret == 0


# ---- runs again

RERUN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    "What pytest-rerunfailures does: reports of a failed run are called `rerun`, then another run."
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for again in (True, False):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = any(report.failed for report in reports)
        for report in reports:
            if report.failed and again:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        if not failed:
            break
        item._initrequest()
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""
RERUNS = {
    "refuted": ("LEFT = [3.0, 1.5]\ndef test_a(gate): gate.check(MEAN, sample(mean=LEFT.pop(0)))",
                1, "run 2 of this test, a rerun: the gate failed in run 1 (toy/mean: REFUTED*"),
    "overspent": ("LEFT = [0, 1]\ndef test_a(gate):\n    gate.check(MEAN, sample())\n"
                  "    assert LEFT.pop(0)",
                  1, "error budget overspent: 2 checks in 2 runs of this test (reruns), 1 declared*"
                     "leave the test out of reruns*claims(checks=2)*"),
    "before": ("LEFT = [0, 1]\ndef test_a(gate):\n    assert LEFT.pop(0)\n"
               "    gate.check(MEAN, sample())",
               0, "reruns, whose judgements all count: test_toy.py::test_a (2 runs)"),
    "declared": ("LEFT = [0, 1]\n@pytest.mark.claims(checks=3)\ndef test_a(gate):\n"
                 "    gate.check(MEAN, sample())\n    assert LEFT.pop(0)",
                 0, "reruns, whose judgements all count: test_toy.py::test_a (2 runs)"),
    "unused": ("def test_a(gate): pass", 1, "the gate judged nothing*"),
}  # fmt: skip


@pytest.mark.parametrize("case", RERUNS)
def test_reruns_are_said_to_be_reruns(pytester, case):
    source, status, line = RERUNS[case]
    pytester.makeconftest(RERUN)
    result = run(pytester, "--claims-json=o.json", source=source)
    assert result.ret == status
    result.stdout.fnmatch_lines([line])
    if case == "declared":
        assert [row.get("run", 1) for row in rows(pytester)] == [1, 2]


def test_without_a_rerun_no_line_speaks_of_one(pytester):
    assert "reruns" not in run(pytester).stdout.str()
