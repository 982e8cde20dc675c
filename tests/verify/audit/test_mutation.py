"""Mutation testing: good samples refute the mutants, blind ones are found out, verdicts matter."""

import json
import sys
import types
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from theory import EXACT_PATHWISE, UPPER_EXPECTATION, UPPER_PATHWISE, Claim, registry
from theory.language.errors import InvalidArgument
from theory.language.mutation import fingerprint
from verify.audit.mutation import Fate, _room, assess
from verify.command_line.mutate import LOW, legend, mutate, table, to_json
from verify.experiments.kit import Home, Observations, Trajectory
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict
from verify.pytest_plugin.baseline import Baseline, Record

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

    def __init__(self, *offered, factor=1.0, false=()):
        self.offered, self.factor, self.observed, self.false = offered, factor, 0, false

    def home(self, claim):
        return Home(Points(), known_false="it is" if claim in self.false else "")

    def mutation_configurations(self, claim):
        return self.offered

    def mutation_points(self, claim):
        return ()

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


NOISE = np.random.default_rng(0).gamma(2.0, 0.5, size=400)  # mean 1


class Noisy(Toy):
    """Measures a mean area: `factor` times the claim, with noise of relative size 0.7."""

    def observe(self, configuration, **options):
        a, b = (np.array(v)[:, None] for v in (configuration.x, configuration.y))
        values = self.factor * (a * b + a**2) * NOISE
        control = values * (1 - 1 / NOISE) if self.known else None
        sample = Sample(values, {"x": a[:, 0], "y": b[:, 0]}, control=control)
        return Observations({"area": sample}, Trajectory("", a[:, 0], {}))

    known = False


class Controlled(Noisy):
    """Knows its noise."""

    known = True


MEAN = replace(AREA, kind=UPPER_EXPECTATION)


def fates(*args):
    return {trial.name: trial.fate for trial in score(*args).trials}


@pytest.mark.parametrize(
    ("experiment", "factor", "fate"),
    [
        (Noisy, 0.4, Fate.SLACK),
        (Noisy, 0.49, Fate.SURVIVED),  # 2 % below the mean, in 3.5 % of noise
        (Noisy, 0.52, Fate.SURVIVED),  # false, but the noise hides it
        (Noisy, 0.9, Fate.REFUTED),
        (Controlled, 0.49, Fate.SLACK),
        (Controlled, 0.52, Fate.SURVIVED),
    ],
)
def test_slack_is_clear_of_the_mean(experiment, factor, fate):
    assert fates(experiment(Points(), factor=factor), MEAN)["bound: halve"] is fate


@pytest.mark.parametrize(
    ("ours", "true", "room"),
    [
        (3.1, 5.0, True),  # clear of the mean by more than the noise
        (2.9, 5.0, False),
        (2.9, 2.95, True),  # the claim itself is no clearer
        (-2.9, 2.95, True),
        (-3.1, 2.95, False),
        (-3.1, -3.2, False),
    ],
)
def test_room_between_a_limit_and_the_mean(ours, true, room):
    assert _room(np.array(ours), np.array(true), np.array(3.0)) == room


class Domain(Toy):
    """Offers points at which x is not 1."""

    def mutation_points(self, claim):
        return [{"x": 0.5, "y": 0.5}, {"x": 2.0, "y": 0.5}]


def test_weaker_means_everywhere():
    """x^2 -> x allows more only where x < 1."""
    low = Points(x=(0.4,), y=(1.9,))
    loose = replace(AREA, kind=UPPER_PATHWISE)
    assert fates(Toy(low), loose)["bound: drop y in x*y"] is Fate.REFUTED
    assert fates(Toy(low), loose)["bound: x**2 -> x"] is Fate.WEAKER
    assert fates(Domain(low), loose)["bound: x**2 -> x"] is not Fate.WEAKER
    assert fates(Domain(low), loose)["bound: double"] is Fate.WEAKER


def test_equal_on_the_whole_domain_is_true():
    class Diagonal(Toy):
        def mutation_points(self, claim):
            return [{"x": v, "y": v} for v in (0.5, 2.0)]

    equal = Points(x=(0.4, 3.0), y=(0.4, 3.0))
    assert fates(Toy(equal))["bound: x -> y"] is Fate.SAME
    assert fates(Diagonal(equal))["bound: x -> y"] is Fate.WEAKER


