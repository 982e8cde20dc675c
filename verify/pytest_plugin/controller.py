"""Where reports arrive: the table, the JSON, and what fails a run that no single test can see.

Tests that were lost, skipped or expected to fail, dead workers, and tests that ran again. A run
is the plugin's, and so may fail, if a test of it is, or if an option asks for a file.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from verify.judging.plural import number
from verify.pytest_plugin.baseline_run import BaselineRun
from verify.pytest_plugin.gate import Row, by_claim
from verify.pytest_plugin.runner import COUNT, PROPERTY, THREADS, Runner, listing
from verify.pytest_plugin.table import summarise, table
from verify.runs.environment import versions

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


class Controller:
    """Gathers what the tests report, prints and writes it, and decides on the exit status."""

    def __init__(self, config: pytest.Config, runner: Runner, baseline: BaselineRun) -> None:
        self.config = config
        self.runner = runner
        self.gate = runner.gate
        self.baseline = baseline
        self.notes: list[str] = []
        self.rows: list[Row] = []
        self.collected: dict[str, None] = {}
        self.complete: Counter[str] = Counter()
        self.copies = 1  # how often each test runs
        self.problems: dict[str, None] = {}
        self.runs: dict[str, int] = {}
        self.elsewhere = False  # whether a worker has tests that use the gate
        path = config.getoption("claims_json")
        self.path = None if path is None or listing(config) else str(self._checked(path))

    def _checked(self, path: Path) -> Path:
        """The path of the JSON as from the folder of the run; a run that dies leaves no old one."""
        from verify.runs import files

        path = Path(self.config.invocation_params.dir, path)
        try:
            files.check_writable("--claims-json", str(path))
            kept = self.baseline.path
            if kept is not None and os.path.realpath(kept) == os.path.realpath(path):
                raise pytest.UsageError("--claims-json: another file than --claims-baseline")
            files.remove(str(path))
        except (OSError, ValueError) as error:
            raise pytest.UsageError(str(error)) from None
        return path

    @property
    def ours(self) -> bool:
        """Whether this run is the plugin's: a test uses the gate, or an option wants a file."""
        if listing(self.config):
            return False
        asked = self.path is not None or self.baseline.path is not None
        return bool(asked or self.elsewhere or self.runner.count)

    @property
    def settings(self) -> dict[str, Any]:
        budget = self.gate.budget
        return {"budget": budget.total, "tests": budget.tests, "salt": self.gate.salt}

    def pytest_report_collectionfinish(self) -> list[str]:
        quiet = self.config.option.verbose < 0
        return [self._header()] if self.ours and not quiet else []

    def _header(self) -> str:
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
        output = getattr(node, "workeroutput", {})
        self.elsewhere |= bool(output.get(COUNT))
        message = output.get(PROPERTY)
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
                self.elsewhere = True
                told = json.loads(str(value))
                self.rows += told["rows"]
                self.runs[report.nodeid] = told["run"]
                if hasattr(report, "wasxfail"):
                    self._problem(f"{report.nodeid} uses the gate, so it must not be marked xfail")
                elif report.skipped:
                    self._problem(f"{report.nodeid} uses the gate, so it must not be skipped")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        if not self.ours:
            return (yield)
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
        self._find_namesakes()
        outcome = self.baseline.finish(
            session, self.settings, self.rows, self.collected, self.complete, bool(self.problems)
        )
        self.notes = [*self._reruns(), *outcome.lines]
        for problem in outcome.problems:
            self._problem(problem)
        if not self.ours:
            self.problems.clear()
        if self.problems and session.exitstatus in (pytest.ExitCode.OK, 5):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.path and not self._written(self.path, int(session.exitstatus)):
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        if session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:  # pytest prints no summary then
            self.pytest_terminal_summary(self.config.pluginmanager.getplugin("terminalreporter"))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if terminalreporter is None:
            return
        workers = getattr(self.config.option, "tx", None)
        if self.ours and workers and self.config.option.verbose >= 0:
            terminalreporter.write_line(self._header())  # the workers alone knew what they collect
        if not (self.rows or self.notes or self.problems):
            return
        terminalreporter.section("theorem-gate")
        if self.rows:
            for line in table(summarise(self.rows), self.config.get_terminal_writer().fullwidth):
                terminalreporter.write_line(line)
            tests = len({row["test"] for row in self.rows})
            terminalreporter.write_line(
                f"error budget spent: {sum(row['level'] for row in self.rows):.3g} of "
                f"{self.gate.budget.total:g} ({number(len(self.rows), 'judgement')} in "
                f"{number(tests, 'test')}), "
                f"salt {self.gate.salt}"
            )
        for note in self.notes:
            terminalreporter.write_line(note)
        for problem in self.problems:
            terminalreporter.write_line(f"FAILED {problem}", red=True)

    def _find_lost(self, session: pytest.Session) -> None:
        lost = [test for test in self.collected if self.complete[test] < self.copies]
        if not lost or session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        stopped = session.shouldfail or session.shouldstop
        early = stopped or session.exitstatus == pytest.ExitCode.INTERRUPTED
        self._problem(
            f"{len(lost)} of {number(len(self.collected), 'collected test')} did not "
            f"{'run, for the run stopped early' if early else 'report'}: "
            f"{', '.join(lost[:3])}{', ...' if lost[3:] else ''}"
        )

    def _find_namesakes(self) -> None:
        """Claims of one name that state different things; a process knows only its own."""
        for name, rows in by_claim(self.rows).items():
            tests = {row["statement"]: row["test"] for row in rows}
            if len(tests) > 1:
                where = " and ".join(sorted(tests.values())[:2])
                self._problem(f"{name} must be the name of one claim: it differs in {where}")

    def _problem(self, text: str) -> None:
        self.problems[text] = None

    def _reruns(self) -> list[str]:
        """What tests ran more than once in a process, and that all their judgements count."""
        again = {test: runs for test, runs in self.runs.items() if runs > 1}
        shown = ", ".join(f"{test} ({runs} runs)" for test, runs in list(again.items())[:3])
        more = ", ..." if len(again) > 3 else ""
        return [f"reruns, whose judgements all count: {shown}{more}"] if again else []

    def _written(self, path: str, exit_status: int) -> bool:
        """Whether nothing went wrong; a failure is a problem, but the table is not lost."""
        from verify.runs import files

        try:
            content = self._json(exit_status)
            capture: Any = self.config.pluginmanager.getplugin("capturemanager")
            with capture.global_and_fixture_disabled() if capture else nullcontext():
                if not files.write(path, content):
                    self.notes.append(f"--claims-json: not written: {files.ANOTHER}")
            return True
        except Exception as error:
            why = files.reason(error)
        self._problem(f"--claims-json: {path} was not written: {why}")
        return False

    def _json(self, exit_status: int) -> bytes:
        content = {
            "settings": self.settings,
            "exit_status": exit_status,
            "problems": list(self.problems),
            "collected": len(self.collected),
            "claims": summarise(self.rows),
            "rows": self.rows,
            "environment": {"python": platform.python_version(), **versions(PACKAGES)},
            "machine": {"platform": platform.platform(), "processors": os.cpu_count()},
            "commit": _commit(self.config.rootpath),
        }
        return json.dumps(content, indent=1, allow_nan=False).encode()


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
