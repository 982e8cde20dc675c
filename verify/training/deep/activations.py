"""Values and slopes of the smooth activations of `theory.mathematics.activations`, in torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn.functional import softplus

_LEAK = 0.1


def _tanh(z: Tensor) -> tuple[Tensor, Tensor]:
    value = torch.tanh(z)
    return value, 1 - value.square()


def _erf(z: Tensor) -> tuple[Tensor, Tensor]:
    slope = (z.square() * -0.5).exp_().mul_(math.sqrt(2 / math.pi))
    return torch.erf(z / math.sqrt(2)), slope


def _softplus(z: Tensor) -> tuple[Tensor, Tensor]:
    return softplus(z, threshold=1e9), torch.sigmoid(z)  # the threshold: no linear piece


def _centred(z: Tensor) -> tuple[Tensor, Tensor]:
    value, slope = _softplus(z)
    near = torch.log1p(torch.expm1(z.clamp(max=1.0)) / 2)  # near 0 the difference would cancel
    return torch.where(z < 1, near, value - math.log(2)), slope


def _asinh(z: Tensor) -> tuple[Tensor, Tensor]:
    return torch.asinh(z), (1 + z.square()).rsqrt()


def _leaky(z: Tensor) -> tuple[Tensor, Tensor]:
    value, slope = _tanh(z)
    return _LEAK * z + (1 - _LEAK) * value, _LEAK + (1 - _LEAK) * slope


def _identity(z: Tensor) -> tuple[Tensor, Tensor]:
    return z, torch.ones_like(z)


ACTIVATIONS: Mapping[str, Callable[[Tensor], tuple[Tensor, Tensor]]] = {
    "tanh": _tanh,
    "erf": _erf,
    "softplus": _softplus,
    "centred-softplus": _centred,
    "asinh": _asinh,
    "leaky-tanh": _leaky,
    "identity": _identity,
}
"""sigma(z) and sigma'(z), by name."""
