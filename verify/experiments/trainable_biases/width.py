"""(TB4), and the slope of (TB6), measured: networks at the width that is asked for, and sweeps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import torch

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.experiments.trainable_biases.setting import Array, Setting
from verify.judging.sample import TOLERANCE, Sample
from verify.training.gradient_descent import Network, iterates

OF_WIDTH = {"theorem", "published_theorem"}

AFFORDABLE = 400_000
"""Neurons of a network, at most; where more are asked for, those of the options are trained."""

DRAWS = 4
"""Networks per width of a sweep, which takes their mean."""


def required(name: str, symbols: Mapping[str, Any]) -> int | None:
    """The least even width that the premises of a claim on m admit; None: none that is affordable.

    The premises are monotone in m: what holds for one width holds for all larger ones.
    """
    claim = registry.claim(name)

    def holds(m: int) -> bool:
        return bool(claim.regime({**symbols, "m": m}).holds)

    low, high = 0, 2
    while not holds(high):
        low, high = high, 2 * high
        if low > AFFORDABLE:
            return None
    while high - low > 2:
        middle = (low + high) // 4 * 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def width(setting: Setting, name: str, symbols: Mapping[str, Any]) -> int:
    """The width at which a claim is judged: that of the options, or what its premises ask for."""
    c = setting.configuration
    return c.enough or required(name, symbols) or c.width


def before(setting: Setting) -> dict[str, Any]:
    """Symbols of claims that measure nothing."""
    return {**setting.shared, "eta": setting.configuration.step / setting.rows.norm**2}


def least_eigenvalue(setting: Setting) -> Sample:
    """(TB4): whether kernels of independent neurons have nearly the least eigenvalue, (draws,)."""
    c, rows, symbols = setting.configuration, setting.rows, before(setting)
    m = width(setting, "bias/least-eigenvalue", symbols)
    found: list[Array] = []
    for z in setting.drawn("least eigenvalue", c.draws, m):
        D = (z > 0).astype(float)
        H = (D @ np.swapaxes(D, -1, -2)) / m * (c.tau + rows.G)
        found.append(np.linalg.eigvalsh(H)[:, 0])
    held = np.concatenate(found) >= (1 - c.epsilon) * setting.lambda_B
    return Sample(held.astype(float), {**symbols, "m": m})


def residuals(network: Network, y: torch.Tensor, eta: float, steps: int) -> Array:
    """||e_k|| (networks, steps + 1)."""
    found = [(now.outputs - y).norm(dim=-1) for now in iterates(network, y, eta, steps)]
    return np.asarray(torch.stack(found, dim=1))


def at_width(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB4): whether whole paths stay below the rates that are promised, (trials,)."""
    c, symbols, y = setting.configuration, before(setting), torch.tensor(setting.y)
    m, done = width(setting, "bias/theorem", symbols), 0
    rates = {"theorem": (1 - c.epsilon) * setting.lambda_B / 2,
             "published_theorem": setting.lambda_B / 4}  # fmt: skip
    held: dict[str, list[Array]] = {name: [] for name in rates}
    k = np.arange(c.steps + 1)
    for network in setting.networks("width", c.trials, m):
        e = residuals(network, y, symbols["eta"], c.steps)
        for name, rate in rates.items():
            bound = (1 - symbols["eta"] * rate) ** k * e[:, :1]
            held[name].append((e <= bound + TOLERANCE["float64"] * setting.size).all(1))
        done += len(e)
        tell(done, c.trials)
    samples = {
        name: Sample(np.concatenate(each).astype(float), {**symbols, "m": m})
        for name, each in held.items()
    }
    return Measured(samples, notes={"width": m})


def distance(setting: Setting, m: int, count: int, eta: float) -> Array:
    """max_k ||e_k - (I - eta H_0)^k e_0||/||y|| at kappa = 1, (count,)."""
    c, y, found = setting.configuration, torch.tensor(setting.y), []
    for network in setting.networks("sweep", count, m):
        mu, v = torch.linalg.eigh(network.H)
        now = (v.mT @ (network.f_0 - y)[..., None])[..., 0]
        worst = torch.zeros(len(now), dtype=torch.float64)
        for at in iterates(network, y, eta, c.steps):
            law = (v @ now[..., None])[..., 0]
            worst = torch.maximum(worst, (at.outputs - y - law).norm(dim=-1))
            now = (1 - eta * mu) * now
        found.append(np.asarray(worst) / setting.size)
    return np.concatenate(found)


EXPONENT = -0.5
"""Of the distance from the law in the width, as the claim has it."""

DRAWN: Any = {
    "labels": {"distance": r"$\max_k\,\Vert e_k - (I-\eta H_0)^k e_0\Vert/\Vert y\Vert$"},
    "axis": "neurons $m$",
    "quantity": "median over the sweeps",
}
"""What the picture of a sweep writes."""


def sweep(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB6): one slope per sweep, (sweeps,)."""
    c, widths = setting.configuration, np.array(setting.configuration.widths)
    eta = c.step / (2 * float(np.linalg.eigvalsh(setting.H)[-1]))
    found = []
    for number, m in enumerate(widths):
        found.append(distance(setting, int(m), c.sweeps * DRAWS, eta))
        tell(number + 1, len(widths))
    means = np.array(found).reshape(len(widths), c.sweeps, DRAWS).mean(2).T
    slopes = slopes_of(widths, means)
    near = np.abs(slopes - EXPONENT) <= c.tolerance
    title = heading("distance from the law at scale 1", c.data,
                    {"n": setting.rows.n, "B": c.bias})  # fmt: skip
    curve = sweep_curves("m", widths, {"distance": means}, {"distance": slopes}, title=title,
                         **DRAWN)  # fmt: skip
    symbols = {**setting.shared, **sweep_symbols(widths, c.tolerance)}
    return Measured(
        {"slope": Sample(near.astype(float), symbols)},
        Trajectory("step", np.arange(2.0), {}, sweep=curve),
        {"slope": float(np.median(slopes)) if math.isfinite(np.median(slopes)) else None},
    )
