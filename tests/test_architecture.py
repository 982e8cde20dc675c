"""Rooms use only rooms below them, by the contracts of pyproject.toml; imports make no circle."""

import os
import shutil
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CONTRACTS = ("theory trains nothing", "floors of theory", "floors of verify",
             "experiments know the kit, not one another")  # fmt: skip


def lint(folder):
    """What `lint-imports` says of the packages there."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"], cwd=folder, text=True,
        capture_output=True, env={**os.environ, "COLUMNS": "250"},
    )  # fmt: skip


def circle(graph):
    """Modules that import one another in a circle; none: empty."""
    edges = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_floors():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    for contract in CONTRACTS:
        assert f"{contract} KEPT" in done.stdout


def test_no_circle_of_imports():
    """Those inside functions too; types alone may know each other."""
    graph = grimp.build_graph(
        "theory", "verify", exclude_type_checking_imports=True, cache_dir=None
    )
    assert len(graph.modules) > 100
    assert circle(graph) == []


# ---- what breaks them ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The packages and their contracts."""
    folder = tmp_path_factory.mktemp("house")
    for package in ("theory", "verify"):
        shutil.copytree(ROOT / package, folder / package,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


CLIMBING = {
    "judging knows runs": ("verify.judging.sample", "verify.runs.check", 2),
    "problems know training": ("verify.problems.data", "verify.training.masked.trainer", 2),
    "runs know reporting": ("verify.runs.text", "verify.reporting.report", 2),
    "reporting knows audit": ("verify.reporting.report", "verify.audit.power", 2),
    "the plugin knows a command": ("verify.pytest_plugin.gate", "verify.command_line.check", 2),
    "the kit knows a theorem": (
        "verify.experiments.kit.pieces", "verify.experiments.scaling_laws.floors", 3,
    ),
    "a theorem knows its cousin": (
        "verify.experiments.node_scaling.setting", "verify.experiments.scaling_laws.floors", 3,
    ),
    "the language knows a theorem": ("theory.language.text", "theory.theorems.scaling_laws", 1),
    "a theorem knows the registry": ("theory.theorems.scaling_laws", "theory.registry", 1),
    "theory knows verify": ("theory.mathematics.kernels", "verify.judging.sample", 0),
    "theory knows torch": ("theory.mathematics.kernels", "torch", 0),
}  # fmt: skip


@pytest.mark.parametrize("what", CLIMBING)
def test_an_import_that_climbs_is_named(copy, what):
    """Planted in a function, where only a search of the source finds it."""
    importer, imported, contract = CLIMBING[what]
    path = copy.joinpath(*importer.split(".")).with_suffix(".py")
    before = path.read_text()
    path.write_text(f"{before}\n\ndef planted():\n    import {imported}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{CONTRACTS[contract]} BROKEN" in done.stdout
    assert f"{importer} -> {imported}" in done.stdout


@pytest.mark.parametrize(
    ("new", "source", "contract"),
    [
        ("theory/cellar.py", "", 1),
        ("verify/cellar.py", "", 2),
        ("verify/experiments/cellar.py", "import verify.experiments.kit.pieces", None),
        ("verify/experiments/cellar.py", "import verify.experiments.scaling_laws.floors", 3),
    ],
)
def test_a_new_room_needs_a_floor_and_a_new_experiment_none(copy, new, source, contract):
    path = copy / new
    path.write_text(f"{source}\n")
    try:
        done = lint(copy)
    finally:
        path.unlink()
    assert done.returncode == (contract is not None), done.stdout + done.stderr
    if contract is not None:
        assert f"{CONTRACTS[contract]} BROKEN" in done.stdout
        assert new.removesuffix(".py").replace("/", ".") in done.stdout


CIRCLES = {
    "at the top": ("from circled import b", True),
    "inside a function": ("def f():\n    from circled import b", True),
    "for types": ("import typing\nif typing.TYPE_CHECKING:\n    from circled import b", False),
    "none": ("", False),
}


@pytest.mark.parametrize("how", CIRCLES)
def test_a_circle_is_found(tmp_path, monkeypatch, how):
    source, found = CIRCLES[how]
    package = tmp_path / "circled"
    package.mkdir()
    for name, content in ("__init__", ""), ("a", source), ("b", "from circled import a"):
        (package / f"{name}.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    graph = grimp.build_graph("circled", exclude_type_checking_imports=True, cache_dir=None)
    assert bool(circle(graph)) is found
