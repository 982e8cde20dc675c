"""The suite by the clock of a very slow machine: `python -m pytest -p tests.slow_clock`.

Between two looks at the clock that `verify` takes in this process 1000 s pass. A test that fails
only here depends on the speed of the machine.
"""

import importlib
import itertools
import pkgutil
import time
from types import SimpleNamespace

import verify

STEP = 1000.0
"""Seconds."""

_times = itertools.count(1e6, STEP)
CLOCK = SimpleNamespace(
    **dict.fromkeys(("monotonic", "perf_counter", "process_time", "time"), lambda: next(_times)),
    sleep=time.sleep,
)


def pytest_configure():
    for found in pkgutil.walk_packages(verify.__path__, "verify."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            if vars(module).get("time") is time:
                module.time = CLOCK
