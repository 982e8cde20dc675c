"""Training under the certificate: paths, kernels, distances, the linear law, the parabola."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.mathematics.defect import defect_constant
from verify.experiments.deep_networks.curves import drawn
from verify.experiments.deep_networks.setting import Setting
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.judging.sample import TOLERANCE, Sample
from verify.training.deep import Path, descend

QUANTITIES = {
    "jacobian_change", "path", "residual", "smallest_eigenvalue", "kernel_change", "next_residual",
    "residual_path", "parabola", "defect", "residual_of_convolution", "distance", "remainder",
}  # fmt: skip
ROUNDING = 1e-13
"""Relative rounding of an output, which is a sum over all neurons."""


def trained(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples on paths, (networks, steps) or (networks, looks)."""
    certificate, c, y = setting.certificate, setting.configuration, setting.y
    steps = c.steps
    looks = np.unique(np.geomspace(1, steps, c.looks).round().astype(int)).tolist()
    path = descend(
        certificate.network, torch.tensor(y), certificate.eta, steps, [0, *looks],
        progress=lambda done: tell(done, c.seeds),
    )  # fmt: skip
    at = _columns(setting, steps)
    E, rho = np.linalg.norm(path.e, axis=2), _lengths(path)
    k, late = np.arange(steps + 1), path.looks[1:]
    error = rounding(setting) / TOLERANCE["float64"]
    scale = at["E_0"] + error
    moved = scale / np.sqrt(np.where(at["lambda"] > 0, at["lambda"], 1.0))
    residual = {**at, "k": k + 0 * E.astype(int), "rho": rho}
    seen = {**at, "D": path.distance[:, 1:], "rho": rho[:, late]}
    G = path.kernel
    low = np.linalg.eigvalsh(G)[:, :, 0]
    change = np.linalg.norm(G[:, 1:] - G[:, :1], 2, axis=(2, 3))
    law = linear_law(G[:, 0], y, certificate.symbols["eta"], path.looks)
    defect = np.linalg.norm(path.e[:, path.looks] - law, axis=2)[:, 1:]
    remainder = np.linalg.norm(path.e[:, late] + y - path.linear[:, 1:], axis=2)
    distances = {**seen, "M": least_change(G[:, 0], path.e[:, late] + y)}
    last_residual = Sample(E, residual, trivial=at["E_0"], scale=scale)
    samples: dict[str, Any] = {
        "jacobian_change": Sample(path.change[:, 1:], seen, scale=at["S_0"]),
        "path": Sample(rho, at, scale=moved),
        "residual": last_residual,
        "residual_of_convolution": Sample(
            E, residual | {"q": _patch(setting)}, trivial=at["E_0"], scale=scale
        ),
        "smallest_eigenvalue": Sample(low[:, 1:], seen, scale=at["S_0"] ** 2),
        "kernel_change": Sample(change, seen, scale=at["S_0"] ** 2),
        "next_residual": Sample(E[:, 1:], {**at, "E": E[:, :-1]}, trivial=E[:, :-1], scale=scale),
        "residual_path": _by_network(setting, E, k, error),
        "parabola": _by_network(setting, parabolas(certificate.symbols, steps), k, 0.0),
        "defect": Sample(defect, seen, trivial=at["E_0"], scale=scale),
        "distance": Sample(path.distance[:, 1:], distances, scale=moved),
        "remainder": Sample(remainder, seen, trivial=at["E_0"], scale=scale),
    }
    whole = linear_law(G[:1, 0], y, certificate.symbols["eta"][:1], k)
    curves = {
        "residual": E[0],
        "linear_law": np.linalg.norm(whole[0], axis=1),
    }
    if "residual_path" not in wanted:  # else it is the bound of a claim
        curves["majorant"] = _majorant(setting, k)
    notes = {
        "kappa_star": certificate.kappa_star.tolist(),
        "path_over_its_bound": float(rho[0, -1] / _end(setting)[0]),
    }
    return Measured(samples, Trajectory("step", k, curves, **drawn(setting)), notes)


def linear_law(G_0: np.ndarray, y: np.ndarray, eta: np.ndarray, k: np.ndarray) -> np.ndarray:
    """(I - eta G_0)^k e_0, e_0 = -y: (S, steps, n)."""
    mu, V = np.linalg.eigh(G_0)
    factors = 1 - eta[:, None] * mu
    powers = factors[:, None, :] ** np.asarray(k)[None, :, None]
    return -np.einsum("sij,skj,slj,l->ski", V, powers, V, y)


def least_change(G_0: np.ndarray, u: np.ndarray) -> np.ndarray:
    """||J_0^+ u||, (S, steps), of changes u (S, steps, n); 0 where the kernel is singular."""
    mu, V = np.linalg.eigh(G_0)
    singular = mu[:, 0] <= 1e-12 * mu[:, -1]
    parts = np.einsum("sij,ski->skj", V, u)
    return np.sqrt((parts**2 / np.where(singular[:, None], np.inf, mu)[:, None]).sum(-1))


def parabolas(at: dict[str, np.ndarray], steps: int) -> np.ndarray:
    """|e_k| of gradient descent on u(t) = s_0 t - L t^2/2 towards y = E_0, (S, steps + 1)."""
    s_0, L, E_0, eta = np.sqrt(at["lambda"]), at["L"], at["E_0"], at["eta"]
    t, found = np.zeros_like(L), []
    for _ in range(steps + 1):
        e = s_0 * t - L * t**2 / 2 - E_0
        found.append(np.abs(e))
        t = t - eta * (s_0 - L * t) * e
    return np.stack(found, 1)


def _columns(setting: Setting, steps: int) -> dict[str, np.ndarray]:
    """Symbols of the certificate as columns, (S, 1), and C of these steps."""
    at = setting.certificate.symbols
    a = at["eta"] * (at["lambda"] - 2 * at["L"] * at["E_0"])
    return {name: value[:, None] for name, value in {**at, "C": defect_constant(a, steps)}.items()}


def _by_network(setting: Setting, values: np.ndarray, k: np.ndarray, error: Any) -> list[Sample]:
    """One sample per network: a recursion follows one path."""
    at, errors = setting.certificate.symbols, np.broadcast_to(error, (len(values), 1))
    return [
        Sample(row, {**{name: float(v[i]) for name, v in at.items()}, "k": k},
               trivial=float(at["E_0"][i]), scale=float(at["E_0"][i] + errors[i, 0]))
        for i, row in enumerate(values)
    ]  # fmt: skip


def _majorant(setting: Setting, k: np.ndarray) -> np.ndarray:
    """x_k of the first network."""
    at = {name: float(value[0]) for name, value in setting.certificate.symbols.items()}
    found = registry.claim("deep/majorant").evaluate({**at, "k": k}, where=np.array(True))
    return found.bound


def _end(setting: Setting) -> np.ndarray:
    """R_star."""
    found = registry.claim("deep/path").evaluate(setting.certificate.symbols, where=np.array(True))
    return found.bound


def _lengths(path: Path) -> np.ndarray:
    """rho_k, (S, K + 1)."""
    return np.pad(path.lengths.cumsum(1), ((0, 0), (1, 0)))


def _patch(setting: Setting) -> int:
    return setting.certificate.network.design.patch


def rounding(setting: Setting) -> np.ndarray:
    """Rounding of a residual, (S, 1): of sums of products of a and features."""
    network = setting.certificate.network
    features = network.initial.last.norm(dim=2).amax(1)
    size = network.kappa * network.start.a.norm(dim=1) * features * network.n**0.5
    return ROUNDING * size.numpy()[:, None]
