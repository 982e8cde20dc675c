"""Losses of the outputs f (..., n) at targets y (n,)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import softplus


@dataclass(frozen=True)
class Loss:
    """slope: the gradient in f, (..., n), (n,) -> (..., n); reported: what paths record, (...)."""

    slope: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    reported: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


SQUARED = Loss(lambda f, y: f - y, lambda f, y: (f - y).square().sum(-1))
"""Trains on ||f - y||^2/2, records ||f - y||^2."""

LOGISTIC = Loss(
    lambda f, y: -y * torch.sigmoid(-y * f) / y.shape[-1], lambda f, y: softplus(-y * f).mean(-1)
)
"""(1/n) sum_i log(1 + exp(-y_i f_i)), labels y_i = +-1."""
