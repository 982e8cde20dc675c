"""(DK1), (DK3) to (DK6), measured: means on the data, and descent on them."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.single_neuron.curves import basin, trajectory
from verify.experiments.single_neuron.neuron import descend, gradient, relu, risk, warm
from verify.experiments.single_neuron.setting import Setting
from verify.judging.sample import Sample
from verify.training.divergence import check_finite

SMALLEST = 1e-290
"""Of norms: below it rounding turns a vector, so that other labels are seen."""


def structure(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DK1) at points of all paths, at 0, w* and -w*; rounding is that of E y^2, w and w*."""
    star, X, e = setting.star, setting.X, setting.e
    d = len(star)
    w = np.vstack([setting.path[setting.steps].reshape(-1, d), np.zeros(d), star, -star])
    z, s = w @ X.T, X @ star
    p, q = z > 0, s > 0
    D, difference, apart = z - s, relu(z) - relu(s), p != q

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(values.mean(-1))

    found = {
        "opt": setting.opt,
        "Q": mean(difference**2),
        "I_w": mean(difference * p * D),
        "pull": (gradient(X, setting.y, w) * (w - star)).sum(-1),
        "cross": mean(e * np.abs(s) * apart),
        "astray": mean(e**2 * apart),
        "B": mean(s**2 * apart),
        "noise": mean(e * p * D),
        "both": mean(D**2 * (p & q)),
        "wrong": mean((z**2 + 2 * np.abs(z * s)) * (p & ~q)),
        "silent": mean(s**2 * (~p & q)),
    }
    size = setting.opt + setting.b**2 + (w**2).sum(-1)
    check_finite(size, *found.values())
    rest = found["Q"] - 2 * found["I_w"]
    return Measured({
        "risk": Sample(risk(X, setting.y, w), found, scale=size),
        "half_pull": Sample(found["pull"] / 2, found, scale=size),
        "rest": Sample(rest, found, scale=size),
        "alignment": Sample(found["I_w"], found, scale=size),
    })  # fmt: skip


def warm_start(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DK3); rounding is that of w*, and of y^2."""
    w = warm(setting.X, setting.y)
    distance = np.array([np.linalg.norm(w - setting.star)])
    return Measured({
        "warm_distance": Sample(distance, setting.law, scale=setting.b),
        "warm_risk": Sample(risk(setting.X, setting.y, w[None]), setting.law, scale=setting.b**2),
    })  # fmt: skip


def certified(setting: Setting) -> dict[str, Any]:
    """Values of the premises of (DK4)."""
    found = setting.certificate
    distance = float(np.linalg.norm(setting.start - setting.star))
    return setting.law | {"rho": found.rho, "c": found.c, "r_0": distance}


def radii(setting: Setting) -> np.ndarray:
    """r_k for all steps, (K+1,); r_0 throughout where there is no certificate."""
    symbols = certified(setting) | {"k": np.arange(setting.configuration.steps + 1)}
    claim = registry.claim("neuron/certificate")
    holds = claim.regime(symbols).holds
    if not holds.all():
        return np.full(len(symbols["k"]), symbols["r_0"])
    return claim.evaluate(symbols).bound


def path(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DK4), (DK5): the path of the first start; no neuron at all is b away from w*."""
    symbols, w = certified(setting), setting.path[:, 0]
    k = np.arange(len(w))
    distance = np.linalg.norm(w - setting.star, axis=-1)
    r, steps = radii(setting), setting.steps
    s, norms = np.abs(setting.X @ setting.star), np.linalg.norm(setting.X, axis=1)
    near = s <= r[steps, None] * norms
    slope = np.linalg.norm(gradient(setting.X, setting.y, w[steps]), axis=-1)
    values = risk(setting.X, setting.y, w[steps])
    check_finite(values, slope)
    nothing = float((setting.y**2).mean())
    at = {"r_k": r[steps], "B_r": (s**2 * near).mean(-1), "grad": slope}
    samples = {
        "distance": Sample(
            distance, symbols | {"k": k}, trivial=setting.b, scale=setting.b, given=1
        ),
        "descent_risk": Sample(values, symbols | at, trivial=nothing, scale=setting.b**2),
    }
    return Measured(samples, trajectory(setting, k))


def behind(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DK6): the path from -c w*, coordinate by coordinate, while float64 holds its direction."""
    c = setting.configuration
    start = -c.behind * setting.star
    norms = c.behind * setting.b * abs(1 - c.step) ** setting.steps.astype(float)
    steps = setting.steps[(norms > SMALLEST) | (setting.steps == 0)]
    w = descend(setting.X, setting.y, start[None], c.step, c.steps)[steps, 0]
    below = setting.X @ setting.star < 0
    symbols = setting.law | {"leak": float(np.abs(setting.y[below]).max(initial=0.0))}
    size = np.broadcast_to(np.linalg.norm(w, axis=-1, keepdims=True), w.shape)
    more = {"behind": c.behind, "power": float((setting.y**2).mean()), "k": steps}
    at = {"start": start, "k": steps[:, None]}
    values = risk(setting.X, setting.y, w)
    check_finite(values)
    samples = {
        "stuck": Sample(w, symbols | at, scale=size),
        "stuck_risk": Sample(values, symbols | more),
    }
    return Measured(samples, Trajectory("step", steps, {}, panels=(basin(setting),)))


def end(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DK.P): where descent from the warm start ends."""
    c = setting.configuration
    values = risk(setting.X, setting.y, setting.path[-1, 1][None])
    check_finite(values)
    symbols = setting.law | {"C": c.constant, "epsilon": c.excess}
    return Measured({"end": Sample(values, symbols, trivial=float((setting.y**2).mean()))})
