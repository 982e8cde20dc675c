"""Exact expectations by enumeration of every mask: equalities to 1e-10."""

import numpy as np
import pytest
import torch

from tests.verify.training.masked.problems import network
from theory import claim
from theory.theorems.masked_training.laws import BERNOULLI, CATEGORICAL
from verify.training.masked.enumeration import all_masks
from verify.training.masked.measure import measure
from verify.training.masked.network import output_covariance
from verify.training.masked.trainer import Algorithm, aggregate, local_training

CASES = {
    "dropout": (BERNOULLI, 1, 0.3, 4),
    "two surrogates": (BERNOULLI, 2, 0.5, 4),
    "three surrogates": (BERNOULLI, 3, 0.7, 4),
    "two subnets": (CATEGORICAL, 2, 0.5, 6),
    "three subnets": (CATEGORICAL, 3, 1 / 3, 5),
    "unmasked": (BERNOULLI, 2, 1.0, 4),
}
exactly = {"rtol": 0, "atol": 1e-10}


@pytest.fixture(params=CASES)
def case(request):
    """A network, its algorithm (tau = 1), all masks and their probabilities."""
    law, p, xi, m = CASES[request.param]
    net = network(n=3, d=4, m=m, kappa=1.3)
    return net, Algorithm(law, p, xi, 1, 0.05), *all_masks(law, p, xi, m)


def mean(values, probability):
    return np.tensordot(probability.numpy(), values.numpy(), axes=1)


def one_round(net, alg, masks):
    W = net.W_0.expand(len(masks), *net.W_0.shape)
    L, local = local_training(net, alg, W, net.X @ W, masks)
    return aggregate(W, L, masks), local[0] - net.outputs(net.Z_0)


def test_probabilities_sum_to_one(case):
    *_, probability = case
    np.testing.assert_allclose(probability.sum(), 1, **exactly)


def test_moments_of_the_law(case):
    _, alg, masks, probability = case
    moments = alg.law.moments(alg.p, alg.xi)
    N = masks.sum(1)
    share = torch.where(N > 0, 1 / N.clamp(min=1), 0.0)[:, None] * masks
    first = masks[:, 0, 0]
    expected = {
        "theta": mean((N[:, 0] >= 1).double(), probability),
        "V": mean((N[:, 0] / (alg.p * alg.xi) - 1) ** 2, probability),
        "v_A": mean(first**2, probability) - mean(first, probability) ** 2,
        "v_B": mean(share[:, 0, 0] ** 2, probability) - mean(share[:, 0, 0], probability) ** 2,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(moments[name], value, err_msg=name, **exactly)
    np.testing.assert_allclose(mean(first, probability), alg.xi, **exactly)


def test_noise_has_mean_zero_and_covariance_V_Phi(case):
    net, alg, masks, probability = case
    _, z = one_round(net, alg, masks)
    zbar = z.mean(1)
    np.testing.assert_allclose(mean(zbar, probability), 0, **exactly)
    covariance = mean(zbar[:, :, None] * zbar[:, None], probability)
    V = alg.law.moments(alg.p, alg.xi)["V"]
    np.testing.assert_allclose(covariance, V * net.Phi, **exactly)


def test_aggregated_gradient_is_biased_by_the_neurons_own_output(case):
    """E[v_r] = (theta/xi)(e + ((1 - xi)/xi) phi_r), v_r the mean residual of those that held r."""
    net, alg, masks, probability = case
    _, z = one_round(net, alg, masks)
    e = net.e_0
    N = masks.sum(1).clamp(min=1)
    v = torch.einsum("clr,cli->cir", masks, e + z) / (alg.xi * N[:, None])
    phi = net.Z_0.clamp(min=0) * net.a / net.m**0.5
    theta = alg.law.moments(alg.p, alg.xi)["theta"]
    expected = theta / alg.xi * (e[:, None] + (1 - alg.xi) / alg.xi * phi)
    np.testing.assert_allclose(mean(v, probability), expected, **exactly)


def test_mean_step_of_the_trainer(case):
    """With tau = 1 the mean new weights follow from E[v_r]: the trainer's own expectation."""
    net, alg, masks, probability = case
    W_next, _ = one_round(net, alg, masks)
    phi = net.Z_0.clamp(min=0) * net.a / net.m**0.5
    theta = alg.law.moments(alg.p, alg.xi)["theta"]
    v = theta / alg.xi * (net.e_0[:, None] + (1 - alg.xi) / alg.xi * phi)
    step = alg.eta * net.X.T @ (net.D_0 * v * net.a) / net.m**0.5
    np.testing.assert_allclose(mean(W_next, probability), net.W_0 - step, **exactly)


def test_expected_surrogate_loss(case):
    net, alg, masks, probability = case
    _, z = one_round(net, alg, masks)
    loss = mean((net.e_0 + z).square().sum(-1).mean(-1), probability)
    e_sq, tr_Phi = net.e_0.square().sum().item(), net.Phi.trace().item()
    bound = claim("identity/surrogate-loss")(e_sq=e_sq, tr_Phi=tr_Phi, xi=alg.xi)
    np.testing.assert_allclose(loss, bound, **exactly)


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("tau", [1, 4])
@pytest.mark.parametrize("m", [2, 5])
def test_subnets_lemmas_20_and_21(p, tau, m):
    """Every categorical mask as a seed of its own; pairs summed one by one."""
    net = network(n=3, d=4, m=m, kappa=1.3)
    alg = Algorithm(CATEGORICAL, p, 1 / p, tau, 0.1)
    masks, _ = all_masks(CATEGORICAL, p, 1 / p, m)
    W = net.W_0.expand(len(masks), *net.W_0.shape)
    L, local = local_training(net, alg, W, net.X @ W, masks)
    u, u_next = net.outputs(net.Z_0), net.outputs(net.X @ aggregate(W, L, masks))
    pairs = [(one, two) for two in range(p) for one in range(two)]

    def spread(g):
        return sum((g[:, i] - g[:, j]).square().sum(-1) for i, j in pairs) + 0 * g[:, 0, 0]

    trained, start = local[-1], local[0]
    lemma_20 = (trained - net.y).square().sum(-1).mean(1) - spread(trained) / p**2
    np.testing.assert_allclose((u_next - net.y).square().sum(-1), lemma_20, **exactly)
    lemma_21 = spread(start) / p
    np.testing.assert_allclose((start - u).square().sum((-1, -2)), lemma_21, **exactly)


def test_measured_spread_is_the_sum_over_pairs():
    net = network(m=30)
    alg = Algorithm(BERNOULLI, 3, 0.5, 2, 0.05)
    measured = measure(net, alg, 1, torch.arange(4), lazy=False)
    z = measured.noise[:, 0]
    pairs = sum(((z[:, i] - z[:, j]) ** 2).sum(-1) for j in range(3) for i in range(j))
    np.testing.assert_allclose(measured.spread[:, 0, 0], pairs, **exactly)


def test_output_covariance():
    net = network()
    u = net.outputs(net.Z_0)
    phi = net.Z_0.clamp(min=0) * net.a / net.m**0.5
    np.testing.assert_allclose(phi.sum(1), u, **exactly)
    np.testing.assert_allclose(output_covariance(net.Z_0), phi @ phi.T, **exactly)
