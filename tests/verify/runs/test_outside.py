"""Claims that no measurement can serve: out of their regime with a reason, or missing."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.verify.urn import Urn, registered
from theory import InvalidArgument, claim, registry
from verify.command_line.program import main
from verify.experiments.kit import Measured, Observations, Trajectory, unless_diverged
from verify.judging.verdict import Verdict
from verify.runs import check as run
from verify.runs import replay
from verify.training.divergence import Diverged

WHY = "an urn with black balls is needed: the law is of their number"


@pytest.fixture
def urn(monkeypatch, tmp_path):
    """The only theorem of this test; `black` says of the colour what it gives."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(registry, "_THEOREMS", {})
    right = Urn.draw

    def draw(self, setting, wanted, tell):
        given = self.black if wanted == {"black"} else None
        return given if given else right(self, setting, wanted, tell)

    monkeypatch.setattr(Urn, "draw", draw)
    monkeypatch.setattr(Urn, "black", None, raising=False)
    return registered(monkeypatch, "urn")


def says(urn, measured):
    urn.black = measured


def check(*args):
    done = CliRunner().invoke(main, ["check", "--no-figure", *map(str, args)])
    return done, re.sub(r"\s+", " ", done.stdout)


def judged(**more):
    found = run.check("urn", run.registry.theorem("urn").load_configuration()(), salt="s",
                      budget=1e-6, **more)  # fmt: skip
    return {j.claim: j for j in found.judgements}, found


def test_a_reason_makes_it_out_of_the_regime(urn):
    says(urn, Measured.outside({"black"}, WHY))
    found, outcome = judged()
    assert found["urn/black"].verdict is Verdict.OUT_OF_REGIME
    assert found["urn/black"].reason == WHY
    assert not outcome.unjudged
    _, outcome = judged(patterns=["urn/black"])
    assert outcome.exit_code == 3  # it was asked for by name, and is no pass


def test_a_measurement_that_is_forgotten_is_missing(urn):
    """Whatever another quantity says; and then nothing passes."""
    for silent in (Measured({}), Measured({}, notes={"black": WHY}),
                   Measured.outside({"white"}, WHY), Measured.lacking({"black"}, WHY)):  # fmt: skip
        says(urn, silent)
        found, outcome = judged(patterns=["urn/true", "urn/black"])
        assert "urn/black" not in found
        assert outcome.unjudged["urn/black"].startswith("black is not measured")
        assert found["urn/true"].verdict is Verdict.HOLDS  # the other one cannot speak for it
        assert outcome.exit_code == 3


def test_why_it_is_missing_is_told(urn):
    says(urn, Measured.lacking({"black"}, "the jar broke"))
    _, text = check("--seeds", 400)
    assert "NOT JUDGED urn/black: black is not measured: the jar broke" in text


def test_a_measurement_that_fails_is_no_reason(urn):
    urn.error = RuntimeError("lost")
    done, text = check("--seeds", 400, "--claims", "urn/true,urn/black")
    assert done.exit_code == 4
    assert "NOT JUDGED urn/black" in text
    assert "urn/black: an urn" not in text


def test_what_the_table_json_and_replay_say(urn):
    says(urn, Measured.outside({"black"}, WHY))
    done, text = check("--claims", "urn/true,urn/black", "--seeds", 400, "--json", "o.json")
    assert done.exit_code == 3
    assert f"OUT_OF_REGIME, and the first premise that fails urn/black: {WHY}" in text
    assert "NOT JUDGED" not in text
    assert "1 out of regime" in text
    content = json.loads(Path("o.json").read_text())
    (row,) = [row for row in content["claims"] if row["claim"] == "urn/black"]
    assert (row["verdict"], row["reason"], row["premises"]) == ("OUT_OF_REGIME", WHY, [])
    assert content["not_judged"] == {}
    again = CliRunner().invoke(main, ["replay", "o.json"])
    assert again.exit_code == 0, again.output
    assert WHY in again.stdout
    says(urn, Measured({}))
    (case,) = replay.load_all("o.json")
    with pytest.raises(InvalidArgument, match="measured: no black"):
        replay.judge_again(case, replay.observe(case))


def test_at_home_it_is_no_pass(urn):
    says(urn, Measured.outside({"black"}, WHY))
    done, text = check()
    assert done.exit_code == 3
    assert WHY in text


def test_values_of_such_a_claim(urn):
    says(urn, Measured.outside({"black"}, WHY))
    done = CliRunner().invoke(main, ["show", "urn/black", "--values"])
    assert done.exit_code != 0
    assert WHY in str(done.exception or "") + done.output


def test_of_several_initialisations_all_must_say_so(urn):
    """One that is silent, and the quantity is missing."""
    said = Observations({}, Trajectory("k", np.arange(2.0), {}), out_of_regime={"black": WHY})
    silent = replace(said, out_of_regime={})
    black = claim("urn/black")
    assert run.out_of_regime(black, run._joined([said, said])) == WHY
    assert run.out_of_regime(black, run._joined([said, silent])) == ""
    assert run.out_of_regime(black, run._joined([silent, said])) == ""


@pytest.mark.parametrize(
    ("fields", "text"),
    [({"samples": {"a": None}, "out_of_regime": {"a": WHY}}, "measured and not measured: a"),
     ({"samples": {}, "out_of_regime": {"a": WHY}, "unmeasured": {"a": WHY}}, "not measured: a"),
     ({"samples": {}, "out_of_regime": {"a": " "}}, "needs a reason")],
)  # fmt: skip
def test_what_contradicts_itself(fields, text):
    with pytest.raises(ValueError, match=text):
        Measured(**fields)


def diverges(setting, wanted, tell):
    raise Diverged("smaller steps are needed")


def test_what_diverges_is_missing_unless_its_steps_break_a_premise():
    """A trainer that diverges in the regime must not go unseen."""
    told = unless_diverged(diverges)(1.0, {"a"}, None)
    assert (told.unmeasured, told.out_of_regime) == ({"a": "smaller steps are needed"}, {})
    measure = unless_diverged(diverges, lambda step: f"step {step} > 2" if step > 2 else "")
    assert measure(1.0, {"a"}, None).out_of_regime == {}
    told = measure(3.0, {"a"}, None)
    assert told.out_of_regime == {"a": "step 3.0 > 2: smaller steps are needed"}
    assert told.unmeasured == {}
    kept = unless_diverged(lambda *_: Measured({"a": None}), lambda _: "broken")(3.0, {"a"}, None)
    assert kept.out_of_regime == {}
