"""Neurons spread over processes: the numbers of one process; a process that dies."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.verify.training.masked.problems import algorithm, network
from theory import InvalidArgument
from verify.training.masked.engine import choose
from verify.training.masked.shards import Shard, chief, current

OPTIONS = ["check", "--no-figure", "--quiet", "--salt", "0"]
SMALL = ["--width", "515", "--seeds", "6", "--pilot-seeds", "2", "--rounds", "3"]
COMPARED = ("bound", "measured", "lower_confidence", "tightness", "factor", "share")


def start(processes, *options, folder):
    """The command line under torchrun, or alone; on one core."""
    alone = [sys.executable, "-m"]
    torchrun = [*alone, "torch.distributed.run", "--nproc-per-node", str(processes), "-m"]
    return subprocess.Popen(
        [*(alone if processes == 1 else torchrun), "verify", *OPTIONS, *options],
        cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    run = start(1, *SMALL, "--engine", "plain", "--json", "a.json", folder=folder)
    run.communicate(timeout=300)
    return json.loads((folder / "a.json").read_text())["claims"]


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_give_the_numbers_of_one(alone, processes, tmp_path):
    run = start(processes, *SMALL, "--json", "a.json", folder=tmp_path)
    out, _ = run.communicate(timeout=300)
    assert out.count("seeds, salt 0") == 1  # one of them speaks
    found = json.loads((tmp_path / "a.json").read_text())["claims"]
    assert [row["claim"] for row in found] == [row["claim"] for row in alone]
    for ours, theirs in zip(found, alone, strict=True):
        assert ours["verdict"] == theirs["verdict"]
        for name in COMPARED:
            if isinstance(theirs[name], float):
                assert ours[name] == pytest.approx(theirs[name], rel=1e-11)
            else:
                assert ours[name] == theirs[name]


def ranks(run):
    """The processes that torchrun started, the first one first."""
    children = subprocess.run(
        ["pgrep", "-P", str(run.pid)], capture_output=True, text=True, timeout=10
    )
    return sorted(map(int, children.stdout.split()))


def test_a_process_that_dies(tmp_path):
    """The others say so, and keep the seeds that were finished."""
    many = ("--seeds", "5000", "--width", "4096", "--claims", "main", "--json", "a.json")
    run = start(2, *many, folder=tmp_path)
    for _ in range(600):
        if len(ranks(run)) == 2:
            break
        time.sleep(0.1)
    time.sleep(15)  # some seeds are done, others are not
    os.kill(ranks(run)[1], signal.SIGKILL)
    _, err = run.communicate(timeout=120)
    assert run.returncode != 0
    assert "not finished" in err
    assert "of 5000 seeds are kept" in err
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["claims"][0]["claim"] == "main"
    assert "5000 seeds" in content["notes"]["incomplete"]


def test_shards_cover_the_neurons(monkeypatch):
    import torch.distributed as dist

    monkeypatch.setattr(dist, "is_initialized", lambda: True)
    monkeypatch.setattr(dist, "get_world_size", lambda: 3)
    found = []
    for rank in range(3):
        monkeypatch.setattr(dist, "get_rank", lambda rank=rank: rank)
        found.append(current(10))
        assert chief() == (rank == 0)
    assert [(shard.first, shard.last) for shard in found] == [(0, 3), (3, 6), (6, 10)]
    with pytest.raises(InvalidArgument, match="width"):
        current(2)


def test_one_process_has_no_shard():
    assert current(10) is None
    assert chief()


def test_only_the_trainer_sums_over_processes():
    from dataclasses import replace

    net = replace(network(m=20), shard=Shard(0, 20, 40))
    alg = algorithm(network(m=20), "dropout")
    assert choose(net, alg).__name__ == "plain"
    with pytest.raises(InvalidArgument, match="engine"):
        choose(net, alg, "torch")
