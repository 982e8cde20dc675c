"""The curves of the pictures, and what is written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from verify.experiments.factorisation_feedback.setting import Setting
from verify.experiments.kit import Trajectory, heading

GRADIENT_DESCENT = "gradient descent: the best of rank $r$"
LABELS = {
    "feedback": "random feedback",
    "gradient_descent": GRADIENT_DESCENT,
    "error": "random feedback, mean",
    "best": GRADIENT_DESCENT,
    "overlap": "mean over the feedback",
}
STEPS, TIME = ("step", "steps $t$"), ("time", "time")
DRAWN: dict[str, tuple[str, str, str, str]] = {
    "squared_error": (*STEPS, r"squared error $\Vert R_t\Vert_F^2$", "steps of random feedback"),
    "update": (*STEPS, r"$\Vert CR_t\Vert_F$", "steps of random feedback"),
    "slowest": (*STEPS, r"$\mathrm{min}_{s<t}\,\Vert CR_s\Vert_F^2$", "steps of random feedback"),
    "flow_squared_error": (*TIME, r"squared error $\Vert R\Vert_F^2$", "flow of random feedback"),
    "flow_update": (*TIME, r"$\Vert CR\Vert_F^2$", "flow of random feedback"),
    "star_update": (*STEPS, r"$\Vert CR_t\Vert_F$", "FA*: $Z$ optimal at every step"),
    "ends": ("hidden", "hidden units $r$", r"error $\Vert R\Vert_F$",
             "end of training: error 0 from $r = k$ on"),
    "mean": ("hidden", "hidden units $r$", r"squared error $\Vert R\Vert_F^2$",
             "end of training, Gaussian feedback"),
    "overlap": ("size", "rows and columns $N$", r"overlap $\mathrm{tr}(P_{GD}P)/r$",
                "representations at nearly equal error"),
}  # fmt: skip
"""By what is shown: the index, the axis, the quantity, the words of the title."""

STARTED = {
    "zero": " from zero",
    "gaussian": " from a Gaussian start",
    "feedback": r" from $Z = \zeta C^T$",
}
"""How titles go on, by start."""


def drawn(
    setting: Setting, kind: str, x: np.ndarray, series: Mapping[str, np.ndarray], **more: Any
) -> Trajectory:
    """The curves of one measurement."""
    index, axis, quantity, words = DRAWN[kind]
    c = setting.configuration
    n, m = setting.Y.shape
    values: dict[str, Any] = {"n": n, "m": m, "k": setting.problem.rank, "r": c.hidden}
    data = c.data
    if kind in ("mean", "overlap"):
        values = {"r": c.hidden, r"\epsilon": c.excess} if kind == "overlap" else {"N": c.size}
        data = "diagonal Y"
    elif kind == "ends":
        del values["r"]
    elif kind != "star_update":
        words += STARTED[c.start]
    return Trajectory(index, x, dict(series), labels=LABELS, axis=axis, quantity=quantity,
                      title=heading(words, data, values), **more)  # fmt: skip


def chosen(
    setting: Setting, wanted: Set[str], shown: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> Trajectory | None:
    """The curve over its index of the first of these quantities that is wanted."""
    for kind, (x, values) in shown.items():
        if kind in wanted:
            return drawn(setting, kind, x, {"feedback": values})
    return None
