"""What pyproject.toml declares is what the runs of tox.ini install."""

import configparser
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
TOOLS = "dev"
"""The extra that no test imports."""
ONE_BUILD = "torch"
"""The same in all runs."""


def declared():
    """Every requirement to run or to test; an extra that names others of this project adds none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {k: v for k, v in project["optional-dependencies"].items() if k != TOOLS}
    lines = [*project["dependencies"], *(line for extra in extras.values() for line in extra)]
    every = [Requirement(line) for line in lines]
    return [each for each in every if each.name != project["name"]]


def pins(name):
    """Requirements of a file of constraints."""
    lines = [line.split("#")[0].strip() for line in (ROOT / ".ci" / name).read_text().splitlines()]
    return [Requirement(line) for line in lines if line]


def faults(requirements, pinned):
    """Requirements that are not pinned to the lowest version that they allow."""
    exact = {each.name: str(each.specifier) for each in pinned}
    found = []
    for each in requirements:
        lowest = [s.version for s in each.specifier if s.operator == ">="]
        if len(lowest) != 1 or exact.get(each.name) != f"=={lowest[0]}":
            found.append(each.name)
    return found


def test_the_lowest_run_has_every_lowest_version():
    requirements = declared()
    assert {"numpy", "numba", "pyarrow", "import-linter"} <= {each.name for each in requirements}
    assert [n for n in faults(requirements, pins("lowest.txt")) if n != ONE_BUILD] == []


def test_a_build_is_pinned_for_both_runs():
    usual, lowest = pins("constraints.txt"), pins("lowest.txt")
    assert [str(each) for each in usual if each.name == ONE_BUILD] == [
        str(each) for each in lowest if each.name == ONE_BUILD
    ]


@pytest.mark.parametrize("line", ["numpy", "numpy<3", "numpy>=1.0", "numpy>=2", "unheard-of>=1"])
def test_another_bound_is_found(line):
    (pin,) = [each for each in pins("lowest.txt") if each.name == "numpy"]
    each = Requirement(line)
    assert faults([each], [pin]) == [each.name]


def test_versions_of_python():
    """Those declared as working are those that `tox` runs, from the lowest on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [c.rpartition(" ")[2] for c in project["classifiers"] if " :: 3." in c]
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    run = re.findall(r"\bpy3(\d+)", tox["tox"]["env_list"] + tox["tox"]["labels"])
    assert named == [f"3.{minor}" for minor in run]
    assert project["requires-python"] == f">={named[0]}"
    assert tox["testenv:lowest"]["base_python"] == f"py3{run[0]}"
