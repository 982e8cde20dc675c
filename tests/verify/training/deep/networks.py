"""Small deep networks of every architecture, for tests."""

from __future__ import annotations

import torch

from verify.judging.seeds import torch_generator
from verify.training.deep import Design, Network, Parameters

CASES = {
    "one-layer": (Design.fully_connected(1, 5, "tanh"), 3, (5,)),
    "fc": (Design.fully_connected(3, 4, "erf"), 3, (4, 4, 4)),
    "unequal": (Design.plain(3, "centred-softplus"), 4, (3, 1, 2)),
    "resnet": (Design.residual(3, 4, "tanh", 1.5), 3, (4, 4, 4)),
    "softplus": (Design.residual(2, 5, "softplus", 1.0), 2, (5, 5)),
    "asinh": (Design.plain(2, "asinh"), 3, (4, 2)),
    "leaky": (Design.plain(2, "leaky-tanh"), 3, (4, 2)),
    "linear": (Design.plain(2, "identity"), 3, (3, 3)),
    "conv": (Design.residual(2, 3, "tanh", 1.0, pixels=3, patch=2), 6, (3, 3)),
    "conv-3": (Design.residual(3, 2, "softplus", 1.0, pixels=3, patch=3), 3, (2, 2, 2)),
}


def network(name: str, n: int = 3, S: int = 2, salt: str = "") -> Network:
    """S networks of that design on n rows, with gains of their own."""
    design, d, widths = CASES[name]
    generator = torch_generator("rows", name, salt)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64)
    X = X / X.norm(dim=1, keepdim=True)
    start = Parameters.gaussian(design, d, widths, [f"{salt}{name}{i}" for i in range(S)])
    return Network(design, X, start, 1.0 + torch.arange(S, dtype=torch.float64))
