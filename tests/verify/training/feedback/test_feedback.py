"""Feedback alignment and backpropagation, against autograd; the closed system, against training."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from verify.training.feedback import ACTIVATIONS, Network, Reduced, network, train

rng = np.random.default_rng(0)
X, y = rng.normal(size=(4, 3)), rng.normal(size=4)
ETA, DECAYS = 0.05, [0.3, 0.0, 0.7, 0.2, 0.0]
TORCH = {
    "linear": lambda z: z,
    "relu": torch.relu,
    "leaky-relu": lambda z: torch.nn.functional.leaky_relu(z, 0.1),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}


def drawn(activation="linear", width=7, **options):
    return Network.drawn(X, y, width, ["a", "b"], activation=activation, **options)


class CarriedBack(torch.autograd.Function):
    """z -> z beta/sqrt m, whose gradient in z is carried back by other weights."""

    @staticmethod
    def forward(context, hidden, beta, back):
        context.save_for_backward(hidden, back)
        return hidden @ beta / hidden.shape[1] ** 0.5

    @staticmethod
    def backward(context, error):
        hidden, back = context.saved_tensors
        root = hidden.shape[1] ** 0.5
        return torch.outer(error, back) / root, hidden.T @ error / root, None


def by_autograd(net, trial, activation, backpropagation):
    """One network of the batch, in torch: W, beta at the start and after every step."""
    W, beta, b = (torch.tensor(a[trial]) for a in (net.W, net.beta, net.b))
    path = [(W.numpy(), beta.numpy())]
    for decay in DECAYS:
        W, beta = W.clone().requires_grad_(), beta.clone().requires_grad_()
        hidden = TORCH[activation](torch.tensor(X) @ W.T)
        if backpropagation:
            outputs = hidden @ beta / len(beta) ** 0.5
        else:
            outputs = CarriedBack.apply(hidden, beta, b)
        (((outputs - torch.tensor(y)) ** 2).sum() / 2).backward()
        W = (W - ETA * W.grad).detach()
        beta = (beta - ETA * decay * beta - ETA * beta.grad).detach()
        path.append((W.numpy(), beta.numpy()))
    return path


def agrees_with_autograd(activation, backpropagation):
    net = drawn(activation)
    path = list(train(net, ETA, DECAYS, backpropagation=backpropagation))
    for trial in range(2):
        expected = by_autograd(net, trial, activation, backpropagation)
        for found, (W, beta) in zip(path, expected, strict=True):
            np.testing.assert_allclose(found.W[trial], W, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(found.beta[trial], beta, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("backpropagation", [False, True], ids=["feedback", "backpropagation"])
@pytest.mark.parametrize("activation", TORCH)
def test_steps_are_those_of_autograd(activation, backpropagation):
    agrees_with_autograd(activation, backpropagation)


def sequential(net, eta, decay=0.0, back=None):
    """The first layer sees the new second one."""
    beta = STEP(net, eta, decay, back).beta
    between = replace(net, beta=beta)
    return replace(net, W=STEP(between, eta, 0.0, back).W, beta=beta)


STEP = network.step
BUGS = {
    "the decay on W, too": lambda net, eta, decay=0.0, back=None: replace(
        (new := STEP(net, eta, decay, back)), W=new.W - eta * decay * net.W
    ),
    "no decay": lambda net, eta, decay=0.0, back=None: STEP(net, eta, 0.0, back),
    "one layer after the other": sequential,
    "always backpropagation": lambda net, eta, decay=0.0, back=None: STEP(
        net, eta, decay, net.beta
    ),
    "steps a percent too long": lambda net, eta, decay=0.0, back=None: STEP(
        net, 1.01 * eta, decay / 1.01, back
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_autograd_sees(bug):
    with patch.object(network, "step", BUGS[bug]), pytest.raises(AssertionError):
        agrees_with_autograd("relu", backpropagation=False)


def test_activations():
    z = np.linspace(-2, 2, 41)
    for name, psi in ACTIVATIONS.items():
        found = TORCH[name](points := torch.tensor(z, requires_grad=True))
        found.sum().backward()
        np.testing.assert_allclose(psi.psi(z), found.detach().numpy(), atol=1e-15)
        np.testing.assert_allclose(psi.slope(z), points.grad.numpy(), atol=1e-15)
        h = 1e-6
        jump = (psi.slope(np.array(h)) - psi.slope(np.array(-h))).item()
        assert jump == pytest.approx(psi.kink, abs=1e-5)
        smooth = z[np.abs(z) > 0.05]
        steepest = np.abs(psi.slope(smooth + h) - psi.slope(smooth - h)).max() / (2 * h)
        assert steepest <= psi.curvature + 1e-6
        assert steepest >= 0.98 * psi.curvature


def test_initial_laws():
    wide = drawn(width=4000, beta_scale=2.0)
    assert abs(wide.W.std() - 1) < 0.03
    assert abs(wide.beta.std() - 2) < 0.1
    assert abs(np.corrcoef(wide.beta[0], wide.b[0])[0, 1]) < 0.1
    assert abs((wide.b**4).mean() / (wide.b**2).mean() ** 2 - 3) < 0.3
    assert set(np.unique(drawn(feedback="signs").b)) == {-1.0, 1.0}
    tied = drawn(feedback="initial", beta_scale=2.0)
    np.testing.assert_array_equal(tied.beta, 2 * tied.b)
    assert not np.array_equal(wide.W[0], wide.W[1])
    np.testing.assert_array_equal(drawn(width=4000).W, wide.W)


def test_the_cosine_of_nothing_is_0():
    net = drawn(beta_scale=0.0)
    assert (net.cosine == 0).all()
    reduced = Reduced.of(net)
    assert (reduced.cosine(reduced.start) == 0).all()
    cos = drawn().cosine[1]
    b, beta = drawn().b[1], drawn().beta[1]
    assert cos == pytest.approx(b @ beta / np.linalg.norm(b) / np.linalg.norm(beta))


def test_training_ends_where_it_diverges():
    path = list(train(drawn(), 50.0, [0.0] * 200))
    assert 1 < len(path) < 201
    assert all(np.isfinite(net.W).all() and np.isfinite(net.residual).all() for net in path)


# --- the closed system ---------------------------------------------------------------------------


@pytest.mark.parametrize("width", [2, 7, 60])
def test_numbers_give_what_training_gives(width):
    net = drawn(width=width, beta_scale=0.7)
    reduced, decays = Reduced.of(net), np.tile(DECAYS, 8)
    pairs = zip(train(net, ETA, decays), reduced.steps(ETA, decays), strict=True)
    for there, at in pairs:
        W = net.W + net.b[..., None] * at.s[:, None]
        beta = at.q[:, None] * net.beta + (net.W @ at.v[..., None])[..., 0] + at.c[:, None] * net.b
        tight = {"rtol": 1e-11, "atol": 1e-11}
        np.testing.assert_allclose(there.W, W, **tight)
        np.testing.assert_allclose(there.beta, beta, **tight)
        np.testing.assert_allclose(there.residual, reduced.residual(at), **tight)
        np.testing.assert_allclose(there.overlap, reduced.overlap(at), **tight)
        np.testing.assert_allclose((there.beta**2).sum(1), reduced.beta_sq(at), **tight)
        np.testing.assert_allclose(there.cosine, reduced.cosine(at), **tight)
        grown = ((there.W**2).sum((1, 2)) - (net.W**2).sum((1, 2))) / 2
        np.testing.assert_allclose(grown, reduced.growth(at), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("decay", [0.0, 0.4])
def test_the_flow_is_that_of_all_weights(decay):
    """All m (d + 1) weights by another integrator."""
    net, times = drawn(width=5), np.array([0.0, 0.3, 2.0, 30.0])
    reduced = Reduced.of(net)
    at = reduced.flow(times, decay)
    for trial in range(2):
        b, m = net.b[trial], 5

        def change(t, z, b=b, m=m):
            W, beta = z[: 3 * m].reshape(m, 3), z[3 * m :]
            e = X @ W.T @ beta / m**0.5 - y
            dW = -np.outer(b, e @ X) / m**0.5
            return np.concatenate([dW.ravel(), -decay * beta - W @ (X.T @ e) / m**0.5])

        start = np.concatenate([net.W[trial].ravel(), net.beta[trial]])
        found = solve_ivp(change, (0, 30), start, "DOP853", times, rtol=1e-11, atol=1e-12).y.T
        for i, z in enumerate(found):
            W, beta = z[: 3 * m].reshape(m, 3), z[3 * m :]
            e = X @ W.T @ beta / m**0.5 - y
            np.testing.assert_allclose(reduced.residual(at)[i, trial], e, atol=1e-8)
            assert reduced.overlap(at)[i, trial] == pytest.approx(b @ beta, abs=1e-7)
            assert reduced.beta_sq(at)[i, trial] == pytest.approx(beta @ beta, rel=1e-7)


def test_small_steps_are_the_flow():
    net = drawn(width=20)
    reduced, ends = Reduced.of(net), []
    for count in (2000, 4000):
        *_, last = reduced.steps(3.0 / count, np.full(count, 0.4))
        ends.append(reduced.residual(last))
    exact = reduced.residual(reduced.flow(np.array([0.0, 3.0]), 0.4))[1]
    far, near = (np.abs(found - exact).max() for found in (ends[0], 2 * ends[1] - ends[0]))
    assert near < far / 50
