"""Networks that are written down: counts, values, and what they refuse."""

import numpy as np
import pytest
import torch

from theory import InvalidArgument
from verify.training.explicit import (
    ReluNetwork,
    hoelder_sieve,
    multiplication,
    product_tree,
    sawtooth,
    size_of,
)


def as_chain(network):
    """The same network of torch.nn.Linear and torch.nn.ReLU."""
    layers = []
    for W, v in zip(network.weights[:-1], network.shifts, strict=True):
        layer = torch.nn.Linear(*W.T.shape, dtype=torch.float64)
        layer.weight.data, layer.bias.data = W.data, -v.data
        layers += [layer, torch.nn.ReLU()]
    last = torch.nn.Linear(*network.weights[-1].T.shape, bias=False, dtype=torch.float64)
    last.weight.data = network.weights[-1].data
    return torch.nn.Sequential(*layers, last)


NETWORKS = {
    "sawtooth": lambda: sawtooth(4),
    "multiplication": lambda: multiplication(3),
    "tree": lambda: product_tree(5, 2),
    "sieve": lambda: hoelder_sieve([[0.0, 1.0], [0.5, -2.0], [1.0, 3.0]], [(0,), (2,)], 2, 2),
    "plane": lambda: hoelder_sieve(np.ones((4, 3)), [(0, 0), (1, 0), (0, 1)], 1, 2),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_chain_of_torch_layers_has_the_same_values_and_size(name):
    network = NETWORKS[name]()
    chain = as_chain(network)
    x = torch.rand(50, network.weights[0].shape[1], dtype=torch.float64,
                   generator=torch.Generator().manual_seed(0))  # fmt: skip
    assert torch.equal(chain(x), network(x)) or torch.allclose(chain(x), network(x), atol=1e-13)
    assert size_of(chain) == size_of(network)
    assert size_of(network).largest <= 1


def test_every_counted_parameter_matters():
    """Each nonzero of Mult_2, set to 0, changes the product somewhere; no zero is counted."""
    network, grid = multiplication(2), np.linspace(0, 1, 33)
    X = np.stack(np.meshgrid(grid, grid), -1)
    before, count = network.values(X), 0
    for tensor in network.parameters():
        flat = tensor.data.view(-1)
        for at in torch.nonzero(flat)[:, 0]:
            value = flat[at].item()
            flat[at] = 0.0
            assert np.abs(network.values(X) - before).max() > 1e-3
            flat[at] = value
            count += 1
    assert count == size_of(network).nonzeros == 16 * 2 + 7


@pytest.mark.parametrize("m", [1, 2, 3, 5, 8])
def test_sizes_of_multiplication(m):
    size = size_of(multiplication(m))
    assert size.layers == m + 4
    assert size.nonzeros == 16 * m + 7
    assert size.widths == (2, 2, 5, *[6] * (m - 1), 1, 1, 1, 1)


def test_gradients_flow():
    """The networks are modules: they can be trained further."""
    network = multiplication(2)
    network(torch.rand(4, 2, dtype=torch.float64)).sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_one_factor_is_itself():
    x = np.linspace(0, 1, 5)[:, None]
    np.testing.assert_array_equal(product_tree(1, 3).values(x), x)
    assert size_of(product_tree(1, 3)).layers == 0


def test_constants_and_large_coefficients():
    x = np.linspace(0, 1, 41)[:, None]
    for value in (-3.0, 0.001, 100.0):
        network = hoelder_sieve(np.full((4, 1), value), [(0,)], 3, 10)
        np.testing.assert_allclose(network.values(x), value, rtol=1e-4)
        assert size_of(network).largest <= 1


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3"])
def test_numbers_that_are_no_counts(bad):
    for build in (multiplication, sawtooth, lambda m: product_tree(2, m)):
        with pytest.raises(InvalidArgument, match="m"):
            build(bad)
    with pytest.raises(InvalidArgument, match="r"):
        product_tree(bad, 2)
    with pytest.raises(InvalidArgument, match="knots"):
        hoelder_sieve([[1.0]], [(0,)], bad, 2)


@pytest.mark.parametrize(
    ("coefficients", "exponents", "name"),
    [([[0.0], [0.0]], [(0,)], "coefficients"), ([[1.0]], [(0,)], "coefficients"),
     ([[np.nan], [1.0]], [(0,)], "coefficients"), ([[1.0], [1.0]], [], "exponents"),
     ([[1.0], [1.0]], [(-1,)], "exponents"), ([[1.0] * 2] * 2, [(0,), (1, 1)], "exponents")],
)  # fmt: skip
def test_polynomials_that_are_none(coefficients, exponents, name):
    with pytest.raises(InvalidArgument, match=name):
        hoelder_sieve(coefficients, exponents, 1, 2)


def test_shapes_that_do_not_fit():
    with pytest.raises(InvalidArgument, match="shifts"):
        ReluNetwork([np.ones((2, 1)), np.ones((1, 2))], [])
    with pytest.raises(InvalidArgument, match="shifts"):
        ReluNetwork([np.ones((2, 1)), np.ones((1, 3))], [np.ones(2)])
    with pytest.raises(InvalidArgument, match="network"):
        size_of(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)))
