"""The program as a process: training, interrupted, told what there is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.command_line import coins
from tests.verify.command_line.coins import TINY, strict, verdicts
from theory import registry
from verify.runs.selection import select

coin, in_a_directory = coins.coin, coins.in_a_directory


LONG_ENOUGH = 600
"""Seconds after which a process counts as hanging."""


def program(*args, **more):
    environment = {**os.environ, "COLUMNS": "80", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "verify", *args], env=environment, text=True, capture_output=True,
        timeout=LONG_ENOUGH, **more,
    )  # fmt: skip


def test_masked_training_end_to_end():
    done = program("check", *TINY, "--claims", "identity/noise-variance,identity/surrogate-loss",
                   "--json", "o.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = re.compile(r"training: \d+%, (about \d+ s left|no estimate yet)")  # on a slow machine
    assert all(told.fullmatch(line) for line in done.stderr.splitlines()), done.stderr
    content = strict("o.json")
    assert set(verdicts().values()) == {"HOLDS"}
    trajectory = content["trajectory"]
    assert trajectory["round"] == [0, 1, 2, 3]
    assert len(trajectory["mean_loss"]) == len(trajectory["limit_law"]) == 4
    assert trajectory["mean_loss"][0] == pytest.approx(trajectory["limit_law"][0])
    assert content["configuration"]["width"] == 64
    assert set(content["seeds"]) == {"data", "W_0", "pilot", "test"}
    assert Path("check.png").stat().st_size > 10_000


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_interrupted_while_training():
    """Ctrl-C in a real process: the trainer says that it runs, then it is stopped."""
    code = """if True:
        import signal, time
        from verify.command_line.program import main
        from verify.experiments.masked_training.experiment import EXPERIMENT

        def observe(*_, **__):
            print("runs", flush=True)
            time.sleep(600)

        signal.signal(signal.SIGINT, signal.default_int_handler)
        type(EXPERIMENT).observe = staticmethod(observe)
        main(["check", "--no-figure"])
    """
    with subprocess.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1, text=True) as process:
        try:
            assert process.stdout.readline() == "runs\n"
            process.send_signal(2)
            stderr = process.communicate(timeout=LONG_ENOUGH / 2)[1]  # before it has slept
        finally:
            process.kill()
    assert process.returncode == 130
    assert stderr.strip() == "interrupted"


def test_without_a_command_the_program_tells_its_commands():
    done = program()
    assert done.returncode == 0
    assert done.stdout == program("--help").stdout
    assert done.stderr == ""
    assert re.fullmatch(r"theorem-gate \d+\.\d+\.\d+\n", program("--version").stdout)


def test_help_loads_no_trainer():
    code = "import sys, verify.command_line.program"
    code += "; assert not {'torch', 'scipy', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    done = program("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("check", "list", "show"))


def test_select():
    assert list(select("masked-training", ["main*"])) == ["main", "main/displayed"]
    known = list(registry.claims("masked-training"))
    assert list(select("masked-training")) == known
    both = select("masked-training", ["main", "link-1/sharp", "main"])
    assert list(both) == [name for name in known if name in ("main", "link-1/sharp")]
