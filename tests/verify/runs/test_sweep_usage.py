"""Sweeps that are refused before anything runs, and what tells sweeps apart."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.verify.runs import sweeps, toy
from tests.verify.runs.sweeps import GRID, OUT, TINY, call, parts, plan
from theory import registry
from theory.language.errors import InvalidArgument
from verify.runs import cluster as _cluster
from verify.runs import sweep_files as _sweep_files

in_a_directory = sweeps.in_a_directory


WRONG = {
    "no grid": ([], ["--grid = ''", "FIELD=VALUE"]),
    "field": (["--grid", "widht=48"], ["--grid = 'widht': must be one of width,"]),
    "no value": (["--grid", "width="], ["--grid = 'width='"]),
    "type": (["--grid", "width=48,wide"], ["--grid = 'width=48,wide'", "'wide'", "integer"]),
    "choice": (["--grid", "law=poisson"], ["--grid = 'law=poisson'", "bernoulli"]),
    "twice": (["--grid", "xi=0.5", "--grid", "xi=1"], ["--grid = 'xi=1'", "once"]),
    "same value": (["--grid", "xi=1,1.0"], ["--grid = 'xi=1.0,1.0'", "different values"]),
    "option": (["--grid", "xi=1", "--xi", 1], ["--grid = 'xi=1'", "left out where --xi is given"]),
    "one point": (["--grid", "xi=0.5,2"], ["--xi = 2.0: must be in (0, 1] (1 of 2 points)"]),
    "points": (
        ["--grid", "width=0,64", "--grid", "xi=0.5,-1"],
        ["--width = 0: must be an integer >= 1 (1 of 4 points)",
         "--xi = -1.0: must be in (0, 1] (2 of 4 points)"],
    ),
    "every point": (["--grid", "width=48,64", "--delta", 2], ["--delta = 2.0", "(2 of 2 points)"]),
    "claims": (["--grid", "xi=1", "--claims", "mian"], ["--claims = 'mian'", "main"]),
    "budget": (["--grid", "xi=1", "--budget", 0], ["--budget = 0.0: must be in (0, 1)"]),
    "workers": (["--grid", "xi=1", "--workers", 0], ["--workers"]),
    "both": (["--grid", "xi=1", "--workers", 2, "--scheduler", "tcp://a:1"], ["--workers = 2"]),
    "directory": (["--grid", "xi=1", "--out", "."], ["--out = '.'"]),
    "no place": (["--grid", "xi=1", "--out", "none/o"], ["--out = 'none/o'", "No such file"]),
    "device": (["--grid", "xi=1", "--out", "/dev/null"], ["--out = '/dev/null'"]),
    "other file": (["--grid", "xi=1", "--out", "o.csv"], ["--out = 'o.csv'", "something else"]),
    "no parts": (["--grid", "xi=1", "--out", "taken"], ["--out = 'taken'", "taken.parts is some"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage(monkeypatch, name):
    monkeypatch.setattr(_cluster, "connected", None)
    Path("o.csv").write_text("1,2\n")
    Path("taken.parts").write_text("")
    args, fragments = WRONG[name]
    result = call(*args)
    assert result.exit_code == 2, result.output
    said = result.stderr.replace("\n  ", " ")
    assert all(fragment in said for fragment in fragments), said
    assert sorted(os.listdir()) == ["o.csv", "taken.parts"]
    assert Path("o.csv").read_text() == "1,2\n"


def test_no_room(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_cluster, "connected", None)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        result = call(*GRID)
    assert result.exit_code == 2
    assert "--out = 'sweep.parquet': must be a place with room" in result.stderr
    assert "No space left on device" in result.stderr.replace("\n  ", " ")
    usage = _sweep_files.shutil.disk_usage(".")._replace(free=1000)
    monkeypatch.setattr(_sweep_files.shutil, "disk_usage", lambda _: usage)
    assert "1000 bytes are free, 65536 may be needed" in call(*GRID).stderr.replace("\n  ", " ")
    assert not parts()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("pyarrow", []),
        ("distributed", ["--workers", 2]),
        ("distributed", ["--scheduler", "tcp://127.0.0.1:1"]),
    ],
)
def test_missing_extra(monkeypatch, name, args):
    monkeypatch.setitem(sys.modules, name, None)
    result = call(*GRID, *args)
    assert result.exit_code == 2
    assert "pip install 'theorem-gate[sweep]'" in result.stderr
    assert os.listdir() == []


def test_digests_tell_sweeps_apart():
    """Of points that differ in anything that the numbers depend on, no two have the same key."""
    Path("a.csv").write_text("1,2,3\n2,1,3\n1,1,3\n")
    data = {**TINY, "data": "a.csv"}
    plans = [plan(), plan(salt="t"), plan(budget=1e-5), plan(patterns=("link-1/sharp",)),
             plan(fields={**TINY, "xi": 0.4}), plan(fields=data)]  # fmt: skip
    Path("a.csv").write_text("1,2,4\n2,1,3\n1,1,3\n")
    keys = [point.key for each in [*plans, plan(fields=data)] for point in each.points]
    assert len(set(keys)) == len(keys) == 14
    assert [p.key for p in plan().points] == keys[:2]


def test_what_was_found_of_another_statement_is_no_use(monkeypatch):
    """A claim that was changed since, under its name: its verdicts were those of the old one."""
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    registry.register(toy.THEOREM)

    def made():
        return plan(theorem="toy", patterns=("toy/mean",), fields={}, grid={"balls": (1, 2)})

    before = made()
    _sweep_files.Store(before, OUT)
    _sweep_files.Store(made(), OUT)
    mean, *others = toy.CLAIMS
    changed = replace(mean, build=lambda: replace(mean.statement, bound=toy.b / 2))
    monkeypatch.setattr(toy, "CLAIMS", (changed, *others))
    assert not {p.key for p in before.points} & {p.key for p in made().points}
    with pytest.raises(InvalidArgument, match=r"^out = .* is of one with statements = "):
        _sweep_files.Store(made(), OUT)
    monkeypatch.setattr(toy, "CLAIMS", (replace(mean, summary="in other words"), *others))
    assert [p.key for p in made().points] == [p.key for p in before.points]
