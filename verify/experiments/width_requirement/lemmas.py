"""The lemmas of Link III by trials: every lemma at the width that it requires."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch

from theory import Claim, registry
from verify.experiments.width_requirement.configuration import OTHERWISE
from verify.experiments.width_requirement.setting import Setting, parts
from verify.judging.sample import Sample
from verify.judging.seeds import seed_tensor
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import measure
from verify.training.masked.network import Network
from verify.training.masked.trials import surrogate_residuals

Event = Callable[[Setting, Network, int, Mapping[str, float]], bool]
"""Whether the event of a lemma happened: setting, network, trial, parts of the claim."""


def trials(
    setting: Setting, name: str, *, width: int | None = None, claim: Claim | None = None
) -> Sample:
    """The trials of one lemma (or a twin of it), at the width it requires or a given one."""
    claim = claim or registry.claim(f"width/{name.replace('_', '-')}")
    known = parts(claim, setting.symbols)
    if width is None:
        width = max(LEAST.get(name, 1), math.ceil(known.get("width", 1.0)))
    symbols = {**setting.symbols, "m": width}
    happened = [
        EVENTS[name](setting, setting.network(trial, width, name), trial, known)
        for trial in range(setting.configuration.trials)
    ]
    return Sample(np.array(happened, dtype=np.float64), symbols)


def _kernel(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    return float(network.spectrum[0][0]) >= at["threshold"]


def _trace(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    return float(network.Phi.trace()) <= at["threshold"]


def _initial_loss(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    return float(network.e_0.square().sum()) <= at["threshold"]


def _near_kinks(network: Network, at: Mapping[str, float]) -> torch.Tensor:
    """Which neurons start within R_w of the kink of each input, (n, m), bool."""
    return network.Z_0.abs() <= at["distance"]


def _near(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    share = _near_kinks(network, at).double().mean(1).max()
    return float(share) <= 2 * setting.required["q"]


def _masks(setting: Setting, network: Network, trial: int, name: str) -> torch.Tensor:
    """The masks of K rounds, (K, p, m)."""
    draw = setting.algorithm.masks(network.m)
    seed = seed_tensor(1, name, setting.salt, trial, device=network.X.device)
    rounds = range(setting.rounds)
    return torch.stack([draw(seed, k)[0] for k in rounds]).to(network.X)


def _shares(masks: torch.Tensor) -> torch.Tensor:
    """m^l_r/N_r, 0 where no mask holds the neuron."""
    return masks / masks.sum(1, keepdim=True).clamp(min=1.0)


def _active(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    masks = _masks(setting, network, trial, "active")
    near = _near_kinks(network, at).to(masks)
    held = (masks @ near.T).max() / (setting.algorithm.xi * network.m)
    averaged = (_shares(masks) @ near.T).max() * setting.algorithm.p / network.m
    return max(float(held), float(averaged)) <= at["threshold"]


def _averaging(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    weights = _shares(_masks(setting, network, trial, "averaging"))
    mean = setting.symbols["theta"] / setting.algorithm.p
    return _largest(network.masked_kernel(weights) - mean * network.H) <= at["threshold"]


def _curvature(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    xi = setting.algorithm.xi
    kernels = network.masked_kernel(_masks(setting, network, trial, "curvature")) / xi**2
    return _largest(kernels - network.H / xi) <= at["threshold"]


def _residuals(setting: Setting, network: Network, trial: int, at: Mapping[str, float]) -> bool:
    K = setting.rounds
    seed = seed_tensor(1, "residuals", setting.salt, trial, device=network.X.device)
    found = measure(network, setting.algorithm, K, seed, lazy=False)
    good = Thresholds(np.full(K, at["alpha"]), at["R"]).good_event(found)[0, :-1]
    return float((surrogate_residuals(found)[0] * good).sum()) <= at["threshold"]


def _largest(deviations: torch.Tensor) -> float:
    return float(torch.linalg.matrix_norm(deviations, ord=2).max())


LEAST = {"residuals": OTHERWISE}
"""Narrower, the good event ends early, and there is little left to sum."""

EVENTS: Mapping[str, Event] = {
    "kernel": _kernel,
    "near": _near,
    "active": _active,
    "trace": _trace,
    "initial_loss": _initial_loss,
    "averaging": _averaging,
    "curvature": _curvature,
    "residuals": _residuals,
}
"""By the name of the quantity."""
