"""Searching for the worst case, and replaying it from its file."""

import json
import sys
import types
from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner
from hypothesis import strategies as st

from theory import UPPER_EXPECTATION, Claim, registry
from theory.errors import InvalidArgument
from verify import replay
from verify.cli import main
from verify.experiment import Observations, Trajectory, option
from verify.sample import Sample
from verify.seeds import numpy_generator

slope = sp.Symbol("slope", positive=True)
# the mean is slope^2/4 for slope in (0, 2]: true, tight at the right end; false beyond 8/5
CLAIMS = tuple(
    Claim.of(f"ramp/{name}", bound, kind=UPPER_EXPECTATION, source="here", quantity="ramp")
    for name, bound in {"true": slope / 2, "false": slope * sp.Rational(2, 5)}.items()
)


@dataclass(frozen=True)
class Ramp:
    slope: float = option(1.0, "slope")
    seeds: int = option(4000, "seeds")

    def __post_init__(self):
        if not 0 < self.slope <= 2:
            raise InvalidArgument("slope", self.slope, "in (0, 2]")


class Experiment:
    configuration = Ramp

    def preview(self, configuration):
        return configuration

    def strategy(self, claim):
        return st.builds(Ramp, slope=st.floats(0.1, 1.2))

    def observe(self, configuration, *, salt, quantities=None, progress=None):
        rng = numpy_generator(salt)
        values = rng.uniform(0.8, 1.2, configuration.seeds) * configuration.slope**2 / 4
        sample = Sample(values, {"slope": configuration.slope}, trivial=10.0)
        return Observations({"ramp": sample}, Trajectory("round", np.arange(1), {}))


@pytest.fixture(autouse=True)
def ramp(monkeypatch):
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    module = types.ModuleType("ramp_theorem")
    module.CLAIMS, module.EXPERIMENT = CLAIMS, Experiment()
    monkeypatch.setitem(sys.modules, "ramp_theorem", module)
    registry.register(registry.Theorem("ramp", "ramp_theorem", "ramp_theorem"))


def call(*args):
    return CliRunner().invoke(main, [*args])


def test_climbs_to_where_the_claim_is_tight(tmp_path):
    """The strategy ends at slope 1.2; the local search goes on to 2."""
    path = tmp_path / "worst.json"
    result = call("search", "ramp/true", "--trials", "60", "--json", str(path))
    assert result.exit_code == 0, result.output
    worst = json.loads(path.read_text())
    assert worst["configuration"]["slope"] > 1.8
    assert 0.8 < worst["claims"][0]["measured_over_bound"] < 1.05
    again = call("replay", str(path))
    assert (again.exit_code, "recorded: HOLDS" in again.output) == (0, True)


def test_finds_and_replays_a_counterexample(tmp_path):
    path = tmp_path / "refuted.json"
    found = call("search", "ramp/false", "--trials", "60", "--json", str(path))
    assert found.exit_code == 1, found.output
    assert f"python -m verify replay {path}" in found.output
    row = json.loads(path.read_text())["claims"][0]
    assert row["measured_over_bound"] > 1
    assert row["values"]["slope"] > 1.6
    again = call("replay", str(path))
    assert again.exit_code == 1
    assert "REFUTED" in again.output


def test_a_verdict_that_changed_is_told(tmp_path):
    path = tmp_path / "case.json"
    rows = [{"claim": "ramp/true", "level": 1e-6, "verdict": "VACUOUS"}]
    case = {"theorem": "ramp", "configuration": {"slope": 1.5}, "salt": "s", "claims": rows}
    path.write_text(json.dumps(case))
    result = call("replay", str(path))
    assert (result.exit_code, "HOLDS" in result.output) == (3, True)


def test_check_output_can_be_replayed(tmp_path):
    path = tmp_path / "check.json"
    call("check", "--theorem", "ramp", "--no-figure", "--slope", "1.9", "--json", str(path))
    result = call("replay", str(path))
    assert result.exit_code == 1
    assert result.output.count("recorded") == len(CLAIMS)


BAD_FILES = {
    "no file": (None, "readable"),
    "not JSON": ("{", "JSON"),
    "no claims": ('{"theorem": "ramp"}', "a case"),
    "unknown theorem": ('{"theorem": "x", "configuration": {}, "claims": []}', "one of"),
    "unknown field": ('{"theorem": "ramp", "configuration": {"a": 1}, "claims": []}', "a case"),
    "bad value": ('{"theorem": "ramp", "configuration": {"slope": 9}, "claims": []}', "in (0, 2]"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_bad_files(what, tmp_path):
    content, allowed = BAD_FILES[what]
    path = tmp_path / "case.json"
    if content is not None:
        path.write_text(content)
    result = call("replay", str(path))
    assert (result.exit_code, allowed in result.output) == (2, True), result.output


@pytest.mark.parametrize("args", [["ramp/true", "--seconds", "0"], ["ramp/nothing"]])
def test_bad_searches(args):
    assert call("search", *args).exit_code == 2


def test_no_device_where_the_configuration_has_none():
    case = replay.Case("ramp", Ramp(), "s")
    with pytest.raises(InvalidArgument, match="device"):
        replay.on_device(case, "cpu")
