"""The curves of the pictures, and what is written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from verify.experiments.factorisation_feedback.configuration import SPECTRA
from verify.experiments.factorisation_feedback.setting import Setting
from verify.experiments.kit import Trajectory, heading

LABELS = {
    "feedback": "random feedback",
    "gradient-descent": "gradient descent",
    "moved": "gradient descent, from a Gaussian start",
    "floor": r"random feedback: $\Vert Y(I - P)\Vert_F$",
    "best": "gradient descent: the best of rank $r$",
    "error": "random feedback, mean",
    "overlap": "mean over the feedback",
    "inner": r"$|\mathrm{tr}(CZ_t)|$",
    "cosine": r"$|\cos(C^T, Z_t)|$",
    "random": r"$|\cos(C^T, Z_t)|$ from Gaussian starts",
    "phi": r"$\phi$: $\phi' = 1 - \phi^3$",
    "drawn": "draws of the feedback",
    "law": r"law: $b \sim \mathrm{Beta}(r/2, (N - r)/2)$",
    **{name: f"{name} spectrum" for name in SPECTRA},
}
STEPS, TIME = ("step", "steps $t$"), ("time", "time")
DRAWN: dict[str, tuple[str, str, str, str]] = {
    "squared_error": (*STEPS, r"squared error $\Vert R_t\Vert_F^2$", "steps of {rule}"),
    "update": (*STEPS, r"$\Vert CR_t\Vert_F$", "steps of {rule}"),
    "slowest": (*STEPS, r"$\mathrm{min}_{s<t}\,\Vert CR_s\Vert_F^2$", "steps of {rule}"),
    "flow_squared_error": (*TIME, r"squared error $\Vert R\Vert_F^2$", "flow of random feedback"),
    "flow_update": (*TIME, r"$\Vert CR\Vert_F^2$", "flow of random feedback"),
    "star_update": (*STEPS, r"$\Vert CR_t\Vert_F$", "FA*: $Z$ optimal at every step"),
    "ends": ("hidden", "hidden units $r$", r"error $\Vert R\Vert_F$",
             "end of training: error 0 from $r = k$ on"),
    "mean": ("hidden", "hidden units $r$", r"squared error $\Vert R\Vert_F^2$",
             "end of training, Gaussian feedback"),
    "overlap": ("size", "rows and columns $N$", r"overlap $\mathrm{tr}(P_{GD}P)/r$",
                "representations at nearly equal error"),
    "alignment": (*STEPS, "inner product, cosine", "alignment"),
    "modes": ("own time", r"time $\tau = t u_i^{2/3}/2^{1/3}$", r"$(q_i w_i/u_i)^{1/3}$",
              "every mode on one curve, flow"),
    "excess": ("log excess", r"$\log_{10}$ of the squared error above the best of rank $r$",
               "share of the draws", "loss against gradient descent, one spike"),
    "spectra": ("hidden", "hidden units $r$", r"mean over the best of rank $r$",
                "random feedback over gradient descent"),
}  # fmt: skip
"""By what is shown: the index, the axis, the quantity, the words of the title."""

STARTED = {
    "zero": " from zero",
    "gaussian": " from a Gaussian start",
    "feedback": r" from $Z = \zeta C^T$",
}
"""How titles go on, by start."""


ON_DIAGONALS = {
    "mean": {"N": "size"}, "spectra": {"N": "size"},
    "overlap": {"r": "hidden", r"\epsilon": "excess"},
    "excess": {"N": "size", "r": "hidden", r"s/\tau": "spike"},
}  # fmt: skip
"""Where Y is diagonal: the options that a picture names, by symbol."""


def drawn(
    setting: Setting, kind: str, x: np.ndarray, series: Mapping[str, np.ndarray], **more: Any
) -> Trajectory:
    """The curves of one measurement; `more` fields of a Trajectory."""
    index, axis, quantity, words = DRAWN[kind]
    c = setting.configuration
    n, m = setting.Y.shape
    values: dict[str, Any] = {"n": n, "m": m, "k": setting.problem.rank, "r": c.hidden}
    data = c.data
    if kind in ON_DIAGONALS:
        values = {name: getattr(c, field) for name, field in ON_DIAGONALS[kind].items()}
        data = "diagonal Y"
    elif kind == "ends":
        del values["r"]
    elif kind not in ("star_update", "modes"):
        words += STARTED[c.start]
    words = words.format(rule=LABELS[c.rule])
    more = {"labels": LABELS, "scale": "linear", **more}
    return Trajectory(index, x, dict(series), axis=axis, quantity=quantity,
                      title=heading(words, data, values), **more)  # fmt: skip


def chosen(
    setting: Setting,
    wanted: Set[str],
    shown: Mapping[str, tuple[np.ndarray, Mapping[str, np.ndarray]]],
    beside: Sequence[Trajectory] = (),
) -> Trajectory | None:
    """The curves over their index of the first of these quantities that is wanted."""
    for kind, (x, series) in shown.items():
        if kind in wanted:
            return drawn(setting, kind, x, series, panels=beside)
    return Trajectory("point", np.arange(2.0), {}, panels=beside) if beside else None
