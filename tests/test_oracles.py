"""The walk over samples and symbols sees every departure, and everything without an oracle."""

from dataclasses import fields, replace

import numpy as np
import pytest
import sympy as sp

from tests.oracles import (
    Near,
    Oracles,
    Satisfies,
    alone,
    discrepancies,
    unnoticed,
    unseen,
    walk,
)
from theory import registry
from theory.language.claim import Claim
from theory.language.kinds import UPPER_EXPECTATION
from verify.experiments.kit import Observations, Trajectory
from verify.judging.sample import Sample

NAME = "a theorem of these tests"
VALUES = np.array([[4.0, 4.0], [3.0, 2.0]])
SAMPLE = Sample(
    VALUES,
    {"b": 2.0, "v": np.array([1.0, 3.0]), "limit": 0.9},
    trivial=4.0,
    scale=1e-15,
    share=0.5,
    given=1,
    dtype="float32",
    control=np.array([[0.0, 0.0], [0.25, -0.25]]),
)
FIELDS = {
    "values": VALUES,
    "trivial": 4.0,
    "scale": 1e-15,
    "share": 0.5,
    "given": 1,
    "dtype": "float32",
    "control": SAMPLE.control,
}
ORACLES = Oracles(
    ingredients=lambda configuration, salt: configuration,
    symbols={
        "b": lambda it: 2.0,
        "v": lambda it: [1.0, 3.0],
        "limit": lambda it: Satisfies("below 1", lambda x, symbols: x < 1 and "b" in symbols),
    },
    samples={"loss": lambda it: FIELDS},
    initialisations={"loss": lambda it: [FIELDS]},
)


class Experiment:
    def __init__(self, sample=SAMPLE, more=SAMPLE):
        self.observed = Observations(
            {"loss": sample}, Trajectory("k", np.arange(2), {}), initialisations={"loss": (more,)}
        )

    def observe(self, configuration, *, salt, quantities=None, progress=None):
        return self.observed


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    b, v, limit = sp.symbols("b v limit", positive=True)
    claim = Claim.of("mine", b + v + limit, kind=UPPER_EXPECTATION, source="here", quantity="loss")

    class Mine:
        name = NAME

        def load_claims(self):
            return (claim,)

        def load_experiment(self):
            return Experiment()

    monkeypatch.setitem(registry._THEOREMS, NAME, Mine())


def found(sample=SAMPLE, more=SAMPLE, oracles=ORACLES):
    return discrepancies(NAME, Experiment(sample, more).observed, oracles, None)


def with_symbols(**change):
    return replace(SAMPLE, symbols={**SAMPLE.symbols, **change})


def test_nothing_is_found_where_all_is_right():
    assert found() == []
    walk(NAME, ORACLES, None)


OTHER = {
    "values": VALUES * (1 + 1e-7),
    "trivial": 4.1,
    "scale": 2e-15,
    "share": 1.0,
    "given": 0,
    "deterministic": True,
    "dtype": "float64",
    "control": None,
}


@pytest.mark.parametrize("name", [f.name for f in fields(Sample) if f.name != "symbols"])
def test_every_field_is_compared(name):
    wrong = replace(SAMPLE, dtype=SAMPLE.dtype)
    object.__setattr__(wrong, name, OTHER[name])  # past the checks of a sample
    assert [text.split(" = ")[0] for text in found(wrong)] == [f"loss: {name}"]
    assert [text.split(" = ")[0] for text in found(more=wrong)] == [f"loss 1: {name}"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"b": 2.1}, "loss: symbol b = 2.1, oracle 2.0"),
        ({"b": np.nan}, "loss: symbol b = nan, oracle 2.0"),
        ({"b": [2.0]}, "loss: symbol b = [2.], oracle 2.0"),
        ({"limit": 1.1}, "loss: symbol limit = 1.1, oracle: below 1"),
        ({"new": 0}, "loss: symbol new has no oracle"),
    ],
)
def test_every_symbol_is_compared(change, text):
    assert found(with_symbols(**change)) == [text]


