"""Every claim holds where its premises do: at quick homes, and on problems drawn at random."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, assume, find, given, settings

from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from verify.experiments.feedback_alignment.cases import homes
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.feedback_alignment.experiment import EXPERIMENT
from verify.experiments.feedback_alignment.setting import prepare
from verify.experiments.feedback_alignment.strategies import (
    configurations,
    flows,
    lazy,
    saturating,
    wide,
)
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing

NAMES = [name.partition("/")[2] for name in claims("feedback-alignment")]
PATHS = (
    "neuron", "growth", "residual", "first-layer", "second-layer", "rate",
    "stopped-rate", "stopped-alignment", "decayed-step", "decayed-rate",
)  # fmt: skip


def observed(configuration, names, salt="feedback"):
    quantities = {claim(f"feedback/{name}").quantity.name for name in names}
    found = EXPERIMENT.observe(configuration, salt=salt, quantities=quantities).samples
    return {name: found[claim(f"feedback/{name}").quantity.name] for name in names}


BASE = Configuration(trials=3, width=400, steps=60)
DECAYING = replace(BASE, decay=0.3, width=40)
QUICK = {
    "steps": (replace(BASE, data="orthogonal"), ("rate", "growth", "flow-rate")),
    "orthogonal rows": (
        replace(BASE, data="orthogonal", width=2000, step=0.3), ("rate", "misaligned")
    ),
    "identities": (DECAYING, ("residual", "first-layer", "second-layer", "neuron")),
    "ReLU": (replace(DECAYING, activation="relu"), ("neuron",)),
    "leaky ReLU": (replace(BASE, activation="leaky-relu"), ("neuron", "growth")),
    "ReLU, certified": (
        replace(BASE, data="orthogonal", activation="relu", samples=2, dimension=4, width=16000,
                beta_scale=0.0, trials=2), ("relu-rate",)
    ),
    "width": (replace(BASE, trials=40, points=5), ("width", "convergence")),
    "published": (replace(BASE, activation="relu", samples=2, dimension=4, trials=40),
                  ("published-rate",)),
    "decay, flow": (replace(DECAYING, trials=1), ("angle", "angle/lower", "pull", "pull/lower")),
    "decay, steps": (replace(BASE, decay=0.05, width=3200), ("decayed-step", "decayed-rate")),
    "decay that stops": (
        replace(
            BASE, data="orthogonal", samples=3, dimension=10, decay=0.1, width=50, trials=8
        ),
        ("stopped-rate", "stopped-alignment"),
    ),
    "ReLU with decay": (
        replace(BASE, activation="relu", samples=1, dimension=3, decay=2.0, width=20, step=0.02,
                steps=5000, trials=8), ("relu-alignment", "relu-alignment/upper")
    ),
    "mean alignment": (
        replace(BASE, samples=2, draws=2000, largest=1024), ("mean-alignment",)
    ),
    "infinite width": (
        replace(BASE, data="orthogonal", decay=0.2, draws=320, smallest=32, largest=256),
        ("infinite-width",),
    ),
    "diabetes": (
        replace(BASE, data="diabetes", samples=442, components=5, width=4000, points=5, trials=2),
        ("rate", "misaligned", "flow-rate", "growth"),
    ),
    "whitened diabetes": (
        replace(BASE, data="diabetes", samples=442, components=8, whiten=True, width=4000,
                points=5, trials=2), ("rate", "misaligned", "flow-rate", "growth"),
    ),
}  # fmt: skip


def test_every_claim_is_among_them():
    assert {name for _, names in QUICK.values() for name in names} == set(NAMES)


LIKELY = ("width", "published", "mean alignment", "infinite width")


@pytest.mark.parametrize("likely", [False, True], ids=["on paths", "with probability"])
@pytest.mark.claims(checks=5)
def test_claims_hold(gate, likely):
    for case, (configuration, names) in QUICK.items():
        if (case in LIKELY) is likely:
            for name, sample in observed(configuration, names, gate.seed(case)).items():
                gate.check(claim(f"feedback/{name}"), sample, detail=repr(configuration))


@pytest.mark.claims(share=0.01)
@settings(max_examples=15)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Whatever the data, the width and the rule: without premises the claims say nothing."""
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name, sample in observed(configuration, PATHS, salt).items():
        gate.check(claim(f"feedback/{name}"), sample, detail=repr(configuration))


