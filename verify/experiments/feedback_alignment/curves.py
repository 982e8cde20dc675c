"""What the pictures of feedback alignment write: labels, axes, titles."""

from __future__ import annotations

from typing import Any

from verify.experiments.feedback_alignment.setting import Setting
from verify.experiments.kit import heading

_CERTIFIED = "certified at the start"
_DRAWN: dict[str, dict[str, Any]] = {
    "errors": {
        "labels": {"feedback": "feedback alignment", "backpropagation": "backpropagation",
                   "certified": _CERTIFIED},
        "axis": "steps $k$",
        "quantity": r"residual $\Vert e_k\Vert$",
    },
    "alignment": {
        "labels": {"certified": f"without decay: {_CERTIFIED}"},
        "axis": "steps $k$",
        "quantity": r"$|\cos(b, \beta_k)|$",
    },
    "flow": {
        "labels": {"mean": "mean over the initialisations", "certified": _CERTIFIED},
        "axis": "time $t$ of the flow",
        "quantity": r"residual $\Vert e_t\Vert$",
    },
    "aligned": {
        "labels": {"cosine": r"$|\cos(b, \beta_t)|$", "pull": r"$|X^\top e_t|$"},
        "axis": r"$\log_{10}(t/t_a)$ of the flow, $t_a = \sqrt{m}/(3\lambda|\theta^{*}|)$",
        "quantity": "mean over the initialisations",
    },
    "decayed": {
        "labels": {"error": "mean over the initialisations", "certified": _CERTIFIED},
        "axis": "steps $k$",
        "quantity": r"residual $\Vert e_k\Vert$",
    },
    "stopped": {
        "labels": {"cosine": "mean over the initialisations",
                   "certified": "certified where the decay stops"},
        "axis": "steps $k$",
        "quantity": r"$|\cos(b, \beta_k)|$",
    },
    "saturated": {
        "labels": {"cosine": "mean over the initialisations",
                   "limit": "what the neurons active at the end allow"},
        "axis": "steps $k$",
        "quantity": r"$|\cos(b, \beta_k)|$",
    },
    "widths": {
        "labels": {"deviation": r"largest distance of $e_k$ from the law at infinite width"},
        "axis": "width $m$",
        "quantity": "median over the sweeps",
    },
}  # fmt: skip
_WORDS = {
    "errors": "steps", "alignment": "alignment of the second layer", "flow": "gradient flow",
    "aligned": "gradient flow with decay", "decayed": "steps with decay",
    "stopped": "decay that stops", "saturated": "alignment with decay", "widths": "width sweep",
}  # fmt: skip


def drawn(setting: Setting, kind: str) -> dict[str, Any]:
    """What the picture of errors, alignment or flow writes."""
    at, c = setting.symbols, setting.configuration
    values = {"n": at["n"], "d": at["d"], "m": at["m"], r"\lambda": at["lambda"]}
    words = f"{_WORDS[kind]}, {c.activation} network"
    return {**_DRAWN[kind], "title": heading(words, c.data, values)}
