"""Unusual but allowed settings of masked training, from the command line: a verdict, no noise."""

import json
import math
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from theory import UPPER_EXPECTATION, Claim
from theory import claims as registered
from theory.theorems.masked_training.laws import law
from verify.command_line import progress
from verify.command_line.program import main
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.judging.verdict import Verdict, judge
from verify.problems.data import SOURCES
from verify.reporting import report

REGISTERED = registered()
TINY = ["--samples", 3, "--width", 24, "--rounds", 2, "--seeds", 4, "--pilot-seeds", 2]


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(progress, "INTERVAL", math.inf)  # not a word on stderr, however slow
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((5, 4)), rng.standard_normal(5)
    scales = np.array([1e-8, 1, 1e8, 3, 1e-3])[:, None]
    np.savez("scales.npz", X=X * scales, y=y)
    np.savez("huge.npz", X=X * 1e300, y=y * 1e300)
    np.savez("constant.npz", X=X, y=np.full(5, 3.0))
    np.savez("zero.npz", X=X, y=np.zeros(5))
    np.savez("integers.npz", X=np.arange(1, 13).reshape(3, 4) ** 2, y=np.arange(3))
    np.savez("float32.npz", X=X.astype(np.float32), y=y.astype(np.float32))
    np.savez("small.npz", X=X / np.linalg.norm(X, axis=1, keepdims=True) / 2, y=y)
    np.savez("one.npz", X=X[:1, :1], y=y[:1])
    np.savez("wide.npz", X=rng.standard_normal((5, 200)), y=y)


def check(*args):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return CliRunner().invoke(main, ["check", "--no-figure", *map(str, [*TINY, *args])])


