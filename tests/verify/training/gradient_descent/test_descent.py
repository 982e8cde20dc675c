"""The trainer against autograd at any scale, in any batch; margins against their definition."""

import numpy as np
import pytest
import torch

from theory import InvalidArgument
from verify.experiments.kit.slopes import median_interval, slopes_of
from verify.judging.seeds import numpy_generator, torch_generator
from verify.training.gradient_descent import LOGISTIC, SQUARED, Network, descend
from verify.training.gradient_descent.network import summed

STEPS = 12


def inputs(n=4, d=5, salt="inputs"):
    X = torch.randn(n, d, generator=torch_generator(salt), dtype=torch.float64)
    return X / X.norm(dim=1, keepdim=True)


X = inputs()
Y = torch.tensor([0.7, -0.4, 1.1, -0.2], dtype=torch.float64)
LOSSES = {"squared": (SQUARED, Y), "logistic": (LOGISTIC, Y.sign())}


def with_autograd(W, s, y, eta, steps, loss):
    """Outputs (steps+1, n) and final weights: weight space, torch.optim."""
    W = W.clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=eta)
    found = []
    for _ in range(steps + 1):
        f = torch.relu(X @ W) @ s
        found.append(f.detach())
        optimizer.zero_grad()
        if loss is SQUARED:
            ((f - y) ** 2 / 2).sum().backward()
        else:
            torch.nn.functional.binary_cross_entropy_with_logits(f, (y + 1) / 2).backward()
        if len(found) <= steps:
            optimizer.step()
    return torch.stack(found), W.detach()


def weights(m, kappa, salt="W"):
    return kappa * torch.randn(5, m, generator=torch_generator(salt), dtype=torch.float64)


def scales(m, kind):
    generator = torch_generator(kind)
    signs = 2.0 * torch.randint(0, 2, (m,), generator=generator).double() - 1
    if kind == "unequal":
        return signs * torch.rand(m, generator=generator, dtype=torch.float64)
    return signs / m**0.5


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", ["equal", "unequal"])
@pytest.mark.parametrize("m", [1, 7, 40])
def test_agrees_with_autograd(loss, kind, m):
    """At a scale where activations flip."""
    loss, y = LOSSES[loss]
    W, s = weights(m, 0.1), scales(m, kind)
    path = descend(Network(X, (X @ W)[None], s[None]), y, 0.3, STEPS, loss)
    f, moved = with_autograd(W, s, y, 0.3, STEPS, loss)
    np.testing.assert_allclose(path.outputs[0], f, rtol=0, atol=1e-12)
    np.testing.assert_allclose(path.distance[0], (moved - W).norm(dim=0), rtol=0, atol=1e-12)
    expected = (
        (f - y).square().sum(1) if loss is SQUARED else torch.log1p(torch.exp(-y * f)).mean(1)
    )
    np.testing.assert_allclose(path.loss[0], expected, rtol=1e-12)


def test_flips_are_counted():
    W, s = weights(40, 0.05), scales(40, "equal")
    path = descend(Network(X, (X @ W)[None], s[None]), Y, 0.5, STEPS)
    changed = [0]
    for steps in range(1, STEPS + 1):
        end = with_autograd(W, s, Y, 0.5, steps, SQUARED)[1]
        changed.append(int((((X @ end) > 0) != ((X @ W) > 0)).sum()))
    assert path.flips[0].tolist() == np.cumsum(changed).tolist()
    assert path.flips[0, -1] > 0


@pytest.mark.parametrize("kappa", [1.0, 1e4, 1e8, 1e12])
def test_no_digit_is_lost_at_a_large_scale(kappa):
    """Frozen, the outputs do not depend on kappa at all."""
    salts = ["scale"]
    path = descend(Network.coupled(X, 50, kappa * 1e3, salts), Y, 0.2, 40)
    same = descend(Network.coupled(X, 50, 1e3, salts), Y, 0.2, 40)
    assert path.flips.max() == same.flips.max() == 0
    np.testing.assert_allclose(path.outputs, same.outputs, rtol=0, atol=1e-13)


def test_the_batch_does_not_matter(monkeypatch):
    salts = [f"trial {i}" for i in range(5)]
    whole = descend(Network.coupled(X, 30, 0.1, salts), Y, 0.4, STEPS)
    monkeypatch.setattr("verify.training.gradient_descent.descent.CACHED", 1)
    for i, salt in enumerate(salts):
        one = descend(Network.coupled(X, 30, 0.1, [salt]), Y, 0.4, STEPS)
        assert np.array_equal(one.outputs[0], whole.outputs[i])
        assert np.array_equal(one.flips[0], whole.flips[i])


@pytest.mark.parametrize("pairs", [1, 3, 64, 1001])
@pytest.mark.parametrize("kappa", [1e-3, 1.0, 1e9])
def test_pairs_cancel_to_the_last_bit(pairs, kappa):
    network = Network.coupled(X, pairs, kappa, ["a", "b"])
    assert torch.equal(network.f_0, torch.zeros(2, 4, dtype=torch.float64))
    assert network.m == 2 * pairs


def test_neighbours_are_summed_first():
    """Large terms that cancel must not swallow the others."""
    terms = torch.tensor([1e20, -1e20, *([3.0, -1.0] * 500)], dtype=torch.float64)
    assert summed(terms) == 1000
    assert summed(terms.flip(0)) == 1000
    assert terms.sum() != 1000


def test_the_kernel_is_that_of_the_jacobian():
    W, s = weights(9, 1.0), scales(9, "unequal")
    J = torch.autograd.functional.jacobian(lambda W: torch.relu(X @ W) @ s, W).flatten(1)
    H = Network(X, (X @ W)[None], s[None]).H[0]
    np.testing.assert_allclose(H, J @ J.T, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"eta": 0.0}, "eta"), ({"eta": float("nan")}, "eta"), ({"steps": -1}, "steps")],
    ids=["zero", "nan", "negative"],
)
def test_bad_values(change, named):
    arguments = {"eta": 0.1, "steps": 1} | change
    with pytest.raises(InvalidArgument, match=named):
        descend(Network.coupled(X, 2, 1.0, ["a"]), Y, **arguments)


def test_bad_shapes():
    with pytest.raises(InvalidArgument, match="Z_0"):
        Network(X, torch.zeros(1, 3, 6), torch.zeros(1, 6))


# --- slopes ------------------------------------------------------------------------------------


def test_slopes_of_powers():
    widths = np.array([8, 16, 64])
    values = np.stack([3 * widths**-0.5, widths**0.0, np.array([1.0, 0.0, 0.0])])
    np.testing.assert_allclose(slopes_of(widths, values), [-0.5, 0.0, -np.inf], atol=1e-12)


def test_the_interval_of_a_median_has_its_level():
    rng = numpy_generator("median")
    found = [median_interval(rng.exponential(size=25)) for _ in range(2000)]
    missed = np.mean([not low <= np.log(2) <= high for _, low, high in found])
    assert 0.01 < missed <= 0.05 + 0.015  # three standard errors
    assert median_interval(np.ones(3))[1:] == (-np.inf, np.inf)
