"""The deep network once more, one network and one flat vector of parameters, for torch.func.

Written from the formula of the module docstring alone: loops over samples and pixels, activations
from their symbolic form.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from verify.training.deep import Network

SIGMA: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()),
    "erf": lambda z: 1 - torch.erfc(z / math.sqrt(2)),
    "softplus": lambda z: torch.log1p(z.exp()),
    "centred-softplus": lambda z: torch.log1p(z.exp()) - math.log(2),
    "asinh": lambda z: torch.log(z + (1 + z * z).sqrt()),
    "leaky-tanh": lambda z: z / 10 + 9 * torch.tanh(z) / 10,
    "identity": lambda z: z,
}


def flat(network: Network, at: int) -> Tensor:
    """The parameters of one network of the batch at its start, (P,)."""
    parts = [W[at].reshape(-1) for W in network.start.W] + [network.start.a[at]]
    return torch.cat(parts)


def output(network: Network, t: Tensor, at: int, X: Tensor | None = None) -> Tensor:
    """kappa <a, h^H> of every row (n,), at parameters t (P,)."""
    design, X = network.design, network.X if X is None else X
    sigma = SIGMA[design.activation]
    W, first = [], 0
    for matrix in network.start.W:
        size = matrix[at].numel()
        W.append(t[first : first + size].reshape(matrix[at].shape))
        first += size
    a = t[first:]
    found = []
    for x in X:
        pixels = list(x.reshape(design.pixels, -1))
        for beta, nu, matrix in zip(design.beta, design.nu, W, strict=True):
            made = []
            for i, here in enumerate(pixels):
                patch = [pixels[(i + s) % design.pixels] for s in range(design.patch)]
                value = nu * sigma(matrix @ torch.cat(patch))
                made.append(beta * here + value if beta else value)
            pixels = made
        found.append(a @ torch.cat(pixels))
    return network.kappa[at] * torch.stack(found)


def jacobian(network: Network, t: Tensor, at: int) -> Tensor:
    """J (n, P)."""
    return torch.func.jacrev(lambda v: output(network, v, at))(t)


def second(network: Network, t: Tensor, at: int, v: Tensor) -> Tensor:
    """The Hessian of sum_i v_i u_i, (P, P)."""
    return torch.func.jacrev(torch.func.jacrev(lambda w: v @ output(network, w, at)))(t)
