"""Searching for the worst case, and replaying it from its file."""

import itertools
import json
import re
import sys
import types
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner
from hypothesis import strategies as st

from theory import UPPER_EXPECTATION, UPPER_PROBABILITY, Claim, registry
from theory.language.errors import InvalidArgument
from verify.command_line.program import main
from verify.experiments.kit import Home, Observations, Trajectory, option
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator
from verify.runs import replay

slope = sp.Symbol("slope", positive=True)
# the mean is slope^2/4 for slope in (0, 2]: true, tight at the right end; false beyond 8/5
FALSE = slope * sp.Rational(2, 5)
CLAIMS = (
    *(
        Claim.of(f"ramp/{name}", bound, kind=UPPER_EXPECTATION, source="here", quantity="ramp",
                 premises=premises)
        for name, (bound, premises) in {
            "true": (slope / 2, []), "false": (FALSE, []), "narrow": (FALSE, [slope < 1.5]),
        }.items()
    ),
    replace(
        Claim.of("ramp/rare", slope / 2 + 0 * sp.Symbol("delta"), kind=UPPER_EXPECTATION,
                 source="here", quantity="rare", premises=[sp.Symbol("delta") < 1]),
        confidence="delta",
    ),
    Claim.of("ramp/share", slope / 4, kind=UPPER_PROBABILITY, source="here", quantity="share"),
)  # fmt: skip


@dataclass(frozen=True)
class Ramp:
    slope: float = option(1.0, "slope")
    seeds: int = option(1000, "seeds")

    def __post_init__(self):
        if not 0 < self.slope <= 2:
            raise InvalidArgument("slope", self.slope, "in (0, 2]")


class Experiment:
    configuration = Ramp
    bad = 0.0
    """Share of the initialisations in which the mean is above the bound of ramp/rare."""

    def home(self, claim):
        return Home(Ramp())

    def preview(self, configuration):
        return configuration

    def strategy(self, claim):
        return st.builds(Ramp, slope=st.floats(0.1, 1.2))

    def observe(self, configuration, *, salt, quantities=None, progress=None):
        rng = numpy_generator(salt)
        values = rng.uniform(0.8, 1.2, configuration.seeds) * configuration.slope**2 / 4
        symbols = {"slope": configuration.slope, "delta": 0.3}
        rare = values + 2.0 * (rng.uniform() < self.bad)
        samples = {"ramp": Sample(values, symbols, trivial=10.0)}
        samples["rare"] = Sample(rare, symbols, trivial=10.0)
        samples["share"] = Sample(rng.uniform(size=len(values)) < configuration.slope / 4, symbols)
        return Observations(samples, Trajectory("round", np.arange(1), {}))


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
    assert f"case        Ramp(slope={row['values']['slope']!r}" in again.output
    assert f"now: measured/bound {row['measured_over_bound']:.10g}; recorded" in again.output


def test_the_same_search_again(tmp_path):
    """Bounded by trials, and by nothing else: the salt decides."""
    runs = [call("search", "ramp/true", "--trials", "20", *extra).stdout
            for extra in ([], [], ["--salt", "another"])]  # fmt: skip
    assert runs[0] == runs[1] != runs[2]
    assert "20 configurations" in runs[0]


@pytest.mark.parametrize("seconds", [40, 80])
def test_time_ends_the_search(seconds, monkeypatch):
    """Two thirds of it for drawing, the rest for climbing; by a clock that goes on at each look."""
    clock = types.SimpleNamespace(monotonic=map(float, itertools.count()).__next__)
    for module in ("verify.runs.search", "verify.command_line.search"):
        monkeypatch.setattr(f"{module}.time", clock)
    told = []
    monkeypatch.setattr("verify.command_line.search._teller", lambda *_: told.append)
    result = call("search", "ramp/true", "--seconds", str(seconds))
    assert clock.monotonic() - 1 - seconds in range(4)
    assert re.search(rf"\({told[-1].trials} configurations", result.stdout)
    assert told[-1].phase == "climbing"


