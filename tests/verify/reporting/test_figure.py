"""Pictures say what they show: in words, every curve told apart, nothing over anything else."""

import io
import json
from dataclasses import replace
from itertools import repeat
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from tests.verify.reporting.cheap import CHEAP, at_homes, drawn, outcome, with_trajectory
from tests.verify.reporting.pictures import faults, unlabelled
from theory import registry
from verify.experiments.kit import Trajectory
from verify.reporting import as_json, drawing
from verify.reporting.content import Ratio, content, read, trajectory_written
from verify.reporting.content import _trajectory_read as trajectory_read
from verify.reporting.figure import HOMES, SWEEPS, draw, figure_of, picture, worth_drawing
from verify.reporting.figure import drawn as drawn_from
from verify.reporting.plots import ERRORS, heat_map, medians, plain, ratios
from verify.runs.check import check
from verify.runs.plain import plain as plain_of

SWEPT = {
    "coupled-initialisation": {"deviation"},
    "node-scaling": {"distance", "kernel"},
    "scaling-laws": {"displacement", "alpha", "distance", "nu", "floor"},
}


@pytest.mark.parametrize("case", CHEAP)
def test_pictures_can_be_read(case):
    found = outcome(case)
    assert list(unlabelled(found.observations.trajectory)) == []
    wrong, figure = drawn([found])
    assert wrong == []
    trajectory = found.observations.trajectory
    parts = (trajectory if trajectory.series else None, trajectory.within, *trajectory.all_panels)
    assert len(figure.axes) == sum(part is not None for part in parts)


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def test_every_panel_of_a_configuration_is_drawn():
    _, figure = drawn([outcome("deep-networks")])
    assert set(titles(figure)[1:]) == {
        "least gain against depth", r"defect of the linear law at $\kappa = 1$",
        "gradient flow: ResNet, tanh",
    }  # fmt: skip
    _, figure = drawn([outcome("descent-criterion")])
    words = ("what the criteria ask for", "output scale, ", "race to", "output scale that is "
             "certified, by depth", "output scale that is certified, by width")  # fmt: skip
    found = titles(figure)[1:]
    assert len(found) == len(words)
    assert all(any(title.startswith(begin) for title in found) for begin in words)


def test_of_several_homes_every_kind_of_panel_is_drawn():
    """Many panels of one kind do not crowd out others."""
    homes = at_homes(*["scaling-laws"] * (SWEEPS + 2), "descent-criterion")
    wrong, figure = drawn(homes)
    assert wrong == []
    found = [title for title in titles(figure) if "width sweep" in title]
    assert len(found) == 1
    assert any(title.startswith("race to") for title in titles(figure))
    _, alone = drawn(at_homes(*["scaling-laws"] * (SWEEPS + 2)))
    assert len(alone.axes) == SWEEPS


def test_areas_are_what_the_criteria_ask_for():
    """Both are E_0/(1 - epsilon), for each at its smallest radius."""
    found = outcome("descent-criterion")
    (panel,) = [p for p in found.observations.trajectory.all_panels if p.areas]
    known = found.observations.samples["loss"].symbols
    assert set(panel.areas) <= {"integral", "ball"}
    for name in panel.areas:
        area = np.trapezoid(panel.series[name], panel.x)
        assert area == pytest.approx(known["E_0"] / (1 - known["epsilon"]), rel=0.01)


def test_claims_with_the_same_bound_share_a_line():
    _, figure = drawn([outcome("deep-networks")])
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert "deep/majorant, deep/parabola: HOLDS" in texts
    lines = [line.get_ydata() for line in figure.axes[0].get_lines()]
    equal = [a is not b and np.array_equal(a, b) for a in lines for b in lines]
    assert not any(equal)


LONG = ("published/theorem-7", "published/theorem-7/kappa-restored", "published/theorem-7/proof")


def long_names():
    """Two panels, each with a line that many claims share."""
    shown = content([outcome("deep-networks")])
    first, *rest = shown.homes[0].curves
    home = replace(shown.homes[0], curves=[replace(first, names=LONG), *rest])
    other = replace(home, curves=[replace(first, names=LONG[::-1]), *rest])
    return figure_of(replace(shown, homes=[home, other]))


def test_long_names_are_on_lines():
    with drawing.fixed_style():
        figure = long_names()
        assert faults(figure) == []
    (text,) = [t.get_text() for t in figure.axes[0].get_legend().get_texts() if LONG[0] in
               t.get_text()]  # fmt: skip
    assert "\n" in text
    assert " ".join(text.split()).startswith(", ".join(LONG))


def test_must_fail_long_names_on_one_line(monkeypatch):
    monkeypatch.setattr("verify.reporting.plots.LABEL", 1000)
    with drawing.fixed_style():
        assert any(fault.startswith("cut off: legend") for fault in faults(long_names()))


