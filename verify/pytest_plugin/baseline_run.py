"""The baseline in a pytest run: what each process sees of it, and what the controller decides."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from verify.pytest_plugin.baseline import Baseline, BaselineError, records
from verify.pytest_plugin.gate import Row
from verify.pytest_plugin.regression import PACKAGES, Outcome, Run, compare, expected, update
from verify.pytest_plugin.runner import listing
from verify.runs.environment import processor, versions

_SEEN = "theorem-gate-seen"


class BaselineRun:
    """Registered in every process; only the controller has a path, and reads or writes."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.deselected: set[str] = set()
        self._renamed: dict[str, str] = {}  # files by their node ids, to paths as from the root
        self.renamed: dict[str, str] = {}  # those of all processes
        self.seen: list[dict[str, Any]] = []
        self.broken = False
        self.baseline: Baseline | None = None
        self.path: Path | None = None
        self.root = ""
        path, self.update = (config.getoption(f"claims_baseline{name}") for name in ("", "_update"))
        if hasattr(config, "workerinput") or listing(config):
            return
        if path is not None:
            self.path = Path(config.invocation_params.dir, path)
            self._open(self.path)
        elif self.update:
            raise pytest.UsageError("--claims-baseline-update needs --claims-baseline=FILE")

    def _open(self, path: Path) -> None:
        if self.config.getoption("dist", "no") == "each":
            raise pytest.UsageError("--claims-baseline: --dist each runs every test many times")
        try:
            if self.update:
                from verify.runs.files import check_writable

                check_writable("--claims-baseline", str(path))
            self.root = _relative(self.config.rootpath, path.parent)
            if path.exists() or not self.update:
                read = Baseline.read(path)
                self.root = self.root if read.root is None else read.root
                self.baseline = read.moved(self._here, root=self.root)
        except (BaselineError, ValueError) as error:
            raise pytest.UsageError(f"--claims-baseline: {error}") from None

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.deselected |= {item.nodeid for item in items}
        self._locate(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._locate(session.items)

    def _locate(self, items: Iterable[pytest.Item]) -> None:
        """Files that have other names: outside the root node ids tell the last part alone, and
        folders may be links."""
        if self.config.getoption("claims_baseline") is None:
            return
        files = {item.nodeid.partition("::")[0]: item.path for item in items}
        for name, path in files.items():
            own = Path(os.path.realpath(path.parent), path.name)
            there = _relative(own, self.config.rootpath)
            if there != name:
                self._renamed[name] = there

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.broken |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[_SEEN] = self._view()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.seen += filter(None, [getattr(node, "workeroutput", {}).get(_SEEN)])

    def finish(
        self,
        session: pytest.Session,
        settings: Mapping[str, Any],
        rows: Iterable[Row],
        collected: Iterable[str],
        complete: Iterable[str],
        failed: bool,
    ) -> Outcome:
        """Compare with the file, or write it; every line names the baseline."""
        if self.path is None:
            return Outcome()
        if self.broken or session.exitstatus not in (0, 1, 5):
            outcome = Outcome(problems=["not compared: the run did not finish"])
        else:
            seen = self.seen or [self._view()]
            tests = [*collected, *(test for view in seen for test in view["deselected"])]
            names = {test.partition("::")[0] for test in tests}
            for view in seen:  # a file that runs by both of its names has a row for each
                self.renamed |= {k: v for k, v in view["renamed"].items() if v not in names}
            there = set(map(self._plain, tests))
            listed = {test for _, test in self.baseline.records} if self.baseline else set()
            salt = str(settings["salt"])
            profile = ", ".join(sorted({view["profile"] for view in seen}))
            run = Run(
                salt,
                {"budget": settings["budget"], "tests": settings["tests"], "profile": profile},
                versions(PACKAGES),
                records(({**row, "test": self._located(row["test"])} for row in rows), salt),
                ran=frozenset(map(self._plain, complete)),
                missing=frozenset(t for t in listed - there if expected(self.config, t)),
                failed=failed or session.exitstatus != 0,
                fingerprints=_fingerprints(self.baseline.mutation if self.baseline else ()),
                file=self.config.getoption("claims_baseline").as_posix(),
                processor=processor(),
            )
            outcome = self._decide(self.path, run)
        named = ([f"baseline: {text}" for text in texts] for texts in vars(outcome).values())
        return Outcome(*named)

    def _decide(self, path: Path, run: Run) -> Outcome:
        if not self.update:
            assert self.baseline is not None
            return compare(self.baseline, run)
        written, outcome = update(self.baseline, run)
        if written is not None:
            from verify.runs import files

            moved = written.moved(self._there, root=self.root)
            try:
                if not files.write(str(path), moved.text().encode()):
                    return Outcome([f"not written: {files.ANOTHER}"])
            except OSError as error:
                return Outcome(problems=[f"not written: {files.reason(error)}"])
        return outcome

    def _here(self, test: str) -> str:
        """The node id of this run for that of the file, which is as from its `root`."""
        return _renamed(test, self._folder, self.config.rootpath)

    def _there(self, test: str) -> str:
        return _renamed(test, self.config.rootpath, self._folder)

    @property
    def _folder(self) -> Path:
        """The folder that the node ids of the file are relative to."""
        assert self.path is not None
        return self.path.parent / self.root

    def _view(self) -> dict[str, Any]:
        """What the process that runs the tests knows, as builtin types."""
        hypothesis = sys.modules.get("hypothesis")
        profile = hypothesis.settings._current_profile if hypothesis else "default"
        deselected = sorted(self.deselected)
        return {"deselected": deselected, "profile": profile, "renamed": self._renamed}

    def _plain(self, test: str) -> str:
        """The node id as from the root, without the group that pytest-xdist adds to it."""
        grouped = self.config.getoption("dist", "no") == "loadgroup"
        own = test[test.rfind("::") :]  # the names of folders may hold an @
        if grouped and own.rfind("@") > own.rfind("]"):
            test = test.rpartition("@")[0]
        return self._located(test)

    def _located(self, test: str) -> str:
        name, *rest = test.partition("::")
        return "".join([self.renamed.get(name, name), *rest])


def _renamed(test: str, old: Path, new: Path) -> str:
    """A node id relative to one folder as one relative to another."""
    path, *rest = test.partition("::")
    return "".join([_relative(Path(os.path.realpath(old), path), new), *rest])


def _relative(path: Path, folder: Path) -> str:
    """The path as from the folder, of which links are followed; with slashes."""
    try:
        found = os.path.relpath(path, os.path.realpath(folder))
    except ValueError:  # another drive of Windows
        return path.as_posix()
    return Path(found).as_posix()


def _fingerprints(names: Iterable[str]) -> dict[str, str]:
    """Of the registered claims among the names."""
    if not names:
        return {}
    from theory import registry
    from theory.language.mutation import fingerprint

    known = registry.claims()
    return {name: fingerprint(known[name]) for name in names if name in known}
