"""Pictures of published experiments: what a theorem's own panel says, and pairs in one colour."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from tests.verify.reporting.cheap import CHEAP, outcome
from tests.verify.reporting.pictures import faults
from verify.experiments.kit import Trajectory
from verify.reporting import drawing, reproduced
from verify.runs import reproduction
from verify.runs.reproduction import WORDS, Reproduction, results

OF_CURVES = {
    each.name: theorem for theorem, each in reproduction.every() if each.curves is not None
}


def plan_of(name):
    return Reproduction.of(name, salt="s", budget=1e-6, quick=True, given={})


def shown_of(name, keep=lambda rows: rows):
    """The panels, with a cheap check of the theorem at every point."""
    plan = plan_of(name)
    rows = keep(reproduction._panel(outcome(OF_CURVES[name]), plan.published.curves))
    found = {p.index: [{"point": p.index, **row} for row in rows] for p in plan.points}
    return plan, reproduced.panels(plan, results(plan, found))


def figure_of(plan, shown):
    with drawing.fixed_style():
        figure = reproduced.figure(plan, shown)
        return faults(figure), figure


@pytest.mark.parametrize("name", OF_CURVES)
def test_pictures_can_be_read(name):
    plan, shown = shown_of(name)
    wrong, figure = figure_of(plan, shown)
    assert wrong == []
    assert len(figure.axes) == len(plan.points)
    words = " ".join(figure._suptitle.get_text().split())
    assert words == f"{plan.published.words} ({plan.published.paper})"


def test_must_fail_without_words():
    plan, shown = shown_of("coupled-loss", lambda rows: [r for r in rows if r["series"] != WORDS])
    figure = figure_of(plan, shown)[1]
    assert figure.axes[0].get_xlabel() == "at"
    assert not figure.axes[0].get_ylabel()


def test_must_fail_a_title_on_one_line(monkeypatch):
    plan, shown = shown_of("factorisation-curves")
    monkeypatch.setattr("textwrap.fill", lambda text, width: text)
    assert "cut off: title over all" in figure_of(plan, shown)[0]


@pytest.mark.parametrize("name", ["coupled-loss", "factorisation-curves"])
def test_bounds_are_on_the_curves_they_are_of(name):
    _, (panel, *_) = shown_of(name)
    check = outcome(OF_CURVES[name])
    trajectory = check.observations.trajectory
    for series, values in trajectory.series.items():
        np.testing.assert_array_equal(panel.series[series], values)
        assert panel.labels[series] == trajectory.labels[series]
    known = reproduction.curves(check)
    assert known
    for curve in known:
        (name,) = [each for each in panel.series if each.startswith(", ".join(curve.names))][:1]
        np.testing.assert_array_equal(panel.series[name], curve.bound)
        assert curve.state in panel.labels[name]
    assert (panel.axis, panel.quantity) == (trajectory.axis, trajectory.quantity)


def lines(of, beside):
    x = np.array([250.0, 500.0, 1500.0])
    series = {f"{kind} {i}": factor * (i + 1) / x for i in range(of)
              for kind, factor in (("measured", 1.0), ("law", 1.3))}  # fmt: skip
    panel = Trajectory("width", x, series, scale="log", labels={n: n for n in series},
                       axis="width", quantity="loss", title="over the width")  # fmt: skip
    pairs = {f"measured {i}": f"law {i}" for i in range(of)}
    return replace(panel, beside=pairs if beside else {})


@pytest.mark.parametrize("of", [2, 3, 6])
def test_what_is_measured_and_its_law_share_a_colour(of):
    plan = plan_of("masked-error-over-widths")
    wrong, figure = figure_of(plan, [lines(of, True)])
    assert wrong == []
    colours = {line.get_label(): to_hex(line.get_color()) for line in figure.axes[0].get_lines()}
    own = {colours[f"measured {i}"] for i in range(of)}
    assert len(own) == of
    assert all(colours[f"measured {i}"] == colours[f"law {i}"] for i in range(of))
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["250", "500", "1500"]


def test_must_fail_pairs_that_are_not_told():
    figure = figure_of(plan_of("masked-error-over-widths"), [lines(3, False)])[1]
    colours = {line.get_label(): to_hex(line.get_color()) for line in figure.axes[0].get_lines()}
    assert colours["measured 1"] != colours["law 1"]


def test_positions_of_curves_of_different_lengths():
    """A shorter curve ends where it ends, at other points of the grid too."""
    plan = plan_of("coupled-loss")
    rows = reproduction._panel(outcome("coupled-initialisation"), 0)
    last = max(row["at"] for row in rows if row["at"] is not None)
    short = [row for row in rows if row["at"] != last]
    found = {index: [{"point": index, **row} for row in own]
             for index, own in enumerate((rows, short))}  # fmt: skip
    long, cut = reproduced.panels(plan, results(plan, found))
    assert len(cut.x) == len(long.x) - 1
    assert all(np.isfinite(values).all() for values in cut.series.values())


def test_all_theorems_have_a_cheap_check():
    assert set(OF_CURVES.values()) <= set(CHEAP)
