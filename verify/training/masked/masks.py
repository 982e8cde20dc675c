"""Sampling masks of any law, batched over seeds."""

from __future__ import annotations

from collections.abc import Callable

import torch

from theory.theorems.masked_training.laws import MaskLaw
from verify.judging.seeds import uniforms


def sample_masks(
    law: MaskLaw, p: int, xi: float, m: int, seeds: torch.Tensor, round_index: int, *part: slice
) -> torch.Tensor:
    """Masks of one round, bool, shape (len(seeds), p, m); a function of seed and round alone.

    Given a part of the neurons as a slice, their columns of the same masks, at their cost alone.
    """
    if law.name in _SAMPLERS:
        return _SAMPLERS[law.name](p, xi, m, seeds, round_index, *part)
    return _exchangeable(law, p, xi, m, seeds, round_index, *part)


def _bernoulli(
    p: int, xi: float, m: int, seeds: torch.Tensor, k: int, *part: slice
) -> torch.Tensor:
    return uniforms(seeds, k, (p, m), *part) < xi


def _categorical(
    p: int, xi: float, m: int, seeds: torch.Tensor, k: int, *part: slice
) -> torch.Tensor:
    home = (uniforms(seeds, k, (1, m), *part) * p).floor()
    return home == torch.arange(p, device=seeds.device, dtype=home.dtype)[:, None]


def _exchangeable(
    law: MaskLaw, p: int, xi: float, m: int, seeds: torch.Tensor, k: int, *part: slice
) -> torch.Tensor:
    """Any law from its P(N = j): draw N, then a uniformly random set of N surrogates."""
    u = uniforms(seeds, k, (p + 1, m), *part)
    probabilities = torch.from_numpy(law.count_probabilities(p, xi)).to(u.device)
    edges = probabilities.cumsum(0)[:-1].contiguous()
    count = torch.searchsorted(edges, u[:, p].contiguous(), right=True)
    rank = u[:, :p].argsort(dim=1).argsort(dim=1)
    return rank < count[:, None]


_SAMPLERS: dict[str, Callable[..., torch.Tensor]] = {
    "bernoulli": _bernoulli,
    "categorical": _categorical,
}
"""Direct samplers for common laws; a law without one is sampled from its counts."""
