"""Exact expectations over all masks, for networks of a few neurons."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import torch

from theory.theorems.masked_training.laws import MaskLaw
from verify.judging.sample import Sample
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

LIMIT = 2**16
"""Enumerate at most this many mask matrices."""


def columns(law: MaskLaw, p: int, xi: float) -> tuple[np.ndarray, np.ndarray]:
    """Every column in {0,1}^p that has positive probability, and the probabilities.

    Columns with equally many ones are equally likely, for the entries are exchangeable.
    """
    every = np.array(list(product((0.0, 1.0), repeat=p)))
    ones = every.sum(1).astype(int)
    sets_of_size = np.bincount(ones, minlength=p + 1)
    probability = law.count_probabilities(p, xi)[ones] / sets_of_size[ones]
    return every[probability > 0], probability[probability > 0]


def all_masks(law: MaskLaw, p: int, xi: float, m: int) -> tuple[torch.Tensor, torch.Tensor]:
    """All mask matrices, (count, p, m), and their probabilities, (count,), float64."""
    column, probability = columns(law, p, xi)
    choice = np.array(list(product(range(len(column)), repeat=m)))
    masks = column[choice].transpose(0, 2, 1)
    return torch.from_numpy(masks.copy()), torch.from_numpy(probability[choice].prod(1))


def enumerated_samples(
    network: Network, algorithm: Algorithm, symbols: Mapping[str, Any]
) -> dict[str, Sample]:
    """(E.1) and (E.2) on the first neurons of the network, as many as can be enumerated."""
    law, p, xi = algorithm.law, algorithm.p, algorithm.xi
    if 2**p > LIMIT:
        return {}
    options = len(columns(law, p, xi)[0])
    m = network.a.numel()
    if options > 1:
        m = min(m, int(np.log(LIMIT) / np.log(options) / 2) + 1)
    masks, probability = all_masks(law, p, xi, m)
    Z = network.Z_0[:, :m].double().cpu()
    phi = Z.clamp(min=0.0) * network.a[:m].double().cpu() / m**0.5  # (n, m)
    u, y = phi.sum(1), network.y.double().cpu()
    g = masks @ phi.T / xi  # (count, p, n)
    surrogate = (g - y).square().sum(-1).mean(-1) @ probability
    variance = (g - u).mean(1).square().sum(-1) @ probability
    values = {"e_sq": (u - y).square().sum().item(), "tr_Phi": phi.square().sum().item()}
    here = {**symbols, **values}
    scale = values["e_sq"] + values["tr_Phi"]
    return {
        "surrogate_loss": Sample(np.array([surrogate.item()]), here, scale=scale),
        "noise_variance": Sample(np.array([variance.item()]), here, scale=scale),
    }
