"""Table, progress, JSON and figure; outputs that cannot be written."""

import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from tests.verify.command_line import coins
from tests.verify.command_line.coins import COINS, ROUNDS, b, k, strict, toss, upper, verdicts
from verify.command_line import progress as _progress
from verify.reporting import report
from verify.runs import files as _atomic
from verify.runs.plain import plain
from verify.runs.text import broken

coin, in_a_directory = coins.coin, coins.in_a_directory


def test_table(coin):
    result = toss("--no-figure")
    lines = result.stdout.splitlines()
    text = re.sub(r"\s+", " ", result.stdout)
    rows = [line.split()[1] for line in lines if line.startswith("coin/")]
    assert rows == ["REFUTED", "HOLDS", "HOLDS", "VACUOUS"]
    assert max(map(len, lines)) <= 80
    assert (
        "OUT_OF_REGIME, and the first premise that fails coin/elsewhere: b > 3 fails at b" in text
    )
    assert text.count("coin/elsewhere") == 1
    assert "b > 4" not in text  # the first failing premise is enough
    assert re.search(r"REFUTED coin/false: measured 0\.\d+ <= 0.2 fails at toss \d", text)
    assert "NOT JUDGED coin/unmeasured: nothing is not measured" in text
    assert "NOT JUDGED coin/without-value: no value of missing" in text
    counts = "2 hold, 1 refuted, 1 vacuous, 1 out of regime, 2 not judged"
    assert f"{counts}; 400 runs, salt theorem-gate, budget 1e-06" in text
    assert re.search(r"^coin/vacuous/whatever-is-known +VACUOUS ", result.stdout, re.MULTILINE)
    row = next(line for line in lines if line.startswith("coin/true"))
    assert re.fullmatch(r"coin/true +HOLDS +≤0\.\d+ 0\.\d+ ±5e-2 +1\.\d+ +1\.\d+ 1\.00", row)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_table_is_as_wide_as_the_terminal(coin, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = toss("--no-figure").stdout.splitlines()
    assert max(map(len, lines)) <= width, max(lines, key=len)
    assert not any("…" in line for line in lines)
    whole = any(line.startswith("coin/vacuous/whatever-is-known ") for line in lines)
    assert whole == (width > 60)


LONG = tuple(sp.Symbol(f"a_long_name_{i}", real=True) for i in range(9))


@pytest.mark.parametrize("count", [1, 6])
def test_long_premises_are_cut_on_the_screen_but_not_in_the_json(coin, monkeypatch, count):
    premise = b >= sum(LONG)
    names = [f"elsewhere-{i}" for i in range(count)]
    claims = [upper(name, b + k, premises=(premise,)) for name in names]
    monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", (*COINS[:1], *claims))
    coin.more = {str(s): 1000.0 for s in LONG}
    lines = toss("--no-figure", "--json", "o.json").stdout.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("OUT_OF_REGIME"))
    end = next(i for i, line in enumerate(lines) if line.startswith("1 hold, "))
    reason = lines[start + 1 : end]
    text = re.sub(r"\s+", " ", " ".join(reason))
    assert len(reason) <= (2 if count == 1 else 3)
    assert max(map(len, reason)) <= 80
    assert all(f"coin/{name}" in text for name in names)
    assert text.endswith(" … fails: 0.5 < 9000")
    row = strict("o.json")["claims"][-1]
    assert all(f"{s} = 1000" in row["reason"] for s in LONG)


def test_progress(coin, monkeypatch):
    monkeypatch.setattr(_progress, "INTERVAL", 0)
    result = toss("--no-figure")
    first, *others = result.stderr.splitlines()
    assert first == "training: 50%, no estimate yet"
    assert set(others) == {"training: 100%, about 0 s left"}
    assert "training" not in result.stdout


def told(monkeypatch, capsys, *reports):
    """What is said of reports (seconds, done) of a work of 1000."""
    clock = [0.0]
    monkeypatch.setattr(_progress, "INTERVAL", 10.0)
    monkeypatch.setattr(_progress, "time", SimpleNamespace(monotonic=lambda: clock[-1]))
    with _progress.progress() as tell:
        for seconds, done in reports:
            clock.append(seconds)
            tell(done, 1000.0)
    return capsys.readouterr().err.splitlines()


def test_time_to_compile_is_not_taken_for_the_pace(monkeypatch, capsys):
    """40 s of compiling before the first of 1000 seeds of a second each: not 39 960 s left."""
    seeds = [(40.0 + i, 1.0 + i) for i in range(21)]
    assert told(monkeypatch, capsys, (0.0, 0.0), (20.0, 0.0), *seeds) == [
        "training: 0%, no estimate yet",
        "training: 0%, no estimate yet",
        "training: 1%, about 989 s left",
        "training: 2%, about 979 s left",
    ]


def test_a_burst_is_not_taken_for_the_pace(monkeypatch, capsys):
    """A chunk of 10 seeds takes 10 s and is told of at once, at its end."""
    chunks = [(10.0 * c + 0.01 * i, 10.0 * c - 9 + i) for c in (1, 2, 3) for i in range(10)]
    first, *others = told(monkeypatch, capsys, *chunks)
    assert first == "training: 0%, no estimate yet"
    for line in others:
        left = int(re.search(r"about (\d+) s left", line)[1])
        assert 400 <= left <= 1000
    assert others


def test_quiet(coin, monkeypatch):
    monkeypatch.setattr(_progress, "INTERVAL", 0)
    result = toss("--quiet")
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == ""
    assert Path("check.png").exists()


