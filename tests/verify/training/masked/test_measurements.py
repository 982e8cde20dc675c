"""What is measured, against the definitions written out; seeds and good event of the experiment."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from tests.verify.training.masked.problems import algorithm, drawn_masks, network
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import masked_training
from verify.experiments.masked_training.samples import initial_loss
from verify.experiments.masked_training.setting import prepare
from verify.judging.seeds import seed_tensor
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import LAZY, Measurements, measure
from verify.training.masked.trainer import train

ROUNDS = 6
SEEDS = seed_tensor(2, "measurements")
SMALL = Configuration(data="sphere", samples=2, width=16, rounds=2, seeds=6, pilot_seeds=4)


def phi(net, W):
    """The outputs phi_r of the neurons, (n, m)."""
    return net.a * torch.relu(net.X @ W) / net.m**0.5


def kernels(net, W):
    """H_r = D_r G D_r/m, (m, n, n)."""
    D = (net.X @ W > 0).to(W)
    return torch.einsum("ir,ij,jr->rij", D, net.X @ net.X.T, D) / net.m


def norm(matrix):
    return torch.linalg.matrix_norm(matrix, ord=2)


def local_path(net, alg, W, mask):
    """The iterates W, ..., of one surrogate by autograd: tau + 1 of them."""
    path = [W]
    for _ in range(alg.tau):
        w = path[-1].clone().requires_grad_()
        loss = 0.5 * ((phi(net, w) @ mask / alg.xi) - net.y).square().sum()
        path.append(path[-1] - alg.eta * torch.autograd.grad(loss, w)[0])
    return path


def by_definition(net, alg, masks):
    """All that `measure` gives for masks (K, p, m) of one seed, from theorem.md, with loops."""
    p, xi, m, W = alg.p, alg.xi, net.m, net.W_0
    theta, phi_0, H_r = alg.law.moments(p, xi)["theta"], phi(net, W), kernels(net, W)
    H, eye = H_r.sum(0), torch.eye(net.n, dtype=W.dtype)
    P = eye - torch.linalg.matrix_power(eye - alg.zeta * H, alg.tau)
    D_0, moved, smallest = net.X @ W > 0, torch.tensor(0.0), torch.tensor(torch.inf)
    flipped = torch.zeros_like(D_0)
    found = {name: [] for name in vars(measure(net, alg, 1, SEEDS[:1]))}
    found["residual"].append(phi_0.sum(1) - net.y)
    found["displacement"].append(torch.zeros(()))
    for held in masks:
        u, paths = phi(net, W).sum(1), [local_path(net, alg, W, mask) for mask in held]
        N = held.sum(0)
        share = torch.stack([torch.where(N > 0, mask / N.clamp(min=1), 0.0) for mask in held])
        W_next = W + sum(s * (path[-1] - W) for s, path in zip(share, paths, strict=True))
        g = torch.stack(
            [
                torch.stack([phi(net, w) @ mask / xi for mask, w in zip(held, step, strict=True)])
                for step in zip(*paths, strict=True)
            ]
        )  # (tau + 1, p, n)
        e, z, e_next = u - net.y, g[0] - u, phi(net, W_next).sum(1) - net.y
        found["residual"].append(e_next)
        found["displacement"].append((phi(net, W_next) - phi_0).square().sum().sqrt())
        found["noise"].append(z)
        found["frozen_noise"].append(sum(phi_0 @ (mask - xi) for mask in held) / (p * xi))
        found["defect"].append((e_next - (e - theta * P @ (e + z.mean(0)))).norm())
        found["rho"].append(((e + z).square().sum() / p).sqrt())
        found["local_loss"].append((g - net.y).square().sum((1, 2)) / p)
        pairs = [(g[:, i] - g[:, j]).square().sum(1) for i, j in combinations(range(p), 2)]
        found["spread"].append(torch.stack(pairs).sum(0) if pairs else torch.zeros(alg.tau + 1))
        found["distance"].append(z.square().sum())

        for mask, path in zip(held, paths, strict=True):
            for w in path:
                flipped = flipped | (((net.X @ w > 0) != D_0) & (mask > 0))
                moved = torch.maximum(moved, (w - net.W_0).norm(dim=0).max())
                kernel = torch.einsum("r,rij->ij", mask, kernels(net, w))
                smallest = torch.minimum(smallest, torch.linalg.eigvalsh(kernel)[0])
        flipped = flipped | ((net.X @ W_next > 0) != D_0)
        A = [torch.einsum("r,rij->ij", mask, H_r) / xi**2 for mask in held]
        B = [torch.einsum("r,rij->ij", s, H_r) for s in share]
        S = flipped.to(W)
        nu = [max((S @ mask).max() / (xi * m), p / m * (S @ s).max())
              for mask, s in zip(held, share, strict=True)]  # fmt: skip
        columns = {
            "nu": max(nu),
            "epsilon_A": max(norm(a - H / xi) for a in A),
            "epsilon_B": max(norm(b - theta / p * H) for b in B),
            "stability_A": max(alg.eta * norm(a) for a in A),
            "stability_B": max(p * alg.zeta * norm(b) for b in B),
            "displacement": moved,
            "kernel_min": smallest,
        }
        found["lazy"].append(torch.stack([columns[name] for name in LAZY]))
        W = W_next
    return {name: torch.stack(row) for name, row in found.items()}


@pytest.mark.parametrize("case", ["dropout", "local steps", "ist"])
def test_measurements_are_what_they_are_defined_to_be(case):
    net = network(m=12, kappa=0.4)
    alg = algorithm(net, case)
    masks = drawn_masks(net, alg, ROUNDS, SEEDS)
    measured = measure(net, alg, ROUNDS, SEEDS)
    assert (measured.lazy[..., LAZY.index("nu")] > 0).any()  # some neuron flipped
    for seed, own in enumerate(masks):
        for name, value in by_definition(net, alg, own).items():
            found = getattr(measured, name)[seed]
            np.testing.assert_allclose(found, value, rtol=0, atol=1e-10, err_msg=name)


def test_the_spectrum_is_that_of_the_kernel():
    net = network(m=12)
    mu, v = net.spectrum
    assert (mu.diff() >= 0).all()
    H = kernels(net, net.W_0).sum(0)
    np.testing.assert_allclose(v @ mu.diag() @ v.T, H, rtol=0, atol=1e-12)


def test_the_loss_is_the_squared_residual():
    net = network(m=12)
    measured = measure(net, algorithm(net), ROUNDS, SEEDS, lazy=False)
    np.testing.assert_array_equal(measured.loss, np.square(measured.residual).sum(-1))


def events(defect, displacement):
    """The good event at alpha_j = 1, R = 1 and rho = 1, of one seed."""
    nothing = np.zeros((1, 3, 1))
    fields = dict.fromkeys(Measurements.__dataclass_fields__, nothing)
    fields |= {"defect": np.array([defect]), "displacement": np.array([displacement])}
    measured = Measurements(**fields | {"rho": np.ones((1, 3))})
    return Thresholds(np.ones(3), 1.0).good_event(measured)[0].tolist()


def test_the_good_event_is_decided_by_earlier_rounds():
    """G_k speaks of the defects and displacements of rounds j < k, for k = 0, ..., K."""
    assert events([0, 0, 0], [0, 0, 0, 0]) == [True] * 4
    assert events([9, 0, 0], [0, 0, 0, 0]) == [True, False, False, False]
    assert events([0, 0, 9], [0, 0, 0, 0]) == [True, True, True, False]
    assert events([0, 0, 0], [0, 9, 0, 0]) == [True, True, False, False]
    assert events([0, 0, 0], [0, 0, 0, 9]) == [True] * 4


def test_pilot_seeds_are_not_test_seeds():
    batches = []

    def spy(net, alg, rounds, seeds, **options):
        batches.append(seeds.tolist())
        return train(net, alg, rounds, seeds, **options)

    masked_training(spy).observe(SMALL, salt="spy", quantities={"loss"})
    pilot_seeds, test_seeds = batches
    assert (len(pilot_seeds), len(test_seeds)) == (SMALL.pilot_seeds, SMALL.seeds)
    assert len({*pilot_seeds, *test_seeds}) == SMALL.pilot_seeds + SMALL.seeds


def test_every_initialisation_is_drawn_anew():
    sample = initial_loss(prepare(replace(SMALL, width=64), "draws"))
    assert np.unique(sample.values).size == sample.values.size
