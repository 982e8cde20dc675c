"""Training of active neurons alone against the trainer, a second implementation."""

from itertools import islice

import pytest
import torch

from theory.theorems.masked_training.laws import law
from verify.judging.seeds import seed_tensor
from verify.training.masked import active
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm, train

ROUNDS = 4


def network(n=30, d=6, m=40):
    generator = torch.Generator().manual_seed(3)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64)
    y = torch.randn(n, generator=generator, dtype=torch.float64)
    return Network.draw(X / X.norm(dim=1, keepdim=True), y, m, 0.7, "active")


def algorithm(name, p, xi, tau):
    return Algorithm(law(name), p, xi, tau, 0.05 * xi)


CASES = [("bernoulli", 3, 0.4, 3), ("bernoulli", 1, 0.1, 1), ("categorical", 4, 0.25, 2),
         ("bernoulli", 3, 1.0, 2), ("bernoulli", 2, 0.02, 2)]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("part", [active.PART_ELEMENTS, 64])
def test_outputs_are_those_of_the_trainer(monkeypatch, case, part):
    """Few active neurons or none, all of them, samples in one part and in many."""
    monkeypatch.setattr(active, "PART_ELEMENTS", part)
    given, how, seed = network(), algorithm(*case), seed_tensor(1, "active")
    found = list(islice(active.outputs(given, how, seed), ROUNDS))
    expected = [given.outputs(this.Z_next)[0] for this in train(given, how, ROUNDS, seed)]
    assert (expected[-1] - expected[0]).abs().max() > 1e-4  # something is trained
    torch.testing.assert_close(torch.stack(found), torch.stack(expected), rtol=1e-12, atol=1e-13)
