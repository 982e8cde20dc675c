"""Published experiments: what theorems offer, rows and arrays, trends that hold and that do not."""

from dataclasses import replace

import numpy as np
import pytest

from tests.verify.runs import toy
from theory import registry
from theory.language.errors import InvalidArgument
from verify.experiments.kit.published import Published, Results, Trend, falls, rises
from verify.judging.verdict import Verdict, judge
from verify.runs import reproduction, sweep
from verify.runs.reproduction import Reproduction, claim_of, results

LEVEL = 1e-6 / 3


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    registry.register(toy.THEOREM)


def plan(name, *, quick=False, budget=1e-6, **given):
    return Reproduction.of(name, salt="s", budget=budget, quick=quick, given=given)


def measured(made, points=None):
    """The rows of the points, measured here."""
    found = {}
    for point in made.points if points is None else points:
        rows = reproduction.measure(
            point.configuration, theorem=registry.theorem(made.theorem), patterns=made.patterns,
            salt=made.salt, budget=made.level, expected=sweep.versions(),
        )  # fmt: skip
        found[point.index] = [{"point": point.index, **row} for row in rows]
    return found


# ---- what theorems offer -------------------------------------------------------------------------


@pytest.mark.parametrize("theorem", registry.theorems())
def test_every_theorem_offers_one(theorem):
    assert registry.theorem(theorem).load_published()


OFFERED = [(name, quick) for _, each in reproduction.every() for name in [each.name]
           for quick in (False, True)]  # fmt: skip


@pytest.mark.parametrize(("name", "quick"), OFFERED)
def test_its_points_and_claims_are_there(name, quick):
    made = plan(name, quick=quick)
    full = plan(name)
    assert 1 <= len(made.points) <= len(full.points)
    assert len(made.claims) >= len(made.published.claims)
    assert made.published.trends or made.claims
    assert made.published.minutes <= 30
    assert all(made.published.work(point.configuration) > 0 for point in made.points)
    if quick:  # what it changes are fields
        known = set(vars(made.points[0].configuration))
        assert set(made.published.quick) <= known


def test_names_are_told_apart():
    names = [each.name for _, each in reproduction.every()]
    assert len(set(names)) == len(names)
    with pytest.raises(
        InvalidArgument, match=r"(?s)one of criterion-race,\s.*did you mean criterion-race"
    ):
        reproduction.find("criterion-races")


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": None},
        {"claims": ("toy/mean",)},
        {"grid": {}},
        {"grid": {"a": (1,), "b": (1,), "c": (1,)}},
    ],
)
def test_what_says_too_little_or_too_much(wrong):
    whole = {"name": "a", "words": "", "paper": "", "figure": "", "minutes": 1,
             "grid": {"balls": (1,)}, "measure": toy.drawn}  # fmt: skip
    Published(**whole)
    with pytest.raises(TypeError, match="a: "):
        Published(**{**whole, **wrong})


# ---- rows ----------------------------------------------------------------------------------------


def test_arrays_are_those_that_were_measured(registered):
    made = plan("toy-map")
    found = results(made, measured(made))
    assert list(found.axes) == ["balls", "size"]
    assert found.at is None
    for point in made.points:
        own = toy.drawn(point.configuration, "s")
        at = divmod(point.index, 3)
        for name, values in own.items():
            np.testing.assert_array_equal(found.series[name][at], values)


def test_a_point_that_failed_is_nan(registered):
    made = plan("toy-map")
    rows = measured(made)
    rows[4] = [{"point": 4, **row} for row in made.failed(made.points[4], "why")]
    found = results(made, rows)
    missing = np.isnan(found.series["measured"]).all(axis=-1)
    np.testing.assert_array_equal(np.argwhere(missing), [[1, 1]])
    (falling, _) = reproduction.judged(made, found)
    assert falling.measured < 1  # its trials do not show the trend


def test_curves_keep_their_own_positions(registered):
    made = plan("toy-curves")
    found = results(made, measured(made))
    np.testing.assert_array_equal(found.at, [[0, 1, 2], [0, 2, 4]])
    assert list(found.series) == ["height", "law"]
    np.testing.assert_array_equal(found.series["law"][:, 0], found.at + 2)


def test_claims_are_judged_at_every_point(registered):
    made = plan("toy-claims")
    assert made.level == made.budget / 3
    found = measured(made)
    verdicts = [row["verdict"] for own in found.values() for row in own if row["verdict"]]
    assert verdicts == ["HOLDS"] * 3
    series = results(made, found).series
    np.testing.assert_array_equal(series["toy/mean bound"], np.full((3, 1), 0.6))
    assert (abs(series["toy/mean"] - 0.5) < 0.1).all()


def test_the_budget_is_split_over_trends_and_claims_at_points(registered):
    assert plan("toy-map").each == pytest.approx(1e-6 / 2)
    assert plan("toy-curves").each == pytest.approx(1e-6 / 4)  # two claims at two points


