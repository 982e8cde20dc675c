"""Gegenbauer polynomials: scipy's, harmonics counted, quadrature by draws, closed coefficients."""

from math import comb

import numpy as np
import pytest
from scipy.special import eval_chebyt, eval_gegenbauer, eval_legendre

from theory import InvalidArgument
from theory.mathematics.gegenbauer import (
    coefficients,
    cosines,
    derivative,
    multiplicities,
    polynomials,
    series,
)

T = np.linspace(-1, 1, 41)


def tangent(t):
    """The neural tangent kernel of the step."""
    return t * (np.pi - np.arccos(t)) / (2 * np.pi)


@pytest.mark.parametrize("d", [2, 3, 4, 7, 25])
def test_multiplicities_count_harmonic_polynomials(d):
    """Polynomials of degree k in d variables, less those that are |x|^2 times one of k - 2."""
    counts = [comb(k + d - 1, d - 1) - (comb(k + d - 3, d - 1) if k > 1 else 0) for k in range(9)]
    np.testing.assert_array_equal(multiplicities(d, 8), counts)


@pytest.mark.parametrize("d", [2, 3, 4, 9])
def test_polynomials_are_those_of_scipy(d):
    if d == 2:
        expected = [eval_chebyt(k, T) for k in range(7)]
    elif d == 3:
        expected = [eval_legendre(k, T) for k in range(7)]
    else:
        half = (d - 2) / 2
        expected = [eval_gegenbauer(k, half, T) / eval_gegenbauer(k, half, 1.0) for k in range(7)]
    np.testing.assert_allclose(polynomials(d, 6, T), expected, atol=1e-12)


@pytest.mark.parametrize("d", [2, 3, 8, 60, 3000])
def test_polynomials_are_orthogonal(d):
    t, weights = cosines(d)
    Q = polynomials(d, 5, t)
    B = multiplicities(d, 5)
    gram = np.sqrt(np.outer(B, B)) * ((Q * weights) @ Q.T)
    np.testing.assert_allclose(gram, np.eye(6), atol=1e-10)
    assert weights @ t**2 == pytest.approx(1 / d, rel=1e-10)


@pytest.mark.parametrize("d", [2, 3, 8])
def test_series_and_their_derivatives(d):
    """Against all polynomials at once, and differences."""
    gamma = np.array([0.3, -1.0, 0.0, 2.0, 0.5, 0.0])
    np.testing.assert_allclose(series(d, gamma, T), gamma @ polynomials(d, 5, T), atol=1e-14)
    slope = series(d + 2, derivative(d, gamma), T)
    h = 1e-6
    by_difference = (series(d, gamma, T + h) - series(d, gamma, T - h)) / (2 * h)
    np.testing.assert_allclose(slope, by_difference, rtol=1e-8, atol=1e-7)


def test_harmonics_reproduce():
    """E_x Q_j(<x, y>) Q_k(<x, z>), over draws of x."""
    d, rng = 4, np.random.default_rng(0)
    x = rng.standard_normal((200_000, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y, z = np.eye(d)[0], np.array([0.6, 0.8, 0, 0])
    moments = polynomials(d, 3, x @ y) @ polynomials(d, 3, x @ z).T / len(x)
    expected = np.diag(polynomials(d, 3, np.array(0.6)) / multiplicities(d, 3))
    assert np.abs(moments - expected).max() < 6 / np.sqrt(len(x))
    assert np.abs(moments - 1.1 * expected).max() > 6 / np.sqrt(len(x))


@pytest.mark.parametrize("d", [2, 3, 10, 25])
def test_coefficients_of_the_step(d):
    """K(t) - t/4 is even; the series returns the kernel; all coefficients are nonnegative."""
    degree = 400 if d < 4 else 40
    gamma = coefficients(tangent, d, degree)
    assert gamma[1] == pytest.approx(0.25, rel=1e-12)
    assert not gamma[3::2].any()
    assert (gamma >= 0).all()
    assert (gamma[2::2][:4] > 0).all()
    inside = T[5:-5]
    series = gamma @ polynomials(d, degree, inside)
    np.testing.assert_allclose(series, tangent(inside), atol=2e-4)


def test_coefficients_in_the_plane():
    """Chebyshev: t arcsin(t)/(2 pi) + t/4, with t arcsin t = sum of cosines by hand."""
    x = (np.arange(200_000) + 0.5) * np.pi / 200_000
    gamma = coefficients(tangent, 2, 8)
    for k in range(9):
        by_midpoints = (2 if k else 1) * np.mean(tangent(np.cos(x)) * np.cos(k * x))
        assert gamma[k] == pytest.approx(by_midpoints, abs=1e-9)


def test_coefficients_of_25_dimensions():
    gamma = coefficients(tangent, 25, 4)
    np.testing.assert_allclose(gamma[:3], [0.0065, 0.25, 0.1588], atol=5e-5)
    assert gamma[4] == pytest.approx(0.0269, abs=5e-5)


@pytest.mark.parametrize("function", [multiplicities, lambda d, k: polynomials(d, k, T)])
def test_refused(function):
    for d, degree, name in ((1, 2, "d"), (3, -1, "degree")):
        with pytest.raises(InvalidArgument, match=name):
            function(d, degree)
    assert function(3, 0).shape[0] == 1
