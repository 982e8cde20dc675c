"""The gate lets a test pass only if every claim it was given was tested and stood."""

import json
import math
import re
import sys
import types
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp

import verify.judging.verdict
from theory import (
    EXACT_LAW,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    UPPER_PROBABILITY,
    Claim,
    InvalidArgument,
    laws,
    registry,
)
from theory.language.claim import Quantity, Statement
from verify.experiments.kit import Home, Observations, Trajectory
from verify.judging.budget import Budget
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict
from verify.pytest_plugin.gate import ClaimNotInformative, ClaimRefuted, Gate, Ledger
from verify.pytest_plugin.plugin import _cases_directory
from verify.runs import replay
from verify.runs.plain import scalar
from verify.runs.replay import Case

b = sp.Symbol("b")
MEAN = Claim.of("toy/mean", b, kind=UPPER_EXPECTATION, source="toy, (1)", premises=[b > 0])
PATH = Claim.of("toy/path", b, kind=UPPER_PATHWISE, source="toy, (2)", premises=[b > 0])


def rare(delta):
    """The claim on the mean, which may fail in a share `delta` of the initialisations."""
    name, quantity = "toy/rare", Quantity("measured", "measured", "measured")
    statement = Statement(b + 0 * sp.Symbol("delta"), (b > 0, sp.Symbol("delta") < 1))
    return Claim(name, "toy, (3)", UPPER_EXPECTATION, quantity, lambda: statement,
                 confidence="delta"), {"delta": delta}  # fmt: skip


def sample(mean=1.5, bound=2.0, seeds=400, **symbols):
    spread = np.random.default_rng(1).uniform(0.9, 1.1, (1, seeds))
    return Sample(mean * spread, {"b": bound, **symbols}, trivial=100.0)


HOLDS = sample()
REFUTED = sample(mean=3.0)
VACUOUS = sample(bound=1000.0)
UNDERPOWERED = sample(seeds=2)
OUT_OF_REGIME = sample(bound=-1.0)
SILENT = {"VACUOUS": VACUOUS, "UNDERPOWERED": UNDERPOWERED, "OUT_OF_REGIME": OUT_OF_REGIME}


def opened(checks=1, share=None, salt="0", test="test_toy.py::test", cases=lambda: None):
    """A gate during a test, as the plugin opens it, and its ledger."""
    gate = Gate(Budget(), salt, cases)
    gate._ledger = Ledger(test, gate.budget.per_check(checks), checks, share)
    return gate, gate._ledger


def test_holds():
    gate, ledger = opened(checks=4)
    judgement = gate.check(MEAN, HOLDS)
    assert judgement.passed
    assert judgement.level == gate.level == 1e-6 / 64 / 4
    assert ledger.refusal() == ""


def test_one_name_is_one_claim_in_a_session():
    """Two claims that share a row would share its informative share."""
    gate, _ = opened(checks=9)
    gate.check(MEAN, HOLDS)
    gate.check(
        Claim.of("toy/mean", b, kind=UPPER_EXPECTATION, source="again", premises=[b > 0]), HOLDS
    )
    twice = Claim.of("toy/mean", 2 * b, kind=UPPER_EXPECTATION, source="toy, (4)", premises=[b > 0])
    with pytest.raises(InvalidArgument, match=r"^claim = 'toy/mean': .*toy, \(1\).*toy, \(4\)"):
        gate.check(twice, HOLDS)


def test_refuted():
    gate, ledger = opened(salt="seven")
    with pytest.raises(ClaimRefuted) as caught:
        gate.check(MEAN, REFUTED, detail="twice the rate")
    message = str(caught.value)
    for part in ("toy/mean: REFUTED", "toy, (1)", "bound       2", "lower limit 2.", "b = 2",
                 "checkpoint  0 of 1", "premises    b > 0: 2 > 0 holds",
                 "margin      measured/bound = 1.4", "lower limit/bound = 1.",
                 "--claims-salt=seven", "test_toy.py::test", "twice the rate"):  # fmt: skip
        assert part in message
    assert "caught a failure" in ledger.refusal()


