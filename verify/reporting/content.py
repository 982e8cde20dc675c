"""What a picture of a check shows, free of claims and samples: so its file can be drawn, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.experiments.kit import Trajectory
from verify.judging.plural import number
from verify.judging.verdict import Verdict
from verify.reporting import drawing
from verify.runs.check import Outcome
from verify.runs.curves import Curve, curves
from verify.runs.text import counts, ordered, state

WORDS = ("index", "labels", "axis", "quantity", "title", "scale", "areas", "heights")
"""What a trajectory says beside its numbers."""


@dataclass(frozen=True)
class Drawn:
    """What was measured at one home, and the bounds over its index.

    title, more  what was trained, and on which of how many networks
    quantity     what the curves are values of
    reached      whether some claim there is not out of reach
    on_path      whether some claim speaks of a whole path
    """

    trajectory: Trajectory
    curves: Sequence[Curve]
    title: str
    more: str
    quantity: str
    reached: bool
    on_path: bool


@dataclass(frozen=True)
class Ratio:
    """How tight the bound of a claim is."""

    claim: str
    tightness: float
    refuted: bool
    state: str


@dataclass(frozen=True)
class Content:
    """A picture: the homes of a check, and how tight its bounds are."""

    title: str
    homes: Sequence[Drawn]
    ratios: Sequence[Ratio]


def content(outcomes: Sequence[Outcome]) -> Content:
    """What the picture of a check shows."""
    judged = [(o, j) for o in outcomes for j in ordered(o)]
    ratios = [
        Ratio(j.claim, j.tightness, j.verdict is Verdict.REFUTED, state(o, j))
        for o, j in judged
        if np.isfinite(j.tightness) and j.tightness > 0
    ]
    return Content(title(outcomes), [home(outcome) for outcome in outcomes], ratios)


def home(outcome: Outcome) -> Drawn:
    """What is drawn of one outcome."""
    found, trajectory = curves(outcome), outcome.observations.trajectory
    return Drawn(
        trajectory,
        found,
        trajectory.title or _described(outcome),
        _initialisations(outcome),
        _quantity(outcome, found),
        any(j.claim not in outcome.needs for j in outcome.judgements),
        any(claim.statement.index is not None for claim in outcome.claims.values()),
    )


def title(outcomes: Sequence[Outcome]) -> str:
    """The theorem and the counts of verdicts; of a given configuration its runs too."""
    first = outcomes[0]
    runs = getattr(first.configuration, "seeds", None) if first.home is None else None
    facts = [first.theorem, counts(outcomes), *([number(runs, "run")] if runs else [])]
    return "; ".join(facts).replace("$", r"\$").replace("; ", ": ", 1)


# ---- in a file -----------------------------------------------------------------------------------


def written(shown: Drawn) -> dict[str, Any]:
    """What JSON says of a home beside its trajectory; `read` takes both."""
    bounds = [
        {"claims": c.names, "refuted": c.refuted, "state": c.state, "bound": c.bound,
         "band": c.band, "measured": c.measured} for c in shown.curves
    ]  # fmt: skip
    return {"curves": bounds, "title": shown.title, "more": shown.more,
            "quantity": shown.quantity, "reached": shown.reached,
            "on_path": shown.on_path}  # fmt: skip


def trajectory_written(trajectory: Trajectory) -> dict[str, Any]:
    """A trajectory for JSON: its series by name, and what it says beside its numbers."""
    words = {name: getattr(trajectory, name) for name in WORDS}
    at = f"{trajectory.index} (x)" if trajectory.index in trajectory.series else trajectory.index
    found = {at: trajectory.x, **trajectory.series, "details": trajectory.details,
             "standard_errors": trajectory.errors,
             "words": {**words, "x": at, "series": list(trajectory.series)}}  # fmt: skip
    for name, more in ("within", trajectory.within), ("sweep", trajectory.sweep):
        if more is not None:
            found[name] = trajectory_written(more)
    if trajectory.panels:
        found["panels"] = [trajectory_written(panel) for panel in trajectory.panels]
    return found


def read(theorem: Mapping[str, Any]) -> Content:
    """The picture of a theorem at its homes, from its part of a file."""
    homes = [_home_read(each) for each in theorem["homes"]]
    ratios = [
        Ratio(row["claim"], float(row["tightness"]), row["verdict"] == "REFUTED", row["shown"])
        for row in theorem["claims"]
        if isinstance(row["tightness"], float | int) and row["tightness"] > 0
    ]
    return Content(theorem["title"], homes, ratios)


def _home_read(at: Mapping[str, Any]) -> Drawn:
    shown = at["picture"]
    bounds = [
        Curve(tuple(c["claims"]), c["refuted"], c["state"], _array(c["bound"]),
              None if c["band"] is None else (_array(c["band"][0]), _array(c["band"][1])),
              None if c["measured"] is None else _array(c["measured"]))
        for c in shown["curves"]
    ]  # fmt: skip
    rest = {name: shown[name] for name in ("title", "more", "quantity", "reached", "on_path")}
    return Drawn(_trajectory_read(at["trajectory"]), bounds, **rest)


def _trajectory_read(found: Mapping[str, Any]) -> Trajectory:
    words = found["words"]
    within, sweep = (found.get(name) for name in ("within", "sweep"))
    return Trajectory(
        x=_array(found[words.get("x", words["index"])]),
        series={name: _array(found[name]) for name in words["series"]},
        details={name: _array(values) for name, values in found["details"].items()},
        errors={name: _array(values) for name, values in found["standard_errors"].items()},
        panels=[_trajectory_read(panel) for panel in found.get("panels", ())],
        within=None if within is None else _trajectory_read(within),
        sweep=None if sweep is None else _trajectory_read(sweep),
        **{name: words[name] for name in WORDS},
    )


def _array(values: Any) -> np.ndarray:
    """Numbers as JSON has them: null for NaN, infinities as words."""
    return np.array(values, dtype=np.float64)


# ---- words ---------------------------------------------------------------------------------------


def _quantity(outcome: Outcome, found: Sequence[Curve]) -> str:
    """What the curves are values of: as the trajectory says, else as the first claim does."""
    trajectory = outcome.observations.trajectory
    if trajectory.quantity:
        return trajectory.quantity
    for curve in found:
        quantity = outcome.claims[curve.names[0]].quantity
        text = quantity.latex.replace(r"\lVert", r"\Vert").replace(r"\rVert", r"\Vert")
        return f"${text}$" if drawing.is_mathtext(text) else quantity.text
    return next(iter(trajectory.series), "").replace("_", " ")


def _described(outcome: Outcome) -> str:
    """The notes' first words, of experiments that give no title."""
    notes = [value for value in outcome.observations.notes.values() if isinstance(value, str)]
    return notes[0].replace("$", r"\$") if notes else "measured, and what the claims allow"


def _initialisations(outcome: Outcome) -> str:
    many = 1 if outcome.home is None else outcome.home.initialisations
    return f"network 1 of {many}" if many > 1 else ""
