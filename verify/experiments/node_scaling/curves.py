"""What the pictures of unequal node scalings write: labels, axes, titles."""

from __future__ import annotations

from typing import Any

from verify.experiments.kit import heading
from verify.experiments.node_scaling.setting import Setting

_DRAWN: dict[str, dict[str, Any]] = {
    "flow": {
        "labels": {
            "mean_loss": "mean over the initialisations",
            "bound_at_m_star": r"bound at the required width $m^{*}$",
            "certificate_of_the_first_trial": "bound by the certificate of the first one",
        },
        "quantity": r"squared residual $\Vert e_t\Vert^2$",
    },
    "descent": {
        "labels": {"mean_loss": "mean over the initialisations"},
        "axis": "steps $k$ of gradient descent",
        "quantity": r"squared residual $\Vert e_k\Vert^2$",
    },
    "sweep": {
        "labels": {
            "distance": r"largest distance $\Vert w_j - w_{0,j}\Vert$",
            "kernel": r"change of the kernel $\Theta$",
        },
        "axis": "width $m$",
        "quantity": "median over the sweeps",
    },
}
_WORDS = {"flow": "gradient flow", "descent": "gradient descent", "sweep": "width sweep"}


def drawn(setting: Setting, kind: str) -> dict[str, Any]:
    """What the picture of flow, descent or sweep writes."""
    at, configuration = setting.symbols, setting.configuration
    values = {"n": at["n"], r"\gamma": at["gamma"]}
    values |= {r"\kappa": 1.0} if kind == "sweep" else {"m": at["m"], r"\kappa": at["kappa"]}
    found = {**_DRAWN[kind], "title": heading(_WORDS[kind], configuration.data, values)}
    if kind == "flow":
        unit = 1 / (at["gamma"] * at["lambda_0"])
        found["axis"] = rf"time $t$ of the flow; $1/(\gamma\lambda_0) = {unit:.3g}$"
    return found
