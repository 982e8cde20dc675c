"""The slack map: over a grid of configurations, what each assumption costs in neurons.

Between m* and the width at which alpha <= r/4 is measured lie the widths with more and more of
the theory replaced by measurements; the quotient of two neighbours is what one step of the proof
gives away.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.console import Console

from verify.experiments.kit import Progress
from verify.experiments.width_requirement import study
from verify.experiments.width_requirement.configuration import Configuration
from verify.experiments.width_requirement.setting import prepare
from verify.reporting import drawing
from verify.reporting import width_study as report
from verify.reporting.drawing import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY
from verify.runs.plain import strict_json

STEPS = {
    "e_0": "initial loss: its bound, against ||e_0||",
    "sum": "sum of the residuals over rounds, against the one that was seen",
    "move": "distance of every neuron, by the sum of norms, against the longest",
    "flips": "neurons near a kink, against those that flipped",
    "conc": "concentration of kernels and masks, down to the measured width",
}
"""What is given away between two neighbouring widths."""


@dataclass(frozen=True, eq=False)
class Point:
    """One configuration of the grid. `gains` are the quotients by the names of STEPS."""

    varied: Mapping[str, Any]
    study: study.Study

    @property
    def gains(self) -> dict[str, float]:
        measured = self.study.widths[study.LAZY_WIDTH]
        widths = [self.study.widths[study.REQUIRED], *self.study.slack.values(), measured]
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.array(widths[:-1]) / np.array(widths[1:])
        return dict(zip(STEPS, found.tolist(), strict=True))

    @property
    def worst(self) -> str:
        """The step that gives away most."""
        return max(self.gains, key=lambda name: np.nan_to_num(self.gains[name]))

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.varied.items())


def points(
    base: Configuration, grid: Mapping[str, Sequence[Any]]
) -> list[tuple[dict[str, Any], Configuration]]:
    """Every combination of the values, with its configuration."""
    combinations = (
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    )
    return [(varied, replace(base, **varied)) for varied in combinations]


def run(
    base: Configuration,
    grid: Mapping[str, Sequence[Any]],
    *,
    salt: str,
    largest: int,
    progress: Progress | None = None,
) -> list[Point]:
    """A study at every combination of the grid; an invalid one raises before the first."""
    found: list[Point] = []
    chosen = points(base, grid)
    for _, configuration in chosen:
        prepare(configuration, salt)

    def tell(done: float, total: float) -> None:
        if progress:
            progress(len(found) + done / total, len(chosen))

    for varied, configuration in chosen:
        result = study.run(configuration, salt=salt, largest=largest, progress=tell)
        found.append(Point(varied, result))
    return found


def show(found: Sequence[Point], console: Console) -> None:
    """Widths, and the factors that the steps of the proof give away, the largest marked."""
    numbers = ("alpha", "main", "print", "m*", "ratio", *STEPS)
    table = report.table("\n".join(found[0].varied), numbers=numbers, gap=1)
    for point in found:
        widths, worst = point.study.widths, point.worst
        seen = [widths[name] for name in (study.LAZY_WIDTH, study.INFORMATIVE)]
        table.add_row(
            " ".join(f"{value}" for value in point.varied.values()),
            *("<=" * (width == study.SMALLEST) + brief(width) for width in seen),
            brief(point.study.printed),
            brief(widths[study.REQUIRED]),
            brief(widths[study.REQUIRED] / widths[study.LAZY_WIDTH]),
            *(brief(gain) + "*" * (name == worst) for name, gain in point.gains.items()),
        )
    console.print(table)
    for line in (
        "alpha: measured, alpha <= r/4 from there on; main: the main theorem is informative;",
        "print: the published width with C_m = 1; ratio: m*/alpha, the product of what the",
        "steps give away (* most):",
        *(f"  {name}: {text}" for name, text in STEPS.items()),
    ):
        console.print(line, soft_wrap=True, highlight=False)


def brief(number: float) -> str:
    """A number in at most seven characters."""
    if not math.isfinite(number):
        return "never"
    if number < 1e4:
        return f"{number:.2g}" if number < 100 else f"{number:.0f}"
    return f"{number:.1e}".replace("e+0", "e").replace("e+", "e")


def to_json(found: Sequence[Point]) -> bytes:
    """The grid as strict JSON: every study, and its gains."""
    rows = [
        {"varied": point.varied, "gains": point.gains, "worst": point.worst}
        | report.content(point.study)
        for point in found
    ]
    return strict_json(rows)


def draw(found: Sequence[Point], kind: str = "png") -> bytes:
    """A bar per configuration from the measured width to m*, in the steps between them."""
    with drawing.fixed_style():
        return drawing.encoded(picture(found), kind)


def picture(found: Sequence[Point]) -> Any:
    """The figure of `draw`."""
    colours = dict(zip(STEPS, (BLUE, RED, ORANGE, GREEN, SKY), strict=True))
    figure = drawing.canvas(9.0, 1.9 + 0.3 * len(found))
    axes = figure.subplots()
    labelled: set[str] = set()

    def once(label: str) -> str | None:
        new = label not in labelled
        labelled.add(label)
        return report.in_mathematics(label) if new else None

    for row, point in enumerate(found):
        widths = point.study.widths
        right = widths[study.REQUIRED]
        for name, gain in point.gains.items():
            if not (math.isfinite(right) and math.isfinite(gain) and gain > 0):
                break
            axes.barh(row, right - right / gain, left=right / gain, height=0.62,
                      color=colours[name], label=once(STEPS[name]))  # fmt: skip
            right /= gain
        marks = (
            ("published, C_m = 1", point.study.printed, "D", 6, BLACK),
            (study.INFORMATIVE, widths[study.INFORMATIVE], "|", 14, PURPLE),
        )
        for label, width, marker, size, colour in marks:
            if math.isfinite(width):
                axes.plot(width, row, marker, color=colour, markersize=size,
                          markeredgewidth=2, label=once(label))  # fmt: skip
    every = [w for point in found for w in (*point.study.widths.values(), point.study.printed)]
    shown = [width for width in every if math.isfinite(width)]
    axes.set(xscale="log", xlabel="width $m$", xlim=(min(shown) / 2, max(shown) * 2))
    axes.set_yticks(range(len(found)))
    axes.set_yticklabels([_written(point) for point in found])
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    axes.set_title("from the measured width to $m^{*}$: what each step of the proof gives away")
    figure.legend(loc="outside lower left", ncols=2)
    return figure


def _written(point: Point) -> str:
    """The options that vary, by their symbols."""
    configuration = point.study.setting.configuration
    return ", ".join(drawing.in_words(configuration, name) for name in point.varied)
