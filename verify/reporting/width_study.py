"""What `verify width` says: tables for the terminal, a picture, and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from theory.theorems.masked_training.published import SYMBOL_MAP
from theory.theorems.width_requirement.link_3 import CONDITIONS
from verify.experiments.kit import as_dict
from verify.experiments.width_requirement.study import REQUIRED, Study, printed_widths
from verify.reporting import drawing
from verify.reporting.drawing import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED
from verify.runs.plain import strict_json

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
    m_star = study.required["m_star"]
    conditions = table("condition", "what it ensures", numbers=("neurons",))
    for name in sorted(CONDITIONS, key=lambda name: -study.required[name]):
        if study.required[name] > 0:
            conditions.add_row(name, MEANING[name], neurons(study.required[name]))
    console.print(conditions)
    sections = {
        "width": study.widths,
        "published, with C_m = 1": study.published,
        "m* otherwise": study.sharpened,
        "m* with more and more replaced by what is measured": study.slack,
    }
    for title, widths in sections.items():
        rows = table(title, numbers=("neurons", "m*/width"))
        for name, width in widths.items():
            rows.add_row(name.removeprefix("published/"), neurons(width), f"{m_star / width:.3g}")
        console.print(rows)
    for line in (*_printed(study), _slopes(study)):
        console.print(line, highlight=False)


def _printed(study: Study) -> Iterator[str]:
    """The published forms, in the symbols of the theory."""
    forms = printed_widths()
    for name in study.published:
        yield f"{name.removeprefix('published/')}: m >= {forms[name]}"
    symbols = ", ".join(f"{theirs} = {ours}" for theirs, ours in SYMBOL_MAP.items())
    yield f"in their symbols: {symbols}"


def _slopes(study: Study) -> str:
    found = ", ".join(f"{name} {slope}" for name, slope in study.slopes.items())
    return f"slopes in log m with 95 % intervals: {found}"


def table(*names: str, numbers: Sequence[str], gap: int = 2) -> Table:
    """An empty table with columns of words and of numbers."""
    found = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    for name in names:
        found.add_column(name, overflow="fold")
    for name in numbers:
        found.add_column(name, justify="right", no_wrap=True)
    return found


def content(study: Study) -> dict[str, Any]:
    """All numbers of a study, by name."""
    return {
        "configuration": as_dict(study.setting.configuration),
        "salt": study.setting.salt,
        "required": study.required,
        "widths": study.widths,
        "published": study.published,
        "sharpened": study.sharpened,
        "slack": study.slack,
        "slopes": {name: vars(slope) for name, slope in study.slopes.items()},
        "sweep": vars(study.sweep),
    }


def to_json(study: Study) -> bytes:
    """All numbers as strict JSON."""
    return strict_json(content(study))


def draw(study: Study, kind: str = "png") -> bytes:
    """The sweep of the defect with the widths marked, and the gain of every replaced lemma."""
    with drawing.fixed_style():
        return drawing.encoded(picture(study), kind)


def picture(study: Study) -> Any:
    """The figure of `draw`."""
    sweep, m_star = study.sweep, study.required["m_star"]
    figure = drawing.canvas(9.0, 3.9)
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.35, 1]})
    networks = sweep.alpha.shape[1]
    left.plot(sweep.widths.repeat(networks), sweep.alpha.ravel(), ".", color=BLUE, markersize=4,
              alpha=0.6, label="networks")  # fmt: skip
    middle = sorted(sweep.alpha[-1])[len(sweep.alpha[-1]) // 2]
    line = middle * (sweep.widths / sweep.widths[-1]) ** -0.5
    left.plot(sweep.widths, line, color=BLUE, label=r"$m^{-1/2}$")
    left.axhline(float(sweep.contraction.mean()) / 4, color=BLACK, label=r"$r/4$", lw=1)
    marked = {**study.widths, "published, C_m = 1": study.printed}
    looks = drawing.looks((RED, GREEN, ORANGE, PURPLE), drawing.DASHES[1:])
    for (name, width), look in zip(marked.items(), looks, strict=False):
        if math.isfinite(width):
            left.axvline(width, label=in_mathematics(name), **look | {"linewidth": 1.4})
    left.set(xscale="log", yscale="log", xlabel="width $m$",
             ylabel=r"largest defect $\alpha$ over rounds and masks")  # fmt: skip
    left.set_title("the defect, and the widths that are asked for")
    names = [REQUIRED, *study.slack]
    right.barh([in_mathematics(name) for name in names[::-1]],
               [study.slack.get(name, m_star) for name in names[::-1]],
               color=BLUE, height=0.6)  # fmt: skip
    right.set(xscale="log", xlabel="width $m$")
    right.set_title("$m^{*}$ with more and more measured")
    right.grid(axis="x")
    right.grid(visible=False, axis="y")
    figure.legend(handles=left.get_legend_handles_labels()[0], loc="outside lower left", ncols=4)
    return figure


def in_mathematics(text: str) -> str:
    """Words of the tables as pictures write them."""
    for words, formula in WRITTEN.items():
        text = text.replace(words, formula)
    return text


WRITTEN = {
    "||e_0||": r"$\Vert e_0\Vert$",
    "alpha <= r/4": r"$\alpha\leq r/4$",
    "C_m = 1": "$C_m = 1$",
    "m*": "$m^{*}$",
}