# ---- trends --------------------------------------------------------------------------------------


def verdict(trend, found):
    published = next(p for p in toy.PUBLISHED if p.name == "toy-map")
    trials = np.ravel(trend.trials(found)).astype(float)
    return judge(claim_of(published, trend), reproduction._sample(trend, found), LEVEL), len(trials)


def grid(factor, reps=20, axes=(10, 10), seed=0):
    """Positive numbers that change by a factor along the first axis, with noise."""
    noise = np.random.default_rng(seed).normal(0, 0.3, (*axes, reps))
    along = factor ** np.arange(axes[0])
    values = along[:, None, None] * np.exp(noise)
    names = "surrogates", "xi"
    return Results({n: tuple(range(k)) for n, k in zip(names, axes, strict=True)},
                   {"measured": values})  # fmt: skip


def reversed_grid(found):
    return replace(found, series={n: a[::-1] for n, a in found.series.items()})


HOW = [{}, {"shared": True}, {"over": ("xi",)}]


@pytest.mark.parametrize("how", HOW)
def test_a_trend_holds_and_its_twin_is_refuted(how):
    found = grid(0.7)
    assert verdict(falls("surrogates", **how), found)[0].verdict is Verdict.HOLDS
    assert verdict(falls("surrogates", **how), reversed_grid(found))[0].verdict is Verdict.REFUTED
    assert verdict(rises("surrogates", **how), found)[0].verdict is Verdict.REFUTED
    assert verdict(rises("surrogates", **how), reversed_grid(found))[0].verdict is Verdict.HOLDS


@pytest.mark.parametrize("how", HOW[:2])
def test_no_trend_is_refuted(how):
    flat = grid(1.0, reps=40)
    for trend in (falls("surrogates", **how), rises("surrogates", **how)):
        assert verdict(trend, flat)[0].verdict is Verdict.REFUTED


def test_ties_and_numbers_that_are_missing_do_not_show_a_trend():
    same = replace(grid(1.0), series={"measured": np.ones((10, 10, 20))})
    missing = replace(same, series={"measured": np.full((10, 10, 20), np.nan)})
    zero = replace(same, series={"measured": np.zeros((10, 10, 20))})
    for found in (same, missing, zero):
        for trend in (falls("surrogates"), rises("surrogates")):
            assert verdict(trend, found)[0].verdict is Verdict.REFUTED


def test_few_trials_say_nothing():
    j, trials = verdict(falls("surrogates"), grid(0.7, reps=1, axes=(4, 4)))
    assert (j.verdict, trials) == (Verdict.UNDERPOWERED, 8)


@pytest.mark.parametrize(("how", "trials"), [({}, 5 * 7 * 3), ({"over": ("xi",)}, 5 * 3),
                                             ({"shared": True}, 7 * 3)])  # fmt: skip
def test_no_two_trials_share_a_measurement(how, trials):
    """A number that is changed changes one trial; along a shared axis its whole row is one."""
    found = grid(0.9, reps=3, axes=(11, 7))
    trend = Trend("steps", "", lambda r: reproduction_steps(r, **how))
    before = trend.trials(found)
    assert before.size == trials
    for index in [(0, 0, 0), (10, 6, 2), (3, 5, 1)]:
        series = found.series["measured"].copy()
        series[index] *= 2
        changed = trend.trials(replace(found, series={"measured": series})) != before
        assert changed.sum() == 1


def reproduction_steps(found, **how):
    from verify.experiments.kit import published

    return published._steps(found, "surrogates", "measured", **how)


def test_the_trends_inside_rounds_and_their_twins():
    """A saw: up at sampling, down in two local steps, down at aggregation; each planted wrong."""
    (inside,) = [p for _, p in reproduction.every() if p.name == "masked-loss-inside-rounds"]
    rounds, right = 5, np.log([1.5, 0.8, 0.8, 0.9])

    def saw(jumps):
        logs = np.concatenate([[0.0], np.cumsum(np.tile(jumps, rounds))])
        noise = np.random.default_rng(1).normal(0, 0.01, (2, 64, len(logs)))
        at = np.concatenate(
            [[0.0], np.repeat(np.arange(rounds), 4) + np.tile([0, 0.45, 0.9, 1], 5)]
        )
        return Results({"law": ("bernoulli", "categorical")}, {"measured": np.exp(logs + noise)},
                       np.stack([at, at]))  # fmt: skip

    places = ([0], [1, 2], [3])
    for wrong in (None, 0, 1, 2):
        jumps = right.copy()
        if wrong is not None:
            jumps[places[wrong]] *= -1
        verdicts = [verdict(trend, saw(jumps))[0].verdict for trend in inside.trends]
        expected = [Verdict.HOLDS] * 3
        if wrong is not None:
            expected[wrong] = Verdict.REFUTED
        assert verdicts == expected
