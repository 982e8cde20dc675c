"""Shifted neurons: Owen's function and the Hermite series, against the bivariate normal law."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from theory.mathematics.shifted_kernel import both_above, hermite, owen, tail

BIASES = (-1.0, 0.0, 0.7, 2.5)
COSINES = (-0.9, -0.3, 0.0, 0.5, 0.95)


@pytest.mark.parametrize("b", BIASES)
@pytest.mark.parametrize("G", COSINES)
def test_both_above_is_a_bivariate_normal_probability(b, G):
    law = {"mean": np.zeros(2), "cov": [[1, G], [G, 1]], "maxpts": 10**6, "abseps": 1e-11}
    expected = multivariate_normal.cdf([-b, -b], **law)  # (X, Y) and (-X, -Y) have one law
    assert both_above(b, np.arccos(G)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("b", BIASES)
def test_both_above_at_the_ends(b):
    assert both_above(b, 0.0) == pytest.approx(norm.sf(b), rel=1e-13)
    assert both_above(b, np.pi) == pytest.approx(max(0.0, norm.sf(b) - norm.cdf(b)), abs=1e-15)
    assert tail(b) == pytest.approx(norm.sf(b), rel=1e-13)


@pytest.mark.parametrize("b", BIASES)
@pytest.mark.parametrize("G", [-0.8, 0.1, 0.6])
def test_the_derivative_in_the_cosine(b, G):
    h = 1e-5
    found = (both_above(b, np.arccos(G + h)) - both_above(b, np.arccos(G - h))) / (2 * h)
    expected = np.exp(-(b**2) / (1 + G)) / (2 * np.pi * np.sqrt(1 - G**2))
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("b", BIASES)
@pytest.mark.parametrize("G", [-0.8, 0.0, 0.6])
def test_the_series(b, G):
    c = hermite(b, 300)
    assert (c**2 * G ** np.arange(301)).sum() == pytest.approx(
        both_above(b, np.arccos(G)), abs=1e-14
    )
    assert (c**2).sum() < tail(b)  # the diagonal, from below
    assert (c**2).sum() > 0.9 * tail(b)


def test_an_inverted_ratio_is_noticed():
    psi = np.arccos(0.5)
    assert abs(owen(0.7, psi) - owen(0.7, np.pi - psi)) > 0.01
