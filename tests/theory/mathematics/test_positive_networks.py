"""Profiles of networks of positive weights: bounds of the truth, nearly attained; radii and A*."""

from itertools import pairwise

import numpy as np
import pytest

from tests.theorems.descent_criterion import by_hand
from theory import InvalidArgument
from theory.mathematics.positive_networks import (
    ACTIVATIONS,
    CRITERIA,
    lowest_slope,
    positive,
)


def drawn(seed, widths, activation, n=2, d=3):
    """Inputs, and the network at ||a|| = 1."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    hidden = [rng.uniform(0.5, 1.5, (m, k)) for k, m in pairwise(widths)]
    b = rng.uniform(0.5, 1.5, widths[-1])
    return X, positive(X, hidden, b / np.linalg.norm(b), activation)


def by_weights(net, X, A):
    first = net.hidden[0].shape[1] if net.hidden else len(net.b)
    return by_hand.Net([np.zeros((first, X.shape[1])), *net.hidden, A * net.b], net.activation)


def singular(net, X):
    return np.linalg.svd(net.jacobian(X), compute_uv=False)[-1]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_lowest_slope_is_the_lowest(activation):
    for Z in (0.0, 0.3, 2.0, 9.0):
        slopes = [by_hand.SIGMA[activation][1](z) for z in np.linspace(-Z, Z, 301)]
        assert lowest_slope(activation, np.array(Z)) == pytest.approx(min(slopes), rel=1e-9)
    assert lowest_slope(activation, np.array(np.inf)) == by_hand.SIGMA[activation][4]


def climbed(net, X, r, seed, steps=60, length=0.3):
    """The smallest singular value of J found on the sphere of radius r, by random descent."""
    rng, start = np.random.default_rng(seed), net.flat

    def at(direction):
        return singular(net.at(start + r * direction / np.linalg.norm(direction)), X)

    # towards smaller weights of all layers but the first, which helps most
    best = -start + 0.1 * rng.standard_normal(start.size)
    least = at(best)
    for _ in range(steps):
        other = (
            best / np.linalg.norm(best) + length * rng.standard_normal(start.size) / start.size**0.5
        )
        found = at(other)
        if found < least:
            best, least = other, found
        else:
            length = max(0.02, 0.97 * length)
    return least


SHAPES = [((3,), "centred-softplus"), ((1, 1), "tanh"), ((2, 2), "asinh"), ((2, 3, 2), "identity"),
          ((4, 4), "leaky-tanh")]  # fmt: skip


@pytest.mark.parametrize(("widths", "activation"), SHAPES)
def test_the_profile_is_below_every_singular_value(widths, activation):
    for seed, n in ((0, 1), (1, 2), (2, 3)):
        X, net = drawn(seed, widths, activation, n=n)
        for r in (0.02, 0.15, 0.4):
            bound = float(net.lower_bound(np.array(r), 6.0))
            assert climbed(by_weights(net, X, 6.0), X, r, seed) >= bound * (1 - 1e-12)


def test_the_profile_is_nearly_attained():
    """At the start, exactly for one input; near it on one hidden layer, by shrinking a."""
    for widths, activation in SHAPES[:2]:
        X, net = drawn(0, widths, activation, n=1)
        bare = by_weights(net, X, 6.0)
        assert singular(bare, X) == pytest.approx(float(net.lower_bound(np.array(0.0), 6.0)))
    X, net = drawn(0, (3,), "identity", n=1)
    bare = by_weights(net, X, 6.0)
    shrunk = by_hand.Net([bare.layers[0], (6.0 - 0.5) * net.b], "identity")
    assert singular(shrunk, X) == pytest.approx(float(net.lower_bound(np.array(0.5), 6.0)))


@pytest.mark.parametrize("factor", [1.1, 1.01])
def test_a_larger_profile_is_passed(factor):
    X, net = drawn(0, (3,), "identity", n=1)
    bare = by_weights(net, X, 6.0)
    assert climbed(bare, X, 0.5, 0, 300) < factor * float(net.lower_bound(np.array(0.5), 6.0))


@pytest.mark.parametrize(("widths", "activation"), SHAPES)
def test_the_profile_is_that_of_numbers_and_falls(widths, activation):
    X, net = drawn(3, widths, activation)
    r = np.linspace(0, 1.5, 40)
    s = net.lower_bound(r, 6.0)
    by_numbers = [by_hand.profile(by_weights(net, X, 6.0), X, each) for each in r]
    np.testing.assert_allclose(s, by_numbers, rtol=1e-12, atol=1e-14)
    assert (np.diff(s) <= 0).all()
    assert s[0] <= 6.0 * np.linalg.norm(net.q) * net.lowest * (1 + 1e-12)  # of J_0 itself


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(("widths", "activation"), SHAPES)
def test_the_radius_is_the_smallest(widths, activation, criterion):
    _, net = drawn(4, widths, activation)
    A = 1.5 * net.smallest_scale(0.9, 0.25, criterion)
    R = net.radius(0.9, 0.25, A, criterion)
    radii = np.linspace(0, R, 200)[1:]
    reach = 0.75 * net.reach(radii, A, criterion)
    assert (reach[:-1] <= 0.9 * (1 + 1e-9)).all()
    assert reach[-1] > 0.9


@pytest.mark.parametrize(("widths", "activation"), SHAPES)
def test_the_integral_asks_for_less(widths, activation):
    _, net = drawn(5, widths, activation)
    scales = {name: net.smallest_scale(0.9, 0.25, name) for name in CRITERIA}
    assert 1.2 * scales["integral"] < scales["ball"] < 4 * scales["integral"]
    for name, A in scales.items():
        assert net.radius(0.9, 0.25, A, name) < np.inf
        assert net.radius(0.9, 0.25, 0.99 * A, name) == np.inf


@pytest.mark.parametrize("eps", [0.1, 0.5])
def test_one_linear_layer_in_closed_form(eps):
    """||a||^2 = 2 ||y||/((1-eps) sqrt(lambda_min)); 4 for 2 in the ball."""
    _, net = drawn(6, (3,), "identity")
    for criterion, factor in (("integral", 2), ("ball", 4)):
        exact = np.sqrt(factor * 0.9 / ((1 - eps) * net.lowest))
        found = net.smallest_scale(0.9, eps, criterion)
        assert exact <= found < exact * 1.01
        left = 4 * exact**2 - factor * 0.9 / ((1 - eps) * net.lowest)
        R = 2 * exact - np.sqrt(left) if criterion == "integral" else exact - np.sqrt(left / 4)
        assert R <= net.radius(0.9, eps, 2 * exact, criterion) < R * 1.01


def test_dependent_rows_meet_no_criterion():
    _, net = drawn(0, (2, 2), "tanh", n=4)
    assert net.lowest == 0
    assert net.smallest_scale(1.0, 0.25, "integral") == np.inf
    assert net.radius(1.0, 0.25, 1e6, "ball") == np.inf
    twice = positive(np.ones((2, 3)), net.hidden, net.b, "tanh")
    assert twice.lowest == 0


@pytest.mark.parametrize(
    ("hidden", "b", "activation", "name"),
    [([-np.ones((2, 2))], np.ones(2), "tanh", "hidden"),
     ([np.ones((2, 2))], np.array([1.0, 0.0]), "tanh", "hidden"),
     ([np.ones((2, 2))], np.ones(3), "tanh", "hidden"),
     ([np.full((2, 2), np.nan)], np.ones(2), "tanh", "hidden")],
)  # fmt: skip
def test_bad_weights(hidden, b, activation, name):
    with pytest.raises(InvalidArgument, match=name):
        positive(np.eye(2), hidden, b, activation)


def test_bad_words():
    _, net = drawn(0, (2,), "tanh")
    with pytest.raises(InvalidArgument, match="activation"):
        lowest_slope("softplus", np.array(0.0))
    with pytest.raises(InvalidArgument, match="criterion"):
        net.reach(np.array(1.0), 1.0, "sphere")
