"""The symbolic side is cheap to import; its registry answers questions."""

import subprocess
import sys

import pytest

import theory
from theory import InvalidArgument, Theorem

CHILD = """
import sys
at_start = set(sys.modules)
import theory
alone = "theory.theorems.masked_training" in sys.modules
claims = theory.claims()
built = [name for name, claim in claims.items() if "statement" in vars(claim)]
roots = {name.partition(".")[0] for name in set(sys.modules) - at_start}
print(repr((alone, built, roots - sys.stdlib_module_names, len(claims))))
"""
LIGHT = {"theory", "numpy", "sympy", "mpmath", "gmpy2", "flint"}  # the last two if installed


def child():
    run = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    return eval(run.stdout)  # a tuple of builtins, printed by ourselves


def test_import():
    loads_theorems, built, packages, count = child()
    assert not loads_theorems
    assert built == []
    assert packages <= LIGHT
    assert count == len(theory.claims())


@pytest.mark.parametrize(
    ("wrong", "suggested"),
    [
        ("main/displaed", "main/displayed"),
        ("published/theorem3", "published/theorem-3"),
        ("corolary/ist", "corollary/ist"),
        ("xyzzy", "as the command `list` tells"),
    ],
)
def test_unknown_claim(wrong, suggested):
    with pytest.raises(InvalidArgument, match=suggested):
        theory.claim(wrong)


def test_unknown_theorem():
    with pytest.raises(InvalidArgument, match="masked-training"):
        theory.theorem("masked")
    with pytest.raises(InvalidArgument, match="masked-training"):
        theory.claims("masked")


def test_names_are_unique():
    assert theory.claim("main").name == "main"
    assert set(theory.claims("masked-training")) <= set(theory.claims())
    with pytest.raises(InvalidArgument, match="not yet registered"):
        theory.register(Theorem("masked-training", "elsewhere", "elsewhere"))