def test_a_refuted_probability_has_neither_lower_limit_nor_checkpoint():
    gate, _ = opened()
    rare = Claim.of("toy/rare", b, kind=UPPER_PROBABILITY, source="toy, (5)")
    with pytest.raises(ClaimRefuted, match="200 failures in 400 trials") as caught:
        gate.check(rare, Sample(np.arange(400) % 2, {"b": 0.1}))
    assert re.search(r"^  measured    0\.5 .*\n  margin", str(caught.value), re.MULTILINE)
    assert "checkpoint" not in str(caught.value)


def test_a_bound_that_holds_with_probability():
    """One sample per draw: of 400 draws a share 0.05 fails, where a share delta may."""
    gate, _ = opened(checks=4)
    values = np.where(np.arange(400) % 20 == 0, 3.0, 1.0)
    draws = [Sample([value], {"b": 2.0, "delta": 0.1}) for value in values]
    often = Claim.of("toy/often", b, kind=UPPER_PATHWISE, source="toy, (6)", confidence="delta")
    judgement = gate.check(often, draws)
    assert judgement.passed
    assert judgement.factor == pytest.approx(2.0)  # most draws are 1
    strict = [Sample([value], {"b": 2.0, "delta": 0.001}) for value in values]
    with pytest.raises(ClaimRefuted) as caught:
        gate.check(often, strict)
    said = re.sub(r"\s+", " ", str(caught.value))
    for part in ("fails in 20 of 400", "for all but a share delta of the initialisations"):
        assert part in said
    always = Claim.of("toy/always", b, kind=UPPER_PATHWISE, source="toy, (6)")
    with pytest.raises(ClaimRefuted):  # the planted twin: an exception that is forgotten
        gate.check(always, draws)


@pytest.mark.parametrize("verdict", SILENT)
def test_silent_verdicts_fail(verdict):
    gate, ledger = opened()
    with pytest.raises(ClaimNotInformative, match=f"toy/mean: {verdict}\n"):
        gate.check(MEAN, SILENT[verdict])
    assert "caught a failure" in ledger.refusal()


@pytest.mark.parametrize("verdict", SILENT)
def test_silent_verdicts_within_the_share(verdict):
    gate, ledger = opened(checks=2, share=0.5)
    assert gate.check(MEAN, SILENT[verdict]).verdict.value == verdict
    assert f"toy/mean: 0.00 ({verdict} 1)" in ledger.refusal()
    gate.check(MEAN, HOLDS)
    assert ledger.refusal() == ""


def test_refutation_is_no_matter_of_share():
    gate, ledger = opened(checks=100, share=0.01)
    gate.check(MEAN, HOLDS)
    with pytest.raises(ClaimRefuted):
        gate.check(MEAN, REFUTED)
    assert ledger.refusal()


@pytest.mark.parametrize(
    ("share", "holds", "of", "passes"),
    [(0.6, 3, 5, True), (0.6, 2, 5, False), (0.55, 11, 20, True), (0.55, 10, 20, False),
     (1.0, 3, 3, True), (1.0, 2, 3, False)],
)  # fmt: skip
def test_share(share, holds, of, passes):
    gate, ledger = opened(checks=of, share=share)
    for i in range(of):
        gate.check(MEAN, HOLDS if i < holds else VACUOUS)
    assert (ledger.refusal() == "") is passes


def test_share_is_asked_of_every_claim():
    gate, ledger = opened(checks=4, share=0.5)
    other = Claim.of("toy/other", b, kind=UPPER_EXPECTATION, source="toy, (4)")
    for _ in range(3):
        gate.check(MEAN, HOLDS)
    gate.check(other, VACUOUS)
    assert "toy/other: 0.00" in ledger.refusal()
    assert "toy/mean" not in ledger.refusal()


def test_pathwise_claims_cost_nothing():
    gate, ledger = opened(checks=1)
    for _ in range(3):
        assert gate.check(PATH, HOLDS).level == 0
    gate.check(MEAN, HOLDS)
    assert ledger.refusal() == ""
    assert sum(row["level"] for row in ledger.rows) == gate.level


