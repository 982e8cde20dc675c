"""Calibration: sound helpers pass, and a helper that errs too often is caught."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import Phase
from scipy.stats import binom

from theory.language.errors import InvalidArgument
from theory.language.kinds import EXACT_EXPECTATION, UPPER_EXPECTATION
from verify.audit import alarms, calibrate, nulls
from verify.audit.alarms import judge
from verify.audit.calibrate import Rate, run
from verify.command_line.program import main
from verify.judging import evidence, expectation, sample, verdict
from verify.judging.budget import Budget
from verify.judging.seeds import numpy_generator

LEVELS = (0.2, 0.05)
RARE = nulls.two_points(0, 20)


def measured(*patterns, repetitions=400, levels=LEVELS):
    return run(repetitions, salt="test", levels=levels, patterns=patterns)


def hits(simulation, count, level):
    return int(simulation(numpy_generator("test"), count, [level])[0])


def caught(simulation, count, level):
    return Rate("planted", "a law", level, hits(simulation, count, level), count).p_value < 1e-5


@pytest.fixture(autouse=True)
def smaller(monkeypatch):
    monkeypatch.setattr(calibrate, "MINIMUM", 3)


@pytest.mark.parametrize("law", nulls.laws(), ids=lambda law: law.name)
def test_laws_have_mean_one_and_their_variance(law):
    values = law.draw(np.random.default_rng(0), (400_000,))
    assert (values >= 0).all()
    error = math.sqrt(min(law.variance, 100) / values.size)
    assert values.mean() == pytest.approx(1, abs=5 * error)
    if law.variance < 3:
        assert values.var() == pytest.approx(law.variance, rel=0.1)


def test_sound_helpers_pass():
    assert measured("*e-value", "binomial*", repetitions=200).exit_code == 0
    slow = "lower conf*", "judge*", "suite*", "search*"
    assert measured(*slow, repetitions=60, levels=(0.2,)).exit_code == 0


def test_the_rates_come_close_to_their_levels():
    """Else nothing would be caught: on the worst laws more than a third is used up."""
    for pattern in ("upper e-value", "lower e-value", "binomial*"):
        rates = measured(pattern, repetitions=200, levels=(0.2,)).rates
        assert max(rate.rate for rate in rates) > 0.2 / 3


def test_intervals_and_p_values():
    none, some = Rate("h", "l", 0.1, 0, 100), Rate("h", "l", 0.1, 30, 100)
    assert none.interval == (0.0, pytest.approx(1 - 0.025 ** (1 / 100)))
    assert none.p_value == 1
    low, high = some.interval
    assert low < some.rate < high
    assert some.p_value < 1e-6
    assert Rate("h", "l", 0.0, 0, 10).p_value == 1
    assert Rate("h", "l", 0.0, 1, 10).p_value == 0


# must fail


def without_the_one(values, bound):
    gains = np.log1p(evidence.BETS[:, None, None] * (values / bound[:, None]))
    return evidence._running_mixture(gains)


def on_data_used_twice(helper):
    return lambda values, *args: helper(np.repeat(values, 2, axis=1), *args)


PLANTED = {
    "without the -1": ("log_e_value", lambda helper: without_the_one, "upper e-value"),
    "data used twice": ("log_e_value", on_data_used_twice, "upper e-value"),
    "data used twice below": ("log_e_value_below", on_data_used_twice, "lower e-value"),
    "threshold too low": (
        "lower_confidence",
        lambda helper: lambda values, level: helper(values, min(level * math.e**2, 0.99)),
        "lower confidence*",
    ),
    "half the variance": (
        "log_e_value_below",
        lambda helper: lambda values, bound, variance: helper(values, bound, variance / 2),
        "lower e-value",
    ),
    "failures counted strictly": (
        "binomial_p_value",
        lambda helper: lambda failures, *rest: helper(failures + 1, *rest),
        "binomial*",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_caught(monkeypatch, tmp_path, name):
    attribute, plant, helper = PLANTED[name]
    monkeypatch.setattr(evidence, attribute, plant(getattr(evidence, attribute)))
    repetitions = {"lower confidence*": "2000", "binomial*": "400"}.get(helper, "200")
    path = tmp_path / "rates.json"
    args = ["--repetitions", repetitions, "--helpers", helper, "--levels", "0.05,0.01"]
    found = CliRunner().invoke(main, ["calibrate", *args, "--json", str(path)])
    assert found.exit_code == 1, found.output
    assert "HIGH" in found.stdout
    content = json.loads(path.read_text())
    assert content["exit_code"] == 1
    assert any(row["too_high"] for row in content["rates"])


def test_the_log_threshold_less_one_is_caught_in_the_judge(monkeypatch):
    honest = sample.lower_confidence
    simulation = judge(UPPER_EXPECTATION, nulls.two_points(0, 2), alone=True)
    assert not caught(simulation, 50, 0.3)
    monkeypatch.setattr(
        sample,
        "lower_confidence",
        lambda values, level: honest(values, min(math.e**2 * level, 0.9)),
    )
    assert caught(simulation, 120, 0.3)  # at a rate of 0.72 missed once in 10^6


def shares_refuted(level, high=2, steps=alarms.LONG):
    """Of samples of 0 and `high` with mean 1, each side tested at `level`: exact, by enumeration.

    The evidence depends on the values seen so far through how many of them were `high`.
    """
    w, share = 1 / high, np.ones(1)
    factors = [(1 - evidence.BETS, 1 + evidence.BETS * (high - 1))]
    mean = 1 + w * np.expm1(-evidence.TILTS / w)
    factors.append((1 / mean, np.exp(-evidence.TILTS * high) / mean))
    refuted = 0.0
    for n in range(1, steps + 1):
        share = np.convolve(share, [1 - w, w])
        k = np.arange(n + 1)[:, None]
        with np.errstate(over="ignore", under="ignore"):
            wealth = [(low ** (n - k) * top**k).mean(axis=1) for low, top in factors]
        passed = np.maximum(*wealth) >= 1 / level
        refuted += share[passed].sum()
        share[passed] = 0.0
    return refuted


def test_a_two_sided_level_that_is_not_halved_is_caught(monkeypatch):
    """Both sides at the full level, on a law where each is nearly exact."""
    level, repetitions = 0.4, 600
    sound, planted = shares_refuted(level / 2), shares_refuted(level)
    assert sound < level < planted
    least = next(n for n in range(repetitions) if binom.sf(n - 1, repetitions, level) < 1e-5)
    assert binom.cdf(least - 1, repetitions, planted) < 1e-6  # else luck of the seed decides
    simulation = judge(EXACT_EXPECTATION, nulls.two_points(0, 2), alone=True)
    monkeypatch.setattr(expectation, "smallest_factor", lambda *_: 1.0)  # refutes nothing
    assert not caught(simulation, 50, level)
    honest = verdict.judge_expectation

    def twice(base, claim, values, evaluation, level):
        return honest(base, claim, values, evaluation, 2 * level)

    monkeypatch.setattr(verdict, "judge_expectation", twice)
    assert caught(simulation, repetitions, level)


@pytest.mark.parametrize("simulation", [alarms.suite(RARE), alarms.search(UPPER_EXPECTATION)])
def test_a_budget_that_is_not_split_is_caught(monkeypatch, simulation):
    monkeypatch.setattr(alarms, "PHASES", (Phase.generate, Phase.target))
    monkeypatch.setattr(Budget, "per_check", lambda budget, checks: budget.total)
    assert caught(simulation, 60, 0.2)  # at a rate of 0.79 missed once in 10^6


# the command


def test_the_table_fits(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    found = CliRunner().invoke(
        main, ["calibrate", "--repetitions", "60", "--helpers", "*e-value,binomial*"]
    )
    assert found.exit_code == 0, found.output
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "upper e-value" in found.stdout
    assert "0.001" in found.stdout


def test_the_same_salt_gives_the_same_rates():
    first, second = (measured("upper e-value", repetitions=50).rates for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "args",
    [
        ["--helpers", "nothing"],
        ["--levels", "2"],
        ["--levels", "x"],
        ["--levels", ""],
        ["--repetitions", "1"],
        ["--eigenvalues", "1,-1"],
        ["--quick", "--repetitions", "100"],
        ["--json", "/nowhere/at/all.json"],
    ],
)
def test_wrong_usage(args):
    found = CliRunner().invoke(main, ["calibrate", *args])
    assert found.exit_code == 2, found.output
    assert "error" in found.stderr


def test_repetitions_that_say_nothing():
    with pytest.raises(InvalidArgument, match="repetitions"):
        run(1, salt="")


def test_names_can_be_listed_with_commas():
    assert not any("," in cell.helper for cell in calibrate.cells())
