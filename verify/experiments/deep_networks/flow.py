"""Gradient flow under the certificate: paths, kernels, distances, the linear law, the parabola."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import torch

from theory import registry
from verify.experiments.deep_networks.curves import flow_drawn
from verify.experiments.deep_networks.setting import Setting
from verify.experiments.deep_networks.training import least_change, rounding
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.judging.sample import TOLERANCE, Sample
from verify.training.deep import flow

QUANTITIES = {
    "flow_path", "flow_residual", "flow_smallest_eigenvalue", "flow_kernel_change",
    "flow_parabola", "flow_defect", "flow_distance", "flow_remainder",
}  # fmt: skip
INTEGRATION = 1e-9
"""Error of the integration: of a residual over ||y||, of a distance over ||y||/s_0."""


def flowed(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (networks, looks); times are in the steps of descent, eta k."""
    certificate, c, y = setting.certificate, setting.configuration, setting.y
    at = {name: value[:, None] for name, value in certificate.symbols.items()}
    looks = np.unique(np.geomspace(1, c.steps, c.looks).round())
    units, network = certificate.eta, certificate.network
    found = flow(network, torch.tensor(y), units, np.append(0.0, looks))
    times, G = at["eta"] * looks, found.kernel
    e, rho = found.e[:, 1:], found.length[:, 1:]
    error = (rounding(setting) + INTEGRATION * at["E_0"]) / TOLERANCE["float64"]
    scale = at["E_0"] + error
    moved = scale / np.sqrt(np.where(at["lambda"] > 0, at["lambda"], 1.0))
    E, seen = np.linalg.norm(e, axis=2), {**at, "time": times, "rho": rho}
    law = exponential_law(G[:, 0], y, times)
    remainder = np.linalg.norm(e + y - found.linear[:, 1:], axis=2)
    distance = found.distance[:, 1:]
    moving = {**seen, "D": distance, "M": least_change(G[:, 0], e + y)}
    top, E_0 = at["S_0"] ** 2, at["E_0"]
    samples = {
        "flow_path": Sample(rho, at, scale=moved),
        "flow_residual": Sample(E, seen, trivial=E_0, scale=scale),
        "flow_smallest_eigenvalue": Sample(np.linalg.eigvalsh(G[:, 1:])[:, :, 0], seen, scale=top),
        "flow_kernel_change": Sample(
            np.linalg.norm(G[:, 1:] - G[:, :1], 2, axis=(2, 3)), seen, scale=top
        ),
        "flow_parabola": Sample(
            on_parabolas(certificate.symbols, times), {**at, "time": times}, trivial=E_0, scale=E_0
        ),
        "flow_defect": Sample(np.linalg.norm(e - law, axis=2), seen, trivial=E_0, scale=scale),
        "flow_distance": Sample(distance, moving, scale=moved),
        "flow_remainder": Sample(remainder, moving, trivial=E_0, scale=scale),
    }
    tell(1, 1)
    claim = registry.claim("deep/flow-majorant")
    bound = claim.evaluate({**at, "time": times}, where=np.array(True)).bound
    curves = {"residual": E[0], "linear_law": np.linalg.norm(law[0], axis=1)}
    if np.isfinite(bound[0]).all():  # else there is no certificate
        curves["majorant"] = bound[0]
    curves = {name: np.append(E_0[0], values) for name, values in curves.items()}
    x = np.append(0, looks).astype(int)
    panel = Trajectory("time", x, curves, scale="linear", **flow_drawn(setting))
    return Measured(samples, Trajectory("step", np.arange(2), {}, panels=(panel,)))


def exponential_law(G_0: np.ndarray, y: np.ndarray, times: np.ndarray) -> np.ndarray:
    """exp(-G_0 time) e_0, e_0 = -y, at times (S, looks): (S, looks, n)."""
    mu, V = np.linalg.eigh(G_0)
    kept = np.exp(-mu[:, None, :] * times[:, :, None])
    return -np.einsum("sij,skj,slj,l->ski", V, kept, V, y)


def on_parabolas(at: dict[str, np.ndarray], times: np.ndarray) -> np.ndarray:
    """|e| of gradient flow on u(t) = s_0 t - L t^2/2 towards y = E_0, (S, looks), integrated."""
    from scipy.integrate import solve_ivp

    rows = []
    for values in zip(np.sqrt(at["lambda"]), at["L"], at["E_0"], times, strict=True):
        s_0, L, E_0, row = values

        def e(t: np.ndarray, s_0: float = s_0, L: float = L, E_0: float = E_0) -> np.ndarray:
            return s_0 * t - L * t**2 / 2 - E_0

        def change(_: float, t: np.ndarray, s_0: float = s_0, L: float = L) -> np.ndarray:
            return -(s_0 - L * t) * e(t)

        found = solve_ivp(change, (0.0, row[-1]), [0.0], "LSODA", row, rtol=1e-12, atol=1e-14)
        rows.append(np.abs(e(found.y[0])))
    return np.array(rows)
