"""False alarms of laws, limits, ceilings and equal probabilities: planted mistakes are caught."""

from dataclasses import replace

import numpy as np
import pytest

from theory import EXACT_PROBABILITY, Relation
from verify.audit import alarms, alarms_laws, calibrate, nulls
from verify.audit.calibrate import Rate, run
from verify.judging import expectation, extrapolation, law, probability
from verify.judging.seeds import numpy_generator


def rate(simulation, count, level):
    hits = int(simulation(numpy_generator("test"), count, [level])[0])
    return Rate("planted", "a law", level, hits, count)


def caught(simulation, count, level):
    return rate(simulation, count, level).p_value < 1e-5


class Unsplit(tuple):
    """The tests, counted as one."""

    def __len__(self):
        return 1


def names():
    return {cell.helper for cell in calibrate.cells()}


def test_every_kind_is_calibrated():
    for wanted in ("judge: law ~ F", "judge: limit -> b", "judge: frequency == b",
                   "judge: frequency <= b", "judge: frequency >= b", "judge: mean >= b",
                   "judge: path <= b", "judge: path == b", "judge: path >= b"):  # fmt: skip
        assert wanted in names()


def test_sound_helpers_pass():
    found = run(400, salt="test", levels=(0.2,), patterns=["law: *", "judge: limit*"])
    assert found.exit_code == 0
    assert max(r.rate for r in found.rates) > 0.1  # else nothing would be caught


@pytest.mark.parametrize("name", alarms_laws.LAWS)
def test_a_level_that_is_not_split_over_the_tests_is_caught(monkeypatch, name):
    simulation = alarms_laws.in_law(name)
    # how large an error would be seen is asked of a law that stands: it refutes nothing
    monkeypatch.setattr(law, "seen_at", lambda *_: (np.ones(1, dtype=bool), 1.0))
    assert not caught(simulation, 200, 0.3)
    monkeypatch.setattr(law, "TESTS", Unsplit(law.TESTS))
    assert caught(simulation, 200, 0.3)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_one_end_of_the_jumps_of_a_lattice_law_is_caught(monkeypatch, end):
    honest = law.Transform.of
    monkeypatch.setattr(
        law.Transform,
        "of",
        lambda *args: replace(found := honest(*args), draws=0 * found.draws + end),
    )
    assert caught(alarms_laws.in_law("poisson(0.7)"), 30, 0.3)


def test_a_wrong_sum_of_squares_is_caught(monkeypatch):
    honest = law.gammaincc
    monkeypatch.setattr(law, "gammaincc", lambda a, x: honest(a, x + a**0.5))
    monkeypatch.setattr(law, "seen_at", lambda *_: (np.ones(1, dtype=bool), 1.0))
    assert caught(alarms_laws.part_of_law("spread"), 280, 0.2)  # rate 0.46


# repetitions: so many that each slip is missed in fewer than one of 10^6 seeds, at the least rate
# that 8 times as many showed
PLANTED = {
    "no remainder": ("remainder", lambda honest: lambda *args: 0.0, "largest remainder", 100),
    "errors of half the size": (
        "_error", lambda honest: lambda *args: honest(*args) / 2, "no error", 320,
    ),
    "the largest size alone": (
        "weights",
        lambda honest: lambda s: np.vstack([s == s.min(), honest(s)[1:]]),
        "one term",
        100,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_mistake_in_the_extrapolation_is_caught(monkeypatch, name):
    attribute, plant, error, count = PLANTED[name]
    simulation = alarms_laws.in_limit(error, "normal")
    assert not caught(simulation, count, 0.3)
    monkeypatch.setattr(extrapolation, attribute, plant(getattr(extrapolation, attribute)))
    assert caught(simulation, count, 0.3)


def test_data_used_twice_below_a_ceiling_is_caught(monkeypatch):
    simulation = alarms_laws.below_ceiling(Relation.LOWER, nulls.two_points(0, 2), 2.0)
    monkeypatch.setattr(expectation, "smallest_factor", lambda *_: 1.0)  # refutes nothing
    assert not caught(simulation, 60, 0.3)
    honest = expectation.log_e_value
    monkeypatch.setattr(
        expectation, "log_e_value", lambda x, bound: honest(np.repeat(x, 3, axis=1), bound)
    )
    assert caught(simulation, 300, 0.3)  # rate 0.56


@pytest.mark.parametrize("side", ["too_many", "too_few"])
def test_a_level_that_is_not_halved_for_equal_probabilities_is_caught(monkeypatch, side):
    simulation = alarms.judge(EXACT_PROBABILITY, nulls.two_points(0, 2))
    assert not caught(simulation, 400, 0.2)
    honest = getattr(probability, side)
    monkeypatch.setattr(probability, side, lambda *args: honest(*args[:3], min(4 * args[3], 1.0)))
    assert caught(simulation, 600, 0.2)