def test_pathwise_claims_are_tested_once_at_least():
    gate, ledger = opened(share=0.9)
    for _ in range(5):
        gate.check(PATH, VACUOUS)
    assert "toy/path: 0.00" in ledger.refusal()
    gate.check(PATH, HOLDS)
    assert ledger.refusal() == ""


def test_overspent():
    gate, ledger = opened(checks=2)
    for expected in ("", "", "3 checks, 2 declared"):
        gate.check(MEAN, HOLDS)
        assert (expected in ledger.refusal()) if expected else (ledger.refusal() == "")


def test_nothing_judged():
    gate, ledger = opened()
    gate.seed("a")
    assert "judged nothing" in ledger.refusal()


def test_shrinking_is_not_counted():
    gate, ledger = opened(checks=2)
    gate.check(MEAN, HOLDS)
    for _ in range(5):
        with pytest.raises(ClaimRefuted):
            gate.check(MEAN, REFUTED)
        gate.check(MEAN, HOLDS)
    assert [row["verdict"] for row in ledger.rows] == ["HOLDS", "REFUTED"]
    assert "overspent" not in ledger.refusal()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("claim", [MEAN, PATH], ids=lambda claim: claim.name)
def test_not_finite(claim, bad):
    gate, _ = opened(share=0.1)
    values = np.where(np.arange(400) == 7, bad, HOLDS.values)
    with pytest.raises(ClaimRefuted, match="1 of 400 measured values are not finite"):
        gate.check(claim, Sample(values, HOLDS.symbols, trivial=100.0))


def test_not_finite_in_an_initialisation_that_may_fail():
    claim, symbols = rare(0.9)
    good = [sample(**symbols) for _ in range(250)]
    gate, _ = opened()
    assert gate.check(claim, good).passed
    bad = Sample(HOLDS.values * math.nan, good[0].symbols, trivial=100.0)
    with pytest.raises(ClaimRefuted, match="400 measured values are not finite"):
        gate.check(claim, [*good, bad])


@pytest.mark.parametrize("name", ["bound", "measured"])
def test_judge_that_lets_nan_pass(monkeypatch, name):
    numbers = {"bound": 2.0, "measured": 1.0, name: math.nan}
    passing = Judgement("toy/mean", Verdict.HOLDS, **numbers)
    monkeypatch.setattr(verify.judging.verdict, "judge_initialisations", lambda *_: passing)
    gate, _ = opened(share=0.1)
    with pytest.raises(ClaimRefuted, match="cannot be compared"):
        gate.check(MEAN, HOLDS)


def test_seed():
    gate, _ = opened(salt="s", test="t")
    assert gate.seed() == "s/t"
    assert gate.seed("masks", 3) == "s/t/masks/3"
    other, _ = opened(salt="s", test="u")
    assert other.seed() != gate.seed()


def test_closed():
    gate = Gate(Budget(), "0")
    for use in (lambda: gate.level, gate.seed, lambda: gate.check(MEAN, HOLDS)):
        with pytest.raises(RuntimeError, match="open only in a test"):
            use()


@pytest.mark.parametrize("share", [0, -0.5, 1.5, math.nan])
def test_invalid_share(share):
    with pytest.raises(InvalidArgument, match=r"^share = "):
        opened(share=share)


def test_no_samples():
    gate, _ = opened()
    with pytest.raises(InvalidArgument, match="samples"):
        gate.check(MEAN, [])


def test_values_at_the_checkpoint():
    values = np.random.default_rng(1).uniform(0.9, 1.1, (3, 400)) * [[1.0], [1.0], [9.0]]
    gate, _ = opened()
    bounds = np.array([2.0, 3.0, 4.0])
    with pytest.raises(ClaimRefuted, match=r"b = 4\n(.|\n)*") as caught:
        gate.check(MEAN, Sample(values, {"b": bounds}, trivial=100.0))
    assert "checkpoint  2 of 3" in str(caught.value)


