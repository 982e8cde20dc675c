"""One wide network on some processes, each of one thread: seconds a round, bytes a neuron.

`python -m benchmarks.processes --width 5e7`, alone or under torchrun; the section `processes` of
`python -m benchmarks` starts one and two in turns.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from statistics import median
from typing import Any

import click
import torch

from benchmarks.workloads import WIDE
from verify.training.masked.engines import choose
from verify.training.masked.shards import processes
from verify.training.processes import first

ENGINES = ("fused", "torch")


def _peak() -> int:
    """Bytes of memory that this process has held at most."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@click.command()
@click.option("--width", default=1e6, show_default=True)
@click.option("--engine", default="fused", type=click.Choice(ENGINES), show_default=True)
@click.option("--rounds", default=10, show_default=True)
def main(width: float, engine: str, rounds: int) -> None:
    """Train one seed; the first process prints JSON."""
    torch.set_num_threads(1)
    with processes():
        small = replace(WIDE, m=2**12, seeds=1)
        network, algorithm, seeds = small.build()
        list(choose(network, algorithm, engine)(network, algorithm, 1, seeds))  # compiles
        before = _peak()
        start = time.perf_counter()
        network, algorithm, seeds = replace(WIDE, m=int(width), seeds=1).build()
        train = choose(network, algorithm, engine)
        built = time.perf_counter() - start

        def seconds(count: int) -> float:
            start = time.perf_counter()
            list(train(network, algorithm, count, seeds))
            return time.perf_counter() - start

        found = {
            "width": int(width),
            "engine": engine,
            "neurons of this process": network.a.numel(),
            "seconds to draw": built,
            "seconds a round": seconds(rounds) / rounds,
            "bytes a neuron": (_peak() - before) / network.a.numel(),
        }
        if first():
            click.echo(json.dumps(found))


def _run(count: int, engine: str) -> dict[str, Any]:
    torchrun = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(count), "-m"]
    command = [*(torchrun if count > 1 else []), "benchmarks.processes", "--engine", engine]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(engines: tuple[str, ...], repeats: int) -> dict[str, Any]:
    """Of each engine: runs of one and of two processes in turns, the median of their ratios."""
    found = {}
    for engine in engines:
        turns = [(_run(1, engine), _run(2, engine)) for _ in range(repeats)]
        ratios = [two["seconds a round"] / one["seconds a round"] for one, two in turns]
        found[engine] = {"turns": turns, "ratio": median(ratios)}
    return found


if __name__ == "__main__":
    main()