def test_a_symbol_of_a_claim_is_missed():
    symbols = {name: value for name, value in SAMPLE.symbols.items() if name != "v"}
    assert found(replace(SAMPLE, symbols=symbols)) == ["loss: symbol v is missing"]


def test_a_symbol_without_an_oracle():
    fewer = {name: oracle for name, oracle in ORACLES.symbols.items() if name != "b"}
    assert "loss: symbol b has no oracle" in found(oracles=replace(ORACLES, symbols=fewer))


def test_a_symbol_of_one_sample_alone():
    own = {"loss": lambda it: {**FIELDS, "symbols": {"b": 5.0, "own": 1}}}
    assert found(with_symbols(b=5.0, own=1), oracles=replace(ORACLES, samples=own)) == []
    assert "loss: symbol own is missing" in found(oracles=replace(ORACLES, samples=own))


@pytest.mark.parametrize(
    ("samples", "text"),
    [
        ({}, "loss: no oracle"),
        ({**ORACLES.samples, "flips": lambda it: FIELDS}, "flips: no sample"),
        ({"loss": lambda it: None}, "loss: a sample"),
        ({"loss": lambda it: {"share": 0.5}}, "loss: values has no oracle"),
        ({"loss": lambda it: {**FIELDS, "shares": 0}}, "loss: shares is no field of a sample"),
    ],
)
def test_every_sample_has_an_oracle(samples, text):
    assert text in found(oracles=replace(ORACLES, samples=samples))


def test_all_initialisations_are_compared():
    few = replace(ORACLES, initialisations={})
    assert found(oracles=few) == ["loss: 2 samples, oracle 1"]


def test_a_blind_configuration_fails():
    blind = replace(ORACLES, shows={"two rates": lambda it: False})
    with pytest.raises(AssertionError, match=r"slips may hide.*two rates"):
        walk(NAME, blind, None)


def test_the_walk_fails_with_every_place():
    wrong = replace(ORACLES, symbols={**ORACLES.symbols, "b": lambda it: Near(1.9, rtol=0.01)})
    with pytest.raises(AssertionError, match=r"2 discrepancies\nloss: symbol b.*\nloss 1: symbol"):
        walk(NAME, wrong, None)
    walk(NAME, replace(wrong, symbols={**wrong.symbols, "b": lambda it: Near(1.9, 0.06)}), None)


def test_a_walk_over_some_quantities():
    walk(NAME, ORACLES, None, quantities={"loss"})
    with pytest.raises(AssertionError, match="loss: no oracle"):  # it was not asked for
        walk(NAME, ORACLES, None, quantities={"flips"})


def test_every_slip_is_seen():
    assert unseen(NAME, ORACLES, None) == []


def test_an_oracle_that_sees_nothing_is_found():
    anything = Satisfies("anything", lambda value, symbols: True)
    vague = replace(ORACLES, symbols={**ORACLES.symbols, "v": lambda it: anything})
    walk(NAME, vague, None)
    assert unseen(NAME, vague, None) == ["loss: symbol v"]
    rough = {"loss": lambda it: {**FIELDS, "control": Near(SAMPLE.control, rtol=0.1)}}
    assert unseen(NAME, replace(ORACLES, samples=rough), None) == ["loss: control"]


def test_an_oracle_that_breaks_is_no_missing_oracle():
    broken = {**ORACLES.symbols, "b": lambda it: {}["key"]}
    with pytest.raises(KeyError, match="key"):
        found(oracles=replace(ORACLES, symbols=broken))


def test_a_quantity_alone_is_that_among_all(monkeypatch):
    alone(NAME, None)
    wrong = Experiment(more=with_symbols(b=3.0)).observed
    right = Experiment.observe
    monkeypatch.setattr(
        Experiment,
        "observe",
        lambda *_, quantities=None, **__: (
            wrong if quantities else right(Experiment(), None, salt="")
        ),
    )
    with pytest.raises(AssertionError, match=r"loss 1 alone.*symbol b"):
        alone(NAME, None)


