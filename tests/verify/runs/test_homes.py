"""Claims judged at their homes: what counts, what is known, what is out of reach; all theorems."""

import json
import math
import re
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.verify.urn import (
    CLAIMS,
    HOMES,
    KNOWN,
    WIDTH,
    Draws,
    m,
    n,
    of_mean,
    registered,
    share,
)
from theory import InvalidArgument, registry
from verify.command_line.program import main
from verify.experiments.kit import Home
from verify.judging.verdict import Verdict
from verify.reporting import report
from verify.runs import check as run


@pytest.fixture
def urn(monkeypatch, tmp_path):
    """The only theorem of this test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(registry, "_THEOREMS", {})
    return registered(monkeypatch, "urn")


def call(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def check(*args):
    return call("check", "--no-figure", *args)


def words(result):
    return re.sub(r"\s+", " ", result.stdout)


def rows(path="o.json"):
    return {row["claim"]: row for row in json.loads(Path(path).read_text())["claims"]}


# ---- what is shown, and what counts --------------------------------------------------------------


@pytest.mark.parametrize("premise", [n >= 9, m <= 10])
def test_out_of_reach_excuses_no_other_premise(urn, monkeypatch, premise):
    """Of a width that would be enough the claim is excused; not of what no width repairs."""
    changed = of_mean("wide", share * 2, premises=[m >= WIDTH, premise])
    claims = tuple(changed if claim.name == "urn/wide" else claim for claim in CLAIMS)
    monkeypatch.setattr(sys.modules["urn_theorem"], "CLAIMS", claims)
    done = check("--json", "o.json")
    assert done.exit_code == 3, done.output
    assert rows()["urn/wide"]["state"] == "OUT_OF_REGIME"
    assert "OUT_OF_REACH" not in words(done)


def test_every_claim_at_its_home(urn):
    done = check("--json", "o.json")
    assert done.exit_code == 0, done.output
    shown = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("urn/")}
    assert "urn/wide" not in shown  # no numbers
    for name, word, letter in (
        ("true", "HOLDS", "a"), ("twin", "HOLDS", "a"), ("few", "HOLDS", "b"),
        ("printed", "REFUTED (known)", "a"), ("black", "HOLDS", "a"),
    ):  # fmt: skip
        assert re.fullmatch(rf"urn/{name} +{re.escape(word)} .* {letter}", shown[f"urn/{name}"])
    text = words(done)
    assert "OUT_OF_REACH urn/wide: m >= 2.5e+16" in text
    assert "b seeds=300, share=0.25" in text
    assert "a the defaults" in text
    assert "counterexample" not in text  # it is known
    assert "4 hold, 0 refuted, 1 refuted as known, 1 out of reach; salt theorem-gate" in text


def test_homes_of_the_same_words_share_a_letter(urn):
    """That of `printed`, which is known to be false there, is told once, with that of `true`."""
    outcomes = run.at_home("urn", salt="s", budget=1e-6)
    assert sum(report.where(outcome) == "the defaults" for outcome in outcomes) > 1
    assert check().stdout.count("the defaults") == 1


def test_json(urn):
    check("--json", "o.json", "--budget", 6e-5)
    content = json.loads(Path("o.json").read_text())
    assert (content["theorem"], content["exit_code"], content["budget"]) == ("urn", 0, 6e-5)
    found = rows()
    states = {name.removeprefix("urn/"): row["state"] for name, row in found.items()}
    assert states == {"true": "HOLDS", "twin": "HOLDS", "few": "HOLDS", "black": "HOLDS",
                      "printed": "REFUTED_KNOWN", "wide": "OUT_OF_REACH"}  # fmt: skip
    assert found["urn/wide"]["verdict"] == "OUT_OF_REGIME"
    assert found["urn/printed"]["verdict"] == "REFUTED"
    assert {name: row["needs"] for name, row in found.items() if row["needs"]} == {
        "urn/wide": "m >= 2.5e+16"
    }
    assert {name: row["known_false"] for name, row in found.items() if row["known_false"]} == {
        "urn/printed": KNOWN
    }
    assert [row["level"] for row in found.values()] == pytest.approx([1e-5] * len(CLAIMS))
    homes = content["homes"]
    assert homes[found["urn/few"]["home"]]["configuration"] == {"seeds": 300, "share": 0.25}
    assert [row["claim"] for row in homes[found["urn/true"]["home"]]["claims"]] == [
        "urn/true", "urn/twin", "urn/black",
    ]  # fmt: skip


def test_what_shares_a_home_is_trained_once_and_what_is_out_of_reach_hardly(urn):
    check()
    runs = [(colour, configuration.seeds) for colour, _, configuration in urn.runs]
    assert runs == [("white", 400), ("black", 400), ("white", 300), ("white", 10)]


def test_what_is_known_to_be_false_shares_the_training_of_its_home(urn):
    outcomes = run.at_home("urn", salt="s", budget=1e-6)
    at = {name: outcome for outcome in outcomes for name in outcome.claims}
    assert at["urn/printed"].observations is at["urn/true"].observations
    assert [at["urn/printed"].home.known_false, at["urn/true"].home.known_false] == [KNOWN, ""]
    assert at["urn/printed"].home.training == at["urn/true"].home.training


def test_a_known_refutation_that_is_gone(urn):
    urn.homes["urn/printed"] = replace(HOMES["urn/printed"], configuration=Draws(seeds=401))
    urn.white[Draws(seeds=401)] = 0.1
    done = check("--json", "o.json")
    assert done.exit_code == 1
    text = words(done)
    assert "HOLDS (not REFUTED)" in text
    assert f"HOLDS (not REFUTED) urn/printed: {KNOWN}" in text
    assert "1 no longer refuted" in text
    assert rows()["urn/printed"]["state"] == "HOLDS (not REFUTED)"


@pytest.mark.parametrize("premises", [[m >= 65], []], ids=["out of regime", "too few draws"])
def test_a_known_refutation_that_says_nothing_is_gone_too(monkeypatch, urn, premises):
    silent = replace(CLAIMS[3], build=lambda: replace(CLAIMS[3].build(), premises=premises))
    monkeypatch.setattr(sys.modules["urn_theorem"], "CLAIMS", (CLAIMS[0], silent))
    urn.homes["urn/printed"] = Home(Draws(seeds=2), known_false=KNOWN)
    done = check()
    assert done.exit_code == 1
    assert "(not REFUTED)" in words(done) or "no longer refuted" in words(done)


def test_no_numbers_are_no_known_refutation(urn):
    """A trainer that gives no numbers refutes everything, and does not find a counterexample."""
    urn.homes["urn/printed"] = replace(HOMES["urn/printed"], configuration=Draws(seeds=401))
    done = check("--json", "o.json", "--claims", "urn/printed")
    assert done.exit_code == 0
    assert call("replay", "o.json").exit_code == 0
    urn.white[Draws(seeds=401)] = math.nan
    assert call("replay", "o.json").exit_code == 1
    done = check("--json", "o.json", "--claims", "urn/printed")
    assert done.exit_code == 1
    assert rows()["urn/printed"]["state"] == "REFUTED"
    assert "REFUTED (known)" not in words(done)
    assert "REFUTED urn/printed: 401 of 401 measured values are not finite" in words(done)


def test_what_is_refuted_without_being_known(urn):
    urn.homes["urn/printed"] = Home(Draws())
    done = check()
    assert done.exit_code == 1
    assert "counterexample to urn/printed" in words(done)
    assert "1 refuted, 1 out of reach;" in words(done)


def test_a_claim_out_of_its_regime_at_home_is_no_pass(urn):
    del urn.homes["urn/wide"]
    done = check()
    assert done.exit_code == 3
    assert "OUT_OF_REGIME, and the first premise that fails urn/wide: m >= " in words(done)
    assert "1 out of regime" in words(done)


def test_a_claim_that_nothing_measures_is_no_pass(monkeypatch, urn):
    green = of_mean("green", share, quantity="green")
    monkeypatch.setattr(sys.modules["urn_theorem"], "CLAIMS", (CLAIMS[0], green))
    done = check()
    assert done.exit_code == 3
    assert "NOT JUDGED urn/green: green is not measured" in words(done)


@pytest.mark.parametrize(
    ("claims", "code", "ran"),
    [("urn/true", 0, 1), ("urn/few,urn/black", 0, 2), ("urn/printed", 0, 1), ("urn/wide", 3, 1),
     ("urn/true,urn/wide", 0, 2), ("urn/t*", 0, 1)],
)  # fmt: skip
def test_claims_by_name_at_home(urn, claims, code, ran):
    assert check("--claims", claims).exit_code == code
    assert len(urn.runs) == ran


def test_with_an_option_all_claims_are_judged_there(urn):
    done = check("--seeds", 500, "--json", "o.json")
    assert done.exit_code == 1  # of what is known nothing is said of this configuration
    assert {configuration for *_, configuration in urn.runs} == {Draws(seeds=500)}
    assert "homes" not in json.loads(Path("o.json").read_text())
    assert rows()["urn/wide"]["state"] == "OUT_OF_REGIME"
    assert rows()["urn/printed"]["state"] == "REFUTED"
    assert "500 runs" in done.stdout
    urn.runs.clear()
    assert check("--seeds", 400, "--claims", "urn/few").exit_code == 0  # a default that is given
    assert {configuration for *_, configuration in urn.runs} == {Draws()}


def test_initialisations_of_a_home(urn):
    urn.homes["urn/few"] = replace(HOMES["urn/few"], initialisations=3)
    outcomes = run.at_home("urn", salt="s", budget=1e-6, patterns=["urn/few"])
    assert [salt for _, salt, _ in urn.runs] == ["s", "s/1", "s/2"]
    (outcome,) = outcomes
    samples = outcome.observations.of("white")
    assert len(samples) == 3
    assert len({each.values.tobytes() for each in samples}) == 3
    check("--claims", "urn/few", "--json", "o.json")
    assert json.loads(Path("o.json").read_text())["homes"][0]["initialisations"] == 3
    assert "3 initialisations" in words(check("--claims", "urn/few"))


def test_progress_over_all_homes(urn):
    told = []
    run.at_home("urn", salt="s", budget=1e-6, progress=lambda *each: told.append(each))
    done, totals = zip(*told, strict=True)
    assert set(totals) == {3}
    assert all(a <= b for a, b in pairwise(done))
    assert done[-1] == 3


# ---- what is not finished ------------------------------------------------------------------------


def test_verdicts_of_what_was_finished_are_shown(urn):
    urn.error = RuntimeError("the black ones are lost")
    done = check("--json", "o.json")
    assert done.exit_code == json.loads(Path("o.json").read_text())["exit_code"] == 4
    assert done.stderr.splitlines()[-1] == (
        "error: not finished: black: RuntimeError: the black ones are lost"
    )
    assert rows()["urn/true"]["verdict"] == rows()["urn/few"]["verdict"] == "HOLDS"
    assert "NOT JUDGED urn/black: black is not measured" in words(done)
    assert "3 hold" in words(done)
    given = check("--seeds", 400, "--claims", "urn/true,urn/black")
    assert given.exit_code == 4
    assert re.search(r"^urn/true +HOLDS", given.stdout, re.MULTILINE)


def test_a_home_where_nothing_was_found_leaves_the_others(urn):
    urn.error = RuntimeError("the black ones are lost")
    urn.homes["urn/black"] = Home(Draws(seeds=500))
    done = check("--json", "o.json")
    assert done.exit_code == 4
    assert done.stderr.count("not finished: black: RuntimeError: the black ones are lost") == 1
    assert rows()["urn/true"]["verdict"] == rows()["urn/few"]["verdict"] == "HOLDS"
    assert "NOT JUDGED urn/black: black is not measured" in words(done)
    urn.error = None
    assert call("replay", "o.json").exit_code == 0


def test_a_refutation_is_one_though_the_rest_is_not_finished(urn):
    urn.error = RuntimeError("lost")
    urn.homes["urn/printed"] = Home(Draws())
    assert check().exit_code == 1


def test_an_invalid_argument_is_wrong_usage(urn):
    urn.error = InvalidArgument("share", 0.5, "black on white")
    done = check()
    assert done.exit_code == 2
    assert "--share = 0.5: must be black on white" in done.stderr


# ---- again ---------------------------------------------------------------------------------------


def test_the_json_of_homes_replays(urn):
    check("--json", "o.json")
    before = {(colour, salt, configuration) for colour, salt, configuration in urn.runs}
    urn.runs.clear()
    again = call("replay", "o.json")
    assert set(urn.runs) == before
    assert again.exit_code == 0  # of what is known, the refutation is seen again
    assert again.output.count("recorded: ") == len(CLAIMS)
    urn.homes["urn/printed"] = Home(Draws())
    assert call("replay", "o.json").exit_code == 1
    urn.homes["urn/printed"] = Home(Draws(seeds=3), known_false=KNOWN)
    assert call("replay", "o.json").exit_code == 1
    urn.homes["urn/printed"] = HOMES["urn/printed"]
    check("--json", "o.json", "--claims", "urn/true,urn/few,urn/wide")
    assert call("replay", "o.json").exit_code == 0
    urn.white[Draws()] = 0.0
    changed = json.loads(Path("o.json").read_text())
    changed["homes"][0]["claims"][0]["verdict"] = "VACUOUS"
    Path("o.json").write_text(json.dumps(changed))
    assert call("replay", "o.json").exit_code == 3


# ---- all theorems --------------------------------------------------------------------------------


@pytest.fixture
def both(urn, monkeypatch):
    """Before it a theorem of one claim: what is registered last comes first."""
    other = replace(CLAIMS[0], name="vase/true")
    return urn, registered(monkeypatch, "vase", (other,))


def test_all(both):
    done = check("--all", "--json", "o.json")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("vase: 1 hold, 0 refuted")
    assert lines[1].startswith("urn: 4 hold, 0 refuted, 1 refuted as known, 1 out of reach; ")
    assert "OUT_OF_REACH urn/wide: m >= 2.5e+16" in words(done)
    assert "salt theorem-gate, budget 1e-06 over all" in lines
    assert max(map(len, lines)) <= 80
    content = json.loads(Path("o.json").read_text())
    assert content["exit_code"] == 0
    assert [each["theorem"] for each in content["theorems"]] == ["vase", "urn"]
    levels = [row["level"] for each in content["theorems"] for row in each["claims"]]
    assert levels == pytest.approx([1e-6 / 2] + [1e-6 / 2 / len(CLAIMS)] * len(CLAIMS))
    quiet = check("--all", "--quiet").stdout.splitlines()
    assert [line.partition(":")[0] for line in quiet] == ["vase", "urn"]
    again = call("replay", "o.json")
    assert again.output.count("recorded: ") == len(CLAIMS) + 1


def test_exit_code_of_all(both):
    urn, vase = both
    vase.homes["vase/true"] = Home(Draws(seeds=2))  # too few
    assert check("--all").exit_code == 3
    urn.error = RuntimeError("lost")
    done = check("--all", "--json", "o.json")
    assert done.exit_code == json.loads(Path("o.json").read_text())["exit_code"] == 4
    assert "NOT JUDGED urn/black" in words(done)
    assert "UNDERPOWERED vase/true" in words(done)
    vase.white[Draws(seeds=2)] = vase.white[Draws(seeds=300)] = 9.0
    vase.homes["vase/true"] = Home(Draws(seeds=300))
    assert check("--all").exit_code == 1


@pytest.mark.parametrize(
    ("args", "flag"),
    [(["--theorem", "vase"], "--theorem = 'vase'"), (["--claims", "urn/true"], "--claims = "),
     (["--seeds", 400], "--seeds = 400"), (["--budget", 2], "budget = 2.0: must be in (0, 1)")],
)  # fmt: skip
def test_options_that_do_not_go_with_all(both, args, flag):
    done = check("--all", *args)
    assert done.exit_code == 2
    assert flag in done.stderr
    assert both[0].runs == []


def test_states_of_outcomes(urn):
    by_name = {j.claim: (o, j) for o in run.at_home("urn", salt="s", budget=1e-6)
               for j in o.judgements}  # fmt: skip
    for name, fails, counts in (
        ("true", False, True), ("printed", False, True), ("wide", False, False),
    ):  # fmt: skip
        outcome, judgement = by_name[f"urn/{name}"]
        assert (outcome.fails(judgement), outcome.counts(judgement)) == (fails, counts)
    outcome, judgement = by_name["urn/printed"]
    assert outcome.fails(replace(judgement, verdict=Verdict.HOLDS))


def test_an_outcome_shows_itself_in_notebooks(urn):
    found = {o.home: o for o in run.at_home("urn", salt="a", budget=1e-3)}
    (printed,) = [o for o in found.values() if o.home.known_false]
    assert "<td>REFUTED (known)</td>" in printed._repr_html_()
    lacking = replace(printed, unjudged={"urn/black": "no <black> balls"})
    assert "<p>urn/black: not judged, no &lt;black&gt; balls</p>" in lacking._repr_html_()
