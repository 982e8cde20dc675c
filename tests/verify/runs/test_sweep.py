"""Sweeps: the rows of `check` whatever the workers; kills, failures, others in the same place."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from distributed import Client, LocalCluster

from tests.verify.runs import sweeps
from tests.verify.runs.sweeps import (
    CLAIMS,
    GRID,
    LONG_ENOUGH,
    NAMES,
    OUT,
    POINTS,
    TINY,
    arguments,
    call,
    parts,
    plan,
    rows,
)
from theory import registry
from verify.command_line import progress as _progress
from verify.experiments.masked_training.configuration import Configuration
from verify.runs import check as run
from verify.runs import cluster as _cluster
from verify.runs import sweep
from verify.runs import sweep_files as _sweep_files
from verify.runs.sweep import ERROR, NUMBERS, Sweep

in_a_directory = sweeps.in_a_directory


@pytest.fixture(scope="module")
def cluster():
    """The address of a scheduler with two processes; a point may lose one worker, not two."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, silence_logs=50,
                     scheduler_kwargs=_cluster.NO_DASHBOARD) as found,
    ):  # fmt: skip
        yield found.scheduler_address


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The result of a sweep by one process, what the command said, and facts on its cluster."""
    path, facts, results = str(tmp_path_factory.mktemp("swept") / OUT), {}, _cluster.results

    def watched(plan, points, client, progress):
        facts["threads"] = list(client.nthreads().values())
        facts["processes"] = {os.getpid(), *client.run(os.getpid).values()}
        facts["deaths"] = client.run_on_scheduler(_allowed_failures)
        return results(plan, points, client, progress)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_progress, "INTERVAL", 0)
        patch.setattr(_cluster, "results", watched)
        result = call(*GRID, "--workers", 1, "--out", path)
    assert result.exit_code == 3, result.output
    return path, result, facts


def _allowed_failures(dask_scheduler):
    return dask_scheduler.allowed_failures


# ---- results -------------------------------------------------------------------------------------


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_rows_are_those_of_check(swept, one_thread):
    path = swept[0]
    found = rows(path)
    assert [(row["point"], row["claim"]) for row in found] == [
        (index, name) for index in range(4) for name in NAMES
    ]
    for index, varied in enumerate(POINTS):
        outcome = run.check(
            "masked-training", Configuration(**TINY, **varied), salt="theorem-gate",
            budget=1e-6 / 4, patterns=CLAIMS.split(","),
        )  # fmt: skip
        own = found[3 * index : 3 * index + 3]
        assert len({row["configuration"] for row in own}) == 1
        for row, j in zip(own, outcome.judgements, strict=True):
            numbers = [sweep._number(getattr(j, name)) for name in NUMBERS]
            assert [row[name] for name in NUMBERS] == numbers
            assert (row["claim"], row["verdict"], row["reason"]) == (
                j.claim, j.verdict.value, j.reason,
            )  # fmt: skip
            assert {name: row[name] for name in varied} == varied
            assert row["salt"] == "theorem-gate"
    assert len({row["configuration"] for row in found}) == 4
    assert all(row["seconds"] > 0 for row in pq.read_table(path).to_pylist())


def test_what_the_command_says(swept):
    result = swept[1]
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["width", "xi", "link-1/sharp", "main", "noise-variance"]
    assert [line.split()[:2] for line in lines[2:6]] == [
        [str(p["width"]), str(p["xi"])] for p in POINTS
    ]
    assert lines[6].startswith("worst ")
    said = re.sub(" +", " ", " ".join(lines[7:]))
    assert said.startswith("4 points, 3 claims: ")
    assert "salt theorem-gate, budget 1e-06" in said
    assert re.match(r"sweep: 0%, no estimate yet\n", result.stderr)
    assert re.search(r"sweep: (25|50|75)%, about \d+ s left\n", result.stderr)


def test_a_local_cluster_has_processes_of_one_thread(swept):
    facts = swept[2]
    assert facts["threads"] == [1]
    assert len(facts["processes"]) == 2
    assert facts["deaths"] == _cluster.DEATHS > 0


def test_a_point_is_judged_on_one_thread(one_thread):
    torch.set_num_threads(2)
    (point,) = plan(grid={"width": (48,)}).points
    theorem = registry.theorem("masked-training")
    (row,) = sweep.measure(point.configuration, theorem=theorem, patterns=["main"], salt="s",
                           budget=1e-6, expected=sweep.versions())  # fmt: skip
    assert row["claim"] == "main"
    assert torch.get_num_threads() == 1


def test_killed_while_it_writes_and_run_again_by_two_processes(swept, cluster):
    """The third part is cut off by SIGKILL; the same command then gives the rows of `swept`."""
    code = """if True:
        import os, signal, sys
        from verify.command_line.program import main

        replace, count = os.replace, 0

        def killed(source, target):
            global count
            count += str(target).endswith(".parquet")
            if count == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            replace(source, target)

        os.replace = killed
        main(sys.argv[1:])
    """
    more = [*GRID, "--scheduler", cluster]
    command = [sys.executable, "-c", code, *arguments(*more)]
    done = subprocess.run(command, text=True, capture_output=True, timeout=LONG_ENOUGH)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(parts()) == 2
    assert not Path(OUT).exists()
    result = call(*more)
    assert result.exit_code == 3, result.output
    assert "2 of 4 points were finished before\n" in result.stderr
    assert rows() == rows(swept[0])


def test_what_is_finished_is_not_run_again(swept, monkeypatch):
    path, result, _ = swept
    before = Path(path).read_bytes()
    monkeypatch.setattr(_cluster, "connected", None)
    again = call(*GRID, "--out", path)
    assert again.exit_code == 3
    assert "4 of 4 points were finished before" in again.stderr
    assert Path(path).read_bytes() == before
    assert again.stdout.splitlines()[:7] == result.stdout.splitlines()[:7]


DAMAGE = {
    "cut": lambda content: content[:-10],
    "empty": lambda content: b"",
    "zeros": lambda content: content[:100] + bytes(len(content) - 100),
    "of another point": lambda content: None,
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_part_is_found(swept, cluster, name):
    path = swept[0]
    before, (_, part, other, *_) = rows(path), parts(path)
    part.write_bytes(DAMAGE[name](part.read_bytes()) or other.read_bytes() * (name[0] == "o"))
    result = call(*GRID, "--scheduler", cluster, "--out", path)
    assert f"note: {part} cannot be read, the point is run again\n" in result.stderr
    assert "3 of 4 points were finished before\n" in result.stderr
    assert rows(path) == before


def test_no_flipped_bit_changes_a_row(swept, tmp_path):
    path = swept[0]
    whole = Sweep("masked-training", tuple(CLAIMS.split(",")), TINY,
                  {"width": (48, 64), "xi": (0.5, 1.0)}, "theorem-gate", 1e-6)  # fmt: skip
    store, point = _sweep_files.Store(whole, path), whole.points[1]
    part, found = tmp_path / "part", 0
    content = parts(path)[1].read_bytes()
    part.write_bytes(content)
    right = store._read(point, part)
    for position in range(0, len(content), 29):
        flipped = bytearray(content)
        flipped[position] ^= 4
        part.write_bytes(flipped)
        try:
            assert store._read(point, part) == right
        except (OSError, ValueError, TypeError, KeyError, pa.ArrowException):
            found += 1
    assert found > 50


def test_a_point_that_fails_is_a_row_and_is_run_again(cluster):
    """The step size is found too large when the network is drawn."""
    args = ["--grid", "eta=0.01,1000", "--scheduler", cluster]
    for finished in ("", "1 of 2 points were finished before\n"):
        result = call(*args)
        assert result.exit_code == 4, result.output
        assert finished in result.stderr
        assert [row["verdict"] == ERROR for row in rows()] == [False] * 3 + [True] * 3
        failed = rows()[-1]
        assert failed["reason"].startswith("eta = 1000.0: must be at most ")
        assert failed["bound"] is None
        assert "ERROR at (eta=1000.0): eta = 1000.0: must be at most" in result.stdout
        assert len(parts()) == 1


def test_a_point_that_kills_its_workers_loses_no_other(cluster, monkeypatch):
    points, home = plan(grid={"width": (48, 56, 64, 72)}), os.getcwd()

    def work(configuration, **_):
        if configuration.width == 56:
            with open(f"{home}/deaths", "a") as file:
                file.write(".")
            os._exit(1)
        time.sleep(0.5)
        return [configuration.width]

    monkeypatch.setattr(sweep.Sweep, "measure", staticmethod(work))
    with Client(cluster) as client:
        found = {p.index: r for p, r in _cluster.results(points, points.points, client)}
    assert [found[i] for i in (0, 2, 3)] == [[48], [64], [72]]
    assert found[1][0]["verdict"] == ERROR
    assert found[1][0]["reason"] == "its worker died 2 times: killed, or out of memory"
    assert Path("deaths").read_text() == "...."  # two deaths, and two more alone


def test_the_scheduler_is_lost(cluster, monkeypatch):
    """One point is finished; the other one is not before the scheduler is gone."""
    points, gone = plan(), Path("gone").absolute()

    def work(configuration, **_):
        while configuration.width == 64 and not gone.exists():
            time.sleep(0.05)
        return []

    monkeypatch.setattr(sweep.Sweep, "measure", staticmethod(work))
    try:
        with Client(cluster) as client:
            arriving = _cluster.results(points, points.points, client)
            assert next(arriving) == (points.points[0], [])
            client.close()
            with pytest.raises(_cluster.Lost, match="the same command goes on"):
                next(arriving)
    finally:
        gone.touch()  # so that the worker is free


# ---- refused before anything runs ----------------------------------------------------------------


OTHERS = {
    "salt": (["--salt", "x"], '--salt = "theorem-gate", not "x"'),
    "budget": (["--budget", 0.5], "--budget = 1e-06, not 0.5"),
    "option": (["--delta", 0.5], "--delta = 0.1, not 0.5"),
    "claims": (["--claims", "link-2"], 'not ["link-1/sharp", "main", "link-2"'),
    "grid": (["--grid", "surrogates=2"], "--surrogates = 4, not [2]"),
    "versions": ([], ', not "4"'),
}


@pytest.mark.parametrize("place", ["file", "parts"])
@pytest.mark.parametrize("name", OTHERS)
def test_another_sweep_in_the_same_place_is_refused(swept, monkeypatch, name, place):
    if place == "file":
        shutil.copy(swept[0], OUT)
    else:
        shutil.copytree(f"{swept[0]}.parts", f"{OUT}.parts")
    before = rows() if place == "file" else parts()
    args, said = OTHERS[name]
    monkeypatch.setattr(_cluster, "connected", None)
    if name == "versions":
        versions = {**sweep.versions(), "torch": "4"}
        monkeypatch.setattr(sweep, "versions", lambda: versions)
    result = call(*GRID, *args)
    assert result.exit_code == 2, result.output
    assert "--out = 'sweep.parquet': must be a new place, or that of this sweep" in result.stderr
    assert said in result.stderr
    assert (rows() if place == "file" else parts()) == before


def test_the_disk_is_full_on_the_way(cluster, monkeypatch):
    """One line, and what was written is kept."""
    write = _sweep_files.files.write

    def full(path, content):
        if len(parts()) == 1:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(_sweep_files.files, "write", full)
    result = call(*GRID, "--scheduler", cluster)
    assert result.exit_code == 4
    assert result.stderr == "error: not finished: OSError: [Errno 28] No space left on device\n"
    assert len(parts()) == 1


def test_a_scheduler_must_answer_and_its_workers_have_the_same_packages(cluster, monkeypatch):
    for address in ("tcp://127.0.0.1:1", "nowhere"):
        with monkeypatch.context() as patch:
            patch.setattr(_cluster, "WAIT", 0.5)
            result = call(*GRID, "--scheduler", address)
        assert result.exit_code == 2, result.output
        assert f"--scheduler = '{address}': must be the address of a scheduler" in result.stderr
    versions = {**sweep.versions(), "numpy": "1"}
    monkeypatch.setattr(_cluster, "versions", lambda: versions)
    result = call(*GRID, "--scheduler", cluster, "--out", "another")
    assert result.exit_code == 2, result.output
    assert re.search(r"a worker has numpy [\d.]+ in place of 1\)", result.stderr)
    assert not parts()
