"""What pictures of the error show: over steps, against the lasso, and with more samples."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from verify.experiments.kit import Trajectory, heading
from verify.experiments.single_index_models.laws import GRID, WEIGHTS, Quadrature, moments, soft
from verify.experiments.single_index_models.setting import Setting

ERROR = r"$\Vert b - m\beta^*\Vert^2$"


def trajectory(
    setting: Setting, k: np.ndarray, means: Mapping[str, np.ndarray], spread: np.ndarray
) -> Trajectory:
    """The mean error over the steps k, with the best lasso and what is known to the oracle."""
    c = setting.configuration
    known = np.full(len(k), (c.support - 1) * setting.conditioned.a**2)
    return Trajectory(
        "step", k, {**means, "oracle": known}, errors={"error": spread},
        panels=(against(setting), rates(setting)),
        labels={"error": "mean over data sets", "oracle": "with the support known",
                "lasso": "the best of four lassos"},
        axis="steps $k$", quantity=ERROR,
        title=heading("Descent with early stopping", f"link {c.link}",
                      {"n": c.samples, "p": c.dimension, "s": c.support, r"\alpha": c.alpha}),
    )  # fmt: skip


def against(setting: Setting) -> Trajectory:
    """The laws of both estimates at the same threshold: a stop, or a penalty."""
    c, given = setting.configuration, setting.conditioned
    shares = np.geomspace(0.25, 4.0, 17)
    lams = given.a * setting.z * shares
    stops = [setting.stop(lam, given)[1] for lam in lams]
    steps = sorted(set(stops))
    law = moments(setting, given, steps)
    error = dict(zip(steps, (c.dimension - c.support) * law["off"] + law["on"], strict=True))
    at, lasso = Quadrature.of(setting, given), []
    for lam in lams:
        off = soft(given.a * GRID, lam) ** 2 @ WEIGHTS
        lasso.append((c.dimension - c.support) * off + at.on_support(soft(at.on, lam))[0])
    return Trajectory(
        "threshold", shares, {"descent": np.array([error[k] for k in stops]),
                              "lasso": np.array(lasso)},
        scale="linear", labels={"descent": "stopped when noise below it is still small",
                             "lasso": "the lasso with that penalty"},
        axis=r"threshold over $\lambda$",
        quantity=ERROR,
        title=heading("A stop or a penalty", f"link {c.link}",
                      {"n": c.samples, "p": c.dimension, "s": c.support}),
    )  # fmt: skip


def rates(setting: Setting) -> Trajectory:
    """The root of (FY4) at the stop over sqrt(s log p/n), as the number of samples doubles."""
    c = setting.configuration
    found, best, over = [], [], []
    for factor in (8, 4, 2, 1):
        given = setting.given("rates", factor * c.samples)
        _, stop = setting.stop(given.a * setting.z, given)
        law = {name: each[0] for name, each in moments(setting, given, [stop]).items()}
        found.append(math.sqrt((c.dimension - c.support) * law["off"] + law["on"]))
        best.append(math.sqrt(c.support - 1) * given.a)
        over.append(math.sqrt(c.support * math.log(c.dimension) / (factor * c.samples)))
    return Trajectory(
        "rate", np.array(over), {"error": np.array(found), "oracle": np.array(best)},
        scale="linear",
        labels={"error": "the law of the error at the stop", "oracle": "with the support known"},
        axis=r"$\sqrt{s \log p/n}$", quantity=r"$\Vert b_k - m\beta^*\Vert$",
        title=heading("More samples", f"link {c.link}", {"p": c.dimension, "s": c.support}),
    )  # fmt: skip
