"""What a check answers by its exit code, and how it ends when it is stopped."""

import sys
from pathlib import Path

import pytest

from tests.verify.command_line import coins
from tests.verify.command_line.coins import COINS, strict, toss, verdicts
from verify.training.divergence import Diverged

coin, in_a_directory = coins.coin, coins.in_a_directory


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ("coin/true", 0),
        ("coin/true,coin/exact", 0),
        ("coin/t*", 0),
        ("coin/false", 1),
        ("coin/true,coin/false", 1),
        ("coin/vacuous*", 3),
        ("coin/true,coin/vacuous*", 3),
        ("coin/elsewhere", 3),
        ("coin/true,coin/elsewhere", 3),
        ("coin/unmeasured", 3),
        ("coin/true,coin/unmeasured", 3),
        ("coin/true,coin/without-value", 3),
        ("coin/false,coin/unmeasured", 1),
    ],
)
def test_exit_code_of_named_claims(coin, claims, code):
    result = toss("--no-figure", "--json", "o.json", "--claims", claims)
    assert result.exit_code == code, result.output
    assert strict("o.json")["exit_code"] == code


def test_every_list_of_claims_counts(coin):
    result = toss("--no-figure", "--json", "o.json", "--claims", "coin/false", "--claims=coin/true")
    assert result.exit_code == 1, result.output
    assert len(strict("o.json")["claims"]) == 2


def test_exit_code_without_names(coin, monkeypatch):
    assert toss("--no-figure").exit_code == 1  # coin/false

    def code(*names):
        chosen = tuple(claim for claim in COINS if claim.name.removeprefix("coin/") in names)
        assert len(chosen) == len(names)
        monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", chosen)
        return toss("--no-figure").exit_code

    assert code("true") == code("true", "exact") == 0
    assert code("true", "elsewhere") == 0  # what is out of its regime does not count
    assert code("elsewhere") == 3
    for silent in ("vacuous/whatever-is-known", "unmeasured", "without-value"):
        assert code("true", silent) == 3
        assert code("true", "false", silent) == 1
    monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", COINS[:1] + COINS[-1:])
    assert toss("--no-figure", "--seeds", 4).exit_code == 3  # UNDERPOWERED beside HOLDS


def test_underpowered_is_no_pass(coin):
    result = toss("--no-figure", "--json", "o.json", "--claims", "coin/true", "--seeds", 4)
    assert verdicts() == {"coin/true": "UNDERPOWERED"}
    assert result.exit_code == 3


def test_interrupt(coin):
    coin.error = KeyboardInterrupt()
    result = toss("--no-figure")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_a_bug_is_not_a_refutation(coin):
    coin.error = RuntimeError("a bug")
    result = toss("--no-figure")
    assert result.exit_code == 4
    assert "not finished: RuntimeError: a bug" in result.output


@pytest.mark.parametrize("own", [True, False])
def test_a_traceback_begins_where_the_users_files_do(coin, monkeypatch, own):
    """A bug of the program itself is told from its first frame on."""
    if own:
        coin.error = RuntimeError("a bug")
    else:
        monkeypatch.setattr("verify.runs.check.missing", None)
    lines = toss("--no-figure").output.splitlines()
    first, last = (line for line in lines if line.startswith("  File")), lines[-1]
    assert Path(next(first).split('"')[1]).name == ("coins.py" if own else "program.py")
    assert ("a bug" if own else "not callable") in last


def test_divergence_without_traceback(coin):
    coin.error = Diverged("smaller steps are needed")
    result = toss("--no-figure")
    assert result.exit_code == 4
    assert "smaller steps are needed" in result.output
    assert "Traceback" not in result.output


def test_out_of_memory_without_traceback(coin):
    coin.error = RuntimeError("DefaultCPUAllocator: can't allocate memory")
    result = toss("--no-figure")
    assert result.exit_code == 4
    assert "can't allocate memory" in result.output
    assert "Traceback" not in result.output
