"""Mutation testing: good samples refute the mutants, blind ones are found out, verdicts matter."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from theory import EXACT_PATHWISE, UPPER_PATHWISE, Claim, claim
from verify._mutate import mutate, table, to_json
from verify.experiment import Observations, Trajectory
from verify.masked_training import EXPERIMENT
from verify.masked_training.mutation_cases import configurations
from verify.mutation import Fate, assess
from verify.sample import Sample
from verify.verdict import Judgement, Verdict

x, y = sp.symbols("x y", positive=True)
AREA = Claim.of("area", x * y + x**2, kind=EXACT_PATHWISE, source="a test", quantity="area")


@dataclass(frozen=True)
class Points:
    """Values of x and y."""

    x: tuple[float, ...] = (0.4, 1.7, 2.2)
    y: tuple[float, ...] = (1.9, 0.6, 3.1)


BLIND = Points(x=(1.0,), y=(1.0,))


class Toy:
    """Measures the area, times a factor."""

    configuration = Points

    def __init__(self, *offered, factor=1.0):
        self.offered, self.factor, self.observed = offered, factor, 0

    def mutation_configurations(self, claim):
        return self.offered

    def observe(self, configuration, **options):
        self.observed += 1
        a, b = np.array(configuration.x), np.array(configuration.y)
        sample = Sample(self.factor * (a * b + a**2), {"x": a, "y": b})
        return Observations({"area": sample}, Trajectory("", a, {}))


def score(experiment, tested=AREA, **options):
    (found,) = assess({tested.name: tested}, experiment, salt="test", **options)
    return found


def test_a_good_sample_refutes_all():
    found = score(Toy(Points()))
    assert found.value == found.strict == 1.0
    assert found.count(Fate.REFUTED) == len(found.trials) > 8
    assert found.finished


def test_a_blind_sample_is_found_out():
    found = score(Toy(BLIND))
    assert found.value < 0.6
    alive = {trial.name for trial in found.trials if trial.fate is Fate.SAME}
    assert {"bound: x -> y", "bound: square x in x*y"} <= alive
    assert score(Toy(BLIND, Points())).value == 1.0


def test_a_judge_that_never_refutes_scores_0():
    def never(claim, samples, level):
        return Judgement(claim.name, Verdict.HOLDS)

    found = score(Toy(Points()), judge=never)
    assert found.value == 0.0
    assert found.count(Fate.SURVIVED) == len(found.trials)


def test_looser_bounds_are_no_survivors():
    loose = replace(AREA, kind=UPPER_PATHWISE)
    found = score(Toy(Points()), loose)
    assert found.value == 1.0
    fates = {trial.name: trial.fate for trial in found.trials}
    assert fates["bound: double"] is Fate.WEAKER
    assert fates["bound: halve"] is Fate.REFUTED
    assert score(Toy(Points(), factor=0.4), loose).count(Fate.SLACK) > 0


def test_a_configuration_that_refutes_the_claim_itself():
    found = score(Toy(Points(), factor=2.0))
    assert found.false == [Points()]
    assert found.count(Fate.REFUTED) == 0
    assert "REFUTED itself" in table([found])


def test_configurations_are_trained_once():
    experiment = Toy(Points(), BLIND)
    twin = replace(AREA, name="twin")
    assess({"area": AREA, "twin": twin}, experiment, salt="test")
    assert experiment.observed == 1  # the second one is not needed
    assert score(Toy()).value == 1.0  # the default configuration


def test_out_of_time():
    found = score(Toy(Points()), seconds=1e-9)
    assert not found.finished
    assert "not finished" in table([found])


def test_reports():
    found = score(Toy(BLIND))
    assert all(len(line) <= 80 for line in table([found]).splitlines())
    read = json.loads(to_json([found], "test", 1))
    assert read["claims"][0]["score"] == found.value
    assert len(read["claims"][0]["mutants"]) == len(found.trials)


def test_an_identity():
    run = CliRunner().invoke(mutate, ["identity/noise-variance", "--quiet"], standalone_mode=False)
    assert run.return_value == 0
    assert "1.00   1.00" in run.output


def test_the_limit_law():
    """Slips in the law itself, on one configuration of few neurons and many seeds."""
    small = replace(configurations("limit-law")[0], width=1024, rounds=3, seeds=100)

    class One:
        configuration = type(small)

        def mutation_configurations(self, name):
            return (small,)

        def observe(self, *args, **options):
            return EXPERIMENT.observe(*args, **options)

    found = score(One(), claim("limit-law"), every=120)
    assert not found.false
    assert found.count(Fate.REFUTED) >= 1
    assert found.count(Fate.SAME) == 0


@pytest.mark.parametrize(
    "name", ["limit-law", "link-2", "corollary/dropout", "identity/dispersion"]
)
def test_every_claim_has_configurations(name):
    assert len(set(configurations(name))) == len(configurations(name)) >= 3
