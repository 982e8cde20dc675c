"""The command `verify prove`."""

import sys

import pytest
from click.testing import CliRunner

from theory.algebra import lemmas
from theory.algebra.inequalities import Inequality
from verify.audit.proof import Proof, Status
from verify.command_line.program import main

FALSE = Inequality("x/half", "nowhere", lemmas.x <= lemmas.x / 2, (lemmas.x > 0,))


def run(*arguments):
    return CliRunner().invoke(main, ["prove", *arguments])


def test_what_all_theorems_share_is_proved(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    found = run("--theorem", "width-requirement")
    assert found.exit_code == 0
    assert "power/bernoulli" in found.stdout
    assert all(len(line) <= 80 for line in found.stdout.splitlines())


def test_by_default_those_of_every_theorem(monkeypatch):
    """Which ones; each is proved in tests/theory/algebra/test_inequalities.py."""

    def unseen(entries):
        return (Proof(entry, Status.PROVED, "assumed", 0.0) for entry in entries)

    monkeypatch.setattr("verify.audit.proof.prove_all", unseen)
    shown = run().stdout
    assert "width/split" in shown
    assert "main/squared" in shown
    assert "width/split" not in run("--theorem", "masked-training").stdout


def test_a_false_one_fails(monkeypatch):
    monkeypatch.setattr("theory.registry.inequalities", lambda name: (FALSE,))
    found = run()
    assert found.exit_code == 1
    assert "x/half" in found.stdout
    assert "x = " in found.stdout  # the counterexample


@pytest.mark.parametrize("arguments", [["--theorem", "no"], ["more"]])
def test_wrong_usage(arguments):
    assert run(*arguments).exit_code == 2


def test_without_the_solver(monkeypatch):
    monkeypatch.setitem(sys.modules, "z3", None)
    found = run("--theorem", "width-requirement")
    assert found.exit_code == 2
    assert "theorem-gate[proof]" in found.output
