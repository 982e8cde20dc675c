"""Known counterexamples stay refuted, by the numbers on file; what is true beside them stands."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.counterexamples.write import CASES
from verify.command_line.program import main
from verify.experiments.masked_training.configuration import Configuration
from verify.runs import replay

HERE = Path(__file__).parent
SAME = 1e-3  # on other machines rounding makes neurons change sides at other steps
QUICK = HERE / "no-flips.json"


def call(*args):
    return CliRunner().invoke(main, ["replay", *map(str, args)])


def test_every_fixture_is_that_of_the_table():
    assert sorted(path.stem for path in HERE.glob("*.json")) == sorted(CASES)
    for name, (claims, fields, initialisations) in CASES.items():
        case = replay.load(HERE / f"{name}.json")
        found = [row.claim for row in case.rows], case.configuration, case.initialisations
        assert found == (claims, Configuration(**fields), initialisations)


@pytest.mark.parametrize("name", sorted(CASES))
def test_replayed(name):
    case = replay.load(HERE / f"{name}.json")
    found = replay.judge_again(case, replay.observe(case))
    verdicts = [each.judgement.verdict.value for each in found]
    assert verdicts == [each.recorded.verdict for each in found]
    false, *true = verdicts
    assert false == "REFUTED"
    assert "REFUTED" not in true
    # the claim in full is silent where it was refuted without one of its premises
    assert "HOLDS" in true or true == ["OUT_OF_REGIME"]
    for each in found:
        numbers = each.judgement.bound, each.judgement.measured
        on_file = each.recorded.bound, each.recorded.measured
        assert numbers == pytest.approx(on_file, rel=SAME, nan_ok=True)


def test_the_command():
    first, second = call(QUICK), call(QUICK)
    assert (first.exit_code, first.stdout) == (1, second.stdout)
    for part in (
        "link-2~everywhere: nu -> 0: REFUTED",
        "case        Configuration(data='sphere', samples=3",
        "Lambda*zeta <= 1: 0.3 <= 1 holds",
        "margin      measured/bound = ",  # infinite, but for rounding
        "recorded: HOLDS, measured/bound 0.16",
    ):
        assert part in first.stdout
    read = [line for line in first.stdout.splitlines() if not line.startswith("  case ")]
    assert max(map(len, read)) <= 80


@pytest.mark.parametrize("claims", [["link-2"], ["link-2", "identity/surrogate-loss"]])
def test_a_verdict_that_changed(claims, tmp_path):
    content = json.loads(QUICK.read_text())
    content["claims"] = [{"claim": claim, "level": 1e-8, "verdict": "REFUTED"} for claim in claims]
    path = tmp_path / "case.json"
    path.write_text(json.dumps(content))
    result = call(path)
    assert result.exit_code == 3
    assert "link-2: HOLDS" in result.output
    assert "recorded: REFUTED" in result.output


ROW = {"claim": "link-2", "level": 0.0, "verdict": "HOLDS"}
EDITS = {
    "unknown claim": ({"claims": [ROW | {"claim": "link-9"}]}, "such as link-2"),
    "claim that is no text": ({"claims": [ROW | {"claim": 5}]}, "a case"),
    "unknown slip": ({"claims": [ROW | {"claim": "link-2~bound: nu -> 7"}]}, "of link-2"),
    "unknown premise": (
        {"claims": [ROW | {"claim": "link-2~without m >= *"}]}, "a premise of link-2",
    ),
    "unknown verdict": ({"claims": [ROW | {"verdict": "MAYBE"}]}, "one of HOLDS"),
    "level above 1": ({"claims": [ROW | {"level": 2}]}, "level = 2.0: must be in [0, 1)"),
    "level that is no number": ({"claims": [ROW | {"level": "low"}]}, "a case"),
    "row without level": ({"claims": [{"claim": "link-2", "verdict": "HOLDS"}]}, "'level'"),
    "no claims": ({"claims": []}, "at least one claim"),
    "no initialisations": ({"initialisations": 0}, "an integer >= 1"),
    "salt that is no text": ({"salt": 5}, "salt = 5: must be text"),
    "unknown theorem": ({"theorem": "another"}, "one of masked-training"),
    "unknown field": ({"configuration": {"depth": 3}}, "'depth'"),
    "field out of its domain": ({"configuration": {"width": 0}}, "an integer >= 1"),
    "field of another type": ({"configuration": {"width": "64"}}, "an integer >= 1"),
    "configuration that is none": ({"configuration": [1]}, "a case"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_edited_files(edit, tmp_path):
    change, allowed = EDITS[edit]
    path = tmp_path / "case.json"
    path.write_text(json.dumps(json.loads(QUICK.read_text()) | change))
    result = call(path)
    assert (result.exit_code, allowed in result.output) == (2, True), result.output


ALIEN = {
    "cut short": (QUICK.read_bytes()[:100], "JSON"),
    "a list": (b"[]", "a case"),
    "a number": (b"7", "a case"),
    "not text": (b"\xff\x00\xfe", "JSON"),
    "empty": (b"", "JSON"),
}


@pytest.mark.parametrize("what", ALIEN)
def test_alien_files(what, tmp_path):
    content, allowed = ALIEN[what]
    path = tmp_path / "case.json"
    path.write_bytes(content)
    result = call(path)
    (line,) = result.output.replace("\n  ", " ").splitlines()
    assert (result.exit_code, allowed in line) == (2, True), result.output
