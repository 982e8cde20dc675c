"""Power: factors and numbers of seeds agree with what the judge then says."""

import json
import math

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from theory.language.claim import Claim
from theory.language.kinds import (
    EXACT_EXPECTATION,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    Kind,
    Mode,
    Relation,
)
from verify.audit import power as module
from verify.audit.power import Resampled, power
from verify.command_line.program import main
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge

LEVEL = 1e-6
LOWER_EXPECTATION = Kind(Relation.LOWER, Mode.EXPECTATION)
b, v, delta = sp.symbols("b v delta", positive=True)
UPPER = Claim.of("upper", b, kind=UPPER_EXPECTATION, source="here")
LOWER = Claim.of("lower", b, kind=LOWER_EXPECTATION, source="here", variance=v)
EXACT = Claim.of("exact", b, kind=EXACT_EXPECTATION, source="here", variance=v)
BAND = Claim.of(
    "band", b, kind=EXACT_EXPECTATION, source="here", variance=v, band=(b * 0.9, b * 1.1)
)
OFTEN = Claim.of("often", b, kind=LOWER_PROBABILITY, source="here")
PATH = Claim.of("path", b, kind=UPPER_PATHWISE, source="here")


def losses(seeds, *, rows=2, shape=4.0, salt=0, **more):
    """Of mean 1 and variance 1/shape; the bound of an upper claim is 1.5."""
    rng = np.random.default_rng([salt, seeds])
    values = rng.gamma(shape, 1 / shape, (rows, seeds))
    return Sample(values, {"b": 1.0, "v": 1 / shape, **more})


def found(claim, sample, level=LEVEL):
    return power(claim, sample, level, salt="0")


def factor_of(claim, sample, level=LEVEL):
    return judge(claim, sample, level).factor


@pytest.mark.parametrize("claim", [UPPER, LOWER, EXACT, BAND], ids=lambda claim: claim.name)
def test_the_factor_is_the_edge_of_refutation(claim):
    sample, factor = losses(300), factor_of(claim, losses(300))
    assert 1 < factor < 2

    def refuted(s):
        scaled = Sample(sample.values, {"b": s, "v": 0.25 * s**2})
        return judge(claim, scaled, LEVEL).verdict is Verdict.REFUTED

    signs = {"upper": [-1], "lower": [1], "exact": [-1, 1]}[claim.kind.relation.value]
    for sign in signs:
        assert refuted((1.002 * factor) ** sign)
    assert not all(refuted((factor / 1.002) ** sign) for sign in signs)


@pytest.mark.parametrize("claim", [UPPER, LOWER, EXACT, BAND], ids=lambda claim: claim.name)
def test_more_seeds_see_less(claim):
    factors = [factor_of(claim, losses(seeds)) for seeds in (30, 120, 1000)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] > 1.15 * factors[2] > 1.15


@pytest.mark.parametrize("claim", [UPPER, EXACT, BAND], ids=lambda claim: claim.name)
def test_the_judge_agrees_on_the_seeds_for_a_factor_two(claim):
    needed = Resampled.of(claim, losses(1000), LEVEL).seeds(2.0, np.random.default_rng(0))
    assert 10 < needed < 200

    def powered(count):
        verdicts = [judge(claim, losses(count, salt=salt), LEVEL).verdict for salt in range(1, 11)]
        assert Verdict.REFUTED not in verdicts
        return verdicts.count(Verdict.HOLDS)

    assert powered(math.ceil(1.2 * needed)) >= 9
    assert powered(math.floor(needed / 2)) <= 1


def test_the_seeds_for_a_finer_factor_refute_it():
    needed = found(UPPER, losses(1000)).seeds[1.2]
    assert needed > 3 * found(UPPER, losses(1000)).seeds[2.0]

    def refuted(count):
        wrong = [Sample(losses(count, salt=s).values, {"b": 1 / 1.2}) for s in range(1, 21)]
        return sum(judge(UPPER, sample, LEVEL).verdict is Verdict.REFUTED for sample in wrong)

    assert refuted(math.ceil(1.2 * needed)) >= 18
    assert refuted(math.floor(needed / 3)) <= 2


