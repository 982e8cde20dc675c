"""Times, ratios and memory of workloads, taken in turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.machine import clocks, gemm, high_water, products, seconds, stream
from benchmarks.peers import Run, available, engine
from benchmarks.workloads import SCALING, WORKLOADS, Workload
from verify.training.masked.engines.groups import grouped

SLOW = {"autograd": 20, "plain": 4}
"""Peers of which one run in so many is taken, of as many times fewer seeds."""


def every_workload() -> dict[str, Workload]:
    return WORKLOADS | {w.name: w for series in SCALING.values() for w in series}


def build(workload: str, peer: str) -> Run:
    chosen = every_workload()[workload]
    network, algorithm, seeds = chosen.build()
    return available()[peer](network, algorithm, chosen.rounds, seeds)


def compare(workload: Workload, peers: Iterable[str], repeats: int) -> dict[str, Any]:
    """Milliseconds per round and seed: median and best on the wall, best of all cores together.

    Ratios to the first peer are medians over runs in turn.

    A machine that others use slows all that run in the same minute, so only ratios of neighbours
    mean much. Every run is checked: all must arrive at the same residuals.
    """
    network, algorithm, seeds = workload.build()
    runs: dict[str, Run] = {}
    counts: dict[str, int] = {}
    reference = None
    for name in peers:
        counts[name] = max(1, len(seeds) // SLOW.get(name, 1))
        part = seeds[: counts[name]]
        runs[name] = available()[name](network, algorithm, workload.rounds, part)
        found = runs[name]()  # compiles, too
        reference = found if reference is None else reference
        np.testing.assert_allclose(found, reference[: len(found)], rtol=1e-8, err_msg=name)
    times: dict[str, list[float]] = {name: [] for name in runs}
    cores: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            each = [1e3 * t / (counts[name] * workload.rounds) for t in clocks(run)]
            times[name].append(each[0])
            cores[name].append(each[1])
    first = next(iter(times))
    return {
        "workload": vars(workload),
        "milliseconds": {name: median(t) for name, t in times.items()},
        "best": {name: min(t) for name, t in times.items()},
        "core": {name: min(t) for name, t in cores.items()},
        "ratio": {
            name: median(theirs / ours for theirs, ours in zip(t, times[first], strict=True))
            for name, t in times.items()
        },
    }


def roofline(repeats: int) -> dict[str, Any]:
    """The local steps of the paper's workload against matrix products.

    Those are a wide product, as what the machine can do at best, and the products of the very
    shapes that the local steps have, with nothing between them.
    """
    workload = WORKLOADS["paper"]
    network, algorithm, seeds = workload.build()
    held = algorithm.masks(network.m)(seeds[:1], 0)[0].sum(1).tolist()
    widths = [sum(held[some]) for some in grouped(held)]
    run = engine("auto")(network, algorithm, workload.rounds, seeds)
    product, triad = gemm(), stream()
    own = products(workload.n, widths, workload.tau)
    run(), product(), own(), triad()
    active = workload.p * workload.xi * workload.m
    work = 2e-9 * workload.n**2 * active * workload.tau * workload.rounds * workload.seeds
    rows = []
    for _ in range(repeats):
        before, reached, bare, after = product(), work / seconds(run), own(), product()
        rows.append((reached, (before + after) / 2, bare))
    return {
        "gemm_gflops": max(peak for _, peak, _ in rows),
        "own_gflops": max(bare for *_, bare in rows),
        "paper_gflops": max(reached for reached, *_ in rows),
        "share": median(reached / peak for reached, peak, _ in rows),
        "share_of_own": median(reached / bare for reached, _, bare in rows),
        "stream_gbs": max(triad() for _ in range(repeats)),
    }


def scaling(series: str, peer: str, repeats: int) -> list[dict[str, Any]]:
    """Milliseconds per round and seed along a series of workloads, as `compare`."""
    workloads = SCALING[series]
    times: list[list[tuple[float, float]]] = [[] for _ in workloads]
    runs: list[Callable[[], Any]] = [build(w.name, peer) for w in workloads]
    for run in runs:
        run()
    for _ in range(repeats):
        for run, found in zip(runs, times, strict=True):
            found.append(clocks(run))
    rows = []
    for workload, found in zip(workloads, times, strict=True):
        wall, core = 1e3 * np.array(found).T / (workload.rounds * workload.seeds)
        row = {"name": workload.name, "milliseconds": median(wall)}
        rows.append(row | {"best": float(wall.min()), "core": float(core.min())})
    return rows


def memory() -> dict[str, float]:
    """Peak memory in GiB of the widest networks."""
    peers = [name for name in ("fused", "torch") if name in available()]
    names = ("m = 1e+06", "m = 1e+07")
    return {f"{name}, {peer}": high_water(name, peer) for name in names for peer in peers}