SWEEP = Trajectory(
    "m", np.array([4, 8]), {"slow": np.array([1.0, 0.5])}, {"slow": np.array([-1.0])}
)
SHOWN = Observations(
    {"loss": SAMPLE},
    Trajectory("k", np.arange(2), {"mean": np.array([4.0, 2.5])}, errors={"mean": np.zeros(2)},
               sweep=SWEEP, panels=(
                   Trajectory("t", np.ones(1), {"share": np.zeros(1)}, heights=[5.0]),)),
    initialisations={"loss": (SAMPLE,)},
)  # fmt: skip
CURVES = {
    "x": [0, 1], "mean": [4.0, 2.5], "errors/mean": [0, 0], "sweep/x": [4, 8],
    "sweep/slow": [1, 0.5], "sweep/details/slow": [-1], "panels/0/x": [1], "panels/0/share": [0],
    "panels/0/heights": [5],
}  # fmt: skip


def curves_found(right):
    oracles = {place: lambda it, value=value: value for place, value in right.items()}
    return discrepancies(NAME, SHOWN, replace(ORACLES, curves=oracles), None)


def test_all_curves_of_a_picture_are_walked():
    assert len(discrepancies(NAME, SHOWN, ORACLES, None)) == len(CURVES)
    assert curves_found(CURVES) == []


@pytest.mark.parametrize("place", CURVES)
def test_a_curve_that_is_wrong_or_without_an_oracle(place):
    wrong = np.array(CURVES[place], dtype=float)
    wrong[-1] += 1e-6
    (text,) = curves_found({**CURVES, place: wrong})
    assert text.startswith(f"curve {place} = ")
    fewer = {name: value for name, value in CURVES.items() if name != place}
    assert curves_found(fewer) == [f"curve {place} has no oracle"]


def test_a_curve_that_is_not_drawn():
    assert curves_found({**CURVES, "median": [1]}) == ["curve median is missing"]
    oracles = replace(ORACLES, curves={"median": lambda it: [1]})
    with pytest.raises(AssertionError, match="curve median is missing"):
        walk(NAME, oracles, None, quantities={"loss"})


@pytest.mark.parametrize(("shown", "right", "good"), [
    ([np.nan, 1], Near([np.nan, 1], gaps=True), True),
    ([np.nan, 1], Near([np.nan, 1]), False),
    ([np.nan, 1], Near([np.nan, 2], gaps=True), False),
    ([np.nan, 1], Near([1, np.nan], gaps=True), False),
    ([np.nan, 1], Near([1, 1], gaps=True), False),
    ([1, 1], Near([np.nan, 1], gaps=True), False),
])  # fmt: skip
def test_gaps_are_where_the_oracle_has_them(shown, right, good):
    gap = replace(SHOWN, trajectory=Trajectory("k", np.arange(2), {"mean": np.array(shown)}))
    oracles = replace(ORACLES, curves={"x": lambda it: [0, 1], "mean": lambda it: right})
    assert (discrepancies(NAME, gap, oracles, None) == []) == good


def test_mistakes_that_the_picture_would_not_show(monkeypatch):
    monkeypatch.setattr(Experiment, "observe", lambda *_, **__: SHOWN)
    mistakes = {"none": ("mean", lambda it: [4, 2.5]), "half": ("mean", lambda it: [2, 1.25])}
    assert unnoticed(NAME, ORACLES, None, mistakes) == ["none"]


def test_mistakes_that_would_pass(monkeypatch):
    monkeypatch.setattr(Experiment, "observe", lambda *_, **__: SHOWN)
    mistakes = {
        "none": ("mean", lambda it: [4.0, 2.5]),
        "a slip": ("mean", lambda it: [4.0, 2.6]),
        "within its own rounding": ("mean", lambda it: Near([4.0, 2.6], 0.1)),
        "of another length": ("mean", lambda it: [4.0]),
        "nothing drawn": ("panels/0/share", lambda it: Near([np.nan], gaps=True)),
    }
    passed = ["none", "within its own rounding", "of another length"]
    assert unnoticed(NAME, ORACLES, None, mistakes) == passed
