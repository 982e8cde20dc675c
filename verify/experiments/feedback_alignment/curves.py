"""What the pictures of feedback alignment write: labels, axes, titles."""

from __future__ import annotations

from collections.abc import Iterable
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
        "labels": {"law": "law for late times, any decay"},
        "quantity": r"$|\cos(b, \beta_t)|$",
    },
    "late": {
        "labels": {"tangent": r"$|\tan\angle(b, \beta_t)|$", "tangent law": r"its law, $t^{-1/3}$",
                   "pull": r"$|X^\top e_t|$", "pull law": r"its law, $t^{-2/3}$",
                   "plateau": r"$|X^\top e|$ of ridge regression"},
        "quantity": "mean over the initialisations",
    },
    "trained widths": {
        "labels": {"certified": "without decay: certified"},
        "axis": "width $m$",
        "quantity": r"$\mathrm{max}_k\,|\cos(b, \beta_k)|$, mean",
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
_AXES = {
    "time": r"$\log_{10}(t/t_a)$ of the flow, $t_a = \sqrt{m}/(3\lambda|\theta^{*}|)$",
    "time without decay": r"$\log_{10}(\mu t)$ of the flow",
}
_WORDS = {
    "errors": "steps", "alignment": "alignment of the second layer", "flow": "gradient flow",
    "aligned": "gradient flow with decay", "late": "plateau, then slow decay",
    "trained widths": "alignment against the width",
    "decayed": "steps with decay",
    "stopped": "decay that stops", "saturated": "alignment with decay", "widths": "width sweep",
}  # fmt: skip


def drawn(
    setting: Setting, kind: str, *, axis: str = "", decays: Iterable[float] = ()
) -> dict[str, Any]:
    """What the picture writes: `axis` where it depends on the run, `decays` that have a curve."""
    at, c = setting.symbols, setting.configuration
    values = {"n": at["n"], "d": at["d"], "m": at["m"], r"\lambda": at["lambda"]}
    if kind == "trained widths":
        values = {"n": at["n"], "d": at["d"], r"\mathrm{steps}": c.steps}
    elif kind == "aligned":
        del values[r"\lambda"]
    found = {**_DRAWN[kind], **({"axis": _AXES[axis]} if axis else {})}
    found["labels"] = found["labels"] | {named(x): rf"$\lambda = {x:g}$" for x in decays}
    return {**found, "title": heading(f"{_WORDS[kind]}, {c.activation} network", c.data, values)}


def named(decay: float) -> str:
    """The key of the curve of a decay."""
    return f"decay {decay:g}"
