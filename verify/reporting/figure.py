"""The picture of a check: what was measured, what the limit says, what the bounds allow."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np

from theory.language.claim import Claim
from verify.experiments.kit import Trajectory
from verify.judging.verdict import Verdict
from verify.runs.check import Outcome

BLACK, BLUE, ORANGE, GREEN, RED, PURPLE, SKY = (
    "#000000", "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9",
)  # fmt: skip
"""Okabe and Ito: told apart by every kind of colour vision."""

DASHES = ((0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1, 2)), (0, (1, 1)), (0, (9, 3, 3, 3)))
ZOOM = 6
"""Units of the index that the panel of the finer curves shows."""

HEADROOM = 30.0
"""A bound this many times above everything measured leaves the picture."""

STYLE: dict[Any, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "font.size": 10,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "mathtext.fontset": "cm",
    "svg.fonttype": "none",
}


def draw(outcomes: Sequence[Outcome], kind: str = "png") -> bytes:
    """The figure as the content of a file."""
    outcome = outcomes[0]
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    trajectory = outcome.observations.trajectory
    within, sweep = trajectory.within, trajectory.sweep
    first = bool(trajectory.series) or sweep is None
    ratios = [1.75] * first + [1.0] * (within is not None) + [1.2] * (sweep is not None)
    with rc_context(STYLE):
        figure = Figure(figsize=(4 * sum(ratios) if len(ratios) > 1 else 7, 5.2),
                        layout="constrained")  # fmt: skip
        FigureCanvasAgg(figure)
        shape = {"width_ratios": ratios}
        panels = iter(figure.subplots(1, len(ratios), squeeze=False, gridspec_kw=shape)[0])
        if first:
            handles = _bounds(next(panels), outcome)
            columns = 3 if len(ratios) > 1 else 2
            figure.legend(handles=handles, loc="outside lower left", ncols=columns, fontsize=9,
                          handlelength=3.2)  # fmt: skip
        if within is not None:
            _within(next(panels), trajectory, within)
        if sweep is not None:
            _sweep(next(panels), sweep)
        figure.suptitle(_title(outcome), x=0.01, ha="left", fontsize=12)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=180)
    return buffer.getvalue()


@dataclass(frozen=True)
class Curve:
    """The bound of a judged claim over the trajectory's index; `band` at finite size, if any."""

    claim: Claim
    verdict: Verdict
    bound: np.ndarray
    band: tuple[np.ndarray, np.ndarray] | None = None


def curves(outcome: Outcome) -> Iterator[Curve]:
    """The judged claims whose bound is a curve over the trajectory's index."""
    shape = outcome.observations.trajectory.x.shape
    for judgement in outcome.judgements:
        claim, verdict = outcome.claims[judgement.claim], judgement.verdict
        if verdict is Verdict.OUT_OF_REGIME or claim.statement.index is None:
            continue
        symbols = outcome.observations.samples[claim.quantity.name].symbols
        found = claim.evaluate(symbols, where=claim.regime(symbols).holds)
        if found.bound.shape not in ((), shape):
            continue
        rows = [np.broadcast_to(r, shape) for r in (found.lower, found.upper) if r is not None]
        band = (rows[0], rows[1]) if len(rows) == 2 else None
        yield Curve(claim, verdict, np.broadcast_to(found.bound, shape), band)


