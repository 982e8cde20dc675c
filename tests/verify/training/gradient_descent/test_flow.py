"""Gradient flow: against closed forms, small steps of descent, and an ODE solver."""

import sys
from unittest.mock import patch

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from theory import InvalidArgument
from verify.experiments.node_scaling.setting import scalings
from verify.judging.seeds import torch_generator
from verify.training.gradient_descent import Network, descend, flow
from verify.training.gradient_descent.flow import SLIDING, _Path

module = sys.modules["verify.training.gradient_descent.flow"]

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


def paths(net, y, times):
    """The path of every network of the batch, at the last of the times."""
    found = [
        _Path(net.G.numpy(), Z_0, s, f_0 - y.numpy())
        for Z_0, s, f_0 in zip(net.Z_0.numpy(), net.s.numpy(), net.f_0.numpy(), strict=True)
    ]
    for path in found:
        path.seen(times)
    return found


KINKS = {  # samples, dimension, pairs, gamma, kappa, size of the targets, horizon
    "a few": (3, 4, 20, 1.0, 0.5, 1.0, 6.0),
    "sliding": (3, 4, 20, 0.2, 0.5, 1.0, 6.0),
    "sliding along two at once": (8, 3, 50, 0.5, 0.1, 1.0, 4.0),
    "two dimensions": (5, 2, 20, 0.3, 0.3, 1.0, 6.0),
    "all kinks are at weight 0": (3, 1, 10, 0.5, 1.0, 1.0, 4.0),
    "one input": (1, 3, 200, 1.0, 0.5, 3.0, 8.0),
}


def kinky(what, trials=2):
    n, d, pairs, gamma, kappa, size, horizon = KINKS[what]
    rows, targets = (
        torch.randn(n, k, generator=torch_generator(what, k), dtype=torch.float64) for k in (d, 1)
    )
    salts = [f"{what} {i}" for i in range(trials)]
    rows = torch.nn.functional.normalize(rows)
    net = Network.scaled(rows, torch.tensor(scalings(2 * pairs, gamma, 0.5)), kappa, salts)
    return net, size * targets[:, 0], np.linspace(0, horizon, 7)


@pytest.mark.parametrize("what", KINKS)
def test_small_steps_of_descent_come_near_in_proportion(what):
    """The limit of small steps: halved steps, about half the distance."""
    net, y, times = kinky(what)
    found, far = flow(net, y, times), []
    for each in (300, 1200):
        path = descend(net, y, times[1] / each, 6 * each)
        assert path.flips[:, -1].min() > 0
        far.append(np.abs(path.loss[:, ::each] - found.loss).max(1) / found.loss[:, 0])
    assert (far[0] < 0.03).all()
    assert (far[1] < 0.5 * far[0] + 1e-6).all()


@pytest.mark.parametrize("what", KINKS)
def test_the_error_is_at_most_a_percent_of_the_loss(what):
    """Far less, and a rounding of the start moves the loss as little: no kink is a coin toss."""
    net, y, times = kinky(what)
    found = flow(net, y, times)
    shaken = flow(Network(net.X, net.Z_0 * (1 + 1e-13), net.s), y, times)
    assert (found.loss_error < 1e-9 * found.loss).all()
    np.testing.assert_allclose(shaken.loss, found.loss, rtol=1e-9)


def test_the_kinks_are_there():
    """The cases above have what they are called after."""
    slid = {}
    for what in KINKS:
        net, y, times = kinky(what)
        ended = paths(net, y, times)
        assert min(path.events for path in ended) > 0
        modes = np.concatenate([path.mode for path in ended], axis=1)
        slid[what] = int((modes == SLIDING).sum(0).max())
    assert slid["sliding"] >= 1
    assert slid["sliding along two at once"] >= 2


def closed_form_of_one_neuron(times, s=0.8, z_0=0.3, y=-1.0):
    """One neuron, one input, a target below reach: z = y/s + (z_0 - y/s) exp(-s^2 t) down to 0."""
    z = np.maximum(y / s + (z_0 - y / s) * np.exp(-(s**2) * times), 0.0)
    return (s * z - y) ** 2


def test_a_flip_in_closed_form():
    times = np.linspace(0, 3, 31)
    one = Network(
        torch.ones(1, 1, dtype=torch.float64),
        torch.full((1, 1, 1), 0.3, dtype=torch.float64),
        torch.full((1, 1), 0.8, dtype=torch.float64),
    )
    found = flow(one, torch.tensor([-1.0], dtype=torch.float64), times)
    exact = closed_form_of_one_neuron(times)
    assert exact[-1] == 1.0 < exact[0]
    np.testing.assert_allclose(found.loss[0], exact, rtol=1e-14)


