"""Evidence: exact where all outcomes can be enumerated, simulated under the null elsewhere."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from verify.judging import evidence
from verify.judging.evidence import (
    BETS,
    TILTS,
    binomial_p_value,
    log_e_value,
    log_e_value_below,
    lower_confidence,
    passes,
)

LEVEL = 0.05
TRIALS, SEEDS = 4000, 60
ALARM = 1e-9
"""Simulated error rates are compared with their levels by binomial tests at this level."""

TWO_POINTS = [(0, 2), (0, 8), (Fraction(1, 2), 4), (Fraction(3, 4), Fraction(5, 4)), (1, 1)]
"""Values (low, high) of mean 1: the boundary of E[X] <= 1 and of E[X] >= 1."""


def outcomes(low, high, count):
    """All sequences with their exact probabilities."""
    share = Fraction(1 - low) / (high - low) if high > low else Fraction(1, 2)
    for hits in product((0, 1), repeat=count):
        chance = math.prod((share if hit else 1 - share) for hit in hits)
        yield [Fraction(high if hit else low) for hit in hits], chance


def wealth(values, bet):
    return math.prod(1 + Fraction(float(bet)) * (x - 1) for x in values)


def mixture(values):
    return sum(wealth(values, bet) for bet in BETS) / len(BETS)


def above(values, bound=1.0):
    """log_e_value of one row."""
    return float(log_e_value(np.array([values], dtype=float), np.array([bound]))[0])


def below(values, variance, bound=1.0):
    """log_e_value_below of one row."""
    rows = np.array([values], dtype=float)
    return float(log_e_value_below(rows, np.array([bound]), np.array([variance]))[0])


def lower(values, level=LEVEL):
    return float(lower_confidence(np.array([values], dtype=float), level)[0])


# one observation, and enumeration


@pytest.mark.parametrize("x", [0.0, 0.3, 1.0, 1.7, 40.0])
def test_one_observation(x):
    assert above([x]) == pytest.approx(max(0.0, math.log(np.mean(1 + BETS * (x - 1)))), abs=1e-12)


@pytest.mark.parametrize("x", [0.0, 0.3, 1.0, 1.7])
@pytest.mark.parametrize("variance", [0.0, 0.5, 7.0])
def test_one_observation_from_below(x, variance):
    w = 1 / (1 + variance)
    factors = np.exp(-TILTS * x) / (1 - w + w * np.exp(-TILTS / w))
    assert below([x], variance) == pytest.approx(max(0.0, math.log(factors.mean())), abs=1e-12)


@pytest.mark.parametrize(("low", "high"), TWO_POINTS)
def test_every_bet_and_the_mixture_are_martingales(low, high):
    for bet in [*BETS, 0, 1]:
        assert sum(chance * wealth(xs, bet) for xs, chance in outcomes(low, high, 4)) == 1
    assert sum(chance * mixture(xs) for xs, chance in outcomes(low, high, 4)) == 1


@pytest.mark.parametrize(("low", "high"), TWO_POINTS)
def test_it_is_the_largest_mixture_so_far(low, high):
    for xs, _ in outcomes(low, high, 6):
        largest = max(mixture(xs[:count]) for count in range(7))
        assert above(xs) == pytest.approx(math.log(largest), abs=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.2, LEVEL, 0.01])
@pytest.mark.parametrize(("low", "high"), TWO_POINTS)
def test_ville_exactly(low, high, level):
    sequences = list(outcomes(low, high, 10))
    rows = np.array([[float(x) for x in xs] for xs, _ in sequences])
    over = log_e_value(rows, np.ones(len(rows))) >= math.log(1 / level)
    assert sum(chance for (_, chance), hit in zip(sequences, over, strict=True) if hit) <= level
    variance = np.full(len(rows), float((high - 1) * (1 - low)))
    over = log_e_value_below(rows, np.ones(len(rows)), variance) >= math.log(1 / level)
    assert sum(chance for (_, chance), hit in zip(sequences, over, strict=True) if hit) <= level


@pytest.mark.parametrize("tilt", TILTS)
@pytest.mark.parametrize("variance", [0.25, 1.0, 7.0])
def test_the_bound_from_below_is_attained_and_not_passed(monkeypatch, tilt, variance):
    """Bennett: of all laws with this mean and variance, {0, 1 + variance} attains it."""
    monkeypatch.setattr(evidence, "TILTS", np.array([tilt]))
    for low in np.linspace(0, 0.99, 12):
        high = 1 + variance / (1 - low)  # mean 1, variance as given
        share = (1 - low) / (high - low)
        # before values at which the tilt loses, a 0 lifts the running maximum off its floor
        start = below([0.0], variance)
        gains = [below([0.0, x], variance) for x in (low, high)]
        log_factor = start - tilt * np.array([low, high])
        assert gains == pytest.approx(np.maximum(start, log_factor + start), abs=1e-12)
        mean = (1 - share) * math.exp(log_factor[0]) + share * math.exp(log_factor[1])
        assert mean <= 1 + 1e-12
        if low == 0:
            assert mean == pytest.approx(1, abs=1e-12)


# simulation of the null


def scaled_pareto(rng, shape):
    return rng.pareto(1.5, shape) / 2  # mean 1, infinite variance


def rare(rng, shape):
    return np.where(rng.random(shape) < 1e-2, 100.0, 0.0)


SHAPES = {
    "exponential": (lambda rng, shape: rng.exponential(size=shape), 1.0),
    "pareto": (scaled_pareto, math.inf),
    "rare large values": (rare, 99.0),
    "deterministic": (lambda rng, shape: np.ones(shape), 0.0),
    "squared Gaussian": (lambda rng, shape: rng.normal(size=shape) ** 2, 2.0),
}


def draw(shape, *, mean=1.0, salt=0):
    return mean * SHAPES[shape][0](np.random.default_rng(salt), (TRIALS, SEEDS))


def excess(hits, level):
    """The p-value of `hits` being more than the level allows."""
    return binomial_p_value(int(hits.sum()), hits.size, level)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [LEVEL, 0.01])
def test_null_at_the_boundary(shape, level):
    values, one = draw(shape), np.ones(TRIALS)
    variance = np.full(TRIALS, SHAPES[shape][1])
    assert excess(log_e_value(values, one) >= math.log(1 / level), level) > ALARM
    assert excess(log_e_value_below(values, one, variance) >= math.log(1 / level), level) > ALARM


@pytest.mark.parametrize("shape", SHAPES)
def test_coverage_of_the_lower_limit(shape):
    values = draw(shape, salt=1)[:1000]
    assert excess(lower_confidence(values, LEVEL) > 1, LEVEL) > ALARM


# must-fail twins: what is wrong here the simulation above sees


def gains(values, bets=BETS):
    return np.log(np.abs(1 + np.asarray(bets)[:, None, None] * (values - 1)))


def running(gains, weight=None):
    total = np.exp(np.minimum(np.cumsum(gains, axis=-1), 600)).sum(axis=0)
    return np.log(total * (1 / len(gains) if weight is None else weight)).max(axis=-1)


TWINS = {
    "two-sided": (lambda x: running(gains(x, [-0.5, 0.5])), 0.5),
    "bets above 1": (lambda x: running(gains(x, [1.5, 3.0])), 1.0),
    "a dropped log": (lambda x: running(BETS[:, None, None] * (x - 1)), 1.0),
    "no mixture weights": (lambda x: running(gains(x), 1.0), 1.0),
    "a bet that has seen its value": (lambda x: running(np.maximum(gains(x), 0)), 1.0),
    "the order of the values": (lambda x: log_e_value(-np.sort(-x, axis=-1), np.ones(TRIALS)), 1.0),
    "from below, without the variance": (
        lambda x: log_e_value_below(x, np.ones(TRIALS), np.zeros(TRIALS)),
        1.0,
    ),
}


def test_the_twins_start_from_the_truth():
    values = draw("exponential")
    assert running(gains(values)).clip(0) == pytest.approx(log_e_value(values, np.ones(TRIALS)))


@pytest.mark.parametrize("twin", TWINS)
def test_a_wrong_e_value_is_seen(twin):
    e_value, mean = TWINS[twin]
    hits = e_value(draw("exponential", mean=mean)) >= math.log(1 / LEVEL)
    assert excess(hits, LEVEL) < ALARM


def test_a_shifted_mean_is_seen():
    hits = log_e_value(draw("exponential", mean=1.5), np.ones(TRIALS)) >= math.log(1 / LEVEL)
    assert excess(hits, LEVEL) < ALARM


# power


SEEDS_NEEDED = {"deterministic": 31, "exponential": 145, "squared Gaussian": 260}
"""Seeds that show a mean twice the bound at level 1e-8, in nine of ten samples."""


@pytest.mark.parametrize("shape", SEEDS_NEEDED)
def test_power(shape):
    needed, rng = SEEDS_NEEDED[shape], np.random.default_rng(2)
    values = 2 * SHAPES[shape][0](rng, (400, needed))

    def share(count):
        return (log_e_value(values[:, :count], np.ones(400)) >= math.log(1e8)).mean()

    assert share(needed) >= 0.9
    assert share(needed // 2) < 0.5


def test_power_from_below():
    values = 0.5 * np.random.default_rng(3).exponential(size=(400, 200))
    one = np.ones(400)
    assert (log_e_value_below(values, one, one) >= math.log(1e8)).mean() >= 0.9
    assert (log_e_value_below(values[:, :50], one, one) >= math.log(1e8)).mean() < 0.5


# edges


@pytest.mark.parametrize(
    ("values", "bound", "expected"),
    [
        ([0.0, 0.0], 0.0, 0.0),
        ([0.0, 1e-300], 0.0, math.inf),
        ([0.0, 0.0], -1.0, math.inf),
        ([0.0, 0.0, 0.0], 1.0, 0.0),
        ([1.0, 2.0], math.inf, 0.0),
    ],
)
def test_edges(values, bound, expected):
    assert above(values, bound) == expected


def test_edges_from_below():
    assert below([0.0] * 200, 1.0, 0.0) == 0.0
    assert below([0.0] * 200, 1.0, -1.0) == 0.0
    assert below([0.0] * 2000, math.inf) == pytest.approx(0.0)
    assert below([0.0] * 200, 1.0) > 10
    assert below([1e300] * 3, 1.0, 1e-300) == 0.0


def test_a_zero_in_the_data_costs_only_the_full_bet():
    assert above([0.0] + [3.0] * 40) > math.log(1e8)


@pytest.mark.parametrize("bound", [1e-300, 1e300])
def test_a_value_beyond_all_ratios_is_refuted(bound):
    assert above([0.0, 1e300, 0.0], 1e-300) > 600
    assert above([3 * bound] * 40, bound) > math.log(1e8)
    assert below([bound / 9] * 40, 0.0, bound) > 10


@pytest.mark.parametrize("values", [[-1.0, 5.0], [math.nan, 1.0]])
def test_invalid_values(values):
    for test in (above, lower, lambda x: below(x, 1.0)):
        with pytest.raises(ValueError, match="values"):
            test(values)


def test_invalid_arguments():
    for invalid in (lambda: above([1.0], math.nan), lambda: below([1.0], 1.0, math.nan)):
        with pytest.raises(ValueError, match="bound"):
            invalid()
    for variance in (-1.0, math.nan):
        with pytest.raises(ValueError, match="variance"):
            below([1.0], variance)
    for level in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="level"):
            lower([1.0], level)


# the lower confidence limit

samples = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e6)), min_size=1, max_size=40)
levels = st.sampled_from([0.5, LEVEL, 1e-3, 1e-8, 1e-100])


@given(samples, levels)
@example([1.0], 1e-8)
@example([0.0] * 30 + [1.0], 1e-100)
@example([9.0] * 20 + [0.0] * 20, LEVEL)  # refuted above the mean, by the running maximum
def test_the_limit_is_where_refutation_ends(values, level):
    limit, threshold = lower(values, level), math.log(1 / level)
    if not any(values):
        assert limit == 0
        return
    assert limit > 0
    assert above(values, limit * (1 - 1e-8)) >= threshold
    assert above(values, limit * (1 + 1e-8)) < threshold


@given(samples)
def test_the_limit_falls_with_the_level(values):
    limits = [lower(values, level) for level in (0.5, LEVEL, 1e-8, 1e-100)]
    assert limits == sorted(limits, reverse=True)


@given(samples, st.integers(-290, 290))
@example([1.0, 2.0, 3.0] * 20, 299)
@example([1.0, 2.0, 3.0] * 20, -299)
def test_the_limit_scales(values, exponent):
    scale = 10.0**exponent
    assert lower(np.array(values) * scale) == pytest.approx(lower(values) * scale, rel=1e-8, abs=0)


def test_rows_do_not_mix():
    values = draw("exponential")[:20] * np.logspace(-200, 200, 20)[:, None]
    assert lower_confidence(values, 1e-3) == pytest.approx(
        [lower(row, 1e-3) for row in values], rel=1e-9, abs=0
    )


@pytest.mark.parametrize("trials", [1, 9, 400])
@pytest.mark.parametrize("rate", [0.01, 0.3, 0.99, 1.0])
def test_binomial(trials, rate):
    for failures in {0, 1, trials // 2, trials}:
        expected = binomtest(failures, trials, rate, alternative="greater").pvalue
        assert binomial_p_value(failures, trials, rate) == pytest.approx(expected, rel=1e-9, abs=0)


def test_binomial_edges():
    assert binomial_p_value(3, 3, 1.0 + 1e-9) == 1
    assert binomial_p_value(0, 3, 0.0) == 1
    assert binomial_p_value(1, 3, 0.0) == 0


def rows_of(kind, rng):
    """(rows, seeds) of values from the harmless to the extreme."""
    values = rng.gamma(rng.choice([0.01, 0.3, 3]), size=(rng.integers(1, 6), rng.integers(1, 60)))
    if kind == "zeros":
        return values * (rng.random(values.shape) < 0.5)
    if kind == "any size":
        return 10.0 ** rng.uniform(-300, 300, values.shape)
    return np.exp(rng.standard_cauchy(values.shape).clip(-600, 600)) if kind == "tails" else values


@pytest.mark.parametrize("kind", ["gamma", "zeros", "any size", "tails"])
@pytest.mark.parametrize("few", [0, evidence.FEW])
def test_products_say_what_logarithms_say(kind, few, monkeypatch):
    """But where the e-value is its threshold up to rounding; both ways are taken."""
    monkeypatch.setattr(evidence, "FEW", few)
    rng, seen = np.random.default_rng(1), set()
    for _ in range(300):
        values = rows_of(kind, rng)
        bound = np.maximum(values.mean(axis=1) * 10 ** rng.uniform(-3, 1, len(values)), 1e-300)
        threshold = rng.uniform(0.1, 90)
        expected = log_e_value(values, bound)
        clear = np.abs(expected - threshold) > 1e-9 * threshold
        found = passes(values, bound, np.exp(-threshold))
        assert (found == (expected >= threshold))[clear].all()
        seen |= set(found[clear].tolist())
    assert seen == {True, False}
