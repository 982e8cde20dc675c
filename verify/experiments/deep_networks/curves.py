"""What the pictures of deep networks write: labels, axes, titles."""

from __future__ import annotations

from typing import Any

from verify.experiments.deep_networks.setting import Setting
from verify.experiments.kit import heading

WORDS = {"fc": "fully connected", "resnet": "ResNet", "conv": "convolutional ResNet"}


def drawn(setting: Setting) -> dict[str, Any]:
    """What the picture of training writes."""
    c, kappa = setting.configuration, setting.certificate.network.kappa
    words = f"{WORDS[c.architecture]}, {c.activation}"
    values = {"n": setting.problem.n, "H": c.depth, "m": c.width, r"\kappa": float(kappa[0])}
    return {
        "labels": {
            "residual": "first network",
            "majorant": r"certified: descent on a parabola",
            "linear_law": r"linear law $\Vert (I-\eta G_0)^k e_0\Vert$",
        },
        "axis": "steps $k$ of gradient descent",
        "quantity": r"residual $\Vert e_k\Vert$",
        "title": heading(words, c.data, values),
    }
