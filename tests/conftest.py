"""Set-up shared by all tests. Imports no torch: a test of the symbolic side can spare it.

Hypothesis profiles (environment variable HYPOTHESIS_PROFILE): `ci` draws the same examples in
every run, `dev` fresh ones, `nightly` ten times as many. A test that takes `gate` declares its
checks from `settings().max_examples`, or fixes that number.
"""

import os

from hypothesis import settings
from hypothesis.internal.conjecture import providers

pytest_plugins = "pytester"

# Hypothesis takes constants from the modules loaded so far into its examples, so these would depend
# on which tests a worker ran before. It has no setting for that; test_examples.py watches this one.
NO_CONSTANTS = type(providers._local_constants)()
providers._get_local_constants = lambda: NO_CONSTANTS

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("dev", deadline=None, print_blob=True)
settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
