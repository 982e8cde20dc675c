"""What pictures show: activity over training, steps against the bias, the least eigenvalue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Trajectory, heading
from verify.experiments.trainable_biases import kernel
from verify.experiments.trainable_biases.descent import (
    Path,
    checkpoints,
    followed,
    started,
)
from verify.experiments.trainable_biases.setting import Setting

BIASES = (0.0, 0.5, 1.0, 1.5, 2.0)
GRID = np.linspace(0.0, 3.0, 9)

BOUNDS = {
    "schur": "by Schur powers", "rows": "by their row sums", "separation": "by the separation",
    "circles": "by circles",
}  # fmt: skip


def residual(setting: Setting, found: Sequence[Path]) -> Trajectory:
    """The mean residual of the networks that are followed, with panels over several biases."""
    c, e = setting.configuration, np.linalg.norm([path.e for path in found], axis=-1)
    error = e.std(axis=0) / math.sqrt(max(1, len(e) - 1))
    values = {"n": setting.rows.n, "m": c.width, "B": c.bias, r"\kappa": c.kappa}
    return Trajectory(
        "step", np.array(checkpoints(c.steps, c.points)), {"residual": e.mean(0)},
        errors={"residual": error}, panels=activity(setting),
        labels={"residual": "mean over the networks"}, axis="steps $k$",
        quantity=r"residual $\Vert e_k\Vert$",
        title=heading(f"Descent, biases {c.biases}", c.data, values),
    )  # fmt: skip


def activity(setting: Setting) -> tuple[Trajectory, Trajectory]:
    """Share of active neurons while a network of each bias is trained at kappa = 1; its steps."""
    c = setting.configuration
    at = checkpoints(c.steps, c.points)
    fired: dict[str, np.ndarray] = {}
    spread: dict[str, np.ndarray] = {}
    needed, foretold, limit = [], [], []
    for B in BIASES:
        own = with_bias(setting, B)
        (start,) = started(own, "picture", 1, 1.0)
        path = followed(start, own.y, c.steps, at, c.reduction)
        share = path.fired / c.width
        fired[f"B = {B:g}"] = share.mean(1)
        spread[f"B = {B:g}"] = share.std(axis=1) / math.sqrt(max(1, setting.rows.n - 1))
        needed.append(float(path.steps))
        foretold.append(steps_of(start.mu, c.reduction))
        limit.append(steps_of(np.linalg.eigvalsh(own.H), c.reduction))
    values = {"n": setting.rows.n, "m": c.width, r"\eta\Lambda": c.step}
    active = Trajectory(
        "k", np.array(at), fired, errors=spread, scale="linear",
        labels={name: f"${name}$" for name in fired},
        axis="steps $k$", quantity="share of active neurons",
        title=heading("Activity over training", c.data, values),
    )  # fmt: skip
    speed = Trajectory(
        "B", np.array(BIASES),
        {"steps": np.array(needed), "law": np.array(foretold), "limit": np.array(limit)},
        scale="linear",
        labels={"steps": r"of a network, at $\kappa = 1$", "law": "by the law, from its kernel",
                "limit": "by the law, for infinitely many neurons"},
        axis="bias $B$", quantity=f"steps to a residual of {c.reduction:g}",
        title=heading("Steps against the bias", c.data, values),
    )  # fmt: skip
    return active, speed


def steps_of(mu: np.ndarray, reduction: float) -> float:
    """What (TB6) says of a kernel with the eigenvalues mu, at the step size 1/Lambda."""
    least = float(mu[0])
    if least <= 0:
        return math.nan
    symbols = {"r": reduction, "lambda": least, "Lambda": float(mu[-1])}
    claim = registry.claim("bias/steps")
    blank = dict.fromkeys(claim.variables, 1)
    return float(claim.evaluate({**blank, **symbols}, where=np.array(True)).bound)


def with_bias(setting: Setting, B: float) -> Setting:
    return replace(setting, configuration=replace(setting.configuration, bias=B))


def eigenvalue(setting: Setting) -> Trajectory:
    """lambda_min(H_inf) and its bounds against the bias, where they are positive."""
    found: dict[str, list[float]] = {"least": [], **{name: [] for name in BOUNDS}}
    of_rows = kernel.powers(setting.rows, setting.configuration.terms)
    for B in GRID:
        own = with_bias(setting, float(B))
        symbols: dict[str, Any] = kernel.known(own, of_rows)
        found["least"].append(own.lambda_B)
        for name in BOUNDS:
            claim = registry.claim(f"bias/{name}")
            bound = float(claim.evaluate(symbols, where=np.array(True)).bound)
            found[name].append(bound)
    series = {name: np.array(each) for name, each in found.items()}
    series = {name: np.where(each > 0, each, np.nan) for name, each in series.items()}
    panel = Trajectory(
        "B", GRID, series, scale="linear",
        labels={"least": r"$\lambda_{\min}(H_\infty)$", **BOUNDS},
        axis="bias $B$", quantity="least eigenvalue",
        title=heading("The least eigenvalue and its bounds", setting.configuration.data,
                      {"n": setting.rows.n, "d": setting.rows.X.shape[1]}),
    )  # fmt: skip
    return Trajectory("step", np.arange(2.0), {}, panels=(panel,))
