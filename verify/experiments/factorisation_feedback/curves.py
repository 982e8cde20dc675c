"""The curves of the pictures, and what is written beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from verify.experiments.factorisation_feedback.setting import Setting
from verify.experiments.kit import Trajectory, heading

LABELS = {
    "feedback": "random feedback",
    "gradient_descent": r"gradient descent: $(\sum_{i>r}\sigma_i^2)^{1/2}$",
    "update": r"$\Vert CR_t\Vert_F$",
    "overlap": "mean over the feedback",
    "error": "random feedback, mean over the feedback",
    "best": r"gradient descent: $\sum_{i>r}\sigma_i^2$",
}
DRAWN: dict[str, Any] = {
    "steps": ("step", "steps $t$", r"squared error $\Vert R_t\Vert_F^2$", "random feedback"),
    "flow": ("time", "time", r"squared error $\Vert R\Vert_F^2$", "flow of random feedback"),
    "optimal": ("step", "steps $t$", r"$\Vert CR_t\Vert_F$", "FA*, Z optimal at every step"),
    "ends": ("hidden", "hidden units $r$", r"error $\Vert R\Vert_F$", "end of training"),
    "mean": ("hidden", "hidden units $r$", r"squared error $\Vert R\Vert_F^2$",
             "end of training, Gaussian feedback"),
    "overlap": ("size", "rows and columns $N$", r"overlap $\mathrm{tr}(P_{GD}P)/r$",
                "representations at nearly equal error"),
}  # fmt: skip


def drawn(
    setting: Setting, kind: str, x: np.ndarray, series: Mapping[str, np.ndarray], **more: Any
) -> Trajectory:
    """The curves of one measurement."""
    index, axis, quantity, words = DRAWN[kind]
    c = setting.configuration
    if kind in ("mean", "overlap"):
        values: dict[str, Any] = {"r": c.hidden} if kind == "overlap" else {"N": c.size}
        title = heading(words, "diagonal Y", values)
    else:
        n, m = setting.Y.shape
        title = heading(words, c.data, {"n": n, "m": m, "k": setting.problem.rank})
    return Trajectory(index, x, dict(series), labels=LABELS, axis=axis, quantity=quantity,
                      title=title, **more)  # fmt: skip
