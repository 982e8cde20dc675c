"""Where tests run, in this process or in each worker of pytest-xdist: ledgers open and close.

A test is the plugin's if it takes this plugin's fixture `gate`: a parameter of that name, or
a fixture of the project's own, is none. A run in which no test is the plugin's is left as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from verify.judging.plural import number
from verify.pytest_plugin.gate import Gate, Ledger
from verify.runs.plain import scalar

PROPERTY = "theorem-gate"
"""The user property that carries the rows of a test to the controller, as one JSON string."""

COUNT = "theorem-gate-count"
"""Where a worker says how many tests of its session use the gate."""

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

LISTINGS = (
    "help",
    "version",
    "markers",
    "showfixtures",
    "show_fixtures_per_test",
    "cacheshow",
    "collectonly",
    "setuponly",
    "setupplan",
)
"""The options with which pytest tells something and runs no test."""

PROJECT = (
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "setup.py",
    ".git",
)
"""What marks the folder of a project."""

_NODE = pytest.StashKey[str]()
_LEDGER = pytest.StashKey[Ledger]()


class Runner:
    """Opens and closes the ledgers of the tests that run in this process; `fixture` makes gates."""

    def __init__(self, config: pytest.Config, gate: Gate, fixture: Any) -> None:
        self.config = config
        self.gate = gate
        self.fixture = fixture
        self.count = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            item.stash[_NODE] = item.nodeid  # before pytest-xdist adds the name of a group
            if self._uses_gate(item) and not item.get_closest_marker("claims"):
                item.add_marker("claims")  # `-m claims` selects what is judged, all of it
        self.count = sum(map(self._uses_gate, items))
        if self.count and hasattr(self.config, "workerinput"):
            _one_thread()
        if self.count > self.gate.budget.tests and not listing(self.config):
            message = f"{number(self.count, 'test', 'use')} the gate, but claims_tests = "
            message += f"{self.gate.budget.tests}: "
            message += "set claims_tests in the pytest configuration to at least their number"
            if hasattr(self.config, "workeroutput"):
                self.config.workeroutput[PROPERTY] = message
            raise pytest.UsageError(message)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        torch = sys.modules.get("torch")
        if self.count and torch is not None and hasattr(self.config, "workerinput"):
            torch.set_num_threads(_threads())
        self.gate._ledger = None
        if self._uses_gate(item):
            if _LEDGER not in item.stash:  # a test that runs again keeps its ledger
                item.stash[_LEDGER] = self._ledger(item)
            self.gate._ledger = item.stash[_LEDGER]
            self.gate._ledger.runs += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[COUNT] = self.count

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
        if not self.count:
            return report
        # pytest-xdist cannot send the scalars of numpy: the worker dies, and the test is lost
        report.user_properties = [(n, _unboxed(value)) for n, value in report.user_properties]
        if self._uses_gate(item):
            ledger = item.stash.get(_LEDGER, None)
            rows, runs = (ledger.unsent(), ledger.runs) if ledger else ("[]", 1)
            told = f'{{"run": {runs}, "rows": {rows}}}'
            report.user_properties.append((PROPERTY, told))
        return report

    def _uses_gate(self, item: pytest.Item) -> bool:
        """Whether `gate` is, for this test, the plugin's fixture or one that is made from it."""
        found = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
        for definition in reversed(found.get("gate", ())):
            if definition.func is self.fixture:
                return True
            if "gate" not in definition.argnames:  # else it takes the one that it overrides
                return False
        return False

    def _ledger(self, item: pytest.Item) -> Ledger:
        marker = item.get_closest_marker("claims")
        options = dict(marker.kwargs) if marker else {}
        if (marker and marker.args) or not options.keys() <= {"checks", "share"}:
            raise pytest.UsageError("write @pytest.mark.claims(checks=..., share=...)")
        level = self.gate.budget.per_check(options.get("checks", 1))
        node = item.stash.get(_NODE, item.nodeid)
        return Ledger(node, level, **options, label=label(item.path, node))


def listing(config: pytest.Config) -> bool:
    """Whether pytest only tells something: no test runs, so nothing is written or amiss."""
    return any(getattr(config.option, name, None) for name in LISTINGS)


def label(path: Path, node: str) -> str:
    """The node id as from the folder of the project, wherever pytest runs.

    pytest's own are relative to a folder that depends on the arguments of the run.
    """
    parts = node.partition("::")
    return "".join([path.relative_to(_project(path.parent)).as_posix(), *parts[1:]])


@cache
def _project(folder: Path) -> Path:
    """The nearest folder above that is marked as a project; else that of the module or package."""
    for each in (folder, *folder.parents):
        if any((each / name).exists() for name in PROJECT):
            return each
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _threads() -> int:
    return int(os.environ[THREADS[0]].split(",")[0])


def _one_thread() -> None:
    """One thread in a worker, unless the environment says otherwise; also of what is loaded."""
    for name in THREADS:
        os.environ.setdefault(name, "1")
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(_threads())


def _unboxed(value: Any) -> Any:
    return scalar(value) if getattr(value, "ndim", None) == 0 else value
