"""The pytest plugin: the fixture `gate`, the error budget, the table of verdicts.

Two parts. The runner is where tests run (in this process, or in each worker of pytest-xdist): it
opens a ledger for every test that takes `gate` and lets the test fail if the ledger says so. The
controller is where reports arrive: it prints the table, writes the JSON, and fails the run for
what no single test can see: tests that were lost, skipped or expected to fail, dead workers.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from verify.judging.budget import TESTS, TOTAL, Budget
from verify.pytest_plugin.baseline_run import BaselineRun
from verify.pytest_plugin.controller import Controller
from verify.pytest_plugin.gate import Gate
from verify.pytest_plugin.runner import PROPERTY, Runner, listing

_GATE = pytest.StashKey[Gate]()


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
        help="salt of all random numbers; `random` draws a fresh one and prints it (default: 0)",
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
    if not salt.isprintable():
        raise pytest.UsageError(f"--claims-salt={salt!r}: must be printable text")
    if worker is None and not listing(config):
        _check_cases(config.getoption("claims_cases"))
    gate = Gate(budget, salt, lambda: _cases_directory(config))
    config.stash[_GATE] = gate
    runner = Runner(config, gate, _fixture)
    config.pluginmanager.register(runner, "theorem-gate-runner")
    baseline = BaselineRun(config)
    config.pluginmanager.register(baseline, "theorem-gate-baseline")
    if worker is None:
        controller = Controller(config, runner, baseline)
        config.pluginmanager.register(controller, "theorem-gate-controller")


def _fixture(pytestconfig: pytest.Config) -> Gate:
    """Judges claims at the level that the error budget allots to the current test."""
    return pytestconfig.stash[_GATE]


gate = pytest.fixture(scope="session", name="gate")(_fixture)


def _check_cases(folder: Path | None) -> None:
    if folder is not None:
        from verify.runs.files import check_folder

        try:
            check_folder("--claims-cases", str(folder))
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None


def _cases_directory(config: pytest.Config) -> Path | None:
    """Where counterexamples are written; made when the first one is."""
    cache = getattr(config, "cache", None)
    return config.getoption("claims_cases") or (cache and Path(cache.mkdir("theorem-gate")))
