"""Neurons spread over processes: the numbers of one process; a process that dies."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.verify.training.masked import ranks
from tests.verify.training.masked.problems import algorithm, network
from theory import InvalidArgument, claims
from verify.command_line.program import main
from verify.training.masked.engines import choose
from verify.training.masked.engines import sample_space as sample_space_module
from verify.training.masked.shards import Shard, current

OPTIONS = ["check", "--no-figure", "--quiet", "--salt", "0"]
SMALL = ["--width", "515", "--seeds", "6", "--pilot-seeds", "2", "--rounds", "3"]
EVERY = {claim.quantity.name: name for name, claim in claims("masked-training").items()}
"""A claim of every quantity."""
EACH = ["--claims", ",".join(EVERY.values())]
COMPARED = ("bound", "measured", "lower_confidence", "tightness", "factor", "share")


PATH = [str(Path(__file__).parents[4]), *filter(None, [os.environ.get("PYTHONPATH")])]
"""Where `tests` is found, from any folder."""
LONG_ENOUGH = 900
"""Seconds after which a run counts as hanging."""


def run(folder, processes, *options, program=("-m", "verify", *OPTIONS)):
    """A program under torchrun, or alone; on one core. What it said and returned."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    # when one is lost, torchrun kills the others after this many seconds
    patience = {"TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(LONG_ENOUGH)}
    command = [sys.executable, *(launcher if processes > 1 else ()), *program, *options]
    with subprocess.Popen(
        command, cwd=folder, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(PATH), **patience},
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
    file = tmp_path_factory.mktemp("alone") / "a.json"
    CliRunner().invoke(main, [*OPTIONS, *SMALL, *EACH, "--engine", "plain", "--json", str(file)])
    return json.loads(file.read_text())["claims"]


@pytest.fixture(scope="module")
def one_process():
    """The numbers of every engine here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_space_module, "HEADROOM", ranks.TOO_SHORT)
        return ranks.numbers()


@pytest.fixture(scope="module", params=[2, 3])
def several(request, one_process, tmp_path_factory):
    """The folder of one run of several processes that does all, and what it said.

    They find the kernels that one process has compiled.
    """
    folder = tmp_path_factory.mktemp("several")
    options = ["a.npz", *OPTIONS, *SMALL, *EACH, "--json", "a.json"]
    out, err, _ = run(folder, request.param, *options, program=("-m", ranks.__name__))
    assert (folder / "a.npz").exists(), out + err
    assert (folder / "a.json").exists(), out + err
    return folder, out


def test_several_processes_give_the_numbers_of_one(alone, several):
    folder, out = several
    assert out.count("runs, salt 0") == 1  # one of them speaks
    found = json.loads((folder / "a.json").read_text())["claims"]
    assert [row["claim"] for row in found] == [row["claim"] for row in alone]
    assert len(alone) == len(EVERY)
    for ours, theirs in zip(found, alone, strict=True):
        assert ours["verdict"] == theirs["verdict"]
        for name in COMPARED:
            if isinstance(theirs[name], float):
                assert ours[name] == pytest.approx(theirs[name], rel=1e-11)
            else:
                assert ours[name] == theirs[name]


def largest_difference(found, expected):
    """Relative to the largest value; of what is nothing but rounding, as it is."""
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-3))


def test_every_engine_gives_the_numbers_of_one_process(one_process, several):
    """Uneven shares, a neuron for each; every law; rounds that are done again."""
    found = dict(np.load(several[0] / "a.npz"))
    assert found.keys() == one_process.keys()
    for name, expected in one_process.items():
        assert np.isfinite(expected).all()
        assert largest_difference(found[name], expected) < 1e-11, name


def test_what_one_process_keeps_for_itself_is_seen(one_process):
    """Must fail: the sums of a part of the neurons, and masks of another part."""
    net = network(n=5, d=3, m=515)
    part = replace(net, W_0=net.W_0[:, :514].contiguous(), a=net.a[:514])
    for name in ranks.engines():
        (first, *_) = ranks.engines()[name](part, algorithm(net), 1, ranks.SEEDS)
        whole = one_process[f"{name}: drawn: outputs"][0]
        assert largest_difference(first.outputs.numpy(), whole) > 1e-6


DYING = """
import os, signal, sys
from verify.command_line.program import main
from verify.training.masked import measure, shards

chunks, sums, chunk, reduced = 0, 0, measure._chunk, shards._reduced
measure.seeds_at_once = lambda *_: 2

def counted(*args):
    global chunks
    chunks += 1
    return chunk(*args)

def dies_in_the_last(*args):
    # the first process has its part of every sum: it has left the chunk before
    global sums
    sums += chunks == 1 + 3  # pilots, test seeds
    if sums == 4 and os.environ["RANK"] == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    return reduced(*args)

measure._chunk, shards._reduced = counted, dies_in_the_last
main(sys.argv[1:])
"""


ENGINES = ["plain", "torch", *(["fused"] if find_spec("numba") else [])]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_process_that_dies(engine, tmp_path):
    """The other says so, and keeps the seeds that were finished."""
    (tmp_path / "dying.py").write_text(DYING)
    options = [*SMALL, "--engine", engine, "--claims", "main", "--json", "a.json"]
    _, err, code = run(tmp_path, 2, *options, program=["dying.py", *OPTIONS])
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
    assert [(shard.first, shard.last) for shard in found] == [(0, 3), (3, 6), (6, 10)]
    with pytest.raises(InvalidArgument, match="width"):
        current(2)


def test_one_process_has_no_shard():
    assert current(10) is None


def test_every_process_takes_the_same_engine(monkeypatch):
    """Must fail: one of them has no numba, so that none may take it."""
    net = replace(network(m=20), shard=Shard(0, 20, 40))
    alg = algorithm(network(m=20))
    asked, elsewhere = [], [0.0, 1.0]

    def largest(self, part):
        asked.append(float(part))
        return part.new_tensor(elsewhere.pop(0))

    monkeypatch.setattr(Shard, "largest", largest)
    found = [choose(net, alg).__name__ for _ in range(2)]
    assert found == ["fused" if find_spec("numba") else "plain", "plain"]
    assert asked == [float(find_spec("numba") is None)] * 2