def _bounds(axes: Any, outcome: Outcome) -> list[Any]:
    """Bounds, then measurements; what the legend shows, from the top down."""
    trajectory = outcome.observations.trajectory
    x, handles = trajectory.x, []
    seen = [values[values > 0] for values in map(np.asarray, trajectory.series.values())]
    everything = np.concatenate([np.empty(0), *(s[np.isfinite(s)] for s in seen)])
    low, high = (everything.min() / 2, everything.max() * 2) if everything.size else (0.1, 1.0)
    top = high
    colours, dashes = cycle((RED, ORANGE, GREEN, PURPLE, SKY)), cycle(DASHES)
    for curve in curves(outcome):
        name, verdict, bound = curve.claim.name, curve.verdict.value, curve.bound
        if curve.band is not None:
            (lower, upper), label = curve.band, f"{name} at finite size: {verdict}"
            band = axes.fill_between(x, np.maximum(lower, low / 10), upper, color=BLUE, alpha=0.15,
                                     lw=0, label=label)  # fmt: skip
            handles.append((np.nan, band))
            continue
        colour, label = next(colours), f"{name}: {verdict}"
        finite = bound[np.isfinite(bound)]
        if finite.size and finite.min() < HEADROOM * high:
            top = max(top, min(finite.max() * 1.3, HEADROOM * high))
        else:
            label += " (above the picture)"
        (line,) = axes.plot(x, bound, color=colour, ls=next(dashes), lw=1.8, label=label)
        handles.append((finite[-1] if finite.size else np.inf, line))
    handles.sort(key=lambda pair: -pair[0] if np.isfinite(pair[0]) else np.inf)
    measured = []
    for (name, values), colour in zip(
        trajectory.series.items(), cycle((BLACK, BLUE, SKY)), strict=False
    ):
        mean, error = name in trajectory.errors, trajectory.errors.get(name)
        label = name.replace("_", " ") + (" (measured, ±2 standard errors)" if mean else "")
        if error is not None:
            axes.fill_between(x, np.maximum(values - 2 * error, low / 10), values + 2 * error,
                              color=colour, alpha=0.25, lw=0)  # fmt: skip
        (line,) = axes.plot(x, values, color=colour, lw=2.2 if mean else 1.4, label=label,
                            zorder=5 if mean else 4)  # fmt: skip
        measured.append(line)
    axes.set(yscale="log", ylim=(low, top), xlabel=trajectory.index, ylabel=_label(outcome))
    axes.set_xlim(x[0], x[-1] if x[-1] > x[0] else x[0] + 1)
    axes.grid(axis="y", alpha=0.25)
    axes.set_title("measured mean and what the claims allow")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.label.set_size(13)
    return [handle for _, handle in handles] + measured


def _within(axes: Any, trajectory: Trajectory, within: Trajectory) -> None:
    start, stop = within.x[0], min(within.x[-1], within.x[0] + ZOOM)
    shown = within.x <= stop
    for (name, values), colour in zip(
        within.series.items(), cycle((ORANGE, GREEN, SKY)), strict=False
    ):
        label = name.replace("_", " ")
        axes.plot(within.x[shown], values[shown], ".-", color=colour, ms=4, lw=1.3, label=label)
    points = trajectory.x <= stop
    for name in trajectory.errors:
        axes.plot(trajectory.x[points], np.asarray(trajectory.series[name])[points], "o",
                  color=BLACK, ms=5, label=name.replace("_", " "))  # fmt: skip
    axes.set(yscale="log", xlabel=within.index, xlim=(start - 0.05, stop + 0.1))
    axes.grid(axis="y", alpha=0.25)
    axes.legend(loc="best", fontsize=8.5)
    axes.set_title(f"inside each {within.index}")
    axes.xaxis.get_major_locator().set_params(integer=True)


def _sweep(axes: Any, sweep: Trajectory) -> None:
    """Medians in log-log, each with the line of its slope."""
    middle = np.exp(np.log(sweep.x).mean())
    for (name, values), colour in zip(
        sweep.series.items(), cycle((BLUE, ORANGE, GREEN, RED, PURPLE)), strict=False
    ):
        slope, low, high = sweep.details[name]
        label = f"{name}: slope {slope:.2f} [{low:.2f}, {high:.2f}]"
        axes.plot(sweep.x, values, "o", color=colour, ms=5, label=label)
        if np.isfinite(slope) and (values > 0).all():
            line = np.exp(np.log(values).mean()) * (sweep.x / middle) ** slope
            axes.plot(sweep.x, line, color=colour, lw=1.4)
    axes.set(yscale="log", xlabel=sweep.index, title="medians over width sweeps")
    axes.set_xscale("log", base=2)
    axes.grid(axis="y", alpha=0.25)
    axes.legend(loc="best", fontsize=8.5)


def _label(outcome: Outcome) -> str:
    """What the curves are: the quantity of the first equality or bound that is drawn."""
    for curve in curves(outcome):
        text = curve.claim.quantity.latex.replace(r"\lVert", r"\Vert").replace(r"\rVert", r"\Vert")
        return f"${text}$" if _is_mathtext(text) else curve.claim.quantity.text
    return next(iter(outcome.observations.trajectory.series), "").replace("_", " ")


def _is_mathtext(text: str) -> bool:
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("agg").parse(f"${text}$")
    except ValueError:
        return False
    return True


def _title(outcome: Outcome) -> str:
    notes = [value for value in outcome.observations.notes.values() if isinstance(value, str)]
    seeds = getattr(outcome.configuration, "seeds", None)
    return "; ".join([outcome.theorem, *notes[:1], *([f"{seeds} seeds"] if seeds else [])])
