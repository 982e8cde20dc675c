"""The trainer against independent implementations, and against itself in other words."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.training.masked.modules import (
    hidden_layer,
    train_with_dropout,
    train_with_modules,
)
from tests.verify.training.masked.problems import (
    LAW_CASES,
    algorithm,
    drawn_masks,
    given_masks,
    network,
    residuals,
)
from theory.language.errors import InvalidArgument
from theory.theorems.masked_training.laws import BERNOULLI, CATEGORICAL
from verify.judging.seeds import seed_tensor, torch_generator
from verify.training.masked import network as network_module
from verify.training.masked.engines import choice as engine
from verify.training.masked.measure import measure
from verify.training.masked.network import Network
from verify.training.masked.shards import Shard
from verify.training.masked.trainer import Algorithm
from verify.training.masked.trials import span_coordinates

ROUNDS = 6
SEEDS = seed_tensor(3, "trainer")


@pytest.mark.parametrize("case", LAW_CASES)
@pytest.mark.parametrize("m", [1, 40])
def test_agrees_with_modules(case, m):
    net = network(m=m)
    alg = algorithm(net, case)
    masks = drawn_masks(net, alg, ROUNDS, SEEDS)
    ours = residuals(net, alg, ROUNDS, SEEDS)
    theirs = torch.stack([train_with_modules(net, alg, each) for each in masks])
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_relu_is_flat_at_0():
    """As in torch: weights at the kink of relu have the gradient 0, in all that is measured."""
    net = network()
    net.W_0[:, :20] = 0
    alg = algorithm(net)
    masks = drawn_masks(net, alg, 2, SEEDS[:1])
    ours = residuals(net, alg, 2, SEEDS[:1])[0]
    np.testing.assert_allclose(ours, train_with_modules(net, alg, masks[0]), rtol=0, atol=1e-9)
    assert not net.D_0[:, :20].any()


@pytest.mark.parametrize("case", ["dropout", "multi-sample dropout"])
def test_agrees_with_torch_dropout(case):
    net = network()
    alg = algorithm(net, case)
    theirs, masks = train_with_dropout(net, alg, ROUNDS, seed=5)
    ours = residuals(net, alg, ROUNDS, SEEDS[:1], mask_source=given_masks(masks))
    np.testing.assert_allclose(ours[0], theirs, rtol=0, atol=1e-9)
    assert np.ptp((ours[0] ** 2).sum(-1)) > 1e-3  # it trained


@settings(max_examples=25)
@given(st.sampled_from(sorted(LAW_CASES)), st.integers(1, 4), st.integers(1, 12), st.integers(0, 9))
def test_agrees_with_modules_anywhere(case, n, m, seed):
    net = network(n=n, m=m, seed=seed)
    if net.spectrum[0][-1] > 0:
        alg = algorithm(net, case)
        masks = drawn_masks(net, alg, 3, SEEDS[:1])
        ours = residuals(net, alg, 3, SEEDS[:1])[0]
        np.testing.assert_allclose(ours, train_with_modules(net, alg, masks[0]), atol=1e-9)


def test_gradient_descent_agrees_with_autograd():
    net = network()
    alg = algorithm(net, "gradient descent")
    weight = net.W_0.clone().requires_grad_()
    path = []
    for _ in range(ROUNDS):
        for _ in range(alg.tau):
            e = net.outputs(net.X @ weight) - net.y
            (gradient,) = torch.autograd.grad(0.5 * e.square().sum(), weight)
            weight = (weight - alg.eta * gradient).detach().requires_grad_()
        path.append((net.outputs(net.X @ weight) - net.y).detach())
    ours = residuals(net, alg, ROUNDS, SEEDS[:1])[0, 1:]
    np.testing.assert_allclose(ours, torch.stack(path), rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", LAW_CASES)
@pytest.mark.parametrize("lazy", [False, True])
def test_same_numbers_for_any_batching(case, lazy, monkeypatch):
    net = network(m=300)
    alg = algorithm(net, case)
    seeds = seed_tensor(7, "batching")
    whole = measure(net, alg, 3, seeds, lazy=lazy)
    for size in (1, 3):
        monkeypatch.setattr(engine, "CHUNK_ELEMENTS", size * alg.p * net.m * net.n)
        parts = measure(net, alg, 3, seeds, lazy=lazy)
        for name, value in vars(whole).items():
            part = getattr(parts, name)
            if name in ("residual", "noise", "local_loss", "displacement"):
                np.testing.assert_array_equal(value, part, err_msg=name)
            else:  # never fed back; a matrix product may round by the place in the batch
                np.testing.assert_allclose(value, part, rtol=0, atol=1e-13, err_msg=name)
    alone = measure(net, alg, 3, seeds[4:5], lazy=lazy)
    np.testing.assert_array_equal(alone.residual[0], whole.residual[4])


def relabelled(net, alg, masks):
    order = torch.randperm(net.m, generator=torch.Generator().manual_seed(1))
    twin = Network(net.X, net.y, net.W_0[:, order], net.a[order])
    return twin, alg, masks[..., order], 1.0


def rotated(net, alg, masks):
    generator = torch.Generator().manual_seed(2)
    d = net.X.shape[1]
    Q, _ = torch.linalg.qr(torch.randn(d, d, generator=generator, dtype=net.X.dtype))
    return Network(net.X @ Q, net.y, Q.T @ net.W_0, net.a), alg, masks, 1.0


def scaled(net, alg, masks):
    return Network(net.X, 3 * net.y, 3 * net.W_0, net.a), alg, masks, 3.0


def with_surrogates_exchanged(net, alg, masks):
    return net, alg, masks.flip(2), 1.0


def in_the_span(net, alg, masks):
    """Fewer coordinates: the inputs in a basis of their span, the weights projected to it."""
    X = torch.from_numpy(span_coordinates(net.X.numpy()))
    basis = torch.linalg.lstsq(X, net.X).solution  # X = coordinates @ basis, orthonormal rows
    assert X.shape[1] < net.X.shape[1]
    return Network(X, net.y, basis @ net.W_0, net.a), alg, masks, 1.0


@pytest.mark.parametrize("case", LAW_CASES)
@pytest.mark.parametrize(
    "twin", [relabelled, rotated, scaled, with_surrogates_exchanged, in_the_span]
)
def test_twins(twin, case):
    net = network()
    alg = algorithm(net, case)
    masks = drawn_masks(net, alg, ROUNDS, SEEDS)
    other, other_alg, other_masks, factor = twin(net, alg, masks)
    ours = residuals(net, alg, ROUNDS, SEEDS, mask_source=given_masks(masks))
    theirs = residuals(other, other_alg, ROUNDS, SEEDS, mask_source=given_masks(other_masks))
    np.testing.assert_allclose(theirs, factor * ours, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("law", "p"), [(BERNOULLI, 1), (BERNOULLI, 4), (CATEGORICAL, 1)], ids=["one", "many", "worker"]
)
def test_unmasked_is_gradient_descent(law, p):
    net = network()
    plain = algorithm(net, "gradient descent")
    masked = Algorithm(law, p, 1.0, plain.tau, plain.eta)
    ours = residuals(net, masked, ROUNDS, SEEDS[:1])
    np.testing.assert_allclose(ours, residuals(net, plain, ROUNDS, SEEDS[:1]), atol=1e-12)


@pytest.mark.parametrize("case", ["dropout", "local steps", "ist"])
def test_published_parametrisation(case):
    """Unscaled surrogates, full network times xi, w_pub = w/xi, eta_pub = eta/xi^2: the same u."""
    net = network()
    alg = algorithm(net, case)
    xi, eta_pub = alg.xi, alg.eta / alg.xi**2
    masks = drawn_masks(net, alg, ROUNDS, SEEDS[:1])
    W = net.W_0 / xi
    path = []
    for round_masks in masks[0]:
        change, count = torch.zeros_like(W), round_masks.sum(0)
        for mask in round_masks:
            local = W.clone().requires_grad_()
            for _ in range(alg.tau):
                g = torch.relu(net.X @ local) @ (net.a * mask) / net.m**0.5
                loss = 0.5 * (g - net.y).square().sum()
                (gradient,) = torch.autograd.grad(loss, local)
                local = (local - eta_pub * gradient).detach().requires_grad_()
            change += mask * (local.detach() - W)
        W = W + change / count.clamp(min=1)
        path.append(xi * net.outputs(net.X @ W) - net.y)
    ours = residuals(net, alg, ROUNDS, SEEDS[:1])[0, 1:]
    np.testing.assert_allclose(ours, torch.stack(path), rtol=0, atol=1e-10)


def test_a_neuron_that_no_mask_holds_stays():
    net = network(m=5)
    alg = algorithm(net, "multi-sample dropout")
    masks = torch.ones(1, alg.p, net.m, dtype=torch.float64)
    masks[..., 2] = 0
    from verify.training.masked.trainer import train

    (only,) = train(net, alg, 1, SEEDS[:1], mask_source=given_masks(masks))
    moved = (only.W_next[0] != net.W_0).any(0)
    assert moved.tolist()[2] is False
    assert moved.any()


def test_float32_stays_near_float64():
    """Within the tolerance of the table, before the trajectories part through sign flips."""
    wide, narrow = network(m=200), network(m=200, dtype=torch.float32)
    narrow = Network(wide.X.float(), wide.y.float(), wide.W_0.float(), wide.a.float())
    alg = algorithm(wide)
    ours = residuals(narrow, alg, ROUNDS, SEEDS)
    np.testing.assert_allclose(ours, residuals(wide, alg, ROUNDS, SEEDS), atol=1e-4)


def test_shapes_are_checked():
    net = network()
    with pytest.raises(InvalidArgument, match="W_0, y"):
        Network(net.X, net.y, net.W_0[:2], net.a)


def test_the_second_implementation_starts_from_the_same_network():
    net = network()
    assert torch.equal(hidden_layer(net).weight, net.W_0.T)


@pytest.mark.parametrize("m", [5, 16, 37, 48, 1000])
@pytest.mark.parametrize("d", [2, 3])
def test_a_network_is_the_same_in_chunks_and_in_blocks(d, m, monkeypatch):
    """Bit by bit what is drawn at once, also of a part of the neurons."""
    whole = network(d=d, m=m)
    part = Shard(m // 3, m - m // 4, m)
    generator = torch_generator("W_0", 0)
    W_0 = 0.7 * torch.randn(d, m, generator=generator, dtype=torch.float64)
    a = 2.0 * torch.randint(0, 2, (m,), generator=generator, dtype=torch.float64) - 1.0
    assert torch.equal(whole.W_0, W_0)
    assert torch.equal(whole.a, a)
    monkeypatch.setattr(network_module, "CHUNK", 32)
    monkeypatch.setattr(network_module, "BLOCK", 3 * 7)
    in_chunks = network(d=d, m=m)
    assert torch.equal(in_chunks.W_0, W_0)
    assert torch.equal(in_chunks.a, a)
    for name in ("H", "Phi", "e_0"):
        torch.testing.assert_close(
            getattr(in_chunks, name), getattr(whole, name), rtol=1e-13, atol=1e-15
        )
    assert in_chunks.concentration == pytest.approx(whole.concentration, rel=1e-13)
    monkeypatch.setattr(network_module, "current", lambda m: part)
    mine = network(d=d, m=m)
    assert torch.equal(mine.W_0, W_0[:, part.neurons])
    assert torch.equal(mine.a, a[part.neurons])


def test_numbers_drawn_in_groups_of_another_size_are_others(monkeypatch):
    """Must fail: torch draws normal numbers in groups of 16."""
    whole = network(m=1000)
    monkeypatch.setattr(network_module, "CHUNK", 40)
    assert not torch.equal(network(m=1000).W_0, whole.W_0)