def test_patterns_and_their_files(tmp_path):
    cases = tmp_path / "new"
    result = call("search", "ramp/t*", "ramp/false", "--trials", "60", "--json", str(cases))
    assert result.exit_code == 1
    assert {path.name for path in cases.iterdir()} == {"ramp-true.json", "ramp-false.json"}
    assert re.search(r"^ramp/true: HOLDS, lower limit/bound 0\.9\d* ", result.output, re.MULTILINE)
    assert re.search(r"^ramp/false: REFUTED, ", result.output, re.MULTILINE)


def test_a_probability_is_as_near_as_its_share_of_failures():
    """The share is no confidence limit: above 1 by chance, and no refutation."""
    result = call("search", "ramp/share", "--trials", "20")
    nearness = re.match(r"ramp/share: HOLDS, failures/allowed (1\.\d+) ", result.stdout)
    assert nearness, result.output
    assert re.search(r"^  bound .*, measured .*, 1000 trials$", result.stdout, re.MULTILINE)


def test_a_configuration_is_told_on_lines_of_the_console(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    told = call("search", "ramp/true", "--trials", "60").stdout.splitlines()[1:]
    assert told[0].startswith("  Ramp(slope=")
    assert max(map(len, told)) <= 40


def test_a_claim_without_a_premise():
    """True for slopes below 3/2, by its premise; the search goes on only without it."""
    assert call("search", "ramp/narrow", "--trials", "60").exit_code == 0
    found = call("search", "ramp/narrow", "--trials", "60", "--ignore-premise", "slope <*")
    assert found.exit_code == 1
    assert "ramp/narrow~without slope <*: REFUTED" in found.output


def test_only_bounds_far_below_the_trivial_one_count():
    """The bound slope/2 is below a tenth of the trivial value 10 for every slope."""
    outputs = [
        call("search", "ramp/true", "--trials", "9", "--below", x).output for x in ("0.1", "0.02")
    ]
    assert "9 informative" in outputs[0]
    assert "9 informative" not in outputs[1]


@pytest.mark.parametrize(("share", "refuted"), [(0.6, True), (0.2, False)])
def test_a_claim_that_may_fail_in_some_initialisations(share, refuted, monkeypatch):
    """The bound fails in a share of the initialisations that its confidence allows, or not."""
    monkeypatch.setattr(Experiment, "bad", share)
    result = call("search", "ramp/rare", "--trials", "4")
    assert result.exit_code == int(refuted), result.output
    assert ("initialisations, allowed: a share 0.3" in result.output) is refuted
    assert ("lower limit/bound 0." in result.output) is not refuted  # not that of the worst one


def test_check_shows_the_counterexample(tmp_path):
    args = ["check", "--theorem", "ramp", "--no-figure", "--slope", "1.9", "--claims", "ramp/false"]
    path = tmp_path / "check.json"
    for extra, again in (
        ([], "with --json FILE, `replay FILE` runs it again"),
        (["--json", str(path)], f"run it again:\n  python -m verify replay {path}"),
    ):
        result = call(*args, *extra)
        assert result.exit_code == 1
        for part in ("counterexample to ramp/false", "case        Ramp(slope=1.9)",
                     "margin      measured/bound = 1.1", again):  # fmt: skip
            assert part in result.output


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
    assert result.output.count("recorded") == len(CLAIMS)  # each with its verdict


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


@pytest.mark.parametrize(
    "args",
    [["ramp/true", "--seconds", "0"], ["ramp/nothing"], ["ramp/true", "nothing*"], [],
     ["ramp/true", "--trials", "0"], ["ramp/true", "--budget", "1"], ["ramp/true", "--below", "0"],
     ["ramp/true", "--ignore-premise", "m >= *"], ["ramp/*", "--json", "/dev/null/x"]],
    ids=" ".join,
)  # fmt: skip
def test_bad_searches(args):
    result = call("search", *args)
    assert (result.exit_code, "Traceback" in result.output) == (2, False)


def test_no_device_where_the_configuration_has_none():
    case = replay.Case("ramp", Ramp(), "s")
    with pytest.raises(InvalidArgument, match="device"):
        replay.on_device(case, "cpu")
