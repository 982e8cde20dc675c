"""The short names of `theory` and `verify`, and a theorem registered from outside."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import theory
import verify
from theory import Theorem, registry
from theory.language.public import offered


@pytest.mark.parametrize("name", verify.__all__)
def test_a_name_of_verify_is_there(name):
    found = getattr(verify, name)
    assert name in (getattr(found, "__name__", None), getattr(found, "name", None))


@pytest.mark.parametrize("name", theory.__all__)
def test_a_name_of_theory_is_there(name):
    found = getattr(theory, name)
    assert found is theory.laws or getattr(found, "__name__", name) == name


def test_a_name_that_is_not_offered():
    with pytest.raises(AttributeError, match="no attribute 'Smaple'"):
        verify.Smaple  # noqa: B018


@pytest.mark.parametrize("package", [theory, verify], ids=["theory", "verify"])
def test_type_checkers_see_the_names_that_are_offered(package):
    """In a stub `import A as A` offers A; a plain import is private to it."""
    stub = Path(package.__file__).with_suffix(".pyi").read_text()
    seen = re.findall(r"^from [\w.]+ import (\w+) as \1$", stub, re.MULTILINE)
    assert sorted(seen) == package.__all__ == dir(package)
    assert len(stub.splitlines()) == len(seen) + 2


def test_a_stub_that_lists_what_is_not_there_is_found(tmp_path):
    (tmp_path / "__init__.pyi").write_text("from theory.language.claim import Clame as Clame\n")
    attribute, names, listed = offered("mine", str(tmp_path / "__init__.py"))
    assert names() == listed == ["Clame"]
    with pytest.raises(ImportError, match="Clame"):
        attribute("Clame")


@pytest.mark.parametrize("package", [theory, verify], ids=["theory", "verify"])
def test_no_subpackage_takes_the_place_of_a_name(package):
    """A package `theory.theorems` becomes an attribute of `theory` once it is imported."""
    importlib.import_module("theory.theorems.masked_training")
    assert not [each for each in package.__all__ if f"{package.__name__}.{each}" in sys.modules]


def test_import_is_light():
    code = "import sys, verify; print([m for m in ('torch', 'sympy', 'numpy') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_new_theorem_comes_first(monkeypatch):
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    before = registry.theorems()
    theory.register(Theorem("mine", "mine_claims", "mine_experiment"))
    assert registry.theorems() == ("mine", *before)
