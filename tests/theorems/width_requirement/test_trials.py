"""Lemmas and the theorem by trials, at the width that they ask for; too narrow, they fail."""

import os
from dataclasses import replace
from functools import cache

import pytest
import sympy as sp

from theory import InvalidArgument, claim
from theory.theorems.masked_training.symbols import K, delta, m, r, tau_hat
from theory.theorems.width_requirement.link_3 import norm_X
from verify.experiments.width_requirement.configuration import Configuration
from verify.experiments.width_requirement.experiment import EXPERIMENT
from verify.experiments.width_requirement.lemmas import EVENTS, trials
from verify.experiments.width_requirement.setting import prepare
from verify.judging.verdict import Verdict, judge, judge_initialisations

LEVEL = 1e-7
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
DESCENT = Configuration(samples=1)
DROPOUT = Configuration(xi=0.8, surrogates=3, local_steps=2, rounds=5, data="sphere",
                        samples=3, dimension=4)  # fmt: skip
LEMMAS = [name.replace("_", "-") for name in EVENTS]


@pytest.mark.claims(checks=len(LEMMAS))
def test_lemmas_hold_at_the_width_they_require(gate):
    observed = EXPERIMENT.observe(DROPOUT, salt=gate.seed(), quantities=set(EVENTS))
    for name in LEMMAS:
        lemma = claim(f"width/{name}")
        gate.check(lemma, observed.samples[lemma.quantity.name], detail=repr(DROPOUT))


MASKED = {
    "dropout": {"xi": 0.99, "target_scale": 2.0},
    "multi-sample dropout": {"xi": 0.99, "surrogates": 2, "target_scale": 2.0},
    "subnets": {"law": "categorical", "surrogates": 2, "target_scale": 3.0},
}
"""Noise small against the targets, so that the bound says something at nearly every W_0."""


def masked(law, **options):
    one_round = {"samples": 1, "rounds": 1, "epsilon": 0.02}
    return Configuration(**one_round | MASKED[law] | options)


AT_THEIR_WIDTH = {"gradient descent": replace(DESCENT, step=0.2)} | {
    law: masked(law, target_scale=0.5, step=0.3) for law in MASKED
}
"""Steps at which what neurons travel asks for the width still, but for a smaller one."""


@pytest.mark.parametrize("case", AT_THEIR_WIDTH)
@pytest.mark.claims(checks=3)
def test_the_good_event_at_its_width_with_nothing_measured(gate, case):
    configuration = AT_THEIR_WIDTH[case]
    exact = ["width/loss"] if case == "gradient descent" else []
    names = ["width/good-event", "width/distance", *exact]
    quantities = {claim(name).quantity.name for name in names}
    observed = EXPERIMENT.observe(configuration, salt=gate.seed(), quantities=quantities)
    assert observed.notes["width"] >= observed.notes["required"]["m_star"]
    for name in names:
        gate.check(claim(name), observed.of(claim(name).quantity.name), detail=repr(configuration))


@pytest.mark.parametrize("law", MASKED if NIGHTLY else ["dropout"])
@pytest.mark.claims(checks=1)
def test_the_mean_loss_at_its_width_with_nothing_measured(gate, law):
    """48 initialisations, 56 mask sequences each.

    A bound 1.9 times smaller would be refuted. m* falls with the step, so dropout with a small
    one takes four seconds; subnets take three minutes.
    """
    configuration = masked(law, trials=48, seeds=56, step=0.13 if law == "dropout" else 0.5)
    loss = claim("width/loss")
    quantities = {loss.quantity.name}
    observed = EXPERIMENT.observe(configuration, salt=gate.seed(), quantities=quantities)
    gate.check(loss, observed.of(loss.quantity.name), detail=repr(configuration))


TOO_NARROW = {
    "kernel": lambda q: 12,
    "near": lambda q: 0.49 / q,  # one neuron is too many, and n m q of them are expected
    "active": lambda q: 0.3 / q,
    "averaging": lambda q: 24,
    "curvature": lambda q: 24,
}
"""Widths at which the events of the lemmas fail more often than not."""


