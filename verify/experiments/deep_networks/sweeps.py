"""Sweeps of width, of gain and of depth: one slope each, of kappa*, defects, kernels."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.mathematics.deep_kernel import deep_kernel
from verify.experiments.deep_networks.certificate import gains, spectrum
from verify.experiments.deep_networks.curves import sweep_drawn
from verify.experiments.deep_networks.setting import Setting
from verify.experiments.deep_networks.training import linear_law
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import median_interval, slopes_of
from verify.judging.sample import Sample
from verify.training.deep import Design, Network, descend

DRAWS = 4
"""Networks per width of a sweep, which takes their mean."""

STEPS, LOOKS = 60, (0, 2, 5, 10, 20, 40, 60)
"""Steps of the runs of a sweep, and those looked at."""

GAINS = (1.0, 2.0, 4.0, 8.0)

OF_WIDTH = {
    "slope_of_gain": "deep/gain-width",
    "slope_of_defect": "deep/defect-width",
    "slope_of_kernel": "deep/kernel-width",
    "slope_of_start": "deep/start-width",
    "kernel_at_start": "deep/infinite-width",
}
OF_GAIN = {"slope_of_defect_in_gain": "deep/defect-gain"}
OF_DEPTH = {
    "slope_of_resnet": ("deep/depth-resnet", "resnet", "tanh", "best", True),
    "slope_of_resnet_softplus": (
        "deep/depth-resnet-softplus", "resnet", "softplus", "best", True),
    "slope_of_fc_norms": ("deep/depth-norms", "fc", "tanh", "norms", False),
    "slope_of_fc_jacobians": ("deep/depth-jacobians", "fc", "tanh", "jacobians", True),
    "slope_of_softplus": ("deep/depth-softplus", "fc", "softplus", "jacobians", False),
}  # fmt: skip
"""By quantity: its claim, architecture, activation, how L is found, and whether in log H."""


def in_width(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DG6), (DG8): one slope per sweep over widths, at kappa = 1 where it is trained."""
    c = setting.configuration
    widths = np.array(c.widths)
    found: dict[str, list[np.ndarray]] = {name: [] for name in OF_WIDTH}
    limit = _limit(setting)
    for number, m in enumerate(widths):
        salts = [f"width {m} {i}" for i in range(c.sweeps * DRAWS)]
        if wanted & {"slope_of_gain", "slope_of_defect", "slope_of_kernel"}:
            design = setting.design(c.architecture, c.activation, c.depth, int(m))
            made = setting.networks(design, int(m), salts)
            if "slope_of_gain" in wanted:
                found["slope_of_gain"].append(gains(made, setting.y, c.lipschitz))
            if wanted & {"slope_of_defect", "slope_of_kernel"}:
                defect, change = departure(made, setting.y, 1.0)
                found["slope_of_defect"].append(defect)
                found["slope_of_kernel"].append(change)
        if wanted & {"slope_of_start", "kernel_at_start"}:
            made = setting.networks(_erf(setting, int(m)), int(m), salts)
            G_0 = made.initial.kernel().numpy()
            found["slope_of_start"].append(np.linalg.norm(G_0 - limit, 2, axis=(1, 2)))
            found["kernel_at_start"].append(_along(G_0, setting.y))
        tell(number + 1, len(widths))
    samples = {}
    if "kernel_at_start" in wanted:
        symbols = {"m": widths, "G_y": float(_along(limit[None], setting.y)[0])}
        samples["kernel_at_start"] = Sample(np.array(found["kernel_at_start"]), symbols)
    values = {
        name: np.array(each).reshape(len(widths), c.sweeps, DRAWS).mean(2).T
        for name, each in found.items()
        if each and name != "kernel_at_start"
    }
    slopes = {name: slopes_of(widths, each) for name, each in values.items()}
    symbols = _symbols(widths, c.tolerance)
    samples |= {
        name: _within(OF_WIDTH[name], each, symbols)
        for name, each in slopes.items()
        if name in wanted
    }
    return Measured(samples, _picture(setting, "width", widths, values, slopes), _notes(slopes))


def in_gain(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DG6): the defect against the gain, at the smallest width of a sweep."""
    c = setting.configuration
    design = setting.design(c.architecture, c.activation, c.depth, c.smallest)
    made = setting.networks(design, c.smallest, [f"gain {i}" for i in range(c.sweeps)])
    values = np.stack([departure(made, setting.y, kappa)[0] for kappa in GAINS], 1)
    sizes = np.array(GAINS)
    slopes = slopes_of(sizes, values)
    symbols = _symbols(sizes, c.tolerance)
    sample = _within("deep/defect-gain", slopes, symbols)
    return Measured({"slope_of_defect_in_gain": sample}, None,
                    _notes({"slope_of_defect_in_gain": slopes}))  # fmt: skip


def in_depth(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DG7): kappa* against depth, on the same data, at the smallest width of a sweep."""
    c = setting.configuration
    depths, m = np.array(c.depths), c.smallest
    samples, values, slopes = {}, {}, {}
    for number, (name, (claim, architecture, activation, how, logs)) in enumerate(OF_DEPTH.items()):
        if name not in wanted:
            continue
        rows = []
        for H in depths:
            design = setting.design(architecture, activation, int(H), m)
            salts = [f"depth {H} {i}" for i in range(c.sweeps)]
            rows.append(gains(setting.networks(design, m, salts), setting.y, how))
        values[name] = np.array(rows).T
        slopes[name] = slopes_of(depths if logs else np.exp(depths), values[name])
        samples[name] = _within(claim, slopes[name], _symbols(depths, c.tolerance))
        tell(number + 1, len(OF_DEPTH))
    picture = _picture(setting, "depth", depths, values, slopes)
    defects, falls = _defects(setting, depths)
    panels = (_curves(setting, "defect", depths, defects, falls),)
    return Measured(samples, replace(picture, panels=panels), _notes(slopes | falls))


