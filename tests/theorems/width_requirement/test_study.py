"""The study of how pessimistic m* is: its estimators, its outputs, its command."""

import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from theory import InvalidArgument, claim
from theory.theorems.width_requirement import link_3
from verify.command_line.program import main
from verify.experiments.width_requirement import study
from verify.experiments.width_requirement.configuration import Configuration
from verify.experiments.width_requirement.setting import prepare
from verify.reporting import slack_map

WIDTHS = 2 ** np.arange(4, 13)
LAZY = Configuration(samples=2, rounds=3)


def noisy(exponent, seed=0, networks=12):
    rng = np.random.default_rng(seed)
    return WIDTHS[:, None] ** exponent * np.exp(0.2 * rng.normal(size=(len(WIDTHS), networks)))


@pytest.mark.parametrize("exponent", [-0.5, -1.0, 0.0])
def test_slopes_cover_the_exponent_as_often_as_they_say(exponent):
    found = [study.slope(WIDTHS, noisy(exponent, seed)) for seed in range(400)]
    misses = sum(not s.low <= exponent <= s.high for s in found)
    assert misses <= 45  # 20 expected; 45 has probability 3e-7
    assert all(s.high < exponent + 0.2 for s in found)


def test_a_slope_of_nothing_is_not_a_number():
    assert np.isnan(study.slope(WIDTHS, np.zeros((len(WIDTHS), 2))).value)


@pytest.mark.parametrize(
    ("ratio", "width"),
    [
        ((WIDTHS / 100.0) ** -0.5, 128),  # inside the sweep: its first width
        ((WIDTHS / 1e6) ** -0.5, 1e6),  # beyond: continued
        ((WIDTHS / 1.0) ** -0.5, 16),  # at every width
    ],
)
def test_crossing(ratio, width):
    assert study.crossing(WIDTHS, np.tile(ratio[:, None], 3)) == pytest.approx(width, rel=1e-9)


def test_first_needs_all_later_widths():
    holds = np.array([[1, 1], [0, 0], [1, 1], [1, 1]], dtype=bool)
    assert study.first(np.array([1, 2, 4, 8]), holds) == 4
    assert study.first(np.array([1, 2]), holds[:2]) == np.inf


BERNOULLI, CATEGORICAL = ("theorem-2", "theorem-3", "corollary-6"), ("theorem-2", "theorem-7")
PRINTED = {
    "bernoulli": ({"xi": 0.5, "local_steps": 2}, BERNOULLI),
    "one local step": ({"xi": 0.5}, (*BERNOULLI, "corollary-5")),
    "full masks": ({"xi": 1.0, "local_steps": 2}, BERNOULLI),
    "nearly every neuron": ({"xi": 0.5, "surrogates": 30, "local_steps": 2}, BERNOULLI),
    "categorical": ({"law": "categorical", "local_steps": 2}, CATEGORICAL),
}


@pytest.mark.parametrize("case", PRINTED)
def test_the_published_widths_solve_their_premises(case):
    options, names = PRINTED[case]
    setting = prepare(Configuration(**{"surrogates": 3, "delta": 0.9, "rounds": 2} | options), "0")
    found = study.published_widths(setting)
    assert set(found) == {f"published/{name}" for name in names}
    for name, width in found.items():
        statement = claim(name).statement
        (premise,) = (q for q in statement.premises if str(q.lhs) == "m")
        needed = statement.expand(premise.rhs)
        values = {**setting.symbols, "d": setting.problem.d, "C_m": 1.0, "m": width}
        right = float(needed.subs({s: values[str(s)] for s in needed.free_symbols}))
        assert right == pytest.approx(width, rel=1e-2)


@pytest.mark.parametrize(("xi", "gains"), [(1.0, (1, 4.55)), (0.5, (4, 1))])
def test_what_the_sharpenings_gain(xi, gains):
    """Chebyshev for Markov: 2/delta in the square where masks vary; pathwise sums where not."""
    found = study.run(Configuration(xi=xi, rounds=3), salt="0", largest=64)
    m_star = found.required["m_star"]
    markov, mean, given = found.sharpened.values()
    assert (markov / m_star, mean / m_star) == pytest.approx(gains, rel=1e-2)
    assert given < m_star
    coarse = study.m_star(found.setting, link_3.given_initialisation(), **{
        "lambda": 0.75 * found.setting.symbols["lambda_0"], "tr_Phi": 2.0,
        "e0_sq": 8 * (found.setting.symbols["y_sq"] + 1),
    })  # fmt: skip
    assert coarse == pytest.approx(m_star)  # given no more than what the lemmas say