def single(Z_0, cosine, s=1.0):
    """One neuron on two unit inputs at an angle."""
    X = torch.tensor([[1.0, 0.0], [cosine, (1 - cosine**2) ** 0.5]], dtype=torch.float64)
    Z = torch.tensor(Z_0, dtype=torch.float64)[None, :, None]
    return Network(X, Z, torch.full((1, 1), s, dtype=torch.float64))


def test_sliding_in_closed_form():
    """At 60 degrees, pulled up by one input and held at the kink of the other.

    There z_2' is 1 below the kink and at most 1 - 2 above. Held, the neuron moves along the part of
    x_1 orthogonal to x_2, of squared length 3/4, and 0.5 e_1/e_2 stays in (0, 1): for ever.
    """
    times = np.linspace(0, 2, 9)
    found = flow(single([1.0, 0.0], 0.5), torch.tensor([3.0, -2.0], dtype=torch.float64), times)
    left = np.exp(-0.75 * times)
    np.testing.assert_allclose(found.loss[0], (2 * left) ** 2 + 4, rtol=1e-13)
    np.testing.assert_allclose(found.distance[0, :, 0], 2 * (1 - left) / 0.75**0.5, rtol=1e-13)


def test_weight_0_in_closed_form():
    """At 120 degrees, it slides down to weight 0, where e_1 = 1 and e_2 = 2 go on to push: rest."""
    times = np.linspace(0, 2, 9)
    found = flow(single([1.0, 0.0], -0.5), torch.tensor([-1.0, -2.0], dtype=torch.float64), times)
    e_1 = np.maximum(2 * np.exp(-0.75 * times), 1)
    assert e_1[-1] == 1 < e_1[1]
    np.testing.assert_allclose(found.loss[0], e_1**2 + 4, rtol=1e-13)
    assert found.lowest[0, -1] == 0


def test_late_times_are_as_exact_as_early_ones():
    """Down to 1e-20 of the loss at the start; where rounding is all, the error says so."""
    net, y, _ = kinky("one input")
    found = flow(net, y, np.linspace(0, 120, 13))
    seen = found.loss > 1e-20 * found.loss[:, :1]
    assert 0.1 < seen.mean() < 0.9
    assert (found.loss_error[seen] <= 0.01 * found.loss[seen]).all()
    assert (found.loss_error[:, -1] > 0.01 * found.loss[:, -1]).all()


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
    np.testing.assert_allclose(found.loss[0], [loss(c) for c in solved.y.T], rtol=1e-4)


# --- what the error sees -------------------------------------------------------------------------


def blind(self, h):
    """No kink is seen: modes stay."""


def late(self, h, seen=_Path._next_kink):
    """Kinks are seen a hundredth of the way too late."""
    found = seen(self, h)
    return found and (min(1.01 * found[0], h), *found[1:])


def through(self, r, i, mode):
    """Nothing slides: every kink is passed."""
    self.mode[i, r] = 1 - self.mode[i, r] if self.mode[i, r] != SLIDING else 0


@pytest.mark.parametrize(
    ("method", "bug"), [("_next_kink", blind), ("_next_kink", late)], ids=["blind", "late"]
)
def test_a_kink_that_is_missed_shows_in_the_error(method, bug):
    net, y, times = kinky("a few")
    found = flow(net, y, times)
    with patch.object(_Path, method, bug):
        wrong = flow(net, y, times)
    off = np.abs(np.sqrt(wrong.loss) - np.sqrt(found.loss))
    assert (wrong.loss_error[:, -1] > 1e-5 * wrong.loss[:, -1]).any()
    # it bounds what a wrong path does to e, within the factor of what follows from it
    assert (off <= 10 * wrong.error + 1e-12).all()


def test_passing_every_kink_never_ends(monkeypatch):
    """Sliding is needed: without it a neuron that is pushed back from both sides stops time."""
    net, y, times = kinky("sliding")
    monkeypatch.setattr(_Path, "_settle", through)
    monkeypatch.setattr(module, "MOST_EVENTS", 2000)
    with pytest.raises(RuntimeError, match="kinks"):
        flow(net, y, times)


def test_the_batch_does_not_matter():
    both, one = flow(network(), Y, TIMES), flow(network(trials=1), Y, TIMES)
    np.testing.assert_array_equal(both.loss[:1], one.loss)


@pytest.mark.parametrize("times", [[1.0, 2.0], [0.0, 0.0], [], [[0.0]]], ids=str)
def test_bad_times(times):
    with pytest.raises(InvalidArgument, match="times"):
        flow(network(), Y, np.array(times))


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
