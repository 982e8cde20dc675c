"""The symbolic side is cheap to import; its registry answers questions."""

import subprocess
import sys

import pytest

import theory
from theory import InvalidArgument, Theorem

CHILD = """
import sys, time
import theory
alone = "theory.theorems.masked_training" in sys.modules
claims = theory.claims()
built = [name for name, claim in claims.items() if "statement" in vars(claim)]
heavy = [name for name in ("torch", "scipy", "verify") if name in sys.modules]
print(repr((alone, built, heavy, len(claims), time.process_time())))
"""


def child():
    run = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    return eval(run.stdout)  # a tuple of builtins, printed by ourselves


def test_import():
    runs = [child() for _ in range(3)]
    loads_theorems, built, heavy, count, _ = runs[0]
    assert not loads_theorems
    assert built == []
    assert heavy == []
    assert count == len(theory.claims())
    assert min(seconds for *_, seconds in runs) < 1


@pytest.mark.parametrize(
    ("wrong", "suggested"),
    [
        ("main/displaed", "main/displayed"),
        ("published/theorem3", "published/theorem-3"),
        ("corolary/ist", "corollary/ist"),
        ("xyzzy", "verify list"),
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
