"""The certificate of deep networks at their start: kappa*, the radius R, L there, the step size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from theory.mathematics.layerwise import Bound, by_jacobians, by_norms, least_gain, radius
from verify.training.deep import Network, layers

SINGULAR = 1e-12
"""A smallest eigenvalue below this share of the largest is rounding: 0."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """S networks with their gains, and numbers of each, (S,), by the names of the symbols."""

    network: Network
    kappa_star: np.ndarray
    symbols: dict[str, np.ndarray]

    @property
    def eta(self) -> torch.Tensor:
        return torch.tensor(self.symbols["eta"])


USED = {"best": ("L_norms", "L_jacobians"), "norms": ("L_norms",), "jacobians": ("L_jacobians",)}
"""Of which L is the less, by the option."""


def bounds(network: Network, *, jacobians: bool = True) -> dict[str, Bound]:
    """L at unit gain by its symbol: from norms, and from Jacobians where inputs have no pixels."""
    fully = network.design.pixels == 1 and jacobians
    norms = layers(network, jacobians=fully)
    first = partial(by_norms, norms)
    return {"L_norms": first, "L_jacobians": partial(by_jacobians, norms) if fully else first}


def spectrum(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest singular values of J_0 at unit gain."""
    unit = network.with_gain(torch.ones_like(network.kappa))
    values = torch.linalg.eigvalsh(unit.initial.kernel()).numpy()
    low, high = values[:, 0], np.maximum(values[:, -1], 0.0)
    return np.sqrt(np.where(low > SINGULAR * high, low, 0.0)), np.sqrt(high)


def gains(network: Network, y: np.ndarray, lipschitz: str) -> np.ndarray:
    """kappa*, (S,): the least gain with a certificate; infinite where the kernel is singular."""
    s_0, _ = spectrum(network)
    E_0 = np.full(len(s_0), np.linalg.norm(y))
    known = bounds(network, jacobians=lipschitz != "norms")
    return np.min([least_gain(known[name], s_0, E_0)[0] for name in USED[lipschitz]], axis=0)


def certify(
    network: Network, y: np.ndarray, *, gain: float, lipschitz: str, step: float
) -> Certificate:
    """The certificate at `gain` times kappa*; where there is none its premises fail."""
    s_0, S_0 = spectrum(network)
    E_0 = np.full(len(s_0), np.linalg.norm(y))
    known = bounds(network)
    used = {name: known[name] for name in USED[lipschitz]}
    least = {name: least_gain(bound, s_0, E_0) for name, bound in used.items()}
    kappa_star = np.min([star for star, _ in least.values()], axis=0)
    kappa = np.where(np.isfinite(kappa_star), gain * kappa_star, 1.0)
    radii = np.stack([
        np.where(kappa >= least[name][0], radius(bound, s_0, E_0, kappa, least[name][1]), np.inf)
        for name, bound in used.items()
    ])  # fmt: skip
    largest = np.max([R for _, R in least.values()], axis=0)
    R = np.where(np.isfinite(radii).any(0), radii.min(0), largest)
    found = {name: kappa * bound(R) for name, bound in known.items()}
    L, lam = np.min([found[name] for name in used], axis=0), (kappa * s_0) ** 2
    A = np.maximum(lam - 2 * L * E_0, 0.0)
    end = 2 * E_0 / np.maximum(np.sqrt(lam) + np.sqrt(A), 1e-300)
    eta = step / (kappa * S_0 + L * np.where(A > 0, end, 0.0)) ** 2
    symbols = {"lambda": lam, "S_0": kappa * S_0, "L": L, "R": R, "E_0": E_0, "eta": eta, **found}
    return Certificate(network.with_gain(torch.tensor(kappa)), kappa_star, symbols)
