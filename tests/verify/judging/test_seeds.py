"""Seeds are functions of their labels; uniform numbers are SplitMix64 (their law: test_masks)."""

import hashlib

import numpy as np
import pytest
import torch

from verify.judging.seeds import numpy_generator, seed_of, seed_tensor, torch_generator, uniforms

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    """The finaliser of SplitMix64 in whole numbers (Steele, Lea & Flood 2014)."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def uniform(seed, stream, count):
    key = mix(mix(seed & MASK) + GOLDEN * (stream + 1) & MASK)
    return [(mix(key + GOLDEN * i & MASK) >> 11) * 2.0**-53 for i in range(1, count + 1)]


def test_a_seed_is_a_function_of_its_labels():
    digest = hashlib.sha256(b"test\x1f3\x1fsalt").digest()
    assert seed_of("test", 3, "salt") == int.from_bytes(digest[:8], "big") >> 1
    labels = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("bc", "a"), (), ("a",), (1, 11)]
    labels += [(11, 1), ("111",)]
    seeds = {seed_of(*parts) for parts in labels}
    assert len(seeds) == len(labels)
    assert all(0 <= seed < 2**63 for seed in seeds)


@pytest.mark.parametrize(
    "draw",
    [
        lambda *labels: numpy_generator(*labels).random(4).tolist(),
        lambda *labels: torch.rand(4, generator=torch_generator(*labels)).tolist(),
        lambda *labels: seed_tensor(4, *labels).tolist(),
    ],
)
def test_generators_follow_their_labels_alone(draw):
    torch.manual_seed(0)
    first = draw("data", "salt")
    torch.manual_seed(1)
    assert draw("data", "salt") == first
    assert draw("data", "other") != first
    assert draw("pilot", "salt") != first


def test_more_seeds_begin_with_the_same():
    seeds = seed_tensor(1000, "test", "salt")
    assert seeds.dtype == torch.int64
    assert seeds[:7].tolist() == seed_tensor(7, "test", "salt").tolist()
    both = torch.cat([seeds, seed_tensor(1000, "pilot", "salt")])
    assert len(set(both.tolist())) == 2000


def test_seeds_are_splitmix64():
    start = seed_of("test", "salt")
    found = [seed & MASK for seed in seed_tensor(5, "test", "salt").tolist()]
    assert found == [mix(start + GOLDEN * i & MASK) for i in range(1, 6)]


@pytest.mark.parametrize("seed", [0, 1, -1, 2**63 - 1, -(2**63), 123456789])
@pytest.mark.parametrize("stream", [0, 1, 1000])
def test_uniforms_are_splitmix64(seed, stream):
    found = uniforms(torch.tensor([seed]), stream, (2, 3))
    assert found.shape == (1, 2, 3)
    assert found.flatten().tolist() == uniform(seed, stream, 6)


def test_uniforms_stay_below_1():
    found = uniforms(seed_tensor(50, "unit"), 0, (2000,))
    assert found.min() >= 0
    assert found.max() < 1
    assert abs(found.mean().item() - 0.5) < 7 / np.sqrt(12 * found.numel())