def test_json(coin):
    toss("--no-figure", "--json", "o.json")
    content = strict("o.json")
    assert set(content) >= {
        "claims", "trajectory", "configuration", "notes", "environment", "salt", "seeds",
        "exit_code", "budget", "not_judged",
    }  # fmt: skip
    by_name = {row["claim"]: row for row in content["claims"]}
    row = by_name["coin/true"]
    assert set(row) >= {
        "claim", "verdict", "bound", "measured", "lower_confidence", "tightness", "reason",
        "standard_error", "share", "level", "kind", "source", "position", "checkpoints",
        "informative",
    }  # fmt: skip
    assert row["tightness"] == pytest.approx(row["bound"] / row["measured"])
    assert row["lower_confidence"] < row["measured"] < row["bound"]
    assert by_name["coin/elsewhere"]["bound"] is None
    assert set(content["not_judged"]) == {"coin/unmeasured", "coin/without-value"}
    trajectory = content["trajectory"]
    assert trajectory["toss"] == [0, 1, 2]
    assert len(trajectory["heads"]) == len(trajectory["limit"]) == ROUNDS
    assert trajectory["details"]["odd"] == [None, "inf", "-inf"]
    assert len(trajectory["within"]["fine"]) == 5
    assert trajectory["panels"] == [trajectory["within"]]
    assert content["seeds"] == {"toss": 1}
    assert content["environment"].keys() >= {
        "python", "torch", "numpy", "sympy", "platform", "cpu_count", "device", "commit",
    }  # fmt: skip


def test_figure(coin):
    assert toss().exit_code == 1
    assert Path("check.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    toss("--figure", "other.svg", "--claims", "coin/true,coin/exact,coin/elsewhere")
    text = Path("other.svg").read_text()
    for label in (
        "coin/true: HOLDS",
        "heads",
        "±2 standard errors",
        "limit",
        "fine",
        "inside each toss",
    ):
        assert label in text
    assert "coin/exact" not in text  # no curve over the index
    assert "coin/elsewhere" not in text  # out of its regime
    assert not list(Path().glob(".*"))


def test_no_figure(coin):
    toss("--no-figure")
    assert not os.listdir()


def full(*_):
    raise OSError(28, "No space left on device")


def test_full_disk(coin, monkeypatch):
    Path("o.json").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    result = toss("--no-figure", "--claims", "coin/true", "--json", "o.json")
    assert "coin/true" in result.stdout
    assert result.stderr == "error: o.json was not written: No space left on device\n"
    assert "written: o.json" not in result.stdout
    assert result.exit_code == 4
    assert Path("o.json").read_text() == "old"
    assert os.listdir() == ["o.json"]


def test_full_disk_where_nothing_is_informative(coin, monkeypatch):
    monkeypatch.setattr(os, "fsync", full)
    result = toss("--claims", "coin/vacuous*", "--json", "o.json")
    assert "o.json was not written" in result.stderr
    assert "check.png was not written" in result.stderr
    assert "written:" not in result.stdout
    assert result.exit_code == 4
    assert toss("--no-figure", "--claims", "coin/false", "--json", "o.json").exit_code == 1


def test_one_of_two_files_is_written(coin, monkeypatch):
    monkeypatch.setattr("verify.reporting.figure.draw", full)
    result = toss("--claims", "coin/true", "--json", "o.json")
    assert result.stdout.splitlines()[-1] == "written: o.json"
    assert result.exit_code == 4


def test_files_are_written_though_the_table_cannot_be(coin, monkeypatch):
    monkeypatch.setattr(report, "show", full)
    result = toss("--no-figure", "--claims", "coin/true", "--json", "o.json")
    assert verdicts() == {"coin/true": "HOLDS"}
    assert result.exit_code == 4
    assert result.stderr.splitlines()[-1].startswith("error: not finished: OSError: [Errno 28]")
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_are_written_and_not_replaced(monkeypatch):
    monkeypatch.setattr(_atomic, "_beside", None)  # no file may appear beside them
    os.mkfifo("pipe")
    end = os.open("pipe", os.O_RDWR)  # so that a writer finds a reader
    try:
        _atomic.check_writable("json", "pipe")
        _atomic.write("pipe", b"content")
        assert Path("pipe").is_fifo()
        assert os.read(end, 99) == b"content"
    finally:
        os.close(end)


def test_a_failed_figure_leaves_table_and_json(coin, monkeypatch):
    monkeypatch.setattr("verify.reporting.figure.draw", lambda *_: 1 / 0)
    result = toss("--claims", "coin/true", "--json", "o.json")
    assert "coin/true" in result.stdout
    assert "check.png was not written" in result.stderr
    assert result.exit_code == strict("o.json")["exit_code"] == 4


def test_files_are_replaced_whole(monkeypatch):
    path = Path("o.json")
    path.write_text("old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        _atomic.write("o.json", b"new")
    assert path.read_text() == "old"
    assert os.listdir() == ["o.json"]


def test_plain():
    value = {"a": np.array([1.5, np.nan]), 2: (np.float32(np.inf), None, True, np.int64(3))}
    assert plain(value) == {"a": [1.5, None], "2": ["inf", None, True, 3]}


def test_names_are_broken_at_slashes():
    assert broken("a/bc/def", 4) == "a/\n bc/\n def"
    assert broken("a/bc", 4) == "a/bc"
