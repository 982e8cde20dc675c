"""The published statements, trained against inside the regime they state."""

from dataclasses import replace

import numpy as np
import pytest

from theory import claim
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge_initialisations

LEVEL = 1e-8
KERNELS = Configuration(
    data="orthogonal", samples=2, dimension=2, width=4096, init_scale=3.0, rounds=2, seeds=150,
    surrogates=2, local_steps=2, zeta_lambda=0.03, xi=0.9, delta=0.3,
)  # fmt: skip
LINEAR = replace(KERNELS, width=8192, init_scale=1.0, zeta_lambda=0.002, rounds=3, local_steps=1)


def observe(configuration, quantity, salt="published"):
    return EXPERIMENT.observe(configuration, salt=salt, quantities={quantity}).samples[quantity]


@pytest.fixture(scope="module")
def kernels():
    return observe(KERNELS, "surrogate_kernels_positive")


@pytest.mark.claims
def test_surrogate_kernels_stay_positive(gate, kernels):
    """Theorem 2, every trial with its own W_0."""
    gate.check(claim("published/theorem-2"), kernels)


def test_rarely_positive_kernels_are_refuted(kernels):
    rare = Sample(**{**vars(kernels), "values": np.arange(kernels.values.size) % 3 == 0})
    assert judge_initialisations(claim("published/theorem-2"), [rare], LEVEL).verdict is (
        Verdict.REFUTED
    )


def test_trials_differ_in_their_initialisation(kernels):
    """Inside the regime the displacement is the largest over trials, not that of one W_0."""
    alone = observe(replace(KERNELS, seeds=2), "surrogate_kernels_positive")
    assert 0 < alone.symbols["displacement"] < kernels.symbols["displacement"]


@pytest.mark.parametrize("name", ["theorem-3", "theorem-3/kappa-restored"])
def test_theorem_3_says_nothing_where_its_step_size_is_allowed(name):
    """In its regime the neighbourhood exceeds what so small a step can gain: VACUOUS."""
    found = claim(f"published/{name}")
    samples = [observe(replace(LINEAR, seeds=20), "loss", f"init {i}") for i in range(3)]
    assert all(found.regime(sample.symbols).holds.all() for sample in samples)
    judgement = judge_initialisations(found, samples, LEVEL)
    assert judgement.verdict is Verdict.VACUOUS
    assert judgement.tightness > 1


@pytest.mark.claims(checks=2)
def test_the_initial_loss(gate):
    sample = observe(replace(LINEAR, init_scale=0.3, seeds=1000), "initial_loss")
    for name in ("initial-loss", "initial-loss/exact"):
        gate.check(claim(f"published/{name}"), sample)
