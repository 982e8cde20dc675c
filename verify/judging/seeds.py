"""Seeds and random numbers: every number is a function of a salt and a name.

Masks come from a counter-based generator (SplitMix64): the number at (seed, counter) does not
depend on how seeds are batched, on the device or on the number of workers. One torch.Generator
per seed would need a Python loop over the seeds and differ between devices.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

ALL = slice(None)
_GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed 64-bit integer
_MIX_1 = -4658895280553007687  # 0xBF58476D1CE4E5B9
_MIX_2 = -7723592293110705685  # 0x94D049BB133111EB


def seed_of(*labels: object) -> int:
    """A seed in [0, 2^63) from any labels (salt, test id, purpose, ...)."""
    digest = hashlib.sha256("\x1f".join(map(str, labels)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def numpy_generator(*labels: object) -> np.random.Generator:
    return np.random.default_rng(seed_of(*labels))


def torch_generator(*labels: object) -> torch.Generator:
    """A CPU generator: the same numbers whatever the device they move to."""
    import torch

    return torch.Generator().manual_seed(seed_of(*labels))


def seed_tensor(count: int, *labels: object, device: torch.device | None = None) -> torch.Tensor:
    """`count` seeds, the i-th a function of the labels and i; shape (count,), int64."""
    import torch

    start = torch.tensor([seed_of(*labels)], dtype=torch.int64, device=device)
    return _mix(start + _GOLDEN * torch.arange(1, count + 1, device=device))


def uniforms(
    seeds: torch.Tensor, stream: int, shape: tuple[int, ...], columns: slice = ALL
) -> torch.Tensor:
    """Uniform float64 numbers in [0, 1) for each seed; shape (len(seeds), *shape).

    `stream` numbers the independent draws of one seed (the round). With `columns`, a part of the
    last axis: the same numbers as in the whole.
    """
    import torch

    position = torch.tensor(stream + 1, dtype=torch.int64, device=seeds.device)
    key = _mix(_mix(seeds) + _GOLDEN * position)
    *rows, width = shape
    count = int(np.prod(rows))
    first = width * torch.arange(count, dtype=torch.int64, device=seeds.device)
    place = torch.arange(*columns.indices(width), dtype=torch.int64, device=seeds.device)
    counter = (first[:, None] + place + 1).reshape(*rows, len(place))
    bits = _mix(key.reshape(-1, *[1] * counter.ndim) + _GOLDEN * counter)
    return _shift(bits, 11).double() * 2.0**-53


def _mix(z: torch.Tensor) -> torch.Tensor:
    """The SplitMix64 finaliser; torch's int64 arithmetic wraps modulo 2^64."""
    z = (z ^ _shift(z, 30)) * _MIX_1
    z = (z ^ _shift(z, 27)) * _MIX_2
    return z ^ _shift(z, 31)


def _shift(z: torch.Tensor, by: int) -> torch.Tensor:
    """Logical shift to the right (torch's is arithmetic)."""
    return (z >> by) & ((1 << (64 - by)) - 1)
