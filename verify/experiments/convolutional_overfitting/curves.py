"""What pictures show: the budget as one straight line, and what is learned against memorised."""

from __future__ import annotations

import numpy as np

from verify.experiments.convolutional_overfitting.descent import HEADS, margins
from verify.experiments.convolutional_overfitting.setting import Setting
from verify.experiments.kit import Trajectory, heading


def shown(setting: Setting) -> str:
    c, chi = setting.configuration, setting.start.chi[0, 0]
    return heading("A convolutional network", f"{c.data} noise",
                   {"n": c.samples, "d": c.dimension, "q": c.power, r"\chi": chi})  # fmt: skip


def trajectory(setting: Setting, Q: np.ndarray, spent: np.ndarray, h: np.ndarray) -> Trajectory:
    """Class 1 of the first run: largest preactivations, training loss; Q against the sum of P."""
    problem, k = setting.problem, setting.path.steps
    signal, noise = setting.states
    memory = problem.owned(noise)[:, 0].max(-1)
    loss = np.logaddexp(0, -margins(problem, signal, noise)[:, 0]).mean(-1)
    return Trajectory(
        "step", k,
        {"signal": (HEADS[:, None] * signal)[:, 0, 0].max(-1),
         "memory": memory[:, problem.y[0] > 0].max(-1), "training_loss": loss},
        panels=(line(setting, Q, spent, h),),
        labels={"signal": r"signal, $\max_r v_{1r}$", "memory": r"noise, $\max_{ri} u_{ri}$",
                "training_loss": "training loss"},
        axis="steps", quantity="what is learned and memorised", title=shown(setting),
    )  # fmt: skip


def line(setting: Setting, Q: np.ndarray, spent: np.ndarray, h: np.ndarray) -> Trajectory:
    """Q of the largest filter over the sum of P, between the limits of the conservation law."""
    q = setting.configuration.power
    largest = int(setting.start.v[0, 0].argmax())
    x = spent[:, 0, 0]
    slope = 1.0 if q == 2 else -(q - 2) * h[:, 0] / np.expm1(-(q - 2) * np.log1p(h[:, 0]))
    return Trajectory(
        "spent", x, {"budget": Q[:, 0, 0, largest], "at_most": x * slope, "at_least": x / slope},
        scale="linear",
        labels={"budget": "descent", "at_most": r"$H \sum_i P_i$", "at_least": r"$\sum_i P_i/H$"},
        axis=r"$\sum_i P_i$, spent on noise", quantity=r"$Q_1$, spent on the signal",
        title=shown(setting),
    )  # fmt: skip
