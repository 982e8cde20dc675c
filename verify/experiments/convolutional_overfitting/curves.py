"""What pictures show: the budget as one straight line, and what is learned against memorised."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from verify.experiments.convolutional_overfitting.descent import HEADS, Problem, margins
from verify.experiments.convolutional_overfitting.setting import Setting
from verify.experiments.kit import Trajectory, heading


def shown(setting: Setting) -> str:
    c, chi = setting.configuration, setting.start.chi[0, 0]
    return heading("A convolutional network", f"{c.data} noise",
                   {"n": c.samples, "d": c.dimension, "q": c.power, r"\chi": chi})  # fmt: skip


def trajectory(setting: Setting, Q: np.ndarray, spent: np.ndarray, h: np.ndarray) -> Trajectory:
    """What class 1 learns and memorises, in mean over the runs; the budget of one run."""
    problem = setting.problem
    curves = dict(zip(("signal", "memory"), grown(problem, *setting.states), strict=True))
    curves["training_loss"] = np.logaddexp(0, -margins(problem, *setting.states)).mean(-1)
    means, errors = means_of(curves)
    first = Trajectory(
        "step", setting.path.steps, means, errors=errors, scale="linear",
        labels={"signal": r"signal, $\max_r v_{1r}$", "memory": r"noise, $\max_{ri} u_{ri}$",
                "training_loss": "training loss"},
        axis="steps", quantity="mean over runs", title=shown(setting),
    )  # fmt: skip
    return Trajectory("step", setting.path.steps, {}, panels=(first, line(setting, Q, spent, h)))


def grown(problem: Problem, signal: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest signal and memory of class 1, (K, R) each, 0 where none is positive."""
    memory = np.where((problem.y > 0)[..., None], problem.owned(noise), 0.0)
    learned = (HEADS[:, None] * signal)[:, :, 0].max(-1)
    return np.maximum(learned, 0), np.maximum(memory.max((-2, -1)), 0)


def means_of(
    curves: Mapping[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Means over runs of (K, R), and their standard errors."""
    errors = {name: x.std(-1) / np.sqrt(max(1, x.shape[-1] - 1)) for name, x in curves.items()}
    return {name: x.mean(-1) for name, x in curves.items()}, errors


def line(setting: Setting, Q: np.ndarray, spent: np.ndarray, h: np.ndarray) -> Trajectory:
    """Q of the largest filter over the sum of P, between the limits of the conservation law.

    Of class 1, in the run where signal and memory are the surest to grow: the law is of such.
    """
    q, at = setting.configuration.power, setting.start
    run = int(np.minimum(setting.problem.least(at.u.max(-1))[:, 0], at.v[:, 0].max(-1)).argmax())
    largest = int(at.v[run, 0].argmax())
    x, h = spent[1:, run, 0], h[1:, run]
    slope = -(q - 2) * h / np.expm1(-(q - 2) * np.log1p(h))
    return Trajectory(
        "spent", x,
        {"budget": Q[1:, run, 0, largest], "at_most": x * slope, "at_least": x / slope},
        scale="log",
        labels={"budget": "descent", "at_most": r"$H \Sigma P_i$", "at_least": r"$\Sigma P_i/H$"},
        axis=r"$\Sigma P_i$, spent on noise", quantity=r"$Q_1$, spent on the signal",
        title=shown(setting),
    )  # fmt: skip