def test_a_figure_for_a_notebook_has_the_style():
    figure = picture([outcome("coupled-initialisation")])
    assert faults(figure) == []
    legends = [*figure.legends, *(a.get_legend() for a in figure.axes if a.get_legend())]
    assert legends
    assert not any(legend.get_frame_on() for legend in legends)


def test_homes_share_a_picture():
    homes = at_homes("masked-training", "gradient-descent", "width-requirement", "logistic")
    wrong, figure = drawn(homes)
    assert wrong == []
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "masked training in local steps", "inside the rounds", "gradient descent",
        "masked training at the required width", "pairs of coupled neurons, logistic loss",
    ]  # fmt: skip
    (shared,) = figure.legends
    common = [text.get_text() for text in shared.get_texts()]
    assert ERRORS in common
    assert r"limit law of $\mathrm{E}\,\Vert e_k\Vert^2$ as $m\to\infty$" in common
    legends = [axes.get_legend() for axes in figure.axes if axes.get_legend()]
    own = [text.get_text() for legend in legends for text in legend.get_texts()]
    assert not set(own) & set(common)
    for home in homes[:2]:
        for judgement in home.judgements:
            if judgement.verdict.value != "OUT_OF_REGIME":
                assert any(text.startswith(judgement.claim) and judgement.verdict.value in text
                           for text in own)  # fmt: skip


def test_many_homes_are_bounded():
    homes = at_homes(*["masked-training"] * (HOMES + 3))
    wrong, figure = drawn(homes)
    assert wrong == []
    assert len(figure.axes) == HOMES + 1


def worth(*outcomes):
    """Those of the outcomes that are drawn."""
    homes = content(outcomes).homes
    shown = worth_drawing(homes)
    return [o for o, home in zip(outcomes, homes, strict=True) if any(home is s for s in shown)]


def test_homes_with_curves_come_first():
    long, descent, swept = at_homes("masked-training", "gradient-descent", "scaling-laws")
    out = replace(long, needs=dict.fromkeys(long.claims, "m >= 5e14"))
    assert worth(out, swept, long, descent) == [long, descent]
    assert worth(out, swept) == []


def without_an_axis(monkeypatch):
    return with_trajectory("masked-training", axis=" ", quantity=" ")


def one_look(monkeypatch):
    look = {"color": drawing.RED, "linestyle": "solid"}
    monkeypatch.setattr(drawing, "looks", lambda *_: repeat(look))
    return outcome("masked-training")


def legend_too_high(monkeypatch):
    draws = drawing.legend_below

    def higher(axes, handles, left, room):
        legend = draws(axes, handles, left, room)
        legend.set_bbox_to_anchor((0, 0.5), axes.transAxes)
        return legend

    monkeypatch.setattr(drawing, "legend_below", higher)
    return outcome("masked-training")


def long_title(monkeypatch):
    return with_trajectory("masked-training", title="a title that is " + "very " * 20 + "long")


def a_raw_name(monkeypatch):
    return with_trajectory("masked-training", labels={"mean_loss": "mean_loss"})


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [(without_an_axis, "no label on"), (one_look, "alike"), (legend_too_high, "collide"),
     (long_title, "collide"), (a_raw_name, "identifier")],
)  # fmt: skip
def test_must_fail(spoil, fault, monkeypatch):
    wrong, _ = drawn([spoil(monkeypatch)])
    assert [text for text in wrong if text.startswith(fault)]


@pytest.mark.parametrize("name", ["mean_loss", "limit_law"])
def test_a_series_without_a_label_fails(name):
    trajectory = outcome("masked-training").observations.trajectory
    labels = {key: text for key, text in trajectory.labels.items() if key != name}
    assert list(unlabelled(replace(trajectory, labels=labels))) == [name]
    assert list(unlabelled(replace(trajectory, axis=""))) == ["axes of round"]
    panels = (replace(trajectory, labels=labels),)
    assert list(unlabelled(replace(trajectory, panels=panels))) == [name]
    panel = Trajectory("step", np.arange(3), {"f": np.ones(3)})
    assert list(unlabelled(replace(trajectory, panels=[panel]))) == ["f", "axes of step"]
    within = replace(trajectory.within, labels={})
    assert list(unlabelled(replace(trajectory, within=within))) == ["sawtooth_loss"]


def test_an_experiment_without_words_is_drawn():
    bare = {"labels": {}, "axis": "", "quantity": "", "title": ""}
    wrong, figure = drawn([with_trajectory("masked-training", **bare)])
    assert wrong == []
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert {"mean loss", "limit law"} <= {*texts, *figure_texts(figure)}


