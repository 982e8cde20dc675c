"""The strategies reach the regimes that matter."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from theory.mathematics.kernels import lambda_0
from verify.experiments.masked_training.setting import prepare
from verify.experiments.masked_training.strategies import CASES, configurations, informative

REACHED = {
    "one neuron": ("general", lambda c: c.width == 1),
    "one sample": ("general", lambda c: c.samples == 1),
    "many surrogates": ("general", lambda c: c.surrogates >= 5 and c.law == "categorical"),
    "many local steps": ("general", lambda c: c.local_steps >= 5),
    "largest step": ("general", lambda c: c.zeta_lambda == 1.0),
    "rarely active": ("general", lambda c: c.activity <= 0.1),
    "large scale": ("general", lambda c: c.init_scale >= 3.0),
    "real data": ("general", lambda c: c.data == "digits"),
    "dropout": ("dropout", lambda c: (c.surrogates, c.local_steps) == (1, 1) and c.activity < 1),
    "multi-sample dropout": ("multi-sample-dropout", lambda c: c.surrogates > 2),
    "subnets": ("ist", lambda c: c.law == "categorical" and c.surrogates > 2),
    "small lambda_0": (
        "general",
        lambda c: c.samples > 1 and lambda_0(prepare(c, "reach").problem.X) < 1e-3,
    ),
}


@pytest.mark.parametrize("what", REACHED)
def test_reaches(what):
    case, condition = REACHED[what]
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(case=case), condition, settings=only)
    assert condition(found)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=10)
@given(data=st.data())
def test_informative_keeps_the_case(case, data):
    base = data.draw(configurations(case=case))
    chosen, _ = informative(base, "case")
    kept = ("data", "samples", "law", "xi", "surrogates", "local_steps", "zeta_lambda", "targets")
    assert all(getattr(base, name) == getattr(chosen, name) for name in kept)
    assert chosen.width >= 1024
    assert np.isfinite(chosen.init_scale)