def test_implied_by_a_sharper_claim():
    """Half of a loose bound lies above a sharp one: true, whatever was measured."""
    loose = Claim.of("loose", 4 * x * y + 4 * x**2, kind=UPPER_PATHWISE, source="a test",
                     quantity="area")  # fmt: skip
    other = Claim.of("other", x / 100, kind=UPPER_PATHWISE, source="a test", quantity="length")
    experiment = Toy(Points(x=(0.4, 1.7), y=(19.0, 0.6)), factor=0.9)
    for known, fate in ([other], Fate.SLACK), ([other, AREA], Fate.IMPLIED):
        named = {one.name: one for one in known}
        (found,) = assess({"loose": loose}, experiment, salt="test", known=named)
        by_name = {trial.name: trial.fate for trial in found.trials}
        assert by_name["bound: halve"] is fate
        assert by_name["bound: y -> x"] is not Fate.IMPLIED


def test_nothing_is_implied_by_what_is_known_to_be_false():
    """A bound below the truth would excuse every slip above it."""
    loose = Claim.of("loose", 4 * x * y + 4 * x**2, kind=UPPER_PATHWISE, source="a test",
                     quantity="area")  # fmt: skip
    known = {"area": AREA, "loose": loose}
    for false, fate in ((), Fate.IMPLIED), (("area",), Fate.SLACK):
        experiment = Toy(Points(x=(0.4, 1.7), y=(19.0, 0.6)), factor=0.9, false=false)
        (found,) = assess({"loose": loose}, experiment, salt="test", known=known)
        assert {trial.name: trial.fate for trial in found.trials}["bound: halve"] is fate


def test_shrinking():
    """Two points and large numbers are not needed to see a factor 2."""

    @dataclass(frozen=True)
    class Many:
        count: int = 12
        size: float = 7.5
        kind: str = "odd"

    class Series(Toy):
        configuration = Many

        def observe(self, configuration, **options):
            points = Points(*(np.full(configuration.count, configuration.size) for _ in "xy"))
            if configuration.kind == "odd" and configuration.size < 1:
                raise InvalidArgument("size", configuration.size, "at least 1")
            return super().observe(points)

    found = score(Series(Many(kind="even")), simplify=True)
    shrunk = {each.name: each.shrunk for each in found.trials if each.refuted is not None}
    assert shrunk["bound: halve"] == Many(1, 1.0, "odd")
    assert shrunk["bound: square x in x*y"].size != 1.0  # nothing to see there
    assert found.trials[0].configuration == Many(kind="even")


def test_processes_find_what_one_finds():
    claims = {"area": AREA, "loose": replace(AREA, name="loose", kind=UPPER_PATHWISE)}
    found = [assess(claims, Toy(BLIND, Points()), salt="test", workers=w) for w in (1, 2)]
    one, two = ([[vars(trial) for trial in s.trials] for s in scores] for scores in found)
    assert one == two


def test_out_of_the_regime_nothing_is_said():
    small = replace(AREA, build=lambda: replace(AREA.statement, premises=(x < 1,)))
    found = score(Toy(Points()), small)
    assert found.count(Fate.OUT) + found.count(Fate.REFUTED) == len(found.trials) > 8
    assert found.configurations == 1  # x = 0.4 is in it
    found = score(Toy(Points(x=(1.5,), y=(1.0,))), small)
    assert found.count(Fate.OUT) == len(found.trials)
    assert found.configurations == 0


def test_a_slip_that_moves_the_regime_is_judged():
    """z = 2x <= 1 fails where z = x <= 1 holds, and the bound is too small there."""
    z = sp.Symbol("z", positive=True)
    moving = Claim.of("area", x * z + z**3 + x, kind=UPPER_PATHWISE, source="a test",
                      premises=[z <= 1], definitions={z: 2 * x}, quantity="area")  # fmt: skip
    found = score(Toy(Points(x=(0.9,), y=(30.0,))), moving)
    assert found.configurations == 0
    refuted = {trial.name for trial in found.trials if trial.refuted is not None}
    assert "z: halve" in refuted
    assert "z: double" not in refuted


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
    found = score(Toy(Points()), seconds=0)
    assert not found.finished
    assert "not finished" in table([found])


def test_reports():
    found = score(Toy(BLIND))
    assert all(len(line) <= 80 for line in table([found]).splitlines())
    (read,) = json.loads(to_json([found], {"area": "toys"}, "test", 1))["claims"]
    assert read["theorem"] == "toys"
    assert read["score"] == found.value
    assert read["fingerprint"] == fingerprint(AREA)
    assert sum(read["counts"].values()) == len(read["mutants"]) == len(found.trials)


