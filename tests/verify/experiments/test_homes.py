"""The homes of registered claims: in the regime, or out of reach; what is known to be false."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from tests.verify.experiments.previews import two_trials
from theory import claim, registry
from verify.experiments.kit import Home
from verify.judging.budget import TOTAL
from verify.judging.verdict import Verdict, judge_initialisations
from verify.runs.check import at_home, exit_code
from verify.runs.reach import needed


def experiment(theorem):
    return registry.theorem(theorem).load_experiment()


def grouped():
    """The claims of every home: (theorem, home, names)."""
    for theorem in registry.theorems():
        groups = {}
        for name in registry.claims(theorem):
            groups.setdefault(experiment(theorem).home(name), []).append(name)
        yield from ((theorem, home, tuple(names)) for home, names in groups.items())


HOMES = list(grouped())
IDS = [f"{theorem}: {names[0]}" for theorem, _, names in HOMES]


@cache
def previewed(theorem, home, names):
    """Samples of the claims at home, from as few seeds as show all symbols.

    Where a premise must hold somewhere, and not fail everywhere, two trials do.
    """
    made = experiment(theorem)
    wanted = {claim(name).quantity.name for name in names}
    small = made.preview(home.configuration)
    observed = made.observe(small if home.unreachable else two_trials(small), salt="home",
                            quantities=wanted)  # fmt: skip
    return {name: observed.of(claim(name).quantity.name) for name in names}


def in_regime(name, samples):
    return any(claim(name).regime(sample.symbols).holds.any() for sample in samples)


@pytest.mark.parametrize(("theorem", "home", "names"), HOMES, ids=IDS)
def test_premises_hold_at_home_or_the_home_is_out_of_reach(theorem, home, names):
    for name, samples in previewed(theorem, home, names).items():
        assert in_regime(name, samples) is not bool(home.unreachable), name
        if home.unreachable:
            least = needed(claim(name), samples[0].symbols, home.unreachable)
            assert least.startswith(f"{home.unreachable} >= "), least
            assert float(least.partition(" >= ")[2]) > 1e12


@pytest.mark.parametrize(
    ("theorem", "name", "fields"),
    [("masked-training", "corollary/dropout", {"surrogates": 2}),
     ("scaling-laws", "scaling/defect", {"largest": 512})],
)  # fmt: skip
def test_a_home_out_of_the_regime_is_found(theorem, name, fields):
    home = Home(experiment(theorem).configuration(**fields))
    assert not in_regime(name, previewed(theorem, home, (name,))[name])


@pytest.mark.parametrize(("theorem", "home", "names"), HOMES, ids=IDS)
def test_a_preview_is_the_same_with_fewer_seeds(theorem, home, names):
    made = experiment(theorem)
    small = made.preview(home.configuration)
    for each in fields(home.configuration):
        before, after = (getattr(c, each.name) for c in (home.configuration, small))
        assert after <= before if each.name in made.few else after == before
    assert made.preview(small) == small


@pytest.mark.parametrize("theorem", registry.theorems())
def test_every_pattern_of_homes_is_needed(theorem):
    """None is misspelt, or hidden behind one before it."""
    homes = experiment(theorem).homes()
    found = [experiment(theorem).home(name) for name in registry.claims(theorem)]
    assert [pattern for pattern, home in homes.items() if home not in found] == []


SOME_FAIL = [
    (theorem, home, names, name) for theorem, home, names in HOMES for name in names
    if claim(name).confidence
]  # fmt: skip


@pytest.mark.parametrize(
    ("theorem", "home", "names", "name"), SOME_FAIL, ids=[name for *_, name in SOME_FAIL]
)
def test_there_are_initialisations_enough_to_refute(theorem, home, names, name):
    """A claim that may fail in a share of them and fails in all; also where `--all` is asked.

    Trials of one configuration are initialisations, too.
    """
    level = TOTAL / len(registry.theorems()) / len(registry.claims(theorem))
    (sample, *_) = previewed(theorem, home, names)[name]
    failing = replace(sample, values=np.full_like(sample.values, 1e30), control=None)

    def verdict(count):
        return judge_initialisations(claim(name), [failing] * count, level).verdict

    count = home.initialisations * getattr(home.configuration, "trials", 1)
    assert verdict(count) is Verdict.REFUTED
    assert verdict(1) is not Verdict.REFUTED


def test_what_is_known_to_be_false_is_refuted_at_home():
    known: dict[str, list[str]] = {}
    for theorem, home, names in HOMES:
        if home.known_false:
            known.setdefault(theorem, []).extend(names)
    assert {"published/initial-loss", "published/theorem-7"} <= set(known["masked-training"])
    for theorem, names in known.items():
        outcomes = at_home(theorem, salt="known", budget=TOTAL, patterns=names)
        judged = [j for outcome in outcomes for j in outcome.judgements]
        assert {j.claim: j.verdict for j in judged} == dict.fromkeys(names, Verdict.REFUTED)
        assert exit_code(outcomes) == 0
