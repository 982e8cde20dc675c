"""Gradient flow: against its closed form, small steps of descent, and an ODE solver."""

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from theory import InvalidArgument
from verify.experiments.node_scaling.setting import scalings
from verify.judging.seeds import torch_generator
from verify.training.gradient_descent import Network, descend, flow

X = torch.nn.functional.normalize(
    torch.randn(3, 4, generator=torch_generator("flow"), dtype=torch.float64)
)
Y = torch.tensor([0.6, -0.3, 0.9], dtype=torch.float64)
TIMES = np.linspace(0, 6, 7)


def network(pairs=20, kappa=1.0, gamma=0.5, trials=2):
    salts = [f"flow {i}" for i in range(trials)]
    return Network.scaled(X, torch.tensor(scalings(2 * pairs, gamma, 0.5)), kappa, salts)


@pytest.mark.parametrize("kappa", [1e3, 1e9])
def test_frozen_it_is_exact(kappa):
    """No flip, no error: the closed form, whatever the times between."""
    net = network(kappa=kappa)
    found = flow(net, Y, TIMES)
    mu, v = torch.linalg.eigh(net.H)
    parts = (v.mT @ Y).square().numpy()
    exact = np.stack([(np.exp(-2 * t * mu.numpy()) * parts).sum(-1) for t in TIMES], axis=1)
    np.testing.assert_allclose(found.loss, exact, rtol=1e-11, atol=1e-14)
    assert found.error.max() < 1e-13
    np.testing.assert_array_equal(found.kernels[:, 0], found.kernels[:, 1])


@pytest.mark.parametrize("gamma", [0.2, 1.0])
def test_agrees_with_small_steps_where_activations_flip(gamma):
    net = network(kappa=0.5, gamma=gamma)
    found = flow(net, Y, TIMES, defect=1e-5)
    eta = 1e-3
    path = descend(net, Y, eta, round(TIMES[-1] / eta))
    every = path.loss[:, :: round(1 / eta)]
    assert path.flips[:, -1].min() > 0
    np.testing.assert_allclose(found.loss, every, rtol=0, atol=5e-3)
    np.testing.assert_allclose(found.distance[:, -1], path.distance, rtol=0, atol=1e-2)


def test_agrees_with_an_ode_solver():
    net = network(pairs=6, kappa=3.0, trials=1)
    Z, s, G = net.Z_0[0].numpy(), net.s[0].numpy(), net.G.numpy()

    def slope(_, c):
        z = Z + G @ c.reshape(Z.shape)
        return (-s * (z > 0) * ((np.maximum(z, 0) * s).sum(1) - Y.numpy())[:, None]).ravel()

    def loss(c):
        e = (np.maximum(Z + G @ c.reshape(Z.shape), 0) * s).sum(1) - Y.numpy()
        return e @ e

    times = TIMES[:3]
    solved = solve_ivp(slope, (0, times[-1]), np.zeros(Z.size), rtol=1e-6, atol=1e-8, t_eval=times)
    found = flow(net, Y, times)
    allowed = 2 * np.sqrt(found.loss[0, 0]) * found.error[0] + 1e-5
    assert (np.abs(found.loss[0] - [loss(c) for c in solved.y.T]) <= allowed).all()


def test_the_error_is_what_is_asked_for():
    """A smaller defect per step, a path nearer to the one of the smallest."""
    net = network(kappa=0.5, trials=1)
    fine = flow(net, Y, TIMES[:4], defect=3e-5)
    for defect in (1e-2, 1e-3):
        coarse = flow(net, Y, TIMES[:4], defect=defect)
        off = np.abs(np.sqrt(coarse.loss) - np.sqrt(fine.loss))
        assert (off <= coarse.error + fine.error + 1e-12).all()
        assert coarse.error[0, -1] > 0


def test_the_batch_does_not_matter():
    both, one = flow(network(), Y, TIMES), flow(network(trials=1), Y, TIMES)
    np.testing.assert_array_equal(both.loss[:1], one.loss)


@pytest.mark.parametrize("times", [[1.0, 2.0], [0.0, 0.0], [], [[0.0]]], ids=str)
def test_bad_times(times):
    with pytest.raises(InvalidArgument, match="times"):
        flow(network(), Y, np.array(times))


def test_bad_defect():
    with pytest.raises(InvalidArgument, match="defect"):
        flow(network(), Y, TIMES, defect=0.0)


@pytest.mark.parametrize("gamma", [0.01, 0.5, 1.0])
@pytest.mark.parametrize("width", [2, 10, 3000])
def test_scalings(width, gamma):
    """Pairs share theirs; in all they sum to 1, none is below gamma/m, and they fall."""
    found = scalings(width, gamma, 0.5)
    assert 2 * found.sum() == pytest.approx(1, abs=1e-12)
    assert found.min() >= gamma / width * (1 - 1e-12)
    assert (np.diff(found) <= 0).all()
    if gamma == 1:
        np.testing.assert_allclose(found, 1 / width)