ALLOWED = {
    "one of all": ["--samples", 1, "--width", 1, "--rounds", 1, "--surrogates", 1,
                   "--local-steps", 1, "--seeds", 2, "--pilot-seeds", 1],
    "one input": ["--samples", 1, "--data", "sphere", "--dimension", 1],
    "no masks": ["--xi", 1],
    "rare": ["--xi", 1e-12],
    "rarest": ["--xi", 1e-50],
    "many surrogates": ["--surrogates", 300],
    "one subnet": ["--law", "categorical", "--surrogates", 1],
    "subnets": ["--law", "categorical", "--surrogates", 5],
    "long rounds": ["--local-steps", 20],
    "tiny step": ["--eta", 1e-300],
    "largest step": ["--zeta-lambda", 1],
    "float32": ["--dtype", "float32"],
    "small budget": ["--budget", 1e-300],
    "large budget": ["--budget", 0.999],
    "small targets": ["--target-scale", 1e-50],
    "more samples than inputs": ["--data", "sphere", "--samples", 20, "--dimension", 2],
    "60 samples": ["--data", "digits", "--samples", 60, "--width", 8],
    "one neuron": ["--width", 1, "--samples", 8],
    **{f"{data} {targets}": ["--data", data, "--targets", targets]
       for data in SOURCES
       for targets in ("noise", "teacher")},
    **{f"{name} {scale}": ["--data", f"{name}.npz", f"--{scale}", "--samples", samples]
       for name, scale, samples in (
           ("scales", "rescale", 5), ("huge", "rescale", 5), ("constant", "rescale", 5),
           ("zero", "rescale", 5), ("integers", "rescale", 3), ("float32", "rescale", 5),
           ("small", "no-rescale", 5), ("one", "rescale", 1), ("wide", "rescale", 5))},
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed_settings_give_verdicts(name):
    result = check("--json", "o.json", *ALLOWED[name])
    assert result.exit_code in (0, 3), result.output
    assert result.stderr == ""
    content = json.loads(Path("o.json").read_text(), parse_constant=lambda word: 1 / 0)
    assert content["exit_code"] == result.exit_code
    judged = [row["claim"] for row in content["claims"]]
    for claim in [*judged, *content["not_judged"]]:
        assert all(part in result.stdout for part in claim.split("/"))
    *lines, _, _ = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80


def test_the_same_salt_gives_the_same_numbers():
    contents = []
    for _ in range(2):
        check("--json", "o.json", "--salt", "a")
        content = json.loads(Path("o.json").read_text())
        assert content.pop("seconds") > 0
        assert content.pop("when")
        assert content.pop("digest")
        contents.append(content)
    assert contents[0] == contents[1]


def test_a_diverging_run_is_refuted(monkeypatch):
    from verify.experiments.masked_training.experiment import EXPERIMENT

    observe = type(EXPERIMENT).observe

    def diverge(*args, **more):
        found = observe(*args, **more)
        samples = {
            name: replace(sample, values=np.full_like(sample.values, np.nan))
            for name, sample in found.samples.items()
        }
        return replace(found, samples=samples)

    monkeypatch.setattr(type(EXPERIMENT), "observe", diverge)
    result = check("--claims", "main,link-1/sharp")
    assert result.exit_code == 1
    assert "measured values are not finite" in re.sub(r"\s+", " ", result.stdout)


def test_theta_is_a_probability_for_many_surrogates():
    assert law("bernoulli").moments(1000, 0.8)["theta"] <= 1


@pytest.mark.parametrize(("salt", "shown"), [("a\nb", "'a\\nb'"), ("", "''"), ("é", "é")])
def test_summary_is_one_line(salt, shown):
    result = check("--quiet", "--claims", "identity/*", "--salt", salt)
    assert len(result.stdout.splitlines()) == 1
    assert f"salt {shown}, budget" in result.stdout


def test_both_sides_of_a_premise():
    lines = list(report._shorter("m >= " + "n*" * 40 + "n", " fails at m = 1", "1 < 2"))
    assert lines[0].endswith("n fails: 1 < 2")
    assert lines[-1] == "…"
    assert any(line.endswith(" … fails: 1 < 2") for line in lines)


@pytest.mark.parametrize("salt", ["6", "57", "132"])
def test_aggregation_of_residuals_near_rounding(salt):
    """The residuals are 1e-12 of what the neurons put out, and these more than the targets."""
    configuration = Configuration(
        data="sphere", samples=1, dimension=2, target_scale=0.1, law="categorical", surrogates=1,
        local_steps=3, zeta_lambda=0.875, width=130, init_scale=0.3, rounds=4, seeds=8,
        pilot_seeds=4,
    )  # fmt: skip
    observed = EXPERIMENT.observe(configuration, salt=salt, quantities={"aggregation"})
    sample, identity = observed.samples["aggregation"], REGISTERED["identity/aggregation"]
    assert judge(identity, sample, 0.0).verdict is Verdict.HOLDS
    ten_digits = replace(sample, values=sample.values * (1 + 1e-8))
    assert judge(identity, ten_digits, 0.0).verdict is Verdict.REFUTED


def test_a_loss_of_rounding_errors_is_not_above_0():
    """Twelve steps of a factor of about 0.01 contract one sample to 0, but for rounding."""
    configuration = Configuration(
        data="sphere", samples=1, dimension=11, targets="noise", xi=1.0, surrogates=1,
        local_steps=6, zeta_lambda=1.0, width=1024, init_scale=1.0, rounds=2,
    )  # fmt: skip
    nothing = Claim.of("nothing", sp.Integer(0), kind=UPPER_EXPECTATION, source="here")
    loss = EXPERIMENT.observe(configuration, salt="0", quantities={"loss"}).samples["loss"]
    last = replace(loss, values=loss.rows[-1:], given=0, control=None)
    assert (last.values > 0).any()
    assert judge(nothing, last, 1e-9).verdict is not Verdict.REFUTED
    assert (
        judge(nothing, replace(last, values=last.values + 1e-20), 1e-9).verdict is Verdict.REFUTED
    )