@pytest.mark.claims(share=0.1)
@settings(max_examples=12)
@given(configuration=lazy())
def test_every_lazy_network(gate, configuration):
    salt = gate.seed(configuration)
    for name, sample in observed(configuration, ("rate", "misaligned"), salt).items():
        gate.check(claim(f"feedback/{name}"), sample, detail=repr(configuration))


@pytest.mark.claims(share=0.1)
@settings(max_examples=8)
@given(configuration=wide())
def test_every_wide_network(gate, configuration):
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    sample = observed(configuration, ["relu-rate"], salt)["relu-rate"]
    gate.check(claim("feedback/relu-rate"), sample, detail=repr(configuration))


@pytest.mark.claims(share=0.1)
@settings(max_examples=5)
@given(configuration=flows())
def test_every_flow(gate, configuration):
    names, salt = (
        ("flow-rate", "angle", "angle/lower", "pull", "pull/lower"),
        gate.seed(configuration),
    )
    assume(has_targets(prepare, configuration, salt))
    for name, sample in observed(configuration, names, salt).items():
        gate.check(claim(f"feedback/{name}"), sample, detail=repr(configuration))


@pytest.mark.claims(share=0.2)
@settings(max_examples=5)
@given(configuration=saturating())
def test_every_saturation(gate, configuration):
    names, salt = ("relu-alignment", "relu-alignment/upper"), gate.seed(configuration)
    for name, sample in observed(configuration, names, salt).items():
        gate.check(claim(f"feedback/{name}"), sample, detail=repr(configuration))


def test_every_claim_is_measured():
    small = Configuration(samples=2, width=20, trials=2, points=3, steps=3, draws=16, smallest=8,
                          largest=32, stop=0.1, decay=0.5)  # fmt: skip
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("feedback-alignment").values())
    assert "incomplete" not in found.notes


def certifies(name):
    def holds(configuration):
        if not has_targets(prepare, configuration, "reach"):
            return False
        few = replace(configuration, steps=1, trials=1)
        sample = observed(few, [name], "reach")[name]
        return judge(claim(f"feedback/{name}"), sample, 0.0).verdict is Verdict.HOLDS

    return holds


REACHED = {
    "feedback with decay": lambda c: c.rule == "feedback" and c.decay > 0,
    "backpropagation": lambda c: c.rule == "backpropagation",
    "more samples than dimensions": lambda c: c.samples > c.dimension,
    "two neurons": lambda c: c.width == 2,
    "real data": lambda c: c.data == "diabetes",
    "no second layer": lambda c: c.beta_scale == 0,
    **{f"a certificate of {name}": certifies(name) for name in
       ("rate", "stopped-alignment", "decayed-rate", "decayed-step")},
}  # fmt: skip


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    generate = settings(max_examples=400, phases=[Phase.generate])
    found = find(configurations(), REACHED[what], settings=generate)
    assert REACHED[what](found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("activation", "softplus"), ("whiten", True), ("rule", "target"), ("feedback", "uniform"),
     ("width", 0), ("decay", -0.1), ("decay", float("nan")), ("step", 0.0), ("steps", True),
     ("trials", 0), ("beta_scale", -1.0), ("stop", 0.0), ("delta", 1.0), ("constant", 0.0),
     ("horizon", 0.0), ("draws", 1.5), ("largest", 64), ("components", 0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


def test_components_are_of_linear_networks():
    with pytest.raises(InvalidArgument, match=r"activation.*--components"):
        Configuration(components=2, activation="relu")
    with pytest.raises(InvalidArgument, match=r"components.*at most the rank of X = 3"):
        prepare(Configuration(components=4, samples=3), "rank")


def test_a_wide_network_at_home_needs_no_premise_of_the_data():
    """The certificate of the flow does not contain X and y: a rotated problem has the same."""
    home = homes()["feedback/width"].configuration
    samples = [
        observed(replace(home, data=data, samples=3, target_scale=scale), ["width"], "data")[
            "width"
        ]
        for data, scale in (("sphere", 1.0), ("orthogonal", 30.0))
    ]
    np.testing.assert_array_equal(samples[0].values, samples[1].values)
