"""The machine: what it can do at best, measured in the same run, and what it is."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata

import torch

from verify.training.masked.engines.records import in_threads

PACKAGES = ("theorem-gate", "torch", "numpy", "numba", "jax", "scipy", "scikit-learn")


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def use_cores(count: int) -> None:
    """Confine this process, and every thread pool in it, to so many cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    torch.set_num_threads(count)


def clocks(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of all cores; the latter feel other users of the machine less."""
    start = time.process_time()
    wall = seconds(run)
    return wall, time.process_time() - start


def gemm(n: int = 1000, columns: int = 2500) -> Callable[[], float]:
    """GFLOP/s of one float64 product (n, n) (n, columns), as the local steps need them."""
    A, B = (torch.randn(n, k, dtype=torch.float64) for k in (n, columns))
    out = torch.empty(n, columns, dtype=torch.float64)
    return lambda: 2e-9 * n * n * columns / seconds(lambda: torch.mm(A, B, out=out))


def products(n: int, widths: Sequence[int], times: int) -> Callable[[], float]:
    """GFLOP/s of Z -= G V, V (n, width): each so many times on end, as many at once as threads."""
    G = torch.randn(n, n, dtype=torch.float64)
    pairs = [torch.randn(2, n, width, dtype=torch.float64) for width in widths]

    def repeated(pair: torch.Tensor) -> None:
        Z, V = pair
        for _ in range(times):
            Z.addmm_(G, V, alpha=-1e-3)

    work = 2e-9 * n * n * sum(widths) * times
    return lambda: work / seconds(lambda: in_threads(repeated, pairs))


def stream(elements: int = 2**25) -> Callable[[], float]:
    """GB/s of out = A + 2 B over arrays far larger than the cache."""
    A, B, out = (torch.ones(elements, dtype=torch.float64) for _ in range(3))
    return lambda: 24e-9 * elements / seconds(lambda: torch.add(A, B, alpha=2.0, out=out))


def description() -> dict[str, object]:
    """Processor, threads, load, commit and versions."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": os.getloadavg()[0],
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def high_water(workload: str, peer: str) -> float:
    """Peak resident memory in GiB of a process that builds the workload and runs it once."""
    code = (
        "import resource, sys; from benchmarks.report import build;"
        "build(*sys.argv[1:])();"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, workload, peer], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 2**20


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