def test_the_legend_tells_the_columns_that_count_something():
    found = score(Toy(BLIND))
    heads = table([found]).splitlines()[0].split()[2:9]
    counted = [head for head, fate in zip(heads, Fate, strict=True) if found.count(fate)]
    lines = legend([found]).splitlines()
    told = [line.split()[0] for line in lines]
    assert 2 < len(told) < len(heads) + 1
    assert told == [head for head in heads if head in counted or head == "refut"] + ["score"]
    assert all(len(line) <= 80 for line in lines)


def test_what_refuted_a_mutant_can_be_run_again():
    found = score(Toy(Points()))
    rows = json.loads(to_json([found], {"area": "toys"}, "test", 1))["claims"][0]["mutants"]
    assert all(row["configuration"] == {"x": [0.4, 1.7, 2.2], "y": [1.9, 0.6, 3.1]} for row in rows)
    assert all(row["salts"] == ["test"] for row in rows)


def test_an_identity():
    run = CliRunner().invoke(mutate, ["identity/noise-variance", "--quiet"], standalone_mode=False)
    assert run.return_value == 0
    assert "1.00   1.00" in run.output
    assert "slips in the claim" not in run.output


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--at-least", "1"], 0),
        (["--at-least", "identity/noise*=1"], 0),
        (["--at-least", "identity/*=0.5", "--at-least", "identity/noise-variance=1.0"], 0),
    ],
)
def test_scores_that_are_asked_for(options, code):
    command = ["identity/noise-variance", "--quiet", "--every", "3", *options]
    run = CliRunner().invoke(mutate, command, standalone_mode=False)
    assert run.return_value == code


def test_a_score_that_is_too_low(monkeypatch):
    def blind(claims, *args, **options):
        return [score(Toy(BLIND), AREA)]

    monkeypatch.setattr("verify.audit.mutation.assess", blind)
    for demand, code in ("1", LOW), ("area=0.9", LOW), ("0.1", 0):
        found = run_on_area(monkeypatch, "--at-least", demand)
        assert found.return_value == code
        assert ("below --at-least: area" in found.output) == (code == LOW)


def run_on_area(monkeypatch, *options):
    module = types.ModuleType("area_theorem")
    module.CLAIMS, module.EXPERIMENT = (AREA,), Toy(BLIND)
    monkeypatch.setitem(sys.modules, "area_theorem", module)
    known = dict(registry._THEOREMS)
    monkeypatch.setattr(registry, "_THEOREMS", known)
    known["areas"] = registry.Theorem("areas", "area_theorem", "area_theorem")
    return CliRunner().invoke(mutate, ["area", "--quiet", *options], standalone_mode=False)


def test_scores_go_into_a_baseline(monkeypatch, tmp_path):
    """Nothing else of it changes; a second time nothing at all."""
    path = tmp_path / "base.json"
    row = Record({"HOLDS": 1}, None, {"0": 1.1}, {"0": 1.2}, "s")
    old = Baseline("0", {"profile": "ci"}, {"numpy": "2"}, {("area", "test_area"): row})
    path.write_text(old.text())
    found = score(Toy(BLIND), AREA)
    monkeypatch.setattr("verify.audit.mutation.assess", lambda *args, **options: [found])
    first, second = (run_on_area(monkeypatch, "--baseline", str(path)) for _ in range(2))
    assert "area: mutation score none -> " in first.output
    assert "0 of 1 score changed" in second.output
    new = Baseline.read(path)
    assert new.mutation["area"].score == pytest.approx(found.value)
    assert new.mutation["area"].fingerprint == fingerprint(AREA)
    assert replace(new, mutation={}) == old


@pytest.mark.parametrize("content", [None, "{}"])
def test_a_baseline_that_is_none(monkeypatch, tmp_path, content):
    path = tmp_path / "base.json"
    if content:
        path.write_text(content)
    found = run_on_area(monkeypatch, "--baseline", str(path))
    assert isinstance(found.exception, InvalidArgument)
    assert "baseline" in str(found.exception)
    assert isinstance(
        run_on_area(monkeypatch, "--baseline", str(path), "--every", "2").exception, InvalidArgument
    )


@pytest.mark.parametrize("demand", ["2", "-0.1", "nan", "much", "other=0.5", "area="])
def test_demands_that_make_no_sense(demand, monkeypatch):
    found = run_on_area(monkeypatch, "--at-least", demand)
    assert isinstance(found.exception, InvalidArgument)
    assert "at-least" in str(found.exception)
