"""The public names are there, whatever was imported before."""

import importlib
import subprocess
import sys

import pytest

import theory
import verify


@pytest.mark.parametrize("package", [theory, verify], ids=["theory", "verify"])
def test_every_name_can_be_imported(package):
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_no_subpackage_takes_the_place_of_a_name():
    """A package `theory.theorems` becomes an attribute of `theory` once it is imported."""
    importlib.import_module("theory.theorems.masked_training")
    for name in theory.__all__:
        assert f"theory.{name}" not in sys.modules
    for name in verify.__all__:
        assert f"verify.{name}" not in sys.modules


def test_verify_alone_loads_no_trainer():
    code = "import sys, verify; assert not {'torch', 'scipy', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
