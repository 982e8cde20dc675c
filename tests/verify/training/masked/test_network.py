"""Sums over neurons that a network takes block by block."""

import weakref

import pytest
import torch

from verify.judging.seeds import torch_generator
from verify.training.masked import network as module
from verify.training.masked.network import Network, summed


def drawn(n, d, m, dtype=torch.float64):
    generator = torch_generator("network", n, d, m)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64).to(dtype)
    y = torch.randn(n, generator=generator, dtype=torch.float64).to(dtype)
    return Network.draw(X, y, m, 1.0, "network", n, d, m)


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(
    ("n", "d", "m"), [(1, 1, 1), (1, 3, 40), (3, 2, 7), (4, 4, 64), (5, 2, 65), (40, 3, 1000)]
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_sums_over_blocks_are_those_over_all_neurons(n, d, m, kept, dtype, monkeypatch):
    monkeypatch.setattr(module, "CACHED", 1)
    monkeypatch.setattr(Network, "kept", kept)
    network = drawn(n, d, m, dtype)
    Z = (network.X @ network.W_0).double()
    weights = torch.stack([network.a, network.a.square() + 1, Z[0].to(dtype)])
    relu, D, a = Z.clamp(min=0), (Z > 0).double(), network.a.double()
    squares = relu.square().sum(0)
    expected = {
        "Phi": relu @ relu.T / m,
        "H": (D @ D.T) * network.G.double() / m,
        "e_0": relu @ a / m**0.5 - network.y.double(),
        "concentration": squares.square().sum() / squares.sum().square().clamp(min=1e-300),
        "weighted": torch.einsum("ir,kr,jr->kij", D, weights.double(), D) * network.G / m,
    }
    for name, value in expected.items():
        weighted = name == "weighted"
        found = network.masked_kernel(weights) if weighted else getattr(network, name)
        found = torch.as_tensor(found, dtype=torch.float64)
        tolerance = 1e-12 if dtype == torch.float64 else 1e-4
        assert found.shape == value.shape
        assert torch.allclose(found, value.double(), rtol=tolerance, atol=tolerance), name


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 1000])
def test_few_parts_of_a_sum_are_held(count):
    """Of a wide network all of them would take more memory than its pre-activations."""
    there, most = set(), 0

    def parts():
        nonlocal most
        for k in range(count):
            part = torch.full((2,), float(k))
            there.add(k)
            weakref.finalize(part, there.discard, k)
            most = max(most, len(there))
            yield part
            del part

    assert summed(parts()).tolist() == [count * (count - 1) / 2] * 2
    assert most <= 2 + count.bit_length()
