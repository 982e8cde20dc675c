"""What pictures show: the path and its certificate, the basin of starts, the constant factor."""

from __future__ import annotations

import math

import numpy as np

from verify.experiments.kit import Trajectory, heading
from verify.experiments.single_neuron.constant import supremum
from verify.experiments.single_neuron.neuron import last, risk
from verify.experiments.single_neuron.setting import Setting, direction

NORMS = (0.1, 0.5, 1.5)
"""Of starts of the basin, over ||w*||."""

ANGLES = 13
"""Of starts of the basin, from 0 to pi."""


def _title(setting: Setting, first: str) -> str:
    c = setting.configuration
    values = {"n": len(setting.X), "d": setting.X.shape[1], r"\omega": c.omega}
    return heading(first, f"{c.data}, {c.adversary}", values)


def trajectory(setting: Setting, k: np.ndarray) -> Trajectory:
    """Distances from w* of the certified path, from the warm start and from behind."""
    distance = np.linalg.norm(setting.path[:, :3] - setting.star, axis=-1)
    names = ("distance", "warm", "behind")
    return Trajectory(
        "step", k, dict(zip(names, distance.T, strict=True)),
        labels={"distance": f"{setting.configuration.start} start", "warm": r"from $2 E\,yx$",
                "behind": "from $-c w^*$"},
        axis="steps $k$", quantity=r"$\Vert w_k - w^*\Vert$",
        title=_title(setting, "Descent on one neuron"),
    )  # fmt: skip


def basin(setting: Setting) -> Trajectory:
    """Where descent ends, by angle and norm of the start: F over F(0)."""
    c, star = setting.configuration, setting.star
    aside = direction(setting.rng("basin"), star.shape)
    aside = aside - (aside @ star) * star / setting.b**2
    size = np.linalg.norm(aside)
    aside = aside / size * setting.b if len(star) > 1 else 0 * star  # on a line: rounding alone
    theta = np.linspace(0, math.pi, ANGLES)
    plane = np.cos(theta)[:, None] * star + np.sin(theta)[:, None] * aside
    starts = np.concatenate([norm * plane for norm in NORMS])
    ends = risk(setting.X, setting.y, last(setting.X, setting.y, starts, c.step, c.steps))
    nothing = (setting.y**2).mean() or 1.0
    rows = (ends / nothing).reshape(len(NORMS), -1)
    return Trajectory(
        "angle", theta, {f"norm {norm}": row for norm, row in zip(NORMS, rows, strict=True)},
        scale="linear",
        labels={f"norm {norm}": rf"$\Vert w_0\Vert = {norm:g}\,\Vert w^*\Vert$" for norm in NORMS},
        axis="angle of $w_0$ and $w^*$", quantity=r"$F(w_K)/F(0)$",
        title=_title(setting, "Where starts end"),
    )  # fmt: skip


def constants(setting: Setting, omega: np.ndarray, largest: np.ndarray) -> Trajectory:
    """C(omega), the worst stationary point that was made, the triangle inequality's constant."""
    values = np.array([supremum(each).value for each in omega])
    panel = Trajectory(
        "omega", omega, {"constant": values, "found": largest, "four": np.full(len(omega), 4.0)},
        scale="log",
        labels={"constant": r"$C(\omega)$", "found": "stationary points that were made",
                "four": "4"},
        axis=r"noise $\omega = \mathrm{opt}/\Vert w^*\Vert^2$", quantity=r"$F/\mathrm{opt}$",
        title="The constant factor of stationary points",
    )  # fmt: skip
    return Trajectory("omega", omega, {}, panels=(panel,))
