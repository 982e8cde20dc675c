"""Neurons spread over processes: the numbers of one process; a process that dies."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.verify.training.masked.problems import algorithm, network
from theory import InvalidArgument
from verify.training.masked.engine import choose
from verify.training.masked.shards import Shard, chief, current

OPTIONS = ["check", "--no-figure", "--quiet", "--salt", "0"]
SMALL = ["--width", "515", "--seeds", "6", "--pilot-seeds", "2", "--rounds", "3"]
COMPARED = ("bound", "measured", "lower_confidence", "tightness", "factor", "share")


LONG_ENOUGH = 900
"""Seconds after which a run counts as hanging."""


def run(folder, processes, *options, program=("-m", "verify")):
    """The command line under torchrun, or alone; on one core. What it said and returned."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    # when one is lost, torchrun kills the others after this many seconds
    patience = {"TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(LONG_ENOUGH)}
    command = [sys.executable, *(launcher if processes > 1 else ()), *program, *OPTIONS, *options]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1", **patience}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(timeout=LONG_ENOUGH)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return out, err, process.returncode


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    run(folder, 1, *SMALL, "--engine", "plain", "--json", "a.json")
    return json.loads((folder / "a.json").read_text())["claims"]


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_give_the_numbers_of_one(alone, processes, tmp_path):
    out, *_ = run(tmp_path, processes, *SMALL, "--json", "a.json")
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


DYING = """
import os, signal, sys, time
from verify.command_line.program import main
from verify.training.masked import measure

rank, chunks, chunk = int(os.environ["RANK"]), 0, measure._chunk
measure.seeds_at_once = lambda *_: 2

def dies_in_the_last(*args):
    global chunks
    chunks += 1
    if chunks == 1 + 3:  # pilots, test seeds
        if rank == 0:
            open("two are done", "w").close()
        else:
            while not os.path.exists("two are done"):
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)
    return chunk(*args)

measure._chunk = dies_in_the_last
main(sys.argv[1:])
"""


def test_a_process_that_dies(tmp_path):
    """The other says so, and keeps the seeds that were finished."""
    (tmp_path / "dying.py").write_text(DYING)
    options = [*SMALL, "--claims", "main", "--json", "a.json"]
    _, err, code = run(tmp_path, 2, *options, program=["dying.py"])
    assert code != 0
    assert "error: not finished" in err
    assert "; 4 of 6 seeds are kept" in err
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["claims"][0]["claim"] == "main"
    assert content["notes"]["incomplete"].endswith("; 4 of 6 seeds are kept")


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
