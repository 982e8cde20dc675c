"""The first crossing: against a fine grid, double crossings and rates of 0 included."""

import numpy as np
import pytest
from scipy.integrate import quad

from verify.judging.seeds import numpy_generator
from verify.training.gradient_descent.crossing import first_crossing, integrals

GRID = 40_001
SHORTEST = 1e-14


def test_integrals():
    mu = np.array([0.0, 1e-14, 1e-3, 2.0, 50.0])
    exact = [quad(lambda u, k=k: np.exp(-k * u), 0, 1.5, epsabs=0)[0] for k in mu]
    np.testing.assert_allclose(integrals(mu, 1.5), exact, rtol=1e-12)


def drawn(i):
    """Sums that rise and fall; rates from 0 to 30."""
    rng = numpy_generator("crossing", i)
    mu = np.sort(np.r_[0.0 if i % 2 else 0.3, rng.uniform(0, 30, 3)])
    slopes = rng.normal(size=(5, 4)) * (1 + mu)
    return rng.uniform(0, 1, 5), slopes, mu, 3.0


def on_a_grid(room, slopes, mu, end):
    """The first grid point at which a sum is over, and which; None where there is none."""
    t = np.linspace(0, end, GRID)
    over = slopes @ integrals(mu[:, None], t) > room[:, None]
    first = np.where(over.any(1), over.argmax(1), GRID)
    return None if first.min() == GRID else (t[first.min()], int(first.argmin()))


def test_it_is_the_first_of_a_fine_grid():
    met = 0
    for i in range(60):
        case = drawn(i)
        found, seen = first_crossing(*case, SHORTEST), on_a_grid(*case)
        if seen is None:
            assert found is None or excess(case, *found) < 1e-6
            continue
        assert found[1] == seen[1]
        assert seen[0] - 2 * case[3] / GRID <= found[0] <= seen[0] + 1e-12
        met += 1
    assert 10 < met < 60


def excess(case, t, which):
    """How far over its room a sum ever gets."""
    room, slopes, mu, end = case
    return (slopes[which] @ integrals(mu[:, None], np.linspace(0, end, GRID))).max() - room[which]


def test_two_crossings_that_undo_each_other():
    """y = 1.5 phi_1 - 1 t rises to 1.5 - 1 - log 1.5 at t = log 1.5, and is below 0 at t = 2."""
    mu, slopes = np.array([0.0, 1.0]), np.array([[-1.0, 1.5]])
    top = 0.5 - np.log(1.5)
    assert (slopes @ integrals(mu, 2.0))[0] < 0
    time, which = first_crossing(np.array([0.999 * top]), slopes, mu, 2.0, SHORTEST)
    assert which == 0
    assert np.log(1.5) - 0.02 < time < np.log(1.5)
    assert first_crossing(np.array([1.001 * top]), slopes, mu, 2.0, SHORTEST) is None


@pytest.mark.parametrize("time", [1e-9, 0.3, 1.0])
def test_the_root_is_exact_and_just_passed(time):
    mu = np.array([0.5, 7.0])
    slopes = np.array([[2.0, -0.5], [1.0, 0.1]])
    room = slopes @ integrals(mu, time) * np.array([1.0, 1.01])
    found, which = first_crossing(room, slopes, mu, 2.0, SHORTEST)
    assert which == 0
    assert found == pytest.approx(time, rel=1e-4 if time < 1e-6 else 1e-12)
    assert (slopes @ integrals(mu, found) > room)[0]


def test_what_is_left_behind_is_not_crossed():
    """No room, but the way leads off; and nothing moves at all."""
    mu = np.array([1.0, 2.0])
    assert (
        first_crossing(np.zeros(2), np.array([[-1.0, -0.1], [0.0, 0.0]]), mu, 5.0, SHORTEST) is None
    )
    assert first_crossing(np.empty(0), np.empty((0, 2)), mu, 5.0, SHORTEST) is None


def test_equal_ones_cross_together():
    mu, slopes = np.array([1.0]), np.array([[1.0], [1.0], [2.0]])
    time, which = first_crossing(np.array([0.5, 0.5, 1.0]), slopes, mu, 4.0, SHORTEST)
    assert time == pytest.approx(np.log(2), rel=1e-12)
    assert which in (0, 1, 2)
