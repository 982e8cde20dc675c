"""Set-up shared by all tests. Imports no torch: a test of the symbolic side can spare it.

Hypothesis profiles (environment variable HYPOTHESIS_PROFILE): `ci` draws the same examples in
every run, `dev` fresh ones, `nightly` ten times as many. None looks at the clock: no deadline, no
complaint of slow drawing. A test that takes `gate` declares its checks from
`settings().max_examples`, or fixes that number.
"""

import ctypes
import gc
import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

pytest_plugins = "pytester"

# Hypothesis takes constants from the modules loaded so far into its examples, so these would depend
# on which tests a worker ran before. It has no setting for that; test_examples.py watches this one.
NO_CONSTANTS = type(providers._local_constants)()
providers._get_local_constants = lambda: NO_CONSTANTS

# What arrays give back stays with the process: else every large one is cleared by the kernel anew.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
with suppress(AttributeError, OSError, TypeError):  # of glibc alone
    for parameter, size in {
        M_MMAP_THRESHOLD: 2**25,
        M_TRIM_THRESHOLD: 2**29,
        M_TOP_PAD: 2**26,
    }.items():
        ctypes.CDLL(None).mallopt(parameter, size)

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("ci", patient, derandomize=True)
settings.register_profile("dev", patient)
settings.register_profile("nightly", patient, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_finish():
    """What is collected stays; no search for garbage need walk over it again (0.45 s each)."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Each worker begins with a stretch of its own, which what is kept for a module serves.

    And none is left alone with the last long tests, as with the default, which hands out in turns.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None
