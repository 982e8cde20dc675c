"""Gradient flow of deep networks: against the linear law, autograd, and descent by small steps."""

import sys

import numpy as np
import pytest
import torch

from tests.verify.training.deep import by_autograd
from tests.verify.training.deep.networks import CASES, network
from tests.verify.training.deep.test_network import displaced, targets, vector
from theory import InvalidArgument
from verify.training.deep import descend, flow

TIMES = np.array([0.0, 0.5, 3.0])


def one(nets):
    return torch.ones(len(nets.kappa), dtype=torch.float64)


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_is_that_of_autograd(name):
    nets, weights = network(name), torch.randn(2, 3, dtype=torch.float64)
    moved = displaced(nets)
    found = nets.at(moved).pulled(weights)
    for at in range(2):
        J = by_autograd.jacobian(nets, vector(moved, at), at)
        torch.testing.assert_close(vector(found, at), J.T @ weights[at], rtol=1e-10, atol=1e-10)
    back = nets.start.plus(moved.minus(nets.start).flat())
    torch.testing.assert_close(back.flat(), moved.flat())


@pytest.mark.parametrize("name", ["fc", "conv"])
def test_small_steps_of_descent_come_to_the_flow(name):
    """The difference halves with the step size."""
    nets = network(name)
    y, ends = targets(3), flow(nets, targets(3), one(nets), TIMES)
    off = []
    for steps in (400, 800):
        path = descend(nets, y, one(nets) * TIMES[-1] / steps, steps, [steps])
        off.append(np.abs(path.e[:, -1] - ends.e[:, -1]).max())
        np.testing.assert_allclose(path.lengths.sum(1), ends.length[:, -1], rtol=0.05)
        np.testing.assert_allclose(path.kernel[:, 0], ends.kernel[:, -1], rtol=0.1, atol=0.05)
        np.testing.assert_allclose(path.distance[:, 0], ends.distance[:, -1], rtol=0.05)
        np.testing.assert_allclose(path.linear[:, 0], ends.linear[:, -1], rtol=0.1, atol=0.05)
    assert off[0] < 0.05
    assert off[1] == pytest.approx(off[0] / 2, rel=0.1)


def test_the_output_layer_alone_obeys_its_linear_law():
    nets = network("fc")
    last = type(nets)(nets.design, nets.X, nets.start, nets.kappa, (False, False, False, True))
    y, unit = targets(3), torch.tensor([0.5, 2.0], dtype=torch.float64)
    found = flow(last, y, unit, TIMES)
    mu, V = np.linalg.eigh(last.initial.kernel().numpy())
    for i in range(2):
        for k, time in enumerate(TIMES):
            law = -V[i] @ (np.exp(-mu[i] * time * float(unit[i])) * (V[i].T @ y.numpy()))
            np.testing.assert_allclose(found.e[i, k], law, rtol=1e-9, atol=1e-10)


def test_a_network_of_the_batch_is_that_alone():
    nets = network("resnet")
    both = flow(nets, targets(3), one(nets), TIMES)
    alone = flow(nets.part(slice(1, 2)), targets(3), one(nets)[1:], TIMES)
    for name in ("e", "length", "kernel", "distance", "linear"):
        np.testing.assert_allclose(getattr(both, name)[1:], getattr(alone, name), rtol=1e-8,
                                   atol=1e-9)  # fmt: skip


@pytest.mark.parametrize("unit", [[1.0], [1.0, 0.0], [1.0, float("nan")]])
def test_bad_units(unit):
    with pytest.raises(InvalidArgument, match="unit"):
        flow(network("fc"), targets(3), torch.tensor(unit, dtype=torch.float64), TIMES)


def test_what_takes_too_long_is_an_error(monkeypatch):
    monkeypatch.setattr(sys.modules["verify.training.deep.flow"], "SLOWEST", 20)
    with pytest.raises(ArithmeticError, match="20 evaluations"):
        flow(network("fc"), targets(3), one(network("fc")), TIMES)
