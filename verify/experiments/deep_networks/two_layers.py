"""(DG5): two layers of erf, hidden weights trained alone; and the published forms, with erf."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.mathematics.deep_kernel import deep_kernel
from verify.experiments.deep_networks.setting import Setting
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import TOLERANCE, Sample
from verify.judging.seeds import torch_generator
from verify.training.deep import Design, Network, Parameters, descend

WIDTH = {"width", "width_kernel"}
PUBLISHED = {"published_fully_connected": "fc", "published_residual": "resnet"}

LARGEST, OTHERWISE = 20_000, 4096
"""m* is trained up to here; where it is larger claims are out of their regime, at this width."""


def at_required_width(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Whether the kernel and the residuals are as the width promises, per network."""
    c, X, y = setting.configuration, setting.problem.X, setting.y
    lam0 = max(float(np.linalg.eigvalsh(hidden_kernel(X))[0]), 1e-300)
    symbols = {**setting.shared, "lambda_0": lam0, "delta": c.delta, "epsilon": c.epsilon}
    symbols["eta"] = c.step * math.pi / 2 / symbols["norm_X"] ** 2
    needed = _parts("deep/width", symbols | {"m": 1})["m_star"]
    symbols["m"] = m = 2 * math.ceil(needed / 2 * (1 + 1e-12)) if needed <= LARGEST else OTHERWISE
    parts = _parts("deep/width", symbols)
    network = pairs(setting, m, c.trials)
    eta = torch.full((c.trials,), symbols["eta"], dtype=torch.float64)
    path = descend(network, torch.tensor(y), eta, c.steps, [0],
                   progress=lambda done: tell(done, c.trials))  # fmt: skip
    E, k = np.linalg.norm(path.e, axis=2), np.arange(c.steps + 1)
    at = {"lambda": parts["lowest"], "L": parts["L"], "E_0": symbols["y_norm"], "S_0": 0.0,
          "R": 0.0, "eta": symbols["eta"], "k": k}  # fmt: skip
    bound = registry.claim("deep/closed-form").evaluate(at, where=np.array(True)).bound
    low = np.linalg.eigvalsh(path.kernel[:, 0])[:, 0]
    events = {
        "width": (bound + TOLERANCE["float64"] * symbols["y_norm"] >= E).all(1),
        "width_kernel": low >= parts["lowest"] - 1e-12,
    }
    samples = {name: Sample(each.astype(np.float64), symbols) for name, each in events.items()}
    return Measured(samples, None, {"required_width": needed})


def hidden_kernel(X: np.ndarray) -> np.ndarray:
    """K_ij = (2/pi) g_ij/sqrt((1 + g_ii)(1 + g_jj) - g_ij^2), g = X X^T: hidden weights alone."""
    return deep_kernel(X, (0.0,), (1.0,))[1]


def pairs(setting: Setting, m: int, trials: int) -> Network:
    """Pairs of equal neurons with output weights 1 and -1, one network per trial."""
    design = Design((0.0,), (m**-0.5,), "erf")
    drawn = []
    for trial in range(trials):
        generator = torch_generator("pairs", f"{setting.salt}/trial {trial}")
        shape = (m // 2, setting.problem.d)
        drawn.append(torch.randn(shape, generator=generator, dtype=torch.float64))
    W = torch.stack(drawn).repeat_interleave(2, dim=1)
    a = torch.tensor([1.0, -1.0], dtype=torch.float64).repeat(trials, m // 2)
    gain = torch.ones(trials, dtype=torch.float64)
    return Network(design, setting.X, Parameters((W,), a), gain, (True, False))


def published(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Whether the published rate held; the constants are 1, and kappa = 1.

    Notes: how many times larger lambda_min of the whole kernel is than that of its last layer.
    """
    c, y = setting.configuration, setting.y
    samples: dict[str, Any] = {}
    shares = {}
    for name in sorted(wanted):
        design = setting.design(PUBLISHED[name], "erf", c.depth, c.width)
        scales = [nu * c.width**0.5 for nu in design.nu]
        whole, last = deep_kernel(setting.problem.X, design.beta, scales)
        lowest = [float(np.linalg.eigvalsh(kernel)[0]) for kernel in (whole, last)]
        shares[PUBLISHED[name]] = lowest[0] / max(lowest[1], 1e-300)
        symbols: dict[str, Any] = {
            "n": setting.problem.n, "m": c.width, "H": c.depth, "delta": c.delta, "C_m": 1.0,
            "C_eta": 1.0, "l": max(lowest[1], 1e-300), "C_H": 1.0,
        }  # fmt: skip
        claim = f"deep/{name.replace('_', '-')}"
        symbols["eta"] = _parts(claim, symbols | {"eta": 1.0})["step"]
        rate = _parts(claim, symbols)["rate"]
        salts = [f"{name} {i}" for i in range(c.trials)]
        network = setting.networks(design, c.width, salts)
        eta = torch.full((c.trials,), symbols["eta"], dtype=torch.float64)
        path = descend(network, torch.tensor(y), eta, c.steps)
        loss = (path.e**2).sum(2)
        bound = rate ** np.arange(c.steps + 1) * loss[:, :1]
        rounding = TOLERANCE["float64"] * loss[:, :1]
        samples[name] = Sample((loss <= bound + rounding).all(1).astype(np.float64), symbols)
    return Measured(samples, None, {"kernel_over_its_last_layer": shares})


def _parts(claim: str, symbols: dict[str, Any]) -> dict[str, float]:
    """The parts of a claim, whether or not its premises hold."""
    found = registry.claim(claim).evaluate(symbols, where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}