def test_a_refutation_on_a_path_names_checkpoint_and_run_and_no_error():
    """A path has neither a standard error nor a confidence limit; a law has both, of a share."""
    gate, _ = opened(checks=9)
    path = Claim.of("toy/path", b, kind=UPPER_PATHWISE, source="toy, (7)")
    values = np.ones((3, 400))
    values[2, 7] = 9.0
    with pytest.raises(ClaimRefuted) as caught:
        gate.check(path, Sample(values, {"b": [2.0, 3.0, 4.0]}))
    message = str(caught.value)
    assert re.search(r"measured    9\n  margin .*\n  checkpoint  2 of 3, run 7 of 400\n", message)
    assert "values      b = 4\n" in message
    law = Claim.of("toy/law", laws.Normal(b, 1), kind=EXACT_LAW, source="toy, (8)")
    drawn = np.random.default_rng(0).normal([[0.0], [0.0], [5.0]], size=(3, 400))
    with pytest.raises(ClaimRefuted, match=r"checkpoint  2 of 3, run \d+ of 400\n"):
        gate.check(law, Sample(drawn, {"b": [0.0, 0.0, 4.0]}))


def test_a_law_without_a_distribution_function_says_where():
    gate, _ = opened()
    law = Claim.of("toy/law", laws.Normal(0, b), kind=EXACT_LAW, source="toy, (8)")
    with pytest.raises(ClaimNotInformative) as caught:
        gate.check(law, Sample(np.zeros((3, 400)), {"b": [1.0, 0.0, 1.0]}, given=1))
    assert "reason      400 of 1200 probabilities are not in [0, 1]" in str(caught.value)
    assert "at checkpoint 1:" in re.sub(r"\s+", " ", str(caught.value))
    assert max(map(len, str(caught.value).splitlines())) <= 76
    assert "values      b = 0\n" in str(caught.value)
    assert "nan" not in str(caught.value)


def test_a_wrong_argument_is_shown_where_the_test_has_it():
    gate, _ = opened()
    with pytest.raises(InvalidArgument, match=r"^b\.shape") as caught:
        gate.check(MEAN, Sample(np.ones((3, 400)), {"b": np.ones(4)}))
    (shown,) = caught.traceback.filter(caught)
    assert shown.name == "test_a_wrong_argument_is_shown_where_the_test_has_it"


def test_values_of_several_initialisations():
    gate, _ = opened()
    with pytest.raises(ClaimRefuted, match=r"b = 2 \.\. 2\.5"):
        gate.check(MEAN, [REFUTED, sample(mean=3.0, bound=2.5)])


def test_rows_are_builtin():
    gate, ledger = opened(checks=2, share=0.1)
    gate.check(MEAN, Sample(HOLDS.values, {"b": 2.0}, trivial=100.0, share=np.float64(1)))
    gate.check(MEAN, OUT_OF_REGIME)
    sent = json.loads(ledger.unsent())
    assert sent == ledger.rows
    assert json.loads(ledger.unsent()) == []
    assert {type(value) for row in ledger.rows for value in row.values()} == {str, int, float, bool}
    assert sent[1]["measured"] == "nan"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(math.nan, "nan"), (-math.inf, "-inf"), (np.float64(2), 2.0), (np.int64(2), 2),
     (np.float32(np.inf), "inf"), (np.bool_(True), True), ("x", "x"), (None, None)],
)  # fmt: skip
def test_scalar(value, expected):
    assert scalar(value) == expected
    assert type(scalar(value)) is type(expected)


# --- counterexamples ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Toy:
    mean: float = 1.5
    seeds: int = 400


class Experiment:
    configuration = Toy

    def home(self, claim):
        return Home(Toy())

    def observe(self, configuration, *, salt, quantities=None, progress=None):
        found = {"measured": sample(configuration.mean, seeds=configuration.seeds)}
        return Observations(found, Trajectory("round", np.arange(1), {}))


@pytest.fixture
def toy(monkeypatch):
    """A registered theorem with the claims of this file."""
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    module = types.ModuleType("toy_theorem")
    module.CLAIMS, module.EXPERIMENT, module.Configuration = (MEAN, PATH), Experiment(), Toy
    monkeypatch.setitem(sys.modules, "toy_theorem", module)
    registry.register(registry.Theorem("toy", "toy_theorem", "toy_theorem"))
    replay.claim_named.cache_clear()
    yield
    replay.claim_named.cache_clear()