def _defects(
    setting: Setting, depths: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What is measured where (DG7) certifies: the defect at kappa = 1 against depth, with tanh."""
    c, m = setting.configuration, setting.configuration.smallest
    values, slopes = {}, {}
    for name, architecture in (("fc_defect", "fc"), ("resnet_defect", "resnet")):
        rows = []
        for H in depths:
            design = setting.design(architecture, "tanh", int(H), m)
            salts = [f"depth {H} {i}" for i in range(c.sweeps)]
            rows.append(departure(setting.networks(design, m, salts), setting.y, 1.0)[0])
        values[name] = np.array(rows).T
        slopes[name] = slopes_of(depths, values[name])
    return values, slopes


def departure(network: Network, y: np.ndarray, kappa: float) -> tuple[np.ndarray, np.ndarray]:
    """max_k ||e_k - el_k||/||y|| and max_k ||G_k - G_0|| over S_0^2, at eta = 1/S_0^2; (S,)."""
    _, S_0 = spectrum(network)
    gained = network.with_gain(torch.full_like(network.kappa, kappa))
    eta = 1 / (kappa * S_0) ** 2
    path = descend(gained, torch.tensor(y), torch.tensor(eta), STEPS, LOOKS, lengths=False)
    law = linear_law(path.kernel[:, 0], y, eta, path.looks)
    defect = np.linalg.norm(path.e[:, path.looks] - law, axis=2).max(1) / np.linalg.norm(y)
    change = np.linalg.norm(path.kernel - path.kernel[:, :1], 2, axis=(2, 3)).max(1)
    return defect, change


def _erf(setting: Setting, m: int) -> Design:
    """The design with erf, whose kernel at infinite width is known; without patches."""
    c = setting.configuration
    architecture = "fc" if c.architecture == "fc" else "resnet"
    return setting.design(architecture, "erf", c.depth, m)


def _limit(setting: Setting) -> np.ndarray:
    """G_inf, (n, n)."""
    design = _erf(setting, 1)
    return deep_kernel(setting.problem.X, design.beta, design.nu)[0]


def _along(kernels: np.ndarray, y: np.ndarray) -> np.ndarray:
    """y^T G y/||y||^2."""
    return np.einsum("i,sij,j->s", y, kernels, y) / (y @ y)


def _symbols(sizes: np.ndarray, tolerance: float) -> dict[str, Any]:
    return {"smallest": float(sizes[0]), "largest": float(sizes[-1]), "sizes": len(sizes),
            "tolerance": tolerance}  # fmt: skip


def _within(claim: str, slopes: np.ndarray, symbols: dict[str, Any]) -> Sample:
    """Whether each slope is within the limits of its claim."""
    parts = registry.claim(claim).evaluate(symbols, where=np.array(True)).parts
    low, high = float(parts.get("lowest", -np.inf)), float(parts.get("highest", np.inf))
    return Sample(((slopes >= low) & (slopes <= high)).astype(np.float64), symbols)


def _notes(slopes: dict[str, np.ndarray]) -> dict[str, Any]:
    return {
        name: dict(zip(("median", "low", "high"), median_interval(each), strict=True))
        for name, each in slopes.items()
    }


def _picture(
    setting: Setting,
    index: str,
    sizes: np.ndarray,
    values: dict[str, np.ndarray],
    slopes: dict[str, np.ndarray],
) -> Trajectory:
    """The sweep alone."""
    sweep = _curves(setting, index, sizes, values, slopes)
    return Trajectory("step", np.arange(2), {}, sweep=sweep)


def _curves(
    setting: Setting,
    index: str,
    sizes: np.ndarray,
    values: dict[str, np.ndarray],
    slopes: dict[str, np.ndarray],
) -> Trajectory:
    """Medians over the sweeps, and their slopes."""
    curves = {name.removeprefix("slope_of_"): np.median(v, axis=0) for name, v in values.items()}
    details = {
        name.removeprefix("slope_of_"): np.array(median_interval(each))
        for name, each in slopes.items()
        if not (name in OF_DEPTH and not OF_DEPTH[name][-1])  # exponential in depth: no power
    }
    return Trajectory("width" if index == "width" else "depth", sizes, curves, details,
                      **sweep_drawn(setting, index))  # fmt: skip
