"""What the experiment of masked training offers to mutation testing."""

from dataclasses import replace

import numpy as np
import pytest

from theory import claim
from verify.audit.mutation import Fate, assess
from verify.experiments.masked_training.cases import slips
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT


@pytest.mark.parametrize(("law", "xi"), [("bernoulli", 0.5), ("categorical", None)])
def test_control_variates_of_masked_training(law, xi):
    """They have mean 0 at any width, and leave little of the noise of a wide network."""
    small = Configuration(
        data="sphere", samples=3, dimension=4, width=16, init_scale=1.0, rounds=3, seeds=3000,
        law=law, xi=xi, surrogates=2, local_steps=2, zeta_lambda=0.6,
    )  # fmt: skip
    wide = replace(small, width=8192, seeds=40)
    sample, other = (
        EXPERIMENT.observe(c, salt="control", quantities={"loss"}).samples["loss"]
        for c in (small, wide)
    )
    error = sample.control.std(axis=1) / np.sqrt(small.seeds)
    assert (np.abs(sample.control.mean(axis=1)) <= 5 * error + 1e-12).all()
    assert (sample.control[1:].std(axis=1) > 0).all() == (law == "bernoulli")
    rest = other.rows - other.control
    assert (rest.std(axis=1) <= 0.2 * other.rows.std(axis=1) + 1e-12).all() or xi is None


def test_the_limit_law():
    """Slips in the law itself, on one configuration of few neurons and many seeds."""
    small = replace(slips("limit-law")[0], width=1024, rounds=3, seeds=100)

    class One:
        configuration = type(small)

        def mutation_configurations(self, name):
            return (small,)

        def mutation_points(self, name):
            return ()

        def observe(self, *args, **options):
            return EXPERIMENT.observe(*args, **options)

    (found,) = assess({"limit-law": claim("limit-law")}, One(), salt="test", every=120)
    assert not found.false
    assert found.count(Fate.REFUTED) >= 1
    assert found.count(Fate.SAME) == 0
