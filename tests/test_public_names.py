"""The short names of `theory` and `verify`, and a theorem registered from outside."""

import importlib
import subprocess
import sys

import pytest

import theory
import verify
from theory import Theorem, registry


@pytest.mark.parametrize("name", verify.__all__)
def test_a_name_of_verify_is_there(name):
    found = getattr(verify, name)
    assert name in (getattr(found, "__name__", None), getattr(found, "name", None))


def test_the_table_of_names_is_complete():
    assert set(verify._HOME) == set(verify.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Smaple'"):
        verify.Smaple  # noqa: B018


@pytest.mark.parametrize("name", theory.__all__)
def test_a_name_of_theory_is_there(name):
    assert hasattr(theory, name)


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
