"""Norms of deep networks at their start, from which `theory.mathematics.layerwise` has L."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from theory.mathematics.activations import smooth
from theory.mathematics.layerwise import Layers
from verify.training.deep.network import Network, State


def layers(network: Network, *, jacobians: bool = False) -> Layers:
    """The norms; `jacobians`: those of layer Jacobians, too (fully connected layers only)."""
    state, design = network.initial, network.design
    S, n, sigma = len(network.kappa), network.n, smooth(design.activation)

    def spread(values: list[Tensor]) -> np.ndarray:
        return torch.stack([v.expand(S) for v in values], 1).numpy()

    g = [each.reshape(S, n, -1) for each in state.g]
    p0, v0 = _jacobians(state) if jacobians else (None, None)
    return Layers(
        beta=np.array(design.beta),
        nu=np.array(design.nu),
        s1=sigma.s1,
        s2=sigma.s2,
        W=spread([_spectral(W) for W in network.start.W]),
        N=spread([_spectral(f.reshape(len(f), n, -1, f.shape[-1])).amax(1) for f in state.phi]),
        B=spread([_spectral(f) for f in state.phi]),
        g2=spread([each.norm(dim=-1).amax(1) for each in g]),
        g_max=spread([each.abs().amax((1, 2)) for each in g]),
        patch=design.patch,
        p0=p0,
        v0=v0,
    )


def _jacobians(state: State) -> tuple[np.ndarray, np.ndarray]:
    """p0 and v0 (S, H, H): largest norms of dh^l/dh^j and W^l dh^{l-1}/dh^j over the samples."""
    design, W = state.design, state.parameters.W
    H, S = design.depth, len(state.parameters.a)
    p0, v0 = torch.zeros(S, H, H).double(), torch.zeros(S, H, H).double()
    for j in range(H):
        p0[:, j, j] = 1.0
        product: Tensor | None = None  # dh^{l-1}/dh^j, (S, n, m_{l-1}, m_j)
        for at in range(j + 1, H):
            pulled = W[at][:, None] if product is None else W[at][:, None] @ product
            v0[:, at, j] = _spectral(pulled).amax(1)
            moved = design.nu[at] * state.slopes[at][..., None] * pulled
            if design.beta[at]:
                kept = torch.eye(moved.shape[-1]).to(moved) if product is None else product
                moved = moved + design.beta[at] * kept
            product = moved
            p0[:, at, j] = _spectral(product).amax(1)
    return p0.numpy(), v0.numpy()


def _spectral(matrices: Tensor) -> Tensor:
    """Spectral norms over the last two axes, from the smaller Gram matrix."""
    rows, columns = matrices.shape[-2:]
    gram = matrices @ matrices.mT if rows <= columns else matrices.mT @ matrices
    return torch.linalg.eigvalsh(gram)[..., -1].clamp(min=0.0).sqrt()
