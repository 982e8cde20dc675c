"""The picture shows width sweeps: their values, and lines of their slopes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from theory import registry
from verify.experiments.kit import Trajectory
from verify.reporting.figure import _sweep, draw
from verify.runs.check import check

SWEPT = {
    "coupled-initialisation": (
        "coupled/boundary", "coupled/rate", {"deviation"}, {"sweeps": 12, "trials": 2}
    ),
    "node-scaling": (
        "node/*-distance", "node/descent-loss", {"distance", "kernel"},
        {"sweeps": 12, "trials": 2, "gamma": 1.0, "width": 64},
    ),
    "scaling-laws": (
        "scaling/displacement", None, {"displacement", "alpha", "floor"},
        {"trials": 10, "largest": 2**12},
    ),
}  # fmt: skip


def outcome(theorem, *patterns):
    fields = SWEPT[theorem][3]
    configuration = registry.theorem(theorem).load_experiment().configuration(**fields)
    return check(theorem, configuration, salt="figure", budget=1e-6, patterns=patterns)


@pytest.mark.parametrize("theorem", SWEPT)
def test_sweeps_have_a_panel_with_their_slopes(theorem):
    swept, trained, names, _ = SWEPT[theorem]
    found = outcome(theorem, swept, *([trained] if trained else []))
    sweep = found.observations.trajectory.sweep
    assert set(sweep.series) == set(sweep.details) == names
    text = draw([found], "svg").decode()
    for median, low, high in sweep.details.values():
        assert f"slope {median:.2f} [{low:.2f}, {high:.2f}]" in text
    assert text.count('id="axes_') == (2 if trained else 1)


@pytest.mark.parametrize(
    ("theorem", "claim", "options"),
    [("scaling-laws", "scaling/floors", {"trials": 2}),
     ("width-requirement", "width/initial-loss", {"trials": 4})],
)  # fmt: skip
def test_a_check_without_a_curve_has_a_picture(theorem, claim, options):
    configuration = registry.theorem(theorem).load_experiment().configuration(**options)
    found = check(theorem, configuration, salt="figure", budget=1e-6, patterns=[claim])
    assert draw([found]).startswith(b"\x89PNG")


def test_a_sweep_alone():
    alone = outcome("coupled-initialisation", "coupled/boundary")
    assert draw([alone], "svg").count(b"axes_2") == 0
    without = outcome("coupled-initialisation", "coupled/rate")
    assert without.observations.trajectory.sweep is None
    assert b"slope" not in draw([without], "svg")


@pytest.mark.parametrize("exponent", [-0.5, 0.0, -1.0])
def test_lines_have_the_slopes(exponent):
    widths = np.array([64, 128, 256])
    values = 3 * widths**exponent
    sweep = Trajectory("width", widths, {"f": values}, {"f": np.array([exponent, -2.0, 2.0])})
    axes = Figure().subplots()
    _sweep(axes, sweep)
    dots, line = axes.get_lines()
    np.testing.assert_allclose(dots.get_ydata(), values)
    np.testing.assert_allclose(line.get_ydata(), values)


def test_what_is_0_has_no_line():
    sweep = Trajectory(
        "width", np.array([64, 128]), {"f": np.array([1.0, 0.0])}, {"f": np.full(3, -np.inf)}
    )
    axes = Figure().subplots()
    _sweep(axes, sweep)
    assert len(axes.get_lines()) == 1
