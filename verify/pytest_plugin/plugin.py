"""The pytest plugin: the fixture `gate`, the error budget, the table of verdicts.

Two parts. The runner is where tests run (in this process, or in each worker of pytest-xdist): it
opens a ledger for every test that takes `gate` and lets the test fail if the ledger says so. The
controller is where reports arrive: it prints the table, writes the JSON, and fails the run for
what no single test can see: tests that were lost, skipped or expected to fail, dead workers.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

from verify.judging.budget import TESTS, TOTAL, Budget
from verify.judging.plural import number
from verify.pytest_plugin.baseline_run import BaselineRun
from verify.pytest_plugin.gate import Gate, Ledger, Row
from verify.pytest_plugin.table import summarise, table
from verify.runs.plain import scalar

PROPERTY = "theorem-gate"
"""The user property that carries the rows of a test to the controller, as one JSON string."""

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PACKAGES = (
    "theorem-gate",
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "numpy",
    "scipy",
    "sympy",
    "torch",
)

_GATE = pytest.StashKey[Gate]()
_TEST = pytest.StashKey[str]()
_LEDGER = pytest.StashKey[Ledger]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("theorem-gate", "convergence claims")
    group.addoption(
        "--claims-budget",
        type=float,
        default=TOTAL,
        metavar="P",
        help=f"probability that a correct suite fails (default: {TOTAL:g})",
    )
    group.addoption(
        "--claims-salt",
        default="0",
        metavar="SALT",
        help="salt of all seeds; `random` draws a fresh one and prints it (default: 0)",
    )
    group.addoption(
        "--claims-json",
        type=Path,
        metavar="FILE",
        help="write settings, judgements and a summary per claim to FILE",
    )
    group.addoption(
        "--claims-baseline",
        type=Path,
        metavar="FILE",
        help="fail if a claim does worse in a test than FILE says, is new or is gone",
    )
    group.addoption(
        "--claims-baseline-update",
        action="store_true",
        help="write FILE from this run instead; at another salt than that of FILE: add the noise",
    )
    group.addoption(
        "--claims-cases",
        type=lambda name: Path(name).absolute(),
        metavar="DIR",
        help="where files of counterexamples go, for `verify replay` (default: pytest's cache)",
    )
    parser.addini(
        "claims_tests",
        default=str(TESTS),
        help=f"how many tests share the budget (default: {TESTS}); more is an error",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:  # before a conftest imports torch
        for name in THREADS:
            os.environ.setdefault(name, "1")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "claims(checks=1, share=None): the largest number of statistical checks of a test that "
        "takes `gate`, and the least informative share of each claim (None: every check)",
    )
    try:
        budget = Budget(config.getoption("claims_budget"), int(config.getini("claims_tests")))
    except ValueError as error:
        raise pytest.UsageError(f"--claims-budget or claims_tests: {error}") from None
    worker = getattr(config, "workerinput", None)
    salt = worker[PROPERTY] if worker else config.getoption("claims_salt")
    salt = secrets.token_hex(8) if salt == "random" else salt
    gate = Gate(budget, salt, lambda: _cases_directory(config))
    config.stash[_GATE] = gate
    config.pluginmanager.register(_Runner(config, gate), "theorem-gate-runner")
    baseline = BaselineRun(config)
    config.pluginmanager.register(baseline, "theorem-gate-baseline")
    if worker is None:
        controller = _Controller(config, gate, baseline)
        config.pluginmanager.register(controller, "theorem-gate-controller")


@pytest.fixture(scope="session")
def gate(pytestconfig: pytest.Config) -> Gate:
    """Judges claims at the level that the error budget allots to the current test."""
    return pytestconfig.stash[_GATE]


class _Runner:
    """Opens and closes the ledgers of the tests that run in this process."""

    def __init__(self, config: pytest.Config, gate: Gate) -> None:
        self.config = config
        self.gate = gate

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            item.stash[_TEST] = item.nodeid  # before pytest-xdist adds the name of a group
        count = sum(map(_uses_gate, items))
        if count > self.gate.budget.tests:
            message = f"{number(count, 'test', 'use')} the gate, but claims_tests = "
            message += f"{self.gate.budget.tests}: set claims_tests to at least their number"
            if hasattr(self.config, "workeroutput"):
                self.config.workeroutput[PROPERTY] = message
            raise pytest.UsageError(message)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        torch = sys.modules.get("torch")
        if torch is not None and hasattr(self.config, "workerinput"):
            torch.set_num_threads(int(os.environ[THREADS[0]].split(",")[0]))
        self.gate._ledger = None
        if _uses_gate(item):
            if _LEDGER not in item.stash:  # a test that runs again keeps its ledger
                item.stash[_LEDGER] = self._ledger(item)
            self.gate._ledger = item.stash[_LEDGER]

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        ledger = self.gate._ledger
        if fixturedef.scope != "function":
            self.gate._ledger = None
        try:
            return (yield)
        finally:
            self.gate._ledger = ledger

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        ledger = self.gate._ledger
        try:
            result = yield
        finally:
            self.gate._ledger = None
        if ledger is not None and (reason := ledger.refusal()):
            pytest.fail(reason, pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        # pytest-xdist cannot send the scalars of numpy: the worker dies, and the test is lost
        report.user_properties = [(name, scalar(value)) for name, value in report.user_properties]
        if _uses_gate(item):
            ledger = item.stash.get(_LEDGER, None)
            report.user_properties.append((PROPERTY, ledger.unsent() if ledger else "[]"))
        return report

    def _ledger(self, item: pytest.Item) -> Ledger:
        marker = item.get_closest_marker("claims")
        options = dict(marker.kwargs) if marker else {}
        if (marker and marker.args) or not options.keys() <= {"checks", "share"}:
            raise pytest.UsageError("write @pytest.mark.claims(checks=..., share=...)")
        level = self.gate.budget.per_check(options.get("checks", 1))
        return Ledger(item.stash.get(_TEST, item.nodeid), level, **options)


class _Controller:
    """Gathers what the tests report, prints and writes it, and decides on the exit status."""

    def __init__(self, config: pytest.Config, gate: Gate, baseline: BaselineRun) -> None:
        self.config = config
        self.gate = gate
        self.baseline = baseline
        self.notes: list[str] = []
        self.rows: list[Row] = []
        self.collected: dict[str, None] = {}
        self.complete: Counter[str] = Counter()
        self.copies = 1  # how often each test runs
        self.problems: dict[str, None] = {}
        path = config.getoption("claims_json")
        self.path = path and Path(config.invocation_params.dir, path)
        if self.path:
            if not self.path.parent.is_dir():
                raise pytest.UsageError(f"--claims-json: no directory {self.path.parent}")
            self.path.unlink(missing_ok=True)  # a run that dies leaves no old results

    @property
    def settings(self) -> dict[str, Any]:
        budget = self.gate.budget
        return {"budget": budget.total, "tests": budget.tests, "salt": self.gate.salt}

    def pytest_report_header(self) -> str:
        total, tests, salt = self.settings.values()
        workers = getattr(self.config.option, "tx", None)
        threads = os.environ.get(THREADS[0], "1" if workers else "default")
        return (
            f"theorem-gate: error budget {total:g} over {number(tests, 'test')}, salt {salt}, "
            f"threads {threads}{' per worker' if workers else ''}"
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[PROPERTY] = self.gate.salt

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, specs: list[Any]) -> None:
        if self.config.getoption("dist") == "each":
            self.copies = len(specs)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        self.collected |= dict.fromkeys(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        if error:
            self._problem(f"worker {node.gateway.id} went down: {error}")
        message = getattr(node, "workeroutput", {}).get(PROPERTY)
        if message:
            raise pytest.UsageError(message)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected |= dict.fromkeys(item.nodeid for item in session.items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when not in ("setup", "call"):  # at teardown, or when a worker crashed
            self.complete[report.nodeid] += 1
        for name, value in report.user_properties:
            if name == PROPERTY:
                self.rows += json.loads(str(value))
                if hasattr(report, "wasxfail"):
                    self._problem(f"{report.nodeid} uses the gate, so it must not be marked xfail")
                elif report.skipped:
                    self._problem(f"{report.nodeid} uses the gate, so it must not be skipped")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        leave, process = os._exit, os.getpid()

        def exit_with_failure(status: int) -> None:
            """A test that ends the process must not end it with the status of a success."""
            if os.getpid() == process and not status:
                if capture := self.config.pluginmanager.getplugin("capturemanager"):
                    capture.suspend_global_capture()
                test = os.environ.get("PYTEST_CURRENT_TEST")
                print(f"\nFAILED the process was left by os._exit(0) in {test}", flush=True)
                status = 1
            leave(status)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "_exit", exit_with_failure)
            return (yield)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._find_lost(session)
        self.rows.sort(key=lambda row: row["test"])  # in a test, the order of the judgements
        outcome = self.baseline.finish(
            session, self.settings, self.rows, self.collected, self.complete, bool(self.problems)
        )
        self.notes = outcome.lines
        for problem in outcome.problems:
            self._problem(problem)
        if self.problems and session.exitstatus in (pytest.ExitCode.OK, 5):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.path:
            self._write(int(session.exitstatus))
        if session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:  # pytest prints no summary then
            self.pytest_terminal_summary(self.config.pluginmanager.getplugin("terminalreporter"))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if terminalreporter is None or not (self.rows or self.notes or self.problems):
            return
        terminalreporter.section("theorem-gate")
        if self.rows:
            for line in table(summarise(self.rows)):
                terminalreporter.write_line(line)
            tests = len({row["test"] for row in self.rows})
            terminalreporter.write_line(
                f"error budget spent: {sum(row['level'] for row in self.rows):.3g} of "
                f"{self.gate.budget.total:g} ({number(len(self.rows), 'judgement')} in "
                f"{number(tests, 'test')}), salt {self.gate.salt}"
            )
        for note in self.notes:
            terminalreporter.write_line(note)
        for problem in self.problems:
            terminalreporter.write_line(f"FAILED {problem}", red=True)

    def _find_lost(self, session: pytest.Session) -> None:
        option = self.config.option
        lost = [test for test in self.collected if self.complete[test] < self.copies]
        if not lost or session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        if option.collectonly or option.setuponly or option.setupplan:
            return
        stopped = session.shouldfail or session.shouldstop
        early = stopped or session.exitstatus == pytest.ExitCode.INTERRUPTED
        self._problem(
            f"{len(lost)} of {number(len(self.collected), 'collected test')} did not "
            f"{'run, for the run stopped early' if early else 'report'}: "
            f"{', '.join(lost[:3])}{', ...' if lost[3:] else ''}"
        )

    def _problem(self, text: str) -> None:
        self.problems[text] = None

    def _write(self, exit_status: int) -> None:
        assert self.path is not None
        content = {
            "settings": self.settings,
            "exit_status": exit_status,
            "problems": list(self.problems),
            "collected": len(self.collected),
            "claims": summarise(self.rows),
            "rows": self.rows,
            "environment": _environment(),
            "machine": {"platform": platform.platform(), "processors": os.cpu_count()},
            "commit": _commit(self.config.rootpath),
        }
        text = json.dumps(content, indent=1, allow_nan=False)
        with tempfile.NamedTemporaryFile(
            "w", dir=self.path.parent, prefix=f".{self.path.name}.", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        os.replace(file.name, self.path)


def _cases_directory(config: pytest.Config) -> Path | None:
    """Where counterexamples are written; made when the first one is."""
    cache = getattr(config, "cache", None)
    return config.getoption("claims_cases") or (cache and Path(cache.mkdir("theorem-gate")))


def _uses_gate(item: pytest.Item) -> bool:
    return "gate" in getattr(item, "fixturenames", ())


def _environment() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _commit(root: Path) -> dict[str, Any]:
    """The commit and whether files differ from it; empty outside a repository."""
    try:
        head, status = (
            subprocess.run(
                ["git", "-C", str(root), *command], capture_output=True, text=True, timeout=10
            )
            for command in (("rev-parse", "HEAD"), ("status", "--porcelain"))
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    if head.returncode:
        return {}
    return {"id": head.stdout.strip(), "modified": bool(status.stdout.strip())}
