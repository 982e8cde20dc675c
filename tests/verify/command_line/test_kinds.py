"""Every command on a theorem of laws, limits, capped means and equal probabilities."""

import json
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner
from hypothesis import strategies as st

from theory import (
    EXACT_LAW,
    EXACT_LIMIT,
    EXACT_PROBABILITY,
    LOWER_EXPECTATION,
    UPPER_PROBABILITY,
    Claim,
    Quantity,
    Statement,
    Vocabulary,
    laws,
    registry,
)
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE
from verify.command_line.program import main
from verify.experiments.kit import (
    Experiment,
    Measured,
    Measurement,
    Options,
    Trajectory,
    option,
)
from verify.judging.sample import Sample

WORDS = Vocabulary()
q = WORDS.symbol("q", "degrees of freedom", COUNT)
n = WORDS.symbol("n", "size", COUNT)
b = WORDS.symbol("b", "a number", POSITIVE)
p = WORDS.symbol("p", "a probability", OPEN_UNIT)
SIZES = np.array([20, 40, 80])


def made(name, kind, quantity, bound, **statement):
    content = Statement(bound, **statement)
    return Claim(f"kinds/{name}", "a test", kind, Quantity(quantity, quantity, quantity),
                 lambda: content, WORDS, "a claim")  # fmt: skip


CLAIMS = (
    made("ratio", EXACT_LAW, "ratio", 2 * laws.ChiSquared(q)),
    made("count", EXACT_LAW, "count", laws.Binomial(q, p)),
    made("risk", EXACT_LIMIT, "risk", 2 * b, size=n),
    made("capped", LOWER_EXPECTATION, "share", p, ceiling=sp.S.One),
    made("event", EXACT_PROBABILITY, "event", p),
    made("seldom", UPPER_PROBABILITY, "event", p),
)
FALSE = (
    made("ratio", EXACT_LAW, "ratio", 2 * laws.ChiSquared(q + 1)),
    made("count", EXACT_LAW, "count", laws.Binomial(q + 1, p)),
    made("risk", EXACT_LIMIT, "risk", 2 * b + sp.Rational(1, 5), size=n),
    made("capped", LOWER_EXPECTATION, "share", sp.sqrt(p), ceiling=sp.S.One),
    made("event", EXACT_PROBABILITY, "event", p / 2),
    made("seldom", UPPER_PROBABILITY, "event", p / 2),
)


@dataclass(frozen=True)
class Draws(Options):
    seeds: int = option(2000, "draws", COUNT)


def draw(setting, wanted, tell):
    configuration, salt = setting
    rng, count = np.random.default_rng(list(salt.encode())), configuration.seeds
    risk = 2 * (1 - 3 / SIZES)[:, None] + rng.standard_normal((3, count)) / SIZES[:, None]
    samples = {
        "ratio": Sample(2 * rng.chisquare(5, count), {"q": 5}),
        "count": Sample(rng.binomial(5, 0.3, count), {"q": 5, "p": 0.3}),
        "risk": Sample(risk, {"n": SIZES, "b": 1.0}),
        "share": Sample(rng.beta(3, 7, (1, count)), {"p": 0.3}),
        "event": Sample(rng.random(count) < 0.3, {"p": 0.3}),
    }
    curve = Trajectory("size", SIZES, {"risk": risk.mean(1)})
    return Measured(samples, curve, {"seeds": {"draws": 1}})


EXPERIMENT = Experiment(
    Draws,
    lambda *setting: setting,
    [Measurement.of(("ratio", "count", "risk", "share", "event"), draw)],
    search=lambda claim: st.builds(Draws, st.integers(500, 2000)),
)


def registered(claims, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    module = types.ModuleType("kinds_theorem")
    module.CLAIMS, module.EXPERIMENT = claims, EXPERIMENT
    module.Configuration = Draws
    monkeypatch.setitem(sys.modules, "kinds_theorem", module)
    registry.register(registry.Theorem("kinds", "kinds_theorem", "kinds_theorem"))


@pytest.fixture
def true(monkeypatch, tmp_path):
    registered(CLAIMS, monkeypatch, tmp_path)


@pytest.fixture
def false(monkeypatch, tmp_path):
    registered(FALSE, monkeypatch, tmp_path)


def call(*args, code=0):
    found = CliRunner().invoke(main, [str(arg) for arg in args], prog_name="verify")
    assert found.exit_code == code, found.output
    return found.output


def verdicts():
    rows = json.loads(Path("o.json").read_text())["claims"]
    assert not any(isinstance(row["bound"], str) for row in rows)
    return {row["claim"]: row["verdict"] for row in rows}


@pytest.mark.usefixtures("true")
def test_true_claims_hold():
    call("check", "--theorem", "kinds", "--no-figure", "--json", "o.json")
    assert verdicts() == {claim.name: "HOLDS" for claim in CLAIMS}


@pytest.mark.usefixtures("false")
def test_false_claims_are_refuted_shown_and_replayed():
    shown = call("check", "--theorem", "kinds", "--no-figure", "--json", "o.json", code=1)
    assert verdicts() == {claim.name: "REFUTED" for claim in CLAIMS}
    assert "ratio ~ 2*ChiSquared(1 + q) (equality, in law)" in shown
    assert "extrapolates to" in shown
    assert call("replay", "o.json", code=1).count("REFUTED") >= len(CLAIMS)


@pytest.mark.usefixtures("true")
def test_list_and_show():
    shown = call("list", "--theorem", "kinds")
    for text in ("law ~ ratio", "limit -> risk", "prob == event", "mean >= share"):
        assert text in shown
    shown = call("show", "kinds/ratio", "--values")
    assert "ratio ~ 2*ChiSquared" in shown
    assert "value = " in shown
    assert "off the value to 50 digits by" in shown
    assert "step = 1" in call("show", "kinds/count", "--values")
    assert "risk - " in call("show", "kinds/risk", "--values")
    assert "ceiling of all values: 1" in call("show", "kinds/capped")
    assert r"\sim" in call("show", "kinds/ratio", "--latex")


@pytest.mark.usefixtures("true")
def test_power():
    shown = call("power", "--theorem", "kinds", "--json", "p.json")
    assert shown.count("HOLDS") == len(CLAIMS)
    for row in json.loads(Path("p.json").read_text())["claims"]:
        assert 1 <= row["factor"] < 2
        few, many = row["seeds_for"]["2"], row["seeds_for"]["1.2"]
        assert 2 < few < 2000
        assert few <= many


@pytest.mark.usefixtures("true")
def test_mutate():
    call(
        "mutate",
        "kinds/ratio",
        "kinds/count",
        "kinds/event",
        "--theorem",
        "kinds",
        "--json",
        "m.json",
    )
    content = Path("m.json").read_text()
    for slip in ("ChiSquared(q) -> ChiSquared(1 + q)", "Binomial(q, p) -> Binomial(q, 2*p)"):
        assert slip in content
    scores = json.loads(content)["claims"]
    assert len(scores) == 3
    assert all(score["strict"] == 1 for score in scores), content


@pytest.mark.usefixtures("true")
@pytest.mark.parametrize("name", ["ratio", "risk", "event", "seldom"])
def test_search(name):
    assert f"kinds/{name}" in call("search", f"kinds/{name}", "--trials", 3)
