"""How all pictures are drawn: colours, dashes, one fixed style, and the content of a file.

Nothing depends on the user's settings of matplotlib: neither rc parameters nor styles, backend or
the environment.
"""

from __future__ import annotations

import io
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from itertools import count
from typing import Any, Literal

BLACK, BLUE, ORANGE, GREEN, RED, PURPLE, SKY = (
    "#000000", "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9",
)  # fmt: skip
"""Okabe and Ito: told apart by every kind of colour vision."""
INDIGO, GREY, WINE = "#332288", "#777777", "#882255"
"""Of Tol's muted scheme."""

BOUNDS = (RED, BLUE, GREEN, ORANGE, PURPLE)
OTHERS = (SKY, INDIGO, GREY, WINE)
"""Colours of what is claimed, and of what is measured or known besides the mean, which is black."""

DASHES = ("solid", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1, 2)), (0, (1, 1)), (0, (9, 3, 3, 3)),
          (0, (4, 1, 1, 1, 1, 1)))  # fmt: skip
MARKERS = "osD^vP*X"

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

DPI = 130
STYLE: dict[str, Any] = {
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.dpi": DPI,
    "font.size": 9,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.6,
    "legend.borderaxespad": 0.0,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 2.8,
    "legend.labelspacing": 0.25,
    "mathtext.fontset": "dejavusans",
    "svg.fonttype": "none",
    "svg.hashsalt": "theorem-gate",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}
"""Over matplotlib's defaults."""

NOT_OF_PICTURES = {"backend", "backend_fallback", "interactive", "toolbar"}
UNDATED = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""The same picture is the same file."""


@contextmanager
def fixed_style() -> Iterator[None]:
    """Inside, matplotlib has its own defaults with STYLE, whatever the user has set."""
    matplotlib = _matplotlib()
    defaults = {k: v for k, v in matplotlib.rcParamsDefault.items() if k not in NOT_OF_PICTURES}
    with matplotlib.rc_context():
        matplotlib.rcParams.update({**defaults, **STYLE})
        yield


def canvas(
    width: float, height: float, layout: Literal["constrained"] | None = "constrained"
) -> Any:
    """An empty figure of that size in inches; by default its layout keeps texts apart."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def encoded(figure: Any, kind: str) -> bytes:
    """The figure as the content of a file: png, svg or pdf."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi="figure", metadata=UNDATED[kind])
    return buffer.getvalue()


def looks(
    colours: Sequence[str] = BOUNDS, dashes: Sequence[Any] = DASHES
) -> Iterator[dict[str, Any]]:
    """Colour and dash of one curve after another; no two of the first 12 have both in common.

    Later ones are thinner, so that curves which coincide are all seen.
    """
    for i in count():
        yield {"color": colours[i % len(colours)], "linestyle": dashes[i % len(dashes)],
               "linewidth": max(1.2, 2.3 - 0.35 * i)}  # fmt: skip


def pairs(beside: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Looks by curve, of several pairs of a curve and the one beside it: in one colour, the other
    dashed. A single pair needs none."""
    if len(beside) < 2:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for i, (name, other) in enumerate(beside.items()):
        colour = (BLACK, *BOUNDS)[i % (len(BOUNDS) + 1)]
        found[name] = {"color": colour, "linewidth": 1.2, "zorder": 5}
        found[other] = {"color": colour, "linewidth": 1.6, "linestyle": DASHES[1]}
    return found


def logarithmic(axis: Any, low: float, high: float) -> None:
    """Ticks of a logarithmic axis; on few decades at numbers such as 0.02, without powers.

    Powers are letters and no formulas, which cost more time than all else in a picture.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    if not 0 < low < high <= 100 * low:
        axis.set_major_formatter(FuncFormatter(lambda value, _: power(value)))
        axis.set_minor_formatter(NullFormatter())
        return
    axis.set_major_locator(
        MaxNLocator(4) if high <= 4 * low else LogLocator(subs=(1.0, 2.0, 5.0), numticks=9)
    )
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def power(value: float, base: int = 10) -> str:
    """A power of the base as text, such as 10⁻³; another number as it is."""
    if not 0 < value < math.inf:
        return f"{value:g}"
    exponent = round(math.log(value, base))
    known = math.isclose(float(base) ** exponent, value, rel_tol=1e-9)
    return f"{base}{str(exponent).translate(RAISED)}" if known else f"{value:g}"


def logarithmic_colours(values: Any) -> Any:
    """Colours by the logarithm, from the least positive value to the largest."""
    from matplotlib.colors import LogNorm

    positive = values[values > 0]
    return LogNorm(positive.min(), max(positive.max(), 1.001 * positive.min()), clip=True)


@lru_cache
def is_mathtext(text: str) -> bool:
    """Whether matplotlib can write the formula."""
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("agg").parse(f"${text}$")
    except ValueError:
        return False
    return True


def in_words(configuration: Any, name: str) -> str:
    """The value of an option: under the symbol that its help names, such as (tau), or in words."""
    value = getattr(configuration, name)
    known = next((f for f in fields(configuration) if f.name == name), None)
    told = known.metadata.get("help", "") if known else ""
    symbol = re.search(r"\((\w+)\)", told.partition("[")[0])
    if symbol is not None:
        letter = symbol[1] if len(symbol[1]) == 1 else rf"\{symbol[1]}"
        if is_mathtext(letter):
            return f"${letter} = {value}$"
    words = str(value).replace("$", r"\$")
    return words if isinstance(value, str) else f"{name.replace('_', ' ')} {words}"


def legend_below(axes: Any, handles: Sequence[Any], left: float, room: float) -> Any:
    """A legend under the axis' label, `left` of the axes; in two columns if `room` inches do."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure()
    below = ScaledTranslation(-left, -0.44, figure.dpi_scale_trans)
    place = {"loc": "upper left", "bbox_to_anchor": (0, 0),
             "bbox_transform": axes.transAxes + below}  # fmt: skip
    legend = axes.legend(handles=handles, ncols=2, **place)
    if legend.get_window_extent().width > room * figure.dpi:
        legend = axes.legend(handles=handles, ncols=1, **place)
    return legend


def _matplotlib() -> Any:
    """The package, imported without the user's backend: one that is missing stops the import."""
    if "matplotlib" in sys.modules:
        return sys.modules["matplotlib"]
    chosen = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if chosen is not None:
            os.environ["MPLBACKEND"] = chosen
    return matplotlib