def test_measured_widths_are_below_the_required_one():
    found = study.run(LAZY, salt="0", largest=1024)
    required = found.required["m_star"]
    assert found.widths["m*"] == required
    assert found.widths["alpha <= r/4, measured"] < required / 100
    widths = [required, *found.slack.values()]
    assert widths == sorted(widths, reverse=True)  # each measures what the one before bounds
    assert len(set(widths)) == len(widths)
    assert found.slopes["alpha"].low < -0.3


@pytest.fixture(scope="module")
def grid():
    return slack_map.run(LAZY, {"samples": (1, 2), "xi": (0.5, 1.0)}, salt="0", largest=256)


def test_the_steps_of_a_map_make_up_its_ratio(grid):
    assert [str(point) for point in grid] == [
        f"samples={n} xi={xi}" for n in (1, 2) for xi in (0.5, 1.0)
    ]
    for point in grid:
        widths = point.study.widths
        ratio = widths["m*"] / widths["alpha <= r/4, measured"]
        assert np.prod(list(point.gains.values())) == pytest.approx(ratio)
        assert all(gain >= 1 for gain in point.gains.values())
        assert point.gains[point.worst] == max(point.gains.values())


def test_a_map_is_the_studies_of_its_points(grid):
    alone = study.run(replace(LAZY, samples=1, xi=0.5), salt="0", largest=256)
    assert grid[0].study.widths == alone.widths
    assert grid[0].study.slack == alone.slack


def test_every_point_of_a_map_is_checked_first(monkeypatch):
    monkeypatch.setattr(study, "run", None)  # not called
    with pytest.raises(InvalidArgument, match="samples"):
        slack_map.run(LAZY, {"samples": (2, 5)}, salt="0", largest=64)


def test_widths_that_never_come_are_shown(grid):
    first = grid[0].study
    never = {**first.widths, study.INFORMATIVE: np.inf, study.LAZY_WIDTH: np.inf}
    points = [slack_map.Point(grid[0].varied, replace(first, widths=never)), *grid[1:]]
    assert slack_map.draw(points).startswith(b"\x89PNG")
    text = StringIO()
    slack_map.show(points, Console(file=text, width=80))
    assert "never" in text.getvalue()
    assert json.loads(slack_map.to_json(points))[0]["worst"] == points[0].worst


def test_a_map_marks_what_gives_away_most(grid, monkeypatch):
    text = StringIO()
    slack_map.show(grid, Console(file=text, width=80))
    lines = text.getvalue().splitlines()
    assert all(len(line) <= 84 for line in lines)
    rows = [line for line in lines if line.startswith(("1 ", "2 "))]
    assert len(rows) == len(grid)
    for row, point in zip(rows, grid, strict=True):
        columns = row.split()[-len(slack_map.STEPS) :]
        marked = [name for name, cell in zip(slack_map.STEPS, columns, strict=True) if "*" in cell]
        assert marked == [point.worst]


def test_a_map_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    args = [
        "width",
        "--rounds",
        "2",
        "--largest",
        "64",
        "--grid",
        "samples=1,2",
        "--json",
        "m.json",
    ]
    run = CliRunner().invoke(main, args)
    assert run.exit_code == 0, run.output
    assert (tmp_path / "width.png").read_bytes().startswith(b"\x89PNG")
    rows = json.loads((tmp_path / "m.json").read_text())
    assert [row["varied"] for row in rows] == [{"samples": 1}, {"samples": 2}]
    assert [row["configuration"]["samples"] for row in rows] == [1, 2]


def test_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    small = ["width", "--rounds", "2", "--largest", "256", "--json", "w.json"]
    run = CliRunner().invoke(main, small)
    assert run.exit_code == 0, run.output
    assert all(len(line) <= 80 for line in run.stdout.splitlines())
    for word in ("travel", "m*", "theorem-3: m >=", "kappa_pub = kappa/xi", "given W_0", "slopes"):
        assert word in run.stdout
    assert (tmp_path / "width.png").read_bytes().startswith(b"\x89PNG")
    content = json.loads((tmp_path / "w.json").read_text())
    assert content["required"]["m_star"] == content["widths"]["m*"]
    assert content["configuration"]["rounds"] == 2


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["--largest", "10"], "largest"),
        (["--step", "0.7"], "--step"),
        (["--figure", "a.gif"], "figure"),
        (["--xi", "2"], "xi"),
        (["--grid", "xi=0.5,2"], "xi"),
        (["--grid", "nothing=1"], "grid"),
        (["--grid", "xi=0.5", "--xi", "1"], "grid"),
    ],
)
def test_wrong_usage(args, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(main, ["width", *args])
    assert run.exit_code == 2
    assert named in run.output
