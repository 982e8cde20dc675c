"""What needs no training: the kernel and the margin at the widths they ask for, initial outputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch

from verify.experiments.coupled_initialisation.setting import Setting, parts
from verify.judging.sample import Sample
from verify.judging.seeds import torch_generator
from verify.training.gradient_descent import Network, margin
from verify.training.gradient_descent.network import summed

PAIRS = 64
"""Pairs of the networks whose initial outputs are drawn."""


def kernel(setting: Setting, pairs: int | None = None) -> Sample:
    """(A.5): whether H_0 >= (1 - epsilon) H_inf, at the N it requires unless given."""
    network, symbols, share = _lemma(setting, "kernel", pairs)
    root = np.linalg.inv(np.linalg.cholesky(setting.H_inf))
    relative = root @ network.H.numpy() @ root.T
    return Sample((np.linalg.eigvalsh(relative)[:, 0] >= share).astype(np.float64), symbols)


def logistic_margin(setting: Setting, pairs: int | None = None) -> Sample:
    """(A.10): whether gamma^2 >= (1 - epsilon) gamma_inf^2, at the N it requires unless given."""
    network, symbols, share = _lemma(setting, "logistic-margin", pairs)
    labels, least = setting.labels.numpy(), math.sqrt(share) * setting.shared["gamma_inf"]
    found = [margin(H, labels).high >= least for H in network.H.numpy()]
    return Sample(np.array(found, dtype=np.float64), symbols)


def _lemma(
    setting: Setting, name: str, pairs: int | None
) -> tuple[Network, dict[str, float], float]:
    known = parts(f"coupled/{name}", setting.shared)
    symbols = {**setting.shared, "N": pairs or max(1, math.ceil(known["N_star"])), "kappa": 1.0}
    return setting.network(symbols, name), symbols, known["share"]


def independent_output(setting: Setting) -> Sample:
    """(A.12): ||f_0||^2 of 2 PAIRS independent neurons."""
    salts = setting.salts("independent", setting.configuration.outputs)
    symbols = _scaled(setting)
    network = Network.independent(setting.X, 2 * PAIRS, symbols["kappa"], salts)
    return Sample(network.f_0.square().sum(-1).numpy(), symbols)


def masked_output(setting: Setting) -> Sample:
    """(A.13): ||z||^2 of coupled neurons under one mask each."""
    salts = setting.salts("masked", setting.configuration.outputs)
    symbols = _scaled(setting)
    network = Network.coupled(setting.X, PAIRS, symbols["kappa"], salts)
    masks = torch.stack([_mask(setting.configuration.xi, network.m, salt) for salt in salts])
    relu = network.Z_0.clamp(min=0.0) * (network.s * masks)[:, None]
    z = summed(relu) / setting.configuration.xi
    return Sample(z.square().sum(-1).numpy(), symbols)


def _mask(xi: float, m: int, salt: str) -> torch.Tensor:
    drawn = torch.rand(m, generator=torch_generator("mask", salt), dtype=torch.float64)
    return (drawn < xi).double()


def _scaled(setting: Setting) -> dict[str, float]:
    kappa = setting.symbols()["kappa"]
    return {**setting.shared, "N": PAIRS, "kappa": kappa, "xi": setting.configuration.xi}


LEMMAS: Mapping[str, Callable[[Setting], Sample]] = {
    "kernel": kernel,
    "logistic_margin": logistic_margin,
    "independent_output": independent_output,
    "masked_output": masked_output,
}
"""By the name of the quantity."""