def figure_texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_a_bound_is_drawn_with_its_own_initialisation():
    """Over initialisations the mean loss may lie above the bound of the first."""
    found = outcome("width-requirement")
    wrong, figure = drawn([found])
    sample = found.observations.samples["loss_on_good_event"]
    label = "first initialisation, which the bounds are of"
    (line,) = [line for line in figure.axes[0].get_lines() if line.get_label() == label]
    np.testing.assert_allclose(line.get_ydata(), sample.values.mean(axis=1))
    assert wrong == []


@pytest.mark.parametrize(
    "case",
    [
        "masked-training",
        "node-scaling",
        "feedback-alignment",
        "ends",
        "descent-criterion",
        "crossing",
    ],
)
def test_the_file_of_a_check_draws_the_same_picture(case):
    outcomes = at_homes(case)
    written = json.loads(as_json.to_json(outcomes, 0))
    assert drawn_from(read(written), "svg") == draw(outcomes, "svg")


def test_a_series_may_have_the_name_of_the_index():
    x, width = np.array([64.0, 128.0]), np.array([3.0, 5.0])
    written = trajectory_written(Trajectory("width", x, {"width": width}))
    found = trajectory_read(json.loads(json.dumps(plain_of(written))))
    np.testing.assert_array_equal(found.x, x)
    np.testing.assert_array_equal(found.series["width"], width)
    assert found.index == "width"


def test_another_number_in_the_file_is_another_picture():
    outcomes = at_homes("logistic")
    written, drawn_at_once = json.loads(as_json.to_json(outcomes, 0)), draw(outcomes, "svg")
    (home,) = written["homes"]
    first, *_ = home["trajectory"]["words"]["series"]
    for part in (home["trajectory"][first], home["picture"]["curves"][0]["bound"]):
        kept = list(part)
        part[:] = [0.9 * value for value in kept]
        assert drawn_from(read(written), "svg") != drawn_at_once
        part[:] = kept
    assert drawn_from(read(written), "svg") == drawn_at_once


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_files_are_valid(kind):
    content = draw([outcome("coupled-initialisation")], kind)
    if kind == "png":
        image = Image.open(io.BytesIO(content))
        assert image.width == 9 * drawing.DPI
        image.verify()
    elif kind == "svg":
        assert ElementTree.fromstring(content).tag.endswith("svg")
    else:
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")
    assert content == draw([outcome("coupled-initialisation")], kind)


@pytest.mark.parametrize("theorem", SWEPT)
def test_sweeps_have_a_panel_with_their_slopes(theorem):
    sweep = outcome(theorem).observations.trajectory.sweep
    assert set(sweep.series) == set(sweep.details) == SWEPT[theorem]
    _, figure = drawn([outcome(theorem)])
    texts = [text.get_text() for text in figure.axes[-1].get_legend().get_texts()]
    for name, (median, low, high) in sweep.details.items():
        assert f"{sweep.labels[name]}: slope {median:.2f} [{low:.2f}, {high:.2f}]" in texts


@pytest.mark.parametrize(
    ("theorem", "claim", "options"),
    [("scaling-laws", "scaling/floors", {"trials": 2}),
     ("width-requirement", "width/initial-loss", {"trials": 4})],
)  # fmt: skip
def test_a_check_without_a_curve_has_a_picture(theorem, claim, options):
    configuration = registry.theorem(theorem).load_experiment().configuration(**options)
    found = check(theorem, configuration, salt="figure", budget=1e-6, patterns=[claim])
    assert draw([found]).startswith(b"\x89PNG")
    wrong, figure = drawn([found])
    assert [text for text in wrong if not text.startswith("no label")] == []
    assert len(figure.axes) == 1


def test_more_of_a_run_has_panels_of_its_own():
    """At most so many; on the axis that it asks for, with the limits of what was measured."""
    x = np.array([1.0, 10.0, 100.0])
    words = {"labels": {"f": "f", "law": "law"}, "axis": "time", "quantity": "f"}
    curves = {"f": 1 / x, "law": 1e9 / x}
    panels = [
        Trajectory("time", x, curves, scale=scale, title=f"panel {i}", **words)
        for i, scale in enumerate(["log", "linear"] * SWEEPS)
    ]
    wrong, figure = drawn([with_trajectory("flow", panels=panels)])
    assert wrong == []
    shown = [axes for axes in figure.axes if axes.get_title(loc="left").startswith("panel")]
    assert [axes.get_xscale() for axes in shown] == ["log", "linear", "log"]
    assert shown[0].get_ylim() == pytest.approx((0.005, 2.0))


@pytest.mark.parametrize("exponent", [-0.5, 0.0, -1.0])
def test_lines_have_the_slopes(exponent):
    widths = np.array([64, 128, 256])
    values = 3 * widths**exponent
    sweep = Trajectory("width", widths, {"f": values}, {"f": np.array([exponent, -2.0, 2.0])})
    axes = Figure().subplots()
    medians(axes, sweep)
    dots, line = axes.get_lines()
    np.testing.assert_allclose(dots.get_ydata(), values)
    np.testing.assert_allclose(line.get_ydata(), values)