@pytest.mark.parametrize("name", TOO_NARROW)
def test_too_narrow(name):
    """The premise on the width is what makes a lemma true."""
    setting = prepare(replace(DROPOUT, trials=80, epsilon=0.05, delta=0.1), "narrow")
    width = int(TOO_NARROW[name](setting.required["q"]))
    lemma, sample = claim(f"width/{name}"), trials(setting, name, width=width)
    assert judge(lemma, sample, LEVEL).verdict is Verdict.OUT_OF_REGIME
    assert judge(without_premises(lemma), sample, LEVEL).verdict is Verdict.REFUTED


def test_residuals_of_one_round_are_not_those_of_many():
    """Escape: S of a single round, where noise comes in every round."""
    setting = prepare(replace(DROPOUT, rounds=60, trials=40), "escape")
    false = twin("residuals", lambda statement: statement.subs({K: 1}))
    sample = trials(setting, "residuals", claim=false)
    assert judge(false, sample, LEVEL).verdict is Verdict.REFUTED
    few = prepare(replace(DROPOUT, trials=40), "escape")
    assert judge(claim("width/residuals"), trials(few, "residuals"), LEVEL).verdict is Verdict.HOLDS


def without_premises(original):
    statement = replace(original.build(), premises=())
    return replace(original, build=lambda: statement)


def twin(name, change):
    """The lemma with its statement changed."""
    original = claim(f"width/{name}")
    return replace(original, build=lambda: change(original.build()))


def a_quarter_of_the_threshold(statement):
    return replace(
        statement, parts={**statement.parts, "threshold": statement.parts["threshold"] / 4}
    )


def without_1_over_delta(statement):
    threshold = statement.parts["threshold"] * delta
    return replace(statement, parts={**statement.parts, "threshold": threshold})


@pytest.mark.parametrize(
    ("name", "change"),
    [("trace", a_quarter_of_the_threshold), ("initial_loss", without_1_over_delta)],
)
def test_a_false_lemma_is_refuted(name, change):
    setting = prepare(replace(DROPOUT, trials=60, delta=0.1), "false")
    false = twin(name.replace("_", "-"), change)
    assert judge(false, trials(setting, name, claim=false), LEVEL).verdict is Verdict.REFUTED


FALSE = {
    "steps forgotten": ("distance", {tau_hat: 1}),
    "1/sqrt(m) as 1/m": ("distance", {norm_X: norm_X / sp.sqrt(m)}),
    "rate of six steps": ("loss", {r: 1 - (1 - r) ** 6}),
}


@cache
def of_two_steps():
    """What the false theorems are judged by, trained once."""
    case = replace(DESCENT, local_steps=2, step=0.2, rounds=5)
    quantities = {claim(f"width/{name}").quantity.name for name, _ in FALSE.values()}
    return EXPERIMENT.observe(case, salt="false", quantities=quantities)


@pytest.mark.parametrize("slip", FALSE)
def test_a_false_theorem_is_refuted(slip):
    name, change = FALSE[slip]
    true, false = claim(f"width/{name}"), twin(name, lambda statement: wrong(statement, change))
    samples = of_two_steps().of(true.quantity.name)
    level = 0.0 if name == "distance" else LEVEL
    assert judge_initialisations(true, samples, level).verdict is Verdict.HOLDS
    assert judge_initialisations(false, samples, level).verdict is Verdict.REFUTED


def wrong(statement, change):
    return replace(statement, bound=statement.bound.subs(change))


def test_a_narrow_network_leaves_the_good_event():
    narrow = replace(DESCENT, width=64, delta=0.1, trials=60)
    observed = EXPERIMENT.observe(narrow, salt="narrow", quantities={"good_event"})
    whole = claim("width/good-event")
    sample = observed.samples["good_event"]
    assert judge(whole, sample, LEVEL).verdict is Verdict.OUT_OF_REGIME
    assert judge(without_premises(whole), sample, LEVEL).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("field", "value"),
    [("step", 0.6), ("step", 0.0), ("epsilon", 1.0), ("trials", 0), ("seeds", 0),
     ("delta", 1.0), ("xi", 1.5), ("law", "no")],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        replace(DESCENT, **{field: value})
