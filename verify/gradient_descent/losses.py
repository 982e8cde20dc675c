"""Losses of the outputs f (..., n) at targets y (n,): value and derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import softplus


@dataclass(frozen=True)
class Loss:
    """value (..., n), (n,) -> (...); slope, its gradient in f, (..., n), (n,) -> (..., n).

    reported  what a path records, where it is not the value: ||f - y||^2 for half of it
    """

    value: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    slope: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    reported: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _squares(f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (f - y).square().sum(-1)


def _risk(f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return softplus(-y * f).mean(-1)


SQUARED = Loss(lambda f, y: _squares(f, y) / 2, lambda f, y: f - y, _squares)
"""||f - y||^2/2; paths record ||f - y||^2."""

LOGISTIC = Loss(_risk, lambda f, y: -y * torch.sigmoid(-y * f) / y.shape[-1], _risk)
"""(1/n) sum_i log(1 + exp(-y_i f_i)), labels y_i = +-1."""