def test_what_has_no_slope_is_joined():
    """A curve that is no power of the size: a line through its points, and no number."""
    values = np.array([1.0, 4.0, 64.0])
    sweep = Trajectory("depth", np.array([1, 2, 4]), {"f": values}, {}, labels={"f": "a curve"})
    axes = Figure().subplots()
    medians(axes, sweep)
    (line,) = axes.get_lines()
    np.testing.assert_allclose(line.get_ydata(), values)
    assert line.get_label() == "a curve"
    assert line.get_linestyle() != "None"


def test_a_single_size_has_no_slope_and_an_axis_of_its_own():
    sweep = Trajectory("width", np.array([64]), {"f": np.array([0.3])}, {"f": np.zeros(3)},
                       labels={"f": "f"})  # fmt: skip
    with drawing.fixed_style():
        figure = drawing.canvas(4, 3)
        axes = figure.subplots()
        medians(axes, sweep)
        figure.canvas.draw()
    assert 0 < axes.get_ylim()[0] < 0.3 < axes.get_ylim()[1]
    assert [line.get_label() for line in axes.get_lines()] == ["f"]


@pytest.mark.parametrize("tightness", [(1.0, 0.7), (1.0, 30.0), (1.0, 1.0), (0.01, 1.0)])
def test_verdicts_beside_marks_are_inside_the_picture(tightness):
    rows = [Ratio(f"claim-{i}", value, False, "OUT_OF_REGIME") for i, value in enumerate(tightness)]
    with drawing.fixed_style():
        figure = drawing.canvas(4, 3, layout=None)
        ratios(figure.subplots(), rows)
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
        numbers = [text.get_text() for text in figure.axes[0].get_xticklabels(which="both")]
    assert len(boxes) == 2
    assert "1" in numbers or "10⁰" in numbers
    assert not any("\\times" in text for text in numbers)
    assert all(figure.bbox.x0 < box.x0 < box.x1 < figure.bbox.x1 for box in boxes)


def test_panels_from_0_on_have_a_plain_axis():
    x = np.arange(4)
    panel = Trajectory("radius", x, {"f": 4.0 - x, "area": 1.0 * (x < 2)}, areas=["area"])
    axes = Figure().subplots()
    line, area = plain(axes, panel)
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_ylim()[0]) == ("linear", "linear", 0)
    np.testing.assert_allclose(line.get_ydata(), 4.0 - x)
    assert (line.get_label(), area.get_label()) == ("f", "area")
    axes = Figure().subplots()
    plain(axes, replace(panel, areas=[]))
    assert axes.get_yscale() == "log"
    assert len(axes.get_lines()) == 2


def test_what_is_0_has_no_line():
    sweep = Trajectory(
        "width", np.array([64, 128]), {"f": np.array([1.0, 0.0])}, {"f": np.full(3, -np.inf)}
    )
    axes = Figure().subplots()
    medians(axes, sweep)
    assert len(axes.get_lines()) == 1


def test_a_map_shows_its_numbers_and_the_line():
    cells = np.array([[0.5, 0.02, 0.003], [0.7, 0.6, 0.001]])
    panel = Trajectory(
        "snr", np.array([0.5, 1.0, 4.0]), {"a": cells[0], "b": cells[1]},
        {"line": np.array([0.75, 2.5])}, heights=[10, 40], labels={"line": "threshold"},
    )  # fmt: skip
    axes = Figure().subplots()
    (line,) = heat_map(axes, panel)
    (mesh,) = axes.collections
    np.testing.assert_array_equal(mesh.get_array().reshape(cells.shape), cells)
    assert [text.get_text() for text in axes.texts] == [
        "0.50", "0.020", "0.0030", "0.70", "0.60", "0.0010"
    ]  # fmt: skip
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["10", "40"]
    assert line.get_label() == "threshold"
    np.testing.assert_allclose(line.get_xdata(), [0.5, 1.5, 1.5])  # in columns: halfway each
    np.testing.assert_allclose(line.get_ydata(), [-0.5, 0.5, 1.5])
    assert heat_map(Figure().subplots(), replace(panel, details={})) == []


def test_numbers_of_a_map_that_are_close_are_told_apart():
    panel = Trajectory("p", np.array([1.0, 2.0]), {"a": np.array([1.03, 1.09])}, heights=[1])
    axes = Figure().subplots()
    heat_map(axes, panel)
    assert [text.get_text() for text in axes.texts] == ["1.03", "1.09"]


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [(1e-3, 10, "10⁻³"), (1.0, 10, "10⁰"), (0.02, 10, "0.02"), (256.0, 2, "2⁸"), (0.0, 10, "0")],
)
def test_powers_are_letters(value, base, expected):
    assert drawing.power(value, base) == expected
