"""What `verify width` says: tables for the terminal, a picture, and JSON."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from theory.width_requirement import CONDITIONS
from verify.experiment import as_dict
from verify.report import plain
from verify.width_requirement.study import Study

MEANING = {
    "kernel": "lambda >= (1 - epsilon) lambda_0",
    "trace": "tr Phi <= kappa^2 n",
    "near": "few neurons start near a kink",
    "active": "masks do not concentrate on them",
    "averaging": "epsilon_B small in all rounds",
    "curvature": "epsilon_A small in all rounds",
    "travel": "no neuron travels to a kink",
}


def neurons(width: float) -> str:
    """A width in a table."""
    if not math.isfinite(width):
        return "never"
    return f"{width:.0f}" if width < 1e5 else f"{width:.2e}".replace("e+0", "e").replace("e+", "e")


def show(study: Study, console: Console) -> None:
    """m* by its conditions; widths beside it; what the theory gives away; slopes."""
    parts = _table("condition", "what it ensures", "neurons")
    for name in sorted(CONDITIONS, key=lambda name: -study.required[name]):
        if study.required[name] > 0:
            parts.add_row(name, MEANING[name], neurons(study.required[name]))
    console.print(parts)
    m_star = study.required["m_star"]
    widths = _table("width", "", "neurons", "m*/width")
    for name, width in study.widths.items():
        widths.add_row(name, "", neurons(width), f"{m_star / width:.3g}")
    console.print(widths)
    slack = _table("m* with one lemma replaced by what is measured", "", "neurons", "gain")
    for name, width in study.slack.items():
        slack.add_row(name, "", neurons(width), f"{m_star / width:.3g}")
    console.print(slack)
    slopes = ", ".join(f"{name} {slope}" for name, slope in study.slopes.items())
    console.print(f"slopes in log m with 95 % intervals: {slopes}", soft_wrap=True)


def _table(first: str, second: str, *numbers: str) -> Table:
    found = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    found.add_column(first, no_wrap=True)
    found.add_column(second, no_wrap=True)
    for name in numbers:
        found.add_column(name, justify="right", no_wrap=True)
    return found


def to_json(study: Study) -> bytes:
    """All numbers as strict JSON."""
    sweep = vars(study.sweep)
    content: Mapping[str, Any] = {
        "configuration": as_dict(study.setting.configuration),
        "salt": study.setting.salt,
        "required": study.required,
        "widths": study.widths,
        "slack": study.slack,
        "slopes": {name: vars(slope) for name, slope in study.slopes.items()},
        "sweep": sweep,
    }
    return (json.dumps(plain(content), allow_nan=False, indent=1) + "\n").encode()


def draw(study: Study, kind: str = "png") -> bytes:
    """The sweep of the defect with the widths marked, and the gain of every replaced lemma."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from verify.figure import BLUE, GREEN, ORANGE, PURPLE, RED, STYLE

    sweep, m_star = study.sweep, study.required["m_star"]
    with rc_context(STYLE):
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.5, 1]})
        for column in sweep.alpha.T:
            left.plot(sweep.widths, column, ".", color=BLUE, markersize=4, alpha=0.6)
        middle = sorted(sweep.alpha[-1])[len(sweep.alpha[-1]) // 2]
        line = middle * (sweep.widths / sweep.widths[-1]) ** -0.5
        left.plot(sweep.widths, line, color=BLUE, label=r"$m^{-1/2}$")
        left.axhline(float(sweep.contraction.mean()) / 4, color=RED, label=r"$r/4$")
        colours = (PURPLE, RED, GREEN, ORANGE)
        for (name, width), colour in zip(study.widths.items(), colours, strict=True):
            if math.isfinite(width):
                left.axvline(width, color=colour, linestyle="--", linewidth=1, label=name)
        left.set(xscale="log", yscale="log", xlabel="width m", ylabel=r"largest defect $\alpha$")
        left.set_title("the defect, and the widths that are asked for")
        left.legend(fontsize=8)
        names = ["m*", *study.slack]
        right.barh(names[::-1], [study.slack.get(name, m_star) for name in names[::-1]],
                   color=BLUE, height=0.6)  # fmt: skip
        right.set(xscale="log", xlabel="width")
        right.set_title("m* with one lemma replaced")
        right.tick_params(axis="y", labelsize=8)
        content = io.BytesIO()
        figure.savefig(content, format=kind, dpi=150)
    return content.getvalue()