def refuse(gate, claim=MEAN, samples=REFUTED, case=None):
    case = case or Case("toy", Toy(mean=3.0), "salt")
    with pytest.raises(ClaimRefuted) as caught:
        gate.check(claim, samples, case=case)
    return str(caught.value)


@pytest.mark.usefixtures("toy")
def test_a_refutation_is_written_and_replayed(tmp_path):
    gate, ledger = opened(cases=lambda: tmp_path / "new")
    message = refuse(gate)
    (path,) = (tmp_path / "new").iterdir()
    assert "  case        Toy(mean=3.0)\n" in message
    assert f"  replay      replay {path} (of the program that registers toy)\n" in message
    case = replay.load(path)
    assert (case.configuration, case.salt, case.initialisations) == (Toy(3.0), "salt", 1)
    (again,) = replay.judge_again(case, replay.observe(case))
    assert again.same
    assert again.judgement.level == ledger.level
    assert again.judgement.measured == again.recorded.measured


@pytest.mark.usefixtures("toy")
def test_one_file_per_test_and_claim(tmp_path):
    for mean in (9.0, 5.0, 3.0):  # as in shrinking: the last one stays
        for claim, test in ((MEAN, "a::t"), (PATH, "a::t"), (MEAN, "b::t"), (MEAN, "a::t[/ ]")):
            gate, _ = opened(test=test, cases=lambda: tmp_path)
            refuse(gate, claim, sample(mean), Case("toy", Toy(mean), "salt"))
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    assert {replay.load(path).configuration.mean for path in files} == {3.0}


def unwritable():
    raise OSError("no space left")


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("what", ["none", "raises", "is a file", "another claim", "unregistered"])
def test_what_cannot_be_written_hides_no_refutation(what, tmp_path):
    file = tmp_path / "file"
    file.touch()
    directory = {"none": lambda: None, "raises": unwritable, "is a file": lambda: file}
    claim = {
        "another claim": Claim.of("toy/mean", b / 2, kind=UPPER_EXPECTATION, source="toy"),
        "unregistered": replace(MEAN, name="toy/new"),
    }.get(what, MEAN)
    gate, _ = opened(cases=directory.get(what, lambda: tmp_path))
    reason = {
        "none": "--claims-cases", "raises": "no space left", "is a file": "Error",
        "another claim": "not the registered claim", "unregistered": "a registered claim",
    }  # fmt: skip
    message = refuse(gate, claim)
    assert reason[what] in message.partition("  replay      no file: ")[2].partition("\n")[0]
    assert list(tmp_path.iterdir()) == [file]


def test_a_case_without_refutation_is_shown_and_not_written(tmp_path):
    gate, _ = opened(cases=lambda: tmp_path)
    with pytest.raises(ClaimNotInformative, match="case        Toy") as caught:
        gate.check(MEAN, OUT_OF_REGIME, case=Case("toy", Toy(), "salt"))
    assert "premises    b > 0: -1 > 0 FAILS" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_case_of_other_initialisations():
    gate, _ = opened()
    with pytest.raises(InvalidArgument, match=r"initialisations = 2: must be 1"):
        gate.check(MEAN, HOLDS, case=Case("toy", Toy(), "salt", 2))


def test_symbols_that_are_missing_hide_no_refutation():
    gate, _ = opened()
    nothing = Sample(np.array([math.nan]), {})
    assert "premises    not evaluated (InvalidArgument: b" in refuse(gate, samples=nothing)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], ".pytest_cache/d/theorem-gate"), (["-p", "no:cacheprovider"], None),
     (["--claims-cases=kept"], "kept"),
     (["--claims-cases=kept", "-p", "no:cacheprovider"], "kept")],
)  # fmt: skip
def test_the_directory_of_cases(pytester, arguments, expected):
    class Told:
        def pytest_sessionstart(self, session):
            found.append(_cases_directory(session.config))

    found = []
    pytester.inline_run(*arguments, plugins=[Told()])
    assert found == [expected and pytester.path / expected]