def test_a_stricter_level_takes_more_seeds():
    needed = [found(UPPER, losses(500), level).seeds[2.0] for level in (1e-2, 1e-6, 1e-12)]
    assert needed == sorted(set(needed))


def test_trials_as_the_judge():
    sample = Sample(np.r_[np.zeros(20), np.ones(1980)], {"b": 0.95})
    seen = found(OFTEN, sample)
    needed = int(seen.seeds[2.0])
    enough, few = (Sample(np.ones(n), {"b": 0.95}) for n in (needed, needed // 2))
    assert judge(OFTEN, enough, LEVEL).verdict is Verdict.HOLDS
    assert judge(OFTEN, few, LEVEL).verdict is Verdict.UNDERPOWERED
    stricter = Sample(sample.values, {"b": 1 - 0.05 / (1.01 * seen.judgement.factor)})
    assert judge(OFTEN, stricter, LEVEL).verdict is Verdict.REFUTED


def test_where_chance_plays_no_part():
    path = found(PATH, Sample(np.array([[1.0, 2.0]]), {"b": 3.0}))
    assert path.judgement.factor == pytest.approx(1.5, rel=1e-3)
    alone = found(UPPER, Sample(np.ones((2, 1)), {"b": 3.0}, deterministic=True))
    assert alone.judgement.factor == pytest.approx(3, rel=1e-3)
    assert all(math.isnan(n) for p in (path, alone) for n in p.seeds.values())


def test_only_checkpoints_that_say_something_count():
    values = np.vstack([np.full(300, 1.0), losses(300, rows=1).values])
    known = Sample(values, {"b": 1.0}, given=1)
    untold = Sample(values[1:], {"b": 1.0})
    assert factor_of(UPPER, Sample(values, {"b": 1.0})) < factor_of(UPPER, known) - 0.02
    assert factor_of(UPPER, known, 2 * LEVEL) == pytest.approx(factor_of(UPPER, untold))
    vacuous = Sample(values, {"b": 1.0}, trivial=0.5)
    assert found(UPPER, vacuous).judgement.factor == math.inf


def test_one_initialisation_of_a_claim_that_may_fail():
    claim = Claim("c", "here", UPPER.kind, UPPER.quantity, UPPER.build, confidence="delta")
    seen = found(claim, losses(300, delta=0.1))
    assert seen.judgement.verdict is Verdict.UNDERPOWERED
    assert seen.judgement.factor == math.inf
    assert math.isnan(seen.seeds[2.0])


def test_it_uses_the_helpers_of_the_judge(monkeypatch):
    """An e-value that loses half its evidence needs twice the seeds."""
    honest, needed = module.evidence.log_e_value, found(UPPER, losses(500)).seeds[2.0]
    monkeypatch.setattr(module.evidence, "log_e_value", lambda *args: honest(*args) / 2)
    assert 1.5 * needed < found(UPPER, losses(500)).seeds[2.0] < 2.5 * needed


def test_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    tiny = ["--samples", "3", "--width", "64", "--rounds", "3", "--seeds", "16", "--salt", "0"]
    tiny += ["--pilot-seeds", "4"]
    run = CliRunner().invoke(main, ["power", *tiny, "--claims", "main,link-2", "--json", "p.json"])
    assert run.exit_code == 0, run.output
    assert all(len(line) <= 80 for line in run.stdout.splitlines()[:-1])
    rows = json.loads((tmp_path / "p.json").read_text())["claims"]
    assert {row["claim"] for row in rows} == {"main", "link-2"}
    for row in rows:
        assert row["seeds"] == 16 or row["claim"] == "link-2"
        assert set(row["seeds_for"]) == {"2", "1.2"}
        assert row["claim"] in run.stdout


@pytest.mark.parametrize("args", [["--claims", "nothing"], ["--claims", ","], ["--seeds", "1"]])
def test_wrong_usage(args):
    assert CliRunner().invoke(main, ["power", *args]).exit_code == 2
