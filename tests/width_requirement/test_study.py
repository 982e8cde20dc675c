"""The study of how pessimistic m* is: its estimators, its outputs, its command."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from theory import claim
from verify.cli import main
from verify.width_requirement import study
from verify.width_requirement.configuration import Configuration
from verify.width_requirement.setting import prepare

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


@pytest.mark.parametrize("law", ["bernoulli", "categorical"])
def test_the_published_width_solves_its_premise(law):
    xi = None if law == "categorical" else 0.5
    setting = prepare(Configuration(law=law, surrogates=3, xi=xi, delta=0.9, rounds=2), "0")
    found = study.published_width(setting)
    name = "published/theorem-7" if law == "categorical" else "published/theorem-3"
    statement = claim(name).statement
    needed = statement.expand(statement.premises[0].rhs)
    values = {**setting.symbols, "d": setting.problem.d, "C_m": 1.0, "m": found}
    right = float(needed.subs({s: values[str(s)] for s in needed.free_symbols}))
    assert right == pytest.approx(found, rel=1e-2)


def test_measured_widths_are_below_the_required_one():
    found = study.run(LAZY, salt="0", largest=1024)
    required = found.required["m_star"]
    assert found.widths["m*"] == required
    assert found.widths["alpha <= r/4, measured"] < required / 100
    widths = [required, *found.slack.values()]
    assert widths == sorted(widths, reverse=True)  # each measures what the one before bounds
    assert len(set(widths)) == len(widths)
    assert found.slopes["alpha"].low < -0.3


def test_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    small = ["width", "--rounds", "2", "--largest", "256", "--json", "w.json"]
    run = CliRunner().invoke(main, small)
    assert run.exit_code == 0, run.output
    tables = run.stdout.partition("slopes in log m")[0]
    assert all(len(line) <= 80 for line in tables.splitlines())
    assert "travel" in tables
    assert "m*" in tables
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
    ],
)
def test_wrong_usage(args, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(main, ["width", *args])
    assert run.exit_code == 2
    assert named in run.output
