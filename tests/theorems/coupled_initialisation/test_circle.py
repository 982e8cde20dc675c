"""Lower bounds on the width: they hold, they are sharp, and what is a little stronger is false."""

from dataclasses import replace
from functools import lru_cache
from math import cos, pi
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings

from tests.targets import has_targets
from tests.theorems.coupled_initialisation.circle_by_hand import points
from theory import claim
from theory.theorems.coupled_initialisation import lower_bounds as L
from verify.experiments.coupled_initialisation import circle
from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.coupled_initialisation.experiment import EXPERIMENT
from verify.experiments.coupled_initialisation.setting import prepare
from verify.experiments.coupled_initialisation.strategies import configurations
from verify.judging.verdict import Verdict, judge

LEVEL = 1e-8
SMALL = Configuration(circle_fewest=8, circle_most=64, circle_trained=12, circle_steps=800,
                      sweeps=32)  # fmt: skip
NAMES = [one.name.partition("/")[2] for one in L.CLAIMS]


@lru_cache
def observed():
    """All but the features, once for all tests."""
    quantities = circle.OF_CIRCLE - {"slope_of_features"}
    return EXPERIMENT.observe(SMALL, salt="circle", quantities=quantities)


def sample(name):
    return observed().samples[claim(f"coupled/{name}").quantity.name]


@pytest.mark.claims(checks=len(NAMES))
def test_the_claims_hold(gate):
    found = EXPERIMENT.observe(SMALL, salt=gate.seed(), quantities=circle.OF_CIRCLE)
    for name in NAMES:
        one = claim(f"coupled/{name}")
        gate.check(one, found.samples[one.quantity.name])


@settings(max_examples=6)
@given(configuration=configurations())
def test_every_circle(gate, configuration):
    """Trained for long or hardly, and numbers of points that are not separable."""
    names = [name for name in NAMES if name != "features-power"]
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    quantities = {claim(f"coupled/{name}").quantity.name for name in names}
    found = EXPERIMENT.observe(configuration, salt=salt, quantities=quantities).samples
    for name in names:
        one = claim(f"coupled/{name}")
        gate.check(one, found[one.quantity.name], detail=repr(configuration))


@pytest.mark.parametrize("name", ["sign-changes", "least-width"])
def test_they_are_attained(name):
    judged = judge(claim(f"coupled/{name}"), sample(name), 0.0)
    assert judged.passed
    assert judged.tightness == 1


@lru_cache
def widths():
    """By number of points: the separable pairs of the sweeps, drawn once."""
    setting = prepare(SMALL, "other")
    return {n: circle.separable(setting, n) for n in circle.sizes(8, 64)}


FALSE = {
    "2m - 2 sign changes": ("sign-changes", {L.m: L.m - 1}),
    "a neuron more than n/2": ("least-width", {L.n: L.n + 2}),
    "no cosine": ("circle-margin", {sp.pi: sp.S.Zero}),
    "twice the width of the margin": ("width-by-margin", {L.gamma_inf: L.gamma_inf / 2}),
}


def changed(name, put=None, premises=None):
    original = claim(f"coupled/{name}")
    statement = original.build()
    kept = statement.premises if premises is None else premises
    bound = statement.bound.subs(put or {}, simultaneous=True)
    return replace(original, build=lambda: replace(statement, bound=bound, premises=kept))


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, put = FALSE[what]
    assert judge(claim(f"coupled/{name}"), sample(name), 0.0).verdict is Verdict.HOLDS
    assert judge(changed(name, put), sample(name), 0.0).verdict is Verdict.REFUTED


@pytest.mark.parametrize("exponents", [(0.0, 1.0), (2.0, 3.0)])
def test_other_exponents_are_refuted(exponents):
    between = dict(zip(("lowest", "highest"), exponents, strict=True))
    found_widths = widths()
    with (
        patch.object(circle, "parts", lambda *_: between),
        patch.object(circle, "separable", lambda setting, n: found_widths[n]),
    ):
        quantities = {"slope_of_features"}
        found = EXPERIMENT.observe(SMALL, salt="other", quantities=quantities).samples
    verdict = judge(claim("coupled/features-power"), found["slope_of_features"], LEVEL).verdict
    assert verdict is Verdict.REFUTED


def test_networks_that_do_not_fit_may_be_narrow():
    some = sample("least-width")
    assert judge(changed("least-width", premises=()), some, 0.0).verdict is Verdict.REFUTED
    wide = replace(some, symbols={**some.symbols, "R": 1.0})
    assert judge(claim("coupled/least-width"), wide, 0.0).verdict is Verdict.OUT_OF_REGIME


@pytest.mark.parametrize("n", [6, 10, 14])
def test_n_of_2_mod_4_is_not_separable(n):
    """Opposite points have opposite labels."""
    assert circle.margin_of(n) < 1e-6
    assert not claim("coupled/circle-margin").regime({"n": n}).holds
    free = changed("circle-margin", premises=())
    zero = replace(sample("circle-margin"), values=np.zeros(1), symbols={"n": n})
    assert judge(free, zero, 0.0).verdict is Verdict.REFUTED


@pytest.mark.parametrize("n", [4, 8, 12, 16, 24, 32, 48, 64])
def test_the_margin_to_many_digits(n):
    """n gamma_inf = 1.414, 1.082, 1.035, ...: down to 1."""
    assert circle.margin_of(n) * n * cos(pi / n) == pytest.approx(1, rel=1e-10)


@pytest.mark.parametrize("n", [7, 9, 15, 31])
def test_odd_numbers_of_points_have_a_margin(n):
    X, labels = circle.circle(n)
    np.testing.assert_allclose(X, points(n)[0], atol=1e-15)
    assert 0.69 < n * circle.margin_of(n) < 0.84
    assert (labels[1:] == -labels[:-1]).all()


@pytest.mark.parametrize("m", [6, 8, 10, 14, 32, 64])
def test_the_sharpest_networks(m):
    W, s = circle.sharpest(m)
    assert circle.sign_changes(W, s) == 2 * m
    np.testing.assert_allclose(s @ W, 0, atol=1e-12)
    assert circle.sign_changes(np.tile(W, (2, 1)), np.tile(s, 2)) == 2 * m


def test_few_neurons_change_less_often():
    """One never does, two do twice at most."""
    rng = np.random.default_rng(0)
    for m, most in ((1, 0), (2, 2)):
        found = [circle.sign_changes(rng.normal(size=(m, 2)), rng.normal(size=m))
                 for _ in range(300)]  # fmt: skip
        assert max(found) == most
    assert circle.sign_changes(np.zeros((3, 2)), np.ones(3)) == 0


def test_training_is_between_the_lines():
    """Trained networks are nearer to the lower one; the features of the start come after them."""
    curve = observed().trajectory.sweep.series
    trained = ~np.isnan(curve["trained"])
    assert trained.sum() == 2
    assert (curve["trained"] >= curve["at_least"])[trained].all()
    assert (curve["trained"] <= curve["enough"] / 5)[trained].all()
    separable = [2 * np.median(pairs) for pairs in widths().values()]
    assert (separable <= curve["enough"] / 5).all()


@pytest.mark.parametrize(("fewest", "most", "right"), [
    (8, 64, [8, 12, 16, 24, 32, 48, 64]), (4, 9, [4, 6, 8]), (2, 5, [2, 3, 4]),
    (6, 12, [6, 9, 12]),
])  # fmt: skip
def test_sizes(fewest, most, right):
    assert circle.sizes(fewest, most) == right
