"""A small sweep of masked training: its options, calls of the command, and what it wrote."""

import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from verify.command_line import progress as _progress
from verify.command_line.program import main
from verify.runs import cluster as _cluster
from verify.runs.sweep import Sweep

CLAIMS = "main,link-1/sharp,identity/noise-variance"
NAMES = ("link-1/sharp", "main", "identity/noise-variance")
TINY = {"samples": 3, "rounds": 2, "seeds": 8, "pilot_seeds": 4, "engine": "plain"}
FIELDS = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]
GRID = ["--grid", "width=48,64", "--grid", "xi=0.5,1.0"]
POINTS = [{"width": w, "xi": xi} for w in (48, 64) for xi in (0.5, 1.0)]
OUT = "sweep.parquet"
LONG_ENOUGH = 600
"""Seconds after which a process counts as hanging."""


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(_progress, "INTERVAL", math.inf)  # no line on stderr, however slow
    monkeypatch.setattr(_cluster, "WAIT", LONG_ENOUGH)


def arguments(*args):
    return ["sweep", "--claims", CLAIMS, *FIELDS, *args]


def call(*args):
    return CliRunner().invoke(main, arguments(*map(str, args)), prog_name="verify")


def rows(path=OUT, *, without=("seconds",)):
    found = pq.read_table(path).to_pylist()
    return [{k: v for k, v in row.items() if k not in without} for row in found]


def parts(path=OUT):
    return sorted(Path(f"{path}.parts").glob("*.parquet"))


def verdicts(path=OUT):
    return [(row["point"], row["verdict"]) for row in rows(path)]


def plan(**more):
    given = {"theorem": "masked-training", "patterns": ("main",), "fields": TINY,
             "grid": {"width": (48, 64)}, "salt": "s", "budget": 1e-6}  # fmt: skip
    return Sweep(**{**given, **more})
