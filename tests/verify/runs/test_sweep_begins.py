"""Before the first point of a sweep: workers that die, and files of the grid."""

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster

from verify.command_line.program import main
from verify.runs import cluster as _cluster
from verify.runs import sweep

TINY = {"samples": 3, "rounds": 2, "seeds": 8, "pilot_seeds": 4, "engine": "plain"}
FIELDS = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def call(*args):
    return CliRunner().invoke(main, ["sweep", "--claims", "main", *args], prog_name="verify")


def plan(**grid):
    fields = {name: value for name, value in TINY.items() if name not in grid}
    return sweep.Sweep("masked-training", ("main",), fields, grid, "s", 1e-6)


DIES = """
import os, sys
if "--multiprocessing-fork" in sys.orig_argv or "spawn_main" in " ".join(sys.orig_argv):
    os._exit(7)
"""


def test_workers_that_die_when_they_start(tmp_path, monkeypatch):
    """Every new process of this Python ends at once: no other program is touched."""
    (tmp_path / "sitecustomize.py").write_text(DIES)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
                       if "PYTHONPATH" in os.environ else str(tmp_path))  # fmt: skip
    result = call("--grid", "width=48,64", "--workers", "1", *FIELDS)
    assert result.exit_code == 4, result.output
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error")]
    assert line.startswith("error: not finished: the workers died when they started")
    assert "Traceback" not in result.stderr
    assert not Path("sweep.parquet").exists()


def test_a_cluster_whose_workers_are_gone(monkeypatch):
    points = plan(width=(48, 64))
    with (
        LocalCluster(n_workers=0, processes=False, silence_logs=50,
                     scheduler_kwargs=_cluster.NO_DASHBOARD) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        monkeypatch.setattr(_cluster, "WAIT", 0.2)
        monkeypatch.setattr(sweep.Sweep, "measure", staticmethod(print))
        with pytest.raises(_cluster.Lost, match=r"all workers are gone.*the same command goes on"):
            list(_cluster.results(points, points.points, client))


def test_workers_that_are_busy_are_not_gone(monkeypatch):
    """Must fail: as long as there is a worker, a point may take its time."""
    points = plan(width=(48, 64))
    with (
        LocalCluster(n_workers=1, processes=False, silence_logs=50,
                     scheduler_kwargs=_cluster.NO_DASHBOARD) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        monkeypatch.setattr(_cluster, "WAIT", 0.0)
        looks = iter(range(9))

        def work(configuration, **_):
            while next(looks, None) is not None:
                _cluster.time.sleep(2 * _cluster.POLL)
            return []

        monkeypatch.setattr(sweep.Sweep, "measure", staticmethod(work))
        found = list(_cluster.results(points, points.points, client))
    assert [rows for _, rows in found] == [[], []]


TABLES = {
    "a.csv": "a,b,y\n1,2,3\n2,3,4\n3,1,2\n1,1,9\n",
    "words.csv": "hello\n",
    "empty.csv": "",
    "two rows.csv": "a,b,y\n1,2,3\n2,3,4\n",
    "parallel.csv": "a,b,y\n1,2,3\n2,4,4\n3,6,2\n",
}
FILES = {
    "missing": ("data=a.csv,none.csv", "--data = 'none.csv'", "1 of 2 points"),
    "words": ("data=a.csv,words.csv", "--data = 'words.csv'", "1 of 2 points"),
    "empty": ("data=empty.csv,a.csv", "--data = 'empty.csv'", "1 of 2 points"),
    "rows": ("data=a.csv,two rows.csv", "--samples = 3: must be at most 2", "1 of 2 points"),
    "parallel": ("data=digits,parallel.csv", "--data = 'parallel.csv'", "1 of 2 points"),
    "folder": ("data=folder.csv,a.csv", "--data = 'folder.csv'", "it is a directory"),
}


@pytest.mark.parametrize("case", FILES)
def test_files_of_a_grid_are_read_before_a_point_is_trained(monkeypatch, case):
    def trained(*_, **__):
        raise AssertionError("trained")

    monkeypatch.setattr(_cluster, "connected", trained)
    for name, content in TABLES.items():
        Path(name).write_text(content)
    Path("folder.csv").mkdir()
    grid, *words = FILES[case]
    result = call("--grid", grid, *FIELDS)
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.replace("\n  ", " ").splitlines()
    assert all(word in line for word in words), line
    assert not Path("sweep.parquet.parts").exists()


def test_every_file_is_read_once(monkeypatch):
    rng, read = np.random.default_rng(0), []
    for name in ("a.npz", "b.npz"):
        np.savez(name, X=rng.normal(size=(9, 3)), y=rng.normal(size=9))
    own = sweep.ProblemOptions.problem

    def noted(self, *args, **more):
        read.append(self.data)
        return own(self, *args, **more)

    monkeypatch.setattr(sweep.ProblemOptions, "problem", noted)
    points = plan(data=("a.npz", "b.npz", "digits"), width=(48, 64, 80))
    assert len(points.points) == 9
    assert read == ["a.npz", "b.npz"]
