"""What the pictures of deep networks write: labels, axes, titles."""

from __future__ import annotations

from typing import Any

from verify.experiments.deep_networks.setting import Setting
from verify.experiments.kit import heading

WORDS = {"fc": "fully connected", "resnet": "ResNet", "conv": "convolutional ResNet"}

DEFECT = r"defect $\mathrm{max}_k\,\Vert e_k - (I-\eta G_0)^k e_0\Vert/\Vert y\Vert$"


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


def flow_drawn(setting: Setting) -> dict[str, Any]:
    """What the picture of gradient flow writes."""
    more = {
        "labels": {
            "residual": "first network",
            "linear_law": r"linear law $\Vert e^{-G_0 t} e_0\Vert$",
            "majorant": "certified: gradient flow on a parabola",
        },
        "axis": r"time $t/\eta$ of gradient flow",
        "quantity": r"residual $\Vert e_t\Vert$",
    }
    of_descent = drawn(setting)
    return of_descent | more | {"title": f"gradient flow: {of_descent['title']}"}


def sweep_drawn(setting: Setting, index: str) -> dict[str, Any]:
    """What the picture of a sweep writes."""
    c = setting.configuration
    depth = index != "width"
    values = {"n": setting.problem.n, **({"m": c.smallest} if depth else {"H": c.depth})}
    words, quantity = {
        "width": (f"width sweep, {WORDS[c.architecture]}", "median over the sweeps"),
        "depth": ("least gain against depth", r"median least gain $\kappa^{*}$"),
        "defect": (
            r"defect of the linear law at $\kappa = 1$",
            r"median defect over $\Vert y\Vert$",
        ),
    }[index]
    return {
        "labels": {
            "resnet": "ResNet, tanh",
            "resnet_softplus": "ResNet, softplus",
            "fc_norms": "fully connected, tanh, by norms",
            "fc_jacobians": "fully connected, tanh, by Jacobians",
            "fc_defect": "fully connected, tanh",
            "resnet_defect": "ResNet, tanh",
            "softplus": "fully connected, softplus, by Jacobians",
            "gain": r"least gain $\kappa^{*}$",
            "defect": DEFECT,
            "kernel": r"change of the kernel $\Vert G_k - G_0\Vert$",
            "start": r"$\Vert G_0 - G_\infty\Vert$",
        },
        "axis": "hidden layers $H$" if depth else "neurons per layer $m$",
        "quantity": quantity,
        "title": heading(words, c.data, values),
    }
