"""Set-up shared by all tests. Imports no torch: a test of the symbolic side can spare it.

Hypothesis profiles (environment variable HYPOTHESIS_PROFILE): `ci` draws the same examples in
every run, `dev` fresh ones, `nightly` ten times as many. None looks at the clock: no deadline, no
complaint of slow drawing. A test that takes `gate` declares its checks from
`settings().max_examples`, or fixes that number.
"""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

pytest_plugins = "pytester"

# Hypothesis takes constants from the modules loaded so far into its examples, so these would depend
# on which tests a worker ran before. It has no setting for that; test_examples.py watches this one.
NO_CONSTANTS = type(providers._local_constants)()
providers._get_local_constants = lambda: NO_CONSTANTS

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
